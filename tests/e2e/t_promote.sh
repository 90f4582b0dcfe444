#!/bin/bash
# From test to production, by hand: refused to who may not and to what does not work, journalled with its reason, in
# force over kill -9, restart and reload until the site file says so itself; test pages nobody, production does.
. "$(dirname "$0")/lib.sh"
GOT=$TMP/got
mkdir -p "$GOT"
cat >"$TMP/keep" <<'J'
#!/bin/bash
f=$(mktemp "$1/.XXXXXX") && cat >"$f" && mv "$f" "$1/$(date +%s%N).json"
J
chmod 755 "$TMP/keep"
sites() { # sites ENV ROLE
    cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "promote", "name": "Promoted", "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "store": "sqlite:promote.db", "defaults": { "interval": "10m", "retry": "200ms" },
  "roles": { "$2": [ "$(id -nu)" ] },
  "receivers": [ { "id": "l1", "kind": "command", "command": [ "$TMP/keep", "$GOT" ], "group": "200ms" } ],
  "targets": [
    { "id": "int-btp", "kind": "endpoint", "address": "127.0.0.1", "env": "test",
      "checks": [ { "id": "in", "probe": "passive", "attempts": 1, "priority": "P2" } ] },
    { "id": "flow-btp", "kind": "flow", "address": "127.0.0.1", "env": "$1", "labels": { "endpoint": "int-btp", "flow": "tiepnhan" },
      "checks": [ { "id": "in", "probe": "passive", "attempts": 1, "priority": "P2" } ] },
    { "id": "flow-none", "kind": "flow", "address": "127.0.0.1", "env": "test", "link": "none",
      "checks": [ { "id": "in", "probe": "passive", "attempts": 1 } ] },
    { "id": "srv", "kind": "server", "address": "127.0.0.1", "env": "test",
      "checks": [ { "id": "in", "probe": "passive", "attempts": 1 } ] } ] }
J
}
env_of() { at status --json | jq -r --arg t "$1" '.targets[] | select(.id == $t) | .env'; }
is_env() { [ "$(env_of flow-btp)" = "$1" ]; }
events() { at journal --json | jq -c "select(.kind == \"$1\")"; }
has_events() { [ "$(events "$1" | wc -l)" = "$2" ]; }
says() { at submit flow-btp/in "$1" "$2" >/dev/null; }
told() { ls "$GOT"/*.json >/dev/null 2>&1 && cat "$GOT"/*.json | grep -q "$1"; }
refuses() { # refuses NAME STATUS WORDS ARGS…
    local name=$1 status=$2 words=$3 out rc
    shift 3
    out=$(at promote "$@" 2>&1)
    rc=$?
    if [ $rc = "$status" ] && [[ $out == *"$words"* ]]; then ok "$name"; else fail "$name" "exit $rc: $out"; fi
}
hup() { local n; n=$(events config.loaded | wc -l); kill -HUP "$ENGINE_PID"; until_ok 10 has_events config.loaded $((n + 1)); }

sites test l3
engine_start || give_up "the engine starts"
says OK "all steps" && says OK "all steps"
refuses "level 3 may not" 77 "needs role lead (you are l3)" flow-btp -m "trial is over"
sites test lead
hup || give_up "the roles are read"

says CRITICAL "error_code is 21"
until_ok 5 is_open 1 || give_up "an alert opens"
same "a flow under test is P4" P4 "$(at alerts --json | jq -r '.alerts[0].priority')"
refuses "what fails is not promoted" 77 "flow-btp is CRITICAL now: what becomes production works first" flow-btp -m "trial is over"
refuses "without a reason" 64 "-m REASON is missing" flow-btp
refuses "a reason of nothing" 77 "a comment of at least 3 characters" flow-none -m "  "
refuses "not connected yet" 77 "flow-none is not connected yet" flow-none -m "trial is over"
refuses "a server" 77 "srv is a server: only flows and endpoints are promoted" srv -m "trial is over"
refuses "nobody" 77 'there is no target "flow-btx"' flow-btx -m "trial is over"
refuses "test back to test" 77 "flow-btp is test already: the site file says so" flow-btp --back -m "again"
says OK "all steps" && says OK "all steps"
until_ok 5 is_open 0 || give_up "the alert is over"
told flow-btp && fail "a flow under test pages nobody" "$(cat "$GOT"/*.json)" || ok "a flow under test pages nobody"

has "promoted" "flow-btp is production now: its alerts page" "$(at promote flow-btp -m "test is over: minutes 12/2026" 2>&1)"
same "status says so" production "$(env_of flow-btp)"
e=$(events target.promoted)
same "the journal says who, from where to where, why" "$(id -nu) test production test is over: minutes 12/2026" \
    "$(jq -r '"\(.actor.login) \(.body.was) \(.body.what) \(.body.text)"' <<<"$e")"
has "and in words" "is production now, said $(id -nu): test is over" "$(at journal)"
refuses "once is enough" 77 "flow-btp is production already, since" flow-btp -m "again then"
check "refusals are events" test "$(events request.refused | jq -c "select(.body.what == \"promote\")" | wc -l)" -ge 3

engine_stop KILL
engine_start || give_up "the engine starts after kill -9"
same "in force after kill -9" production "$(env_of flow-btp)"
says CRITICAL "error_code is 21"
until_ok 5 is_open 1 || give_up "an alert opens again"
same "now it is P2" P2 "$(at alerts --json | jq -r '[.alerts[] | select(.phase == "firing")][0].priority')"
check "and pages" until_ok 10 told flow-btp/in
pty "the console shows it among the flows in production" <<P
size 120x36
spawn $TRUCBAN --socket $SOCK --lang en
wait "Promoted" 10
key 3
wait "Flows in production" 5
key q
expect-exit 0 5
P

hup || give_up "the same file is read again"
same "the same file changes nothing" production "$(env_of flow-btp)"
check "the chain holds" at journal --verify
engine_stop
engine_start || give_up "the engine starts from its checkpoint"
same "in force after a stop" production "$(env_of flow-btp)"

sites production lead
hup || give_up "a file that says so itself is read"
check "the file has caught up, which is journalled" until_ok 5 has_events target.settled 1
sites test lead
hup || give_up "a file that says test again is read"
check "from then on the file decides" until_ok 5 is_env test
engine_stop KILL
engine_start || give_up "the engine starts once more"
same "also after kill -9" test "$(env_of flow-btp)"

says OK "all steps" && says OK "all steps"
until_ok 5 is_open 0 || give_up "the alert is over"
weighs() { [ "$(at alerts --json | jq -r '[.alerts[] | select(.phase == "firing")][0].priority')" = "$1" ]; }
rm -f "$GOT"/*.json
says WARNING "not cleaned up"
until_ok 5 weighs P4 || give_up "a warning of a flow under test is P4"
at promote flow-btp -m "once more" >/dev/null
check "an alert that is open weighs more with it" until_ok 5 weighs P3
check "and is told" until_ok 10 told "not cleaned up"
has "and back" "flow-btp is test now: its alerts page nobody" "$(at promote flow-btp --back -m "error_code 21 all night" 2>&1)"
same "it is test" test "$(env_of flow-btp)"
check "its alert is on the list only" until_ok 5 weighs P4
check "the file says so, too" until_ok 5 has_events target.settled 2
finish
