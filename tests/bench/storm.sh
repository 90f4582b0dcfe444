#!/bin/bash
# storm.sh: ten thousand alerts at once, fifty consoles and one acknowledgement, a start on a journal of
# a million events.
#
# MILLION=0 leaves the last one out.  Times of storing are those of the journal's own stamps.
. "$(dirname "$0")/lib.sh"
ASKER=${PTYRUN%/*}/asker
N=10000 CONSOLES=50
# passive COUNT: nineteen a group, since from twenty on those that are alike would be one row
passive() {
    local groups
    groups=$(seq 1 19 "$1" | awk '{ printf "%s{ \"id\": \"g-%d\" }", (NR > 1 ? "," : ""), NR }')
    cat >"$SITE" <<J
{ "\$schema": "trucban/site/1", "store": "sqlite:bench.db",
  "site": { "id": "bench", "name": { "vi": "Đo", "en": "Bench" }, "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "defaults": { "interval": "10m", "retry": "200ms", "attempts": 1, "ok_confirm": 1 }, "groups": [ $groups ],
  "receivers": [ { "id": "desk", "kind": "command", "command": [ "/bin/true" ], "priorities": [ "P1" ] } ],
  "targets": [ { "id": "core", "kind": "server", "address": "127.0.0.1",
    "checks": [ { "id": "in", "probe": "passive", "priority": "P1" } ] }
    $(seq 1 19 "$1" | awk -v all="$1" '{ last = $1 + 18 > all ? all : $1 + 18
        printf ", { \"id\": \"t-[%05d-%05d]\", \"group\": \"g-%d\", \"kind\": \"server\", \"address\": \"127.0.0.1\",\n", $1, last, NR
        print "\"checks\": [ { \"id\": \"in\", \"probe\": \"passive\", \"priority\": \"P2\" } ] }" }') ] }
J
}
submits() { # submits COUNT STATE
    seq -f %05.0f 1 "$1" | awk -v s="$2" '{ printf "{\"request\":\"submit\",\"args\":{\"check\":\"t-%s/in\",\"state\":\"%s\",\"text\":\"no route to host\"}}\n", $1, s }'
}
db() { sqlite3 -cmd ".timeout 5000" "$STATE/bench.db" "$1"; }
command -v sqlite3 >/dev/null || { echo "storm.sh: sqlite3 is missing" >&2; exit 0; }

passive $N
engine_start || give_up "the engine starts"
submits $N CRITICAL | awk '{ print } NR == 5000 { sub("t-05000/in", "core/in"); print }' >"$TMP/critical"
cat >"$TMP/console.pty" <<P
size 200x50
spawn $console
wait "Alerts" 10
key 6
wait-quiet 300 10
print wall-ms
wait-re "Alerts +[0-9.,]*10[.,]?00[01]" 60
print wall-ms
P
"$PTYRUN" - <"$TMP/console.pty" >"$TMP/console.out" 2>&1 & shown=$!
cat >"$TMP/keys.pty" <<P
size 200x50
spawn $console
wait "Alerts" 10
key 6
wait "t-0" 30
latency 200 5 Down Up
P
until_ok 10 grep -q . "$TMP/console.out"
"$PTYRUN" - <"$TMP/keys.pty" >"$TMP/keys.out" 2>&1 & keys=$!
sleep 1
from=$(now_ms)
"$ASKER" "$SOCK" 60 <"$TMP/critical" >/dev/null || give_up "the engine answers"
wait "$shown"; wait "$keys"
stored=$(db "select max(at_ms) - min(at_ms) from events where kind = 'alert.opened'")
row "10,000 alerts: opened, first to last, ms" "$stored" - 2000
row "10,000 alerts: on the screen after, ms" "$(($(tail -n 1 "$TMP/console.out" | grep -oE '[0-9]{13}') - from))" - 2000
cat "$TMP/keys.out"
out=$("$BENCH/keysbench" $N 50) || give_up "keysbench runs"
for what in growing changing filtered; do
    read -r _ p99 max < <(awk -v w="$what" '$1 == w { print $2, $3, $4 }' <<<"$out")
    row "a key, 10,000 alerts $what: CPU, p99, ms" "$p99" - "at most 20"
    row "a key, 10,000 alerts $what: CPU, longest, ms" "$max" - "-"
done
row "engine, RSS, kB" "$(rss "$ENGINE_PID")" - 61440
told() { db "select count(*) from events where kind = 'notice.sent'" | grep -qv '^0'; }
until_ok 30 told
row "the P1 among them: told outside after, ms" "$(db "select (select min(at_ms) from events where kind = 'notice.sent') - (select min(at_ms) from events where kind = 'alert.opened' and check_id = 'core/in')")" - 15000
from=$(now_ms)
at ack "1-$N" -m "half A lost its uplink" >/dev/null || give_up "all are acknowledged"
row "10,000 acknowledged by one request, ms" "$(($(now_ms) - from))" - "-"
engine_stop
rm -rf "$STATE"

passive 3
engine_start || give_up "the engine starts"
at submit t-00001/in CRITICAL "no route" >/dev/null
until_ok 5 is_open 1 || give_up "one alert"
cat >"$TMP/watch.pty" <<P
size 120x36
spawn $console
wait "no route" 20
wait-re "OWNER [0-9][0-9]:[0-9][0-9]" 60
print wall-ms
P
for i in $(seq $CONSOLES); do
    sed "s/OWNER/$(id -un)/" "$TMP/watch.pty" | "$PTYRUN" - >"$TMP/watch.$i" 2>&1 & watchers[i]=$!
done
watching() { [ "$(ss -xH 2>/dev/null | grep -c "$SOCK")" -ge $CONSOLES ]; }
until_ok 60 watching
sleep 2
id=$(alert_of t-00001/in)
for i in $(seq $CONSOLES); do at ack "$id" -m "calling the centre, $i" >"$TMP/ack.$i" 2>&1 & acks[i]=$!; done
won=0
for i in $(seq $CONSOLES); do wait "${acks[i]}" && won=$((won + 1)); done
wait "${watchers[@]}"
acked=$(db "select max(at_ms) from events where kind = 'alert.acknowledged'")
cat "$TMP"/watch.* | grep -oE '[0-9]{13}' | awk -v a="$acked" '{ print $1 - a }' | sort -n >"$TMP/late"
row "50 consoles: of 50 acknowledgements won" "$won" - 1
row "50 consoles: how many showed it" "$(wc -l <"$TMP/late")" - $CONSOLES
row "50 consoles: the owner on all, p99, ms" "$(awk '{ v[NR] = $1 } END { print v[int(NR * 0.99 + 0.999)] }' "$TMP/late")" - 200
engine_stop
rm -rf "$STATE"
[ "${MILLION:-1}" = 0 ] && exit 0

passive $N
engine_start || give_up "the engine starts"
"$ASKER" "$SOCK" 60 <"$TMP/critical" >/dev/null || give_up "the engine answers"
events() { db "select max(seq) from events"; }
while [ "$(events)" -lt 1000000 ]; do
    at ack "1-$N" -m "half A lost its uplink" >/dev/null && at unack "1-$N" >/dev/null || give_up "all are taken, and given back"
done
at ack "1-$((N / 2))" -m "half A lost its uplink" >/dev/null || give_up "half of them are taken"
sleep 2
before=$(at alerts --json | jq -c '[.alerts[] | [.id, .version, .marks, .level, .ack]] | sort' | md5sum)
engine_stop KILL
# Ready by its own word: asking it for the state of ten thousand checks would be part of the figure.
engine_answers() { grep -q "ready, pid $ENGINE_PID," "$TMP/engine.log"; }
from=$(now_ms)
engine_start || give_up "the engine starts on a million events"
row "start with $(events) events, killed before: ready, ms" "$(($(now_ms) - from))" - "-"
"$PTYRUN" - >"$TMP/first.out" 2>&1 <<P
size 120x36
spawn $console
wait "t-0" 20
print wall-ms
P
row "start with $(events) events, killed before: picture, ms" "$(($(grep -oE '[0-9]{13}' "$TMP/first.out") - from))" - 1000
after=$(at alerts --json | jq -c '[.alerts[] | [.id, .version, .marks, .level, .ack]] | sort' | md5sum)
row "the same alerts, marks, levels, owners" "$([ "$before" = "$after" ] && echo yes || echo no)" - yes
