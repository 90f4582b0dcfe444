#!/bin/bash
# ST2: the disk fills up, and is freed.  Nothing pretends to be saved, reading and polling go on.
. "$(dirname "$0")/lib.sh"

STATE=$TMP/small
mkdir "$STATE"
if ! mount -t tmpfs -o size=400k,mode=700 tmpfs "$STATE" 2>/dev/null; then
    echo "skip disk-full a small tmpfs cannot be mounted here"
    exit 77
fi
trap 'kill -9 $ENGINE 2>/dev/null; umount -l "$STATE"' EXIT

start && open_alert
verdict alert-opened $?
dd if=/dev/zero of="$STATE/filler" bs=4k 2>/dev/null
# Pages that are free inside the file may take a few notes more; then it must be said.
saved=0 rc=0
while [ $saved -lt 500 ]; do
    say note "$ALERT" -m "note while full $(printf '%01000d' 7)" >"$TMP/out" 2>&1
    rc=$?
    [ $rc = 0 ] || break
    saved=$((saved + 1))
done
[ $rc = 75 ] && grep -q 'NOT SAVED: the disk is full' "$TMP/out"
verdict told-not-saved $? "$(cat "$TMP/out")"
began=$(date +%s%3N)
say ack "$ALERT" -m "seen while full" >"$TMP/out" 2>&1
[ $? = 75 ]
verdict ack-not-saved $? "$(cat "$TMP/out")"
took=$(($(date +%s%3N) - began))
[ $took -le 1500 ]
verdict said-within-a-second $? "$took ms"
say alerts --json | grep -q '"check":"box-1/p".*"ack":null'
verdict nothing-pretends $?
say journal >/dev/null && say status >/dev/null
[ $? -le 3 ]
verdict reading-goes-on $?
say journal --verify >"$TMP/out" 2>&1
verdict verified-while-full $? "$(cat "$TMP/out")"
say journal --verify --from 99999 >"$TMP/out" 2>&1
[ $? = 64 ] && grep -q 'no record 99999' "$TMP/out"
verdict no-such-record-is-not-damage $? "$(cat "$TMP/out")"
rm "$STATE/filler"
until_true 5 say ack "$ALERT" -m "seen after it was freed"
verdict recovers-alone $? "$(cat "$TMP/engine.err")"
stop
start
n=$(say journal --json --since 2000-01-01T00:00:00Z | grep -c '"kind":"alert.noted"')
[ "$n" = "$saved" ]
verdict exactly-what-was-said $? "said $saved, there $n"
say journal --verify >/dev/null
verdict chain-holds $?
stop
exit $bad
