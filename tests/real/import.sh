#!/usr/bin/env bash
# Reads a real Open WebUI's connections with `ruta doctor --from`, while that Open WebUI runs: its database, its exported
# settings and the answer of its own interface must all tell what it was told itself, and nothing may be written.
#
#   tests/real/import.sh
#
# Needs bash, Python 3.11 or 3.12, Rust, and the network once, to install Open WebUI into tests/real/.venv-open-webui:
# its slim edition, without models and vector databases. Settings, all optional:
#   OPEN_WEBUI_VENV      another folder for the virtual environment
#   OPEN_WEBUI_PACKAGE   what pip installs there (default: open-webui==0.12.4)
#   PYTHON               the Python that makes the environment (default: python3)
#   RUTA                 a ruta program that is already built
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
venv=${OPEN_WEBUI_VENV:-tests/real/.venv-open-webui}

forget '^(OPENAI|ANTHROPIC|RUTA|DATA|DATABASE|ENABLE|RAG|AUDIO)_|_API_KEY$'
build_ruta
open_webui "$venv"

port=$(free_port)
base=http://127.0.0.1:$port
data=$scratch/data
mkdir "$data"

# Nothing listens on port 9: what is found matters here, not whether it answers.
cat >"$scratch/.env" <<'ENV'
OPENAI_API_BASE_URLS=http://127.0.0.1:9/v1/;;http://127.0.0.1:9/b
OPENAI_API_KEYS=sk-live-Kd7Rn3Vq9Xt5Lb2Hw8Zc;sk-live-Pm4Yj6Gs1Ta8Fe0Uo5Qi
OPENAI_API_CONFIGS={"0":{"model_ids":["one"]},"1":{"enable":false}}
RAG_EMBEDDING_ENGINE=openai
RAG_EMBEDDING_MODEL=embedder
RAG_OPENAI_API_BASE_URL=http://127.0.0.1:9/rag
ENV

(
    set -a
    # shellcheck disable=SC2046  # one assignment a word: no value holds a blank
    export $(cat "$scratch/.env")
    exec env DATA_DIR="$data" WEBUI_SECRET_KEY=only-for-this-run WEBUI_AUTH=False USE_SLIM_DOCKER=true \
        OFFLINE_MODE=True ENABLE_OLLAMA_API=False ENABLE_VERSION_UPDATE_CHECK=False \
        BYPASS_EMBEDDING_AND_RETRIEVAL=True "$venv/bin/open-webui" serve --host 127.0.0.1 --port "$port"
) >"$scratch/server.log" 2>&1 &
server=$!
started+=("$server")

# Asks the running Open WebUI, and prints the answer.
ask() {
    "$venv/bin/python" - "$base" "$@" <<'PYTHON'
import json, sys, urllib.request
base, path, body = sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None
def call(path, body=None, token=None):
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(base + path, data=body.encode() if body else None, headers=headers)
    return json.load(urllib.request.urlopen(request, timeout=5))
try:
    token = None if path == "/api/config" else call("/api/v1/auths/signin", '{"email":"","password":""}')["token"]
    print(json.dumps(call(path, body, token)))
except OSError as error:
    sys.exit(str(error))
PYTHON
}

await "Open WebUI" "$base/api/config" "$scratch/server.log"

# What ruta finds in a source: URL, model and length of the key of each connection, and what it skips is left out.
found() {
    local out
    out=$("$RUTA" doctor --from "$1" --format json --connect-timeout 1 2>"$scratch/err" || true)
    if printf '%s' "$out" | grep -q 'Kd7Rn3Vq9Xt5Lb2Hw8Zc\|Pm4Yj6Gs1Ta8Fe0Uo5Qi\|Zx9Cv8Bn7Mm6Aa5Ss4Dd'; then
        echo "a key is shown"
        return
    fi
    printf '%s' "$out" | python3 -c '
import json, sys
try:
    reports = json.load(sys.stdin)
except ValueError:
    sys.exit("no report")
row = lambda c: "{} {} {}".format(c["base_url"], c["model"] or "-", (c["key"] or {}).get("length", 0))
print("; ".join(row(report["connection"]) for report in reports))' || tail -n 3 "$scratch/err"
}

state() {
    (cd "$data" && find . -maxdepth 1 -type f -exec stat -c '%n %s %Y' {} + | sort)
}

# The blank URL is OpenAI's, and its key is the one of the documents where they have none of their own.
wanted="http://127.0.0.1:9/v1/ one 28; http://127.0.0.1:9/b - 0; http://127.0.0.1:9/rag embedder 28"
expect "the .env file" "$(found "$scratch/.env")" "$wanted"
find "$data" -name 'webui.db*' -printf '      %f\n'
# The program may write by itself now and then; a comparison is made when it is at rest.
sleep 3
before=$(state)
expect "the database, first start" "$(found "$data/webui.db")" "$wanted"
expect "its folder" "$(found "$data")" "$wanted"
expect "nothing was written" "$(state)" "$before"
ask /api/v1/configs/export >"$scratch/config-1.json"
expect "the export" "$(found "$scratch/config-1.json")" "$wanted"
ask /openai/config >"$scratch/answer.json"
expect "the answer of its interface" "$(found "$scratch/answer.json")" "${wanted%; *}"

# Changed in the browser: the database has it, the variables do not.
ask /openai/config/update '{"ENABLE_OPENAI_API":true,"OPENAI_API_BASE_URLS":["http://127.0.0.1:9/new"],"OPENAI_API_KEYS":["sk-live-Zx9Cv8Bn7Mm6Aa5Ss4Dd"],"OPENAI_API_CONFIGS":{"0":{"model_ids":["two"]}}}' >/dev/null
changed="http://127.0.0.1:9/new two 28; http://127.0.0.1:9/rag embedder 28"
expect "the database, changed while it runs" "$(found "$data/webui.db")" "$changed"
ask /api/v1/configs/export >"$scratch/config-2.json"
expect "the newest export of a folder" "$(mkdir "$scratch/exports" && cp "$scratch"/config-*.json "$scratch/exports" && found "$scratch/exports")" "$changed"
cp "$scratch/.env" "$data/.env"
expect "the folder with other variables" "$(found "$data")" "$changed"
# shellcheck disable=SC2016
expect "the variables are said to be without effect" \
    "$("$RUTA" doctor --from "$data" --connect-timeout 1 | tr -s ' \n' ' ' | grep -o 'the variables say otherwise, without effect' | head -n 1)" \
    "the variables say otherwise, without effect"
rm "$data/.env"

# A writer that is in the middle of something, and a log that was left by a program that was killed.
kill -9 "$server"
wait "$server" 2>/dev/null || true
before=$(state)
expect "the database after a kill" "$(found "$data/webui.db")" "$changed"
expect "nothing was written then either" "$(state)" "$before"

counted
