#!/bin/bash
# An end while a decision is being written: at most 2 s, no crash, and what the disk took is there.
. "$(dirname "$0")/lib.sh"

start "FP=store.before_commit:sleep1650@$TMP/slow" && open_alert
verdict alert-opened $?
touch "$TMP/slow"
say ack "$ALERT" -m "seen at the end" >"$TMP/ack.out" 2>&1 &
asker=$!
sleep 0.3
from=$(($(date +%s%N) / 1000000))
stop TERM
status=$?
took=$(($(date +%s%N) / 1000000 - from))
rm -f "$TMP/slow"
wait $asker
[ $status = 0 ]
verdict ends-well $? "status $status"
[ $took -le 2500 ]
verdict ends-soon $? "$took ms"
start
verdict starts-again $? "$(tail -1 "$TMP/engine.err")"
say journal --verify >/dev/null
verdict chain-whole $?
stop
exit $bad
