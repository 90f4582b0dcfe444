#!/bin/bash
# HI1, HI3: hostile bytes from replies, plugins, pushed results and comments reach the screen as
# visible text, and the terminal as nothing else.
. "$(dirname "$0")/lib.sh"
# --- a plugin that prints raw bytes; each target one kind of them ----------------------------------
mkdir -m 755 "$TMP/plugins"
cat >"$TMP/plugins/say" <<'P'
#!/bin/bash
printf "$(cat "$1")"
exit 2
P
chmod 755 "$TMP/plugins/say"
n=0
bytes() { n=$((n + 1)); printf '%s' "$1" >"$TMP/plugins/$n"; }
bytes 'c0 \001\002\003\004\005\006\007\010\013\014\016\017\020\021\022\023\024\025\026\027\030\031\032\034\035\036\037\177 end'
bytes 'c1 \302\200\302\204\302\205\302\215\302\220\302\230\302\233\302\234\302\235\302\236\302\237 end'
bytes 'raw c1 \200\205\220\233\235\236\237 end'
bytes 'esc \033[2J\033[H\033[31mred\033c\033(0\033#8 end'
bytes 'osc \033]0;title\007\033]8;;http://x/\033\\\\link\033]8;;\033\\\\\033]52;c;YXF5\007 end'
bytes 'dcs \033P$qm\033\\\\\033_apc\033\\\\\033^pm\033\\\\\033Xsos\033\\\\\033[21t\033[6n\033[c end'
bytes 'CRIT\rOK   end'
bytes 'CRIT\b\b\b\bOK   end'
bytes 'cut \303 mid \377\376 \355\240\200 \364\220\200\200 end'
bytes 'bidi \342\200\256drowssap\342\200\254 \342\200\213zero\342\201\240 \363\240\201\201tag end'
bytes 'marks a\314\201\314\202\314\203\314\204\314\205\314\206 end'
bytes 'nul \000 end'
bytes 'percent %%s%%n%%d {0} {1} end'
bytes "sql '; DROP TABLE events; -- end"
bytes 'viet Dịch vụ công trực tuyến 中文 ok end'
head -c 1000000 /dev/zero | tr '\0' 'A' >"$TMP/plugins/long"
n_raw=$n
printf '{ "status": "\\u001b]0;x\\u0007DOWN\\rUP \\u202e\\u009b31m" }' >"$TMP/page"
FARM_N=1 "$FARM" up && FARM_N=1 "$FARM" fault 1 "page=$TMP/page" || give_up "a server that answers hostile JSON"
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "hostile", "name": { "vi": "Thù địch", "en": "Hostile" }, "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "store": "sqlite:hostile.db", "defaults": { "interval": "2s", "retry": "300ms", "timeout": "2s", "attempts": 2 },
  "targets": [
    { "id": "raw-[1-$n_raw]", "kind": "server", "address": "127.0.0.1", "env": "production", "checks": [
      { "id": "say", "probe": "exec", "command": [ "$TMP/plugins/say", "$TMP/plugins/\${id}" ], "priority": "P2" } ] },
    { "id": "long", "kind": "server", "address": "127.0.0.1", "env": "production", "checks": [
      { "id": "say", "probe": "exec", "command": [ "/bin/cat", "$TMP/plugins/long" ] } ] },
    { "id": "page", "kind": "server", "address": "$NET.1", "env": "production", "checks": [
      { "id": "http", "probe": "http", "url": "http://$NET.1:$PORT/", "expect": { "json": { "/status": "UP" } } } ] },
    { "id": "pushed", "kind": "other", "address": "127.0.0.1", "env": "production", "checks": [
      { "id": "in", "probe": "passive", "attempts": 1, "priority": "P1" } ] } ] }
J
for i in $(seq $n_raw); do mv "$TMP/plugins/$i" "$TMP/plugins/raw-$i"; done
engine_start || give_up "the engine starts"
evil=$'x\033]0;pwn\007\033[2Jy\rz\u202e \xff\xc3 end'
at submit pushed/in CRITICAL "$evil" >/dev/null
until_ok 20 is_open $((n_raw + 2)) || fail "all but the long one are CRITICAL" "$(at status)"
until_ok 5 is_state long/say "OK hard"
at ack "$(alert_of pushed/in)" -m "$evil" >/dev/null && ok "a hostile comment is taken" || fail "a hostile comment is taken"
at note "$(alert_of page/http)" -m "$evil" >/dev/null

words() { words_of "raw-$1/say"; }
has "C0 as \\xHH" '\x01\x02\x03' "$(words 1)"
has "DEL too" '\x7f end' "$(words 1)"
has "C1 as escapes" ' end' "$(words 2)"
has "raw C1 as \\xHH" '\x9b' "$(words 3)"
has "ESC [ is readable" '\x1b[2J' "$(words 4)"
has "OSC is readable" '\x1b]0;title\x07' "$(words 5)"
has "DCS and queries are readable" '\x1b[6n' "$(words 6)"
has "CRIT\\rOK keeps CRIT" 'CRIT\x0dOK' "$(words 7)"
has "CRIT\\bOK keeps CRIT" 'CRIT\x08\x08\x08\x08OK' "$(words 8)"
has "invalid bytes are shown" '\xff\xfe' "$(words 9)"
has "bidi is named" '<U+202E>drowssap' "$(words 10)"
has "tags are named" '<U+E0041>' "$(words 10)"
has "a pile of marks is cut" '<U+0303>' "$(words 11)"
has "NUL does not end the text" '\x00' "$(words 12)"
has "no format is expanded" 'percent %s%n%d {0} {1} end' "$(words 13)"
has "no statement is run" "DROP TABLE events" "$(words 14)"
has "Vietnamese is left as it is" 'Dịch vụ công trực tuyến 中文 ok' "$(words 15)"
[ "$(words_of long/say | wc -c)" -le 600 ] && ok "a line of 1 MB is cut" || fail "a line of 1 MB is cut" "$(words_of long/say | wc -c)"
has "JSON escapes are seen through" '\x1b]0;x\x07DOWN\x0dUP <U+202E>' "$(words_of page/http)"
for c in status alerts journal; do
    at $c | LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae' &&
        fail "$c prints nothing raw" "$(at $c | LC_ALL=C grep -P '[\x00-\x08\x0b-\x1f\x7f]' | head -3 | cat -v)" || ok "$c prints nothing raw"
done
check "the journal holds" at journal --verify

# --- through every screen ----------------------------------------------------------------------------
for size in 200x60 80x24; do
    pty "every screen at $size: nothing but what curses writes" <<P
size $size
spawn $TRUCBAN --socket $SOCK --lang en
wait "raw-1" 10
wait-quiet 200
key 2 v G
wait-quiet 100
key 6
wait "raw-1" 5
key G g Enter
wait-quiet 100
key Esc
$(for _ in $(seq $((n_raw + 2))); do echo "key j Enter"; echo "wait-quiet 40"; echo "key Esc"; done)
key 9
wait-quiet 200
key PgUp
wait-quiet 100
key @
wait-quiet 100
expect-clean
key q
signal TERM
expect-exit any 2
expect-restored
P
done
pty "CRIT stays to be seen" <<P
size 200x60
spawn $TRUCBAN --socket $SOCK --lang en
wait "raw-7" 10
key 6
wait "CRIT\\\\x0dOK" 5
wait "CRIT\\\\x08" 5
wait "<U+202E>drowssap" 5
wait "cut \\\\xc3 mid \\\\xff\\\\xfe" 5
wait "nul \\\\x00 end" 5
key 2 /
send "long"
key Enter Enter
wait "AAAAAAAAAAAAAAAAAAAA" 5
expect-clean
key q
P
finish
