#!/bin/bash
# hardened.sh BUILD: the programs are built as those that face a network have to be: position
# independent, tables read-only after the start, no stack that runs, guarded frames, checked copies.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0
claim() { # claim PROGRAM WHAT COMMAND…: the command's exit status is the claim
    local p=$1 what=$2
    shift 2
    "$@" >/dev/null 2>&1 || { echo "$p: $what"; bad=1; }
}
for name in trucban trucban-engine trucban-notify; do
    p=$1/$name
    head=$(readelf -hW "$p") segments=$(readelf -lW "$p") dynamic=$(readelf -dW "$p") calls=$(nm -D -u "$p")
    claim "$p" "is not position independent" grep -q 'Type:.*DYN' <<<"$head"
    claim "$p" "its tables are not made read-only" grep -q GNU_RELRO <<<"$segments"
    claim "$p" "binds symbols late" grep -qE 'BIND_NOW|Flags:.*NOW' <<<"$dynamic"
    claim "$p" "its stack may run" grep -qE 'GNU_STACK.* RW +0x' <<<"$segments"
    claim "$p" "a segment is writable and runs" test "$(grep -cE 'LOAD.* RWE ' <<<"$segments")" = 0
    claim "$p" "no stack protector" grep -q __stack_chk_fail <<<"$calls"
    claim "$p" "no checked copies (FORTIFY)" grep -qE '__[a-z]+_chk' <<<"$(grep -v stack_chk <<<"$calls")"
    claim "$p" "looks for libraries in a folder of its own" test "$(grep -cE 'RPATH|RUNPATH' <<<"$dynamic")" = 0
done
exit $bad
