#!/bin/bash
# metrics.sh BUILD [LOOKS] [ROUNDS]: what a page of series costs, from the request to twelve checks;
# CPU milliseconds a look, medians of the rounds.  The page is written here, as node_exporter's are.
. "$(dirname "$0")/lib.sh"
bench=$REPO/${1:?the build folder}/bench looks=${2:-500} rounds=${3:-3} PORT=18941
value() { sort -n "$TMP/$1" | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'; }
# times NAME CHECK FILE RESULTS LOOKS: CPU ms a look, a line more in $TMP/NAME; all results must be there
times() {
    local round
    for ((round = 0; round < rounds; round++)); do
        "$bench/scrapebench" "$SITE" "$2" "$3" $PORT "$5" |
            awk -v n="$4" '$3 != n || $4 != n { print "metrics.sh: " $3 " results, " $4 " OK, expected " n >"/dev/stderr" }
                           { printf "%.4f\n", $2 / $1 * 1000 }' >>"$TMP/$1"
    done
}

# 1,500 series: what is asked for, and much that nobody asks for
awk 'BEGIN {
    print "# HELP node_load5 5m load average.\n# TYPE node_load5 gauge\nnode_load5 0.5\nnode_memory_MemTotal_bytes 8.247e+09\nnode_memory_MemAvailable_bytes 6.1e+09"
    print "node_timex_offset_seconds -1.2e-05\nnode_timex_sync_status 1\nnode_boot_time_seconds 1.7637e+09\nnode_filefd_allocated 1984\nnode_filefd_maximum 9.2e+06"
    split("idle iowait irq nice softirq steal system user", mode)
    for (c = 0; c < 32; c++) for (m = 1; m <= 8; m++) printf "node_cpu_seconds_total{cpu=\"%d\",mode=\"%s\"} %.2f\n", c, mode[m], 1000 * m + c
    for (d = 0; d < 8; d++) { l = sprintf("{device=\"/dev/sd%c1\",fstype=\"ext4\",mountpoint=\"/srv/data%d\"}", 97 + d, d)
        printf "node_filesystem_avail_bytes%s %d\nnode_filesystem_size_bytes%s %d\nnode_filesystem_files%s 1000\nnode_filesystem_files_free%s 900\nnode_filesystem_readonly%s 0\n", l, 7e9 + d, l, 9e9, l, l, l; n += 5 }
    split("active activating deactivating failed inactive", state)
    for (u = 0; u < 150; u++) for (s = 1; s <= 5; s++) printf "node_systemd_unit_state{name=\"unit-%d.service\",state=\"%s\",type=\"simple\"} %d\n", u, state[s], s == 1
    print "node_textfile_mtime_seconds{file=\"/var/lib/node/backup.prom\"} 1.7637e+09"
    n += 1007 + 11
    for (; n < 1503; n++) printf "node_network_receive_packets_total{device=\"eth%d\"} 1.234567e+0%d\n", n, n % 9
}' >"$TMP/page.prom"
cat >"$SITE" <<J
{ "site": { "id": "bench" }, "defaults": { "timeout": "5s" }, "targets": [ { "id": "srv", "checks": [
    { "id": "node", "probe": "metrics", "url": "http://127.0.0.1:$PORT/metrics" }
$(for of in load memory disk inodes readonly clock clock_sync units textfile boot files; do
    printf ', { "id": "%s", "probe": "metric", "from": "srv/node", "of": "%s" }\n' $of $of
done), { "id": "cpus", "probe": "metric", "from": "srv/node", "series": "node_cpu_seconds_total", "by": "cpu", "pick": "count" } ] } ] }
J
times page srv/node "$TMP/page.prom" 13 "$looks"
row "a page of $(grep -vc '^#' "$TMP/page.prom") series to 12 checks, CPU ms" "$(value page)" - "2 ms at most"

# 5,000 series, each to a target of its own
now=$(date +%s)
awk -v at="$now" 'BEGIN {
    printf "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":["
    for (i = 1; i <= 5000; i++)
        printf "%s{\"metric\":{\"__name__\":\"up\",\"env\":\"production\",\"instance\":\"s-%04d:9100\",\"job\":\"node\",\"rack\":\"r%d\"},\"value\":[%d.123,\"%d.5\"]}", (i > 1 ? "," : ""), i, i % 40, at, i % 70
    print "]}}" }' >"$TMP/reply.json"
cat >"$SITE" <<J
{ "site": { "id": "bench" }, "defaults": { "timeout": "5s" }, "targets": [
    { "id": "prom", "checks": [ { "id": "up", "probe": "prometheus", "url": "http://127.0.0.1:$PORT", "query": "up", "max_age": "1h" } ] },
    { "id": "s-[0001-5000]", "checks": [ { "id": "up", "probe": "row", "from": "prom/up", "row": "\${id}:9100", "thresholds": { "value": { "warning": 80, "critical": 90 } } } ] } ] }
J
times reply prom/up "$TMP/reply.json" 5001 $((looks / 20))
row "a reply of 5,000 series to 5,000 targets, CPU ms" "$(value reply)" - "40 ms at most"
