#!/bin/bash
# memory.sh: resident set of console and engine with 231 checks, and what each further check costs.
. "$(dirname "$0")/lib.sh"
"$FARM" up || exit 1
size() { # size CHECKS: starts, lets every check be asked twice, prints engine's and console's kB
    rm -rf "$STATE"
    site_http "$1" 5s
    engine_start || exit 1
    sleep 12
    "$PTYRUN" - <<P
size 120x36
spawn $console
wait "25/25" 10
sleep 3
key 2 6 9 1
wait-quiet 200
run "awk '/^VmRSS/ { print \\\$2 }' /proc/\$PTY_PID/status >$TMP/console"
key q
P
    echo "$(rss "$ENGINE_PID") $(cat "$TMP/console") $(at status --json | jq '[.targets[].checks[]] | length')"
    engine_stop
}
read -r e1 c1 n1 <<<"$(size 231)"
read -r e2 _ n2 <<<"$(size 2231)"
row "console, $n1 checks, MB" "$(awk -v k="$c1" 'BEGIN { printf "%.1f", k / 1024 }')" - "7"
row "engine, $n1 checks, MB" "$(awk -v k="$e1" 'BEGIN { printf "%.1f", k / 1024 }')" - "15"
row "each further check, kB" "$(awk -v a="$e1" -v b="$e2" -v n=$((n2 - n1)) 'BEGIN { printf "%.2f", (b - a) / n }')" - "3"
