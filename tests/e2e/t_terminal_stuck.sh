#!/bin/bash
# TM5: the terminal stops reading for 20 s while much changes: the engine and other clients do not
# notice, nothing is queued, and the picture is right soon after the terminal reads again.
. "$(dirname "$0")/screens.sh"
five
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
pty "20 s without reading" <<P
size 200x60
spawn $console
wait "t-2" 10
wait-quiet 200
run "awk '/^VmRSS/ { print \\\$2 }' /proc/\$PTY_PID/status >$TMP/console.before"
mark
stop-reading
run "$REPO/tests/e2e/stuck_storm.sh 20"
run "awk '/^VmRSS/ { print \\\$2 }' /proc/\$PTY_PID/status >$TMP/console.after"
start-reading
wait "the last word" 3
expect-figure bytes < 40000
key q
expect-exit 0 3
expect-restored
P
if [ "${BUILD##*/}" = asan ]; then
    skip "memory: the sanitisers keep what was freed"
else
    grow=$(($(cat "$TMP/console.after") - $(cat "$TMP/console.before")))
    [ $grow -le 1500 ] && ok "the console grew by less than 1.5 MB" || fail "the console grew by less than 1.5 MB" "$grow kB"
    grow=$(($(cat "$TMP/engine.after") - $(cat "$TMP/engine.before")))
    [ $grow -le 1500 ] && ok "the engine grew by less than 1.5 MB" || fail "the engine grew by less than 1.5 MB" "$grow kB"
fi
worst=$(sort -n "$TMP/answers" | tail -n 1)
[ "$worst" -le 1000 ] && ok "other clients were answered within 1 s" || fail "other clients were answered within 1 s" "$worst ms"
finish
