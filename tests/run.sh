#!/bin/bash
# run.sh BUILD: runs every unit program and every tests/*/t_*.sh but the lab's, two at a time, and counts.
# run.sh BUILD lab: runs tests/lab/t_*.sh, which bring real peers up (make test-lab).
#
# A script exits 0 (passed), 1 (failed) or 77 (skipped, its last line says why).  A script that
# checks several things prints a line `ok NAME`, `FAIL NAME` or `skip NAME why` for each; then these
# are counted.  It gets TRUCBAN, TRUCBAN_ENGINE, PTYRUN, BUILD, REPO and an empty folder TMP.
# Only what fails is printed in full.  The last line: `N passed, N failed[, N skipped]`.
# T=PATTERN runs only tests whose name matches; J=N runs N at a time.
set -u
cd "$(dirname "$0")/.." || exit 1
REPO=$PWD
BUILD=$REPO/$1
export REPO BUILD TRUCBAN=$BUILD/trucban TRUCBAN_ENGINE=$BUILD/trucban-engine PTYRUN=$BUILD/tests/ptyrun
export LC_ALL=C.UTF-8 TZ=Asia/Ho_Chi_Minh PATH=$PATH:/usr/sbin:/sbin
unset LANGUAGE TRUCBAN_SITE TRUCBAN_SOCKET TRUCBAN_STATE XDG_STATE_HOME XDG_CONFIG_HOME FP NO_COLOR TMUX
# Short, since a Unix socket's path has to fit 107 bytes.
ALL=$(mktemp -d /tmp/tb.XXXXXX) || exit 1
chmod 755 "$ALL" # some tests look at their files as another user
# Ended early (Ctrl-C): timeout passes the signal on to its test, which ends what it has started.
trap '{ kill $(cat "$ALL"/*.pid); wait; } 2>/dev/null; rm -rf "$ALL"' EXIT
trap 'exit 130' INT TERM
if [ "${2:-}" = lab ]; then
    files=(tests/lab/t_*.sh)
    LIMIT_S=${LIMIT_S:-300}
else
    files=("$BUILD"/tests/test_*)
    for f in tests/*/t_*.sh; do [[ $f == tests/lab/* ]] || files+=("$f"); done
    LIMIT_S=${LIMIT_S:-150}
fi

run_one() { # run_one FILE: output to $ALL/N.out, status to $ALL/N.rc
    local file=$1 dir=$ALL/$2 rc
    mkdir -p "$dir/run" "$dir/home"
    chmod 700 "$dir/run"
    TMP=$dir TMPDIR=$dir HOME=$dir/home XDG_RUNTIME_DIR=$dir/run CMOCKA_MESSAGE_OUTPUT=TAP \
        timeout --kill-after=5 "$LIMIT_S" "$file" >"$dir.out" 2>&1 </dev/null &
    echo $! >"$dir.pid"
    wait $!
    rc=$?
    rm -f "$dir.pid"
    [ $rc = 124 ] && echo "stopped after $LIMIT_S s" >>"$dir.out"
    echo $rc >"$dir.rc"
    rm -rf "$dir"
}

# verdict FILE N: adds to the counts, prints what failed.
passed=0 failed=0 skipped=0 skips=()
verdict() {
    local name=${1##*/} out=$ALL/$2.out rc ok bad skip told
    name=${name%.sh}
    rc=$(cat "$ALL/$2.rc" 2>/dev/null || echo 1)
    told=$(grep -cE '^skip(ped:)? ' "$out")
    while read -r _ line; do skips+=("$name: $line"); done < <(grep -E '^skip(ped:)? ' "$out")
    if grep -qE '^1\.\.[0-9]+$' "$out"; then # a cmocka program, in TAP
        skip=$(grep -cE '^(not )?ok [0-9]+ # SKIP' "$out")
        [ "$skip" -gt "$told" ] && skips+=("$name: $((skip - told)) without a reason")
        ok=$(grep -cE '^ok [0-9]+ - ' "$out")
        bad=$(grep -cE '^not ok [0-9]+ - ' "$out")
    else
        skip=$told
        ok=$(grep -cE '^ok ' "$out")
        bad=$(grep -cE '^FAIL ' "$out")
    fi
    if [ $((ok + bad + skip)) = 0 ]; then
        case $rc in
        0) ok=1 ;;
        77) skip=1 skips+=("$name: $(tail -n 1 "$out")") ;;
        *) bad=1 ;;
        esac
    elif [ "$rc" != 0 ] && [ "$rc" != 77 ] && [ "$bad" = 0 ]; then
        bad=1
    fi
    passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
    if [ "$bad" != 0 ]; then
        echo "---- $name failed (exit $rc):"
        sed 's/^/    /' "$out"
    fi
}

tests=()
for f in "${files[@]}"; do
    [ -x "$f" ] && [ -f "$f" ] || continue
    case $f in *.d | *.o) continue ;; esac
    [ -e "tests/unit/${f##*/}.c" ] || [ "${f%.sh}" != "$f" ] || continue # a test that is no more
    [[ -z ${T:-} || $f == *$T* ]] && tests+=("$f")
done
if [ ${#tests[@]} = 0 ]; then
    echo "no test matches '${T:-}'" >&2
    exit 1
fi

n=0
for f in "${tests[@]}"; do
    while [ "$(jobs -pr | wc -l)" -ge "${J:-2}" ]; do wait -n; done
    [ -t 2 ] && printf '\r\033[K%d/%d %s' $((n + 1)) ${#tests[@]} "${f##*/}" >&2
    run_one "$f" $n &
    n=$((n + 1))
done
wait
[ -t 2 ] && printf '\r\033[K' >&2
n=0
for f in "${tests[@]}"; do
    verdict "$f" $n
    n=$((n + 1))
done
for s in "${skips[@]+"${skips[@]}"}"; do echo "skipped: $s"; done
line="$passed passed, $failed failed"
[ $skipped != 0 ] && line="$line, $skipped skipped"
echo "$line"
[ $failed = 0 ]
