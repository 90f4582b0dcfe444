#!/bin/bash
# The main job on real input: fifty nginx servers, faults made on purpose, an operator who sees them,
# acknowledges from the keyboard, and finds everything again after the engine was killed.
. "$(dirname "$0")/lib.sh"
"$FARM" up || { echo "nginx cannot be run here"; exit 77; }
"$FARM" fault 3 slow=1 && "$FARM" fault 4 wrong && "$FARM" fault 5 refused && "$FARM" fault 6 502 &&
    "$FARM" fault 7 half && "$FARM" fault 8 hang && "$FARM" fault 9 body || give_up "faults can be made"
site_farm
check "the site file is right" trucban site check "$SITE"
engine_start || give_up "the engine starts"

# --- all fifty in their right state and sentence ----------------------------------------------
counted() {
    [ "$(at status --json | jq -c '[.targets[].state] | group_by(.) | map({(.[0]): length}) | add')" = \
        '{"CRITICAL":6,"OK":43,"WARNING":1}' ] && is_open 7
}
until_ok 20 counted || fail "six critical, one warning, 43 OK" "$(at status)"
ok "fifty servers have been asked"
same "a server that is well" "OK hard" "$(state_of s50/http)"
same "a slow one is a warning" "WARNING hard" "$(state_of s3/http)"
has "a wrong value is named" "/status is DOWN, expected UP" "$(words_of s4/http)"
has "a refused connection is named" "connection refused" "$(words_of s5/http)"
has "a wrong status is named" "HTTP 502, expected 200" "$(words_of s6/http)"
has "a reply cut short is named" "malformed JSON in the reply" "$(words_of s7/http)"
has "a hanging server is named" "within 2 s" "$(words_of s8/http)"
has "a page instead of JSON is named" "malformed JSON in the reply" "$(words_of s9/http)"
at status >/dev/null
same "status exits by the worst" 2 $?

# --- one is killed, seen, acknowledged by keys ---------------------------------------------------
"$FARM" heal all
until_ok 20 is_open 0 && ok "all healed, all alerts resolved" || fail "all healed, all alerts resolved" "$(at alerts)"
pty "killed, seen CRITICAL within seconds, acknowledged by keys" <<P
size 120x36
spawn $TRUCBAN --socket $SOCK --lang en
wait "Half A" 10
expect-fullscreen
wait-quiet 150
run "$FARM kill 17"
wait-re "s17.*connection refused" 8
wait-re "X.*s17/http" 3
key 6
wait-re "s17/http" 3
key a
wait-quiet 60
send "cable pulled, on my way"
key Enter
wait "acknowledged." 5
expect-clean
key q
expect-exit 0
expect-restored
P
until_ok 5 is_open 1
id=$(alert_of s17/http)
json() { at alerts --json | jq -c --argjson i "$id" '.alerts[] | select(.id == $i)'; }
before=$(json)
same "the comment is kept" "cable pulled, on my way" "$(jq -r .ack.comment <<<"$before")"
same "by whom is kept" "$(id -un)" "$(jq -r .ack.by <<<"$before")"
[[ $(jq -r .ack.until <<<"$before") == 20*T*Z ]] && ok "it has an end" || fail "it has an end" "$before"
at ack "$id" -m "me too" >"$TMP/out" 2>&1
same "a second acknowledgement is refused" 77 $?
has "and told who has it" "$(id -un)" "$(cat "$TMP/out")"
journal_before=$(at journal --json | jq -c 'select(.kind | startswith("alert."))')
[ -n "$journal_before" ] || fail "the journal has the alerts"

# --- SIGKILL, start again --------------------------------------------------------------------------
kill -KILL "$ENGINE_PID"
until_ok 5 gone "$ENGINE_PID"
at status >/dev/null 2>"$TMP/out"
same "without an engine status says so" 69 $?
engine_start || give_up "the engine starts again over the dead one's socket and lock"
after=$(json)
for f in id check phase priority ack opened_at notes; do
    same "after SIGKILL: $f" "$(jq -cS ".$f" <<<"$before")" "$(jq -cS ".$f" <<<"$after")"
done
same "after SIGKILL: the journal" "$journal_before" \
    "$(at journal --json | jq -c 'select(.kind | startswith("alert."))' | head -n "$(wc -l <<<"$journal_before")")"
check "the chain holds" at journal --verify
until_ok 15 is_state s17/http "CRITICAL hard" && is_open 1 &&
    ok "still one alert, not a second one" || fail "still one alert, not a second one" "$(at alerts)"
pty "the console finds it again" <<P
size 100x30
spawn $TRUCBAN --socket $SOCK --lang en
wait "Half A" 10
key 6
wait "s17/http" 5
key g Enter
wait "cable pulled" 5
key Esc
key q
expect-exit 0
P
"$FARM" heal 17
until_ok 15 is_open 0 && ok "healed: resolved" || fail "healed: resolved" "$(at alerts)"
check "the engine ends in good order" engine_stop
finish
