#!/usr/bin/env bash
# Checks `ruta doctor --full` against real HTTP servers on this machine: Hypercorn over HTTP/2 and HTTP/1.1, and a LiteLLM
# proxy in front of it, which reads each request by its own rules.
#
#   tests/real/full.sh
#
# Needs bash, Python 3, OpenSSL and Rust, and the network once, to install both into tests/real/.venv.
# Settings, all optional:
#   LITELLM_VENV   another folder for the virtual environment
#   RUTA           a ruta program that is already built
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
venv=${LITELLM_VENV:-tests/real/.venv}

unset RUTA_BASE_URL RUTA_MODEL OPENAI_API_KEY OPENAI_BASE_URL OPENAI_API_BASE_URL
export NO_PROXY=127.0.0.1,localhost no_proxy=127.0.0.1,localhost
export RUTA_API_KEY=sk-this-machine-only-0123456789

build_ruta
if [ ! -x "$venv/bin/litellm" ] || [ ! -x "$venv/bin/hypercorn" ]; then
    echo "installing LiteLLM and Hypercorn into $venv"
    pip "$venv" install 'litellm[proxy]' hypercorn
fi

secure=$(free_port)
plain=$(free_port)
proxy=$(free_port)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$scratch/key.pem" \
    -out "$scratch/cert.pem" -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null

serve() {
    local log=$1
    shift
    PYTHONPATH=tests/real "$@" >"$log" 2>&1 &
    started+=($!)
}
serve "$scratch/secure.log" "$venv/bin/hypercorn" --certfile "$scratch/cert.pem" --keyfile "$scratch/key.pem" \
    -b "localhost:$secure" full:app
serve "$scratch/plain.log" "$venv/bin/hypercorn" -b "127.0.0.1:$plain" full:app
for model in mock-chat text-embedding-3-small tts-1 whisper-1 gpt-image-1-mini; do
    echo "  - {model_name: $model, litellm_params: {model: openai/$model, api_base: 'http://127.0.0.1:$plain/v1', api_key: x}}"
done >"$scratch/models"
{ echo "model_list:"; cat "$scratch/models"; echo "general_settings: {master_key: $RUTA_API_KEY}"; } >"$scratch/proxy.yaml"
LITELLM_LOCAL_MODEL_COST_MAP=True serve "$scratch/proxy.log" \
    "$venv/bin/litellm" --config "$scratch/proxy.yaml" --host 127.0.0.1 --port "$proxy" --telemetry False

wait_for() {
    for _ in $(seq 480); do
        if python3 -c 'import socket, sys; socket.create_connection(("localhost", int(sys.argv[1])), 1)' "$1" 2>/dev/null; then
            return
        fi
        sleep 0.25
    done
    echo "nothing listens on port $1:" >&2
    tail -n 20 "$scratch"/*.log >&2
    exit 1
}
wait_for "$secure"
wait_for "$plain"
wait_for "$proxy"

checks=0
wrong=0

# check WHAT URL VERSION ABILITIES [ARGUMENT…]: all these abilities must work, over this HTTP version.
check() {
    local what=$1 url=$2 version=$3 abilities=$4 said
    shift 4
    checks=$((checks + 1))
    "$RUTA" doctor --url "$url" --model mock-chat --full --timeout 60 --format json "$@" >"$scratch/report" 2>/dev/null || true
    if said=$(python3 - "$scratch/report" "$version" "$abilities" <<'PYTHON'
import datetime, json, sys
path, version, abilities = sys.argv[1:]
report = json.load(open(path, encoding="utf-8"))
results = {ability["id"]: ability for ability in report["abilities"]}
problems = [f"{name}: {results[name]['detail']}" for name in abilities.split() if results[name]["result"] != "works"]
ran = [seen for seen in report["evidence"]["observations"] if seen["request"]]
problems += [f"{seen['check']}: {seen['answer']['version']}" for seen in ran if seen["answer"]["version"] != version]
start = lambda seen: datetime.datetime.fromisoformat(seen["request"]["at"].replace("Z", "+00:00")).timestamp() * 1000
beside = [seen for seen in ran if seen["check"] not in ("models", "chat", "tools", "stream")]
wall = max(start(seen) + seen["timing"]["total"] for seen in beside) - min(start(seen) for seen in beside)
slowest = {}
for seen in beside:
    slowest[seen["check"]] = slowest.get(seen["check"], 0) + seen["timing"]["total"]
print("; ".join(problems) or f"{len(beside)} requests in {wall:.0f} ms, the slowest check {max(slowest.values()):.0f} ms")
sys.exit(1 if problems else 0)
PYTHON
    ); then
        printf 'ok     %-26s %s\n' "$what" "$said"
    else
        printf 'WRONG  %-26s %s\n' "$what" "$said"
        wrong=$((wrong + 1))
    fi
}

all="tools-call parameters structured embeddings speech transcription images"
check "Hypercorn over HTTP/2" "https://localhost:$secure/v1" HTTP/2.0 "$all" --cacert "$scratch/cert.pem"
connections=$(grep -h '^{' "$scratch/secure.log" | python3 -c 'import json, sys; print(len({json.loads(line)["connection"] for line in sys.stdin}))')
checks=$((checks + 1))
if [ "$connections" -eq 1 ]; then
    echo "ok     one connection for all of them"
else
    echo "WRONG  $connections connections"
    wrong=$((wrong + 1))
fi
check "Hypercorn over HTTP/1.1" "http://127.0.0.1:$plain/v1" HTTP/1.1 "$all"
check "through LiteLLM" "http://127.0.0.1:$proxy/v1" HTTP/1.1 "$all"

version=$("$venv/bin/python" -c 'import importlib.metadata as m; print(m.version("litellm"), "and Hypercorn", m.version("hypercorn"))')
echo "$((checks - wrong)) of $checks right, against LiteLLM $version"
[ "$wrong" -eq 0 ]
