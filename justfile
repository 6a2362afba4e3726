# Recipes for people; CI runs .ci/run, which uses the short forms of the same things.

# Opens the workstation on a desk of its own.
demo *ARGS:
    cargo demo {{ARGS}}

# Everything `.ci/run` checks before the tests.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
    cargo deny check licenses bans sources

# What README says.
test:
    cargo test --workspace

# The demo script, as CI runs it.
script:
    cargo demo --script tests/scripts/demo.turret --seed 7

# A hundred kills of the server under load, the simulator some of those times.
crash-loop CYCLES="100" SEED="1":
    TURRET_CRASH_CYCLES={{CYCLES}} TURRET_CRASH_SEED={{SEED}} cargo test --release -p turret-tests --test crash_loop -- --nocapture

# Every key changed while a thousand orders a second flow.
keys-under-load:
    cargo test --release -p turret-tests --test keys_under_load -- --ignored --nocapture

# Speed and memory, with yardsticks in the same run; --postgres URL adds PostgreSQL.
load *ARGS:
    cargo run --release -p turret-tests --bin load -- {{ARGS}}

# README's picture, from the program's own cells.
picture:
    cargo run --quiet -p turret-tests --bin picture > docs/blotter.svg
