#!/bin/bash
# CC1: fifty acknowledge one alert at once; one wins, the others are told who and when.
. "$(dirname "$0")/lib.sh"

start && open_alert
verdict alert-opened $?
for i in $(seq 50); do
    (say ack "$ALERT" -m "taking it, number $i" >"$TMP/ack.$i" 2>&1; echo $? >"$TMP/rc.$i") &
    acks+=($!)
done
wait "${acks[@]}"
won=$(cat "$TMP"/rc.* | grep -c '^0$')
told=$(cat "$TMP"/rc.* | grep -c '^77$')
who=$(grep -l "already acknowledged by $(id -un) at" "$TMP"/ack.* | wc -l)
[ "$won" = 1 ] && [ "$told" = 49 ] && [ "$who" = 49 ]
verdict one-of-fifty-wins $? "won $won, refused $told, told who $who"
n=$(say journal --json | grep -c '"kind":"alert.acknowledged"')
[ "$n" = 1 ]
verdict one-event $? "$n"
stop
exit $bad
