#!/bin/bash
# Frames tell only what differs from the last one: the terminal must end up as after a full redraw,
# and one key must not cost more than its rows, also after a large frame, and among wide characters.
. "$(dirname "$0")/screens.sh"
five
at submit t-5/in CRITICAL "故障 测试 ạ̣ 故 x" >/dev/null
until_ok 5 is_open 4 || give_up "four alerts open"

as_redrawn() { # as_redrawn SIZE KEYS…: the picture after the keys, and after a redraw
    "$PTYRUN" - <<P
size $1
spawn $console
wait "t-2" 10
$(for k in "${@:2}"; do echo "key $k"; echo "wait-quiet 30"; done)
wait-quiet 150
dump $TMP/told
key C-l
wait-quiet 150
dump $TMP/redrawn
P
    diff <(ageless "$TMP/told") <(ageless "$TMP/redrawn")
}
walk=(2 Down Down Up v Down 3 4 5 v 7 6 Down Down Up Down Enter Down Esc 9 Down Down Up PgDn 1 Down Down ? Esc 6 a Esc Up)
for s in 80x24 100x30 200x50 41x11; do
    check "walked through at $s: as redrawn" as_redrawn $s "${walk[@]}"
done

pty "a motion is one write of its two rows, also after a whole screen" <<P
size 200x50
spawn $console
wait "t-2" 10
key 2 v
wait-quiet 200
key C-l
wait-quiet 200
key Down
wait-quiet 200
mark
key Down
wait-quiet 200
expect-figure bytes > 20
expect-figure bytes < 1500
P
finish
