#!/usr/bin/env bash
# Checks `ruta doctor` against a real server: a LiteLLM proxy with mock models, on this machine only.
#
#   tests/real/litellm.sh
#
# Needs bash, Python 3 and Rust, and the network once, to install LiteLLM into tests/real/.venv.
# Settings, all optional:
#   LITELLM_VENV      another folder for the virtual environment
#   LITELLM_PACKAGE   what pip installs there (default: litellm[proxy])
#   RUTA              a ruta program that is already built
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
venv=${LITELLM_VENV:-tests/real/.venv}
package=${LITELLM_PACKAGE:-litellm[proxy]}

# Nothing of the caller may decide what is checked.
unset RUTA_API_KEY RUTA_BASE_URL RUTA_MODEL OPENAI_API_KEY OPENAI_BASE_URL OPENAI_API_BASE_URL
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1

build_ruta
if [ ! -x "$venv/bin/litellm" ]; then
    echo "installing $package into $venv"
    pip "$venv" install "$package"
fi

port=$(free_port)
origin=http://127.0.0.1:$port
master=sk-$(python3 -c 'import secrets; print(secrets.token_hex(16))')

# LITELLM_LOCAL_MODEL_COST_MAP: LiteLLM takes its price list from its own files and asks nobody.
LITELLM_MASTER_KEY=$master LITELLM_LOCAL_MODEL_COST_MAP=True \
    "$venv/bin/litellm" --config tests/real/litellm.yaml --host 127.0.0.1 --port "$port" --telemetry False \
    >"$scratch/server.log" 2>&1 &
started+=($!)

await LiteLLM "$origin/health/liveliness" "$scratch/server.log"

checks=0
wrong=0

# check WHAT CAUSE EXIT SUGGESTION KEY URL MODEL
#   SUGGESTION: the value that the report must suggest, tried and found to work; - if none is asked for.
#   KEY: - sends none.
check() {
    local what=$1 cause=$2 exit=$3 suggestion=$4 key=$5 url=$6 model=$7
    local status=0 said
    checks=$((checks + 1))
    if [ "$key" = - ]; then
        "$RUTA" doctor --url "$url" --model "$model" --no-key --format json >"$scratch/report" 2>"$scratch/complaint" || status=$?
    else
        printf '%s\n' "$key" | "$RUTA" doctor --url "$url" --model "$model" --key-stdin --format json \
            >"$scratch/report" 2>"$scratch/complaint" || status=$?
    fi
    if said=$(python3 - "$scratch/report" "$cause" "$suggestion" "$status" "$exit" "$key" <<'PYTHON'
import json, sys
path, cause, suggestion, status, wanted, key = sys.argv[1:]
text = open(path, encoding="utf-8").read()
try:
    report = json.loads(text)
except ValueError:
    sys.exit(print(f"no JSON came, exit code {status}") or 1)
found = report["diagnosis"]
problems = []
if found["cause"] != cause:
    problems.append(f"cause {found['cause']}, not {cause}")
if status != wanted:
    problems.append(f"exit code {status}, not {wanted}")
if suggestion != "-":
    given = found["suggestion"] or {}
    if given.get("value") != suggestion:
        problems.append(f"suggestion {given.get('value')}, not {suggestion}")
    elif not (given["tried"] and given["worked"]):
        problems.append("the suggestion was not tried, or did not work")
if key != "-" and key in text:
    problems.append("the key stands in the report")
print("; ".join(problems) or found["cause"])
sys.exit(1 if problems else 0)
PYTHON
    ); then
        printf 'ok     %-32s %s\n' "$what" "$said"
    else
        printf 'WRONG  %-32s %s\n' "$what" "$said"
        sed 's/^/         /' "$scratch/complaint"
        wrong=$((wrong + 1))
    fi
}

stranger=sk-no-such-key-on-this-server-1234

#     what                              cause              exit  suggestion    key          url                            model
check "the right values"                ok                 0     -             "$master"    "$origin/v1"                   mock-chat
check "the right values without /v1"    ok                 0     -             "$master"    "$origin"                      mock-chat
check "a wrong key"                     key-rejected       1     -             "$stranger"  "$origin/v1"                   mock-chat
check "a wrong model"                   model-not-found    1     -             "$master"    "$origin/v1"                   no-such-model
check "an endpoint as the URL"          url-endpoint-path  1     "$origin/v1"  "$master"    "$origin/v1/chat/completions"  mock-chat
check "/v1 twice"                       url-duplicate-v1   1     "$origin/v1"  "$master"    "$origin/v1/v1"                mock-chat
check "a wrong path"                    url-wrong-path     1     "$origin/v1"  "$master"    "$origin/api/v1"               mock-chat
check "a slash at the end"              url-trailing-slash 1     "$origin/v1"  "$master"    "$origin/v1/"                  mock-chat
check "https:// on an http:// port"     http-on-https-port 1     "$origin/v1"  "$master"    "https://127.0.0.1:$port/v1"   mock-chat
check "a provider that fails"           server-error       75    -             "$master"    "$origin/v1"                   mock-broken
check "a request that is too long"      request-too-large  1     -             "$master"    "$origin/v1"                   mock-full
check "a port where nothing listens"    connect-refused    1     -             "$master"    "http://127.0.0.1:$(free_port)/v1" mock-chat

version=$("$venv/bin/python" -c 'import importlib.metadata as m; print(m.version("litellm"))')
echo "$((checks - wrong)) of $checks right, against LiteLLM $version"
[ "$wrong" -eq 0 ]
