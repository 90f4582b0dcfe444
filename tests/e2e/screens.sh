# shellcheck shell=bash
# screens.sh: an engine with five passive targets and three open alerts, for the terminal's tests.
# `places` are all screens and dialogs: "NAME|ptyrun lines that open it".
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
places=(
    "board|key 1"
    "servers|key 2"
    "integration|key 3"
    "channels|key 4"
    "databases|key 5"
    "failover|key 7"
    "alerts|key 6"
    "journal|key 9"
    "detail|key 6 Enter"
    "help|key ?"
    "log|key @"
    "command line|key : s"
    "filter|key 6 / t"
    "acknowledge|key 6 a"
    "note|key 6 n"
)
five() {
    site_passive 5
    engine_start || give_up "the engine starts"
    for i in 1 2 3 4 5; do at submit "t-$i/in" OK "fine" >/dev/null; done
    at submit t-2/in CRITICAL "disk gone" >/dev/null
    at submit t-3/in WARNING "queue 91 %" >/dev/null
    at submit t-4/in CRITICAL "no route" >/dev/null
    until_ok 5 is_open 3 || give_up "three alerts open"
}
# ageless FILE: a dump without what time alone changes: the title's clock, ages, and the trends before them
ageless() {
    sed -E '1s/[0-9]{2}:[0-9]{2}( \+07)?/CLOCK/
        s/[ (]+[0-9]+(ms|s|m|h)([0-9]+s)?( |│|\)|$)/ AGE /g
        s/ {2,}[X!?~+]+ AGE/ AGE/g; s/─+//g; s/ +/ /g' "$1"
}
export -f ageless
console="$TRUCBAN --socket $SOCK --lang en"
acked() { at alerts --json | jq '[.alerts[] | select(.ack)] | length'; }
events() { at journal --json | wc -l; }
