#!/bin/bash
# Too few descriptors (faults.md PF15): that is our own fault, said as such; nobody is called CRITICAL for it, the engine goes on
# answering, and is well again when there are enough.
. "$(dirname "$0")/lib.sh"
"$FARM" up >/dev/null || give_up "the farm comes up"
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "few", "name": "Few", "language": "en", "timezone": "Asia/Ho_Chi_Minh" }, "store": "sqlite:few.db",
  "defaults": { "interval": "1s", "retry": "500ms", "timeout": "2s", "attempts": 2, "ok_confirm": 1 },
  "targets": [ { "id": "s[1-50]", "kind": "server", "address": "$NET.[1-50]", "checks": [
    $(for i in 1 2 3 4; do echo "{ \"id\": \"h$i\", \"probe\": \"http\", \"url\": \"http://\${address}:$PORT/health\" }"; [ $i = 4 ] || echo ,; done) ] } ] }
J
count() { at status --json | jq "[.targets[].checks[] | select($1)] | length"; }
opened_critical() { at journal --json | jq -s '[.[] | select(.kind == "alert.opened" and .body.state == "CRITICAL")] | length'; }
beats() { at status --json | jq -r .engine.heartbeat_at; }
all_well() { [ "$(count '.state == "OK"')" = 200 ]; }

# Every third socket that is asked for is refused.
if strace -f -qq -o /dev/null -e trace=socket -e inject=socket:error=EMFILE:when=1 true 2>/dev/null; then
    engine_start
    until_ok 15 all_well || give_up "all 200 checks are well" "$(at status | tail -n 5)"
    strace -f -qq -o /dev/null -p "$ENGINE_PID" -e trace=socket -e inject=socket:error=EMFILE:when=3+3 2>/dev/null & tracer=$!
    KIDS+=("$tracer")
    seen=
    for _ in $(seq 20); do
        sleep 0.3
        [ "$(count '.self')" -gt 0 ] && seen=yes
    done
    same "PF15: what lacks a socket says so of ourselves" yes "$seen"
    same "PF15: and nobody is CRITICAL for it" 0 "$(opened_critical)"
    kill "$tracer"
    wait "$tracer" 2>/dev/null
    until_ok 15 all_well && ok "PF15: well again when sockets are to be had" || fail "PF15: well again when sockets are to be had" "$(at status | tail -n 5)"
    engine_stop || fail "the engine stops"
else
    skip "PF15: sockets refused one by one: strace cannot inject here"
fi

# Sixty-four descriptors in all for two hundred checks a second.
rm -rf "$STATE"
ulimit -Sn 64
engine_start
ulimit -Sn "$(ulimit -Hn)"
for _ in 1 2 3; do
    sleep 3
    before=${last:-} last=$(beats)
    [ "$before" != "$last" ] || fail "PF15: the heart goes on beating with 64 descriptors" "$last twice"
done
same "PF15: with 64 descriptors nobody is CRITICAL" 0 "$(opened_critical)"
[ "$(at alerts --json | jq '[.alerts[] | select(.phase == "firing")] | length')" -le 1 ] && ok "PF15: one alert at most tells it" ||
    fail "PF15: one alert at most tells it" "$(at alerts)"
prlimit --pid "$ENGINE_PID" --nofile=1024:
until_ok 20 all_well && ok "PF15: well with enough of them" || fail "PF15: well with enough of them" "$(at status | tail -n 5)"
engine_stop || fail "the engine stops"
finish
