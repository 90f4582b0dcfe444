#!/bin/bash
# Commands: exit statuses, JSON documents, sentences for what cannot be done.
. "$(dirname "$0")/lib.sh"
rc() { "$@" >"$TMP/out" 2>"$TMP/err" </dev/null; echo $?; }

same "--version" 0 "$(rc trucban --version)"
has "--version says so" "trucban 0.1.0" "$(cat "$TMP/out")"
same "--help" 0 "$(rc trucban --help)"
for c in engine probe status alerts ack unack note submit journal site drill; do
    has "--help names $c" "$c" "$(cat "$TMP/out")"
done
for c in status alerts ack note journal submit engine probe site drill; do
    same "$c --help" 0 "$(rc trucban $c --help)"
done
same "an unknown command is a usage error" 64 "$(rc trucban no-such-thing)"
has "and is named" "no-such-thing" "$(cat "$TMP/err")"
same "an unknown option is a usage error" 64 "$(rc trucban status --no-such)"
has "and is named" "--no-such" "$(cat "$TMP/err")"
same "ack without an id" 64 "$(rc at ack -m x)"
same "no engine: 69" 69 "$(rc at status)"
has "and where it was looked for" "$SOCK" "$(cat "$TMP/err")"
(unset TRUCBAN_SITE; "$TRUCBAN" status) >"$TMP/out" 2>"$TMP/err" </dev/null
[ -e /etc/trucban/site.json ] || has "no site: names the drill" "trucban drill" "$(cat "$TMP/err")"

# --- bad site files --------------------------------------------------------------------------------
echo '{ "site": { "id": "x", }' >"$SITE"
same "not JSON: 65" 65 "$(rc trucban site check "$SITE")"
has "names the file" "site.json" "$(cat "$TMP/out" "$TMP/err")"
same "a missing file: 65" 65 "$(rc trucban site check "$TMP/none.json")"
cat >"$SITE" <<'J'
{ "$schema": "trucban/site/1", "site": { "id": "bad", "name": "B", "lang": "en" },
  "targets": [
    { "id": "a", "kind": "server", "address": "127.0.0.1", "parents": ["b"], "checks": [ { "id": "x", "probe": "htpp", "url": "http://127.0.0.1/" } ] },
    { "id": "b", "kind": "server", "address": "127.0.0.1", "parents": ["a"], "checks": [ { "id": "x", "probe": "tcp", "port": "many" } ] },
    { "id": "b", "kind": "server", "address": "127.0.0.1" },
    { "id": "c-[1-3]", "kind": "server", "address": "127.0.0.[1-2]" },
    { "id": "d", "kind": "machine", "address": "127.0.0.1", "parents": ["nobody"] } ] }
J
same "eight mistakes: 65" 65 "$(rc trucban site check "$SITE")"
all=$(cat "$TMP/out" "$TMP/err")
for w in lang htpp many /targets/3/address machine nobody /targets/; do has "all at once: $w" "$w" "$all"; done
[ "$(grep -c "site.json" <<<"$all")" -ge 7 ] && ok "each with its file" || fail "each with its file" "$all"
same "an engine does not start on it: 65" 65 "$(rc "$TRUCBAN_ENGINE" engine --site "$SITE" --socket "$SOCK" --state "$STATE")"

# --- totals that others publish --------------------------------------------------------------------
cat >"$SITE" <<'J'
{ "site": { "id": "t" }, "totals": [
    { "id": "kh02", "labels": { "of": "kh02" }, "total": 2, "done": 1, "as_of": "2026-03-05" },
    { "id": "nq11", "labels": { "of": "nq11" }, "total": 106, "done": 26, "as_of": "2026-03-05" } ],
  "targets": [ { "id": "a", "labels": { "of": "kh02" } }, { "id": "b", "labels": { "of": "kh02" }, "link": "none" },
    { "id": "c-[1-3]", "labels": { "of": "nq11" }, "link": "testing" } ] }
J
same "an inventory that differs from a total is no mistake" 0 "$(rc trucban site check "$SITE")"
same "but somebody should know" \
    "$SITE: note: total \"nq11\" says 106, done 26, as of 2026-03-05; the inventory has 3, done 0" "$(cat "$TMP/err")"

# --- a site that works -----------------------------------------------------------------------------
site_passive 3
same "site check" 0 "$(rc trucban site check "$SITE")"
has "counts targets and checks" "3 targets" "$(cat "$TMP/out")"
same "site show --json" 0 "$(rc trucban site show --site "$SITE" --json)"
same "its form" "trucban/site-resolved/1 3 t-2/in" \
    "$(jq -r '.schema + " " + (.targets | length | tostring) + " " + .targets[1].checks[0].id' "$TMP/out" | sed 's|3 in|3 t-2/in|')"
engine_start || give_up "the engine starts"
same "a second engine is refused" 73 "$(rc "$TRUCBAN_ENGINE" engine --site "$SITE" --socket "$SOCK" --state "$STATE")"
has "and told who runs" "$ENGINE_PID" "$(cat "$TMP/err")"
same "pending counts as unknown" 3 "$(rc at status)"
for i in 1 2 3; do check "submit t-$i OK" at submit "t-$i/in" OK "all well"; done
until_ok 5 is_state t-3/in "OK hard"
same "all OK: 0" 0 "$(rc at status)"
same "the site's clock, wherever the shell thinks it is" "$(at journal)" "$(TZ=America/New_York at journal)"
same "help COMMAND is COMMAND --help" "$(trucban ack --help)" "$(trucban help ack)"
same "submit of a check that is not there" 64 "$(rc at submit t-9/in OK hello)"
has "names the check" "t-9/in" "$(cat "$TMP/err")"
same "submit with a bad state" 64 "$(rc at submit t-1/in MAYBE hello)"
at submit t-1/in WARNING "disk 91 %" >/dev/null
until_ok 5 is_open 1
same "WARNING: 1" 1 "$(rc at status)"
at submit t-2/in CRITICAL "disk gone" "used=100%;90;95;0;100" >/dev/null
until_ok 5 is_open 2
same "CRITICAL: 2" 2 "$(rc at status)"
check "status --json is a document" jq -e '.schema == "trucban/status/1" and .site == "passive" and (.engine.pid | type) == "number"
    and (.targets | length) == 3 and (.targets[1].checks[0].state == "CRITICAL") and .targets[1].env == "production"
    and (.targets[1].since | test("^20.*T.*\\.[0-9]{3}Z$"))' <(at status --json)
check "alerts --json is a document" jq -e '.schema == "trucban/alerts/1" and (.alerts | length) == 2
    and (.alerts | all(.ack == null)) and (.alerts[0].priority | test("P[1-4]"))' <(at alerts --json)
id=$(alert_of t-2/in)
same "ack" 0 "$(rc at ack "$id" -m "looking at it" --for 2h)"
same "ack again" 77 "$(rc at ack "$id" -m "me too")"
same "ack of what is not there" 77 "$(rc at ack 999 -m "hello there")"
same "ack without a comment" 64 "$(rc at ack "$id")"
same "ack for too long" 77 "$(rc at ack "$(alert_of t-1/in)" -m "see you next week" --for 7d)"
same "note" 0 "$(rc at note "$id" -m 'replaced; \"quoted\", và tiếng Việt')"
same "unack" 0 "$(rc at unack "$id")"
same "unack again" 77 "$(rc at unack "$id")"
check "journal --json: one object a line, no gaps" jq -es 'length > 5 and ([.[].seq] | . == [range(.[0]; .[0] + length)])
    and all(.kind and .at and .hash and .prev and .actor)' <(at journal --json)
same "the whole story is in it" "alert.acknowledged alert.noted alert.unacknowledged" \
    "$(at journal --json | jq -r 'select(.kind | IN("alert.acknowledged","alert.noted","alert.unacknowledged")) | .kind' | xargs)"
same "journal --verify" 0 "$(rc at journal --verify)"
same "journal, plain" 0 "$(rc at journal)"
same "a forged line stays one line" 0 "$(rc at note "$id" -m $'real\n2026-01-01 alert.resolved forged')"
[ "$(at journal | grep -c forged)" = 1 ] && [ "$(at journal | grep -c '^2026-01-01')" = 0 ] &&
    ok "newlines do not make records" || fail "newlines do not make records" "$(at journal | tail -n 4)"
same "a pipe gets the table once" 2 "$(rc "$TRUCBAN" --socket "$SOCK")"
has "with the states" "CRIT" "$(cat "$TMP/out")"
grep -q $'\033' "$TMP/out" && fail "nothing paints into a pipe" || ok "nothing paints into a pipe"

# A problem ends with two OKs: the same one brought twice is not two.
same "submit with a key" 0 "$(rc at submit t-1/in OK fine --key k-1)"
same "the same once more" 0 "$(rc at submit t-1/in OK fine --key k-1)"
sleep 1
is_open 2 && ok "counts once" || fail "counts once" "$(at alerts)"
same "another key" 0 "$(rc at submit t-1/in OK fine --key k-2)"
until_ok 5 is_open 1
is_open 1 && ok "is another result" || fail "is another result" "$(at alerts)"

# --- without an engine: probe ----------------------------------------------------------------------
site_one "http://$NET.1:$PORT/health"
same "probe of a closed port: 2" 2 "$(rc trucban probe --site "$SITE")"
same "probe --json" 2 "$(rc trucban probe --site "$SITE" --json)"
check "its document" jq -e '.schema == "trucban/probe/1" and .results[0].check == "web/http" and .results[0].state == "CRITICAL"
    and (.results[0].summary | test("refused"))' "$TMP/out"
check "the engine ends in good order" engine_stop
[ ! -S "$SOCK" ] && ok "and takes its socket along" || fail "and takes its socket along"
finish
