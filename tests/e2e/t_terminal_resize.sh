#!/bin/bash
# TM2: absurd sizes and a storm of them; the picture afterwards is that of a fresh start at that size;
# below 40x10 a sentence and the worst state.
. "$(dirname "$0")/screens.sh"
five
for p in "${places[@]}"; do
    pty "${p%%|*}: 1x1, 0x0, 3x10, 500x500" <<P
size 100x30
spawn $console
wait "t-2" 10
${p#*|}
wait-quiet 60
$(for s in 1x1 0x0 10x3 500x500 39x9 1x50 200x1 80x24; do echo "resize $s"; echo "wait-quiet 60"; done)
expect-clean
signal TERM
expect-exit any 2
expect-restored
P
done

settled() { # settled SIZE [KEYS…]: a storm, then the picture soon after it, later, and a fresh one
    "$PTYRUN" - <<P
size 120x40
spawn $console
wait "t-2" 10
key ${2:-1}
wait-quiet 60
resize-storm 1000 2
resize $1
sleep 0.25
dump $TMP/soon
wait-quiet 150 5
dump $TMP/storm
key C-l
wait-quiet 150
dump $TMP/redrawn
size $1
spawn $console
wait "t-2" 10
key ${2:-1}
wait-quiet 150
dump $TMP/fresh
P
    local a
    for a in "soon storm" "storm redrawn" "redrawn fresh"; do
        diff <(ageless "$TMP/${a% *}") <(ageless "$TMP/${a#* }") || return 1
    done
}
for s in 80x24 100x30 200x60 500x500 40x10; do check "after 1,000 sizes in 2 s: $s as fresh" settled $s; done
for k in 2 "6 Enter" 9 "6 a"; do check "after 1,000 sizes in 2 s in '$k': as fresh" settled 80x24 "$k"; done

for s in 39x24 80x9 30x8 12x3; do
    pty "too small ($s): says so, with the worst state" <<P
size $s
spawn $console
wait-re "CRIT|X" 10
expect-not "t-2"
wait-quiet 60
resize 80x24
wait "t-2" 2
key q
expect-exit 0
P
done
pty "40x10 is enough" <<P
size 40x10
spawn $console
wait "t-2" 10
key q
expect-exit 0
P
finish
