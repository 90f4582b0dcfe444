#!/bin/bash
# console.sh: key to last byte, first picture, what a quiet board sends, a result's way to the cell.
. "$(dirname "$0")/lib.sh"
"$FARM" up || exit 1

# --- keys, while 200 probes a second run; 200x50 ----------------------------------------------------
site_http 50 250ms
engine_start || exit 1
sleep 3
keys() { # keys WAIT KEYS COMMAND…: a list in which every key moves the bar
    "$PTYRUN" - <<P
size 200x50
spawn ${*:3}
wait-re "$1" 10
$([ -z "$2" ] || echo "key $2")
wait-quiet 100 3
latency 20 15 Down Up
latency 150 15 Down Down Up Up
P
}
echoed() {
    "$PTYRUN" - <<P
size 200x50
spawn sh -c "stty raw -echo; printf ready; exec cat"
wait ready
latency 20 15 a b
latency 150 15 a b
P
}
# Each in turn, several times over, so that what else the machine does meets all alike: the median of
# the rounds.  tig's list moves the same bar and a line at its foot (257 bytes a key, ours 187).
for round in 1 2 3 4 5; do
    keys "25/25" "2 v" "$console" | tail -n 1 >>"$TMP/keys.ours"
    command -v tig >/dev/null && (cd "$REPO" && HOME=$TMP keys "." "" tig | tail -n 1) >>"$TMP/keys.tig"
    echoed | tail -n 1 >>"$TMP/keys.echo"
done
middle() { # middle FILE NAME: the median of the rounds' figures
    [ -s "$TMP/keys.$1" ] && while read -r line; do of "$line" "$2"; done <"$TMP/keys.$1" | sort -n | sed -n 3p
}
row "key to last byte, p50 (tig), ms" "$(middle ours p50)" "$(middle tig p50)" "1.5 x"
row "key to last byte, p99 (echo), ms" "$(middle ours p99)" "$(middle echo p99)" "10 x"

# --- first picture on a running engine ---------------------------------------------------------------
first() { # first TEXT COMMAND…: median of 7, ms from the start until the picture shows TEXT
    local i
    for i in 1 2 3 4 5 6 7; do
        "$PTYRUN" - <<P | awk '{ print $2 }'
size 200x50
spawn ${*:2}
wait-re "$1" 10
print last-byte-ms
P
    done | sort -n | awk 'NR == 4 { printf "%.1f", $1 }'
}
mine=$(first "B [+].*25/25" "$console")
for peer in "btop Load AVG|[Ll]oad avg|menu" "htop F10Quit"; do
    command -v ${peer%% *} >/dev/null || continue
    theirs=$(first "${peer#* }" env LC_ALL=C.UTF-8 "${peer%% *}")
    row "first picture (${peer%% *}), ms" "$mine" "$theirs" "$([ ${peer%% *} = btop ] && echo "1 x" || echo -)"
done
engine_stop

# --- a quiet board -------------------------------------------------------------------------------------
rm -rf "$STATE"
site_http 50 5s
engine_start
sleep 12
quiet() { # bytes a second over 60 s
    "$PTYRUN" - <<P | awk '{ printf "%.1f\n", $2 }'
size 120x36
spawn $console
wait "25/25" 10
sleep 8
mark
sleep 60
print bytes-per-s
P
}
row "quiet board, no alert, bytes a second" "$(quiet)" - "25"
for i in 7 8 9; do "$FARM" fault $i 502; done
until_ok 40 is_open 3
row "quiet board, three alerts, bytes a second" "$(quiet)" - "80"
engine_stop

# --- a result's way to the cell on two consoles -----------------------------------------------------
rm -rf "$STATE"
site_passive 50
engine_start
at submit t-7/in CRITICAL "start" >/dev/null
seen() {
    {
        echo "size 120x36
spawn $console
wait start 10
run \"touch $TMP/up.$1\""
        for i in $(seq 30); do echo "wait \"stamp $i.\" 20
dump $TMP/pic
print wall-ms
run \"touch $TMP/saw.$1.$i\""; done
    } | sed "s|$TMP/pic|$TMP/pic.$1|" | "$PTYRUN" - | awk '{ print $2 }' >"$TMP/seen.$1"
}
seen a & seen b &
until_ok 10 test -e "$TMP/up.a" && until_ok 10 test -e "$TMP/up.b"
for i in $(seq 30); do
    sleep 0.3
    date +%s%3N >>"$TMP/sent"
    at submit t-7/in CRITICAL "stamp $i." >/dev/null
    until_ok 5 test -e "$TMP/saw.b.$i"
done
wait %1 %2 2>/dev/null
worst=$(for c in a b; do paste "$TMP/seen.$c" "$TMP/sent"; done | awk '{ print $1 - $2 }' | sort -n | tail -n 1)
row "submit started to the cell on two consoles, max ms" "$worst" - "100"
