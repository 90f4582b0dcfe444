#!/bin/bash
# `trucban failover …` before a Patroni cluster that is played (switchd): what it lists, refuses, asks,
# sends once, follows to its end, and leaves in the journal.
. "$(dirname "$0")/lib.sh"
P=$TMP/peer
mkdir "$P" && : >"$P/set"
"$(dirname "$PTYRUN")/switchd" "$P" "$NET.9" "$PORT" n1,n2,n3 >"$P/out" 2>&1 &
KIDS+=($!)
until_ok 5 grep -q ready "$P/log" || give_up "the played peers start" "$(cat "$P/out")"
url() { echo "\"http://$NET.9:$((PORT + $1))\""; }
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1", "site": { "id": "cli", "name": "Cli", "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "store": "sqlite:cli.db", "defaults": { "interval": "1s", "retry": "300ms", "timeout": "2s" },
  "targets": [ { "id": "n[1-3]", "kind": "server", "address": "$NET.9", "checks": [ { "id": "pg", "probe": "tcp", "port": $PORT } ] },
    { "id": "db", "kind": "cluster", "checks": [ { "id": "patroni", "probe": "patroni", "urls": [ $(url 0), $(url 1), $(url 2) ], "names": [ "n1", "n2", "n3" ] } ] } ],
  "failover": [ { "id": "fog-db", "members": [ "n1", "n2", "n3" ], "candidates": [ "n1", "n2", "n3" ], "driver": "patroni", "check": "db/patroni", "stateful": true } ] }
J
engine_start || give_up "the engine starts"
fo() { "$TRUCBAN" failover --socket "$SOCK" "$@" 2>&1; }
posts() { grep -c '^POST' "$P/log"; }
is_ready() { fo list --json | jq -e '.groups[] | select(.id == "fog-db") | .ready'; }
until_ok 30 is_ready || give_up "the group is ready" "$(fo list)" "$(fo list --json)"
ok "the group is ready"
has "list: who serves, and the verdict" "n1" "$(fo list | grep fog-db)"

out=$(fo plan fog-db --to n2)
same "a plan that nothing is against: 0" 0 $?
has "plan shows the exact request" "POST" "$out"
same "plan --json has the code" 4 "$(fo plan fog-db --to n2 --json | jq -r '.code' | tr -d '\n' | wc -c)"
echo "n2 nofailover 1" >"$P/set"
out=$(fo plan fog-db --to n2)
same "a candidate that must not lead: 77" 77 $?
has "and says why" "R05 n2 has the tag nofailover" "$out"
: >"$P/set"

out=$(fo run fog-db --to n2 --reason "disk is hot" --ticket CHG-7 </dev/null)
same "without a terminal: 64" 64 $?
has "and told why" "run needs a terminal" "$out"
out=$(fo run fog-db --to n2 </dev/null)
same "without a reason: 64" 64 $?

run="$TRUCBAN failover --socket $SOCK --lang en run fog-db --to n2 --reason \"disk is hot\" --ticket CHG-7"
pty "a wrong code is refused" <<S
size 120x40
spawn $run
wait-re "Type code [0-9]{4} to confirm" 15
send "12\r"
wait "R21" 10
expect-exit 77 10
S
same "nothing was sent" 0 "$(posts)"
pty "with the code it runs, to its end" <<S
size 120x40
spawn $run
wait-re "Type code [0-9]{4} to confirm" 15
send-seen "Type code ([0-9]{4}) to"
send "\r"
wait-re "1/1 +done" 60
expect-exit 0 10
S
same "one request" 1 "$(posts)"
id=$(fo runs --json | jq -r '.runs[0].id')
has "runs" "${id:0:8}" "$(fo runs fog-db)"
same "show" "SUCCEEDED" "$(fo show "${id:0:8}" --json | jq -r .state)"
has "show: the reason" "disk is hot" "$(fo show "$id")"
same "its events, in order" \
    "confirmed started step_intended step_sent verifying step_finished ended" \
    "$(at journal --json | jq -r 'select(.kind | startswith("failover.")) | .kind | ltrimstr("failover.")' | tr '\n' ' ' | sed 's/ $//')"
out=$(fo close "$id" -m "seen") && fail "what succeeded does not wait to be closed" "$out" || ok "what succeeded does not wait to be closed"

same "no such run: 64" 64 "$(fo show ffffffff >/dev/null; echo $?)"

if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    chmod 711 "$TMP" && chmod 666 "$SOCK"
    other() { setpriv --reuid=65534 --regid=65534 --clear-groups "$TRUCBAN" failover "$@" --socket "$SOCK" 2>&1; }
    has "a viewer sees the runs" "${id:0:8}" "$(other runs)"
    out=$(other plan fog-db --to n1)
    same "a viewer may not plan: 77" 77 $?
    has "in words" "Not permitted. This action needs role l1 (you are viewer)." "$out"
    same "no abort either: 77" 77 "$(other abort "$id" >/dev/null; echo $?)"
    same "and nothing more was sent" 1 "$(posts)"
else
    skip "a viewer sees and may not act: needs root and setpriv, to act as another account"
fi
finish
