#!/bin/bash
# Fifty hosts behind a cable that is cut, lossy, slow: what is said of whom, and that packets that get lost make no alert (PF16).
[ -n "${NET_WITHIN:-}" ] || {
    [ "$(id -u)" = 0 ] || { echo "networks of our own need root"; exit 77; }
    unshare --net true 2>/dev/null || { echo "no network of our own can be made here"; exit 77; }
    NET_WITHIN=1 exec unshare --net "$0"
}
. "$(dirname "$0")/lib.sh"
need net
up net
site() { # site INTERVAL TIMEOUT ATTEMPTS [THRESHOLDS]
    cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "net", "name": "Net", "language": "en", "timezone": "Asia/Ho_Chi_Minh" }, "store": "sqlite:net.db",
  "defaults": { "interval": "$1", "retry": "$1", "timeout": "$2", "attempts": $3, "ok_confirm": 1 },
  "targets": [ { "id": "s[1-50]", "kind": "server", "address": "$NET_LAN.[1-50]", "checks": [
    { "id": "http", "probe": "http", "url": "http://\${address}:$NET_PORT/health", "expect": { "status": [200], "json": { "/status": "UP" } } ${4:-} } ] } ] }
J
}
count() { at status --json | jq "[.targets[].checks[] | select($1)] | length"; }
all_well() { [ "$(count '.state == "OK" and .hard')" = 50 ]; }
others_well() { [ "$(count ".state == \"OK\" and .check != \"$1\"")" = 49 ]; }
says() { [[ $(state_of "$1") == $2* && $(words_of "$1") == *$3* ]]; }
expect() { # expect WHAT CHECK STATE WORDS
    until_ok 15 says "$2" "$3" "$4" && ok "$1" || fail "$1" "$(state_of "$2"): $(words_of "$2")"
    others_well "$2" && ok "and nobody else" || fail "and nobody else" "$(at status | grep -v ' OK ' | head -n 5)"
}
site 1s 2s 2 ', "thresholds": { "latency_ms": { "warning": 500, "critical": 4000 } }'
engine_start || give_up "the engine starts"
until_ok 15 all_well && ok "all fifty are well" || give_up "all fifty are well" "$(at status | head -n 5)"

net oneway 8
expect "one whose answers are lost" s8/http CRITICAL "no connection within"
net heal 8
net cut 7
expect "a cable that is out" s7/http CRITICAL "" # silence, until nobody there says who has the address
net heal 7
net far "$LAB/farm.sh" fault 6 refused
expect "one where nothing listens" s6/http CRITICAL "connection refused"
net far "$LAB/farm.sh" heal 6
until_ok 15 all_well && ok "all healed" || fail "all healed" "$(at status | grep -v ' OK ' | head)"
net delay 9 200
expect "200 ms each way are a slow host, no dead one" s9/http WARNING "latency_ms"
connect=$(at status --json | jq '.targets[].checks[] | select(.check == "s9/http") | .metrics[] | select(.name == "connect_ms") | .value | floor')
[ "$connect" -ge 390 ] && ok "and the time is told where it went: the connection took $connect ms" || fail "the connection is slow" "$connect ms"
net heal 9
until_ok 15 all_well && ok "all well again" || fail "all well again" "$(at status | grep -v ' OK ' | head)"
engine_stop || fail "the engine stops"

# PF16.  What carries it: the kernel asks again for a connection after 1 and 3 s, and three attempts in a row have to fail.  (Slow
# ones would count as attempts, too, if they were WARNING: no threshold here.)
rm -rf "$STATE"
site 2s 5s 3
engine_start || give_up "the engine starts"
until_ok 15 all_well || give_up "all are well before packets get lost"
net loss all 30
from=$(date +%s)
slow=0
while [ $(($(date +%s) - from)) -lt 60 ]; do
    slow=$((slow + $(count '.latency_ms != null and .latency_ms > 900')))
    sleep 5
done
net heal all
hard=$(at journal --json | jq -s '[.[] | select(.kind == "check.changed" and .body.state == "CRITICAL")] | length')
echo "PF16: 30 % lost for a minute, 1,500 looks: $hard hard CRITICAL; $slow of 600 looked at took over 0.9 s"
[ "$slow" -gt 20 ] && ok "packets do get lost" || fail "packets do get lost" "only $slow were slow"
[ "$hard" -le 1 ] && ok "PF16: 30 % loss makes at most one alert" || fail "PF16: 30 % loss makes at most one alert" "$hard" "$(at journal | grep CRITICAL | head)"
engine_stop || fail "the engine stops"
finish
