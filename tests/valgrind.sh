#!/bin/bash
# valgrind.sh BUILD: leaks of memory and of descriptors, and reads of what was never written, in the
# unit programs of the core flows, in an engine that looks for 20 s and is then asked to end, and in
# a command that asks it.  T=PATTERN: only those whose name matches.
#
# What other libraries keep for the life of the process is in tests/valgrind.supp, with its reason.
set -u
cd "$(dirname "$0")/.." || exit 1
B=$PWD/$1
REPO=$PWD
units='alert decide event_json fleet hub input journal jval link loop option_json rows say schedule
       scheduler screens site store text wire'
export LC_ALL=C.UTF-8 TZ=Asia/Ho_Chi_Minh
unset LANGUAGE TRUCBAN_SITE TRUCBAN_SOCKET TRUCBAN_STATE FP
TMP=$(mktemp -d /tmp/tb.XXXXXX) || exit 1
chmod 755 "$TMP" # a test looks at its files as another user
export TMP TMPDIR=$TMP HOME=$TMP XDG_RUNTIME_DIR=$TMP REPO BUILD=$B
export TRUCBAN=$B/trucban TRUCBAN_ENGINE=$B/trucban-engine
trap 'rm -rf "$TMP"' EXIT
VALGRIND="valgrind -q --error-exitcode=99 --track-fds=yes --leak-check=full --show-leak-kinds=definite,indirect,possible
          --errors-for-leak-kinds=definite,indirect,possible --child-silent-after-fork=yes
          --suppressions=tests/valgrind.supp"
passed=0 failed=0

# A descriptor that is open at the end, but for those that we were started with: 3.19 counts none as
# an error, and -q does not hide them.
told() { # told NAME STATUS LOG
    local open
    open=$(grep -cE '^==[0-9]+== Open (file descriptor|AF_)' "$3")
    open=$((open - $(grep -cE '^==[0-9]+==    <inherited from parent>' "$3")))
    if [ "$2" = 0 ] && [ "$open" -le 0 ]; then
        passed=$((passed + 1))
        echo "ok $1"
    else
        failed=$((failed + 1))
        echo "FAIL $1 (exit $2, descriptors left open: $open)"
        sed 's/^/    /' "$3" | tail -n 60
    fi
}
wanted() { [[ -z ${T:-} || $1 == *$T* ]]; }

for name in $units; do
    f=$B/tests/test_$name
    wanted "$name" && [ -x "$f" ] || continue
    $VALGRIND --log-file="$TMP/$name.log" "$f" >"$TMP/$name.out" 2>&1 </dev/null 
    rc=$?
    [ $rc = 0 ] || cat "$TMP/$name.out" >>"$TMP/$name.log"
    told "$name" $rc "$TMP/$name.log"
done

wanted engine || { echo "$passed passed, $failed failed"; [ $failed = 0 ]; exit; }
cat >"$TMP/site.json" <<'SITE'
{ "$schema": "trucban/site/1", "site": { "id": "leaks", "name": "Leaks", "language": "en" },
  "defaults": { "interval": "1s", "retry": "1s", "timeout": "1s", "attempts": 1 },
  "groups": [ { "id": "g", "name": "G" } ],
  "targets": [ { "id": "a", "kind": "server", "group": "g", "address": "127.0.0.1", "checks": [
    { "id": "tcp", "probe": "tcp", "port": 9 },
    { "id": "http", "probe": "http", "url": "http://${address}:9/" },
    { "id": "name", "probe": "http", "url": "http://localhost:9/" },
    { "id": "exec", "probe": "exec", "command": [ "/bin/echo", "OK | load=1;5;6" ] },
    { "id": "slow", "probe": "exec", "command": [ "/bin/sleep", "30" ] },
    { "id": "push", "probe": "passive" } ] } ] }
SITE
ask() { "$TRUCBAN" "$@" --socket "$TMP/s"; }
$VALGRIND --log-file="$TMP/engine.log" "$TRUCBAN_ENGINE" engine --site "$TMP/site.json" --state "$TMP/state" \
    --socket "$TMP/s" >"$TMP/engine.out" 2>&1 </dev/null &
engine=$!
started=$SECONDS
until grep -qs ready "$TMP/engine.out" || [ $((SECONDS - started)) -gt 20 ]; do sleep 0.2; done
sleep 8
$VALGRIND --log-file="$TMP/status.log" "$TRUCBAN" status --socket "$TMP/s" >"$TMP/status.out" 2>&1
rc=$?
grep -q 'a ' "$TMP/status.out" && [ $rc -le 3 ] && rc=0
told status $rc "$TMP/status.log"
for words in "submit a/push WARNING slow" "ack 1 -m seen" "unack 1" "note 1 -m still" "alerts" "journal --verify"; do
    name=${words%% *}
    $VALGRIND --log-file="$TMP/$name.log" "$TRUCBAN" $words --socket "$TMP/s" >"$TMP/$name.out" 2>&1
    rc=$?
    [ $rc = 0 ] || cat "$TMP/$name.out" >>"$TMP/$name.log"
    told "$name" $rc "$TMP/$name.log"
done
left=$((20 - (SECONDS - started)))
[ $left -gt 0 ] && sleep $left
kill -TERM $engine
wait $engine
rc=$?
[ $rc = 0 ] || cat "$TMP/engine.out" >>"$TMP/engine.log"
told engine $rc "$TMP/engine.log"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
