#!/bin/bash
# probes.sh BUILD [SECONDS] [ROUNDS]: what a look costs, beside other ways to do the same.
#
# Prints lines "NAME VALUE RATIO": CPU seconds per 1,000 probes, and that as a multiple of the bare
# libcurl loop of the same kind in the same run (the median of the rounds).  Peers that are not
# installed are left out.
set -u
cd "$(dirname "$0")/../.." || exit 1
bench=${1:?the build folder}/bench seconds=${2:-4} rounds=${3:-3} port=18931
coproc SERVER { exec "$bench/benchserver" $port; }
server=$SERVER_PID
read -r _ <&"${SERVER[0]}" || exit 1
trap 'kill $server 2>/dev/null' EXIT

per_1000() { awk '{ if ($1 > 0) printf "%.4f\n", $2 / $1 * 1000 }'; }
median() { sort -n | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'; }

# one NAME COMMAND…: its median over the rounds is collected in $tmp/NAME, a line a round.
tmp=$(mktemp -d) || exit 1
trap 'kill $server 2>/dev/null; rm -rf "$tmp"' EXIT
one() {
    local name=$1
    shift
    "$@" | per_1000 >>"$tmp/$name"
}
value() { median <"$tmp/$1"; }
line() { # line NAME BASE
    awk -v n="$1" -v v="$(value "$1")" -v b="$(value "$2")" \
        'BEGIN { if (v != "") printf "%-28s %.4f %.2f\n", n, v, v / b }'
}

# check_http and blackbox_exporter are measured by what their processes use.
children_cpu() { # children_cpu N COMMAND…: "N CPU" of N runs
    local n=$1 i
    shift
    TIMEFORMAT='%U %S'
    { time for ((i = 0; i < n; i++)); do timeout 5 "$@" >/dev/null 2>&1; done; } 2>&1 | awk -v n="$n" '{ print n, $1 + $2 }'
}
blackbox() { # blackbox N: "N CPU" of an exporter asked N times
    local n=$1 pid before after i tick
    tick=$(getconf CLK_TCK)
    printf 'modules:\n  http_2xx:\n    prober: http\n' >"$tmp/blackbox.yml"
    prometheus-blackbox-exporter --config.file="$tmp/blackbox.yml" \
        --web.listen-address=127.0.0.1:18939 >/dev/null 2>&1 &
    pid=$!
    for ((i = 0; i < 50; i++)); do
        curl -s -o /dev/null http://127.0.0.1:18939/ && break
        sleep 0.1
    done
    before=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
    for ((i = 0; i < n; i++)); do
        printf 'url = "http://127.0.0.1:18939/probe?module=http_2xx&target=http://127.11.0.%d:%d/health"\noutput = "/dev/null"\n' $((i % 50 + 1)) $port
    done >"$tmp/urls"
    curl -s -Z --no-progress-meter --parallel-max 16 -K "$tmp/urls"
    after=$(awk '{ print $14 + $15 }' "/proc/$pid/stat")
    kill "$pid"
    wait "$pid" 2>/dev/null
    awk -v n="$n" -v t="$((after - before))" -v k="$tick" 'BEGIN { print n, t / k }'
}

for ((round = 0; round < rounds; round++)); do
    one bare_saturated "$bench/bareloop" $port saturated "$seconds"
    one engine_saturated "$bench/enginebench" $port saturated "$seconds"
    one bare_spread "$bench/bareloop" $port spread "$seconds"
    one bare_grid "$bench/bareloop" $port grid "$seconds"
    one engine_paced "$bench/enginebench" $port paced "$seconds"
done
plugin=/usr/lib/nagios/plugins/check_http
[ -x $plugin ] && one check_http children_cpu 100 $plugin -I 127.11.0.1 -p $port -u /health
command -v prometheus-blackbox-exporter >/dev/null && one blackbox_exporter blackbox 2000

line bare_saturated bare_saturated
line engine_saturated bare_saturated
line bare_spread bare_spread
line bare_grid bare_grid
line engine_paced bare_grid
awk -v a="$(value engine_paced)" -v b="$(value bare_spread)" 'BEGIN { printf "%-28s %.4f %.2f\n", "engine_paced_of_spread", a, a / b }'
for peer in check_http blackbox_exporter; do
    [ -s "$tmp/$peer" ] || continue
    line $peer bare_saturated
    awk -v p="$peer" -v a="$(value engine_saturated)" -v b="$(value $peer)" \
        'BEGIN { printf "%-28s %.4f 1/%.1f\n", "engine_saturated_of_" p, a, b / a }'
done
