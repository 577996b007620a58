# What the scripts of this folder share; each reads it first. It leads to the project's folder, makes a folder of its own
# for the run, and ends whatever was started when the script ends.
# shellcheck shell=bash disable=SC2034  # what is set here is used by the scripts
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
scratch=$(mktemp -d)
started=()

finish() {
    local pid
    for pid in "${started[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Takes the caller's variables of these names out: nothing of the caller may decide what is checked.
forget() {
    local name
    for name in HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY; do
        unset "$name" "${name,,}"
    done
    for name in $(compgen -e | grep -E "$1" || true); do
        unset "$name"
    done
}

# Builds ruta, unless RUTA names a program that is already built.
build_ruta() {
    if [ -z "${RUTA:-}" ]; then
        cargo build --quiet --bin ruta
        RUTA=${CARGO_TARGET_DIR:-target}/debug/ruta
    fi
    RUTA=$(cd "$(dirname "$RUTA")" && pwd)/$(basename "$RUTA")
}

# pip for a virtual environment, which is made if it is not there: pip VENV ARGUMENT…
pip() {
    local venv=$1
    shift
    [ -x "$venv/bin/pip" ] || "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/pip" "$@" --quiet --disable-pip-version-check
}

# Installs the slim edition of Open WebUI, without models and vector databases: open_webui VENV
open_webui() {
    local venv=$1 package=${OPEN_WEBUI_PACKAGE:-open-webui==0.12.4} slim
    if [ -x "$venv/bin/open-webui" ] && "$venv/bin/python" -c 'import fastapi, socketio, mcp' 2>/dev/null; then
        return
    fi
    echo "installing $package into $venv"
    pip "$venv" install --no-deps "$package"
    slim=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/requirements-slim.txt
    # pip complains of what the slim edition leaves out.
    pip "$venv" install -r "$slim" 2>"$scratch/pip.log" || { cat "$scratch/pip.log" >&2; exit 1; }
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Whether this URL answers 200, whatever proxies there are.
answers() {
    python3 - "$1" <<'PYTHON'
import sys, urllib.request
try:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    sys.exit(0 if opener.open(sys.argv[1], timeout=2).status == 200 else 1)
except OSError:
    sys.exit(1)
PYTHON
}

# Asks a server that was started last until it answers, for four minutes at most: await NAME URL LOG
await() {
    local _
    for _ in $(seq 480); do
        answers "$2" && return
        kill -0 "${started[-1]}" 2>/dev/null || break
        sleep 0.5
    done
    echo "$1 did not start:" >&2
    tail -n 20 "$3" >&2
    exit 1
}

passed=0 failed=0

# One check by what a command says: check WHAT COMMAND…
check() {
    local what=$1
    shift
    if "$@" >"$scratch/log" 2>&1; then
        passed=$((passed + 1))
        echo "pass  $what"
    else
        failed=$((failed + 1))
        echo "FAIL  $what"
        sed 's/^/      /' "$scratch/log"
    fi
}

# One check by comparing: expect WHAT GOT WANTED
expect() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
        echo "pass  $1"
    else
        failed=$((failed + 1))
        printf 'FAIL  %s\n  wanted: %s\n  got:    %s\n' "$1" "$3" "$2"
    fi
}

# The end of a script that counts its checks.
counted() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
