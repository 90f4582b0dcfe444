#!/bin/bash
# words.sh BUILD: every sentence that can be shown has its translation.
set -u
cd "$(dirname "$0")/../.." || exit 1
out=$1/check
mkdir -p "$out"
bad=0
git ls-files -co --exclude-standard -- 'core/*.[ch]' 'engine/*.[ch]' 'probes/*.[ch]' 'widgets/*.[ch]' 'tui/*.[ch]' |
    while read -r f; do [ -f "$f" ] && echo "$f"; done |
    xgettext --from-code=UTF-8 -k_ -kN_ -L C -o "$out/trucban.pot" -f - || exit 1
for po in tui/po/*.po; do
    [ -f "$po" ] || { echo "tui/po: no translation at all"; exit 1; }
    msgfmt -c -o /dev/null "$po" 2>"$out/msgs" || { cat "$out/msgs"; bad=1; }
    # Missing, fuzzy or empty: said with the place where the sentence stands.
    if ! msgcmp "$po" "$out/trucban.pot" >"$out/msgs" 2>&1; then
        cat "$out/msgs"
        bad=1
    fi
    # Places for arguments must be the same on both sides.
    msgattrib --no-obsolete --no-wrap "$po" | awk -v po="$po" '
        /^msgid "/ { id = $0 } /^msgstr "/ {
            for (i = 0; i < 10; i++) {
                p = "{" i "}"
                if ((index(id, p) > 0) != (index($0, p) > 0) && $0 != "msgstr \"\"" && id != "msgid \"\"") {
                    print po ": " p " on one side only: " id; bad = 1 } } }
        END { exit bad }' || bad=1
done
exit $bad
