#!/bin/bash
# Who may do what, by the accounts of the system: a viewer is refused in words and in the journal; a
# site file that grants the account a role, read again, lets it act, and takes it from root.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || { echo "needs root, to act as another account"; exit 77; }
command -v setpriv >/dev/null || { echo "setpriv is missing"; exit 77; }
other() { setpriv --reuid=65534 --regid=65534 --clear-groups "$TRUCBAN" "$1" --socket "$SOCK" "${@:2}" 2>&1; }
site_passive 2
engine_start || give_up "the engine starts"
chmod 711 "$TMP" && chmod 666 "$SOCK"
at submit t-1/in CRITICAL "disk gone" >/dev/null
at submit t-2/in CRITICAL "no route" >/dev/null
until_ok 5 is_open 2 || give_up "two alerts open"
id=$(alert_of t-1/in)

out=$(other ack "$id" -m "taking it")
same "a viewer is refused with 77" 77 $?
has "in words" "Not permitted. This action needs role l1 (you are viewer)." "$out"
has "but sees" "no route" "$(other alerts)"
refused() { at journal --json | jq -e 'select(.kind == "request.refused" and .actor.uid == 65534)'; }
check "the refusal is in the journal" until_ok 5 refused

jq '.roles = {"l1": ["'"$(id -nu 65534)"'"], "admin": ["nosuchaccount"]}' "$SITE" >"$SITE.new" && mv "$SITE.new" "$SITE"
has "site check notes who is not known here" 'no account "nosuchaccount"' "$(trucban site check "$SITE" 2>&1)"
kill -HUP "$ENGINE_PID"
has_role() { other ack "$id" -m "taking it"; }
check "with a role granted it acknowledges" until_ok 5 has_role
same "in its own name" "$(id -nu 65534)" "$(at alerts --json | jq -r ".alerts[] | select(.id == $id) | .ack.by")"
out=$(at ack "$(alert_of t-2/in)" -m "taking it" 2>&1)
same "root has no role of its own any more" 77 $?
has "and is told so" "(you are viewer)" "$out"
finish
