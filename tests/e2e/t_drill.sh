#!/bin/bash
# The drill: without a terminal the status table and success; with one the board, marked as sample
# data, with faults within the first minute; nothing is left behind.
. "$(dirname "$0")/lib.sh"
engines() { pgrep -x trucban-engine | sort; }
timeout 40 "$TRUCBAN" drill </dev/null >"$TMP/out" 2>"$TMP/err"
same "without a terminal it ends with success" 0 $?
[ "$(wc -l <"$TMP/out")" -ge 50 ] && ok "and prints the table of fifty servers" || fail "and prints the table of fifty servers" "$(cat "$TMP/out" "$TMP/err")"
grep -q PENDING "$TMP/out" && fail "with first results" "$(grep PENDING "$TMP/out" | head -3)" || ok "with first results"
ls "$TMP"/run/* "$TMP"/trucban* >/dev/null 2>&1 && fail "and leaves no file" "$(ls -d "$TMP"/run/* "$TMP"/trucban*)" || ok "and leaves no file"
pty "on a terminal: the board, sample data, faults, an acknowledgement" <<P
size 120x36
spawn $TRUCBAN drill --lang en
wait "SAMPLE DATA" 15
wait "X CRIT" 45
expect-clean
key 6
wait-re "srv-" 5
wait-re "! WARN|X CRIT" 20
key 2
wait "srv-" 5
run "cd /proc && for p in \$(pgrep -P \$PTY_PID); do echo \$p; pgrep -P \$p; done >$TMP/kids"
key q
expect-exit 0 5
expect-restored
P
pty "in Vietnamese, on 80x24" <<P
size 80x24
spawn $TRUCBAN drill --lang vi
wait "DỮ LIỆU MẪU" 15
wait-re "LỖI|CHÚ Ý" 45
key q
expect-exit 0 5
expect-restored
P
still() { local p; while read -r p; do gone "$p" || return 1; done <"$TMP/kids"; }
[ -s "$TMP/kids" ] && until_ok 5 still && ok "its processes end with it" || fail "its processes end with it" "$(cat "$TMP/kids")"
finish
