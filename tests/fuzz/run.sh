#!/bin/bash
# run.sh BUILD: every fuzz target for SECONDS_EACH (20) seconds, from the committed seeds and what
# earlier runs found worth keeping (BUILD/corpus).  T=PATTERN: only those whose name matches.
# What breaks one is left in BUILD/found/; mend it, and keep the bytes as a unit test.
set -u
cd "$(dirname "$0")/../.." || exit 1
B=$1
seconds=${SECONDS_EACH:-20}
passed=0 failed=0
mkdir -p "$B/found"
for f in "$B"/fuzz/fuzz_*; do
    [ -x "$f" ] && [ -f "$f" ] || continue
    name=${f##*/fuzz_}
    [ -e "tests/fuzz/fuzz_$name.c" ] && [[ -z ${T:-} || $name == *$T* ]] || continue
    mkdir -p "$B/corpus/$name"
    dict=tests/fuzz/$name.dict
    log=$B/found/$name.log
    if "$f" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=4096 -close_fd_mask=1 \
        -artifact_prefix="$B/found/$name-" $([ -e "$dict" ] && echo "-dict=$dict") \
        "$B/corpus/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
        passed=$((passed + 1))
        echo "ok $name: $(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$log") inputs"
    else
        failed=$((failed + 1))
        echo "FAIL $name:"
        grep -vE '^(#[0-9]+\s|INFO: )' "$log" | head -n 40 | sed 's/^/    /'
    fi
done
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed != 0 ]
