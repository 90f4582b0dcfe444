#!/bin/bash
# The kannel kind on a real Kannel: links that come and go, a dead one, queues, boxes, a wrong password that is never told.
. "$(dirname "$0")/lib.sh"
need kannel
up kannel
url="\"url\": \"http://$KANNEL_IP:$KANNEL_ADMIN\""
secret() { printf '%s\n' "$1" >"$TMP/secret" && chmod 600 "$TMP/secret"; }
secret stat
site_check kannel "$url, \"password\": { \"file\": \"$TMP/secret\" }, \"smscs\": [ \"VIETTEL\", \"MOBI\" ]"
will_see "both links are online" 15 "OK 2 of 2 links online"
same "which they are" "MOBI=online VIETTEL=online" "$(fact links | tr ' ' '\n' | sort | xargs)"
same "one box" 1 "$(metric boxes)"

# --- links ---------------------------------------------------------------------------------------------------
kannel link MOBI down
will_see "one link lost" 15 "WARNING 1 of 2 links online: MOBI is re-connecting"
kannel send MOBI 0912345678 "Xin chào" >/dev/null
will_see "what is sent there waits" 15 "WARNING *"
until_ok 15 eval 'look >/dev/null; [ "$(metric queue)" -ge 1 ]' && ok "and is counted" || fail "and is counted" "queue $(metric queue)"
kannel link MOBI nobind
kannel link MOBI up
will_see "a refused bind is a dead link" 20 "CRITICAL 1 of 2 links online: MOBI is dead"
kannel link VIETTEL down
will_see "no link at all" 15 "CRITICAL no link is online: MOBI is dead"
kannel link VIETTEL up
kannel link MOBI ok
curl -s "http://$KANNEL_IP:$KANNEL_ADMIN/start-smsc?password=adm&smsc=MOBI" >/dev/null
will_see "started again" 20 "OK 2 of 2 links online"
site_check kannel "$url, \"password\": { \"file\": \"$TMP/secret\" }, \"smscs\": [ \"VINA\" ]"
same "one that is not configured" "CRITICAL the link VINA is missing in Kannel" "$(look)"
site_check kannel "$url, \"password\": { \"file\": \"$TMP/secret\" }"

# --- the gateway ------------------------------------------------------------------------------------------------
curl -s "http://$KANNEL_IP:$KANNEL_ADMIN/suspend?password=adm" >/dev/null
same "suspended" "CRITICAL Kannel is suspended" "$(look)"
curl -s "http://$KANNEL_IP:$KANNEL_ADMIN/resume?password=adm" >/dev/null
kannel stop smsbox
will_see "its box is gone" 10 "CRITICAL no smsbox is connected: nothing can be sent"

# --- a wrong password: refused in words, told to nobody ---------------------------------------------------------
secret hush-hush-4711
LOOK_TIMEOUT=5s site_check kannel "$url, \"password\": { \"file\": \"$TMP/secret\" }"
same "a wrong password" "CRITICAL Kannel refuses the password" "$(look)"
engine_start
until_ok 20 eval '[ "$(words_of t/c)" = "Kannel refuses the password" ]' && ok "the engine says so" || fail "the engine says so" "$(words_of t/c)"
at status --json >"$TMP/told" && at alerts --json >>"$TMP/told" && at journal --json >>"$TMP/told"
kannel stop bearerbox
until_ok 20 eval '[ "$(words_of t/c)" = "connection refused" ]' && ok "and that it is gone" || fail "and that it is gone" "$(words_of t/c)"
at status --json >>"$TMP/told" && at journal --json >>"$TMP/told"
engine_stop
same "and nowhere is the password" "" "$(grep -rlF hush-hush-4711 "$STATE" "$TMP/told" "$TMP/look.json" "$TMP/look.err" 2>/dev/null)"
finish
