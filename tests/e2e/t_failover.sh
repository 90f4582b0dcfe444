#!/bin/bash
# Failover against a played Patroni and HAProxy: ends told truthfully, refusals, kill -9 at each boundary
# (nothing is sent twice), one run a group, closing.  Effects are counted where they happen.
. "$(dirname "$0")/lib.sh"
SW=$TMP/sw N=$NET.1
mkdir -p "$SW"
"$(dirname "$PTYRUN")/switchd" "$SW" "$N" "$PORT" n1,n2,n3 be a-1,a-2,b-1,b-2 >"$TMP/switchd.log" 2>&1 &
KIDS+=($!)
until_ok 5 grep -q ready "$SW/log" || give_up "the played peers start" "$(cat "$TMP/switchd.log")"
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1", "site": { "id": "fo", "name": "Failover", "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "store": "sqlite:fo.db", "defaults": { "interval": "2s", "retry": "500ms", "timeout": "2s" },
  "groups": [ { "id": "half-a", "name": "A" }, { "id": "half-b", "name": "B" } ],
  "targets": [
    { "id": "db-[1-3]", "address": "$N", "checks": [ { "probe": "tcp", "port": $PORT } ] },
    { "id": "a-[1-2]", "group": "half-a", "address": "$N", "checks": [ { "probe": "tcp", "port": $PORT } ] },
    { "id": "b-[1-2]", "group": "half-b", "address": "$N", "checks": [ { "probe": "tcp", "port": $PORT } ] },
    { "id": "pg", "kind": "cluster", "checks": [ { "probe": "patroni",
      "urls": [ "http://$N:$PORT", "http://$N:$((PORT + 1))", "http://$N:$((PORT + 2))" ] } ] },
    { "id": "lb", "address": "$N", "checks": [ { "probe": "haproxy", "port": $((PORT + 100)), "host": "$N", "backend": "be" } ] } ],
  "failover": [
    { "id": "fog-db", "driver": "patroni", "check": "pg/patroni", "members": [ "db-[1-3]" ], "stateful": true,
      "names": { "db-1": "n1", "db-2": "n2", "db-3": "n3" } },
    { "id": "fog-web", "driver": "haproxy", "check": "lb/haproxy", "members": [ "a-[1-2]", "b-[1-2]" ] },
    { "id": "fog-two", "driver": "haproxy", "check": "lb/haproxy", "members": [ "a-[1-2]", "b-[1-2]" ], "approve_role": "l2" },
    { "id": "fog-sto", "members": [ "a-1" ] } ] }
J
set_peers() { printf '%s\n' "$@" >"$SW/set"; }
effects() { grep -c "^$1" "$SW/log"; }
fo() { at failover "$@"; }
last() { fo runs --json | jq -r ".runs[-1].$1"; }
is_last() { [ "$(last state)" = "$1" ]; }
leader() { local l=n1 w x; while read -r w x; do [ "$w" = leader ] && l=$x; done <"$SW/log"; echo "db-${l#n}"; }
# go NAME GROUP TO EXIT: a run by hand, with the code that is on the screen
go() {
    pty "$1" <<P
size 132x40
spawn $TRUCBAN failover run $2 --to $3 --reason "a test" --ticket T-1 --socket $SOCK --lang en
wait-re "Type code [0-9]{4} to confirm" 15
wait-quiet 100
send-seen "Type code ([0-9]{4}) to"
key Enter
expect-exit $4 30
P
}
# crash NAME FAILPOINT GROUP TO: the engine dies there; then it is started again
crash() {
    engine_stop KILL
    FP="$2:kill9,failover.short_verify:err" engine_start || give_up "$1: the engine starts"
    until_ok 20 clean "$3" "$4"
    pty "$1: the engine dies" <<P
size 132x40
spawn $TRUCBAN failover run $3 --to $4 --reason "a test" --ticket T-1 --socket $SOCK --lang en
wait-re "Type code [0-9]{4} to confirm" 15
wait-quiet 100
send-seen "Type code ([0-9]{4}) to"
key Enter
run "for i in {1..200}; do kill -0 $ENGINE_PID 2>/dev/null || exit 0; sleep 0.05; done; exit 1"
signal KILL
expect-exit any 5
P
    FP=failover.short_verify:err engine_start || give_up "$1: the engine starts again"
}
# clean GROUP TO: nothing stands against it, and there is nothing to tick
clean() { [ "$(fo plan "$1" --to "$2" --json | jq -r '[.checks[] | select(.kind != "ok")] | length')" = 0 ]; }
wanted() { [ "$(fo plan "$1" --to "$2" --json | jq -r '[.checks[] | select(.kind == "fail")] | length')" = 0 ]; }
: >"$SW/set"
FP=failover.short_verify:err engine_start || give_up "the engine starts" "$(cat "$TMP/engine.log")"
until_ok 10 wanted fog-db db-2 || fail "the cluster is fit" "$(fo plan fog-db --to db-2)"

# --- ends -----------------------------------------------------------------------------------------
go "a switchover" fog-db db-2 0
same "is one POST" 1 "$(effects POST)"
same "ended SUCCEEDED" SUCCEEDED "$(last state)"
set_peers "reply other"
go "instead of: exit 1 (FO5)" fog-db db-1 1
same "SUCCEEDED_OTHER" SUCCEEDED_OTHER "$(last state)"
same "names both" "db-3 leads, not db-1 as asked for." "$(last outcome)"
set_peers "reply ok"
fo plan fog-db --to db-1 >"$TMP/out"
same "an unclosed run blocks the next" 77 $?
has "by R09" "R09 Run" "$(cat "$TMP/out")"
fo close "$(last id)" -m "seen, n3 is fine too" >/dev/null
same "closed" CLOSED "$(last state)"
set_peers "reply refused"
go "refused: exit 2" fog-db db-1 2
same "FAILED_SAFE" FAILED_SAFE "$(last state)"
set_peers "reply rst"
go "the reply is lost, the effect is there: exit 0" fog-db db-1 0
before=$(effects POST)
set_peers "reply lost"
go "neither is known: exit 3" fog-db db-2 3
same "UNKNOWN" UNKNOWN "$(last state)"
same "nothing was sent again" $((before + 1)) "$(effects POST)"
fo resolve "$(last id)" not-done -m "n1 still leads" >/dev/null
same "a human says what it was" FAILED_SAFE "$(last state)"

# --- refusals -------------------------------------------------------------------------------------
refused() { # refused NAME SET WORDS
    set_peers "reply ok" "$2"
    local out before
    before=$(effects POST)
    out=$(fo plan fog-db --to db-2)
    has "$1" "$3" "$out"
    same "$1: nothing was sent" "$before" "$(effects POST)"
}
refused "replay paused (FO8)" "n2 paused 1" "R05 db-2 has paused its replay"
refused "20 MB behind (FO8)" "n2 lag 21076378" "R05 db-2 is 20.1 MiB behind (limit 1.0 MiB)"
refused "nofailover (FO8)" "n2 nofailover 1" "R05 db-2 has the tag nofailover"
refused "wrong timeline (FO8)" "n2 timeline 3" "R05 db-2 is on timeline 3"
refused "frozen (FO8)" "n2 frozen 1" "R05 db-2 does not answer"
refused "not the sync standby (FO8)" "cluster sync n3" "R05 db-2 is not the synchronous standby"
refused "two primaries" "cluster split n3" "R04"
set_peers "reply ok"
out=$(fo plan fog-two --to half-b)
has "a second person cannot be asked yet, and that is said" "R21 This group needs a second person" "$out"
has "no driver" "R07 No driver is configured" "$(fo plan fog-sto --to half-b)"
out=$(fo run fog-db --to db-2 --reason "a test" --ticket T-1 </dev/null 2>&1)
same "run without a terminal: 64" 64 $?
before=$(effects POST)
pty "a wrong code" <<P
size 132x40
spawn $TRUCBAN failover run fog-db --to db-2 --reason "a test" --ticket T-1 --socket $SOCK --lang en
wait-re "Type code [0-9]{4} to confirm" 15
wait-quiet 100
send "12345"
key Enter
wait "R21 Wrong confirmation code. No switchover was made." 5
expect-exit 77 5
P
same "sends nothing" "$before" "$(effects POST)"
has "and is in the journal" "R21 Wrong confirmation code" "$(at journal --json | grep request.refused)"

# --- kill -9 at each boundary ---------------------------------------------------------------------
for at_point in before_intent after_intent; do
    before=$(effects POST)
    to=db-2
    [ "$(leader)" = db-2 ] && to=db-1
    crash "at $at_point" failover.$at_point fog-db $to
    until_ok 10 is_last FAILED_SAFE
    same "$at_point: FAILED_SAFE" FAILED_SAFE "$(last state)"
    same "$at_point: nothing was sent" "$before" "$(effects POST)"
done
before=$(effects POST)
crash "at after_sent" failover.after_sent fog-db $to
until_ok 15 is_last UNKNOWN
same "after_sent: whether it was sent cannot be known" UNKNOWN "$(last state)"
same "after_sent: nothing is sent by itself" "$before" "$(effects POST)"
fo resolve "$(last id)" not-done -m "looked at it" >/dev/null
for at_point in after_reply before_outcome; do
    before=$(effects POST)
    to=db-2
    [ "$(leader)" = db-2 ] && to=db-1
    crash "at $at_point" failover.$at_point fog-db $to
    until_ok 15 is_last SUCCEEDED
    same "$at_point: what happened is seen" SUCCEEDED "$(last state)"
    same "$at_point: sent once" $((before + 1)) "$(effects POST)"
done

# --- HAProxy --------------------------------------------------------------------------------------
set_peers "reply ok" "b-1 up 0" "b-2 up 0"
has "the last servers stay (FO11)" "R10 Only 0 servers of half-b would be left UP" "$(fo plan fog-web --to half-b)"
same "and nothing was set" 0 "$(effects set)"
set_peers "reply ok"
crash "after the first drain" failover.after_outcome fog-web half-b
until_ok 15 is_last FAILED_PARTIAL
has "the run says what is drained and not restored (FO11)" "drained, not restored: a-1" "$(last outcome)"
same "one server was set, once" 1 "$(effects set)"
fo close "$(last id)" -m "going back" >/dev/null
until_ok 20 clean fog-web all
go "back to all" fog-web all 0
same "is one command" "set a-1 ready" "$(grep ^set "$SW/log" | tail -n 1)"
set_peers "deny 1"
go "the balancer refuses: exit 2" fog-web half-b 2
same "nothing changed" FAILED_SAFE "$(last state)"
set_peers "mute 1"
go "no reply, but it is so: exit 0" fog-web half-b 0
at journal --verify >/dev/null && ok "the journal holds" || fail "the journal holds"
finish
