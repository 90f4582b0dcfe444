#!/bin/bash
# answer.sh: from the moment a server answers a probe until two consoles show it.
#
# The server counts its answers and notes when it gave each; the check is never satisfied, so that its
# sentence names the count, and a console that shows a count shows that answer.
. "$(dirname "$0")/lib.sh"
first=12 last=51
NET=127.11.0 PORT=18933
coproc SERVER { exec "$BENCH/benchserver" $PORT 2>"$TMP/ticks"; }
KIDS+=("$SERVER_PID")
read -r _ <&"${SERVER[0]}" || exit 1
site_http 50 1s
jq --arg url "http://$NET.1:$PORT/tick" '.targets += [ { "id": "ticks", "kind": "server", "address": "127.0.0.1",
    "checks": [ { "id": "tick", "probe": "http", "url": $url, "interval": "700ms", "attempts": 1,
                  "expect": { "json": { "/tick": 0 } } } ] } ]' "$SITE" >"$SITE.new" && mv "$SITE.new" "$SITE"
engine_start || give_up "the engine starts"
shown() { # shown NAME: "TICK MS" when each showed, into $TMP/shown.NAME
    {
        printf '%s\n' "size 120x36" "spawn $console" 'wait-re "/tick is" 10'
        for i in $(seq $first $last); do printf '%s\n' "wait \"/tick is $i,\" 20" "print wall-ms"; done
    } | "$PTYRUN" - | awk -v n=$first '{ print n++, $2 }' >"$TMP/shown.$1"
}
shown a & a=$!
shown b & b=$!
wait "$a" "$b"
late() { # all delays, sorted
    awk 'FNR == NR { at[$1] = $2; next } { print $2 - at[$1] }' "$TMP/ticks" "$TMP/shown.a" "$TMP/shown.b" | sort -n
}
[ "$(late | wc -l)" = $((2 * (last - first + 1))) ] || echo "answer.sh: a console did not show each answer" >&2
row "answer to the cell, median, ms" "$(late | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }')" - "-"
row "answer to the cell, max of two consoles, ms" "$(late | tail -n 1)" - "100"
