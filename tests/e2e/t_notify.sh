#!/bin/bash
# What the service manager is told: READY=1 not too early (LC1), signs of life while the loop and the writer live and not
# a period longer (LC2), reloading, status, the end.  Its end of the socket is tests/fault/notifyd.c.
. "$(dirname "$0")/lib.sh"
TOLD=$TMP/told
listen() { # listen NAME
    rm -f "$TOLD"
    "$BUILD/tests/notifyd" "$1" "$TOLD" &
    KIDS+=($!)
    disown $!
    until_ok 5 test -s "$TOLD" || give_up "notifyd listens"
    export NOTIFY_SOCKET=$1
}
told() { grep -cE "^[0-9]+ (.*;)?$1" "$TOLD"; } # told REGEX: how many messages have a line that begins so
has_told() { [ "$(told "$1")" -ge "${2:-1}" ]; }
at_ms() { grep -E "^[0-9]+ (.*;)?$1" "$TOLD" | tail -n 1 | cut -d' ' -f1; }
mono_ms() { awk '{ printf "%d\n", $1 * 1000 }' /proc/uptime; }
ready_said() { grep -q ': ready' "$TMP/engine.log"; }

# --- LC1 --------------------------------------------------------------------------------------------
site_passive 3
listen "$TMP/n.sock"
touch "$TMP/slow"
t0=$(mono_ms)
FP="store.before_commit:sleep1500@$TMP/slow" engine_start || give_up "the engine starts"
until_ok 10 has_told READY=1 && ok "READY=1" || fail "READY=1" "$(cat "$TOLD")"
took=$(($(at_ms READY=1) - t0))
[ $took -ge 1400 ] && ok "not before the first write is in the store" || fail "not before the first write is in the store" "$took ms"
rm "$TMP/slow"
same "the journal has its start by then" 1 "$(at journal --json | grep -c engine.started)"
until_ok 5 has_told "STATUS=3 targets, 3 checks, 0 alerts open" && ok "and a status" || fail "and a status" "$(cat "$TOLD")"
"$TRUCBAN_ENGINE" engine --site "$SITE" --socket "$TMP/o.sock" --state "$STATE" </dev/null >/dev/null 2>&1
same "who does not get the lock" 73 $?
sed 's/"name"/"nome"/' "$SITE" >"$TMP/bad.json"
"$TRUCBAN_ENGINE" engine --site "$TMP/bad.json" --socket "$TMP/o.sock" --state "$STATE" </dev/null >/dev/null 2>&1
same "nor whose site file is bad" 65 $?
same "is ever ready" 1 "$(told READY=1)"

# --- reloading ----------------------------------------------------------------------------------------
kill -HUP "$ENGINE_PID"
until_ok 5 has_told READY=1 2 && ok "ready again after a reload" || fail "ready again after a reload" "$(cat "$TOLD")"
reload=$(grep RELOADING=1 "$TOLD")
[[ $reload =~ ^([0-9]+)\ RELOADING=1\;MONOTONIC_USEC=([0-9]+)$ ]] &&
    [ $((${BASH_REMATCH[1]} - ${BASH_REMATCH[2]} / 1000)) -lt 1000 ] && ok "RELOADING=1 with its time" || fail "RELOADING=1 with its time" "$reload"
cp "$SITE" "$TMP/good.json"
cp "$TMP/bad.json" "$SITE"
kill -HUP "$ENGINE_PID"
until_ok 5 has_told READY=1 3 && ok "also after a bad file" || fail "also after a bad file" "$(cat "$TOLD")"
until_ok 5 has_told "STATUS=.*the last site file was not taken" && ok "which the status tells" || fail "which the status tells" "$(cat "$TOLD")"
cp "$TMP/good.json" "$SITE"
engine_stop
has_told STOPPING=1 && ok "STOPPING=1" || fail "STOPPING=1" "$(cat "$TOLD")"
same "no watchdog was asked for, none was fed" 0 "$(told WATCHDOG=1)"

# --- a disk that is full: not ready, until it is not -----------------------------------------------------
listen "@trucban-$$"
touch "$TMP/full"
FP="store.full:err@$TMP/full" engine_start || give_up "the engine starts"
until_ok 5 has_told "STATUS=" # none yet: it is not ready, but it says why
sleep 1
same "no READY=1 while nothing can be written" 0 "$(told READY=1)"
has_told "STATUS=nothing can be saved: " && ok "but the reason" || fail "but the reason" "$(cat "$TOLD")"
rm "$TMP/full"
until_ok 10 has_told READY=1 && ok "READY=1 by an abstract socket, once it can" || fail "READY=1 by an abstract socket, once it can" "$(cat "$TOLD")"
engine_stop

# --- LC2 ----------------------------------------------------------------------------------------------------
PERIOD=3000
export WATCHDOG_USEC=$((PERIOD * 1000))
listen "$TMP/n.sock"
FP="engine.second:sleep60000@$TMP/stuck" engine_start || give_up "the engine starts"
until_ok 20 has_told WATCHDOG=1 4 && ok "signs of life" || fail "signs of life" "$(cat "$TOLD")"
gaps() { awk '/WATCHDOG=1/ { if (last && $1 - last > max) max = $1 - last; last = $1 } END { print max + 0 }' "$TOLD"; }
[ "$(gaps)" -le $((PERIOD - PERIOD / 4)) ] && ok "more than one a period" || fail "more than one a period" "$(gaps) ms between two"
# silent_after FILE: from when it is there, no sign comes later than a period
silent_after() {
    local from
    touch "$1"
    from=$(mono_ms)
    sleep $((2 * PERIOD / 1000))
    [ $(($(at_ms WATCHDOG=1) - from)) -le $PERIOD ]
}
threads=$(ls "/proc/$ENGINE_PID/task" | wc -l)
silent_after "$TMP/stuck" && ok "the loop is stuck, a thread lives: silence within a period" || fail "the loop is stuck: silence" "$(cat "$TOLD")"
[ "$threads" -ge 2 ] && kill -0 "$ENGINE_PID" && ok "(it does live: $threads threads)" || fail "it lives on"
engine_stop KILL
rm "$TMP/stuck"
listen "$TMP/n.sock"
FP="store.beat:sleep60000@$TMP/hang" engine_start || give_up "the engine starts"
until_ok 20 has_told WATCHDOG=1 2 || fail "signs of life again"
silent_after "$TMP/hang" && ok "the writer is stuck, the loop lives: the same" || fail "the writer is stuck, the loop lives: the same" "$(cat "$TOLD")"
engine_answers && ok "(it does answer)" || fail "it answers"
engine_stop KILL
rm "$TMP/hang"

# --- not for us ------------------------------------------------------------------------------------------------
listen "$TMP/n.sock"
export WATCHDOG_PID=1
cat >"$TMP/env" <<'P'
#!/bin/sh
env | grep -E '^(NOTIFY_SOCKET|WATCHDOG)' && exit 2
echo clean
P
chmod 755 "$TMP/env"
jq --arg c "$TMP/env" '.targets += [{id: "p", kind: "server", checks: [{id: "env", probe: "exec", command: [$c], interval: "1s"}]}]' "$TMP/good.json" >"$SITE"
engine_start || give_up "the engine starts"
until_ok 10 is_state p/env "OK hard" && ok "children get none of these variables" || fail "children get none of these variables" "$(words_of p/env)"
same "another process's watchdog is not fed" 0 "$(told WATCHDOG=1)"
unset WATCHDOG_PID
engine_stop
export NOTIFY_SOCKET=$TMP/nobody
engine_start && ok "a manager that is gone harms nobody" || fail "a manager that is gone harms nobody"
finish
