#!/bin/bash
# alertmanager.sh: Prometheus' Alertmanager, alone, with nobody to tell.
#
#   alertmanager.sh up | down
#   alertmanager.sh alerts     what it has now, as its API says it
#   alertmanager.sh stop | start | freeze | thaw
. "$(dirname "$0")/peer.sh"
part alertmanager

start() {
    spawn am nobody prometheus-alertmanager --config.file="$HERE/am.yml" --storage.path="$HERE/data" \
        --web.listen-address=$ALERTS_IP:$ALERTS_PORT --cluster.listen-address= --log.level=warn
    wait_for 15 curl -sf "http://$ALERTS_IP:$ALERTS_PORT/-/ready" || die "it is not ready: $(log_tail am)"
}

case ${1:-} in
up)
    command -v prometheus-alertmanager >/dev/null || die "prometheus-alertmanager is not installed"
    need_free $ALERTS_IP $ALERTS_PORT
    mkdir -p "$HERE/data"
    printf 'route: { receiver: nobody }\nreceivers: [ { name: nobody } ]\n' >"$HERE/am.yml"
    own nobody "$HERE/data"
    start
    ;;
down) drop ;;
alerts) curl -s -m 5 "http://$ALERTS_IP:$ALERTS_PORT/api/v2/alerts" ;;
stop) stop am ;;
start) start ;;
freeze) sig am STOP ;;
thaw) sig am CONT ;;
*) usage ;;
esac
