#!/bin/bash
# What stands behind something that is down is measured and folded, not told: one cause, held and
# released; host checks, plain parents, redundancy groups.
. "$(dirname "$0")/lib.sh"
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "tree", "name": "Tree", "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "store": "sqlite:tree.db", "defaults": { "interval": "10m", "retry": "200ms", "attempts": 1, "ok_confirm": 1 },
  "targets": [
    { "id": "sw", "checks": [ { "id": "ping", "probe": "passive", "priority": "P2" } ] },
    { "id": "rt-[1-2]", "checks": [ { "id": "ping", "probe": "passive" } ] },
    { "id": "srv", "parents": [ "sw" ], "checks": [
      { "id": "host", "probe": "passive", "host_check": true }, { "id": "web", "probe": "passive" } ] },
    { "id": "far", "parents": [ "rt-1|rt-2" ], "checks": [ { "id": "web", "probe": "passive" } ] },
    { "id": "below", "parents": [ "srv" ], "checks": [ { "id": "app", "probe": "passive" } ] } ] }
J
check "the site is well" trucban site check "$SITE"
sub() { at submit "$1" "$2" "seen as $2" >/dev/null; }
alert() { at alerts --json | jq -c "[.alerts[] | select(.check == \"$1\")][0]"; }
is() { alert "$1" | jq -e "$2" >/dev/null; }
of() { at status --json | jq -e --arg c "$1" '[.targets[].checks[] | select(.check == $c)][0]'" | $2" >/dev/null; }
engine_start || give_up "the engine starts"
for c in sw/ping rt-1/ping rt-2/ping srv/host srv/web far/web below/app; do sub $c OK; done

sub sw/ping CRITICAL && until_ok 5 is_open 1 || give_up "the switch's alert opens"
sw=$(alert_of sw/ping)
sub srv/host CRITICAL && sub srv/web CRITICAL && until_ok 5 is_open 3 || give_up "those behind open"
check "a server behind the switch names it" is srv/host ".marks == [\"parent\"] and .cause == $sw"
check "so do its other checks" is srv/web ".marks == [\"parent\"] and .cause == $sw"
check "and what stands behind the server" of below/app '.unreachable'
sub below/app CRITICAL && until_ok 5 is_open 4
check "with the furthest cause" is below/app ".cause == $sw"
check "the cause itself stands free" is sw/ping '.marks == [] and .cause == null'
check "their clocks stand" is srv/web '.next.runs == false'
check "that of the cause runs" is sw/ping '.next.runs'

sub sw/ping OK
check "the switch is up: they wait for a look of their own" until_ok 5 is srv/host '.marks == ["settle"]'
sub srv/host CRITICAL
check "still bad after it: told" until_ok 5 is srv/host '.marks == [] and .cause == null'
host=$(alert_of srv/host)
check "its other checks stand behind the server now" until_ok 5 is srv/web ".marks == [\"parent\"] and .cause == $host"
sub srv/host OK && sub srv/web OK && sub below/app OK
check "all over" until_ok 5 is_open 0
same "what only stood behind was never more than that" 0 \
    "$(at journal --json | jq -c 'select(.kind == "alert.escalated")' | wc -l)"

sub rt-1/ping CRITICAL && sub far/web CRITICAL && until_ok 5 is_open 2
check "one of two routers: not cut off" is far/web '.marks == []'
sub rt-2/ping CRITICAL
check "both: cut off" until_ok 5 is far/web '.marks == ["parent"]'
engine_stop KILL
engine_start || give_up "the engine starts again"
check "after a restart it is still held back: nobody has looked" is far/web '.marks == ["parent"] or .marks == ["settle"]'
sub rt-1/ping CRITICAL && sub rt-2/ping CRITICAL && sub far/web CRITICAL
check "and when all have looked" until_ok 5 is far/web '.marks == ["parent"]'
acked=$(at ack "$(alert_of rt-1/ping)" -m "router is being replaced" --behind 2>&1)
has "acknowledged with what stands behind it" "alerts: done" "$acked"
check "an owner for each" is far/web '.ack != null'
finish
