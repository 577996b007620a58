#!/bin/sh
# ruta doctor through real proxies, Squid and tinyproxy, on this machine. Needs Python 3 and openssl, and Debian's
# packages; they are installed with apt-get where they are absent, which needs root and the network once.
# Everything else stays on 127.0.0.1, in a folder that is removed at the end.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
ruta=${RUTA:-${CARGO_TARGET_DIR:-$here/target}/debug/ruta}
[ -x "$ruta" ] || (cd "$here" && cargo build --quiet)
missing=
for program in squid tinyproxy; do
    command -v "$program" >/dev/null || missing="$missing $program"
done
# shellcheck disable=SC2086
[ -z "$missing" ] || apt-get install -y --no-install-recommends $missing >/dev/null

folder=$(mktemp -d)
chmod 755 "$folder"
pids=
# shellcheck disable=SC2154  # the loop sets it
trap 'for pid in $pids; do kill "$pid" 2>/dev/null || :; done; rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM

# A server that is healthy enough, once plain and once with TLS.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$folder/key.pem" -out "$folder/cert.pem" 2>/dev/null
cat >"$folder/server.py" <<'PYTHON'
import http.server, json, ssl, sys, threading
class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def say(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.say({"object": "list", "data": [{"id": "gpt-5.5", "object": "model"}]})
    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        message = {"role": "assistant", "content": "OK"}
        self.say({"object": "chat.completion", "model": "gpt-5.5", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    def log_message(self, *_):
        pass
plain = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
secure = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1] + "/cert.pem", sys.argv[1] + "/key.pem")
secure.socket = context.wrap_socket(secure.socket, server_side=True)
threading.Thread(target=plain.serve_forever, daemon=True).start()
with open(sys.argv[1] + "/ports.new", "w") as file:
    file.write(f"{plain.server_address[1]} {secure.server_address[1]}\n")
import os
os.rename(sys.argv[1] + "/ports.new", sys.argv[1] + "/ports")
secure.serve_forever()
PYTHON
python3 "$folder/server.py" "$folder" &
pids="$pids $!"
until [ -s "$folder/ports" ]; do sleep 0.1; done
read -r plain secure <"$folder/ports"

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
# Waits until something listens on the port.
ready() { python3 - "$1" <<'PYTHON'
import socket, sys, time
for _ in range(150):
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
        sys.exit(0)
    except OSError:
        time.sleep(0.1)
sys.exit("a proxy did not start")
PYTHON
}
# squid NAME RULES: starts one and sets $port.
start_squid() {
    port=$(free_port)
    mkdir "$folder/$1"
    chmod 777 "$folder/$1"
    {
        printf 'http_port 127.0.0.1:%s\npid_filename %s/squid.pid\ncache deny all\n' "$port" "$folder/$1"
        printf 'access_log none\ncache_log %s/cache.log\ncoredump_dir %s\nshutdown_lifetime 0 seconds\n' "$folder/$1" "$folder/$1"
        printf 'pinger_enable off\n%s\n' "$2"
    } >"$folder/$1.conf"
    squid -N -f "$folder/$1.conf" -n "ruta$1" >/dev/null 2>&1 &
    pids="$pids $!"
    ready "$port"
}
start_tinyproxy() {
    port=$(free_port)
    printf 'Port %s\nListen 127.0.0.1\nTimeout 20\nMaxClients 20\nLogFile "%s/tiny.log"\nLogLevel Error\n%s\n' \
        "$port" "$folder" "$2" >"$folder/$1.conf"
    tinyproxy -d -c "$folder/$1.conf" >/dev/null 2>&1 &
    pids="$pids $!"
    ready "$port"
}

auth=$(find /usr/lib/squid -name basic_fake_auth -o -name basic_ncsa_auth | sort | head -1)
start_squid open 'http_access allow all'; squid=$port
start_squid login "auth_param basic program $auth
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all"; squid_login=$port
start_squid strict 'http_access deny all'; squid_strict=$port
start_tinyproxy tiny 'Allow 127.0.0.1'; tiny=$port
start_tinyproxy tinylogin 'Allow 127.0.0.1
BasicAuth office secret'; tiny_login=$port
nobody=$(free_port)

failed=0
# check WHAT CAUSE WORDS VARIABLES… -- ARGUMENTS…: the cause must be found, and the report must hold the words.
check() {
    what=$1 cause=$2 words=$3
    shift 3
    variables=
    while [ "$1" != -- ]; do variables="$variables $1"; shift; done
    shift
    # shellcheck disable=SC2086
    env -i PATH="$PATH" LANG=C.UTF-8 COLUMNS=400 container= RUTA_API_KEY=sk-test-0123456789abcdef $variables \
        "$ruta" doctor --model gpt-5.5 --skip stream --cacert "$folder/cert.pem" --format json "$@" >"$folder/report" 2>&1 || :
    if python3 - "$folder/report" "$cause" "$words" <<'PYTHON'
import json, sys
text = open(sys.argv[1]).read()
try:
    report = json.loads(text)
    found, seen = report["diagnosis"]["cause"], json.dumps(report["diagnosis"]["evidence"]) + json.dumps(report["evidence"]["target"])
except ValueError:
    found, seen = "no report", text
if found != sys.argv[2] or sys.argv[3] not in seen:
    sys.exit(f"     found {found}: {seen}")
PYTHON
    then echo "ok   $what"; else echo "FAIL $what"; failed=1; fi
}
http=http://127.0.0.1:$plain/v1 https=https://127.0.0.1:$secure/v1
for each in "squid $squid $squid_login" "tinyproxy $tiny $tiny_login"; do
    # shellcheck disable=SC2086
    set -- $each
    name=$1 open=127.0.0.1:$2 login=127.0.0.1:$3
    check "$name: http works through it" ok "\"url\": \"http://$open\", \"source\": \"http_proxy\"" "http_proxy=http://$open" -- --url "$http"
    check "$name: https works through it" ok "\"source\": \"HTTPS_PROXY\"" "HTTPS_PROXY=http://$open" -- --url "$https"
    check "$name: ALL_PROXY without a scheme" ok "\"source\": \"ALL_PROXY\"" "ALL_PROXY=$open" -- --url "$https"
    check "$name: --proxy goes before the variables" ok "\"source\": \"--proxy\"" "https_proxy=http://127.0.0.1:$nobody" -- --url "$https" --proxy "$open"
    check "$name: 407 on http" proxy-auth-required 407 -- --url "$http" --proxy "$login"
    check "$name: 407 on https" proxy-auth-required "(407), by Basic" -- --url "$https" --proxy "$login"
    check "$name: the target refuses, http" proxy-failed "the proxy did not pass the request on: 50" -- --url "http://127.0.0.1:$nobody/v1" --proxy "$open"
    check "$name: the target refuses, https" proxy-failed "the proxy refused the tunnel: 50" -- --url "https://127.0.0.1:$nobody/v1" --proxy "$open"
done
check "squid: a login that it knows" ok "--proxy" -- --url "$https" --proxy "http://office:secret@127.0.0.1:$squid_login"
check "squid: the policy forbids, http" proxy-failed "403 Forbidden, ERR_ACCESS_DENIED" -- --url "$http" --proxy "127.0.0.1:$squid_strict"
check "squid: the policy forbids, https" proxy-failed "403 Forbidden, ERR_ACCESS_DENIED" -- --url "$https" --proxy "127.0.0.1:$squid_strict"
check "tinyproxy: a login that it knows" ok "--proxy" -- --url "$https" --proxy "http://office:secret@127.0.0.1:$tiny_login"
check "a dead proxy, http" proxy-failed "could not be reached: connection refused" "http_proxy=http://127.0.0.1:$nobody" -- --url "$http"
check "a dead proxy, https" proxy-failed "could not be reached: connection refused" "https_proxy=http://127.0.0.1:$nobody" -- --url "$https"
check "NO_PROXY leads around a dead proxy" ok '"proxy": null' "https_proxy=http://127.0.0.1:$nobody" NO_PROXY=127.0.0.1 -- --url "$https"
check "NO_PROXY counts beside --proxy" ok '"proxy": null' NO_PROXY=127.0.0.0/8 -- --url "$https" --proxy "127.0.0.1:$nobody"
check "--noproxy leads around it" ok '"proxy": null' "https_proxy=http://127.0.0.1:$nobody" -- --url "$https" --noproxy 127.0.0.1
check "--noproxy takes the place of NO_PROXY" proxy-failed "connection refused" "https_proxy=http://127.0.0.1:$nobody" NO_PROXY=127.0.0.1 -- --url "$https" --noproxy other.test
check "an unusable variable is named" ok "HTTPS_PROXY is ignored" "HTTPS_PROXY=htp://127.0.0.1:$nobody" -- --url "$https"
check "an HTTP proxy entered as SOCKS5" proxy-failed "proxy" -- --url "$https" --proxy "socks5h://127.0.0.1:$squid" --connect-timeout 2
exit "$failed"
