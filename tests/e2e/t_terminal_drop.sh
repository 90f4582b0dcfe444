#!/bin/bash
# TM1: the line drops in every screen and dialog, with SIGHUP passed on, ignored, and never sent:
# the console ends within a second and burns nothing.  The engine does not notice.
. "$(dirname "$0")/screens.sh"
five
for p in "${places[@]}"; do
    for how in hup ignored silent; do
        pty "${p%%|*}: dropped, SIGHUP $how" <<P
size 100x30
$([ $how = ignored ] && echo nohup)
spawn $console
wait "t-2" 10
${p#*|}
wait-quiet 60
mark
hangup $([ $how = silent ] && echo silent)
expect-exit any 1
expect-figure cpu-s <= 0.05
P
    done
done
same "the engine has noticed nothing" 3 "$(alerts_open)"
finish
