#!/bin/bash
# TM4: whatever ends the console leaves the terminal as it was.
. "$(dirname "$0")/screens.sh"
five
ulimit -c 0
for s in TERM INT QUIT HUP SEGV ABRT; do
    for p in "board|key 1" "acknowledge|key 6 a"; do
        pty "$s in the ${p%%|*}" <<P
size 90x28
spawn $console
wait "t-2" 10
${p#*|}
wait-quiet 60
expect-fullscreen
signal $s
expect-exit any 1
expect-figure ended-after-ms < 1000
expect-restored
P
    done
done
pty "q and C-c" <<P
spawn $console
wait "t-2" 10
key C-c
expect-exit 0 2
expect-restored
P
finish
