#!/bin/bash
# A whole engine that proves an SMS gateway: killed at each failpoint around sending, at a gateway that falls silent and while the
# receipt is awaited; started again it takes over what is under way and sends nothing twice.  The gateway counts.
. "$(dirname "$0")/lib.sh"
ASKER=$BUILD/tests/asker GOT=$TMP/got ARM=$TMP/arm
: >"$GOT"
cat >"$TMP/gateway" <<'J'
#!/bin/bash
# gateway GOT PATH: takes messages, has their receipts; "silent" takes and is gone, "busy" refuses, "deaf" has no receipts
key=${2#*key=} key=${key%%[!A-Z0-9]*}
case $2 in
/receipt*) [ ! -e "$1.deaf" ] && grep -q "^$key$" "$1" && { echo '{"status":"DELIVRD"}'; exit; }
    exit 44 ;;
*) [ -e "$1.busy" ] && { rm "$1.busy"; echo "too many"; exit 1; }
    echo "$key" >>"$1"
    [ -e "$1.silent" ] && kill -KILL $$
    echo "0: Accepted for delivery" ;;
esac
J
chmod 755 "$TMP/gateway"
"$BUILD/tests/webd" "$NET.1" "$PORT" "$TMP/gateway" "$GOT" &
KIDS+=($!)
echo pw >"$TMP/secret" && chmod 600 "$TMP/secret"
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1", "site": { "id": "sms", "name": "SMS", "language": "en", "timezone": "Asia/Ho_Chi_Minh" }, "store": "sqlite:sms.db",
  "defaults": { "timeout": "1s" },
  "targets": [ { "id": "sms", "kind": "channel", "address": "$NET.1", "checks": [ { "id": "delivery", "probe": "sms", "interval": "10m", "attempts": 1, "ok_confirm": 1,
    "url": "http://$NET.1:$PORT/send", "user": "duty", "password": { "file": "$TMP/secret" }, "to": "0912345678", "fields": { "key": "{key}" }, "late": "0s", "deadline": "4s",
    "receipt": { "url": "http://$NET.1:$PORT/receipt?key={key}", "delivered": { "/status": "DELIVRD" }, "every": "200ms" } } ] } ] }
J
check "the site is well" trucban site check "$SITE"

events() { at journal --json | jq -c "select(.kind == \"$1\")"; }
keys() { events proof.sending | jq -r .body.key | sort; }
result_at() { at status --json | jq -r '.targets[].checks[] | select(.check == "sms/delivery") | .at'; }
ask() { echo '{"request":"probe","args":{"check":"sms/delivery"}}' | "$ASKER" "$SOCK" >/dev/null 2>&1; }
# prove: one run, to its end
prove() {
    local before
    before=$(result_at)
    ask
    until_ok 20 eval '[ "$(result_at)" != "'"$before"'" ]'
}
open_ones() { comm -23 <(keys) <({ events proof.arrived; events proof.ended; } | jq -r .body.key | sort); }

engine_start || give_up "the engine starts"
check "a message arrives" prove
same "and is OK" "OK hard" "$(state_of sms/delivery)"
engine_stop || give_up "the engine ends"
crashes=0
# crash NAME FAILPOINT: killed there, then started again and asked once more
crash() {
    touch "$ARM"
    export FP="$2:kill9@$ARM"
    # a commit at the start is none of a message: armed when that is over
    [[ $2 == store.* || $2 == journal.* ]] && rm "$ARM"
    engine_start || fail "$1: the engine starts"
    touch "$ARM"
    ask
    if until_ok 15 gone "$ENGINE_PID"; then crashes=$((crashes + 1)); else fail "$1: killed at $2"; fi
    rm -f "$ARM"
    unset FP
    engine_start && prove || fail "$1: afterwards" "$(words_of sms/delivery)"
    engine_stop
}
for fp in proof.intent journal.append store.inserted store.before_commit store.after_commit proof.intended proof.sending proof.sent proof.ended; do
    crash "a crash" $fp
done
engine_start
touch "$GOT.silent"
ask
n=$(wc -l <"$GOT")
until_ok 10 eval "[ \$(wc -l <\"$GOT\") -gt $n ]"
engine_stop KILL && crashes=$((crashes + 1))
rm "$GOT.silent"
engine_start && prove
same "cut off while the gateway was silent: it had it, and its receipt counts" "OK hard" "$(state_of sms/delivery)"
touch "$GOT.deaf"
ask
n=$(wc -l <"$GOT")
until_ok 10 eval "[ \$(wc -l <\"$GOT\") -gt $n ]"
engine_stop KILL && crashes=$((crashes + 1))
rm "$GOT.deaf"
engine_start && prove
same "killed while it waited: the next run takes over" "OK hard" "$(state_of sms/delivery)"
touch "$GOT.busy"
check "one that is told 'too many' is asked again" prove
same "under the same key" "OK hard" "$(state_of sms/delivery)"

same "eleven crashes" 11 "$crashes"
same "no key left twice" "" "$(sort "$GOT" | uniq -d)"
same "none that the journal does not know" "" "$(sort "$GOT" | comm -23 - <(keys))"
same "each has its end" "" "$(open_ones)"
same "nothing that arrived is called anything else" "" "$(events proof.ended | jq -r 'select(.body.what == "refused" or .body.what == "lost") | .body.key' | sort | comm -12 - <(sort "$GOT"))"
check "the chain holds" at journal --verify
same "the number is in no file of ours" "" "$(grep -rlF 0912345678 "$STATE" "$TMP/engine.log" 2>/dev/null)"
engine_stop
finish
