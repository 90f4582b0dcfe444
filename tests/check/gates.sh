#!/bin/bash
# gates.sh: sentences of the house that a search can hold.
set -u
shopt -s lastpipe # gate counts in this shell, not in a child of it
cd "$(dirname "$0")/../.." || exit 1
bad=0
src() { git ls-files -co --exclude-standard -- "$@" | while read -r f; do [ -f "$f" ] && echo "$f"; done; }
gate() { # gate WHY: fails if standard input has lines
    local out
    out=$(cat)
    [ -z "$out" ] && return
    echo "$out" | sed "s|\$|   <- $1|"
    bad=1
}
C=$(src 'core/*.[ch]' 'engine/*.[ch]' 'probes/*.[ch]' 'widgets/*.[ch]' 'tui/*.[ch]')

# Statements are constants: values are bound, never pasted in.
grep -nE '"[^"]*\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|DROP|PRAGMA)\b[^"]*%' $C |
    gate "SQL is built from a format"
grep -nE '\bdb_script\(' $C | grep -vE 'const char \*sql|db_script\([a-z>-]+, ("|schema|flags & [A-Z_]+ \? ")' |
    gate "SQL must be a constant"
# Formats are constants too: -Wformat=2 -Werror holds that for each call; nobody may switch it off.
grep -nE 'pragma.*diagnostic ignored' $C | grep -v '^core/when.c:.*Wformat-nonliteral' | gate "warnings stay on"
# Children get an argument vector, never a shell.
grep -nwE '(system|popen|wordexp)\(' $C | gate "no shell"
grep -nE '\b(strcpy|strcat|sprintf|gets|strtok|atoi|atol|atof)\(' $C | gate "use the checked way (buf, snprintf, range, strtoll)"
grep -nE '\b(TODO|FIXME|XXX|HACK)\b|not implemented' $C | gate "left-over"
# Escapes to the terminal come from terminfo, in one file.
grep -nE '\\(033|x1b|e)[][P(]' $C | grep -vE '^tui/(term_ncurses|input[a-z_]*)\.c:|^[a-z/_]*: *(/?\*|//)' |
    gate "escape sequences live in the terminal driver"
# Shell scripts parse; nothing of one machine is written down.
for f in $(src '*.sh' '.ci/run'); do bash -n "$f" || bad=1; done
git grep -nIE '/(root|home/[a-z]+)/' -- . ':!docs' ':!tests/check' | gate "a path of one machine"
exit $bad
