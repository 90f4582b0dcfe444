#!/bin/bash
# TM3: Ctrl-Z, resized while stopped, fg; SIGSTOP and SIGCONT.  The terminal is the shell's meanwhile.
. "$(dirname "$0")/screens.sh"
five
pty "Ctrl-Z gives the terminal back; fg draws all again, at the new size" <<P
size 100x30
spawn $console
wait "t-2" 10
key 6
wait-quiet 100
key C-z
expect-stopped 2
expect-restored
run "$TRUCBAN submit --socket $SOCK t-5/in CRITICAL 'while you were away'"
resize 120x36
fg
wait "while you were away" 3
expect-fullscreen
wait-quiet 150
dump $TMP/after
key C-l
wait-quiet 150
dump $TMP/redrawn
run "diff <(ageless $TMP/after) <(ageless $TMP/redrawn)"
key C-z
expect-stopped 2
fg
wait "t-2" 2
key q
expect-exit 0
expect-restored
P
pty "SIGSTOP and SIGCONT from outside" <<P
size 100x30
spawn $console
wait "t-2" 10
wait-quiet 100
signal STOP
expect-stopped 2
run "$TRUCBAN submit --socket $SOCK t-1/in CRITICAL 'seen after CONT'"
resize 90x28
fg
sleep 0.35
dump $TMP/soon
wait-quiet 150
dump $TMP/after
run "diff <(ageless $TMP/soon) <(ageless $TMP/after)"
expect "t-1"
key C-l
wait-quiet 150
dump $TMP/redrawn
run "diff <(ageless $TMP/after) <(ageless $TMP/redrawn)"
key q
expect-exit 0
expect-restored
P
for d in "a|acknowledge" ":|command line"; do
    pty "Ctrl-Z in the ${d#*|} and back" <<P
size 80x24
spawn $console
wait "t-2" 10
key 6 ${d%%|*}
wait-quiet 60
key C-z
sleep 0.2
run "kill -0 \$PTY_PID"
signal CONT
fg
wait-quiet 100
signal TERM
expect-exit any 2
expect-restored
P
done
same "nothing was acknowledged meanwhile" 0 "$(acked)"
finish
