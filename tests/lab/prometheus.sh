#!/bin/bash
# prometheus.sh: Prometheus, which scrapes itself, node.sh's two addresses and one where nobody is, each second, and knows one
# alert that always fires; it sends it to alertmanager.sh, if that is there.
#
#   prometheus.sh up | down
#   prometheus.sh query PROMQL     what it answers
#   prometheus.sh stop | start | freeze | thaw
. "$(dirname "$0")/peer.sh"
part prometheus

start() {
    spawn prom nobody prometheus --config.file="$HERE/prom.yml" --storage.tsdb.path="$HERE/data" --query.timeout=2s \
        --web.listen-address=$PROM_IP:$PROM_PORT --log.level=error
    wait_for 20 curl -sf "http://$PROM_IP:$PROM_PORT/-/ready" || die "it is not ready: $(log_tail prom)"
}

case ${1:-} in
up)
    command -v prometheus >/dev/null || die "prometheus is not installed"
    need_free $PROM_IP $PROM_PORT
    mkdir -p "$HERE/data"
    cat >"$HERE/prom.yml" <<C
global: { scrape_interval: 1s, scrape_timeout: 900ms, evaluation_interval: 1s }
rule_files: [ rules.yml ]
alerting: { alertmanagers: [ { static_configs: [ { targets: [ '$ALERTS_IP:$ALERTS_PORT' ] } ] } ] }
scrape_configs:
- job_name: node
  static_configs: [ { targets: [ '${NODE_NET}1:$NODE_PORT', '${NODE_NET}2:$NODE_PORT', '${NODE_NET}3:$NODE_PORT' ] } ]
- job_name: prometheus
  static_configs: [ { targets: [ '$PROM_IP:$PROM_PORT' ] } ]
C
    cat >"$HERE/rules.yml" <<C
groups: [ { name: lab, rules: [
  { alert: Lost, expr: 'up == 0', labels: { severity: critical }, annotations: { summary: 'nobody answers at {{ \$labels.instance }}' } } ] } ]
C
    own nobody "$HERE/data"
    start
    ;;
down) drop ;;
query) curl -s -m 5 --data-urlencode "query=$2" "http://$PROM_IP:$PROM_PORT/api/v1/query" ;;
stop) stop prom ;;
start) start ;;
freeze) sig prom STOP ;;
thaw) sig prom CONT ;;
*) usage ;;
esac
