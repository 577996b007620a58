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
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
venv=${OPEN_WEBUI_VENV:-tests/real/.venv-open-webui}
package=${OPEN_WEBUI_PACKAGE:-open-webui==0.12.4}
scratch=$(mktemp -d)
server=

finish() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Nothing of the caller may decide what is compared.
for name in HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY; do
    unset "$name" "${name,,}"
done
unset RUTA_API_KEY RUTA_BASE_URL RUTA_MODEL
for name in $(compgen -e | grep -E '^OPENAI_' || true); do
    unset "$name"
done

if [ -z "${RUTA:-}" ] || [ -z "${PLAY:-}" ]; then
    cargo build --quiet --bin ruta --example play
    RUTA=${CARGO_TARGET_DIR:-target}/debug/ruta
    PLAY=${CARGO_TARGET_DIR:-target}/debug/examples/play
fi

if [ ! -x "$venv/bin/open-webui" ] || ! "$venv/bin/python" -c 'import fastapi, socketio, mcp' 2>/dev/null; then
    echo "installing $package into $venv"
    "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps "$package"
    slim=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/requirements-slim.txt
    # pip complains of what the slim edition leaves out.
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$slim" 2>"$scratch/pip.log" \
        || { cat "$scratch/pip.log" >&2; exit 1; }
fi

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
base=http://127.0.0.1:$port

# One user, no internet, a database that is thrown away; open_webui_net connects names to the scenarios' servers.
mkdir "$scratch/data" "$scratch/cases"
env DATA_DIR="$scratch/data" WEBUI_SECRET_KEY=only-for-this-run WEBUI_AUTH=False USE_SLIM_DOCKER=true OFFLINE_MODE=True \
    ENABLE_OLLAMA_API=False ENABLE_VERSION_UPDATE_CHECK=False BYPASS_EMBEDDING_AND_RETRIEVAL=True \
    OPENAI_API_BASE_URL=http://127.0.0.1:9/v1 AIOHTTP_POOL_DNS_TTL=0 \
    PYTHONPATH="$PWD/tests/real/open_webui_net" OPEN_WEBUI_RULES="$scratch/rules.json" \
    "$venv/bin/open-webui" serve --host 127.0.0.1 --port "$port" >"$scratch/server.log" 2>&1 &
server=$!

healthy() {
    "$venv/bin/python" - "$base/api/config" <<'PYTHON'
import sys, urllib.request
try:
    sys.exit(0 if urllib.request.urlopen(sys.argv[1], timeout=2).status == 200 else 1)
except OSError:
    sys.exit(1)
PYTHON
}

# The server is asked until it answers, at most 480 times: four minutes on a slow machine.
ready=
for _ in $(seq 480); do
    if healthy; then
        ready=yes
        break
    fi
    kill -0 "$server" 2>/dev/null || break
    sleep 0.25
done
if [ -z "$ready" ]; then
    echo "Open WebUI did not start:" >&2
    tail -n 20 "$scratch/server.log" >&2
    exit 1
fi

"$venv/bin/python" tests/real/open_webui.py --base "$base" --ruta "$RUTA" --play "$PLAY" \
    --scratch "$scratch/cases" --rules "$scratch/rules.json" "$@"
