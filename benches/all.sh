#!/usr/bin/env bash
# Makes every table of docs/performance.md, and the picture docs/growth.svg, and puts them there.
#
#     benches/all.sh            # an hour and 7 GB, and it wants the machine for itself
#     benches/all.sh --quick    # a look at the floors: shorter rounds, smaller stores; nothing is put anywhere
#
# A table belongs under the heading it is printed with. What is printed beside tables is not kept.
set -euo pipefail

house=$(cd "$(dirname "$0")/.." && pwd)
tables=$(mktemp)
trap 'rm -f "$tables"' EXIT

main() {
    cd "$house"
    cargo bench --bench floors -- "$@" | tee -a "$tables"
    if [ "${1:-}" = --quick ]; then
        return
    fi
    cargo bench --bench growth -- --huge | tee -a "$tables"
    cargo bench --bench upcast | tee -a "$tables"
    cargo bench --bench personal | tee -a "$tables"
    benches/compile-time.sh | tee -a "$tables"
    (cd benches/compare && cargo run --release) | tee -a "$tables"
    fill docs/performance.md
}

# Replaces each table of the page whose heading has a new one.
fill() {
    awk '
        FNR == 1 { title = "" }
        /^#/ { title = $0; is_new = 1 }
        NR == FNR { if (/^\|/) made[title] = made[title] $0 "\n"; next }
        /^\|/ && title in made { if (is_new) printf "%s", made[title]; is_new = 0; next }
        { print }
    ' "$tables" "$1" > "$1.new"
    mv "$1.new" "$1"
}

main "$@"
