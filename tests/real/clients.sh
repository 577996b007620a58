#!/usr/bin/env bash
# Runs real clients with exactly the settings that `ruta settings` prints, against a server on this machine: does the
# client ask on the path that its file says, with the key in the header that it says, and does it show the reply? And
# does `ruta doctor --for CLIENT` say the same of these values, and of the values in another client's form?
#
#   tests/real/clients.sh [CLIENT…]
#
# Needs bash, Python 3, Node.js with npm and Rust, and the network once, to install the clients into tests/real/.clients.
# They need 2 GB there. Settings, all optional:
#   CLIENTS   another folder for the clients
#   RUTA      a ruta program that is already built
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
folder=${CLIENTS:-tests/real/.clients}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# Nothing of the caller may decide what is checked, and nothing of the caller is touched.
for name in $(env | sed -n 's/^\(\(OPENAI\|ANTHROPIC\|RUTA\|CLAUDE\|CODEX\|LLM\)_[A-Z0-9_]*\)=.*/\1/p'); do unset "$name"; done
export NO_PROXY=127.0.0.1,localhost no_proxy=127.0.0.1,localhost
export DO_NOT_TRACK=1 CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLINE_TELEMETRY_DISABLED=1 CONTINUE_TELEMETRY_ENABLED=0
export OPENCODE_DISABLE_AUTOUPDATE=1 OPENCODE_DISABLE_MODELS_FETCH=1

build_ruta

packages=("@openai/codex" "@anthropic-ai/claude-code" "opencode-ai" "cline" "@continuedev/cli")
for package in "${packages[@]}"; do
    if [ ! -d "$folder/node_modules/$package" ]; then
        echo "installing $package"
        npm install --prefix "$folder" --no-audit --no-fund --loglevel=error "$package" >"$scratch/install" 2>&1 \
            || { tail -n 3 "$scratch/install" >&2; echo "$package cannot be installed: it is left out" >&2; }
    fi
done
if [ ! -x "$folder/venv/bin/llm" ]; then
    echo "installing openai, anthropic and llm"
    pip "$folder/venv" install openai anthropic llm
fi
if [ ! -x "$folder/aider/bin/aider" ]; then
    echo "installing aider"
    pip "$folder/aider" install aider-chat 2>"$scratch/install" \
        || { tail -n 3 "$scratch/install" >&2; echo "aider cannot be installed: it is left out" >&2; }
fi
# After the proxies and accounts of the caller are gone, the clients' own programs come first.
PATH=$folder/node_modules/.bin:$folder/venv/bin:$PATH:$folder/aider/bin

cat >"$scratch/server.py" <<'PYTHON'
"""An OpenAI-like server that knows one key, answers at its three endpoints and notes every request."""
import http.server, json, sys

KEY, WORD, NOTES = sys.argv[1:4]

def chat(ask):
    choice = {"index": 0, "message": {"role": "assistant", "content": WORD}, "finish_reason": "stop"}
    base = {"id": "chatcmpl-1", "created": 1767225600, "model": ask.get("model")}
    usage = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}
    if not ask.get("stream"):
        return {**base, "object": "chat.completion", "choices": [choice], "usage": usage}
    def event(delta, reason=None):
        part = {"index": 0, "delta": delta, "finish_reason": reason}
        return {**base, "object": "chat.completion.chunk", "choices": [part]}
    end = {**base, "object": "chat.completion.chunk", "choices": [], "usage": usage}
    return [event({"role": "assistant", "content": ""}), event({"content": WORD}), event({}, "stop"), end, "[DONE]"]

def responses(ask):
    text = {"type": "output_text", "text": WORD, "annotations": []}
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [text]}
    usage = {"input_tokens": 9, "output_tokens": 1, "total_tokens": 10}
    whole = {"id": "resp_1", "object": "response", "status": "completed", "model": ask.get("model"), "output": [item],
             "usage": usage, "error": None}
    if not ask.get("stream"):
        return whole
    at = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    return [
        {"type": "response.created", "response": {**whole, "status": "in_progress", "output": []}},
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "content": []}},
        {"type": "response.content_part.added", **at, "part": {**text, "text": ""}},
        {"type": "response.output_text.delta", **at, "delta": WORD},
        {"type": "response.output_text.done", **at, "text": WORD},
        {"type": "response.content_part.done", **at, "part": text},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": whole},
    ]

def messages(ask):
    usage = {"input_tokens": 9, "output_tokens": 1}
    whole = {"id": "msg_1", "type": "message", "role": "assistant", "model": ask.get("model"), "stop_sequence": None,
             "content": [{"type": "text", "text": WORD}], "stop_reason": "end_turn", "usage": usage}
    if not ask.get("stream"):
        return whole
    return [
        {"type": "message_start", "message": {**whole, "content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": WORD}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": usage},
        {"type": "message_stop"},
    ]

ENDPOINTS = {"/v1/chat/completions": chat, "/v1/responses": responses, "/v1/messages": messages}

class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, status, body, kind="application/json"):
        body = body.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def fail(self, status, message, code):
        error = {"message": message, "type": "invalid_request_error", "code": code}
        self.say(status, json.dumps({"error": error}))

    def carriers(self):
        found = []
        if self.headers.get("authorization") == "Bearer " + KEY:
            found.append("bearer")
        if self.headers.get("x-api-key") == KEY:
            found.append("x-api-key")
        return found

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path, carriers = self.path.split("?")[0], self.carriers()
        with open(NOTES, "a") as notes:
            notes.write(f"{self.command} {self.path} {'+'.join(carriers) or 'none'}\n")
        if self.command == "HEAD":
            self.send_response(200)
            self.send_header("content-length", "0")
            return self.end_headers()
        if path == "/v1/models" and carriers:
            rows = [{"id": "test-model", "object": "model", "created": 1767225600, "owned_by": "test"}]
            return self.say(200, json.dumps({"object": "list", "data": rows}))
        if path not in ENDPOINTS or self.command != "POST":
            return self.fail(404, f"Invalid URL ({self.command} {path})", "not_found")
        if not carriers:
            return self.fail(401, "Invalid token", "invalid_api_key")
        said = ENDPOINTS[path](json.loads(body))
        if isinstance(said, dict):
            return self.say(200, json.dumps(said))
        events = ""
        for event in said:
            name = event.get("type") if isinstance(event, dict) else None
            data = event if isinstance(event, str) else json.dumps(event)
            events += (f"event: {name}\n" if name else "") + f"data: {data}\n\n"
        self.say(200, events, "text/event-stream")

    do_GET = do_POST = do_HEAD = answer

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
print(server.server_port, flush=True)
server.serve_forever()
PYTHON

word=reply$(python3 -c 'import secrets; print(secrets.token_hex(4))')
key=sk-test-$(python3 -c 'import secrets; print(secrets.token_hex(16))')
notes=$scratch/notes
python3 "$scratch/server.py" "$key" "$word" "$notes" >"$scratch/port" 2>"$scratch/server.log" &
server=$!
started+=("$server")
for _ in $(seq 100); do
    [ -s "$scratch/port" ] && break
    kill -0 "$server" 2>/dev/null || { cat "$scratch/server.log" >&2; exit 1; }
    sleep 0.1
done
origin=http://127.0.0.1:$(cat "$scratch/port")
model=test-model
export RUTA_API_KEY=$key

# settings CLIENT [FORM]: exactly what is printed for this server.
settings() {
    "$RUTA" settings "$1" ${2:+--as "$2"} --url "$origin/v1" --model "$model" 2>/dev/null
}

# A folder of its own for each run: the clients find nothing but the printed settings.
home=
fresh() {
    home=$(mktemp -d "$scratch/home.XXXX")
    export HOME=$home XDG_CONFIG_HOME=$home/.config XDG_DATA_HOME=$home/.local/share XDG_CACHE_HOME=$home/.cache
    export XDG_STATE_HOME=$home/.local/state CODEX_HOME=$home/.codex CLAUDE_CONFIG_DIR=$home/.claude
    mkdir -p "$home/project" "$home/.codex" "$home/.claude" "$home/.continue" "$XDG_CONFIG_HOME/opencode"
    cd "$home/project"
    git init --quiet . 2>/dev/null || true
}

ask="Say the word."

run_codex() {
    settings codex toml >"$home/.codex/config.toml"
    codex exec --skip-git-repo-check --sandbox read-only "$ask"
}
run_claude_code() {
    settings claude-code shell >"$home/lines"
    # shellcheck disable=SC1091
    (. "$home/lines" && claude -p "$ask")
}
run_claude_code_file() {
    settings claude-code json >"$home/.claude/settings.json"
    claude -p "$ask"
}
run_opencode() {
    settings opencode json >"$XDG_CONFIG_HOME/opencode/opencode.json"
    opencode run "$ask"
}
run_cline() {
    settings cline shell >"$home/lines"
    # shellcheck disable=SC1091
    . "$home/lines" && cline "$ask"
}
run_continue() {
    settings continue yaml >"$home/.continue/config.yaml"
    cn --config "$home/.continue/config.yaml" -p "$ask"
}
run_llm() {
    mkdir -p "$XDG_CONFIG_HOME/io.datasette.llm"
    settings llm yaml >"$XDG_CONFIG_HOME/io.datasette.llm/extra-openai-models.yaml"
    settings llm shell >"$home/lines"
    # shellcheck disable=SC1091
    . "$home/lines" && llm -m ruta "$ask"
}
run_aider() {
    # The last line starts it; here it is given its question with it.
    settings aider shell | sed "s|^aider .*|& --message '$ask' --yes-always --no-git --no-check-update --no-show-model-warnings --analytics-disable|" >"$home/lines"
    # shellcheck disable=SC1091
    . "$home/lines"
}
run_openai_sdk() {
    settings openai-sdk shell >"$home/lines"
    # shellcheck disable=SC1091
    (. "$home/lines" && python3 - "$model" "$ask" <<'PYTHON'
import sys, openai
said = openai.OpenAI().chat.completions.create(model=sys.argv[1], messages=[{"role": "user", "content": sys.argv[2]}])
print(said.choices[0].message.content)
PYTHON
    )
}
run_anthropic_sdk() {
    settings anthropic-sdk shell >"$home/lines"
    # shellcheck disable=SC1091
    (. "$home/lines" && python3 - "$model" "$ask" <<'PYTHON'
import sys, anthropic
ask = [{"role": "user", "content": sys.argv[2]}]
print(anthropic.Anthropic().messages.create(model=sys.argv[1], max_tokens=64, messages=ask).content[0].text)
PYTHON
    )
}
# The same clients with the URL in the form of the others: what `ruta doctor` calls wrong must fail.
run_codex_without_v1() {
    settings codex toml | sed "s|$origin/v1|$origin|" >"$home/.codex/config.toml"
    codex exec --skip-git-repo-check --sandbox read-only "$ask"
}
run_claude_code_with_v1() {
    settings claude-code shell | sed "s|$origin|$origin/v1|" >"$home/lines"
    # shellcheck disable=SC1091
    (. "$home/lines" && claude -p "$ask")
}

checks=0
wrong=0
printf '%-20s %-8s %-33s %-16s %s\n' client version asked key result

# check RUN PROGRAM CLIENT PATH KEY URL works|fails
check() {
    local run=$1 program=$2 client=$3 path=$4 header=$5 url=$6 wanted=$7 version status=0 asked carriers problem=
    [ ${#only[@]} -eq 0 ] || [[ " ${only[*]} " == *" $client "* ]] || return 0
    if ! command -v "$program" >/dev/null; then
        printf '%-20s not installed: left out\n' "$run"
        return 0
    fi
    checks=$((checks + 1))
    fresh
    : >"$notes"
    version=$(case $program in
        python3) "$folder/venv/bin/python" -c "import importlib.metadata as m; print(m.version('${client%-sdk}'))" ;;
        *) timeout 60 "$program" --version 2>/dev/null | grep -Eo '[0-9]+\.[0-9]+(\.[0-9]+)?' | head -n 1 ;;
    esac)
    export -f settings "run_$run"
    export RUTA origin model ask home
    timeout --kill-after=5 150 bash -c "run_$run" >"$scratch/said" 2>&1 </dev/null || status=$?
    asked=$(grep " $path" "$notes" | head -n 1 | cut -d' ' -f1,2 || true)
    carriers=$(grep " $path" "$notes" | head -n 1 | cut -d' ' -f3 || true)
    if [ "$wanted" = works ]; then
        grep -q "$word" "$scratch/said" || problem="the reply was not shown (exit code $status)"
        [ -n "$asked" ] || problem="$path was not asked"
        [[ "+$carriers+" == *"+$header+"* ]] || problem="the key came as ${carriers:-nothing}, not as $header"
    elif grep -q "$word" "$scratch/said"; then
        problem="it works, although it should not"
    fi
    # What the doctor says of the same values.
    local said
    said=$("$RUTA" doctor --for "$client" --url "$url" --model "$model" --format json 2>/dev/null \
        | python3 -c 'import json, sys; report = json.load(sys.stdin); print(report["outcome"], report["diagnosis"]["cause"])') || true
    case $wanted:$said in
        works:works*|fails:broken*) ;;
        *) problem="${problem:+$problem; }ruta doctor says $said" ;;
    esac
    local result="ok: the client $wanted, ruta says: $said"
    [ -z "$problem" ] || result="WRONG: $problem"
    [ -n "$asked" ] || asked=$(head -n 1 "$notes" | cut -d' ' -f1,2)
    printf '%-20s %-8s %-33s %-16s %s\n' "$run" "${version:--}" "${asked:--}" "${carriers:--}" "$result"
    if [ -n "$problem" ]; then
        wrong=$((wrong + 1))
        tail -n 5 "$scratch/said" | cut -c1-200 | sed 's/^/         /'
        sed 's/^/         asked: /' "$notes" | sort | uniq -c | head -n 5
    fi
}

only=("$@")
#     run                   program   client         path                  key         URL           result
check codex                 codex     codex          /v1/responses         bearer      "$origin/v1"  works
check claude_code           claude    claude-code    /v1/messages          bearer      "$origin"     works
check claude_code_file      claude    claude-code    /v1/messages          bearer      "$origin"     works
check opencode              opencode  opencode       /v1/chat/completions  bearer      "$origin/v1"  works
check cline                 cline     cline          /v1/chat/completions  bearer      "$origin/v1"  works
check continue              cn        continue       /v1/chat/completions  bearer      "$origin/v1"  works
check llm                   llm       llm            /v1/chat/completions  bearer      "$origin/v1"  works
check aider                 aider     aider          /v1/chat/completions  bearer      "$origin/v1"  works
check openai_sdk            python3   openai-sdk     /v1/chat/completions  bearer      "$origin/v1"  works
check anthropic_sdk         python3   anthropic-sdk  /v1/messages          bearer      "$origin"     works
check codex_without_v1      codex     codex          /responses            bearer      "$origin"     fails
check claude_code_with_v1   claude    claude-code    /v1/v1/messages       bearer      "$origin/v1"  fails

echo "$((checks - wrong)) of $checks right"
[ "$wrong" -eq 0 ]
