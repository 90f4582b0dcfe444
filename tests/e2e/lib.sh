# shellcheck shell=bash
# lib.sh: what the end-to-end scripts share.  Source it first; it cleans up by itself.
#
# Each script starts its own engine, servers and terminals in $TMP and ends all of them.
set -u
: "${REPO:?}" "${TRUCBAN:?}" "${TRUCBAN_ENGINE:?}" "${PTYRUN:?}" "${TMP:?}"
cd "$TMP" || exit 1
SOCK=$TMP/e.sock STATE=$TMP/state SITE=$TMP/site.json
export SOCK STATE SITE TMP
export NET=127.$((20 + $$ % 200)).$((($$ / 200) % 250)) PORT=$((18000 + $$ % 1000))
export FARM_DIR=$TMP/farm FARM_NET=$NET FARM_PORT=$PORT
FARM=$REPO/tests/lab/farm.sh
ENGINE_PID=
KIDS=()
failures=0

cleanup() {
    local p
    [ -d "$FARM_DIR" ] && "$FARM" down
    for p in "${KIDS[@]+"${KIDS[@]}"}"; do kill -CONT "$p"; kill -KILL "$p"; done 2>/dev/null
    [ -n "$ENGINE_PID" ] && kill -KILL "$ENGINE_PID" 2>/dev/null
    wait 2>/dev/null
}
trap cleanup EXIT

ok() { echo "ok $1"; }
fail() { # fail NAME WHY…
    echo "FAIL $1"
    shift
    [ $# = 0 ] || printf '%s\n' "$@" | sed 's/^/    /'
    failures=$((failures + 1))
}
skip() { echo "skip $*"; }
# check NAME COMMAND…: passed if it exits 0; its output is shown otherwise
check() {
    local name=$1 out
    shift
    if out=$("$@" 2>&1); then ok "$name"; else fail "$name" "\$ $*" "$out"; fi
}
# same NAME WANTED GOT
same() { if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "expected: $2" "got:      $3"; fi; }
# has NAME TEXT IN
has() { if [[ $3 == *"$2"* ]]; then ok "$1"; else fail "$1" "expected to contain: $2" "got: $3"; fi; }
finish() {
    if grep -qsE 'ERROR: (Address|Leak)Sanitizer|runtime error:' "$TMP/engine.log"; then
        fail "the sanitisers have nothing to say of the engine" "$(head -n 30 "$TMP/engine.log")"
    fi
    [ "$failures" = 0 ]
    exit
}
# give_up WHY: what follows cannot be tried
give_up() {
    fail "$@"
    [ -f "$TMP/engine.log" ] && tail -n 5 "$TMP/engine.log"
    exit 1
}
now_ms() { date +%s%3N; }
# until_ok SECONDS COMMAND…
until_ok() {
    local end=$(($(now_ms) + $1 * 1000))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(now_ms)" -lt "$end" ] || return 1
        sleep 0.05
    done
}
gone() { ! kill -0 "$1" 2>/dev/null; }

trucban() { "$TRUCBAN" "$@"; }
at() { local c=$1; shift; "$TRUCBAN" "$c" --socket "$SOCK" "$@"; }

# engine_start [ARGS…]: an engine on $SITE; ready when it returns
engine_start() {
    "$TRUCBAN_ENGINE" engine --site "$SITE" --socket "$SOCK" --state "$STATE" "$@" \
        </dev/null >"$TMP/engine.out" 2>>"$TMP/engine.log" &
    ENGINE_PID=$!
    disown "$ENGINE_PID"
    until_ok 10 engine_answers
}
engine_answers() { at status --json | grep -q trucban/status; }
engine_stop() { # engine_stop [SIGNAL]
    kill "-${1:-TERM}" "$ENGINE_PID" && until_ok 5 gone "$ENGINE_PID"
}
# state_of CHECK: its state and its words;  alerts_open: number of open alerts
state_of() { at status --json | jq -r --arg c "$1" '.targets[].checks[] | select(.check == $c) | .state + (if .hard then " hard" else " soft" end)'; }
words_of() { at status --json | jq -r --arg c "$1" '.targets[].checks[] | select(.check == $c) | .summary'; }
is_state() { [ "$(state_of "$1")" = "$2" ]; }
alerts_open() { at alerts --json | jq '[.alerts[] | select(.phase == "firing")] | length'; }
is_open() { [ "$(alerts_open)" = "$1" ]; }
alert_of() { at alerts --json | jq -r --arg c "$1" '[.alerts[] | select(.check == $c and .phase == "firing")][0].id'; }

# pty NAME: plays the script on standard input against the console
pty() {
    local out
    if out=$("$PTYRUN" - 2>&1) 2>&1; then ok "$1"; else fail "$1" "$out"; fi
}

# site_one URL [MORE]: a site of one target with one http check, quick to judge
site_one() {
    cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "one", "name": { "vi": "Một máy", "en": "One server" }, "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "store": "sqlite:one.db",
  "defaults": { "interval": "500ms", "retry": "200ms", "timeout": "1s", "attempts": 2 },
  "targets": [ { "id": "web", "kind": "server", "address": "$NET.1", "env": "production",
    "checks": [ { "id": "http", "probe": "http", "url": "$1", "expect": { "status": [200] }, "priority": "P2" } ] } ${2:-} ] }
J
}
# site_passive N: N targets, each with a passive check "in"
site_passive() {
    cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "passive", "name": { "vi": "Thụ động", "en": "Passive site" }, "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "store": "sqlite:passive.db", "defaults": { "interval": "10m", "retry": "200ms" },
  "targets": [ { "id": "t-[1-$1]", "kind": "server", "address": "127.0.0.1", "env": "production",
    "checks": [ { "id": "in", "probe": "passive", "attempts": 1, "priority": "P2" } ] } ] }
J
}
# site_farm: the fifty of farm.sh in two halves
site_farm() {
    cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "farm", "name": { "vi": "Năm mươi máy", "en": "Fifty servers" }, "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "store": "sqlite:farm.db",
  "defaults": { "interval": "1s", "retry": "300ms", "timeout": "2s", "attempts": 3 },
  "groups": [ { "id": "half-a", "name": { "vi": "Nhánh A", "en": "Half A" } },
              { "id": "half-b", "name": { "vi": "Nhánh B", "en": "Half B" } } ],
  "targets": [
    $(for half in "a 1-25" "b 26-50"; do
        read -r h r <<<"$half"
        [ $h = b ] && echo ,
        echo "{ \"id\": \"s[$r]\", \"kind\": \"server\", \"group\": \"half-$h\", \"address\": \"$NET.[$r]\",
        \"env\": \"production\", \"labels\": { \"role\": \"web\" },
        \"checks\": [ { \"id\": \"http\", \"probe\": \"http\", \"url\": \"http://\${address}:$PORT/health\",
          \"expect\": { \"status\": [200], \"json\": { \"/status\": \"UP\" } },
          \"thresholds\": { \"latency_ms\": { \"warning\": 500, \"critical\": 1800 } }, \"priority\": \"P3\" } ] }"
    done) ] }
J
}
