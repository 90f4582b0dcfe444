#!/bin/bash
# CC6: five engines on one store, the holder killed again and again: always one, never two.
. "$(dirname "$0")/lib.sh"

rounds=${ROUNDS:-100} wrong=
for round in $(seq "$rounds"); do
    pids=()
    for i in 1 2 3 4 5; do
        "$TRUCBAN_ENGINE" engine --site "$SITE" --state "$STATE" --socket "$SOCKET" \
            2>"$TMP/err.$i" &
        pids+=($!)
    done
    holder='' refused=0
    for i in 1 2 3 4 5; do
        for _ in $(seq 200); do
            grep -q . "$TMP/err.$i" && break
            sleep 0.02
        done
        grep -q ': ready, pid' "$TMP/err.$i" && holder+=" ${pids[i - 1]}"
    done
    set -- $holder
    [ $# = 1 ] || wrong+="round $round: holders '$holder'; "
    for i in 1 2 3 4 5; do
        [ "${pids[i - 1]}" = "${1:-}" ] && continue
        wait "${pids[i - 1]}"
        [ $? = 73 ] && grep -q "already running: pid ${1:-} since 20" "$TMP/err.$i" &&
            refused=$((refused + 1))
    done
    [ $refused = 4 ] || wrong+="round $round: $refused refused with the holder's pid; "
    kill -9 "${1:-0}" 2>/dev/null
    wait "${1:-0}" 2>/dev/null
    [ -z "$wrong" ] || break
done
[ -z "$wrong" ]
verdict "always-one-of-five-$rounds" $? "$wrong $(cat "$TMP"/err.*)"
start
verdict dead-holders-place-is-free $? "$(cat "$TMP/engine.err")"
say status >/dev/null
[ $? -le 3 ]
verdict dead-holders-socket-is-taken $?
stop
exit $bad
