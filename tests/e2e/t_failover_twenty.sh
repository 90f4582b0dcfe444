#!/bin/bash
# FO1: twenty operators have a plan of one group before them and confirm at once: one run begins, one
# request leaves, nineteen are told.
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
until_ok 30 is_ready || give_up "the group is ready" "$(fo list)"

N=20
mkdir "$TMP/at" "$TMP/rc"
cat >"$TMP/one.sh" <<S
"$TRUCBAN" failover --socket "$SOCK" --lang en run fog-db --to n2 --reason "drill \$1" --ticket "CHG-\$1"
echo \$? >"$TMP/rc/\$1"
S
one() { # one I: to the question, then with all others at once; its exit status in rc/I
    "$PTYRUN" - >"$TMP/at/$1.out" 2>&1 <<S
size 120x40
spawn bash $TMP/one.sh $1
wait-re "Type code [0-9]{4} to confirm" 30
run "touch $TMP/at/$1; until [ -e $TMP/go ]; do sleep 0.02; done"
send-seen "Type code ([0-9]{4}) to"
send "\r"
expect-exit any 90
S
}
players=()
for i in $(seq $N); do
    one "$i" &
    players+=($!)
done
all_there() { [ "$(find "$TMP/at" -type f ! -name '*.out' | wc -l)" = $N ]; }
until_ok 40 all_there || give_up "twenty are asked for their codes" "$(cat "$TMP/at/1.out")"
ok "twenty are asked for their codes"
touch "$TMP/go"
wait "${players[@]}"
ends() { grep -lx "$1" "$TMP"/rc/* | wc -l; }
same "one of them runs it" 1 "$(ends 0)"
same "nineteen are refused" 19 "$(ends 77)"
same "one request left" 1 "$(posts)"
same "one run" 1 "$(fo runs --json | jq '.runs | length')"
same "confirmed once in the journal" 1 "$(at journal --json | jq -r 'select(.kind == "failover.confirmed") | .kind' | wc -l)"
finish
