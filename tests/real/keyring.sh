#!/bin/bash
# Keys in a real Secret Service (gnome-keyring) on this machine: kept, used, listed, taken out; a locked keyring, no
# session bus, a bus without a keyring, a bus that never answers, a terminal. Needs Python 3 and Debian's packages; they
# are installed with apt-get where they are absent, which needs root and the network once. Everything stays on
# 127.0.0.1 and in a folder that is removed at the end; your own keyring is never touched.
set -uo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
ruta=${RUTA:-${CARGO_TARGET_DIR:-$here/target}/debug/ruta}
[ -x "$ruta" ] || (cd "$here" && cargo build --quiet) || exit 2
for program in gnome-keyring-daemon dbus-run-session secret-tool; do
    command -v "$program" >/dev/null && continue
    { apt-get update && apt-get install -y --no-install-recommends gnome-keyring dbus libsecret-tools; } >/dev/null 2>&1
    break
done

key=sk-live-KGpOyQNcdOyZbkBFTFoOxtzHq8STZHE6svi34zWH8xM
part=KGpOyQNcdOyZ
folder=$(mktemp -d)
pids=
# shellcheck disable=SC2154  # the loop sets it
trap 'for pid in $pids; do kill "$pid" 2>/dev/null; done; rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
mkdir -m 700 "$folder/run" "$folder/home"
unset DBUS_SESSION_BUS_ADDRESS DISPLAY WAYLAND_DISPLAY RUTA_KEYRING RUTA_API_KEY OPENAI_API_KEY
export HOME=$folder/home XDG_RUNTIME_DIR=$folder/run XDG_DATA_HOME=$folder/home/data XDG_CONFIG_HOME=$folder/home/config
export ruta key part folder LANG=C.UTF-8 TIMEFORMAT=%R

# A healthy server that accepts this key only, and a bus that accepts and never answers.
cat >"$folder/server.py" <<'PYTHON'
import http.server, json, os, socket, sys, threading
class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def say(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def allowed(self):
        if self.headers.get("authorization") == "Bearer " + sys.argv[2]:
            return True
        self.say(401, {"error": {"message": "Incorrect API key.", "code": "invalid_api_key"}})
        return False
    def do_GET(self):
        if self.allowed():
            self.say(200, {"object": "list", "data": [{"id": "gpt-5.5", "object": "model"}]})
    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.allowed():
            message = {"role": "assistant", "content": "OK"}
            self.say(200, {"object": "chat.completion", "model": "gpt-5.5", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    def log_message(self, *_):
        pass
mute = socket.socket(socket.AF_UNIX)
mute.bind(sys.argv[1] + "/mute")
mute.listen(64)
kept = []
threading.Thread(target=lambda: [kept.append(mute.accept()) for _ in range(64)], daemon=True).start()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
with open(sys.argv[1] + "/port.new", "w") as file:
    file.write(str(server.server_address[1]))
os.rename(sys.argv[1] + "/port.new", sys.argv[1] + "/port")
server.serve_forever()
PYTHON
python3 "$folder/server.py" "$folder" "$key" &
pids="$pids $!"
until [ -s "$folder/port" ]; do sleep 0.1; done
url=http://127.0.0.1:$(cat "$folder/port")/v1
export url

cat >"$folder/checks.sh" <<'BASH'
# check NAME EXIT TEXT COMMAND…: the command must end with EXIT and print TEXT, and nothing of the key.
check() {
    local name=$1 exit=$2 text=$3 got code
    shift 3
    got=$("$@" 2>&1 </dev/stdin)
    code=$?
    if [ "$code" = "$exit" ] && [[ $got == *"$text"* ]] && { [[ $got != *"$part"* ]] || [[ $* == *--reveal* ]]; }; then
        echo "ok    $name"
    else
        echo "WRONG $name: exit $code, wanted $exit and '$text':"
        printf '      %s\n' "${got//$'\n'/$'\n'      }"
    fi
}
# within SECONDS CHECK…: the same, and it must not take longer.
within() {
    local most=$1 start end
    shift
    start=$(date +%s%N)
    "$@"
    end=$(date +%s%N)
    local took=$(((end - start) / 1000000))
    if [ "$took" -le "$((most * 1000))" ]; then echo "ok    …ended after $took ms"; else echo "WRONG …took $took ms"; fi
}
BASH

cat >"$folder/unlocked.sh" <<'BASH'
. "$folder/checks.sh"
printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
check "a connection is saved" 0 "ruta key set work" "$ruta" connections add work --url "$url" --model gpt-5.5
check "no key yet" 1 "holds no key for \`work\`" "$ruta" key get work
check "the doctor says so" 1 "the keyring holds no key for work" "$ruta" doctor work
check "the list says so" 0 "none yet: ruta key set work" "$ruta" key list
check "an unknown name is refused" 2 "did you mean \`work\`" "$ruta" key set wrok <<<"$key"
check "nothing on the pipe is refused" 2 "nothing came on standard input" "$ruta" key set work </dev/null
check "set from a pipe" 0 "sk-… (51 characters)" "$ruta" key set work <<<"$key"
check "get" 0 "work  sk-… (51 characters)" "$ruta" key get work
check "get --reveal" 0 "$key" "$ruta" key get work --reveal
check "list" 0 "work  in the keyring" "$ruta" key list
check "secret-tool finds it by its attributes" 0 "$key" bash -c 'secret-tool lookup service ruta username work; echo --reveal >/dev/null' --reveal
check "secret-tool sees its label" 0 "label = API key of work (ruta)" bash -c 'secret-tool search service ruta 2>&1 | grep label'
check "the doctor uses it" 0 "from the keyring" "$ruta" doctor work
check "and it works" 0 "Works" "$ruta" doctor work -q
check "--key-env goes before it" 1 "key-rejected" env OTHER=sk-other-1234567890abcdef "$ruta" doctor work -q --key-env OTHER
check "set again replaces it" 0 "7 characters" "$ruta" key set work <<<"short-1"
check "with a warning where it looks wrong" 0 "warning: the key has quotes" "$ruta" key set work <<<"\"$key\""
check "add --key-stdin" 0 "Its key is in the keyring: sk-… (51 characters)" "$ruta" connections add home --url "$url" --model gpt-5.5 --key-stdin <<<"$key"
check "edit --key-stdin" 0 "Its key is in the keyring" "$ruta" connections edit work --key-stdin <<<"$key"
check "both at once" 0 "all 2 work" "$ruta" doctor --all
check "a variable instead" 0 "stays there until: ruta key remove home" "$ruta" connections edit home --key-env HOME_KEY
check "set takes it back into the keyring" 0 "no longer from HOME_KEY" "$ruta" key set home <<<"$key"
check "another name" 0 "Its key in the keyring is now that of \`office\`" "$ruta" connections edit home --rename office
check "and the key went with it" 0 "Works" "$ruta" doctor office -q
check "nothing under the old name" 1 "holds no key for \`home\`" "$ruta" key get home
check "remove with its key" 0 "Forgot \`office\`, and its key" "$ruta" connections remove office
check "nothing left of it" 1 "" secret-tool lookup service ruta username office
check "keys of nobody are listed" 0 "old   in the keyring, but not saved" bash -c 'printf x | secret-tool store --label=x service ruta username old; "$ruta" key list'
check "and can be removed" 0 "no longer holds a key for \`old\`" "$ruta" key remove old
check "the switch is obeyed" 2 "switched off by RUTA_KEYRING" env RUTA_KEYRING=off "$ruta" key get work
check "the file holds no key" 1 "" grep -r "$part" "$XDG_CONFIG_HOME"
check "a terminal asks, hides and shows what it got" 0 "sk-… (51 characters)" python3 "$folder/typed.py" "$key"
check "stray characters can be left out" 0 "sk-… (51 characters)" python3 "$folder/typed.py" "Bearer $key" clean
check "…or nothing is stored" 2 "no key was stored" python3 "$folder/typed.py" "Bearer $key" nothing
check "Ctrl-C leaves the key that is there" 130 "" python3 "$folder/typed.py" "sk-other" interrupt
check "it is" 0 "sk-… (51 characters)" "$ruta" key get work
BASH

# Types into `ruta key set work` on a terminal of its own.
cat >"$folder/typed.py" <<'PYTHON'
import os, pty, select, sys, time
what = sys.argv[2] if len(sys.argv) > 2 else ""
pid, terminal = pty.fork()
if pid == 0:
    os.execv(os.environ["ruta"], ["ruta", "key", "set", "work"])
seen = b""
def until(text, limit=10):
    global seen
    end = time.time() + limit
    while text not in seen and time.time() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                return
            if not data:
                return
            # Terminals answer when they are asked where the cursor is.
            if b"\x1b[6n" in data:
                os.write(terminal, b"\x1b[1;1R")
            seen += data
until(b"API key of work")
os.write(terminal, sys.argv[1].encode())
time.sleep(0.3)
os.write(terminal, b"\x03" if what == "interrupt" else b"\r")
if what in ("clean", "nothing"):
    until(b"What now?")
    time.sleep(0.3)
    os.write(terminal, (b"\x1b[B" * 2 if what == "nothing" else b"") + b"\r")
until(b"\0never", 3)
print(seen.decode(errors="replace"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PYTHON

cat >"$folder/locked.sh" <<'BASH'
. "$folder/checks.sh"
gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1
within 4 check "locked: get" 2 "the keyring is locked" "$ruta" key get work
within 4 check "locked: set" 2 "There are two other ways" "$ruta" key set work <<<"$key"
within 4 check "locked: list" 2 "which cannot be asked" "$ruta" key list
within 5 check "locked: the doctor says so" 1 "the keyring is locked" "$ruta" doctor work
within 5 check "locked: a provider's own variable will do" 0 "Works" env RUTA_API_KEY="$key" "$ruta" doctor work -q
within 4 check "locked: remove says what is left" 0 "it is still there" "$ruta" connections remove work
check "locked: and forgets the rest" 0 "[]" "$ruta" connections list --json
BASH

cat >"$folder/none.sh" <<'BASH'
. "$folder/checks.sh"
within 1 check "$1: get" 2 "there is no keyring here ($2" "$ruta" key get work
within 1 check "$1: set" 2 "connections edit work --key-env WORK_KEY" "$ruta" key set work <<<"$key"
within 1 check "$1: list" 2 "which cannot be asked" "$ruta" key list
within 1 check "$1: add --key-stdin saves the rest" 2 "\`more\` is saved, but not its key" "$ruta" connections add more --url "$url" --key-stdin <<<"$key"
within 2 check "$1: the doctor says so" 1 "there is no keyring here" "$ruta" doctor more
within 2 check "$1: the key on standard input" 0 "Works" "$ruta" doctor work --key-stdin -q <<<"$key"
within 1 check "$1: remove" 0 "Forgot \`more\`" "$ruta" connections remove more
BASH

cat >"$folder/mute.sh" <<'BASH'
. "$folder/checks.sh"
within 4 check "mute: get" 2 "does not answer" "$ruta" key get work
within 4 check "mute: set" 2 "does not answer" "$ruta" key set work <<<"$key"
within 4 check "mute: list" 2 "which cannot be asked" "$ruta" key list
within 4 check "mute: add --key-stdin saves the rest" 2 "\`more\` is saved, but not its key" "$ruta" connections add more --url "$url" --model gpt-5.5 --key-stdin <<<"$key"
within 5 check "mute: the doctor waits once for two" 1 "0 of 2 work" "$ruta" doctor --all
within 4 check "mute: show and list do not wait" 0 "in the keyring" "$ruta" connections show more
within 4 check "mute: remove" 0 "it is still there" "$ruta" connections remove more
BASH

{
    dbus-run-session -- bash "$folder/unlocked.sh" 2>/dev/null
    dbus-run-session -- bash "$folder/locked.sh" 2>/dev/null
    "$ruta" connections add work --url "$url" --model gpt-5.5 >/dev/null
    bash "$folder/none.sh" "no bus" "no D-Bus session"
    DBUS_SESSION_BUS_ADDRESS=unix:path=$folder/nowhere bash "$folder/none.sh" "no socket" "no D-Bus session"
    DBUS_SESSION_BUS_ADDRESS=nonsense bash "$folder/none.sh" "no address" "no D-Bus session"
    # A bus whose services are none.
    mkdir -p "$folder/services"
    cat >"$folder/bus.conf" <<CONF
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir=$folder</listen><servicedir>$folder/services</servicedir>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
CONF
    dbus-run-session --config-file="$folder/bus.conf" -- bash "$folder/none.sh" "bus without keyring" "no Secret Service" 2>/dev/null
    DBUS_SESSION_BUS_ADDRESS=unix:path=$folder/mute bash "$folder/mute.sh"
} | tee "$folder/results"
passed=$(grep -c '^ok ' "$folder/results")
failed=$(grep -c '^WRONG' "$folder/results")
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
