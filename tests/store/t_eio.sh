#!/bin/bash
# ST3: the disk fails under fsync.  Not saved is said, and nothing else; no half-truths after it.
. "$(dirname "$0")/lib.sh"

start && open_alert
verdict alert-opened $?
strace -f -q -p "$ENGINE" -o "$TMP/trace" -e trace=fsync,fdatasync \
    -e inject=fsync,fdatasync:error=EIO 2>"$TMP/strace.err" &
tracer=$!
sleep 1
if ! kill -0 $tracer 2>/dev/null; then
    stop
    echo "skip eio processes cannot be traced here: $(head -1 "$TMP/strace.err")"
    exit 77
fi
false_saved=0
for i in 1 2 3; do
    say note "$ALERT" -m "note $i under EIO" >"$TMP/out" 2>&1
    [ $? = 75 ] && grep -q 'NOT SAVED: the disk fails' "$TMP/out" || false_saved=$((false_saved + 1))
done
verdict never-said-saved $false_saved "$(cat "$TMP/out")"
grep -q 'EIO' "$TMP/trace"
verdict eio-was-injected $?
kill $tracer
wait $tracer 2>/dev/null
until_true 8 say note "$ALERT" -m "after the disk came back"
verdict recovers-alone $?
stop
start
n=$(say journal --json --since 2000-01-01T00:00:00Z | grep -c '"kind":"alert.noted"')
[ "$n" = 1 ]
verdict one-note-is-there $? "$n"
say journal --verify >/dev/null
verdict chain-holds $?
stop
exit $bad
