#!/bin/bash
# The kind sms through a real Kannel and a real SMPP exchange: receipts of our own operator brought by Kannel's dlr-url to a
# script that runs `trucban submit`, or looked for on a page; healthy, slow, wrong, dead.
. "$(dirname "$0")/lib.sh"
need kannel
up kannel
ASKER=$BUILD/tests/asker DLR=$((LAB_PORT + 45)) HEARD=$TMP/heard
: >"$HEARD"
echo lab >"$TMP/secret" && chmod 600 "$TMP/secret"
# What docs/kinds/sms.md shows, started by a web server of one command instead of systemd; it is a page of receipts, too.
cat >"$TMP/dlr" <<'J'
#!/bin/bash
echo "$3" >>"$2"
case $3 in
/page*) key=${3#*key=} && grep -q "/?key=$key&d=1" "$2" && { echo '{"status":"DELIVRD"}'; exit; }
    exit 44 ;;
esac
[[ $3 =~ key=([A-Z0-9]{12})\&d=([0-9]+) ]] && [ ! -e "$2.mute" ] && case ${BASH_REMATCH[2]} in
    1)  "$TRUCBAN" submit sms/brought OK "delivered" --key "${BASH_REMATCH[1]}" --socket "$1" >>"$2.said" 2>&1 ;;
    2 | 16) "$TRUCBAN" submit sms/brought CRITICAL "the carrier refuses it" --key "${BASH_REMATCH[1]}" --socket "$1" >>"$2.said" 2>&1 ;;
esac
exit 0
J
chmod 755 "$TMP/dlr"
"$BUILD/tests/webd" "$KANNEL_IP" "$DLR" "$TMP/dlr" "$SOCK" "$HEARD" &
KIDS+=($!)
until_ok 5 listens "$KANNEL_IP" "$DLR" || give_up "the script of the receipts listens"

way() { # way ID MORE
    echo "{ \"id\": \"$1\", \"probe\": \"sms\", \"url\": \"http://$KANNEL_IP:$KANNEL_SEND/cgi-bin/sendsms\", \"user\": \"lab\", \"interval\": \"10m\",
    \"password\": { \"file\": \"$TMP/secret\" }, \"to\": \"0912345678\", \"fields\": { \"smsc\": \"VIETTEL\" }, \"late\": \"1500ms\", \"deadline\": \"8s\",
    \"dlr_url\": \"http://$KANNEL_IP:$DLR/?key={key}&d=%d\", \"attempts\": 1, \"ok_confirm\": 1 $2 }"
}
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1", "site": { "id": "sms", "name": "SMS", "language": "en", "timezone": "Asia/Ho_Chi_Minh" }, "store": "sqlite:sms.db",
  "defaults": { "timeout": "2s" },
  "targets": [ { "id": "sms", "kind": "channel", "address": "$KANNEL_IP", "checks": [ $(way brought ""),
    $(way asked ", \"receipt\": { \"url\": \"http://$KANNEL_IP:$DLR/page?key={key}\", \"delivered\": { \"/status\": \"DELIVRD\" }, \"every\": \"500ms\" }") ] } ] }
J
check "the site is well" trucban site check "$SITE"
engine_start || give_up "the engine starts"

events() { at journal --json | jq -c "select(.kind == \"$1\")"; }
count() { events "$1" | wc -l; }
key() { events proof.sending | jq -r "select(.subject == \"sms/${1:-brought}\") | .body.key" | tail -n 1; }
results() { at status --json | jq -r --arg c "sms/$1" '.targets[].checks[] | select(.check == $c) | .at'; }
# prove CHECK: a message now; waits for its end, prints "STATE sentence"
prove() {
    local before
    before=$(results "$1")
    echo "{\"request\":\"probe\",\"args\":{\"check\":\"sms/$1\"}}" | "$ASKER" "$SOCK" >/dev/null
    until_ok 20 eval '[ "$(results '"$1"')" != "'"$before"'" ]' || echo "no end within 20 s"
    at status --json | jq -r --arg c "sms/$1" '.targets[].checks[] | select(.check == $c) | .state + " " + .summary'
}
like() { # like NAME PATTERN GOT
    # shellcheck disable=SC2053
    if [[ $3 == $2 ]]; then ok "$1"; else fail "$1" "expected: $2" "got:      $3" "heard: $(tail -n 3 "$HEARD" "$HEARD.said" 2>&1)"; fi
}
on_the_air() { kannel texts VIETTEL | wc -l; } # messages that reached the operator

# --- healthy -----------------------------------------------------------------------------------------------------
like "a receipt is brought" "OK arrived after *" "$(prove brought)"
like "a receipt is looked for" "OK arrived after *" "$(prove asked)"
same "one message each" 2 "$(on_the_air)"
same "the text holds the key of the journal" "trucban $(key asked)" "$(kannel texts VIETTEL | tail -n 1 | sed 's/.* //' | xxd -r -p)"
same "the number is masked" 0 "$( (at status --json; at journal --json; cat "$TMP/engine.log") | grep -c 0912345678)"

# --- slow, wrong -------------------------------------------------------------------------------------------------
kannel link VIETTEL slow
like "a receipt that takes its time" "WARNING arrived late: after *expected within 1.5s" "$(prove brought)"
kannel link VIETTEL faildlr
like "the operator could not deliver it" "CRITICAL not delivered: the carrier refuses it" "$(prove brought)"
kannel link VIETTEL nodlr
like "a receipt that never comes" "CRITICAL taken for delivery, but not arrived within 8s" "$(prove brought)"
late=$(key)
at submit sms/brought OK "delivered" --key "$late" >"$TMP/out" 2>&1
has "afterwards it does not count" "comes after its deadline and does not count" "$(cat "$TMP/out")"
at submit sms/asked OK "delivered" --key "$late" >"$TMP/out" 2>&1
has "nor for another check" "is one of sms/brought, not of sms/asked" "$(cat "$TMP/out")"
at submit sms/brought OK "delivered" --key AAAAAAAAAAAA >"$TMP/out" 2>&1
has "nor one of a message that nobody sent" "no message with the key AAAAAAAAAAAA was sent" "$(cat "$TMP/out")"
at submit sms/brought OK "delivered" >"$TMP/out" 2>&1
has "nor without a key" "--key has to say" "$(cat "$TMP/out")"
like "nothing of that made it green" "CRITICAL *" "$(state_of sms/brought)"
kannel link VIETTEL ok
like "well again" "OK arrived after *" "$(prove brought)"
at submit sms/brought OK "delivered" --key "$(key)" >"$TMP/out" 2>&1
same "the same receipt twice is no mistake" 0 $?

# --- the link is gone: Kannel keeps the message, and brings it when nobody waits any more ----------------------------
kannel link VIETTEL down
until_ok 15 eval '! kannel status | grep -A6 VIETTEL | grep -q "<status>online"'
before=$(on_the_air)
like "the link is gone" "CRITICAL taken for delivery, but not arrived within 8s" "$(prove brought)"
kannel link VIETTEL up
check "it leaves when the link is back" until_ok 30 eval "[ \"\$(on_the_air)\" -gt $before ]"
check "its receipt is heard and refused" until_ok 15 grep -q "comes after its deadline" "$HEARD.said"
like "and nothing is green by it" "CRITICAL *" "$(state_of sms/brought)"

# --- dead --------------------------------------------------------------------------------------------------------
sent=$(on_the_air)
kannel freeze smsbox
like "a frozen gateway: it may have it" "CRITICAL not arrived within 8s; it may not have left: no answer within 2 s" "$(prove brought)"
kannel thaw smsbox
sleep 1 # whether it takes the message up now that we have gone is its affair
check "and it was sent once at most" test "$(on_the_air)" -le $((sent + 1))
kannel stop smsbox
like "a dead gateway, after three tries" "CRITICAL connection refused" "$(prove brought)"
same "with one key" 3 "$(at status --json | jq '.targets[].checks[] | select(.check == "sms/brought") | .metrics[] | select(.name == "tries") | .value')"
echo wrong >"$TMP/secret"
kannel start smsbox
kill -HUP "$ENGINE_PID"
until_ok 10 eval "[ \"\$(at journal --json | grep -c config.loaded)\" -ge 2 ]" || fail "the site file is read again"
like "a wrong password is its word" "CRITICAL the gateway refuses …678: Authorization failed*" "$(prove brought)"
same "each key left at most once" "" "$(kannel texts VIETTEL | sort | uniq -d)"
engine_stop
finish
