#!/bin/bash
# TM7: a plugin cannot type into the console, take its terminal or leave a process behind, even when
# the console has started the engine itself.
. "$(dirname "$0")/lib.sh"
mkdir -m 755 "$TMP/plugins" && cp "$BUILD/tests/ttyhook" "$TMP/plugins/" || exit 1
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "hook", "name": { "vi": "Móc", "en": "Hook" }, "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "store": "sqlite:hook.db",
  "targets": [ { "id": "host", "kind": "server", "address": "127.0.0.1", "env": "production", "checks": [
    { "id": "hook", "probe": "exec", "command": [ "$TMP/plugins/ttyhook", "$TMP/report" ], "interval": "500ms", "timeout": "2s" } ] } ] }
J
: >"$TMP/report"
pty "the console starts the engine; the plugin runs" <<P
size 100x30
env TRUCBAN_STATE=$STATE
spawn $TRUCBAN --site $SITE --lang en
wait "host" 10
run "for i in {1..100}; do [ \$(cat $TMP/report | wc -l) -ge 4 ] && exit 0; sleep 0.1; done; exit 1"
run "$TRUCBAN status --site $SITE --state $STATE --json | jq .engine.pid >$TMP/engine.pid"
wait-quiet 100
expect-clean
expect-fullscreen
key q
wait "Quit?" 2
key y
expect-exit 0
expect-restored
P
same "nothing worked" "tty 0 typed 0 terminals 0 foreground 0" "$(sed 's/ child.*//' "$TMP/report" | sort -u)"
left() { while read -r _ _ _ _ _ _ _ _ _ pid; do kill -0 "$pid" 2>/dev/null && return 1; done <"$TMP/report"; return 0; }
until_ok 8 left && ok "no process is left" || fail "no process is left" "$(cat "$TMP/report")"
engine=$(cat "$TMP/engine.pid")
KIDS+=("$engine")
until_ok 8 gone "$engine" && ok "the private engine ends with its console" ||
    fail "the private engine ends with its console" "pid $engine"

# An engine that an operator runs on a terminal of its own: that terminal is not the plugin's either.
: >"$TMP/report"
pty "an engine on a terminal; the plugin runs" <<P
size 100x30
spawn $TRUCBAN engine --site $SITE --socket $TMP/fore.sock --state $TMP/fore
wait "ready" 10
run "for i in {1..100}; do [ \$(cat $TMP/report | wc -l) -ge 4 ] && exit 0; sleep 0.1; done; exit 1"
key C-c
expect-exit any 3
P
same "nothing worked there" "tty 0 typed 0 terminals 0 foreground 0" "$(sed 's/ child.*//' "$TMP/report" | sort -u)"
until_ok 8 left && ok "no process is left of it" || fail "no process is left of it" "$(cat "$TMP/report")"
finish
