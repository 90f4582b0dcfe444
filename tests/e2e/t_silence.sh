#!/bin/bash
# Silences, maintenance, assessments by command on a real engine: previews, limits, what is held back, the second
# operator, recurring windows, and that what has ended stays ended over kill -9, restart and reload.
. "$(dirname "$0")/lib.sh"

# sites N: as many passive targets, half of them "a", and two that are probed for real
sites() {
    cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "silence", "name": { "vi": "Tắt tiếng", "en": "Silenced site" }, "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "store": "sqlite:silence.db", "defaults": { "interval": "10m", "retry": "200ms" },
  "shifts": [ { "id": "s1", "start": "06:00", "end": "14:00" }, { "id": "s2", "start": "13:00", "end": "22:00" } ],
  "targets": [ { "id": "t-[1-$1]", "kind": "server", "address": "127.0.0.1", "env": "production", "labels": { "half": "a" },
      "checks": [ { "id": "in", "probe": "passive", "attempts": 1, "priority": "P2" } ] },
    { "id": "web", "kind": "server", "address": "$NET.1", "env": "production",
      "checks": [ { "id": "tcp", "probe": "tcp", "port": 9, "attempts": 1, "interval": "500ms", "timeout": "1s", "priority": "P2" } ] } ] }
J
}
periods() { at silences --json; }
period() { periods | jq -r --argjson id "$1" ".periods[] | select(.id == \$id) | $2"; } # period ID JQ
number() { grep -oE '(silence|maintenance|assessment) [0-9]+' <<<"$1" | grep -oE '[0-9]+'; }
marks_of() { at alerts --json | jq -r --arg c "$1" '[.alerts[] | select(.check == $c and .phase == "firing")][0].marks | sort | join(",")'; }
has_marks() { [ "$(marks_of "$1")" = "$2" ]; }
is_period() { [ "$(period "$1" "$2")" = "$3" ]; }
# told CHECK: its alerts' marks as they were opened with them and as they changed, one a line; - for none
told() { at journal --json | jq -r --arg c "$1" 'select((.kind == "alert.opened" or .kind == "alert.marked") and .body.check == $c) | .body.marks // [] | sort | join(",") | if . == "" then "-" else . end'; }
refuses() { # refuses NAME STATUS WORDS COMMAND…
    local name=$1 status=$2 words=$3 out rc
    shift 3
    out=$(at "$@" 2>&1)
    rc=$?
    if [ $rc = "$status" ] && [[ $out == *"$words"* ]]; then ok "$name"; else fail "$name" "exit $rc: $out"; fi
}

sites 9
has "site check notes hours with two shifts" "from 13:00 to 14:00 more than one shift is on duty" "$(trucban site check "$SITE" 2>&1)"
has "and with none" "from 22:00 to 24:00 nobody is on duty" "$(trucban site check "$SITE" 2>&1)"
engine_start || give_up "the engine starts"
for i in 1 2 3; do at submit t-$i/in CRITICAL "disk gone" >/dev/null; done
until_ok 10 is_open 4 || give_up "four alerts open" "$(at alerts)"

# --- previews and refusals ---------------------------------------------------------------------------
out=$(at match 't-[123]')
has "a preview of nothing" "0 of 10 checks (0 %), 0 open alerts" "$out"
out=$(at match 't-1 half=a')
has "a preview counts checks and alerts" "1 of 10 checks (10 %), 1 open alerts" "$out"
has "and names them" "  t-1/in" "$out"
same "as JSON" '{"schema":"trucban/match/1","checks":9,"all":10,"share":90,"alerts":3,"too_wide":true,"first":9}' \
    "$(at match 't-*' --json | jq -c '.first |= length | {schema, checks, all, share, alerts, too_wide, first}')"
refuses "a matcher of everything" 64 "this matches everything" match '*'
refuses "a silence of everything" 77 "this matches everything" silence '*' --for 1h -m "all of it"
refuses "a silence of too many" 77 "this matches 9 of 10 checks, more than 30 %" silence 't-*' --for 1h -m "half of it"
refuses "a silence of nothing" 77 'no check matches "nosuch" now' silence nosuch --for 1h -m "typing error"
refuses "a silence without an end" 64 "say when it ends" silence t-1 -m "for ever"
refuses "a silence without a comment" 64 "-m TEXT is missing" silence t-1 --for 1h
refuses "a short comment" 77 "a comment of at least 3 characters" silence t-1 --for 1h -m "x"
refuses "an end in the past" 77 "is not after the start" silence t-1 --to 2020-01-01T00:00:00Z -m "yesterday"
refuses "a silence of more than 30 days" 77 "a silence lasts at most 30d" silence t-1 --for 31d -m "holidays"
refuses "an alert that is not there" 77 "there is no alert 4711" silence 4711 --for 1h -m "what is it"
refuses "windows that are none" 77 "expected windows such as Sun 02:00-04:00" maintenance t-1 --to +30d --every "Sonntag" -m "batch"
refuses "a maintenance that never begins" 77 "begins before the end" maintenance t-1 --from now --to +1m \
    --every "$(TZ=Asia/Ho_Chi_Minh date -d '+2 days' +%a) 02:00-04:00" -m "batch"
refuses "more than 30 days in one piece" 77 "longer ones must be recurring" maintenance t-1 --to +40d -m "rebuild"
refuses "another word for --as" 64 "expected maintenance or assessment" maintenance t-1 --to +1h --as holiday -m "hm hm"
same "nothing of it is there" 0 "$(periods | jq '.periods | length')"
refusals() { at journal --json | jq -r 'select(.kind == "request.refused") | .body.what' | sort | uniq -c | tr -s ' \n' ' '; }
check "refusals are in the journal" until_ok 5 grep -q silence <<<"$(refusals)"

# --- silences ----------------------------------------------------------------------------------------
out=$(at silence t-1 --for 2h -m "disk is being changed")
has "a silence answers with what it holds back" "1 checks, 1 open alerts" "$out"
s=$(number "$out")
check "it is on" until_ok 5 is_period "$s" .on true
check "its alert is marked" until_ok 5 has_marks t-1/in silence
same "the alert is still there" CRITICAL "$(at alerts --json | jq -r '.alerts[] | select(.check == "t-1/in") | .state')"
has "the list has it" "disk is being changed" "$(at silences)"
id=$(alert_of t-2/in)
out=$(at silence "$id" --for 2h -m "the known one")
has "of one alert" "of one alert" "$out"
a=$(number "$out")
check "its mark" until_ok 5 has_marks t-2/in silence
at submit t-2/in OK "fine" >/dev/null
at submit t-2/in OK "fine" >/dev/null
check "it ends with its alert" until_ok 5 is_period "$a" .state ended
same "by the engine" trucban "$(period "$a" .ended_by)"
refuses "it does not begin again" 77 "number $a came to its end at" silences end "$a"
refuses "nor for the alert that is over" 77 "resolved at" silence "$id" --for 2h -m "the known one"
at submit t-2/in CRITICAL "disk gone again" >/dev/null
until_ok 5 test "$(alert_of t-2/in)" != "$id"
check "the next alert of that check is told" until_ok 5 has_marks t-2/in ""

# --- maintenance, assessment -------------------------------------------------------------------------
out=$(at maintenance web --to +2h -m "cable work")
has "a maintenance says that it has not been announced" "has it been announced?" "$out"
m=$(number "$out")
check "its mark" until_ok 5 has_marks web/tcp maintenance
has "check JSON says it" maintenance "$(at status --json | jq -c '.targets[].checks[] | select(.check == "web/tcp") | .periods')"
out=$(at maintenance web --from "tomorrow 02:00" --to +60d --every "Sun 02:00-04:00; daily 00:00-24:00" -m "batch run")
has "a recurring one" "maintenance" "$out"
r=$(number "$out")
now=$(date +%s)
b=$(number "$(at maintenance t-9,t-8/in --to +60d -m "runs every day" --every \
    "daily $(TZ=Asia/Ho_Chi_Minh date -d "@$((now - 120))" +%H:%M)-$(TZ=Asia/Ho_Chi_Minh date -d "@$((now + 600))" +%H:%M)")")
is_on_now() { at status --json | jq -e --arg c "$1" '.targets[].checks[] | select(.check == $c) | .periods == ["maintenance"]'; }
check "one whose window is now is on" until_ok 5 is_on_now t-9/in
check "for each of two" until_ok 5 is_on_now t-8/in
at silences end "$b" >/dev/null
same "is planned, not on" false "$(period "$r" .on)"
out=$(at maintenance 't-*' --as assessment --to +1d -m "auditors are in the house")
has "an assessment hides nothing" "none is hidden" "$out"
check "and labels" until_ok 5 has_marks t-3/in assessment
check "beside a silence" until_ok 5 has_marks t-1/in assessment,silence
out=$(at maintenance 't-*' --to +1h -m "power of half a")
has "too many for one person" "another person must approve it" "$out"
w=$(number "$out")
same "it is proposed" proposed "$(period "$w" .state)"
refuses "nobody approves what he asked for" 77 "another person must approve it" silences approve "$w"
out=$(at silence t-1 --for 2d -m "over the weekend")
l=$(number "$out")
same "so is a silence of two days" proposed "$(period "$l" .state)"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    other() { setpriv --reuid=65534 --regid=65534 --clear-groups "$TRUCBAN" "$1" --socket "$SOCK" "${@:2}" 2>&1; }
    chmod 711 "$TMP" && chmod 666 "$SOCK"
    jq '.roles = {"l1": ["'"$(id -nu 65534)"'"], "l3": ["root"]}' "$SITE" >"$SITE.new" && mv "$SITE.new" "$SITE"
    kill -HUP "$ENGINE_PID"
    long() { other silence t-3 --for 5h -m "longer than mine to say" | grep -q "needs role l2 (you are l1)"; }
    check "level 1 silences for four hours, no longer" until_ok 5 long
    out=$(other silences approve "$w")
    has "and approves nothing" "needs role l2 (you are l1)" "$out"
    jq '.roles = {"l2": ["'"$(id -nu 65534)"'"], "l3": ["root"]}' "$SITE" >"$SITE.new" && mv "$SITE.new" "$SITE"
    kill -HUP "$ENGINE_PID"
    approved() { other silences approve "$w"; }
    check "a second person approves" until_ok 5 approved
    check "then it is on" until_ok 5 has_marks t-3/in assessment,maintenance
    same "with who it was" "$(id -nu 65534)" "$(period "$w" .approved_by)"
    check "to end is everybody's" other silences end "$w"
    check "the marks go with it" until_ok 5 has_marks t-3/in assessment
else
    skip "a second person approves: needs root and setpriv"
    at silences end "$w" >/dev/null
fi

# --- over kill -9, restart, reload ---------------------------------------------------------------------
has "one is ended" "silence $s has ended" "$(at silences end "$s" -m "disk is in")"
same "and again: it stands" 0 "$(at silences end "$s" >/dev/null; echo $?)"
check "its mark goes" until_ok 5 has_marks t-1/in assessment
before=$(periods | jq -Sc '[.periods[] | {id, kind, state, match, from, until, every, by, comment, ended_by, ended_at}]')
engine_stop KILL
engine_start || give_up "the engine starts again"
same "kill -9 changes none of them" "$before" "$(periods | jq -Sc '[.periods[] | {id, kind, state, match, from, until, every, by, comment, ended_by, ended_at}]')"
check "what was on is on" until_ok 5 is_period "$m" .on true
check "with its mark" until_ok 5 has_marks web/tcp maintenance
refuses "what has ended never begins again" 77 "only a new one can begin" silences approve "$s"
n=$(at silence t-1 --for 1h -m "once more" | grep -oE '[0-9]+' | head -n 1)
same "a new one has a new number" true "$([ "$n" -gt "$l" ] && echo true)"
engine_stop
engine_start || give_up "the engine starts a third time"
same "a restart keeps them" standing "$(period "$n" .state)"
sites 12
kill -HUP "$ENGINE_PID"
is_labelled() { at status --json | jq -e '.targets[].checks[] | select(.check == "t-12/in") | .periods == ["assessment"]'; }
check "a reload: new checks are matched as well" until_ok 5 is_labelled
has "the journal tells it" "maintenance $m by" "$(at journal)"

# --- the end of a maintenance: one fresh result, then it is told -------------------------------------
at silences end "$m" >/dev/null
check "an end of maintenance with the problem still on" until_ok 5 has_marks web/tcp ""
same "was held back until a result from after it was in" "maintenance settle -" "$(told web/tcp | tail -n 3 | tr '\n' ' ' | sed 's/ $//')"
m=$(number "$(at maintenance t-7 --for 1h -m "all of it inside")")
until_ok 5 is_period "$m" .on true
at submit t-7/in CRITICAL "was moved" >/dev/null
until_ok 5 has_marks t-7/in assessment,maintenance
for i in 1 2; do at submit t-7/in OK "is back" >/dev/null; done
is_well() { [ "$(alert_of t-7/in)" = null ]; }
check "what begins and ends in a maintenance" until_ok 5 is_well
at silences end "$m" >/dev/null
until_ok 5 is_period "$m" .state ended
same "was never without its mark" "assessment,maintenance" "$(told t-7/in | tail -n 1)"
at submit t-6/in CRITICAL "port scan" >/dev/null
until_ok 5 has_marks t-6/in assessment
same "an alert in an assessment has its label from the beginning" assessment "$(told t-6/in)"
same "and no other: its clock runs" true "$(at alerts --json | jq '[.alerts[] | select(.check == "t-6/in")][0].next.runs')"
now=$(date +%s)
out=$(at silence t-2 --to "$(date -u -d "@$((now + 3))" +%FT%TZ)" -m "a moment")
e=$(number "$out")
check "one of three seconds is on" until_ok 5 has_marks t-2/in assessment,silence
check "and ends by itself" until_ok 10 is_period "$e" .state ended
check "then it is told" until_ok 5 has_marks t-2/in assessment

# --- a disk that is full, ten at once ------------------------------------------------------------------
engine_stop
FP="store.full:err@$TMP/full" engine_start || give_up "the engine starts a fourth time"
out=$(at silence t-3 --to "$(date -u -d "@$(($(date +%s) + 3))" +%FT%TZ)" -m "a moment")
e=$(number "$out")
until_ok 5 is_period "$e" .on true
touch "$TMP/full"
refuses "on a full disk nothing is said to hold" 75 "NOT SAVED" silence t-1 --for 1h -m "disk is full"
check "what is over by its time holds nothing back" until_ok 10 is_period "$e" .on false
same "though the journal cannot have it yet" standing "$(period "$e" .state)"
rm "$TMP/full"
check "and has it as soon as there is room" until_ok 10 is_period "$e" .state ended
for i in 0 1 2 3 4 5 6 7 8 9; do at silence t-4 --for 1h -m "at once $i" >"$TMP/at.$i" & waits[i]=$!; done
wait "${waits[@]}"
same "ten at once get ten numbers" 10 "$(cat "$TMP"/at.* | grep -oE 'silence [0-9]+' | sort -u | wc -l)"
same "the chain holds" 0 "$(at journal --verify >/dev/null; echo $?)"
finish
