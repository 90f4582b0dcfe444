#!/bin/bash
# SIGHUP: the site file is read again.  A good one comes into force under running consoles, with all that was seen; a
# bad one changes nothing and is told to everybody, with its place (LC5).
. "$(dirname "$0")/lib.sh"

# sites TARGETS [MORE]: as many passive targets, and one that is really probed
sites() {
    cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "reload", "name": { "vi": "Nạp lại", "en": "Reloaded" }, "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "store": "sqlite:reload.db", "defaults": { "interval": "10m", "retry": "200ms" },
  "targets": [ { "id": "t-[1-$1]", "kind": "server", "address": "127.0.0.1", "env": "production",
      "checks": [ { "id": "in", "probe": "passive", "attempts": 1, "priority": "P2" } ] },
    { "id": "web", "kind": "server", "address": "$NET.1", "env": "production",
      "checks": [ { "id": "http", "probe": "http", "url": "http://\${address}:$PORT/health", "interval": "500ms" } ] } ${2:-} ] }
J
}
hup() { kill -HUP "$ENGINE_PID"; }
told() { at journal --json | jq -c "select(.kind == \"$1\")"; } # told KIND
loaded() { told config.loaded | wc -l; }
refused() { told config.refused | wc -l; }
refusal() { told config.refused | tail -n 1 | jq -r .body.text; }
has_loaded() { [ "$(loaded)" = "$1" ]; }
has_refused() { [ "$(refused)" = "$1" ]; }

FARM_N=1 "$FARM" up
sites 3
engine_start || give_up "the engine starts"
for i in 1 2 3; do at submit t-$i/in OK fine >/dev/null; done
at submit t-1/in CRITICAL "disk gone" >/dev/null
at submit t-3/in CRITICAL "cable cut" >/dev/null
until_ok 5 is_open 2 || give_up "two alerts open"
kept=$(alert_of t-1/in) left=$(alert_of t-3/in)
at ack "$kept" -m "seen" >/dev/null
until_ok 5 is_state web/http "OK hard"

sites 2
sed 's/"web"/"www"/' "$SITE" >"$TMP/next"
sites 3

# --- a good one, under a console -------------------------------------------------------------------
pty "a good file: another picture without a reconnection, and its numbers" <<P
size 120x36
spawn $TRUCBAN --socket $SOCK --lang en
wait "disk gone" 10
key 2 v
wait "t-3" 5
run "cp $TMP/next $SITE && kill -HUP $ENGINE_PID"
wait "Site file loaded: 3 targets (1 new, 2 gone, 0 changed), 3 checks (1 new, 2 gone, 0 changed)." 5
wait "www" 5
wait-gone "t-3" 5
expect-not "NO CONNECTION"
expect-clean
key q
expect-exit 0
P
has_loaded 2 && ok "the journal has it" || fail "the journal has it" "$(at journal)"
has "with what changed" "3 targets (1 new, 2 gone" "$(told config.loaded | tail -n 1 | jq -r .body.text)"
alert=$(at alerts --json | jq -c --argjson id "$kept" '.alerts[] | select(.id == $id)')
same "an alert that stays is still acknowledged" seen "$(jq -r .ack.comment <<<"$alert")"
same "and of the same check" "CRITICAL hard" "$(state_of t-1/in)"
until_ok 5 is_open 1
same "the alert of a check that has left is resolved" 1 "$(told alert.resolved | jq -s --argjson id "$left" '[.[] | select(.body.alert == $id)] | length')"
until_ok 5 is_state www/http "OK hard" && ok "the new target is probed" || fail "the new target is probed" "$(at status)"

# --- a bad one ---------------------------------------------------------------------------------------
before=$(at status --json | jq -c '[.targets[].id]')
cp "$SITE" "$TMP/good"
sed -i 's/"retry": "200ms"/"retry": "200ms", "intervall": "5s"/' "$SITE"
pty "a bad file: its place on the console, the old one in force" <<P
size 160x36
spawn $TRUCBAN --socket $SOCK --lang vi
wait "disk gone" 10
run "kill -HUP $ENGINE_PID"
wait "KHÔNG NHẬN TỆP CẤU HÌNH, VẪN DÙNG BẢN TRƯỚC: site.json: /defaults/intervall: " 5
run "sed '3s/,/,,/' $TMP/good >$SITE && kill -HUP $ENGINE_PID"
wait-re "KHÔNG NHẬN TỆP CẤU HÌNH.*site.json:3:" 5
expect-clean
key q
expect-exit 0
P
same "nothing has changed" "$before" "$(at status --json | jq -c '[.targets[].id]')"
has_refused 2 && ok "the journal says so" || fail "the journal says so" "$(at journal)"
has "with the mistake" "unknown key \"intervall\"" "$(told config.refused | jq -r .body.text)"
has "the log has all of it" "site.json:3:" "$(cat "$TMP/engine.log")"
pty "a console that comes later is told, too; a good file ends it" <<P
size 160x36
spawn $TRUCBAN --socket $SOCK --lang en
wait "SITE FILE NOT TAKEN, THE ONE BEFORE STAYS:" 10
run "cp $TMP/good $SITE && kill -HUP $ENGINE_PID"
wait-gone "SITE FILE NOT TAKEN" 5
key q
expect-exit 0
P
sed 's/"id": "reload"/"id": "other"/' "$TMP/good" >"$SITE"
hup
until_ok 5 has_refused 3
has "another site's file is refused" "found \"other\", but the engine runs \"reload\"" "$(refusal)"
sed 's/sqlite:reload.db/sqlite:x.db/' "$TMP/good" >"$SITE"
hup
until_ok 5 has_refused 4
has "another store, too" "changes with a restart only" "$(refusal)"
rm "$SITE"
hup
until_ok 5 has_refused 5 && ok "and one that is not there" || fail "and one that is not there" "$(at journal)"
cp "$TMP/good" "$SITE"

# --- again and again, while people act and results come in -------------------------------------------
n=$(loaded)
for i in $(seq 30); do at note "$kept" -m "note $i" >/dev/null || echo lost; done >"$TMP/notes" 2>&1 &
notes=$!
slow=0
for i in $(seq 12); do
    [ $((i % 2)) = 0 ] && sites 2 || sites 2 ", { \"id\": \"more-[1-20]\", \"kind\": \"server\", \"address\": \"$NET.1\", \"checks\": [ { \"id\": \"http\", \"probe\": \"http\", \"url\": \"http://$NET.1:$PORT/health\", \"interval\": \"1s\" } ] }"
    t0=$(now_ms)
    hup
    until_ok 5 has_loaded $((n + i)) || fail "reload $i is in force"
    [ $(($(now_ms) - t0)) -gt $slow ] && slow=$(($(now_ms) - t0))
done
wait $notes
[ ! -s "$TMP/notes" ] && ok "no request is lost" || fail "no request is lost" "$(cat "$TMP/notes")"
same "nor done twice" 30 "$(told alert.noted | wc -l)"
[ $slow -le 2000 ] && ok "each in force within 2 s, told by commands" || fail "each in force within 2 s" "$slow ms"
echo "slowest reload, asked and seen by commands: $slow ms"
same "a check that stays is never in doubt" "" "$(told check.changed | jq -r 'select(.subject == "web/http" and .body.state != "OK") | .body.text')"
at journal --verify >/dev/null && ok "the journal holds" || fail "the journal holds"

# --- who ends on SIGHUP: a private engine, and one whose terminal is gone -------------------------------
engine_stop && ok "it ends as before" || fail "it ends as before"
engine_start --linger || give_up "a private engine starts"
hup
until_ok 5 gone "$ENGINE_PID" && ok "a private engine ends on SIGHUP" || fail "a private engine ends on SIGHUP"
pty "an engine in a terminal ends with it" <<P
spawn $TRUCBAN_ENGINE engine --site $SITE --socket $SOCK --state $STATE
wait "ready" 10
hangup
expect-exit 0 5
P
finish
