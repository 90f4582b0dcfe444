#!/bin/bash
# patroni.sh: a Patroni cluster "lab" of three PostgreSQL nodes and one etcd, on loopback.
#
#   patroni.sh up              n1 leads, n2 and n3 follow; PATRONI_TTL, _LOOP, _RETRY (6 1 2), PATRONI_SYNC=1,
#                              PATRONI_AUTH=USER:PASSWORD guards what changes something
#   patroni.sh down            ends it all and removes it
#   patroni.sh leader          prints the name of the node that leads and is promoted
#   patroni.sh sql N "SQL"
#   patroni.sh kill|stop|start N     a crash of node N, a clean stop, a start
#   patroni.sh kill-agent N    Patroni dies, PostgreSQL stays
#   patroni.sh freeze|thaw N   the whole node hangs
#   patroni.sh lag|unlag N     it receives nothing more (its sender gives up after 60 s)
#   patroni.sh pause-replay N  receives, applies nothing
#   patroni.sh dcs-stop|dcs-start
#
# Node N: http://${PATRONI_NET}N:$PATRONI_REST, PostgreSQL ${PATRONI_NET}N:$PATRONI_PG, user postgres without password.
. "$(dirname "$0")/peer.sh"
part patroni
U=postgres

config() { # config N
    local d=$HERE/n$1 ip=$PATRONI_NET$1 auth=
    [ -z "${PATRONI_AUTH:-}" ] || auth="authentication: {username: '${PATRONI_AUTH%%:*}', password: '${PATRONI_AUTH#*:}'}"
    cat <<Y
scope: lab
name: n$1
restapi:
  listen: $ip:$PATRONI_REST
  connect_address: $ip:$PATRONI_REST
  $auth
etcd3: {host: '$ETCD_IP:$ETCD_PORT'}
bootstrap:
  dcs:
    ttl: ${PATRONI_TTL:-6}
    loop_wait: ${PATRONI_LOOP:-1}
    retry_timeout: ${PATRONI_RETRY:-2}
    maximum_lag_on_failover: 1048576
    synchronous_mode: $([ -n "${PATRONI_SYNC:-}" ] && echo true || echo false)
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters: {max_connections: 40, wal_level: logical}
  initdb: [{encoding: UTF8}, {locale: C.UTF-8}, data-checksums, no-sync]
  pg_hba: [local all all trust, host all all 127.0.0.0/8 trust, host replication all 127.0.0.0/8 trust]
postgresql:
  listen: $ip:$PATRONI_PG
  connect_address: $ip:$PATRONI_PG
  data_dir: $d
  bin_dir: $PG_BIN
  pgpass: $HERE/pgpass$1
  authentication:
    replication: {username: repl, password: repl}
    superuser: {username: postgres, password: postgres}
    rewind: {username: rewind, password: rewind}
  basebackup: [{checkpoint: fast}, no-sync]
  parameters: {fsync: 'off', shared_buffers: 16MB, max_wal_size: 256MB, unix_socket_directories: ''}
Y
}

rest() { curl -s -m 3 "http://$PATRONI_NET$1:$PATRONI_REST/$2"; }
dcs() {
    spawn etcd $U etcd --name lab --data-dir "$HERE/etcd" --log-level error \
        --listen-client-urls "http://$ETCD_IP:$ETCD_PORT" --advertise-client-urls "http://$ETCD_IP:$ETCD_PORT" \
        --listen-peer-urls "http://$ETCD_IP:$ETCD_PEER" --initial-advertise-peer-urls "http://$ETCD_IP:$ETCD_PEER" \
        --initial-cluster "lab=http://$ETCD_IP:$ETCD_PEER"
    wait_for 20 listens $ETCD_IP $ETCD_PORT || die "etcd does not listen: $(log_tail etcd)"
}
node() { spawn "n$1" $U patroni "$HERE/n$1.yml"; }
postmaster() { # postmaster N: its PID, if it is this node's
    local p
    read -r p 2>/dev/null <"$HERE/n$1/postmaster.pid" && [ "$(readlink "/proc/$p/cwd")" = "$HERE/n$1" ] && echo "$p"
}
receiver() { ps -o pid=,args= --ppid "$(postmaster "$1")" | awk '/walreceiver/ { print $1 }'; }
sql() { psql -XqAt -h "$PATRONI_NET$1" -p $PATRONI_PG -U postgres -d postgres -c "$2"; }
# Patroni says "leader" before PostgreSQL has been promoted: its own role word counts.
leads() { rest "$1" patroni | grep -qE '"role": "(master|primary)"' && rest "$1" cluster | grep -q "\"name\": \"n$1\", \"role\": \"leader\""; }
all_run() { [ "$(rest 1 cluster | grep -oE '"state": "(running|streaming)"' | wc -l)" = 3 ]; }

case ${1:-} in
up)
    command -v patroni >/dev/null && command -v etcd >/dev/null || die "patroni or etcd is not installed"
    for i in 1 2 3; do
        need_free "$PATRONI_NET$i" $PATRONI_REST
        config $i >"$HERE/n$i.yml"
    done
    own $U "$HERE"
    dcs
    node 1
    wait_for 40 leads 1 || die "n1 does not lead: $(log_tail n1)"
    node 2
    node 3
    wait_for 40 all_run || die "not all nodes run: $(log_tail n2) $(log_tail n3)"
    ;;
down) drop ;;
leader) for i in 1 2 3; do leads $i && echo n$i && exit 0; done; exit 1 ;;
sql) sql "$2" "$3" ;;
start) node "$2" ;;
stop) stop "n$2" ;;
kill) p=$(postmaster "$2"); sig "n$2" KILL; [ -z "$p" ] || kill -QUIT "$p" ;;
kill-agent) sig "n$2" KILL ;;
freeze) sig "n$2" STOP; kill -STOP "$(postmaster "$2")" ;;
thaw) kill -CONT "$(postmaster "$2")"; sig "n$2" CONT ;;
lag) kill -STOP $(receiver "$2") ;;
unlag) kill -CONT $(receiver "$2") ;;
pause-replay) sql "$2" "select pg_wal_replay_pause()" ;;
dcs-stop) stop etcd ;;
dcs-start) dcs ;;
*) usage ;;
esac
