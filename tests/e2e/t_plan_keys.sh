#!/bin/bash
# A switchover by keys, on the drill: F, the plan with every check, reason, ticket, the code that is on
# the screen; pastes, escape sequences and what was typed before the question are no code.
. "$(dirname "$0")/lib.sh"
printf 'repeat 900s\n890s 891s srv-a-sto-01 slow 1ms\n' >"$TMP/calm.drill"
drill="$TRUCBAN drill $TMP/calm.drill --lang en"
to_plan='wait "SAMPLE DATA" 15
key 7
wait "fog-db-dvc" 10
key /
send fog-db-dvc
key Enter
wait "/fog-db-dvc" 5
wait-re "[+!] ready +fog-db-dvc" 30
key F
wait "Reason" 10
wait-re "Switch group fog-db-dvc from srv-a-db-01 to srv-b-db-01" 5'

pty "nothing is sent without the code: typed ahead, pasted, as an escape sequence" <<P
size 100x32
spawn $drill
$to_plan
send "disk of db-01"
key Tab
send CHG-7
sleep 11
send "\r1234"
wait-re "Type code [0-9]{4} to confirm the switchover:" 10
wait-quiet 200
expect-not "switchover: 1234"
paste 5678
wait "no paste" 5
expect-not "switchover: 5678"
key Up
key Enter
wait "The code has four digits." 5
key Esc
wait "Dry run passed" 5
key Esc
wait-gone "Dry run passed" 5
expect-not "Runs"
key q
expect-exit 0 5
expect-restored
P

pty "with the code it runs, and is followed to its end" <<P
size 100x32
spawn $drill
$to_plan
send "disk of db-01"
key Tab
send CHG-7
key Enter
wait-re "Type code [0-9]{4} to confirm the switchover:" 10
wait-quiet 200
send-seen "Type code ([0-9]{4}) to"
wait-re "switchover: [0-9]{4}" 5
key Enter
wait "Run · fog-db-dvc" 10
wait-re "State +(running|being verified|succeeded)" 10
wait "POST http" 5
wait-re "State +succeeded" 60
wait-re "srv-b-db-01 leads" 5
key Esc
wait-re "[+] .*fog-db-dvc .*succeeded" 5
key q
expect-exit 0 5
expect-restored
P
finish
