#!/bin/bash
# ST1: SIGKILL of the writer, at random and at every failpoint; then of a whole engine.
. "$(dirname "$0")/lib.sh"

out=$("$BUILD/tests/killer" "${ROUNDS:-200}" "$TMP")
verdict "kill-writer-${ROUNDS:-200}" $? "$out"
echo "$out"

# Notes one after the other; whatever was said to be saved is there after each kill.
notes=0 lost=0
for round in 1 2 3 4 5; do
    start || break
    [ -n "${ALERT:-}" ] || open_alert || break
    (sleep 0."$round" && kill -9 "$ENGINE") &
    while say note "$ALERT" -m "note $((notes + 1))." >/dev/null 2>&1; do notes=$((notes + 1)); done
    wait "$ENGINE" 2>/dev/null
done
start
saved=$(say journal --json --since 2000-01-01T00:00:00Z | grep -c '"kind":"alert.noted"')
[ "$notes" -gt 0 ] && [ "$saved" -ge "$notes" ]
verdict kill-engine $? "said $notes, saved $saved"
say journal --verify >/dev/null
verdict kill-chain-holds $?
stop
exit $bad
