#!/usr/bin/env bash
# What deriving costs the compiler: 50 enums of 6 variants with `#[derive(VarveEvent)]`, beside the
# same enums with rkyv's own derives.
#
#     benches/compile-time.sh
#
# Two crates are generated in a temporary directory, and what they depend on is built before. Then
# each is touched and checked in turn, five times: as in development, with what the compiler kept of
# the last time; and from nothing. Prints a table of medians.
set -euo pipefail

ROUNDS=5
ENUMS=50
VARIANTS=6
FIELDS=(u64 String i32 "Option<String>" "Vec<u64>" bool f64 "Vec<String>" "[u8; 16]" "Option<u32>")

house=$(cd "$(dirname "$0")/.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export CARGO_TARGET_DIR="$place/target"

main() {
    make_workspace
    make_crate ours 'varvedb = { path = "'"$house"'/varvedb" }' ours_head
    make_crate rkyvs "$(rkyv_dependency)" rkyvs_head
    cargo check --quiet --manifest-path "$place/Cargo.toml"

    echo
    echo "### \`cargo check\` of $ENUMS enums x $VARIANTS variants (dependencies built before; nothing durable)"
    echo
    echo "| work | ours, s | rkyv's derives, s | ours : rkyv's |"
    echo "|---|---:|---:|---:|"
    compare "touched, incremental" 1
    compare "from nothing" 0
}

make_workspace() {
    mkdir -p "$place"/{ours,rkyvs}/src
    cp "$house/Cargo.lock" "$house/rust-toolchain.toml" "$place"
    printf '[workspace]\nresolver = "3"\nmembers = ["ours", "rkyvs"]\n' > "$place/Cargo.toml"
}

# The line of varvedb's own manifest: the same version with the same features, so that it is built once.
rkyv_dependency() {
    grep '^rkyv = ' "$house/varvedb/Cargo.toml"
}

make_crate() { # name dependency head-of-an-enum
    printf '[package]\nname = "%s"\nversion = "0.0.0"\nedition = "2024"\n\n[dependencies]\n%s\n' \
        "$1" "$2" > "$place/$1/Cargo.toml"
    for ((number = 0; number < ENUMS; number++)); do
        "$3" "$number"
        make_enum "$number"
    done > "$place/$1/src/lib.rs"
}

ours_head() { # number
    echo '#[derive(varvedb::VarveEvent)]'
    echo "#[varve(stream = \"kind_$1\")]"
}

rkyvs_head() { # number
    echo '#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]'
}

# Variants of 0 to 5 fields, whose types take turns.
make_enum() { # number
    local field=$1
    echo "pub enum Kind$1Event {"
    for ((variant = 0; variant < VARIANTS; variant++)); do
        echo "    Variant$variant {"
        for ((place_of_field = 0; place_of_field < variant; place_of_field++)); do
            echo "        field_$place_of_field: ${FIELDS[field++ % ${#FIELDS[@]}]},"
        done
        echo "    },"
    done
    echo "}"
}

compare() { # work incremental
    local ours=() rkyvs=()
    export CARGO_INCREMENTAL=$2
    check ours > "$place/warm-up"
    check rkyvs > "$place/warm-up"
    for ((round = 0; round < ROUNDS; round++)); do
        ours+=("$(check ours)")
        rkyvs+=("$(check rkyvs)")
    done
    awk -v work="$1" -v ours="$(median "${ours[@]}")" -v rkyvs="$(median "${rkyvs[@]}")" \
        'BEGIN { printf "| %s | %.2f | %.2f | %.2f |\n", work, ours, rkyvs, ours / rkyvs }'
}

# Seconds that it takes to check a crate whose source was touched.
check() { # crate
    local begun=$EPOCHREALTIME
    touch "$place/$1/src/lib.rs"
    cargo check --quiet --manifest-path "$place/$1/Cargo.toml"
    awk -v begun="$begun" -v ended="$EPOCHREALTIME" 'BEGIN { print ended - begun }'
}

median() { # figures
    printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"
}

main
