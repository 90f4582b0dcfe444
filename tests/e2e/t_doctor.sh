#!/bin/bash
# trucban doctor: a sentence and a level for each thing, in both languages, and an exit status.
. "$(dirname "$0")/lib.sh"
unset TMUX DBUS_SESSION_BUS_ADDRESS
export TERM=xterm-256color
doctor() { at doctor "$@" 2>&1; }
level() { # level NAME [ARGS…]
    local name=$1
    shift
    doctor --json "$@" | jq -r --arg n "$name" '.remarks[] | select(.name == $n) | .level'
}
words() {
    local name=$1
    shift
    doctor --json "$@" | jq -r --arg n "$name" '.remarks[] | select(.name == $n) | .text'
}

# --- what it says where nothing runs ---------------------------------------------------------------------
same "no engine: a warning" warning "$(level engine)"
has "which says what to do" "trucban drill" "$(words engine --lang en)"
doctor >/dev/null
same "it exits with 1" 1 $?
site_passive 2
same "a sound site file" ok "$(level site --site "$SITE")"
echo '{' >"$TMP/bad.json"
same "one with mistakes" error "$(level site --site "$TMP/bad.json")"
same "one that is not there" error "$(level site --site "$TMP/nowhere.json")"
doctor --site "$TMP/bad.json" >/dev/null
same "it exits with 2" 2 $?

# --- the engine --------------------------------------------------------------------------------------------
engine_start || give_up "the engine"
same "the engine answers" ok "$(level engine)"
has "and who we are" "you are $(id -un) (" "$(words engine --lang en)"

# --- who tells that a receiver fails -----------------------------------------------------------------------
with_receivers() { # with_receivers JSON: the site has these; the engine reads it again
    jq --argjson r "$1" '.receivers = $r' "$SITE" >"$TMP/site.new" && mv "$TMP/site.new" "$SITE"
    kill -HUP "$ENGINE_PID"
}
one='{ "id": "one", "kind": "command", "command": [ "/bin/true" ] }'
says() { [ "$(level receivers)" = "$1" ]; }
same "no receivers: nobody is told" warning "$(level receivers)"
with_receivers "[ $one ]"
names_one() { words receivers --lang en | grep -q notify-one; }
check "one alone would have to tell of itself" until_ok 10 names_one
has "the site file's check says so too" 'when "one" fails nobody is told' "$("$TRUCBAN" site check "$SITE" 2>&1)"
with_receivers "[ $one, { \"id\": \"two\", \"kind\": \"command\", \"command\": [ \"/bin/true\" ], \"levels\": [2], \"match\": \"srv*\" } ]"
has "nor is one told that is for other checks" 'when "one" fails nobody' "$("$TRUCBAN" site check "$SITE" 2>&1)"
with_receivers "[ $one, { \"id\": \"two\", \"kind\": \"command\", \"command\": [ \"/bin/true\" ], \"levels\": [2] } ]"
check "another one that is told" until_ok 10 says ok
same "nothing is left to note" 0 "$("$TRUCBAN" site check "$SITE" 2>&1 | grep -c 'note: /receivers')"

# --- each thing the other way round ------------------------------------------------------------------------
same "a UTF-8 locale" ok "$(level locale)"
same "one that is none" warning "$(LC_ALL=C level locale)"
same "a terminal that is known" ok "$(level terminal)"
same "one that is not" error "$(TERM=no-such-terminal level terminal)"
same "none at all" error "$(TERM='' level terminal)"
same "one without colours" warning "$(TERM=vt100 level terminal)"
has "it is named" "no-such-terminal" "$(TERM=no-such-terminal words terminal)"
same "a pipe has no size" warning "$(level size)"
pty "a small screen" <<P
size 60x20
spawn $TRUCBAN doctor --lang en --socket $SOCK
wait "The screen has 60x20" 15
expect-exit any 15
P
same "no tmux" ok "$(level tmux)"
mkdir "$TMP/bin"
printf '#!/bin/sh\n[ "$*" = "show -gv allow-passthrough" ] && echo "$PASS"\n' >"$TMP/bin/tmux"
chmod +x "$TMP/bin/tmux"
for pass in on:ok all:ok off:warning; do
    same "tmux with allow-passthrough ${pass%:*}" "${pass#*:}" "$(PATH=$TMP/bin:$PATH TMUX=x PASS=${pass%:*} level tmux)"
done
printf '#!/bin/sh\nexec sleep 60\n' >"$TMP/bin/tmux"
t0=$(now_ms)
same "a tmux that hangs" warning "$(PATH=$TMP/bin:$PATH TMUX=x level tmux)"
[ $(($(now_ms) - t0)) -lt 10000 ] && ok "is not waited for" || fail "is not waited for" "$(($(now_ms) - t0)) ms"
same "no session bus: nothing is wrong" ok "$(level desktop)"
same "a bus that is not there" warning "$(DBUS_SESSION_BUS_ADDRESS=unix:path=$TMP/nobus level desktop)"
same "a zone that is not there" warning "$(TZ=Mars/Base level timezone)"
same "a zone that is" ok "$(TZ=Asia/Ho_Chi_Minh level timezone)"
same "a state folder that can be made" ok "$(level state --state "$TMP/new/folder")"
[ -e "$TMP/new" ] && fail "nothing is made" || ok "nothing is made"
same "one that cannot" error "$(level state --state "$SITE/x")"
[[ $(level clock) =~ ^(ok|warning)$ ]] && ok "the clock has a verdict" || fail "the clock has a verdict" "$(level clock)"

# --- both languages ------------------------------------------------------------------------------------------
n=$(doctor --json | jq '.remarks | length')
same "as many lines as things" "$n" "$(doctor --lang en | wc -l)"
same "in Vietnamese too" "$n" "$(doctor --lang vi | wc -l)"
same "no sentence is left in English" "" "$(comm -12 <(doctor --lang en | cut -c13- | sort) <(doctor --lang vi | cut -c13- | sort))"
finish
