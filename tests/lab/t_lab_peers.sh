#!/bin/bash
# The lab itself: every peer comes up and answers, is there to be broken, goes down and leaves nothing; also after a kill.
. "$(dirname "$0")/lib.sh"
need patroni pgpair pgsub haproxy kannel postfix mtls farm
t0=$(now_ms)
up patroni pgpair pgsub haproxy kannel postfix mtls farm
took=$(($(now_ms) - t0))
[ $took -lt 60000 ] && ok "all peers are up" || fail "all peers are up within a minute" "$took ms"
echo "all peers up in $took ms"

# --- each answers, as what it is ----------------------------------------------------------------------
same "Patroni: n1 leads" n1 "$(patroni leader)"
same "Patroni: n2 follows" t "$(patroni sql 2 'select pg_is_in_recovery()')"
same "pair: the primary is one" f "$(pgpair sql primary 'select pg_is_in_recovery()')"
same "pair: the standby follows" streaming "$(pgpair sql primary 'select state from pg_stat_replication')"
as_console() { PGPASSWORD=console psql -XqAt "host=$PRIMARY_IP port=$PAIR_PORT user=console dbname=app sslmode=verify-full sslrootcert=$PAIR_CA" -c "$1"; }
same "pair: a login over TLS sees the jobs" 4 "$(as_console 'select count(*) from sync_status')"
same "subscriber: three subscriptions are in step" 3 "$(pgsub sql subscriber "select count(*) from pg_subscription_rel where srsubstate = 'r'")"
until_ok 10 eval '[ "$(haproxy state s50)" = UP ]'
same "HAProxy: the last of the fifty is up" UP "$(haproxy state s50)"
same "HAProxy: no such server, in words" "No such server." "$(haproxy cmd 'set server bk_web/s99 state drain' | head -n 1)"
same "Kannel: both links are online" 2 "$(kannel status | grep -c '<status>online')"
same "Kannel takes a text" "0: Accepted for delivery" "$(kannel send VIETTEL 0912345678 'Xin chào')"
has "Postfix: STARTTLS, then a login" "235 2.7.0" "$(printf 'EHLO x\r\nAUTH PLAIN %s\r\nQUIT\r\n' "$(printf '\0lab@mail.lab\0lab' | base64)" |
    openssl s_client -quiet -starttls smtp -connect $MAIL_IP:$MAIL_PORT -CAfile "$MAIL_CA" -verify_return_error 2>&1)"
tls=$MTLS_TLS
mtls_get() { curl -s --cacert "$tls/ca.crt" "$@" "https://$MTLS_IP:$MTLS_PORT/health"; }
has "nginx: with the client's certificate" '"status":"UP"' "$(mtls_get --cert "$tls/client.crt" --key "$tls/client.key")"
has "nginx: without it" "No required SSL certificate" "$(mtls_get)"
has "nginx: with a stranger's" "certificate error" "$(mtls_get --cert "$tls/stranger.crt" --key "$tls/stranger.key")"
curl -s --cacert "$tls/ca.crt" "https://$MTLS_IP:$((HTTPS_PORT + 1))/health"
same "nginx: an expired certificate is refused" 60 $?

# --- each can be broken -----------------------------------------------------------------------------------
patroni freeze 3 && patroni thaw 3
pgpair pause >/dev/null
same "pair: the replay can be paused" t "$(pgpair sql standby 'select pg_is_wal_replay_paused()')"
pgpair resume >/dev/null
kannel link MOBI down
until_ok 10 eval 'kannel status | grep -q "re-connecting"' && ok "Kannel: a link goes down" || fail "Kannel: a link goes down" "$(kannel status)"
postfix sink stop
postfix send 3
until_ok 10 eval '[ "$(postfix queued)" = 3 ]' && ok "Postfix: mail waits" || fail "Postfix: mail waits" "$(postfix queued)"
same "HAProxy: a drain is answered by nothing" "" "$(haproxy cmd 'set server bk_web/s7 state drain' | tr -d '\n')"
same "HAProxy: and is one" DRAIN "$(haproxy state s7)"

# --- down ---------------------------------------------------------------------------------------------------
for peer in patroni pgpair pgsub haproxy kannel postfix mtls; do
    "$peer" down
    no_one "$LAB_DIR/$peer" && [ ! -e "$LAB_DIR/$peer" ] && ok "$peer leaves nothing" ||
        fail "$peer leaves nothing" "$(ps -o pid=,args= $(within "$LAB_DIR/$peer"))"
done

# --- a test that is killed leaves nothing either ---------------------------------------------------------
mkdir "$TMP/killed"
cat >"$TMP/killed.sh" <<K
#!/bin/bash
. "$REPO/tests/lab/lib.sh"
up pgpair kannel
site_passive 1
engine_start
: >"$TMP/killed/ready"
sleep 60
K
TMP=$TMP/killed bash "$TMP/killed.sh" >"$TMP/killed.out" 2>&1 &
victim=$!
until_ok 60 test -e "$TMP/killed/ready" || fail "the victim starts its peers" "$(cat "$TMP/killed.out")"
no_one "$TMP/killed" && fail "the victim has peers"
kill -KILL $victim
until_ok 10 no_one "$TMP/killed" && ok "a killed test leaves no process" ||
    fail "a killed test leaves no process" "$(ps -o pid=,args= $(within "$TMP/killed"))"
finish
