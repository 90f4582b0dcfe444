#!/bin/bash
# stuck_storm.sh SECONDS: results, notes and questions to the engine of the test that calls it;
# how long each answer took goes to $TMP/answers.
set -u
pid=$("$TRUCBAN" status --socket "$SOCK" --json | jq .engine.pid)
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"; }
storm() { # storm UNTIL_S
    while [ "$SECONDS" -lt "$1" ]; do
        for i in 1 2 3 4 5; do
            t=$(date +%s%3N)
            "$TRUCBAN" submit --socket "$SOCK" "t-$i/in" CRITICAL "word $((n++)) $(printf '%0300d' $n)" >/dev/null || exit 1
            echo $(($(date +%s%3N) - t)) >>"$TMP/answers"
        done
        sleep 0.1
    done
}
n=0
storm 2 # caches and allocators have filled
rss >"$TMP/engine.before"
storm "$1"
rss >"$TMP/engine.after"
"$TRUCBAN" submit --socket "$SOCK" t-2/in CRITICAL "the last word" >/dev/null
