#!/bin/bash
# The drill's peers can be acted on: by keys a newcomer switches a simulated database over and drains
# half of the simulated web servers; and what a site with everything in it shows is all there.
. "$(dirname "$0")/lib.sh"
echo "; nothing happens" >"$TMP/quiet.drill"
mkfifo "$TMP/hold"
"$TRUCBAN_ENGINE" drill "$TMP/quiet.drill" --state "$TMP/d" <"$TMP/hold" >"$TMP/out" 2>"$TMP/err" &
KIDS+=($!)
exec 7>"$TMP/hold"
SOCK=$TMP/d/drill.sock
until_ok 30 grep -q trucban/drill "$TMP/out" || give_up "the drill starts" "$(cat "$TMP/err")"
port=$(jq .port "$TMP/out")

# all_seen: no check without a result
all_seen() { at status --json | jq -e '[.targets[] | select(.enabled) | .checks[] | select(.state == "PENDING")] == []'; }
until_ok 60 all_seen && ok "everything is asked" ||
    fail "everything is asked" "$(at status --json | jq -r '.targets[].checks[] | select(.state == "PENDING") | .check' | head)"
count() { at status --json | jq "[.targets[] | select($1)] | length"; }
same "fifty servers" 50 "$(count '.kind == "server"')"
same "118 databases, 3 and 26 of them connected" "118 3 26" "$(count '.kind == "database"') $(count '.link == "done" and .labels.programme == "kh02"') $(count '.link == "done" and .labels.programme == "nq11"')"
same "twelve flows, all of them under test" "12 12" "$(count '.kind == "flow"') $(count '.kind == "flow" and .env == "test"')"
same "three components, ten lines" "3 10" "$(count '.kind == "component"') $(count '.labels.class == "line"')"
# each kind of probe that the site uses finds its peer well
good() { at status --json | jq -r '[.targets[].checks[] | select(.state == "OK") | .probe] | unique | join(" ")'; }
same "each kind of probe finds its peer" "aggregate delivery expiry flow haproxy hotline http kannel metric metrics patroni row sms smtp sync tcp" "$(good)"
bad() { at status --json | jq -r '.targets[].checks[] | select(.hard_state != "OK" and .hard) | .check + ": " + .summary' | head -5; }
same "and nothing is wrong" "" "$(bad)"

# to_plan GROUP [KEYS]: the lines that lead from the board to its plan; KEYS choose to what
to_plan() {
    cat <<P
size 100x32
spawn $TRUCBAN --socket $SOCK --lang en
wait "SAMPLE DATA" 15
key 7
wait "$1" 10
key /
send $1
key Enter
wait "/$1" 5
wait-re "[+!] ready +$1" 40
key F
${2:+wait "Switch group" 10
key $2}
wait "Reason" 10
P
}
confirm="send \"a first try\"
key Tab
send CHG-1
key Enter
wait-re \"Type code [0-9]{4} to confirm\" 20
wait-quiet 200
send-seen \"Type code ([0-9]{4}) to\"
wait-re \"[0-9]{4}\" 5
key Enter"
# ask ADDRESS LINE: what comes back
ask() { bash -c 'exec 5<>"/dev/tcp/$0/$1" && printf "$2\r\n\r\n" >&5 && timeout 5 cat <&5' "$1" "$port" "$2"; }
leader() { ask 127.9.1.91 'GET /cluster HTTP/1.0' | sed '1,/^\r$/d' | jq -r '.members[] | select(.role == "leader") | .name'; }
same "half A's database leads" srv-a-db-01 "$(leader)"
pty "a simulated database is switched over by keys" <<P
$(to_plan fog-db-dvc)
$confirm
wait "Run · fog-db-dvc" 15
wait-re "State +succeeded" 90
key Esc q
expect-exit 0 5
P
same "half B's database leads" srv-b-db-01 "$(leader)"

stat() { ask 127.9.1.11 'show stat be_web 4 -1' | awk -F, -v s="$1" '$2 == s { print $18 }'; }
same "the balancer uses both halves" "UP UP" "$(stat srv-a-web-01) $(stat srv-b-web-01)"
pty "half of the simulated web servers are drained by keys" <<P
$(to_plan fog-web "Down Enter")
$confirm
wait "Run · fog-web" 15
wait-re "State +succeeded" 90
key Esc q
expect-exit 0 5
P
states=$(for i in 1 2 3 4; do stat srv-a-web-0$i; done | sort -u | tr '\n' ' ')$(for i in 1 2 3 4; do stat srv-b-web-0$i; done | sort -u | tr '\n' ' ')
same "the balancer uses half B alone" "DRAIN UP " "$states"
at journal --verify >/dev/null && ok "the journal holds" || fail "the journal holds"
exec 7>&-
finish
