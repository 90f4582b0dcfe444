#!/bin/bash
# CC7: ten clients acknowledge, take back, extend, hand on, note and silence at random while the engine
# is stopped, goes on, is killed and starts again.  The journal is one order that explains every answer:
# each success is in it once, under its own key; what was refused is not; per alert each step was
# allowed by those before it.
. "$(dirname "$0")/lib.sh"
ASKER=$BUILD/tests/asker
ALERTS=12 CLIENTS=10 EACH=250
site_passive $ALERTS
engine_start || give_up "the engine starts"
for i in $(seq $ALERTS); do at submit "t-$i/in" CRITICAL "seen $i" >/dev/null; done
until_ok 10 is_open $ALERTS || give_up "all alerts open"

requests() { # requests CLIENT: so many at random, the same for the same client
    awk -v c="$1" -v n=$EACH -v alerts=$ALERTS 'BEGIN {
        srand(c * 7919)
        split("ack unack extend escalate note silence ack unack", verbs, " ")
        for (i = 1; i <= n; i++) {
            verb = verbs[1 + int(rand() * 8)]
            printf "{\"request\":\"%s\",\"args\":{\"alert\":%d,\"key\":\"c%d-%d\"", verb, 1 + int(rand() * alerts), c, i
            if (verb != "extend" && verb != "unack") printf ",\"text\":\"word %d of %d\"", i, c
            if (verb == "ack" || verb == "extend" || verb == "silence") printf ",\"for\":\"%dm\"", 10 + int(rand() * 100)
            if (verb == "escalate") printf ",\"level\":%d", 1 + int(rand() * 3)
            print "}}"
        } }'
}
client() { # client N: its requests, again from where the link was lost; the lost ones are unknown
    local done_n=0 n
    requests "$1" >"$TMP/q.$1"
    : >"$TMP/a.$1"
    while [ "$done_n" -lt $EACH ]; do
        tail -n +$((done_n + 1)) "$TMP/q.$1" | "$ASKER" "$SOCK" 4 >"$TMP/part.$1" 2>/dev/null
        awk -v from="$done_n" '{ $1 += from; $2 = ""; print }' "$TMP/part.$1" >>"$TMP/a.$1"
        n=$(awk -v from="$done_n" '$1 > max { max = $1 } END { print max + 0 }' "$TMP/a.$1")
        [ "$n" -ge $EACH ] && break
        # up to four were on their way: what became of them nobody was told
        done_n=$((n + 4 > done_n ? n + 4 : done_n + 4))
        sleep 0.2
    done
}
clients=()
for c in $(seq $CLIENTS); do client "$c" & clients+=($!); done
sleep 0.3
kill -STOP "$ENGINE_PID" && sleep 1 && kill -CONT "$ENGINE_PID"
sleep 0.3
for round in 1 2 3; do
    engine_stop KILL || give_up "the engine is killed, round $round"
    engine_start || give_up "the engine starts again, round $round"
    sleep 0.4
done
wait "${clients[@]}"

at journal --json >"$TMP/journal" || give_up "the journal can be read"
check "the chain holds" at journal --verify
done_kinds='["alert.acknowledged","alert.unacknowledged","alert.extended","alert.escalated","alert.noted","period.created"]'
jq -r "select(.kind as \$k | $done_kinds | index(\$k)) | select(.body.key) | [.body.key, .seq, .kind] | @tsv" "$TMP/journal" |
    sort >"$TMP/by.key"
same "no key is in it twice" "" "$(cut -f1 "$TMP/by.key" | uniq -d)"
for c in $(seq $CLIENTS); do
    awk -v c="$c" '{ n = $1; ok = /"ok":true/; seq = 0
        if (match($0, /"seq":[0-9]+/)) seq = substr($0, RSTART + 6, RLENGTH - 6)
        printf "c%d-%d\t%d\t%d\n", c, n, ok, seq }' "$TMP/a.$c"
done | sort >"$TMP/answers"
answers=$(wc -l <"$TMP/answers")
[ "$answers" -ge $((CLIENTS * EACH * 8 / 10)) ] && ok "most requests were answered ($answers)" ||
    fail "most requests were answered" "$answers of $((CLIENTS * EACH))"
oks=$(awk '$2 == 1' "$TMP/answers" | wc -l)
[ "$oks" -ge 100 ] && ok "many were carried out ($oks)" || fail "many were carried out" "$oks"
same "each success is in the journal under its key" "" \
    "$(awk '$2 == 1 { print $1 }' "$TMP/answers" | sort | comm -23 - <(cut -f1 "$TMP/by.key" | sort) | head -n 5)"
same "and at the number that the answer named" "" \
    "$(join -t $'\t' <(awk -v OFS='\t' '$2 == 1 && $3 > 0 { print $1, $3 }' "$TMP/answers") "$TMP/by.key" | awk -F'\t' '$2 != $3' | head -n 5)"
same "nothing that was refused" "" \
    "$(awk '$2 == 0 { print $1 }' "$TMP/answers" | sort | comm -12 - <(cut -f1 "$TMP/by.key" | sort) | head -n 5)"
same "per alert, each step was allowed by those before it" "[]" "$(jq -cs '
    reduce (.[] | select(.kind | startswith("alert."))) as $e ({bad: [], acked: {}, level: {}};
      ($e.body.alert | tostring) as $a
      | if $e.kind == "alert.opened" then .acked[$a] = false | .level[$a] = $e.body.level
        elif $e.kind == "alert.acknowledged" then (if .acked[$a] then .bad += [$e.seq] else . end) | .acked[$a] = true
        elif $e.kind == "alert.unacknowledged" then (if .acked[$a] then . else .bad += [$e.seq] end) | .acked[$a] = false
        elif $e.kind == "alert.extended" then (if .acked[$a] then . else .bad += [$e.seq] end)
        elif $e.kind == "alert.escalated" then (if .level[$a] == $e.body.level then .bad += [$e.seq] else . end) | .level[$a] = $e.body.level
        elif $e.kind == "alert.ack_expired" then .acked[$a] = false
        else . end) | .bad' "$TMP/journal")"
finish
