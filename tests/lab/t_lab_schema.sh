#!/bin/bash
# `site schema` in the hands of a validator that is not ours: the shipped sites and the examples of the documents pass, and
# what it finds in the bad files is what the engine finds there, at the same place.
. "$(dirname "$0")/lib.sh"
need python3
python3 -c 'import jsonschema' 2>/dev/null || { echo "python3-jsonschema is not installed"; exit 77; }
"$TRUCBAN_ENGINE" site schema >"$TMP/schema.json" || give_up "site schema"
judge() { (cd "$REPO" && python3 tests/lab/schema.py "$TMP/schema.json" "$@"); }
check "it is a schema of draft 2020-12" judge

# --- good ones ------------------------------------------------------------------------------------------
good=$(cd "$REPO" && ls sites/*/*.json tests/site/good*.json tests/site/overlay*.json)
out=$(judge $good | grep -v '^ok ')
same "the shipped sites and the good ones pass" "" "$out"
awk -v dir="$TMP" '/^    \{ "\$schema"/ { inside = 1; n++ } inside && !/^    / { inside = 0; close(dir "/example-" n ".json") }
    inside { print > (dir "/example-" n ".json") } END { print n }' "$REPO/README.md" "$REPO/docs/site.md" >"$TMP/n"
[ "$(cat "$TMP/n")" -ge 1 ] && same "so do the examples of the documents" "" "$(judge "$TMP"/example-*.json | grep -v '^ok ')"

# --- bad ones -------------------------------------------------------------------------------------------
# What no schema can know: ids met twice, circles, depth, another file, a key written twice.
beyond="bad-deep bad-duplicate bad-duplicate-more bad-include-a bad-include-b bad-json-key bad-parents bad-proof"
n_told=0 n_seen=0 false_alarms=
for file in "$REPO"/tests/site/bad-*.json; do
    name=${file##*/} name=${name%.json}
    (cd "$REPO" && "$TRUCBAN_ENGINE" site check "tests/site/$name.json" 2>&1) |
        sed -n "s,^tests/site/$name.json: \(/[^ ]*\): .*,\1,p" | sort -u >"$TMP/told"
    judge "tests/site/$name.json" >"$TMP/seen"
    if [[ " $beyond " == *" $name "* ]]; then
        same "$name: beyond a schema" "ok tests/site/$name.json" "$(cat "$TMP/seen")"
        continue
    fi
    grep -q '^ok ' "$TMP/seen" && fail "$name: something is wrong with it" || ok "$name: something is wrong with it"
    while read -r _ place; do
        [ "$place" = - ] && continue
        if grep -qxF -- "$place" "$TMP/told" || grep -qF -- "$place/" "$TMP/told"; then
            n_seen=$((n_seen + 1))
        else # the same mistake one level up: a missing key, an alternative that none fits
            grep -qxF -- "${place%/*}" "$TMP/told" || false_alarms="$false_alarms $name:$place"
        fi
    done <"$TMP/seen"
    n_told=$((n_told + $(wc -l <"$TMP/told")))
done
# The engine does not look into a target whose id is no name.
same "it finds nothing that the engine does not" "" "${false_alarms/ bad-values:\/targets\/1\/checks/}"
[ $n_seen -ge $((n_told / 3)) ] && ok "and much of what the engine does" || fail "and much of what the engine does" "$n_seen of $n_told places"
echo "places with a mistake: $n_told, seen by the schema: $n_seen"
finish
