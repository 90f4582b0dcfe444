#!/bin/bash
# When most checks cannot look by a fault of our own, that is one alert that counts, whatever each of
# them says; what the others see counts as ever.
. "$(dirname "$0")/lib.sh"
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "blind", "name": "Blind", "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "store": "sqlite:blind.db", "defaults": { "interval": "300ms", "retry": "100ms", "attempts": 2, "ok_confirm": 1 },
  "targets": [
    { "id": "one", "checks": [ { "id": "in", "probe": "passive", "interval": "10m", "attempts": 1 } ] },
    { "id": "p-[1-8]", "checks": [ { "id": "x", "probe": "exec", "command": [ "$TMP/plugins/\${id}" ], "timeout": "2s" } ] } ] }
J
mkdir plugins
engine_start || give_up "the engine starts"
free() { at alerts --json | jq "[.alerts[] | select(.marks == [])] | length"; }
frees() { [ "$(free)" = "$1" ]; }
own() { at status --json | jq '[.targets[].checks[] | select(.self)] | length'; }
eight() { [ "$(own)" = 8 ]; }
check "eight checks cannot look, each with a sentence of its own" until_ok 10 eight
check "one alert counts" until_ok 10 frees 1
check "the log says it" until_ok 5 grep -q "the fault is on this side" "$TMP/engine.log"
at submit one/in CRITICAL "really down" >/dev/null
check "what others see counts as ever" until_ok 5 frees 2
for i in 1 2 3 4 5 6 7 8; do printf '#!/bin/sh\necho OK\n' >"plugins/p-$i" && chmod 755 "plugins/p-$i"; done
check "all can look again: nothing is left of it" until_ok 10 is_open 1
check "and that is said" until_ok 5 grep -q "can look again" "$TMP/engine.log"
finish
