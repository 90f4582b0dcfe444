#!/bin/bash
# By keys, on real peers: a switchover of Patroni, and half of HAProxy's servers drained, taken in again.
. "$(dirname "$0")/lib.sh"
need patroni haproxy farm
export FARM_N=6 FARM_NET=$LAB_NET FARM_PORT=$((LAB_PORT + 40)) FARM_DIR=$TMP/farm
up patroni farm haproxy
url() { echo "http://$PATRONI_NET$1:$PATRONI_REST"; }
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1", "site": { "id": "keys", "name": "Keys", "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "defaults": { "interval": "1s", "retry": "300ms", "timeout": "2s" },
  "groups": [ { "id": "half-a", "name": "Half A" }, { "id": "half-b", "name": "Half B" } ],
  "targets": [
    { "id": "n1", "kind": "server", "group": "half-a", "address": "${PATRONI_NET}1", "checks": [ { "id": "pg", "probe": "tcp", "port": $PATRONI_PG } ] },
    { "id": "n[2-3]", "kind": "server", "group": "half-b", "address": "${PATRONI_NET}[2-3]", "checks": [ { "id": "pg", "probe": "tcp", "port": $PATRONI_PG } ] },
    { "id": "s[1-3]", "kind": "server", "group": "half-a", "address": "$LAB_NET.[1-3]", "checks": [ { "id": "http", "probe": "http", "url": "http://\${address}:$FARM_PORT/health" } ] },
    { "id": "s[4-6]", "kind": "server", "group": "half-b", "address": "$LAB_NET.[4-6]", "checks": [ { "id": "http", "probe": "http", "url": "http://\${address}:$FARM_PORT/health" } ] },
    { "id": "db", "kind": "cluster", "checks": [ { "id": "patroni", "probe": "patroni", "urls": [ "$(url 1)", "$(url 2)", "$(url 3)" ], "names": [ "n1", "n2", "n3" ] } ] },
    { "id": "lb", "kind": "server", "address": "$HAPROXY_IP", "checks": [ { "id": "web", "probe": "haproxy", "socket": "$HAPROXY_SOCK", "backend": "bk_web" } ] } ],
  "failover": [
    { "id": "fog-db", "members": [ "n1", "n2", "n3" ], "candidates": [ "n2" ], "driver": "patroni", "check": "db/patroni", "stateful": true },
    { "id": "fog-web", "members": [ "s[1-6]" ], "candidates": [ "half-b", "all" ], "driver": "haproxy", "check": "lb/web", "mode": "active-active" } ] }
J
engine_start || give_up "the engine starts"
until_ok 20 is_state db/patroni "OK hard" && ok "the cluster is seen" || fail "the cluster is seen" "$(at status)"
until_ok 20 is_state lb/web "OK hard" && ok "the balancer is seen" || fail "the balancer is seen" "$(at status)"

# to_plan GROUP: the lines that lead from the board to its plan
to_plan() {
    cat <<P
size 100x32
spawn $TRUCBAN --socket $SOCK --lang en
key 7
wait "$1" 10
key /
send $1
key Enter
wait "/$1" 5
wait-re "[+!] ready +$1" 30
key F
wait "Reason" 10
P
}
confirm="send \"by hand, in the lab\"
key Tab
send CHG-7
key Enter
wait-re \"Type code [0-9]{4} to confirm\" 15
wait-quiet 200
send-seen \"Type code ([0-9]{4}) to\"
wait-re \"[0-9]{4}\" 5
key Enter"

pty "Patroni is switched over by keys" <<P
$(to_plan fog-db)
wait-re "Switch group fog-db from n1 to n2" 5
$confirm
wait "Run · fog-db" 10
run "kill -HUP $ENGINE_PID"
wait-re "State +succeeded" 60
wait-re "n2 leads" 5
key Esc q
expect-exit 0 5
P
same "Patroni says the same" n2 "$(patroni leader)"
same "it was asked once" 1 "$(grep -c 'received switchover request' "$LAB_DIR/patroni/log/n1.log")"
same "the journal knows who and why" 1 "$(at journal --json | jq -s '[.[] | select(.kind == "failover.confirmed" and (tostring | contains("by hand, in the lab")))] | length')"
seq_of() { at journal --json | jq -s --arg k "$1" '[.[] | select(.kind == $k) | .seq] | max // 0'; }
has_reloaded() { [ "$(at journal --json | grep -c config.loaded)" = 2 ]; }
until_ok 10 has_reloaded && [ "$(seq_of config.loaded)" -gt "$(seq_of failover.ended)" ] &&
    ok "a site file that came meanwhile waited for its end" || fail "a site file that came meanwhile waited for its end" "$(at journal | tail -n 12)"

pty "half of the web servers are drained by keys" <<P
$(to_plan fog-web)
$confirm
wait "Run · fog-web" 10
wait-re "State +succeeded" 60
key Esc q
expect-exit 0 5
P
states() { for i in 1 2 3 4 5 6; do haproxy state s$i; done | tr '\n' ' '; }
same "HAProxy drained these three and no other" "DRAIN DRAIN DRAIN UP UP UP " "$(states)"
at journal --verify >/dev/null && ok "the journal holds" || fail "the journal holds"
finish
