#!/bin/bash
# Kind postgres against a real PostgreSQL: values, ages, rights, TLS, a server that falls silent after the login, one that
# comes back; sessions are kept.
. "$(dirname "$0")/lib.sh"
need pgpair
up pgpair
chmod 711 "$TMP"
secret() { (umask 077 && printf '%s\n' "$2" >"$TMP/$1"); }
secret good console
secret bad wrong
check_json() { # check_json ID QUERY MORE…
    printf '{ "id": "%s", "probe": "postgres", "port": %s, "user": "console", "database": "app", "query": "%s",
      "password": { "file": "%s/%s" }, "ca_file": "%s" %s }' "$1" "$PAIR_PORT" "$2" "$TMP" "${4:-good}" "$PAIR_CA" "${3:-}"
}
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1", "site": { "id": "pg", "name": "PostgreSQL", "language": "en" }, "store": "sqlite:pg.db",
  "defaults": { "interval": "500ms", "retry": "200ms", "timeout": "2s", "attempts": 2 },
  "targets": [ { "id": "db", "kind": "database", "address": "$PRIMARY_IP", "checks": [
    $(check_json one "SELECT 1"),
    $(check_json jobs "SELECT count(*) AS jobs, max(last_sync) AS newest FROM sync_status" ', "thresholds": { "newest_age_s": { "warning": 86400 } }'),
    $(check_json late "SELECT last_sync FROM sync_status WHERE job = 'dat-dai'" ', "thresholds": { "age_s": { "warning": 3600, "critical": 7200 } }'),
    $(check_json word "SELECT state FROM sync_status WHERE job = 'cu-tru'" ', "expect": "fine"'),
    $(check_json none "SELECT 1 WHERE false"),
    $(check_json zone "SELECT now()::timestamp"),
    $(check_json nan "SELECT 'NaN'::float8"),
    $(check_json write "DELETE FROM sync_status"),
    $(check_json many "SELECT generate_series(1, 5000)"),
    $(check_json big "SELECT repeat('x', 9000000)"),
    $(check_json hostile "SELECT E'\\\\x1b]0;t\\\\x07' AS a"),
    $(check_json bad "SELECT 1" "" bad),
    $(check_json clear "SELECT 1" ', "sslmode": "disable"')
  ] }, { "id": "standby", "kind": "database", "address": "$STANDBY_IP", "checks": [ $(check_json one "SELECT 1") ] } ] }
J
check "the site file is sound" trucban site check "$SITE"
engine_start || give_up "the engine starts"
says() { [[ $(words_of "$1") == *"$3"* ]] && [[ $(state_of "$1") == "$2"* ]]; }
expect() { if until_ok 15 says "$1" "$2" "$3"; then ok "$1: $2, $3"; else fail "$1: $2, $3" "$(state_of "$1"): $(words_of "$1")"; fi; }
facts_of() { at status --json | jq -r --arg c "$1" '.targets[].checks[] | select(.check == $c) | .facts.'"$2"; }
metric_of() { at status --json | jq -r --arg c "$1" --arg m "$2" '.targets[].checks[] | select(.check == $c) | .metrics[] | select(.name == $m) | .value'; }
expect db/one OK "the answer is 1"
same "the role is told" primary "$(facts_of db/one role)"
expect standby/one OK "the answer is 1"
same "of a standby, too" standby "$(facts_of standby/one role)"
has "and the version" 15. "$(facts_of db/one server_version)"
expect db/jobs OK "the answer is 4"
same "several columns are metrics by their names" 4 "$(metric_of db/jobs jobs)"
expect db/late CRITICAL "age_s"
expect db/word CRITICAL "the answer is ok, expected fine"
expect db/none CRITICAL "the statement gives no row"
expect db/zone UNKNOWN "a time without its zone"
expect db/nan UNKNOWN "no finite number"
expect db/write CRITICAL "read-only transaction"
expect db/many CRITICAL "more than 4096 rows"
expect db/big CRITICAL "larger than 4 MiB"
expect db/hostile OK 'the answer is \x1b]0;t\x07'
expect db/bad CRITICAL 'password authentication failed for user "console"'
expect db/clear OK "the answer is 1"
same "in the clear is told" none "$(facts_of db/clear tls)"
has_no_secret() { ! grep -rqE 'wrong' "$TMP/engine.log" && ! at status --json | grep -q '"wrong"'; }
check "the password stands nowhere" has_no_secret

# --- kept: no new backend while all is well -------------------------------------------------------------
pids() { pgpair sql standby "select pid from pg_stat_activity where application_name = 'trucban'"; }
before=$(pids)
sleep 2
same "the session is the same two seconds later" "$before" "$(pids)"

# --- PF14: frozen after the login: our limit ends it, and it comes back -----------------------------------
t0=$(now_ms)
pgpair freeze standby
expect standby/one CRITICAL "within 2 s"
took=$(($(now_ms) - t0))
[ $took -lt 10000 ] && ok "PF14: a frozen server is told by our clock" || fail "PF14: a frozen server is told by our clock" "$took ms"
expect db/one OK "the answer is 1"
pgpair thaw standby
expect standby/one OK "the answer is 1"
pgpair kill standby
expect standby/one CRITICAL "connection refused"
pgpair start standby
expect standby/one OK "the answer is 1"
finish
