#!/bin/bash
# Without the right to send ICMP (faults.md PF11): every check says so, and one alert does, for the whole site; it moves on when
# its check leaves, and goes when there is the right.
. "$(dirname "$0")/lib.sh"
range=/proc/sys/net/ipv4/ping_group_range
ns=(unshare --net)
[ "$(id -u)" = 0 ] || ns=(unshare --user --map-root-user --net)
# Becomes a command in a network of its own: $1 is the range of groups that may open an ICMP socket there, and root's
# right to a raw one is taken away.
in_net() { exec "${ns[@]}" bash -c "ip link set lo up && echo '$1' >$range && exec setpriv --bounding-set=-net_raw --inh-caps=-net_raw \"\${@}\"" - "${@:2}"; }
if ! (in_net "1 0" true) >/dev/null 2>&1; then
    skip "PF11: no network of our own can be made here"
    finish
fi
site() { # site RANGE: fifty servers, or fewer
    cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "ping", "name": "Ping", "language": "en", "timezone": "Asia/Ho_Chi_Minh" }, "store": "sqlite:ping.db",
  "defaults": { "interval": "1s", "retry": "200ms", "timeout": "2s", "attempts": 2, "ok_confirm": 1 },
  "targets": [ { "id": "s-$1", "kind": "server", "address": "127.0.0.1",
    "checks": [ { "probe": "icmp", "count": 1, "priority": "P2" } ] } ] }
J
}
start() { # start RANGE-OF-GROUPS: an engine in a network of its own; its socket is a file, and so reached from here
    in_net "$1" "$TRUCBAN_ENGINE" engine --site "$SITE" --socket "$SOCK" --state "$STATE" \
        </dev/null >"$TMP/engine.out" 2>>"$TMP/engine.log" &
    ENGINE_PID=$!
    disown "$ENGINE_PID"
    until_ok 10 engine_answers || give_up "the engine starts" "$(cat "$TMP/engine.log")"
}
count() { at status --json | jq "[.targets[].checks[] | select($1)] | length"; }
all_say_so() { [ "$(count '.state == "UNKNOWN" and .hard and .self')" = "$1" ]; }

site "[01-50]"
start "1 0"
until_ok 15 all_say_so 50 && ok "PF11: all fifty are UNKNOWN by our own fault" ||
    fail "PF11: all fifty are UNKNOWN by our own fault" "$(at status | tail -n 5)"
same "in these words" "cannot send ICMP: Operation not permitted" "$(words_of s-07/icmp)"
same "none is CRITICAL" 0 "$(count '.state == "CRITICAL"')"
until_ok 5 is_open 1
sleep 2.5 # two more rounds of results must not add to it
same "PF11: one alert tells it" 1 "$(alerts_open)"
same "and no other was ever opened" 1 "$(at journal --json | grep -c '"kind":"alert.opened"')"
teller=$(at alerts --json | jq -r '[.alerts[] | select(.phase == "firing")][0].check')

engine_stop || fail "the engine stops"
site "$([ "$teller" = s-50/icmp ] && echo "[01-49]" || echo "[$(printf %02d $((10#${teller:2:2} + 1)))-50]")"
left=$(jq -r '.targets[0].id' "$SITE")
start "1 0"
until_ok 15 eval "[ \"\$(alerts_open)\" = 1 ] && [ \"\$(at alerts --json | jq -r '[.alerts[] | select(.phase == \"firing\")][0].check')\" != $teller ]" &&
    ok "when its check has left ($left stays) another tells it" ||
    fail "when its check has left ($left stays) another tells it" "$(at alerts)"
engine_stop || fail "the engine stops"

start "0 0"
until_ok 15 is_open 0 && ok "with the right it is over" || fail "with the right it is over" "$(at alerts)" "$(at status | head -n 3)"
has "and hosts answer" "1 of 1 answered" "$(at status --json | jq -r '.targets[0].checks[0].summary')"
engine_stop || fail "the engine stops"
finish
