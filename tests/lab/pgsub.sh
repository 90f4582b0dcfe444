#!/bin/bash
# pgsub.sh: a PostgreSQL publisher and a subscriber with three subscriptions, on loopback, without TLS.
#
#   pgsub.sh up | down
#   pgsub.sh sql publisher|subscriber "SQL" [DATABASE]     as superuser postgres
#   pgsub.sh start|stop|kill|freeze|thaw publisher|subscriber
#   pgsub.sh change TABLE [N]  N more rows at the publisher (1)
#   pgsub.sh conflict          a row of orders that the subscriber has already: sub_orders ends by an error each time
#   pgsub.sh unconflict        the subscriber's own row is gone, and all goes on
#   pgsub.sh slow|quick        each row of sms takes the subscriber half a second, then nothing again
#   pgsub.sh off|on NAME       switches a subscription off and on
#   pgsub.sh keep SIZE         max_slot_wal_keep_size of the publisher (-1: no limit)
#   pgsub.sh fill MIB          that much WAL at the publisher, which no subscription is about
#
# $PUBLISHER_IP and $SUBSCRIBER_IP, port $SUB_PORT, database app.  Subscriptions sub_orders, sub_customers,
# sub_sms, each of one table and with a slot of its name.  Roles (scram): console/console (pg_monitor),
# plain/plain (no right beyond its login).
. "$(dirname "$0")/peer.sh"
part pgsub
U=postgres
TABLES="orders customers sms"

ip() { case $1 in publisher) echo $PUBLISHER_IP ;; subscriber) echo $SUBSCRIBER_IP ;; *) die "no node '$1'" ;; esac; }
sql() { PGCONNECT_TIMEOUT=10 psql -XqAt -v ON_ERROR_STOP=1 -h "$(ip "$1")" -p $SUB_PORT -U postgres -d "${3:-app}" -c "$2"; }
ready() { $PG_BIN/pg_isready -q -h "$(ip "$1")" -p $SUB_PORT; }
start() { spawn "$1" $U $PG_BIN/postgres -D "$HERE/$1"; }
kids() { ps -o pid= --ppid "$(pid_of "$1")"; }
in_step() { [ "$(sql subscriber "select count(*) from pg_subscription_rel where srsubstate = 'r'")" = 3 ]; }

make_node() {
    as $U $PG_BIN/initdb -D "$HERE/$1" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
        >"$HERE/log/initdb-$1.log" 2>&1 || die "initdb: $(log_tail "initdb-$1")"
    cat >>"$HERE/$1/postgresql.conf" <<C
listen_addresses = '$(ip "$1")'
port = $SUB_PORT
unix_socket_directories = ''
fsync = off
shared_buffers = 16MB
max_connections = 40
wal_level = logical
max_logical_replication_workers = 8
wal_receiver_status_interval = 1s
wal_sender_timeout = 5s
wal_receiver_timeout = 5s
wal_retrieve_retry_interval = 1s
log_line_prefix = '%m [%p] '
C
    printf '%s\n' "host all postgres 127.0.0.0/8 trust" "host all all 127.0.0.0/8 scram-sha-256" >"$HERE/$1/pg_hba.conf"
    start "$1"
    wait_for 20 ready "$1" || die "the $1 does not start: $(log_tail "$1")"
    sql "$1" "create database app" postgres
    sql "$1" "create role console login password 'console' in role pg_monitor; create role plain login password 'plain'"
    for t in $TABLES; do sql "$1" "create table $t (id bigint primary key, note text)"; done
}
subscribe() {
    local t
    for t in $TABLES; do
        sql publisher "create publication pub_$t for table $t; insert into $t select g, 'dòng ' || g from generate_series(1, 100) g"
        sql subscriber "create subscription sub_$t connection 'host=$PUBLISHER_IP port=$SUB_PORT user=postgres dbname=app application_name=sub_$t'
            publication pub_$t" 2>>"$HERE/log/subscribe.log" || die "subscribe: $(log_tail subscribe)"
    done
    wait_for 30 in_step || die "the tables do not come in step: $(log_tail subscriber)"
}

case ${1:-} in
up)
    [ -x $PG_BIN/postgres ] || die "postgresql-15 is not installed"
    need_free $PUBLISHER_IP $SUB_PORT
    own $U "$HERE"
    make_node publisher
    make_node subscriber
    subscribe
    ;;
down) drop ;;
sql) sql "$2" "$3" "${4:-app}" ;;
start) start "$2"; wait_for 20 ready "$2" || die "$2 does not start: $(log_tail "$2")" ;;
stop) stop "$2" INT ;;
kill) stop "$2" QUIT ;;
freeze) sig "$2" STOP; kill -STOP $(kids "$2") ;;
thaw) kill -CONT $(kids "$2"); sig "$2" CONT ;;
change) sql publisher "insert into $2 select m + g, 'thêm' from (select max(id) m from $2) x, generate_series(1, ${3:-1}) g" ;;
conflict)
    sql subscriber "insert into orders values (9000000, 'conflict')"
    sql publisher "insert into orders values (9000000, 'conflict')"
    ;;
unconflict) sql subscriber "delete from orders where id = 9000000" ;;
slow)
    sql subscriber "create or replace function slowly() returns trigger language plpgsql as 'begin perform pg_sleep(0.5); return new; end';
        create trigger slowly before insert on sms for each row execute function slowly();
        alter table sms enable always trigger slowly"
    ;;
quick) sql subscriber "drop trigger slowly on sms" ;;
off) sql subscriber "alter subscription $2 disable" ;;
on) sql subscriber "alter subscription $2 enable" ;;
keep)
    sql publisher "alter system set max_slot_wal_keep_size = '$2'"
    sql publisher "select pg_reload_conf()" >/dev/null
    ;;
fill)
    for ((i = 0; i < $2; i += 4)); do
        sql publisher "select pg_logical_emit_message(false, 'filler', repeat('x', 4 << 20))" >/dev/null
    done
    ;;
*) usage ;;
esac
