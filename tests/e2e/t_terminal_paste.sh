#!/bin/bash
# TM6 and F4: a paste never acts, neither do unknown sequences nor the terminal's own replies.
. "$(dirname "$0")/screens.sh"
five
before=$(events)
big=$(printf 'y\\nyes\\na\\nq\\n%.0s' {1..900})
for p in "${places[@]}"; do
    pty "paste into: ${p%%|*}" <<P
size 100x30
spawn $console
wait "t-2" 10
${p#*|}
wait-quiet 60
paste "$big"
wait-quiet 100
expect-fullscreen
run "kill -0 \$PTY_PID"
key Esc Esc Esc
wait-quiet 60
signal TERM
expect-exit any 2
expect-restored
P
done
for p in "${places[@]}"; do
    pty "replies and unknown sequences: ${p%%|*}" <<P
size 100x30
spawn $console
wait "t-2" 10
${p#*|}
wait-quiet 60
send "\e[99y" "\e[?62;1;2c" "\e]11;rgb:aaaa/aaaa/aaaa\e\\\\" "\e]52;c;YXF5\a" "\e[I" "\e[O"
send "\eP>|xterm(aUq)\e\\\\" "\e[97;5u" "\e[27;5;97~" "\e[12;40R" "\e_aUq\e\\\\" "\e^q\e\\\\" "\e[<64;10;10M" "\e[200a" "\e[1;2;3;4;5;6;7;8;9q"
wait-quiet 100
expect-fullscreen
run "kill -0 \$PTY_PID"
expect-clean
signal TERM
expect-exit any 2
P
done
same "nothing was acknowledged or written" "$before" "$(events)"
pty "what is typed before a question, or pasted into it, does not answer it" <<P
size 100x30
env TRUCBAN_STATE=$TMP/private
spawn $TRUCBAN --site $SITE --lang en
wait "t-2" 10
send "qyyyyy"
wait "Quit?" 2
wait-quiet 200
expect "Quit?"
paste "y\\nyes\\n"
wait-quiet 150
expect "Quit?"
send "\e[99y" "\e[1;2y"
wait-quiet 150
expect "Quit?"
key n
wait-gone "Quit?" 2
run "kill -0 \$PTY_PID"
key q
wait "Quit?" 2
key y
expect-exit 0
expect-restored
P
pty "a newline in a pasted comment does not send it; Enter does" <<P
size 100x30
spawn $console
wait "t-2" 10
key 6 a
wait-quiet 60
paste "first line\\nsecond line\\n"
wait "second line" 3
run "[ \$($TRUCBAN alerts --socket $SOCK --json | grep -c 'first line') = 0 ]"
key Enter
wait-gone "Enter save" 5
wait "acknowledged" 5
key q
P
same "one alert is acknowledged" 1 "$(acked)"
has "with both lines as one" "first line second line" "$(at alerts --json | jq -r '.alerts[].ack.comment // empty')"
finish
