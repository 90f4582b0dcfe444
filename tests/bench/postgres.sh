#!/bin/bash
# postgres.sh BUILD [LOOKS] [ROUNDS]: what a look at a database costs beside libpq alone, and one list of 118.
#
# CPU seconds per 1,000 looks (SELECT 1) on a kept session, no TLS on either side; medians of the rounds.
. "$(dirname "$0")/lib.sh"
bench=$REPO/${1:?the build folder}/bench looks=${2:-20000} rounds=${3:-3}
per_1000() { awk '{ printf "%.4f\n", $2 / $1 * 1000 }'; }
value() { sort -n "$TMP/$1" | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'; }

# One list of 118 rows, to as many checks: CPU milliseconds a list.
cat >"$SITE" <<J
{ "site": { "id": "bench" }, "targets": [
    { "id": "hub", "checks": [ { "id": "sync", "probe": "sync", "url": "http://127.0.0.1:9/" } ] },
    { "id": "ndb-[01-12]", "checks": [ { "probe": "row", "from": "hub/sync", "thresholds": { "age_s": { "warning": 3600, "critical": 7200 } } } ] },
    { "id": "sdb-[001-106]", "checks": [ { "probe": "row", "from": "hub/sync", "thresholds": { "age_s": { "warning": 3600, "critical": 7200 } } } ] } ] }
J
fed=$("$bench/rowsbench" "$SITE" hub/sync 5000)
row "a list of $(awk '{ print $3 }' <<<"$fed") rows to its checks, CPU ms" "$(per_1000 <<<"$fed")" - "1 ms at most"

export LAB_DIR=$TMP/lab LAB_NET=127.11.1 LAB_PORT=$((20000 + $$ % 120 * 100))
mkdir -p "$LAB_DIR"
. "$REPO/tests/lab/peer.sh"
[ -x "$PG_BIN/postgres" ] || { echo "PostgreSQL is not installed: its figures are left out"; exit 0; }
chmod 755 "$TMP"
"$LAB/pgpair.sh" up >"$TMP/up" 2>&1 || { tail -n 3 "$TMP/up"; exit 1; }
for ((round = 0; round < rounds; round++)); do
    "$bench/pgbare" "hostaddr=$PRIMARY_IP port=$PAIR_PORT user=postgres dbname=postgres sslmode=disable" "$looks" | per_1000 >>"$TMP/bare"
    "$bench/pgkind" "$PRIMARY_IP" "$PAIR_PORT" "$looks" | per_1000 >>"$TMP/kind"
done
"$LAB/pgpair.sh" down
row "kind postgres, a kept session (libpq alone)" "$(value kind)" "$(value bare)" "2.0 x at most"
