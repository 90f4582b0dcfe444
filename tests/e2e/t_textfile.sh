#!/bin/bash
# The engine's own figures in a file, and targets from Prometheus' lists: both come into force, grow and
# are refused under a running engine.
. "$(dirname "$0")/lib.sh"
mkdir -p "$TMP/sd"
PAGE=$TMP/own.prom
site() { # site TEXTFILE
    cat >"$SITE" <<J
{ "site": { "id": "own", "textfile": "$1" }, "store": "sqlite:own.db", "defaults": { "interval": "1h" },
  "file_sd": [ { "files": [ "sd/*.json" ], "template": { "checks": [ { "id": "in", "probe": "passive" } ] } } ] }
J
}
figure() { awk -v n="$1" '$1 == n { print $2 }' "$PAGE"; }
figure_is() { [ "$(figure "$1")" = "$2" ]; }
site "$PAGE"
echo '[ { "targets": [ "127.0.0.1:1", "127.0.0.2:1" ], "labels": { "rack": "r1" } } ]' >"$TMP/sd/a.json"
engine_start || give_up "the engine starts"
check "the page comes" until_ok 15 figure_is trucban_targets 2
at submit 127.0.0.2/in CRITICAL "seen" >/dev/null
is_there() { figure_is 'trucban_checks{state="CRITICAL"}' 1 && figure_is trucban_saving 1; }
check "what is seen is in it" until_ok 25 is_there
check "every line can be read" awk '!/^#/ && !/^trucban_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [-+.e0-9]+$/ { print; bad = 1 } END { exit bad }' "$PAGE"
check "each family is named once" sh -c "! grep '^# TYPE' '$PAGE' | sort | uniq -d | grep -q ."
check "nothing else is left beside it" sh -c "! ls '$TMP' | grep -q 'own.prom.'"

echo '[ { "targets": [ "127.0.0.3:1" ] } ]' >"$TMP/sd/b.json"
kill -HUP "$ENGINE_PID"
check "a list that came later makes a target" until_ok 10 is_state 127.0.0.3/in "PENDING soft"
check "and what was seen stays" is_state 127.0.0.2/in "CRITICAL soft"
echo '[ { "targets": [ "127.0.0.3:2" ] } ]' >"$TMP/sd/c.json"
kill -HUP "$ENGINE_PID"
check "a bad list is told" until_ok 10 grep -q 'c.json: /0/targets/0: found "127.0.0.3:2", which makes the id "127.0.0.3"' "$TMP/engine.log"
check "and counts as refused" until_ok 25 figure_is trucban_site_file_refused 1
check "and changes nothing" is_state 127.0.0.3/in "PENDING soft"
rm "$TMP/sd/c.json"
site "$TMP/none/own.prom"
kill -HUP "$ENGINE_PID"
check "a folder that is not there is told once, and stops nothing" until_ok 25 grep -q "textfile: cannot write .*No such file" "$TMP/engine.log"
mkdir "$TMP/none"
check "and forgotten when it is there" until_ok 25 test -s "$TMP/none/own.prom"
engine_stop
finish
