# lib.sh - for the scripts of tests/store: one engine on a small site, and words about it.
# shellcheck shell=bash
: "${TRUCBAN:?}" "${TRUCBAN_ENGINE:?}" "${TMP:?}"
STATE=$TMP/state
SOCKET=$TMP/s.sock
SITE=$TMP/site.json
ENGINE=
bad=0

# Three passive checks (their state is what we submit) and twenty that are refused.
cat >"$SITE" <<'EOF'
{"$schema":"trucban/site/1","site":{"id":"demo","name":"Demo"},
 "defaults":{"interval":"1s","retry":"100ms","timeout":"500ms","attempts":1,"ok_confirm":1},
 "targets":[
  {"id":"box-[1-3]","kind":"server","address":"127.0.0.1","env":"production",
   "checks":[{"id":"p","probe":"passive","freshness":"1h"}]},
  {"id":"gone-[01-20]","kind":"server","address":"127.0.0.1","env":"test",
   "checks":[{"id":"tcp","probe":"tcp","port":1,"attempts":3}]}]}
EOF

verdict() { # verdict NAME STATUS [WHY]
    if [ "$2" = 0 ]; then
        echo "ok $1"
    else
        echo "FAIL $1 ${3:-}"
        bad=1
    fi
}

say() { "$TRUCBAN" "$@" --socket "$SOCKET"; }

# start [ENV=VALUE…]: the engine, ready (its pid in ENGINE) or ended.
start() {
    : >"$TMP/engine.err"
    env "$@" "$TRUCBAN_ENGINE" engine --site "$SITE" --state "$STATE" --socket "$SOCKET" \
        2>>"$TMP/engine.err" &
    ENGINE=$!
    for _ in $(seq 200); do
        grep -q ': ready' "$TMP/engine.err" && return 0
        kill -0 "$ENGINE" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}

stop() { # stop [SIGNAL]; the exit status is the engine's
    kill "-${1:-TERM}" "$ENGINE" 2>/dev/null
    wait "$ENGINE" 2>/dev/null
}

# until_true SECONDS COMMAND…
until_true() {
    local end=$(($(date +%s%N) / 1000000 + $1 * 1000))
    shift
    while [ $(($(date +%s%N) / 1000000)) -lt "$end" ]; do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    return 1
}

# An alert on box-1, open: its id in ALERT.
open_alert() {
    say submit box-1/p CRITICAL "it broke" >/dev/null || return 1
    until_true 10 has_alert || return 1
    ALERT=$(say alerts --json | grep -o '"id":[0-9]*,"check":"box-1/p"' | grep -o '[0-9]*' | head -1)
    [ -n "$ALERT" ]
}
has_alert() { say alerts --json | grep -q '"check":"box-1/p"[^}]*"phase":"firing"'; }

trap 'kill -9 $ENGINE 2>/dev/null' EXIT
