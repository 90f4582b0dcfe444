#!/bin/bash
# CC8: twenty consoles on one engine, one of them on a line that takes nothing for a while: after a storm
# and an acknowledgement of all of it each shows the same.
. "$(dirname "$0")/lib.sh"
ASKER=$BUILD/tests/asker
N=200 CONSOLES=20
site_passive $N
engine_start || give_up "the engine starts"
script() { # script [LAGGING]
    printf '%s\n' "size 100x30" "spawn $TRUCBAN --socket $SOCK --lang en" 'wait "Alerts" 20' 'key 6' 'wait "none open" 20'
    if [ $# = 0 ]; then
        printf '%s\n' "wait-re \"Alerts $N\" 40" 'print wall-ms'
    else # until all is over
        printf '%s\n' stop-reading "sleep 6" start-reading
    fi
    printf '%s\n' "wait-re \"$(id -un) [0-9][0-9]:[0-9][0-9]\" 40" "wait-gone \"nobody\" 40" 'print wall-ms'
}
script lagging | "$PTYRUN" - >"$TMP/c.0" 2>&1 & consoles=($!)
for i in $(seq 2 $CONSOLES); do script | "$PTYRUN" - >"$TMP/c.$i" 2>&1 & consoles+=($!); done
attached() { [ "$(ss -xH | grep -c "$SOCK")" -ge $CONSOLES ]; }
check "twenty are attached" until_ok 40 attached
sleep 2
for i in $(seq $N); do echo "{\"request\":\"submit\",\"args\":{\"check\":\"t-$i/in\",\"state\":\"CRITICAL\",\"text\":\"no route\"}}"; done |
    "$ASKER" "$SOCK" 60 >/dev/null
check "all alerts open" until_ok 10 is_open $N
sleep 1
at ack "1-$N" -m "one of all of it" >/dev/null || fail "all are acknowledged"
acked=$(now_ms)
shown=0
for p in "${consoles[@]}"; do wait "$p" && shown=$((shown + 1)); done
same "each showed the storm, then its owner" $CONSOLES "$shown"
late=$(cat "$TMP"/c.[1-9]* | grep -oE '[0-9]{13}' | awk -v a="$acked" 'NR % 2 == 0 { print $1 - a }' | sort -n | tail -n 1)
[ "${late:-99999}" -le 10000 ] && ok "those with an open line soon after ($late ms)" || fail "those with an open line soon after" "$late ms"
finish
