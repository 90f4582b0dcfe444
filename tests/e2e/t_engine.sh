#!/bin/bash
# The engine's life: one at a time, a dead one's place is taken, a full disk is seen and survived,
# results go on, two consoles see the same, it ends within two seconds and leaves nothing.
. "$(dirname "$0")/lib.sh"
site_passive 3
engine_start || give_up "the engine starts"
first=$ENGINE_PID
"$TRUCBAN_ENGINE" engine --site "$SITE" --socket "$TMP/other.sock" --state "$STATE" >"$TMP/out" 2>&1 </dev/null
same "another engine on the same state is refused" 73 $?
has "and told by whom" "$first" "$(cat "$TMP/out")"
[ "$(stat -c %a "$STATE")" = 700 ] && ok "the state folder is private" || fail "the state folder is private" "$(stat -c %a "$STATE")"
find "$STATE" -type f -perm /077 | grep -q . && fail "its files too" "$(ls -l "$STATE")" || ok "its files too"
for i in 1 2 3; do at submit t-$i/in OK fine >/dev/null; done
kill -KILL "$first"
until_ok 5 gone "$first"
[ -S "$SOCK" ] && ok "a killed engine leaves its socket" || fail "a killed engine leaves its socket"
engine_start && ok "the next one takes it over" || give_up "the next one takes it over"

# --- an acknowledgement is on the other console too -------------------------------------------------
at submit t-1/in CRITICAL "both see this" >/dev/null
until_ok 5 is_open 1
id=$(alert_of t-1/in)
(
    pty "the second console sees it" <<P
size 120x36
spawn $TRUCBAN --socket $SOCK --lang en
wait "both see this" 10
run "touch $TMP/ready"
key 6
wait "all taken" 10
key q
expect-exit 0
P
    finish
) >"$TMP/second" 2>&1 &
second=$!
until_ok 10 test -e "$TMP/ready"
pty "one acknowledges" <<P
size 120x36
spawn $TRUCBAN --socket $SOCK --lang en
wait "both see this" 10
key 6 a
wait-quiet 60
send "mine now"
key Enter
wait "all taken" 5
key q
expect-exit 0
P
wait $second
cat "$TMP/second"
grep -q '^FAIL' "$TMP/second" && failures=$((failures + 1))

# --- engine gone and back, under a console ------------------------------------------------------------
pty "engine killed: banner and dimmed picture; back: live again" <<P
size 120x36
spawn $TRUCBAN --socket $SOCK --lang en
wait "both see this" 10
run "kill -KILL $ENGINE_PID"
wait "THE ENGINE HAS ENDED" 5
expect "both see this"
run "( setsid $TRUCBAN_ENGINE engine --site $SITE --socket $SOCK --state $STATE </dev/null >/dev/null 2>&1 & echo \$! >$TMP/third )"
wait-gone "HAS ENDED" 10
wait "all taken" 10
expect-clean
key q
expect-exit 0
P
ENGINE_PID=$(cat "$TMP/third")
pty "read-only: looking is all" <<P
size 100x30
spawn $TRUCBAN --socket $SOCK --lang en --read-only
wait "both see this" 10
key 6 U
wait-quiet 150
run "[ \$($TRUCBAN alerts --socket $SOCK --json | grep -c 'mine now') -ge 1 ]"
key q
P

# --- 20 acknowledgements at once: one wins, the others are told --------------------------------------
at submit t-2/in CRITICAL "who is first" >/dev/null
until_ok 5 is_open 2
id=$(alert_of t-2/in)
for i in $(seq 20); do
    ( at ack "$id" -m "it is mine, says $i" >"$TMP/race.$i" 2>&1; echo $? >"$TMP/race.rc.$i" ) &
    racers="${racers:-} $!"
done
wait $racers
same "exactly one of 20 wins" "1 19" "$(cat "$TMP"/race.rc.* | awk '$1 == 0 { w++ } $1 == 77 { l++ } END { print w + 0, l + 0 }')"
winner=$(grep -lx 0 "$TMP"/race.rc.* | sed 's/.*\.//')
same "and it is the one that stands" "it is mine, says $winner" "$(at alerts --json | jq -r --argjson i "$id" '.alerts[] | select(.id == $i) | .ack.comment')"
loser=$((winner % 20 + 1))
has "the others are told who" "$(id -un)" "$(cat "$TMP/race.$loser")"

# --- ends well -----------------------------------------------------------------------------------------
t=$(now_ms)
engine_stop && t=$(($(now_ms) - t)) && [ $t -le 2500 ] && ok "SIGTERM: gone within 2 s" || fail "SIGTERM: gone within 2 s" "$t ms"
[ ! -e "$SOCK" ] && ok "its socket is gone" || fail "its socket is gone"

# --- disk full ------------------------------------------------------------------------------------------
if [ "$(id -u)" = 0 ] && mkdir "$TMP/small" && unshare -m true 2>/dev/null && mount -t tmpfs -o size=400k,mode=700 none "$TMP/small" 2>/dev/null; then
    trap 'cleanup; umount "$TMP/small"' EXIT
    STATE=$TMP/small
    engine_start && ok "an engine on a small disk" || give_up "an engine on a small disk"
    at submit t-1/in CRITICAL "before the disk is full" >/dev/null
    until_ok 5 is_open 1
    id=$(alert_of t-1/in)
    pty "disk full: said at once, nothing pretends to be saved; freed: goes on by itself" <<P
size 120x36
spawn $TRUCBAN --socket $SOCK --lang en
wait "before the disk is full" 10
run "dd if=/dev/zero of=$TMP/small/fill bs=4k 2>/dev/null; true"
key 6 a
wait-quiet 60
send "do I believe this"
key Enter
wait-re "NOT SAVED|not saved" 5
run "[ \$($TRUCBAN alerts --socket $SOCK --json | jq '[.alerts[] | select(.ack)] | length') = 0 ]"
wait-re "JOURNAL|journal" 5
run "rm $TMP/small/fill"
wait-gone "JOURNAL NOT" 8
key Esc q
signal TERM
expect-exit any 2
P
    freed() { at ack "$id" -m "now it can be saved"; }
    saved() { at alerts --json | jq -e '[.alerts[] | select(.ack)] | length == 1' >/dev/null; }
    until_ok 6 saved || until_ok 6 freed && saved && ok "after freeing: saved" || fail "after freeing: saved" "$(at alerts)"
    check "the chain holds" at journal --verify
    engine_stop
else
    skip "disk-full: a small file system cannot be mounted here"
fi
finish
