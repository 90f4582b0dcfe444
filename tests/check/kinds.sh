#!/bin/bash
# kinds.sh BUILD: each kind of probe has its page in docs/kinds and its row in docs/site.md, and what stands there of its options is
# what the program has.
#
# UPDATE=1 writes both, between their marks.
set -u
cd "$(dirname "$0")/../.." || exit 1
engine=$1/trucban-engine
bad=0
say() { echo "$1"; bad=1; }
new=$(mktemp)
trap 'rm -f "$new"' EXIT

# between PAGE MARK TEXT: what stands between <!-- MARK --> and <!-- /MARK --> is TEXT
between() {
    if ! grep -qx "<!-- $2 -->" "$1" || ! grep -qx "<!-- /$2 -->" "$1"; then
        say "$1: the lines <!-- $2 --> and <!-- /$2 --> are missing"
        return
    fi
    text=$3 awk -v from="<!-- $2 -->" -v to="<!-- /$2 -->" '
        $0 == to { inside = 0 }
        !inside { print }
        $0 == from { inside = 1; print ENVIRON["text"] }' "$1" >"$new"
    cmp -s "$new" "$1" && return
    if [ "${UPDATE:-0}" = 1 ]; then
        cp "$new" "$1"
    else
        say "$1: not what the program has (UPDATE=1 tests/check/kinds.sh BUILD writes it)"
    fi
}

list=$("$engine" manual kinds)
kinds=$(sed 's/^| \[`\([a-z]*\)`.*/\1/' <<<"$list")
between docs/site.md kinds "| kind | what it does |
|---|---|
$list"
for kind in $kinds; do
    if [ -f "docs/kinds/$kind.md" ]; then
        between "docs/kinds/$kind.md" options "$("$engine" manual "$kind")"
    else
        say "docs/kinds/$kind.md: there is no page of this kind"
    fi
done
for page in docs/kinds/*.md; do
    grep -qx -- "$(basename "$page" .md)" <<<"$kinds" || say "$page: no kind is called so"
done
exit $bad
