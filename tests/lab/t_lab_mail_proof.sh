#!/bin/bash
# The kind mail on real ones: a mail through Postfix into Dovecot's mailbox and out of it again: healthy, late, held back, wrong
# password, mailbox full, dead; and how many mails wait in Postfix' queue.
. "$(dirname "$0")/lib.sh"
need postfix dovecot jq
up postfix dovecot
umask 077
echo lab >"$TMP/password"
echo hush-hush-0815 >"$TMP/wrong"
umask 022
smtp="\"host\": \"$MAIL_IP\", \"port\": $MAIL_PORT, \"ca_file\": \"$MAIL_CA\", \"user\": \"lab@mail.lab\", \"password\": { \"file\": \"$TMP/password\" }"
imap="\"host\": \"$IMAP_IP\", \"ca_file\": \"$IMAP_CA\", \"user\": \"proof\""
tls="$imap, \"port\": $IMAP_TLS_PORT" right="\"password\": { \"file\": \"$TMP/password\" }"
common="\"probe\": \"mail\", \"timeout\": \"2s\", \"attempts\": 1, \"ok_confirm\": 1, \"daily\": 6000, \"from\": \"trucban@mail.lab\", \"to\": \"proof@box.lab\", \"smtp\": { $smtp }"
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1", "site": { "id": "lab", "name": "Lab" },
  "targets": [ { "id": "box", "kind": "channel", "checks": [
    { "id": "delivery", $common, "interval": "15s", "every": "200ms", "late": "3s", "deadline": "4s", "imap": { $tls, $right } },
    { "id": "late", $common, "interval": "15s", "every": "1500ms", "late": "1s", "deadline": "5s",
      "imap": { $imap, "port": $IMAP_PORT, "starttls": "required", $right } },
    { "id": "wrong", $common, "interval": "15s", "deadline": "4s", "late": "3s", "imap": { $tls, "password": { "file": "$TMP/wrong" } } } ] } ] }
J
says() { [[ $(words_of "$1") == $2 ]]; } # says CHECK PATTERN
will_say() { # will_say WHAT CHECK PATTERN [SECONDS]
    if until_ok "${4:-40}" says "$2" "$3"; then ok "$1"; else fail "$1" "expected: $3" "got:      $(words_of "$2")"; fi
}
figure() { at status --json | jq -r --arg c "box/$1" --arg m "$2" '.targets[].checks[] | select(.check == $c) | [.metrics[]? | select(.name == $m) | .value][0] // "none"'; }

dovecot put "X-Trucban-Proof: lab/other/delivery ABCDEFGHJKLM"
dovecot put "X-Trucban-Proof: lab/box/delivery2 ABCDEFGHJKLM"
dovecot put "X-Other: lab/box/delivery ABCDEFGHJKLM"
engine_start || give_up "the engine starts" "$(tail -n 5 "$TMP/engine.log")"
will_say "a mail is sent, found, deleted" box/delivery "arrived after *"
same "and is OK" OK "$(state_of box/delivery | cut -d' ' -f1)"
will_say "over STARTTLS; what takes longer than it should" box/late "arrived late: after *, expected within 1s"
will_say "a wrong password, in Dovecot's words" box/wrong "login refused: NO \\[AUTHENTICATIONFAILED\\] Authentication failed."
is_left() { [ "$(dovecot mails)" -le 4 ]; } # three of others', and one perhaps on its way
until_ok 10 is_left && ok "only our own is deleted" || fail "only our own is deleted" "$(dovecot mails) mails"
has "the mailbox's clock is ours" 0 "$(figure delivery clock_off_s)"
[ "$(figure delivery mailbox_used_pct)" != none ] && ok "its quota is told" || fail "its quota is told" "$(at status --json)"
has "the journal has each" arrived "$(at journal --json)"

# --- held back: lost, and cleared away when it comes after all -----------------------------------------------------
postfix hold
will_say "a mail that is held back" box/delivery "taken for delivery, but not arrived within 4s"
postfix release
will_say "released, mails arrive again" box/delivery "arrived after *"
until_ok 40 is_left && ok "and those that came too late are cleared away" || fail "and those that came too late are cleared away" "$(dovecot mails) mails"

# --- full, dead, hanging ----------------------------------------------------------------------------------------------
dovecot fill
will_say "a mailbox that is full" box/delivery "the mailbox is full: 7?? of 512 KiB"
dovecot empty
dovecot stop
will_say "a dead mailbox" box/delivery "*refused"
dovecot start
dovecot freeze
will_say "one that hangs" box/delivery "*within 2 s"
dovecot thaw
will_say "it goes on, emptied" box/delivery "arrived after *"
postfix stop
will_say "a dead mail server" box/delivery "*refused*"
postfix start
will_say "it comes back" box/delivery "arrived after *"
at status --json >"$TMP/all" && at journal --json >>"$TMP/all"
engine_stop
same "no password is anywhere" "" "$(grep -rlF hush-hush-0815 "$STATE" "$TMP/all" "$TMP/engine.log" 2>/dev/null)"
out=$("$TRUCBAN" probe box/delivery --site "$SITE" --lang en 2>&1)
has "trucban probe looks, and sends nothing" "only an engine sends such a message" "$out"

# --- the queue -----------------------------------------------------------------------------------------------------------
# The script of docs/kinds/mail.md, beside a Postfix whose configuration is elsewhere.
sed -n '/^    #!\/bin\/bash/,/^$/p' "$REPO/docs/kinds/mail.md" | sed 's/^    //' | sed "s,postqueue -j,env LAB_DIR=$LAB_DIR LAB_NET=$LAB_NET LAB_PORT=$LAB_PORT PATH=$PATH $LAB/postfix.sh queue," >"$TMP/postqueue"
chmod 755 "$TMP/postqueue"
site_check exec "\"command\": [ \"$TMP/postqueue\" ]"
will_see "an empty queue" 20 "OK 0 queued"
same "has no oldest mail" 0 "$(metric oldest_s)"
postfix sink stop
postfix send 3
will_see "three mails wait" 20 "OK 3 queued"
same "counted" 3 "$(metric queue)"
finish
