#!/bin/bash
# node.sh: Prometheus' node_exporter, one process at two addresses, with a textfile collector.
#
#   node.sh up | down
#   node.sh write NAME         what stands on standard input becomes NAME.prom of the collector
#   node.sh age NAME SECONDS   … and is so old
#   node.sh page               what it says now
#   node.sh stop | start | freeze | thaw
. "$(dirname "$0")/peer.sh"
part node

start() {
    spawn node nobody prometheus-node-exporter --collector.textfile.directory="$HERE/text" --log.level=error \
        --web.listen-address=${NODE_NET}1:$NODE_PORT --web.listen-address=${NODE_NET}2:$NODE_PORT
    wait_for 10 listens ${NODE_NET}2 $NODE_PORT || die "it is not ready: $(log_tail node)"
}

case ${1:-} in
up)
    command -v prometheus-node-exporter >/dev/null || die "prometheus-node-exporter is not installed"
    need_free ${NODE_NET}1 $NODE_PORT
    mkdir -p "$HERE/text"
    start
    ;;
down) drop ;;
write) cat >"$HERE/text/.part" && mv "$HERE/text/.part" "$HERE/text/$2.prom" ;;
age) touch -d "@$(($(date +%s) - $3))" "$HERE/text/$2.prom" ;;
page) curl -s -m 5 "http://${NODE_NET}1:$NODE_PORT/metrics" ;;
stop) stop node ;;
start) start ;;
freeze) sig node STOP ;;
thaw) sig node CONT ;;
*) usage ;;
esac
