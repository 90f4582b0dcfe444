#!/bin/bash
# haproxy.sh: HAProxy in front of the farm (farm.sh) and of Patroni's nodes (patroni.sh), on loopback.
#
#   haproxy.sh up          FARM_N servers s1…, from FARM_NET and FARM_PORT; they are DOWN where no farm runs
#   haproxy.sh down
#   haproxy.sh cmd "COMMAND"     the answer of the runtime socket
#   haproxy.sh state SERVER      UP, DOWN, DRAIN, MAINT … of bk_web/SERVER
#   haproxy.sh stop | freeze | thaw
#
# Runtime API: $HAPROXY_SOCK and $HAPROXY_IP:$HAPROXY_ADMIN (level admin), :$HAPROXY_USER (level user: may look).
# Frontends: fe_web :$HAPROXY_WEB, backend bk_web; fe_pg :$HAPROXY_PG, backend bk_pg (n1 n2 n3, the leader alone is UP).
. "$(dirname "$0")/peer.sh"
part haproxy

config() {
    local i
    cat <<C
global
  $([ "$(id -u)" = 0 ] && printf 'user haproxy\n  group haproxy\n')
  nbthread 1
  maxconn 500
  stats socket $HAPROXY_SOCK mode 666 level admin
  stats socket ipv4@$HAPROXY_IP:$HAPROXY_ADMIN level admin
  stats socket ipv4@$HAPROXY_IP:$HAPROXY_USER level user
defaults
  timeout connect 1s
  timeout client 30s
  timeout server 30s
  timeout check 1s
frontend fe_web
  mode http
  bind $HAPROXY_IP:$HAPROXY_WEB
  default_backend bk_web
backend bk_web
  mode http
  balance roundrobin
  option httpchk GET /health
  http-check expect status 200
  default-server inter 1s fastinter 300ms fall 2 rise 1
C
    for ((i = 1; i <= ${FARM_N:-50}; i++)); do echo "  server s$i ${FARM_NET:-$LAB_NET}.$i:${FARM_PORT:-18200} check weight 100"; done
    cat <<C
frontend fe_pg
  mode tcp
  bind $HAPROXY_IP:$HAPROXY_PG
  default_backend bk_pg
backend bk_pg
  mode tcp
  option httpchk OPTIONS /primary
  http-check expect status 200
  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
C
    for i in 1 2 3; do echo "  server n$i $PATRONI_NET$i:$PATRONI_PG check port $PATRONI_REST"; done
}

# say COMMAND: one a connection; the answer ends with the connection
say() {
    exec 5<>"/dev/tcp/$HAPROXY_IP/$HAPROXY_ADMIN" || return 1
    echo "$1" >&5
    timeout 5 cat <&5
}

case ${1:-} in
up)
    command -v haproxy >/dev/null || die "haproxy is not installed"
    need_free $HAPROXY_IP $HAPROXY_ADMIN
    config >"$HERE/haproxy.cfg"
    haproxy -c -q -f "$HERE/haproxy.cfg" || die "its configuration is refused"
    spawn haproxy root haproxy -db -f "$HERE/haproxy.cfg"
    wait_for 10 listens $HAPROXY_IP $HAPROXY_ADMIN || die "it does not listen: $(log_tail haproxy)"
    ;;
down) drop ;;
cmd) say "$2" ;;
state) say "show stat" | awk -F, -v s="$2" '$1 == "bk_web" && $2 == s { print $18; found = 1 } END { exit !found }' ;;
stop) stop haproxy ;;
freeze) sig haproxy STOP ;;
thaw) sig haproxy CONT ;;
*) usage ;;
esac
