#!/bin/bash
# The kinds metrics and metric on a real node_exporter: its page, a textfile of a job, wrong, slow, dead.
. "$(dirname "$0")/lib.sh"
need node
up node
printf 'lab_jobs{queue="a"} 3\nlab_jobs{queue="b"} 4\nlab_last_sync_timestamp_seconds %s\n' $(($(date +%s) - 7200)) | node write lab
cat >"$SITE" <<J
{ "site": { "id": "lab", "language": "en" }, "defaults": { "interval": "1s", "retry": "500ms", "timeout": "1s", "attempts": 2 },
  "targets": [ { "id": "srv-[1-2]", "address": "${NODE_NET}[1-2]", "checks": [
    { "id": "node", "probe": "metrics", "url": "http://\${address}:$NODE_PORT/metrics" },
    $(for of in load cpu memory disk inodes clock boot files textfile units; do
        echo "{ \"id\": \"$of\", \"probe\": \"metric\", \"from\": \"\${id}/node\", \"of\": \"$of\" },"
    done)
    { "id": "jobs", "probe": "metric", "from": "\${id}/node", "series": "lab_jobs", "by": "queue", "metric": "jobs",
      "thresholds": { "jobs": { "warning": 5, "critical": 50 } } },
    { "id": "sync", "probe": "metric", "from": "\${id}/node", "series": "lab_last_sync_timestamp_seconds", "as": "age", "absent": "critical",
      "thresholds": { "age_s": { "critical": 3600 } } },
    { "id": "rx", "probe": "metric", "from": "\${id}/node", "series": "node_scrape_collector_duration_seconds", "by": "collector" } ] } ] }
J
like() { local s; s=$("$TRUCBAN" probe --site "$SITE" --lang en | grep "^[A-Z]* *$1 "); [[ $s == *$2* ]] && ok "$3" || fail "$3" "expected: $2" "got: $s"; }
like srv-1/node "series" "the page is read"
for of in load memory disk inodes boot files; do
    like srv-2/$of "OK" "$of is a number of this machine"
done
like srv-1/clock "offset_ms:" "the clock's offset"
like srv-1/jobs "OK*jobs (b): 4" "what a job left, the longest queue by name"
like srv-1/sync "CRITICAL*age_s 72*critical from 3600" "how old its last time is"
like srv-1/textfile "OK*lab.prom" "the age of its file, by name"
like srv-1/units "UNKNOWN*no series node_systemd_unit_state" "a collector that is off is told"
echo 'lab_jobs{queue="a"} 77' | node write lab
like srv-1/jobs "CRITICAL*jobs (a) 77, critical from 50" "a new value is seen"
like srv-1/sync "CRITICAL*no series lab_last_sync" "and one that is gone"
node age lab 90000
like srv-1/textfile "*lab.prom): 1d" "an old file is old"
echo 'lab_jobs{queue="a" 1' | node write lab
like srv-1/jobs "UNKNOWN*no series lab_jobs" "half a file: the exporter leaves it out"

engine_start || give_up "the engine starts"
check "the processor's share comes with the second look" until_ok 10 eval '[[ $(words_of srv-1/cpu) == "cpu: "*" %" ]]'
node freeze
check "a frozen exporter is CRITICAL within its limit" until_ok 10 is_state srv-1/node "CRITICAL hard"
has "in words" "no answer within 1 s" "$(words_of srv-1/node)"
check "what it feeds grows old" until_ok 15 eval '[ "$(at status --json | jq -r ".targets[].checks[] | select(.check == \"srv-2/memory\") | .state")" = STALE ]'
node thaw
check "and is back" until_ok 10 is_state srv-1/node "OK hard"
check "with all of it" until_ok 10 is_state srv-2/memory "OK hard"
node stop
check "one that is stopped" until_ok 10 eval '[ "$(words_of srv-1/node)" = "connection refused" ]'
lost() { [ "$(at alerts --json | jq '[.alerts[] | select(.phase == "firing" and (.check | endswith("/node")))] | length')" = 2 ]; }
check "is one alert a server" until_ok 10 lost
same "and none of what it feeds" 0 "$(at alerts --json | jq '[.alerts[] | select(.phase == "firing" and (.check | test("/(load|memory|cpu|disk)$")))] | length')"
engine_stop
finish
