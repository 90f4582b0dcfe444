#!/bin/bash
# run.sh: every check of the tree that needs no test run.  Quiet where all is well; the last line
# counts.  V=1 shows what passes too.
set -u
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
MAKE="make --no-print-directory -k -j$(nproc)"

step() { # step WHAT COMMAND…
    local what=$1
    shift
    if "$@" >"$log" 2>&1; then
        passed=$((passed + 1))
        [ "${V:-0}" = 0 ] || echo "ok   $what"
    else
        failed=$((failed + 1))
        echo "---- $what:"
        grep -vE '^make(\[[0-9]*\])?: |^  [A-Z]+ +[a-z/]' "$log" | head -n 60 | sed 's/^/    /'
    fi
}

unset MAKEFLAGS MFLAGS
step "layers and doors" tests/check/layers.sh
step "sizes" tests/check/sizes.sh
step "gates" tests/check/gates.sh
step "README names every file" tests/check/house.sh
step "form (clang-format)" $MAKE -s formatted
step "headers compile alone (gcc, clang)" $MAKE -s headers-alone
step "gcc, warnings are errors" $MAKE -s VARIANT=test B=build/gcc WERROR=-Werror all unit ptyrun testprogs benchprogs
step "clang, warnings are errors" $MAKE -s VARIANT=test B=build/clang CC=clang WERROR=-Werror all unit ptyrun testprogs benchprogs
step "hardening" tests/check/hardened.sh build/gcc
step "calls and variables" tests/check/symbols.sh build/gcc
step "pages of the kinds" tests/check/kinds.sh build/gcc
step "translations" tests/check/words.sh build/gcc
echo "$passed passed, $failed failed"
[ $failed = 0 ]
