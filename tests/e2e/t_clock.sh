#!/bin/bash
# TI1: the wall clock is moved by an hour and by a day, both ways: nothing is polled more or less,
# nothing escalates, ends or grows stale; the journal says once each time that it was moved.
# TI2: twenty intervals asleep: all is STALE at once, then asked again, spread; no alert comes of it.
. "$(dirname "$0")/lib.sh"
lib=$(ls /usr/lib/*/faketime/libfaketimeMT.so.1 /usr/lib/faketime/libfaketimeMT.so.1 2>/dev/null | head -n 1)
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "clock", "name": "Clock", "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "store": "sqlite:clock.db", "defaults": { "interval": "1s", "retry": "200ms", "timeout": "1s", "attempts": 3, "ok_confirm": 1 },
  "targets": [
    { "id": "in-[1-2]", "kind": "other", "checks": [ { "id": "x", "probe": "passive", "interval": "1h", "attempts": 1, "priority": "P2" } ] },
    { "id": "all", "kind": "cluster", "checks": [ { "id": "sum", "probe": "aggregate", "of": { "kind": "server" }, "attempts": 1, "priority": "P1" } ] },
    { "id": "p-[1-8]", "kind": "server", "checks": [ { "id": "x", "probe": "exec", "command": [ "$TMP/look", "\${id}" ] } ] } ] }
J
printf '#!/bin/bash\necho "$1 $EPOCHREALTIME" >>%s/looks\necho OK\n' "$TMP" >look && chmod 755 look
events() { at journal --json | jq -c "select(.kind == \"$1\")" | wc -l; }
states() { at status --json | jq -r '[.targets[] | select(.id | startswith("p-")) | .checks[].state] | group_by(.) | map("\(.[0]) \(length)") | join(", ")'; }
well() { [ "$(states)" = "OK 8" ]; }

# --- asleep (TI2) ---
engine_start || give_up "the engine starts"
check "eight are well" until_ok 10 well
"$TRUCBAN" status --socket "$SOCK" --watch --json >watched 2>/dev/null &
KIDS+=($!)
check "somebody looks on" until_ok 5 test -s watched
kill -STOP "$ENGINE_PID"
sleep 20
lines=$(wc -l <looks)
kill -CONT "$ENGINE_PID"
all_stale() { [ "$(jq -r 'select(.target.state == "STALE" and (.target.id | startswith("p-"))) | .target.since' <watched | sort | uniq -c | awk '{ print $1 }')" = 8 ]; }
check "awake: all that was seen is old, from the same moment on" until_ok 5 all_stale
check "and looked at again" until_ok 10 well
tail -n "+$((lines + 1))" looks | awk '!($1 in at) { at[$1] = $2; n++; if (!first) first = $2; last = $2 }
    END { exit !(n == 8 && last - first > 0.3 && last - first < 5) }'
same "the first looks are spread over the interval" 0 $?
sleep 3
peak() { # the most looks within any second, since line $1 of looks; an interval has eight of them
    tail -n "+$1" looks | awk '{ at[NR] = $2; while (at[NR] - at[from + 1] >= 1) from++; if (NR - from > most) most = NR - from } END { print most + 0 }'
}
most=$(peak $((lines + 1)))
check "at most twice as many a second as at any time: $most of 16" test "$most" -ge 8 -a "$most" -le 16
told() { at journal --json | jq -c "select((.kind == \"check.changed\" or .kind == \"alert.opened\") and ($1))" | wc -l; }
same "nothing came of it" 8 "$(told '.subject + (.body.check // "") | contains("p-")')"
same "nor of what is judged together: nothing was seen, so nothing is lost" 0 "$(told '.body.state == "CRITICAL" or .body.state == "WARNING"')"
engine_stop || fail "the engine stops"
rm -rf "$STATE" # what was asleep has had its say

# --- moved (TI1) ---
[ -n "$lib" ] || give_up "libfaketime is installed (tests/setup.sh test)"
echo "+0" >moved
LD_PRELOAD=$lib FAKETIME_TIMESTAMP_FILE=$TMP/moved FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 engine_start ||
    give_up "the engine starts with a clock that can be moved"
check "eight are well" until_ok 10 well
at submit in-1/x CRITICAL "down" >/dev/null
at submit in-2/x CRITICAL "down" >/dev/null
until_ok 5 is_open 2 || give_up "two alerts open"
opened=$(now_ms) owned=$(alert_of in-2/x)
age_off() { echo $(($(at alerts --json | jq --argjson id "$owned" '.alerts[] | select(.id == $id) | .age_ms') - ($(now_ms) - opened))); }
check "one is taken" at ack "$owned" --for 2h -m "on it"
moves=0
for to in +1h +0 -1h +0 +1d +0 -1d +0; do
    lines=$(wc -l <looks) from=$(now_ms)
    echo "$to" >moved.new && mv moved.new moved
    moves=$((moves + 1))
    said() { [ "$(events engine.clock_moved)" = "$moves" ]; }
    check "moved to $to: the journal says it once" until_ok 5 said
    sleep 1.5
    check "moved to $to: all are well" well
    off=$(age_off)
    check "moved to $to: an age is off by $off ms" test "$off" -ge -1000 -a "$off" -le 1000
    span=$(($(now_ms) - from)) looks=$(($(wc -l <looks) - lines))
    due=$((8 * span / 1000))
    check "moved to $to: $looks looks in $span ms, $due are due" test $looks -ge $((due - 9)) -a $looks -le $((due + 9))
done
same "it says by how much" "+1h -1h -1h +1h +1d -1d -1d +1d" "$(at journal --json | jq -r 'select(.kind == "engine.clock_moved") | .body.what' | tr '\n' ' ' | sed 's/ $//')"
same "nothing escalated" 0 "$(events alert.escalated)"
same "no acknowledgement ended" 0 "$(events alert.ack_expired)"
same "nor did anything open or resolve" "2 0" "$(events alert.opened) $(events alert.resolved)"
check "the deadline is where it was" sh -c "at=\$($TRUCBAN alerts --json --socket $SOCK | jq '[.alerts[] | select(.ack == null)][0].next.level_in_ms'); [ \"\$at\" -gt 480000 ] && [ \"\$at\" -lt 600000 ]"
finish
