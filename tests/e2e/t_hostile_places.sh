#!/bin/bash
# HI1, HI3, HI4: one hostile text in every place that text comes from (site file, plugin, pushed
# result, perfdata, comment, note) and every place that it goes to: all screens, the commands in a
# pipe and on a terminal, the journal's lines, the engine's own log.
. "$(dirname "$0")/lib.sh"
# All C0, DEL, C1 as UTF-8, then the sequences that terminals act on.
all=
for i in $(seq 1 31) 127; do all+=$(printf '\\%03o' "$i"); done
for i in $(seq 128 159); do all+='\302'$(printf '\\%03o' "$i"); done
seqs='\033[2J\033[31m\033]0;title\007\033]8;;http://x/\033\\\\\033]52;c;YXF5\007\033P$qm\033\\\\\033_apc\033\\\\\033^pm\033\\\\\033Xsos\033\\\\\033[21t\033[6n\033[c\033(0\033c\342\200\256\342\200\213\363\240\201\201\357\273\277'
printf "EVIL$all END" >"$TMP/all"
printf "EVIL$seqs END" >"$TMP/seqs"
forged=$'EVIL real\n2026-01-01T00:00:00Z alert.resolved forged\r\n{"seq":1,"kind":"alert.resolved","text":"forged"}\ntrucban engine: forged END'
evil=$(cat "$TMP/seqs")
json() { jq -Rs . <"$1"; }
mkdir -m 755 "$TMP/plugins"
for n in all seqs; do
    printf '#!/bin/sh\ncat %s\necho\necho second line\nexit 2\n' "$TMP/$n" >"$TMP/plugins/$n"
done
printf '#!/bin/sh\nprintf "%%s|%%s=3;1;2" EVIL "$(cat %s)"\nexit 2\n' "$TMP/seqs" >"$TMP/plugins/perf"
chmod 755 "$TMP"/plugins/*
# site FILE NAME1 NAME2: names and labels as given
site() {
    cat >"$1" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "places", "name": { "vi": $3, "en": $3 }, "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "store": "sqlite:places.db", "defaults": { "interval": "2s", "retry": "300ms", "timeout": "2s", "attempts": 1 },
  "groups": [ { "id": "g", "name": { "vi": $2, "en": $2 } } ],
  "targets": [
    { "id": "all", "name": { "vi": $2, "en": $2 }, "kind": "server", "group": "g", "address": "127.0.0.1", "env": "production",
      "labels": { "role": $3 }, "org": $3, "checks": [
      { "id": "say", "probe": "exec", "command": [ "$TMP/plugins/all" ], "priority": "P1" } ] },
    { "id": "seqs", "name": { "vi": $3, "en": $3 }, "kind": "server", "group": "g", "address": "127.0.0.1", "env": "production", "checks": [
      { "id": "say", "probe": "exec", "command": [ "$TMP/plugins/seqs" ] },
      { "id": "perf", "probe": "exec", "command": [ "$TMP/plugins/perf" ] } ] },
    { "id": "pushed", "kind": "other", "address": "127.0.0.1", "env": "production", "checks": [
      { "id": "in", "probe": "passive", "attempts": 1, "priority": "P1" } ] } ] }
J
}
site "$TMP/bad.json" "$(json "$TMP/all")" "$(json "$TMP/seqs")"
trucban site check "$TMP/bad.json" >"$TMP/check" 2>&1
same "hostile names in a site file: refused" 65 $?
same "each of the ten in its place" 10 "$(grep -c 'expected text without control or invisible characters' "$TMP/check")"
site "$SITE" '"EVIL one, Máy chủ"' '"EVIL two"'
engine_start || give_up "an engine on a site of hostile names" "$("$TRUCBAN" site check "$SITE" 2>&1)"
at submit pushed/in CRITICAL "$forged" >/dev/null
until_ok 15 is_open 4 || fail "four alerts open" "$(at status)"
id=$(alert_of pushed/in)
records() { at journal --json | wc -l; }
was=$(records)
at ack "$id" -m "$forged" >/dev/null
at note "$id" -m "$forged" >/dev/null
at note "$id" -m "$evil" >/dev/null
at note "$(alert_of all/say)" -m "$(cat "$TMP/all")" >/dev/null
at ack "$id" -m "$forged" >/dev/null 2>&1 # refused; a refusal is a record, too
same "four decisions and a refusal: five records" $((was + 5)) "$(records)"
same "no record is forged" 0 "$(at journal --json | jq -s '[.[] | select(.kind == "alert.resolved")] | length')"

# raw FILE…: lines that hold something that a terminal could act on
raw() { LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xf3\xa0|\xef\xbb\xbf' "$@" | head -n 3 | cat -v; }
quiet() { # quiet NAME: its file holds nothing raw, and the text itself
    local found
    found=$(raw "$TMP/$1")
    [ -z "$found" ] && ok "$2: nothing raw" || fail "$2: nothing raw" "$found"
}
for c in status alerts journal "status --json" "alerts --json" "journal --json"; do
    f=${c// /}
    at $c >"$TMP/$f" 2>"$TMP/$f.err"
    quiet "$f" "$c in a pipe"
    quiet "$f.err" "$c, standard error"
    has "$c has the text, though" EVIL "$(cat "$TMP/$f")"
done
same "journal: a record is a line" "$(records)" "$(at journal --since 2000-01-01T00:00:00Z | grep -cE '^ *[0-9]+ |^20')"
for f in status alerts journal; do
    same "$f: no line begins as the forged ones" 0 "$(grep -cE '^(2026-01-01T|\{"seq"|trucban engine: forged)' "$TMP/$f")"
done
at ack 999999 -m "$evil" >"$TMP/refused" 2>&1
at ack "$evil" -m "hello there" >>"$TMP/refused" 2>&1
at submit "$evil/x" OK hello >>"$TMP/refused" 2>&1
at submit pushed/in "$evil" hello >>"$TMP/refused" 2>&1
trucban "$evil" >>"$TMP/refused" 2>&1
trucban status "--$evil" >>"$TMP/refused" 2>&1
trucban status --socket "$TMP/$evil" >>"$TMP/refused" 2>&1
trucban site check "$TMP/$evil" >>"$TMP/refused" 2>&1
quiet refused "refusals and usage errors"
sed 's/"priority": "P1"/"priority": "\\u001b]0;x\\u0007"/; s/"role"/"ro\\u001ble"/; s/"env"/"e\\u009bnv"/' "$SITE" >"$TMP/keys.json"
trucban site check "$TMP/keys.json" >>"$TMP/check" 2>&1
quiet check "what site check says of it"
trucban site show --site "$SITE" >"$TMP/show" 2>&1
quiet show "site show"
trucban probe --site "$SITE" >"$TMP/probe" 2>&1
quiet probe "probe"
quiet engine.log "the engine's log"
same "the log has only lines of the engine" 0 "$(grep -cv '^trucban engine: ' "$TMP/engine.log")"
# --- HI5: names that would be commands elsewhere --------------------------------------------------------
long=$(head -c 10000 /dev/zero | tr '\0' n)
before=$(records)
for name in "'; DROP TABLE event; --" '%s%n%s%n' '../../etc/passwd' '-rf' "$long" ''; do
    at submit "$name/in" OK hello >"$TMP/out" 2>&1
    case $? in 64 | 77) : ;; *) fail "a check called '${name:0:20}'" "$(cat "$TMP/out")" ;; esac
    [ "$(wc -c <"$TMP/out")" -le 1000 ] || fail "and in few words" "$(wc -c <"$TMP/out")"
    at note "$id" -m "${name:-none} as a note" >"$TMP/out" 2>&1
    case $? in 0 | 64 | 77) : ;; *) fail "a note '${name:0:20}'" "$(cat "$TMP/out")" ;; esac
done
after=$(records)
[ $((after - before)) -ge 5 ] && [ $((after - before)) -le 12 ] && ok "names that are commands elsewhere are words here" ||
    fail "names that are commands elsewhere are words here" "$((after - before)) records more"
has "what looks like SQL is kept as it is" "'; DROP TABLE event; -- as a note" "$(at journal --json)"
has "what looks like a format too" '%s%n%s%n as a note' "$(at journal)"
[ "$(at journal --json | wc -L)" -le 9000 ] && ok "10 kB are cut or refused" || fail "10 kB are cut or refused" "$(at journal --json | wc -L)"
check "the journal holds" at journal --verify

# --- on a terminal ------------------------------------------------------------------------------------
for c in status alerts journal; do
    pty "$c on a terminal" <<P
size 160x50
spawn $TRUCBAN $c --socket $SOCK
expect-exit any 5
wait "EVIL" 2
expect-clean
P
done
for size in 200x60 80x24 40x10; do
    pty "the console at $size" <<P
size $size
spawn $TRUCBAN --socket $SOCK --lang en
wait-re "all|seqs|pushed" 10
wait-quiet 150
$(for s in 1 2 "v v" 6 9 @ ?; do echo "key $s"; echo "wait-quiet 60"; done)
key 6
$(for _ in 1 2 3 4; do echo "key Enter"; echo "wait-quiet 60"; echo "key PgDn"; echo "wait-quiet 60"; echo "key Esc j"; done)
key 6 g /
send "EVIL"
wait-quiet 60
key Enter
wait-quiet 60
key Esc 6 n
paste "\e]0;x\a\e[2J pasted \x9b31m"
wait-quiet 60
key Enter
wait-quiet 150
key @
wait-quiet 60
expect-clean
signal TERM
expect-exit any 2
expect-restored
P
done
pty "copied ids are ids" <<P
size 120x36
raw $TMP/copied
spawn $TRUCBAN --socket $SOCK --lang en
wait "pushed" 10
key 6 y
wait-quiet 100
signal TERM
expect-exit any 2
P
finish
