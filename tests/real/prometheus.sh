#!/usr/bin/env bash
# Holds what `--format prometheus` writes against Prometheus itself: promtool reads the metrics and the alert rules, and
# a real Prometheus is asked for them afterwards.
#
#   tests/real/prometheus.sh
#
# Needs bash, Python 3 and Rust; Debian's package prometheus is installed with apt-get where it is absent, which needs
# root and the network once. Everything else stays on 127.0.0.1, in a folder that is removed at the end.
# Settings, all optional:
#   RUTA   a ruta program that is already built
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
build_ruta
if ! command -v promtool >/dev/null; then
    # The package would start a service of its own.
    printf '#!/bin/sh\nexit 101\n' >/tmp/ruta-policy.$$ && chmod 755 /tmp/ruta-policy.$$
    [ -e /usr/sbin/policy-rc.d ] || { cp /tmp/ruta-policy.$$ /usr/sbin/policy-rc.d && ours=1; }
    rm -f /tmp/ruta-policy.$$
    apt-get install -y --no-install-recommends prometheus >/dev/null
    [ -z "${ours:-}" ] || rm -f /usr/sbin/policy-rc.d
fi

python3 tests/real/server.py "$scratch/port" &
started+=($!)
for _ in $(seq 50); do
    [ -s "$scratch/port" ] && break
    sleep 0.1
done
origin=http://127.0.0.1:$(cat "$scratch/port")
export RUTA_API_KEY=sk-prom-2f7Lq8Zr4Xw1Kd9Pm3 NO_PROXY=127.0.0.1 no_proxy=127.0.0.1

lint() { promtool check metrics <"$1"; }
mkdir "$scratch/metrics"
for run in ok broke; do
    "$RUTA" doctor --url "$origin/$run/v1" --model 'gpt-5.5"\x' --format prometheus --fail-on never \
        --output "$scratch/metrics/$run.prom"
    check "promtool check metrics: $run" lint "$scratch/metrics/$run.prom"
done
check "promtool check rules: the alerts" promtool check rules docs/examples/prometheus-rules.yml

# What a scraper sees of the files, as node_exporter hands them on: the samples of all, each head once.
python3 - "$scratch" <<'PYTHON'
import pathlib, sys

folder = pathlib.Path(sys.argv[1])
heads, samples = {}, {}
for path in sorted(folder.glob("metrics/*.prom")):
    for line in path.read_text().splitlines():
        if line.startswith("#"):
            heads.setdefault(line.split()[2], []).append(line)
        else:
            samples.setdefault(line.split("{")[0], []).append(line)
text = "".join("\n".join(dict.fromkeys(heads[name])) + "\n" + "\n".join(samples.get(name, [])) + "\n" for name in heads)
folder.joinpath("metrics.txt").write_text(text)
PYTHON
check "promtool check metrics: both together" lint "$scratch/metrics.txt"
exporter=$(free_port)
python3 -m http.server --bind 127.0.0.1 --directory "$scratch" "$exporter" >/dev/null 2>&1 &
started+=($!)
port=$(free_port)
cat >"$scratch/prometheus.yml" <<YAML
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [$PWD/docs/examples/prometheus-rules.yml]
scrape_configs:
  - job_name: ruta
    metrics_path: /metrics.txt
    static_configs: [{targets: ["127.0.0.1:$exporter"]}]
YAML
prometheus --config.file="$scratch/prometheus.yml" --storage.tsdb.path="$scratch/data" \
    --web.listen-address="127.0.0.1:$port" >"$scratch/prometheus.log" 2>&1 &
started+=($!)

ask() {
    python3 - "http://127.0.0.1:$port" "$1" "$2" <<'PYTHON'
import json, sys, time, urllib.parse, urllib.request

base, query, wanted = sys.argv[1:]
for _ in range(60):
    try:
        with urllib.request.urlopen(f"{base}/api/v1/query?" + urllib.parse.urlencode({"query": query})) as answer:
            rows = json.load(answer)["data"]["result"]
        seen = sorted("{} {}".format(row["metric"].get("cause", row["metric"].get("model", "")), row["value"][1]) for row in rows)
        if ", ".join(seen) == wanted:
            sys.exit(0)
    except OSError:
        seen = "no answer yet"
    time.sleep(0.5)
sys.exit(f"{query}: {seen} instead of {wanted}")
PYTHON
}
check "Prometheus has both connections" ask 'count by (model) (ruta_connection_up)' 'gpt-5.5"\x 2'
check "Prometheus knows the cause of the broken one" \
    ask 'ruta_connection_cause * on (connection) group_left () (ruta_connection_up == bool 0) == 1' 'no-credits 1'
check "the alert names the cause" ask 'ALERTS{alertname="AiConnectionBroken"}' 'no-credits 1'

counted
