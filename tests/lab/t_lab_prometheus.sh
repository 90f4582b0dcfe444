#!/bin/bash
# The kinds prometheus and alertmanager on the real ones: rows by series, refused queries, a rule that fires, slow, dead; and
# alerts that we sent there ourselves.
. "$(dirname "$0")/lib.sh"
need prometheus node alertmanager
up prometheus node alertmanager
prom="\"url\": \"http://$PROM_IP:$PROM_PORT\""
cat >"$SITE" <<J
{ "site": { "id": "lab", "language": "en" }, "defaults": { "interval": "1s", "retry": "500ms", "timeout": "1s", "attempts": 2 },
  "receivers": [ { "id": "am", "kind": "alertmanager", "urls": [ "http://$ALERTS_IP:$ALERTS_PORT" ], "group": "100ms" } ],
  "targets": [
    { "id": "prom", "kind": "endpoint", "checks": [
      { "id": "up", "probe": "prometheus", $prom, "query": "up{job='node'}", "facts": [ "job" ], "metric": "up" },
      { "id": "n", "probe": "prometheus", $prom, "query": "count(up)", "metric": "jobs", "method": "get" },
      { "id": "bad", "probe": "prometheus", $prom, "query": "up{" },
      { "id": "range", "probe": "prometheus", $prom, "query": "up[1m]" },
      { "id": "none", "probe": "prometheus", $prom, "query": "up == 7", "absent": "ok" } ] },
    { "id": "am", "kind": "endpoint", "checks": [
      { "id": "alerts", "probe": "alertmanager", "url": "http://$ALERTS_IP:$ALERTS_PORT" },
      { "id": "filter", "probe": "alertmanager", "url": "http://$ALERTS_IP:$ALERTS_PORT", "filter": [ "alertname=Nothing" ] },
      { "id": "bad", "probe": "alertmanager", "url": "http://$ALERTS_IP:$ALERTS_PORT", "filter": [ "no matcher" ] } ] },
    { "id": "srv-[1-3]", "address": "${NODE_NET}[1-3]", "checks": [
      { "id": "up", "probe": "row", "from": "prom/up", "row": "\${address}:$NODE_PORT", "thresholds": { "up": { "critical": 0.5, "below": true } } },
      { "id": "foreign", "probe": "row", "from": "am/alerts", "row": "\${address}:$NODE_PORT" } ] } ] }
J
engine_start || give_up "the engine starts"
said() { [[ $(words_of "$1") == $2 ]]; }
check "what Prometheus scrapes is up" until_ok 15 is_state srv-1/up "OK hard"
check "what it cannot reach is down" until_ok 10 is_state srv-3/up "CRITICAL hard"
same "in the words of the threshold" "up 0, critical at 0.5 or less" "$(words_of srv-3/up)"
check "one number by itself" until_ok 10 said prom/n "jobs*: 4"
check "a query that is none" said prom/bad "HTTP 400: *parse error*"
check "a range" said prom/range "the answer is of type matrix*"
check "nothing, where nothing is good" is_state prom/none "OK hard"

# --- its alerts, beside ours ---------------------------------------------------------------------------------------
check "a rule that fires is on the board" until_ok 25 said am/alerts "Lost (${NODE_NET}3:$NODE_PORT): nobody answers at *"
check "and at the target that it is about" until_ok 10 is_state srv-3/foreign "CRITICAL hard"
same "the others have none" "no alerts" "$(words_of srv-1/foreign)"
check "what we sent there is there" until_ok 20 eval 'alertmanager alerts | jq -e ".[] | select(.labels.site == \"lab\")"'
own() { [ "$(at status --json | jq '.targets[].checks[] | select(.check == "am/alerts") | [.metrics[] | select(.name == "own") | .value][0]')" -ge 1 ]; }
check "and counted as our own" until_ok 10 own
check "but not as theirs" said am/alerts "Lost (*): *"
check "a filter that nothing passes" said am/filter "no alerts"
check "a filter that is none" said am/bad "HTTP 400: bad matcher*"
silence() {
    curl -sf -m 5 -H 'Content-Type: application/json' "http://$ALERTS_IP:$ALERTS_PORT/api/v2/silences" -d "{\"matchers\":[{\"name\":\"alertname\",\"value\":\"Lost\",\"isRegex\":false}],\"startsAt\":\"$(date -u -d '-1 min' +%FT%TZ)\",\"endsAt\":\"$(date -u -d '+1 hour' +%FT%TZ)\",\"createdBy\":\"lab\",\"comment\":\"x\"}"
}
check "Alertmanager takes a silence" silence
check "what is silenced there judges nothing here" until_ok 10 said am/alerts "no alerts; 1 silenced, 0 inhibited"
check "nor at the target" until_ok 10 said srv-3/foreign "no alerts"

# --- slow, dead --------------------------------------------------------------------------------------------------------
prometheus freeze
check "a frozen Prometheus is CRITICAL within the limit" until_ok 10 is_state prom/up "CRITICAL hard"
stale() { [[ $(state_of srv-1/up) == STALE* ]]; }
check "and its rows grow old" until_ok 15 stale
prometheus thaw
check "and is back" until_ok 15 is_state srv-1/up "OK hard"
prometheus stop
alertmanager stop
check "one that is stopped" until_ok 10 said prom/up "connection refused"
check "an Alertmanager that is stopped" until_ok 10 said am/alerts "connection refused"
engine_stop
finish
