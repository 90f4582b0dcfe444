#!/bin/bash
# TI4: consoles and commands whose own wall clock is five minutes ahead of the engine's, or behind: ages, countdowns, ends
# and the title go by the engine's clock, to the second; that the clocks differ is said, in both languages.
. "$(dirname "$0")/lib.sh"
command -v faketime >/dev/null || give_up "faketime is installed (tests/setup.sh test)"
site_passive 5
engine_start || give_up "the engine starts"
opened_ms() { date -d "$(at alerts --json | jq -r --arg c "$1" '.alerts[] | select(.check == $c) | .opened_at')" +%s%3N; }
near() { # near NAME MS [LATE]: at most a second off, or so late
    [ "$2" -ge -1000 ] && [ "$2" -le "${3:-1000}" ] && ok "$1 ($2 ms)" || fail "$1" "$2 ms off"
}
n=0
for skew in +5m -5m; do
    n=$((n + 1)) check=t-$((n + 2))/in
    lang=en said="The clock of this machine is 5m ahead: times here are the engine's." own="own clock +5m"
    [ $skew = +5m ] || lang=vi said="Đồng hồ máy này chậm 5m: giờ hiển thị là giờ của bộ giám sát." own="giờ máy này -5m"
    at submit "$check" CRITICAL "no route $n" >/dev/null
    until_ok 5 is_open $n || give_up "an alert is open"
    # An age is a whole second for the first ten of them.  The minute in the title may turn while it is looked for.
    if out=$("$PTYRUN" - 2>&1 <<P
size 120x36
spawn faketime -f $skew $TRUCBAN --socket $SOCK --lang $lang
wait "$said" 10
wait "$own" 2
key 6
wait "no route $n" 5
wait-re "no route $n .* 5s " 10
print wall-ms
run "date +%H:%M >$TMP/minute; date -d '+1 minute' +%H:%M >>$TMP/minute"
dump $TMP/skew.screen
wait-re "no route $n .* 8s " 10
print wall-ms
key q
expect-exit any 5
P
    ); then ok "$skew: said, and shown"; else fail "$skew: said, and shown" "$out"; fi
    read -r five eight < <(grep -oE '[0-9]{13}' <<<"$out" | tr '\n' ' ')
    from=$(opened_ms "$check")
    # Seen late by a second at most, since the picture is drawn once a second; another for a busy machine.
    late=$((1000 + 1000 * ${PTY_SLACK:-1}))
    near "$skew: an age of 5 s is one" $((${five:-0} - from - 5500)) $late
    near "$skew: and one of 8 s" $((${eight:-0} - from - 8500)) $late
    check "$skew: the title's clock is the engine's" grep -qE "$(tr '\n' '|' <"$TMP/minute" | sed 's/|$//')" <(head -n 1 "$TMP/skew.screen")

    # An end that is typed as a time, or counted from now: by the engine's clock.
    at_skew() { local c=$1; shift; faketime -f "$skew" "$TRUCBAN" "$c" --socket "$SOCK" "$@"; }
    before=$(now_ms)
    said=$(at_skew silence "t-$n" --to +2h -m "counted from now") || fail "$skew: a silence" "$said"
    number=$(grep -oE 'silence [0-9]+' <<<"$said" | grep -oE '[0-9]+')
    until=$(date -d "$(at silences --json | jq -r --argjson id "$number" '.periods[] | select(.id == $id) | .until')" +%s%3N)
    near "$skew: --to +2h ends in two hours" $((until - before - 7200000))
    soon=$(date -d '+2 minutes' +%H:%M) # the next one by the engine's clock: yesterday's or tomorrow's by ours
    said=$(at_skew silence "t-$n" --to "$soon" -m "a time of the day" 2>&1)
    has "$skew: --to $soon is the next $soon" "$(date -d "$soon" +%H:%M)" "$said"
    same "$skew: nothing that happened just now is out of --since" 1 \
        "$(at_skew journal --since -1m --json | jq -r --arg c "$check" 'select(.kind == "alert.opened" and .body.check == $c) | .seq' | wc -l)"
done
engine_stop
finish
