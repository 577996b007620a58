#!/usr/bin/env bash
# Compares what `ruta doctor` predicts for Open WebUI with a real Open WebUI, on this machine only.
#
#   tests/real/open-webui.sh [--all] [CASE…]      CASE: only cases whose name contains one of these
#
# Plays every scenario of the project and the cases of open_webui_cases.py to both, and prints one line for each:
# agree, DIFFER, known (a difference with its reason), none (nothing was predicted), skip. Ends with 1 if any DIFFER.
#
# Needs bash, Python 3.11 or 3.12, Rust, and the network once, to install Open WebUI into tests/real/.venv-open-webui:
# its slim edition, without models and vector databases. All cases take about half an hour, most of it in waiting.
# Settings, all optional:
#   OPEN_WEBUI_VENV      another folder for the virtual environment
#   OPEN_WEBUI_PACKAGE   what pip installs there (default: open-webui==0.12.4)
#   PYTHON               the Python that makes the environment (default: python3)
#   RUTA, PLAY           the program and its example `play`, if they are already built
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
venv=${OPEN_WEBUI_VENV:-tests/real/.venv-open-webui}

forget '^(OPENAI|RUTA)_'
build_ruta
if [ -z "${PLAY:-}" ]; then
    cargo build --quiet --example play
    PLAY=${CARGO_TARGET_DIR:-target}/debug/examples/play
fi
open_webui "$venv"

port=$(free_port)
base=http://127.0.0.1:$port

# One user, no internet, a database that is thrown away; open_webui_net connects names to the scenarios' servers.
mkdir "$scratch/data" "$scratch/cases"
env DATA_DIR="$scratch/data" WEBUI_SECRET_KEY=only-for-this-run WEBUI_AUTH=False USE_SLIM_DOCKER=true OFFLINE_MODE=True \
    ENABLE_OLLAMA_API=False ENABLE_VERSION_UPDATE_CHECK=False BYPASS_EMBEDDING_AND_RETRIEVAL=True \
    OPENAI_API_BASE_URL=http://127.0.0.1:9/v1 AIOHTTP_POOL_DNS_TTL=0 \
    PYTHONPATH="$PWD/tests/real/open_webui_net" OPEN_WEBUI_RULES="$scratch/rules.json" \
    "$venv/bin/open-webui" serve --host 127.0.0.1 --port "$port" >"$scratch/server.log" 2>&1 &
started+=($!)

await "Open WebUI" "$base/api/config" "$scratch/server.log"

"$venv/bin/python" tests/real/open_webui.py --base "$base" --ruta "$RUTA" --play "$PLAY" \
    --scratch "$scratch/cases" --rules "$scratch/rules.json" "$@"
