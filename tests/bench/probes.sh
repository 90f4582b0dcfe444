#!/bin/bash
# probes.sh BUILD [SECONDS] [ROUNDS]: what a look costs, beside other ways to do the same.
#
# CPU seconds per 1,000 probes, each a fresh connection to one of fifty addresses.  "whole engine" is
# the release program with all its parts (journal, history, hub, fleet): what its process used between
# two moments, warm, over the requests that the server answered meanwhile.  No client is connected
# unless the row says so.  The loops beside it are of the same run; medians of the rounds.
. "$(dirname "$0")/lib.sh"
bench=$REPO/${1:?the build folder}/bench seconds=${2:-10} rounds=${3:-3}
NET=127.11.0 PORT=18931
coproc SERVER { exec "$bench/benchserver" $PORT; }
KIDS+=("$SERVER_PID")
read -r _ <&"${SERVER[0]}" || exit 1

# one NAME COMMAND…: the command's "PROBES CPU_SECONDS" as CPU per 1,000, a line more in $TMP/NAME
one() {
    local name=$1
    shift
    "$@" | awk '$1 > 0 { printf "%.4f\n", $2 / $1 * 1000 }' >>"$TMP/$name"
}
value() { sort -n "$TMP/$1" 2>/dev/null | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'; }
answered() { curl -s "http://$NET.1:$PORT/count"; }
cpu_ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }
tick=$(getconf CLK_TCK)
# during PID SECONDS: "PROBES CPU_SECONDS" of that process
during() {
    local n t
    n=$(answered) t=$(cpu_ticks "$1")
    sleep "$2"
    awk -v n="$(($(answered) - n))" -v t="$(($(cpu_ticks "$1") - t))" -v k="$tick" 'BEGIN { print n, t / k }'
}
# whole CHECKS INTERVAL SECONDS [console]: the engine as it is run
whole() {
    rm -rf "$STATE"
    site_http "$1" "$2"
    engine_start || exit 1
    if [ "${4:-}" = console ]; then
        printf '%s\n' "size 120x36" "spawn $console" 'wait "25/25" 10' "sleep $(($3 + 6))" | "$PTYRUN" - >/dev/null &
        sleep 2
    fi
    sleep 3
    during "$ENGINE_PID" "$3"
    [ "$(at status --json | jq '[.targets[].checks[] | select(.state != "OK")] | length')" = 0 ] ||
        echo "probes.sh: not all checks of the engine are OK" >&2
    engine_stop
    [ "${4:-}" != console ] || wait $!
}

# --- peers: an exporter that is asked, a plugin that is started ---------------------------------------
plugin() { # plugin N
    local i
    TIMEFORMAT='%U %S'
    { time for ((i = 0; i < $1; i++)); do
        timeout 5 /usr/lib/nagios/plugins/check_http -I "$NET.1" -p "$PORT" -u /health >/dev/null 2>&1
    done; } 2>&1 | awk -v n="$1" '{ print n, $1 + $2 }'
}
exporter_start() {
    printf 'modules:\n  http_2xx:\n    prober: http\n' >"$TMP/blackbox.yml"
    prometheus-blackbox-exporter --config.file="$TMP/blackbox.yml" --web.listen-address=127.0.0.1:18939 >/dev/null 2>&1 &
    exporter=$!
    KIDS+=("$exporter")
    until_ok 5 curl -s -o /dev/null http://127.0.0.1:18939/
}
exporter() { # exporter N CURL-OPTIONS…: asked N times
    local n=$1 i t
    for ((i = 0; i < n; i++)); do
        printf 'url = "http://127.0.0.1:18939/probe?module=http_2xx&target=http://%s.%d:%d/health"\noutput = "/dev/null"\n' \
            "$NET" $((i % 50 + 1)) "$PORT"
    done >"$TMP/urls"
    t=$(cpu_ticks "$exporter")
    curl -s --no-progress-meter "${@:2}" -K "$TMP/urls"
    awk -v n="$n" -v t="$(($(cpu_ticks "$exporter") - t))" -v k="$tick" 'BEGIN { print n, t / k }'
}

for ((round = 0; round < rounds; round++)); do
    one bare "$bench/bareloop" $PORT saturated "$seconds"
    one whole whole 2000 100ms "$seconds"
    one part "$bench/enginebench" $PORT saturated "$seconds"
    one spread "$bench/bareloop" $PORT spread "$seconds"
    one grid "$bench/bareloop" $PORT grid "$seconds"
    one part_paced "$bench/enginebench" $PORT paced "$seconds"
done
# Long enough for what the engine does once a minute (history, checkpoint).
one whole_paced whole 50 1s $((seconds * 6))
one whole_watched whole 50 1s $((seconds * 6)) console
[ -x /usr/lib/nagios/plugins/check_http ] && one check_http plugin 200
if command -v prometheus-blackbox-exporter >/dev/null && exporter_start; then
    one exporter exporter 4000 -Z --parallel-max 16
    one exporter_paced exporter $((seconds * 50)) --rate 50/s
fi

row "whole engine, paced (bare loop, spread)" "$(value whole_paced)" "$(value spread)" "0.9 x"
row "whole engine, paced (bare loop, on the grid)" "$(value whole_paced)" "$(value grid)" "1.6 x"
row "whole engine, paced (blackbox_exporter)" "$(value whole_paced)" "$(value exporter_paced)" "0.12 x"
row "the same, a console watching (loop, spread)" "$(value whole_watched)" "$(value spread)" "-"
row "whole engine, saturated (bare loop)" "$(value whole)" "$(value bare)" "1.35 x"
row "whole engine, saturated (blackbox_exporter)" "$(value whole)" "$(value exporter)" "0.17 x"
row "whole engine, saturated (check_http)" "$(value whole)" "$(value check_http)" "0.056 x"
row "scheduler and http kind, paced (on the grid)" "$(value part_paced)" "$(value grid)" "-"
row "scheduler and http kind, saturated (bare loop)" "$(value part)" "$(value bare)" "-"
