#!/bin/bash
# HI9: notices on the desktop. A session bus of our own with a notification daemon that is fine, absent,
# hangs or refuses; the console never waits for it. Then the bell and the terminal's own notices.
. "$(dirname "$0")/lib.sh"
DESKD=$BUILD/tests/deskd NOTIFY=$BUILD/trucban-notify
unset DISPLAY WAYLAND_DISPLAY SSH_CONNECTION SSH_TTY DBUS_SESSION_BUS_ADDRESS TERM_PROGRAM LC_TERMINAL

bus_up() { # a bus that starts nothing by itself
    cat >"$TMP/bus.conf" <<X
<busconfig><type>session</type><listen>unix:path=$TMP/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
X
    dbus-daemon --config-file="$TMP/bus.conf" --nofork --nopidfile 2>"$TMP/bus.log" &
    KIDS+=($!)
    until_ok 5 test -S "$TMP/bus"
}
desk_up() { # desk_up MODE
    : >"$TMP/notices"
    "$DESKD" "$1" "$TMP/notices" >"$TMP/ready" 2>&1 &
    DESK=$!
    KIDS+=("$DESK")
    until_ok 5 grep -q ready "$TMP/ready"
}
desk_down() { kill "$DESK" && wait "$DESK" 2>/dev/null; }
told() { [ "$(wc -l <"$TMP/notices")" -ge "$1" ]; }
until_told() { # until_told SECONDS REGEX: a notice that matches
    until_ok "$1" grep -q "$2" "$TMP/notices"
}
export -f until_told until_ok now_ms
notice() { printf "$@" | timeout 60 "$NOTIFY"; }

site_passive 8
engine_start || give_up "the engine"
submit() { at submit "$1" "$2" "$3" >/dev/null; }

if ! command -v dbus-daemon >/dev/null; then
    skip "desktop: there is no dbus-daemon"
else
    bus_up || give_up "a bus" "$(cat "$TMP/bus.log")"
    export DBUS_SESSION_BUS_ADDRESS=unix:path=$TMP/bus

    # --- the program alone ---------------------------------------------------------------------------
    has "absent: said" "failed	" "$(notice 'normal\tk\tsummary\tbody\n')"
    "$NOTIFY" --check >/dev/null && fail "absent: --check says so" || ok "absent: --check says so"
    desk_up ok
    same "--check names the daemon" "ok	deskd 7" "$("$NOTIFY" --check)"
    same "three notices, three answers" "ok ok failed" "$(notice 'critical\tk\tone\tfirst\nlow\tk\ttwo\tsecond\nloud\tk\tx\ty\n' | cut -f1 | xargs)"
    same "the second takes the place of the first" $'0\t2\t5\tone\tfirst\n1\t0\t6\ttwo\tsecond' "$(cat "$TMP/notices")"
    : >"$TMP/notices"
    notice 'normal\t\ts\t<b>x</b> <a href="http://x">y</a> & z\n' >/dev/null
    same "markup is shown, not obeyed" '&lt;b&gt;x&lt;/b&gt; &lt;a href=&quot;http://x&quot;&gt;y&lt;/a&gt; &amp; z' "$(cut -f5 "$TMP/notices")"
    : >"$TMP/notices"
    same "bad UTF-8 gets through as text" ok "$(notice 'normal\t\ts\xff\tb\xc3\x28\xed\xa0\x80\x1b[31m\n')"
    same "and as what it was" 's\xff b\xc3(\xed\xa0\x80\x1b[31m' "$(cut -f4,5 --output-delimiter=' ' "$TMP/notices")"
    : >"$TMP/notices"
    same "100 kB" ok "$({ printf 'normal\t\ts\t'; head -c 100000 /dev/zero | tr '\0' '&'; echo; } | "$NOTIFY")"
    same "are 510 bytes: 102 whole entities" 510 "$(cut -f3 "$TMP/notices")"
    : >"$TMP/notices"
    { printf 'normal\t\ts\t'; printf 'ệ%.0s' {1..30000}; echo; } | "$NOTIFY" >/dev/null
    same "cut between characters" 510 "$(cut -f3 "$TMP/notices")"

    # --- the console with a daemon that is fine ----------------------------------------------------------
    : >"$TMP/notices"
    pty "each new alert is a notice, several are one with the count" <<P
size 100x30
spawn $TRUCBAN --socket $SOCK --lang en
wait "t-1" 10
wait-quiet 200
run "$TRUCBAN submit --socket $SOCK t-1/in CRITICAL 'the <b>first</b>' >/dev/null"
wait "first" 5
run "until_told 5 'P2 t-1/in.*&lt;b&gt;first'"
run "for i in 2 3 4; do $TRUCBAN submit --socket $SOCK t-\$i/in CRITICAL gone >/dev/null; done"
run "until_told 12 '3 more alerts, the worst P2 t-2/in'"
key q
expect-exit 0
P
    same "two notices in all" 2 "$(wc -l <"$TMP/notices")"
    desk_down
    for mode in hang refuse absent; do
        [ $mode = absent ] && : >"$TMP/notices" || desk_up $mode
        n=$(case $mode in hang) echo 5 ;; refuse) echo 6 ;; *) echo 7 ;; esac)
        cat >"$TMP/$mode.pty" <<P
size 100x30
spawn $TRUCBAN --socket $SOCK --lang en
wait "t-1" 10
wait-quiet 200
run "$TRUCBAN submit --socket $SOCK t-$n/in CRITICAL hm-$mode >/dev/null"
wait "hm-$mode" 5
run "sleep 0.3"
key 6
wait "#" 1
key 2
wait-quiet 100
latency 20 50 2 6
$([ $mode = hang ] || echo 'key @
wait "No notices on the desktop" 3
run "sleep 0.2"')
key q
wait-quiet 50
signal TERM
expect-exit any 2
P
        if figures=$("$PTYRUN" - <"$TMP/$mode.pty" 2>&1); then
            ok "$mode: the console goes on"
            figure=$(sed -n 's/^p50 \([0-9.]*\) .*/\1/p' <<<"$figures") # 50 ms wanted; a busy machine gets twice
            awk -v f="$figure" 'BEGIN { exit !(f > 0 && f <= 100) }' && ok "$mode: keys are answered in $figure ms" ||
                fail "$mode: keys are answered in 100 ms" "$figures"
        else
            fail "$mode: the console goes on" "$figures"
        fi
        [ $mode = absent ] || desk_down
    done
    unset DBUS_SESSION_BUS_ADDRESS
fi

# --- the bell, and the terminal's own notices -----------------------------------------------------------
site_two() { # a fresh engine: nothing is open
    engine_stop
    rm -rf "$STATE"
    site_passive 8
    engine_start || give_up "the engine"
}
bytes() { # bytes REGEX: how often the terminal got it
    grep -aoP "$1" "$TMP/raw" | wc -l
}
heard() { # heard NAME BELLS ENV ARGS…: a P3 comes, then a P2; then nothing
    local name=$1 bells=$2 env=$3
    shift 3
    site_two
    rm -f "$TMP/raw"
    pty "$name" <<P
size 100x30
$env
raw $TMP/raw
spawn $TRUCBAN --socket $SOCK --lang en $*
wait "t-1" 10
sleep 1.5
expect-figure bells = 0
run "$TRUCBAN submit --socket $SOCK t-1/in WARNING soft-or-low >/dev/null; $TRUCBAN submit --socket $SOCK t-2/in CRITICAL 'no; answer' >/dev/null"
wait "no; answer" 5
sleep 1.5
expect-figure bells = $bells
key 6 2 1
sleep 1.5
expect-figure bells = $bells
signal TERM
expect-exit any 2
P
}
heard "a plain terminal: one bell" 1 "unset LC_TERMINAL"
same "and no string" 0 "$(bytes '\x1b\][97]')"
heard "a terminal that shows notices: one bell and one notice" 1 "env LC_TERMINAL=iTerm2"
same "OSC 9 with the words" 1 "$(bytes '\x1b\]9;P2 t-2/in: no, answer\x07')"
heard "bell only" 1 "env LC_TERMINAL=iTerm2" --notify bell
same "no string" 0 "$(bytes '\x1b\][97]')"
heard "none" 0 "env LC_TERMINAL=iTerm2" --notify none
same "nothing at all" 0 "$(bytes '\x1b\][97]')"
heard "in tmux: only the bell" 1 "env TMUX=/tmp/x,1,0"
same "no string in tmux" 0 "$(bytes '\x1b\][97]|tmux;')"
heard "in tmux with --notify osc" 1 "env TMUX=/tmp/x,1,0" --notify osc --read-only
same "handed on to the outer terminal" 1 "$(bytes '\x1bPtmux;\x1b\x1b\]9;P2 t-2/in: no, answer\x07\x1b\\')"
pty "a console that comes later: one bell for what is open, no notice" <<P
size 100x30
env LC_TERMINAL=iTerm2
raw $TMP/raw
spawn $TRUCBAN --socket $SOCK --lang en
wait "no; answer" 10
sleep 1.5
expect-figure bells = 1
key q
expect-exit 0
P
same "no notice for what was open" 0 "$(bytes '\x1b\]9')"
pty "another word for --notify is refused" <<P
spawn $TRUCBAN --socket $SOCK --lang en --notify loud
wait "expected auto, bell, osc, desktop or none" 5
expect-exit 64
P
finish
