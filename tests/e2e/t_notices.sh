#!/bin/bash
# Notices of a whole engine to programs that keep what they get: told, escalated, recovered; killed
# between "sending" and "sent"; a receiver that is down; a storm within its caps (LD2); an outside
# watcher that misses the beat (LC4).
. "$(dirname "$0")/lib.sh"
GOT=$TMP/got
cat >"$TMP/keep" <<'J'
#!/bin/bash
# keep FOLDER: one file a notice; refuses while FOLDER/down is there, is slow while FOLDER/slow is
[ -e "$1/down" ] && { echo "down for a test" >&2; exit 75; }
f=$(mktemp "$1/.XXXXXX") && cat >"$f" && mv "$f" "$1/$(date +%s%N).json"
while [ -e "$1/slow" ]; do sleep 0.05; done
J
chmod 755 "$TMP/keep"
for r in l1 l2 sms all beat; do mkdir -p "$GOT/$r"; done
# notices RECEIVER [JQ]: what it got, in order
notices() {
    local f
    for f in "$GOT/$1"/*.json; do [ -e "$f" ] && jq -c "${2:-.}" "$f"; done
}
count() { notices "$1" .what | grep -c "\"${2:-.*}\""; }
got() { [ "$(count "$1" "$2")" -ge "${3:-1}" ]; }
told() { at alerts --json | jq -e ".alerts[] | select(.id == $1) | .told[] | select(.receiver == \"$2\") | $3" >/dev/null; }
events() { at journal --json | jq -c "select(.kind == \"$1\")" | wc -l; }
receivers() { # receivers JQ: the site's, with `to` at hand
    jq --arg keep "$TMP/keep" --arg got "$GOT" "
      def to(\$id): {id: \$id, kind: \"command\", command: [\$keep, (\$got + \"/\" + \$id)], group: \"300ms\"};
      .receivers = $1" "$SITE" >"$SITE.new" && mv "$SITE.new" "$SITE"
}
bad() { at submit "t-$1/in" CRITICAL "seen by $1" >/dev/null; }
good() { at submit "t-$1/in" OK "well again" >/dev/null && at submit "t-$1/in" OK "well again" >/dev/null; }

site_passive 400
receivers '[to("l1") + {levels: [1]}, to("l2") + {levels: [2]}, to("beat") + {levels: [], watchdog: "1s"}]'
jq '.escalation = [{id: "fast", level2: "2s", level3: "never", repeat: "1h"}]' "$SITE" >"$SITE.new" && mv "$SITE.new" "$SITE"
check "the site is well" trucban site check "$SITE"
engine_start || give_up "the engine starts"

bad 1 && until_ok 5 is_open 1 || give_up "an alert opens"
one=$(alert_of t-1/in)
check "level 1 is told" until_ok 10 got l1 problem
check "then level 2, which nobody has answered" until_ok 10 got l2 problem
has "with the alert in it" '"t-1/in"' "$(notices l1)"
check "the picture says who was told" until_ok 5 told "$one" l2 '.count == 1 and .sending == false'
check "written down before and after" test "$(events notice.sending)" -ge 2
at ack "$one" -m "calling the data centre" >/dev/null
good 1 && until_ok 5 is_open 0 || give_up "it is over"
check "the end is told to level 1, acknowledged or not" until_ok 10 got l1 recovery
check "and to level 2" until_ok 10 got l2 recovery

touch "$GOT/l1/slow"
bad 2 && until_ok 5 is_open 1 || give_up "another opens"
two=$(alert_of t-2/in)
check "it is on its way" until_ok 10 got l1 problem 2
check "and shown so" told "$two" l1 '.sending == true'
engine_stop KILL
rm "$GOT/l1/slow"
engine_start || give_up "the engine starts again"
check "after a crash it is sent again" until_ok 15 got l1 problem 3
same "as a possible repeat, once" 'false true' "$(notices l1 'select(.what == "problem") | .possible_repeat' | tail -n 2 | xargs)"
check "with the same key" test "$(notices l1 'select(.what == "problem") | .key' | tail -n 2 | sort -u | wc -l)" = 1
check "now it is known" until_ok 5 told "$two" l1 '.count == 1 and .sending == false'
engine_stop KILL
engine_start || give_up "the engine starts once more"
bad 3 && until_ok 10 got l1 problem 4 || fail "a third is told"
same "what was sent is not sent again" 4 "$(count l1 problem)"

touch "$GOT/l1/down"
bad 4 && until_ok 10 eval '[ "$(events notice.failed)" -ge 1 ]' || fail "a try fails" "$(at journal -n 5)"
has "with its reason" "down for a test" "$(at journal --json | jq -c 'select(.kind == "notice.failed") | .body.text')"
rm "$GOT/l1/down"
check "told when it is back" until_ok 20 got l1 problem 5
check "once" test "$(notices l1 'select(.what == "problem") | .alerts[].check' | grep -c t-4/in)" = 1

tests_of() { at journal --json | jq -r 'select(.kind == "notice.tested") | .subject + " " + .actor.login + " " + .body.text'; }
check "the way to a receiver is tried" at notify test l2
check "it is called a test" until_ok 5 got l2 test
touch "$GOT/l1/down"
at notify test l1 >/dev/null 2>&1
same "one that is down: not handed over" 74 $?
rm "$GOT/l1/down"
login=$(id -un)
two_tests() { [ "$(tests_of | wc -l)" = 2 ]; }
check "both tests are in the journal" until_ok 5 two_tests
has "with who tried, and how it went" "receiver/l2 $login handed over" "$(tests_of)"
has "and why not" "receiver/l1 $login the program ended with exit code 75: down for a test" "$(tests_of)"
has "in words" "test notice to l2 by $login: handed over" "$(at journal --lang en)"

beats=$(count beat watchdog)
check "the beat goes on" until_ok 10 got beat watchdog $((beats + 2))
same "and is no event" 0 "$(at journal --json | jq -c 'select(.subject == "receiver/beat")' | wc -l)"
engine_stop KILL
missing() { # whoever listens: three beats without one
    local last
    last=$(find "$GOT/beat" -name '*.json' -printf '%T@\n' | sort -n | tail -n 1)
    [ "$(($(date +%s) - ${last%.*}))" -ge 3 ]
}
missing && fail "it was not missing while the engine ran"
check "an outside watcher misses the beat" until_ok 6 missing

# LD2, in small: the caps are those of a telephone
receivers '[to("sms") + {cap: 10, cap_window: "10m"}, to("all") + {collect: true}]'
jq '.escalation[0].level2 = "never"' "$SITE" >"$SITE.new" && mv "$SITE.new" "$SITE"
rm -rf "$STATE"
engine_start || give_up "the engine starts for the storm"
begin=$(now_ms)
for i in $(seq 1 400); do echo "t-$i/in"; done | xargs -P 4 -I{} "$TRUCBAN" submit --socket "$SOCK" {} CRITICAL "storm" >/dev/null
check "four hundred open" until_ok 30 is_open 400
check "the first was told soon" until_ok 15 got sms problem
first=$(find "$GOT/sms" -name '*.json' -printf '%T@\n' | sort -n | head -n 1)
check "within 15 s" test "$((${first%.*} - begin / 1000))" -le 15
check "one summary" until_ok 90 got sms summary
sleep 2
same "eight at most, two are kept for a P1" 8 "$(count sms problem)"
same "and one summary" 1 "$(count sms summary)"
same "that counts the others" 392 "$(notices sms 'select(.what == "summary") | (.alerts | length) + .others')"
same "who collects has all of them" 400 "$(notices all '(.alerts | length) + .others' | paste -sd+ | bc)"
check "the journal's chain holds" at journal --verify
finish
