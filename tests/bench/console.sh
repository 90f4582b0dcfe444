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
latency 300 15 Down Down Up Up
P
}
ours=$(keys "25/25" "2 v" "$console" | tail -n 1)
echo2=$("$PTYRUN" - <<<$'size 200x50\nspawn sh -c "stty raw -echo; printf ready; exec cat"\nwait ready\nlatency 20 15 a b\nlatency 300 15 a b' | tail -n 1)
tig=
command -v tig >/dev/null && tig=$(cd "$REPO" && HOME=$TMP keys "." "" tig | tail -n 1)
row "key to last byte, p50 (tig), ms" "$(of "$ours" p50)" "$(of "$tig" p50)" "1.5 x"
row "key to last byte, p99 (echo), ms" "$(of "$ours" p99)" "$(of "$echo2" p99)" "10 x"

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
