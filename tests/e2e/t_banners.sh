#!/bin/bash
# LC3: an engine that is killed, that hangs, whose results are lost, whose store freezes, and a console whose own line is
# cut: five banners that nobody can take for each other, within 30 s, and no state shown as known that is not.
# TI6: second by second, on real clocks: fresh, amber after 15 s, red and every cell `~` after 30 s.
# Each on an engine of its own, all at once: the longest takes 31 s.
. "$(dirname "$0")/lib.sh"
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "b", "name": "Banners", "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "store": "sqlite:b.db", "defaults": { "interval": "2s", "retry": "1s", "timeout": "1s", "attempts": 2, "ok_confirm": 1 },
  "targets": [ { "id": "srv-[1-3]", "kind": "server", "address": "127.0.0.1", "env": "production",
    "checks": [ { "id": "x", "probe": "exec", "command": [ "/bin/echo", "well" ] } ] } ] }
J
# console NAME SOCKET: what each script begins with: the table of servers, all of them well
console() {
    printf '%s\n' "size 100x30" "spawn $TRUCBAN --socket $2 --lang en" 'wait "3 servers" 20' 'key 2 v' 'wait "+ OK" 20' 'wait-gone "PENDING" 10' \
        'expect-not "WHAT YOU SEE"' 'expect-not "NOTHING CAN BE SAVED"' "wait-quiet 100"
}
all_old='wait "~ STALE" 2
expect-not "+ OK"'
cases=()
# fault NAME: a subshell of its own: $SOCK, $STATE; reads the rest of the script, in which `@ENGINE@` is the engine's number
fault() { # fault NAME [FP]
    local name=$1 rest
    rest=$(cat)
    (
        mkdir "$TMP/$name" && cd "$TMP/$name" || exit 1
        SOCK=$TMP/$name/e.sock STATE=$TMP/$name/state
        trap 'kill -CONT $ENGINE_PID; kill -KILL $ENGINE_PID ${RELAY:-}; [ ! -e again ] || kill -KILL $(cat again)' EXIT
        FP=${2:-} engine_start || { echo "FAIL $name: the engine starts"; exit 1; }
        at=$SOCK
        if [ "$name" = cut ]; then
            at=$TMP/cut/line.sock
            "$BUILD/tests/relay" "$at" "$SOCK" & RELAY=$!
            disown
            until_ok 5 test -S "$at"
        fi
        { console "$name" "$at"; sed "s/@ENGINE@/$ENGINE_PID/g; s/@RELAY@/${RELAY:-}/g" <<<"$rest"; } >script
        "$PTYRUN" - <script >out 2>&1; echo $? >rc
    ) 2>/dev/null &
    cases+=("$name")
}
again="( setsid $TRUCBAN_ENGINE engine --site $SITE --socket \$PWD/e.sock --state \$PWD/state </dev/null >/dev/null 2>&1 & echo \$! >again )"

fault killed <<P
run "kill -KILL @ENGINE@"
wait "THE ENGINE HAS ENDED AT" 2
expect "NOTHING IS WATCHED - WHAT YOU SEE IS OLD"
expect-not "NO CONNECTION TO THE ENGINE"
$all_old
run "$again"
wait-gone "HAS ENDED" 10
wait "live" 5
wait "+ OK" 10
P
fault cut <<P
run "kill -KILL @RELAY@"
wait "NO CONNECTION TO THE ENGINE SINCE" 2
$all_old
sleep 2
expect "NO CONNECTION TO THE ENGINE SINCE"
expect-not "HAS ENDED"
run "$TRUCBAN status --socket $TMP/cut/e.sock --json | grep -q OK"
run "( setsid $BUILD/tests/relay $TMP/cut/line.sock $TMP/cut/e.sock </dev/null >/dev/null 2>&1 & echo \$! >again )"
wait-gone "NO CONNECTION" 10
wait "+ OK" 5
P
fault frozen "store.beat:sleep60000@$TMP/frozen/now" <<P
run "touch now"
wait "THE JOURNAL'S DISK DOES NOT ANSWER, NOTHING CAN BE SAVED" 15
expect-not "NOT WRITABLE"
P
fault full "store.full:err@$TMP/full/now" <<P
run "touch now"
wait "JOURNAL NOT WRITABLE, NOTHING CAN BE SAVED: the disk is full" 15
expect-not "DOES NOT ANSWER"
run "rm now"
wait-gone "JOURNAL NOT" 10
P
fault lost "engine.result:err@$TMP/lost/now" <<P
run "touch now"
wait "~ STALE" 20
wait-gone "+ OK" 5
wait "THE ENGINE POLLS BUT NO RESULTS COME IN" 20
run "rm now"
wait-gone "NO RESULTS" 10
wait "+ OK" 10
P
fault stuck <<P
run "kill -STOP @ENGINE@"
print wall-ms
expect "live"
wait "beat 15 s old" 20
print wall-ms
expect-not "WHAT YOU SEE"
expect "+ OK"
wait "beat 25 s old" 15
expect-not "WHAT YOU SEE"
wait "ENGINE SILENT 00:00:30 - WHAT YOU SEE IS OLD" 10
print wall-ms
expect "~ STALE"
expect-not "+ OK"
expect-not "NO CONNECTION"
run "kill -CONT @ENGINE@"
wait-gone "ENGINE SILENT" 3
wait "live" 3
wait "+ OK" 10
P
wait
for name in "${cases[@]}"; do
    if [ "$(cat "$TMP/$name/rc" 2>/dev/null)" = 0 ]; then ok "$name"; else fail "$name" "$(cat "$TMP/$name/out" 2>&1)"; fi
done
read -r from amber red < <(grep -oE '[0-9]{13}' "$TMP/stuck/out" | tr '\n' ' ')
within() { # within NAME MS LEAST MOST
    [ "$2" -ge "$3" ] && [ "$2" -le "$4" ] && ok "$1 ($2 ms)" || fail "$1" "$2 ms, expected $3 to $4"
}
# The last beat came within the second before; the screen has a second to say so, a busy machine another (sanitisers: four).
late=$((1000 * ${PTY_SLACK:-1}))
within "amber 15 s after the engine stood still" $((amber - from)) 13900 $((15900 + late))
within "red 30 s after" $((red - from)) 28900 $((30900 + late))
finish
