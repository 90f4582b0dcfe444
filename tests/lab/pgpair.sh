#!/bin/bash
# pgpair.sh: one PostgreSQL primary and its streaming standby, with TLS, on loopback.
#
#   pgpair.sh up | down
#   pgpair.sh sql primary|standby "SQL" [DATABASE]     as superuser postgres
#   pgpair.sh start|stop|kill|freeze|thaw primary|standby
#   pgpair.sh pause|resume     the standby applies nothing, then again
#   pgpair.sh cut|uncut        it receives nothing (its receiver is stopped)
#   pgpair.sh promote          the standby becomes a primary
#
# $PRIMARY_IP and $STANDBY_IP, port $PAIR_PORT, database app.  Roles (scram): console/console (pg_monitor),
# plain/plain (no right beyond its login), ops/ops (may promote).  TLS is offered; its CA: $PAIR_CA.
# Table sync_status: one row a sync job (ok, running, failed, never).
. "$(dirname "$0")/peer.sh"
part pgpair
U=postgres

ip() { case $1 in primary) echo $PRIMARY_IP ;; standby) echo $STANDBY_IP ;; *) die "no node '$1'" ;; esac; }
sql() { psql -XqAt -v ON_ERROR_STOP=1 -h "$(ip "$1")" -p $PAIR_PORT -U postgres -d "${3:-app}" -c "$2"; }
ready() { $PG_BIN/pg_isready -q -h "$(ip "$1")" -p $PAIR_PORT; }
start() { spawn "$1" $U $PG_BIN/postgres -D "$HERE/$1"; }
kids() { ps -o pid= --ppid "$(pid_of "$1")"; }
receiver() { ps -o pid=,args= --ppid "$(pid_of standby)" | awk '/walreceiver/ { print $1 }'; }
follows() { [ "$(sql primary "select state from pg_stat_replication")" = streaming ]; }

settings() {
    cat <<C
listen_addresses = '$PRIMARY_IP'
port = $PAIR_PORT
unix_socket_directories = ''
fsync = off
shared_buffers = 16MB
max_connections = 40
wal_level = logical
wal_keep_size = 64MB
wal_log_hints = on
wal_receiver_status_interval = 1s
wal_sender_timeout = 5s
wal_receiver_timeout = 5s
wal_retrieve_retry_interval = 1s
ssl = on
ssl_cert_file = '$HERE/tls/pg.crt'
ssl_key_file = '$HERE/tls/pg.key'
log_line_prefix = '%m [%p] '
timezone = 'Asia/Ho_Chi_Minh'
C
}

make_primary() {
    "$LAB/cert.sh" "$HERE/tls" "pg:$PRIMARY_IP,$STANDBY_IP,localhost" || die "no certificate"
    chmod 600 "$HERE/tls/pg.key"
    own $U "$HERE"
    as $U $PG_BIN/initdb -D "$HERE/primary" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
        >"$HERE/log/initdb.log" 2>&1 || die "initdb: $(log_tail initdb)"
    settings >>"$HERE/primary/postgresql.conf"
    printf '%s\n' "host replication all 127.0.0.0/8 trust" "host all postgres 127.0.0.0/8 trust" \
        "host all all 127.0.0.0/8 scram-sha-256" >"$HERE/primary/pg_hba.conf"
    start primary
    wait_for 20 ready primary || die "the primary does not start: $(log_tail primary)"
    sql primary "create database app" postgres
    sql primary "create role console login password 'console' in role pg_monitor;
        create role plain login password 'plain'; create role ops login password 'ops';
        grant execute on function pg_promote(boolean, integer) to ops;
        create table sync_status (job text primary key, state text not null, last_sync timestamptz, records bigint, error text);
        insert into sync_status values ('cu-tru', 'ok', now(), 1200, null),
          ('ho-tich', 'running', now() - interval '7 minutes', 88000, null),
          ('dat-dai', 'failed', now() - interval '3 hours', 0, 'kết nối bị từ chối'),
          ('ly-lich', 'never', null, 0, null);
        grant select on sync_status to console, plain"
}
make_standby() {
    as $U $PG_BIN/pg_basebackup -D "$HERE/standby" -d "host=$PRIMARY_IP port=$PAIR_PORT user=postgres application_name=standby" \
        -c fast -X stream --no-sync -C -S standby -R 2>"$HERE/log/basebackup.log" || die "pg_basebackup: $(log_tail basebackup)"
    sed -i "s/^listen_addresses = .*/listen_addresses = '$STANDBY_IP'/" "$HERE/standby/postgresql.conf"
    start standby
    wait_for 20 ready standby || die "the standby does not start: $(log_tail standby)"
    wait_for 20 follows || die "the standby does not follow: $(log_tail standby)"
}

case ${1:-} in
up)
    [ -x $PG_BIN/postgres ] || die "postgresql-15 is not installed"
    need_free $PRIMARY_IP $PAIR_PORT
    make_primary
    make_standby
    ;;
down) drop ;;
sql) sql "$2" "$3" "${4:-app}" ;;
start) start "$2"; wait_for 20 ready "$2" || die "$2 does not start: $(log_tail "$2")" ;;
stop) stop "$2" INT ;;
kill) stop "$2" QUIT ;;
freeze) sig "$2" STOP; kill -STOP $(kids "$2") ;;
thaw) kill -CONT $(kids "$2"); sig "$2" CONT ;;
pause) sql standby "select pg_wal_replay_pause()" ;;
resume) sql standby "select pg_wal_replay_resume()" ;;
cut) kill -STOP $(receiver) ;;
uncut) kill -CONT $(receiver) ;;
promote) sql standby "select pg_promote(true, 30)" ;;
*) usage ;;
esac
