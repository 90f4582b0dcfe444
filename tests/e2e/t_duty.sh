#!/bin/bash
# Three levels at work on one engine, each by an account of its own: acknowledge, extend, take over,
# hand on, many at once, tiers of a P1, and clocks that go on over a restart.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || { echo "needs root, to act as other accounts"; exit 77; }
command -v setpriv >/dev/null || { echo "setpriv is missing"; exit 77; }
L1=65534 L2=1 L3=3 # nobody, daemon, sys: there on every Debian
as() { setpriv --reuid="$1" --regid="$1" --clear-groups "$TRUCBAN" "$2" --socket "$SOCK" "${@:3}" 2>&1; }
alert() { at alerts --json | jq -c ".alerts[] | select(.id == $1)"; }
is() { alert "$1" | jq -e "$2" >/dev/null; }

site_passive 40
jq --arg a "$(id -nu $L1)" --arg b "$(id -nu $L2)" --arg c "$(id -nu $L3)" '
  .roles = {l1: [$a], l2: [$b], l3: [$c]}
  | .escalation = [
      {id: "high", priority: "P1", level2: "0s", level3: "3s", acknowledge: "2s", repeat: "1h"},
      {id: "step", match: "t-03", level2: "2s", level3: "never"},
      {id: "slow", level2: "1h", level3: "2h"}]
  | .targets = [.targets[0] + {id: "t-1"},
      (.targets[0] + {id: "t-2"} | .checks[0].priority = "P1"), .targets[0] + {id: "t-[03-40]"}]' "$SITE" >"$SITE.new" &&
    mv "$SITE.new" "$SITE"
check "the site is well" trucban site check "$SITE"
engine_start || give_up "the engine starts"
chmod 711 "$TMP" && chmod 666 "$SOCK"
bad() { as $L1 submit "t-$1/in" CRITICAL "seen by $1" >/dev/null; }
open() { is_open "$1"; }
bad 1 && until_ok 5 open 1 || give_up "one alert opens"
one=$(alert_of t-1/in)

has "extend what nobody has" "nobody has acknowledged this alert" "$(as $L1 extend "$one" --for 2h)"
has "take what nobody has" "acknowledge it yourself" "$(as $L1 take "$one")"
check "level 1 acknowledges" as $L1 ack "$one" -m "calling the data centre" --for 1h
has "level 2 is told who has it" "already acknowledged by $(id -nu $L1)" "$(as $L2 ack "$one" -m "me too")"
check "anybody extends it" as $L2 extend "$one" --for 3h
check "the owner stays" is "$one" ".ack.by == \"$(id -nu $L1)\""
has "beyond the limit" "at most 24h" "$(as $L1 extend "$one" --for 25h)"
has "one's own" "you have this alert already" "$(as $L1 take "$one")"
check "level 2 takes it over" as $L2 take "$one" -m "mine now"
check "and has it, with its comment" is "$one" ".ack.by == \"$(id -nu $L2)\" and .ack.level == 2 and .ack.comment == \"mine now\""

has "an unknown level" "the levels are 1, 2 and 3" "$(as $L1 escalate "$one" -m "help me" --level 4)"
has "handed on without a word" "-m TEXT is missing" "$(as $L1 escalate "$one")"
check "handed to level 2" as $L1 escalate "$one" -m "this needs the network team"
check "it is there" is "$one" '.level == 2'
has "again the same" "it is at level 2 already" "$(as $L1 escalate "$one" -m "still" --level 2)"
has "down, by level 1" "only level 3 may hand an alert down" "$(as $L1 escalate "$one" -m "back" --level 1)"
check "down, by level 3" as $L3 escalate "$one" -m "the shift can do this" --level 1
check "it is back" is "$one" '.level == 1'

bad 2 && until_ok 5 open 2 || give_up "a P1 opens"
two=$(alert_of t-2/in)
check "a P1 is at levels 1 and 2 at once" is "$two" '.priority == "P1" and .level == 2'
check "level 1 takes the P1" as $L1 ack "$two" -m "on it"
check "level 2's clock goes on: level 3 is told" until_ok 8 is "$two" '.level == 3'
check "level 2 acknowledges all the same" as $L2 ack "$two" -m "network is cut"
check "then it stands still" is "$two" '.ack.level == 2 and .next.runs == false'
has "and nobody else need" "already acknowledged by $(id -nu $L2)" "$(as $L3 ack "$two" -m "me too")"

bad 03 && until_ok 5 open 3 || give_up "a third opens"
three=$(alert_of t-03/in)
is "$three" '.level == 1' || fail "it begins at level 1" "$(alert "$three")"
engine_stop KILL
engine_start || give_up "the engine starts again"
chmod 666 "$SOCK"
sleep 1 # past the time to settle; what fell due meanwhile waits for a look of our own
bad 03
check "its clock went on meanwhile: level 2 is told" until_ok 8 is "$three" '.level == 2'
check "owners, ends and levels are as before" is "$two" ".ack.by == \"$(id -nu $L2)\" and .ack.level == 2 and .level == 3"
same "by the engine, once" 1 "$(at journal --json | jq -c "select(.kind == \"alert.escalated\" and .body.alert == $three and .actor.uid == -1)" | wc -l)"

for i in $(seq -w 4 40); do bad "$i"; done
until_ok 10 open 40 || give_up "forty open"
ids=$(at alerts --json | jq -r '[.alerts[] | select(.ack == null) | .id] | sort | [min, max] | join("-")')
out=$(as $L1 ack "$ids" -m "storm: half A lost its uplink")
same "many at once" 0 $?
has "counted" "alerts: done" "$out"
same "all have an owner" 0 "$(at alerts --json | jq '[.alerts[] | select(.ack == null)] | length')"
same "one event each" 40 "$(at journal --json | jq -r 'select(.kind == "alert.acknowledged") | .body.alert' | sort -u | wc -l)"
out=$(as $L2 ack "$ids" -m "me too")
same "again: refused" 77 $?
has "with the first reason" "already acknowledged by" "$out"
out=$(as $L1 unack "$one,$two,$ids")
same "some of many" 0 $?
check "the journal's chain holds" at journal --verify
finish
