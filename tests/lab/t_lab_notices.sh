#!/bin/bash
# Receivers that are real: Postfix, Kannel with a telephone behind it, Alertmanager, a program: each notice is read at the far
# end, each refusal is theirs.
. "$(dirname "$0")/lib.sh"
need postfix kannel alertmanager
up postfix kannel alertmanager
umask 077
echo lab >"$TMP/password"
echo hush-hush-4711 >"$TMP/wrong"
umask 022
printf '#!/bin/sh\ncat >>%s/told\n' "$TMP" >"$TMP/tell"
chmod 755 "$TMP/tell"
mail="\"kind\": \"mail\", \"host\": \"$MAIL_IP\", \"port\": $MAIL_PORT, \"ca_file\": \"$MAIL_CA\", \"user\": \"lab@mail.lab\", \"from\": \"desk@mail.lab\", \"to\": [ \"l1@example.test\", \"l2@example.test\" ]"
sms="\"kind\": \"sms\", \"url\": \"http://$KANNEL_IP:$KANNEL_SEND/cgi-bin/sendsms\", \"user\": \"lab\", \"from\": \"DESK\", \"to\": [ \"0912345678\" ], \"parameters\": { \"smsc\": \"VIETTEL\" }"
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1", "site": { "id": "lab", "name": "Lab", "language": "vi" },
  "targets": [ { "id": "web-01", "kind": "server", "checks": [ { "id": "http", "probe": "passive", "priority": "P2" } ] } ],
  "receivers": [
    { "id": "mail", $mail, "password": { "file": "$TMP/password" } },
    { "id": "mail-wrong", $mail, "password": { "file": "$TMP/wrong" } },
    { "id": "sms", $sms, "password": { "file": "$TMP/password" } },
    { "id": "sms-ascii", $sms, "password": { "file": "$TMP/password" }, "coding": "ascii" },
    { "id": "sms-wrong", $sms, "password": { "file": "$TMP/wrong" } },
    { "id": "alerts", "kind": "alertmanager", "urls": [ "http://$ALERTS_IP:$ALERTS_PORT" ], "timeout": "2s" },
    { "id": "program", "kind": "command", "command": [ "$TMP/tell" ] } ] }
J
tell() { "$BUILD/tests/tellone" "$SITE" "$@"; } # tell RECEIVER WHAT KEY
mails() { postfix mails 2>/dev/null; }

# --- mail --------------------------------------------------------------------------------------------------------
same "Postfix takes the mail, after STARTTLS and a login" taken "$(tell mail problem 00000000000000a1)"
until_ok 20 eval 'mails | grep -q 00000000000000a1' && ok "it arrives" || fail "it arrives" "$(postfix queued) in the queue"
has "known by its key" "Message-ID: <00000000000000a1.mail@mail.lab>" "$(mails | tr -d '\r')"
has "in Vietnamese, unharmed" "cổng dịch vụ công không trả lời" \
    "$(mails | python3 -c 'import email, sys; print(email.message_from_string(sys.stdin.read().split("\n\n", 0)[0]).get_payload(decode=True).decode())')"
has "to both" "X-Rcpt-Args: <l2@example.test>" "$(mails)"
has "a wrong password, in Postfix's words" "failed for good: login refused: 535 5.7.8 " "$(tell mail-wrong problem 00000000000000a2)"

# --- SMS ------------------------------------------------------------------------------------------------------------
same "Kannel takes the message" taken "$(tell sms problem 00000000000000b1)"
until_ok 10 kannel texts VIETTEL && ok "the telephone gets it" || fail "the telephone gets it" "$(kannel status | grep -c online)"
text=$(kannel texts VIETTEL | tail -n 1)
same "in UCS-2, at most 70 characters" "0912345678 8 yes" "$(read -r _ to coding hex <<<"$text"; echo "$to $coding $([ ${#hex} -le 280 ] && echo yes)")"
has "its words" "web-01/http" "$(xxd -r -p <<<"${text##* }" | iconv -f UCS-2BE -t UTF-8)"
same "without diacritics" taken "$(tell sms-ascii problem 00000000000000b2)"
until_ok 10 eval '[ "$(kannel texts VIETTEL | wc -l)" = 2 ]'
has "plain letters" "cong dich vu cong khong tra loi" "$(xxd -r -p <<<"$(kannel texts VIETTEL | tail -n 1 | sed 's/.* //')")"
same "a wrong password, in Kannel's words" "failed for good: the gateway refuses …678: Authorization failed for sendsms" \
    "$(tell sms-wrong problem 00000000000000b3)"

# --- Alertmanager ---------------------------------------------------------------------------------------------------
same "Alertmanager takes the alert" taken "$(tell alerts problem 00000000000000c1)"
has "and has it firing" '"http web-01 P2 lab active"' \
    "$(alertmanager alerts | jq '.[] | "\(.labels.alertname) \(.labels.target) \(.labels.priority) \(.labels.site) \(.status.state)"')"
same "it takes the end" taken "$(tell alerts recovery 00000000000000c2)"
until_ok 5 eval '[ "$(alertmanager alerts)" = "[]" ]' && ok "and the alert is resolved" || fail "and the alert is resolved" "$(alertmanager alerts)"
alertmanager freeze
same "one that hangs ends by a timeout" "failed for now: no answer within 2 s" "$(tell alerts problem 00000000000000c3)"
alertmanager thaw

# --- a program, and all of it by the command ------------------------------------------------------------------------
same "the program takes the notice" taken "$(tell program problem 00000000000000d1)"
same "as a document" "trucban/notice/1 web-01/http" "$(jq -r '.schema + " " + .alerts[0].check' "$TMP/told")"
engine_start
for r in mail sms alerts program; do check "notify test $r" at notify test $r; done
until_ok 20 eval 'mails | grep -q "X-Trucban-Notice: test"' && ok "the test mail arrives" || fail "the test mail arrives"
has "Alertmanager has the test" TrucbanTest "$(alertmanager alerts)"
out=$(at notify test sms-wrong --lang en 2>&1)
same "one that is refused: its words and its exit status" "74 trucban notify: sms-wrong: the gateway refuses …678: Authorization failed for sendsms" "$? $out"
until_ok 10 is_state notify-sms-wrong/delivery "CRITICAL hard" && ok "its row is CRITICAL" || fail "its row is CRITICAL" "$(state_of notify-sms-wrong/delivery)"
same "the others are well" "OK OK OK OK" "$(at notify list --json | jq -r '[.receivers[] | select(.id | IN("mail", "sms", "alerts", "program")) | .state] | join(" ")')"
at status --json >"$TMP/all" && at alerts --json >>"$TMP/all" && at journal --json >>"$TMP/all" && at notify list --json >>"$TMP/all"
engine_stop
same "and nowhere is a password" "" "$(grep -rlF hush-hush-4711 "$STATE" "$TMP/all" "$TMP/engine.log" 2>/dev/null)"
finish
