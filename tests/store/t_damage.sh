#!/bin/bash
# ST8: a damaged, newer, foreign or read-only file is named, refused, and left as it is.
. "$(dirname "$0")/lib.sh"

start && open_alert
verdict alert-opened $?
stop
db=$STATE/demo.db
cp "$db" "$TMP/good.db"

refused() { # refused NAME WORDS: the engine does not start, says why, and leaves the file alone
    cp "$db" "$TMP/before.db"
    start
    local rc=1
    if ! kill -0 "$ENGINE" 2>/dev/null; then
        wait "$ENGINE"
        [ $? = 73 ] && grep -qF "$db" "$TMP/engine.err" && grep -q "$2" "$TMP/engine.err" &&
            cmp -s "$db" "$TMP/before.db" && rc=0
    fi
    verdict "refused-$1" $rc "$(cat "$TMP/engine.err")"
    kill -9 "$ENGINE" 2>/dev/null
    cp "$TMP/good.db" "$db"
}

truncate -s 6000 "$db"
refused cut-short 'is damaged: it is cut short'
truncate -s 0 "$db"
refused empty 'is damaged: it is empty'
printf '\0\0\0\11' | dd of="$db" bs=1 seek=60 conv=notrunc 2>/dev/null # user_version 9
refused newer 'newer trucban'
printf 'abcd' | dd of="$db" bs=1 seek=68 conv=notrunc 2>/dev/null # application_id
refused foreign 'not a journal of trucban'
head -c 50000 /dev/urandom >"$db"
refused noise 'is damaged'

# One changed word in one record: seen at the start, shown, nothing written, what is whole is there.
LC_ALL=C sed -i 's/it broke/it brake/' "$db"
cp "$db" "$TMP/before.db"
start
verdict starts-to-show $? "$(cat "$TMP/engine.err")"
grep -qE 'is damaged: record [0-9]+ does not match its hash' "$TMP/engine.err"
verdict names-the-record $? "$(cat "$TMP/engine.err")"
say submit box-2/p CRITICAL "also broke" >/dev/null
say status >"$TMP/out"
grep -q 'also broke' "$TMP/out"
verdict polling-goes-on $? "$(cat "$TMP/out")"
say journal --verify >/dev/null 2>&1
[ $? = 65 ]
verdict verify-says-65 $?
stop
cmp -s "$db" "$TMP/before.db"
verdict nothing-was-written $?
cp "$TMP/good.db" "$db"

# Read-only, as somebody who is not root.
if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null; then
    chmod 0400 "$db"
    chmod 0500 "$STATE"
    as=()
else
    chmod 0711 "$TMP" 2>/dev/null
    chown -R 65534:65534 "$STATE"
    chmod 0400 "$db"
    chmod 0500 "$STATE"
    chmod a+r "$SITE"
    mkdir -m 0777 "$TMP/ro"
    SOCKET=$TMP/ro/s.sock
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
"${as[@]}" "$TRUCBAN_ENGINE" engine --site "$SITE" --state "$STATE" --socket "$SOCKET" \
    2>"$TMP/engine.err" &
ENGINE=$!
until_true 10 say alerts
verdict read-only-is-shown $? "$(cat "$TMP/engine.err")"
say ack "$ALERT" -m "seen, but where" >"$TMP/out" 2>&1
[ $? = 75 ] && grep -q 'NOT SAVED' "$TMP/out" && grep -qF "$db" "$TMP/out"
verdict read-only-is-said $? "$(cat "$TMP/out" "$TMP/engine.err")"
stop
chmod 0700 "$STATE"
exit $bad
