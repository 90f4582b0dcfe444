#!/bin/bash
# A list of databases under a whole engine: what was never connected raises no alarm, what dropped out does and stands first,
# also where only the list once called it connected; a list that is cut feeds nobody and is one alert.
. "$(dirname "$0")/lib.sh"
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "dbs", "name": "Databases", "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "store": "sqlite:dbs.db",
  "defaults": { "interval": "500ms", "retry": "200ms", "timeout": "2s", "attempts": 2, "ok_confirm": 1 },
  "totals": [ { "id": "kh02", "name": "Plan 02", "labels": { "programme": "kh02" }, "total": 12, "done": 3, "as_of": "2026-03-05" } ],
  "targets": [
    { "id": "list", "kind": "endpoint", "checks": [ { "id": "all", "probe": "sync", "url": "http://$NET.1:$PORT/list", "rows": "/databases" } ] },
    { "id": "ndb-[01-03]", "kind": "database", "link": "done", "labels": { "programme": "kh02" }, "checks": [ { "id": "sync", "probe": "row", "from": "list/all", "priority": "P2" } ] },
    { "id": "ndb-[04-06]", "kind": "database", "link": "none", "labels": { "programme": "kh02", "blocker": "hs_thieu" },
      "checks": [ { "id": "sync", "probe": "row", "from": "list/all", "priority": "P2" } ] } ] }
J
check "the site is well" trucban site check "$SITE"

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }
done_row() { echo "{\"id\":\"$1\",\"link\":\"done\",\"last_sync_at\":\"$(now)\",\"traffic_day\":${2:-40}}"; }
none_row() { echo "{\"id\":\"$1\",\"link\":\"none\"}"; }
# list ROW…: what the source answers from now on
list() {
    local IFS=,
    echo "{\"databases\":[$*]}" >"$TMP/list.new" && mv "$TMP/list.new" "$FARM_DIR/1.page"
}
row() { at status --json | jq -r --arg c "$1/sync" '.targets[].checks[] | select(.check == $c) | .state + " " + .summary'; }
says() { [[ $(row "$1") == "$2"* ]]; }
echo '{"databases":[]}' >"$TMP/page"
FARM_N=1 "$FARM" up && FARM_N=1 "$FARM" fault 1 "page=$TMP/page" || give_up "a server that answers the list"
list "$(done_row ndb-01)" "$(done_row ndb-02)" "$(done_row ndb-03 0)" "$(done_row ndb-04)" "$(none_row ndb-05)"
engine_start || give_up "the engine starts"

# --- well: four connected, one of them by the list alone; two that never were ------------------------------------
check "one is connected" until_ok 10 says ndb-01 "OK synchronised "
check "one is used by nobody, and no alarm" until_ok 5 says ndb-03 "OK connected and synchronised "
check "one is connected though the site file does not say so" until_ok 5 says ndb-04 "OK synchronised "
check "one is not connected yet" until_ok 5 says ndb-05 "OK not connected yet"
check "one is not even in the list" until_ok 5 says ndb-06 "OK not connected yet: no row"
same "nobody is alarmed" 0 "$(alerts_open)"

# --- two drop out: one's row is gone, one is called not connected any more -----------------------------------------------
list "$(done_row ndb-01)" "$(done_row ndb-03 0)" "$(none_row ndb-04)" "$(none_row ndb-05)"
check "a row that is gone is lost" until_ok 10 says ndb-02 "CRITICAL no row ndb-02"
check "so is one that only the list had called connected" until_ok 5 says ndb-04 "CRITICAL connection lost"
check "two alerts and no more" until_ok 10 is_open 2
pty "they stand first on the screen, under the counter of the day" <<P
size 120x36
spawn $TRUCBAN --socket $SOCK --lang en
wait "Databases" 10
key 5
wait "Dropped out or late: 2" 5
expect "3/12"
expect "as of 05/03/2026"
expect "ndb-02"
expect "connection lost"
expect "Connected, no traffic: 1"
expect "dossier incomplete"
key q
expect-exit 0
P

# --- the list is cut: nobody is fed, and the source alone is told of -----------------------------------------------------------
printf '{"databases":[%s,{"id":"ndb-0' "$(done_row ndb-01)" >"$TMP/cut" && mv "$TMP/cut" "$FARM_DIR/1.page"
check "a list that is cut is the source's alert" until_ok 10 is_open 3
has "in words" "malformed JSON" "$(at status --json | jq -r '.targets[].checks[] | select(.check == "list/all") | .summary')"
check "what it fed grows old, and is never green" until_ok 10 eval '[ "$(state_of ndb-01/sync)" = "STALE hard" ]'

# --- and all is back ---------------------------------------------------------------------------------------------------------------
list "$(done_row ndb-01)" "$(done_row ndb-02)" "$(done_row ndb-03 3)" "$(done_row ndb-04)" "$(none_row ndb-05)"
check "all is back" until_ok 15 is_open 0
check "and says so" says ndb-02 "OK synchronised "
engine_stop
finish
