#!/bin/bash
# TI3 on whole engines: each lives through one odd moment, the clock put forward and back, a leap day, the turn of a year, the
# end of 32 bits.  What was agreed before it ends on its UTC instant after it, also over a kill -9 in between; the local clock is
# shown with its offset; a time that is typed means the instant that people mean.  All at once: 22 s.
. "$(dirname "$0")/lib.sh"
lib=$(ls /usr/lib/*/faketime/libfaketimeMT.so.1 /usr/lib/faketime/libfaketimeMT.so.1 2>/dev/null | head -n 1)
[ -n "$lib" ] || give_up "libfaketime is installed (tests/setup.sh test)"
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "odd", "name": "Odd moments", "language": "en", "timezone": "Europe/Berlin" },
  "store": "sqlite:odd.db", "defaults": { "interval": "1h", "retry": "200ms" },
  "escalation": [ { "id": "soon", "match": "kind=server", "level2": "16s", "level3": "never", "acknowledge": "never", "repeat": "never" } ],
  "targets": [ { "id": "t-[1-9]", "kind": "server", "address": "127.0.0.1", "env": "production",
    "checks": [ { "id": "in", "probe": "passive", "attempts": 1, "priority": "P2" } ] } ] }
J
BEFORE=14 # the engine's clock at its start is so many seconds before the moment
stamp() { # stamp KIND SUBJECT JQ: of the journal's first such event, in ms
    local at
    at=$(at journal --json | jq -r --arg k "$1" --arg s "$2" "select(.kind == \$k and .subject == \$s) | $3" | head -n 1)
    [ -n "$at" ] && date -d "$at" +%s%3N
}
has_stamp() { sleep 0.3 && [ -n "$(stamp "$1" "$2" .at)" ]; } # many at once: not too eager
span() { # span NAME MS LEAST MOST
    [ "$2" -ge "$3" ] && [ "$2" -le "$4" ] && ok "$1 ($2 ms)" || fail "$1" "$2 ms, expected $3 to $4"
}
# start: the engine, its clock off by $off seconds
start() { LD_PRELOAD=$lib FAKETIME="${off}s" FAKETIME_DONT_FAKE_MONOTONIC=1 engine_start; }

# live NAME MOMENT TITLE-BEFORE TITLE-AFTER TYPED MEANT [kill]
live() {
    local name=$1 moment off number typed
    moment=$(date -d "$2" +%s)
    printf -v off '%+d' $((moment - BEFORE - $(date +%s)))
    start || { fail "$name: the engine starts"; return; }
    for i in 1 2 4; do at submit "t-$i/in" CRITICAL "down" >/dev/null; done
    until_ok 3 is_open 3 || fail "$name: three alerts"
    "$PTYRUN" - >console.out 2>&1 <<P &
size 120x30
spawn env LD_PRELOAD=$lib FAKETIME=${off}s FAKETIME_DONT_FAKE_MONOTONIC=1 $TRUCBAN --socket $SOCK --lang en
wait-row 0 "$3" 5
wait-row 0 "$4" 25
wait-re "t-2/in .* L2" 25
expect-not "own clock"
key q
expect-exit any 5
P
    local screen=$!
    local acked=$(alert_of t-1/in) owned_by_none=$(alert_of t-2/in)
    at ack "$acked" --for 18s -m "back soon" >/dev/null || fail "$name: an acknowledgement"
    number=$(at silence t-4 --for 17s -m "noise" | grep -oE 'silence [0-9]+' | grep -oE '[0-9]+')
    typed=$(at silence t-5 --to "$5" -m "a time of the day" | grep -oE 'silence [0-9]+' | grep -oE '[0-9]+')
    same "$name: --to $5" "$6" "$(at silences --json | jq -r --argjson id "${typed:-0}" '.periods[] | select(.id == $id) | .until | sub("[.]000Z"; "Z")')"
    has "$name: and is shown so" " $5" "$(at silences | grep -F "t-5")"
    if [ "${7:-}" = kill ]; then
        while [ $(($(date +%s) + off)) -lt "$moment" ]; do sleep 0.1; done
        engine_stop KILL
        start || fail "$name: the engine starts again"
        for i in 1 2 4; do at submit "t-$i/in" CRITICAL "still down" >/dev/null; done # nobody is called for what was not looked at
    fi
    until_ok 30 has_stamp alert.ack_expired "alert/$acked" && until_ok 10 has_stamp alert.escalated "alert/$owned_by_none" &&
        until_ok 10 has_stamp period.ended "period/$number" || fail "$name: all of it ends" "$(at journal)"
    local at until
    at=$(stamp alert.acknowledged "alert/$acked" .at) until=$(stamp alert.acknowledged "alert/$acked" .body.until)
    same "$name: an acknowledgement for 18 s" 18000 $((until - at))
    span "$name: it ended then, late by" $(($(stamp alert.ack_expired "alert/$acked" .at) - until)) -100 2500
    span "$name: the moment was between" $((moment * 1000 - at)) 0 18000
    until=$(stamp period.created "period/$number" .body.def.until)
    span "$name: the silence ended, late by" $(($(stamp period.ended "period/$number" .at) - until)) 0 2500
    at=$(stamp alert.opened "alert/$owned_by_none" .at)
    span "$name: escalated after 16 s" $(($(stamp alert.escalated "alert/$owned_by_none" .at) - at)) 15900 19000
    same "$name: no clock was moved" 0 "$(at journal --json | grep -c engine.clock_moved)"
    check "$name: the chain holds" at journal --verify
    wait $screen && ok "$name: the title says $3, then $4" || fail "$name: the title says $3, then $4" "$(cat console.out)"
    engine_stop || fail "$name: the engine stops"
}
moments=()
at_once() { # at_once NAME …: as live, in a folder of its own
    mkdir "$TMP/$1"
    (
        cd "$TMP/$1" || exit 1
        SOCK=$TMP/$1/e.sock STATE=$TMP/$1/state
        trap '[ -z "$ENGINE_PID" ] || kill -KILL $ENGINE_PID' EXIT
        live "$@"
    ) >"$TMP/$1/out" 2>/dev/null &
    moments+=("$1")
}
at_once forward 2026-03-29T01:00:00Z "01:59 [+]01" "03:00 [+]02" 03:01 2026-03-29T01:01:00Z
at_once back 2026-10-25T01:00:00Z "02:59 [+]02" "02:00 [+]01" 02:30 2026-10-25T01:30:00Z kill
at_once leap-day 2028-02-28T23:00:00Z "23:59 [+]01" "00:00 [+]01" 00:10 2028-02-28T23:10:00Z
at_once new-year 2026-12-31T23:00:00Z "23:59 [+]01" "00:00 [+]01" 00:10 2026-12-31T23:10:00Z
at_once end-of-32-bits 2038-01-19T03:14:08Z "04:1[34] [+]01" "04:14 [+]01" 04:15 2038-01-19T03:15:00Z kill
wait
for name in "${moments[@]}"; do
    cat "$TMP/$name/out"
    failures=$((failures + $(grep -c '^FAIL' "$TMP/$name/out")))
done
finish
