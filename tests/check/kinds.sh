#!/bin/bash
# kinds.sh BUILD: each kind of probe has its page in docs/kinds, and the options there are those that it has.
#
# UPDATE=1 writes the options into the pages, between their two marks.
set -u
cd "$(dirname "$0")/../.." || exit 1
engine=$1/trucban-engine
bad=0
say() { echo "$1"; bad=1; }

new=$(mktemp)
trap 'rm -f "$new"' EXIT
for kind in $("$engine" manual kinds); do
    page=docs/kinds/$kind.md
    [ -f "$page" ] || { say "$page: there is no page of this kind"; continue; }
    if ! grep -qx '<!-- options -->' "$page" || ! grep -qx '<!-- /options -->' "$page"; then
        say "$page: the lines <!-- options --> and <!-- /options --> are missing"
        continue
    fi
    options=$("$engine" manual "$kind") awk '
        $0 == "<!-- /options -->" { inside = 0 }
        !inside { print }
        $0 == "<!-- options -->" { inside = 1; print ENVIRON["options"] }' "$page" >"$new"
    cmp -s "$new" "$page" && continue
    if [ "${UPDATE:-0}" = 1 ]; then
        cp "$new" "$page"
    else
        say "$page: other options than the program has (UPDATE=1 tests/check/kinds.sh $1 writes them)"
    fi
done
for page in docs/kinds/*.md; do
    "$engine" manual kinds | grep -qx -- "$(basename "$page" .md)" || say "$page: no kind is called so"
done
exit $bad
