#!/bin/bash
# ST9: the record is on the disk before anybody is told: fdatasync before the answer.
. "$(dirname "$0")/lib.sh"

start && open_alert
verdict alert-opened $?
strace -f -q -p "$ENGINE" -o "$TMP/trace" -s 4000 \
    -e trace=fsync,fdatasync,read,recvfrom,recvmsg,write,writev,sendto,sendmsg 2>"$TMP/strace.err" &
tracer=$!
sleep 1
if ! kill -0 $tracer 2>/dev/null; then
    stop
    echo "skip order processes cannot be traced here: $(head -1 "$TMP/strace.err")"
    exit 77
fi
for i in 1 2 3 4 5; do
    say ack "$ALERT" -m "seen, round $i" >/dev/null
    say unack "$ALERT" >/dev/null
done
kill $tracer
wait $tracer 2>/dev/null
# From the request to its answer: at least two finished syncs (rollback journal, file).
awk '
    /request\\":\\"(ack|unack)\\"/ { asked++; open = 1; synced = 0; next }
    open && /f(data)?sync.*= 0/ { synced++ }
    open && /\\"answer\\":|\\"ok\\":true/ { if (synced >= 2) good++; open = 0 }
    END { print asked + 0, good + 0 }' "$TMP/trace" >"$TMP/count"
[ "$(cat "$TMP/count")" = "10 10" ]
verdict synced-before-told $? "asked, good: $(cat "$TMP/count")"
stop
exit $bad
