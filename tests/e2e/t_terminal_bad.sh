#!/bin/bash
# TERM unknown or unset, no terminal at all: one sentence, a status, nothing painted.
. "$(dirname "$0")/screens.sh"
five
for t in no-such-terminal ""; do
    pty "TERM='$t': one line that says so" <<P
$([ -n "$t" ] && echo "env TERM=$t" || echo "unset TERM")
spawn $console
wait "TERM" 5
expect-exit any 2
expect-clean
expect-restored
P
done
for t in xterm-256color xterm linux vt100 screen tmux-256color dumb; do
    infocmp "$t" >/dev/null 2>&1 || { skip "TERM=$t is not in this terminfo"; continue; }
    for l in C C.UTF-8; do
        # a terminal that cannot address the cursor is refused in words
        if [ $t = dumb ]; then
            pty "TERM=dumb, $l: refused in words" <<P
env TERM=dumb
env LC_ALL=$l
spawn $console
wait-re "TERM|terminal" 5
expect-exit any 2
P
            continue
        fi
        pty "TERM=$t, $l: states by letter and word" <<P
env TERM=$t
env LC_ALL=$l
size 100x30
spawn $console
wait "CRIT" 10
wait "t-2" 3
key 6 ?
wait-quiet 100
key q q
signal TERM
expect-exit any 2
P
    done
done
pty "Latin names without UTF-8" <<P
env LC_ALL=C
size 100x30
spawn $TRUCBAN --socket $SOCK --lang vi
wait-re "LOI" 10
expect-clean
signal TERM
expect-exit any 2
P
pty "NO_COLOR: words and symbols remain" <<P
env NO_COLOR=1
raw $TMP/raw
size 100x30
spawn $console
wait "X" 10
wait "CRIT" 3
signal TERM
expect-exit any 2
P
grep -qE $'\033\\[([0-9;]*;)?(3[0-7]|4[0-7]|38|48)(;[0-9;]*)?m' "$TMP/raw" &&
    fail "and no colour is sent" "$(grep -oE $'\033\\[[0-9;]*m' "$TMP/raw" | sort | uniq -c | cat -v | head)" || ok "and no colour is sent"
"$TRUCBAN" --socket "$SOCK" >"$TMP/out" 2>&1 </dev/null
same "standard output is no terminal: exits like status" 2 $?
grep -q $'\033' "$TMP/out" && fail "and paints nothing" || ok "and paints nothing"
printf '{"site":{"id":"bad"},"targets":[{"idd":1}]}' >"$TMP/bad.json"
pty "a bad site file is named, and ends with 65" <<P
size 100x30
spawn $TRUCBAN --site $TMP/bad.json
wait "unknown key" 10
expect-exit 65 5
P
pty "so is one that is not there" <<P
size 100x30
spawn $TRUCBAN --site $TMP/absent.json
wait "absent.json" 10
expect-exit 65 5
P
finish
