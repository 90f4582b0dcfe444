#!/bin/bash
# TM4: whatever ends the console leaves the terminal as it was.
. "$(dirname "$0")/screens.sh"
five
ulimit -c 0
for s in TERM INT QUIT HUP SEGV ABRT; do
    for p in "board|key 1" "acknowledge|key 6 a"; do
        pty "$s in the ${p%%|*}" <<P
size 90x28
spawn $console
wait "t-2" 10
${p#*|}
wait-quiet 60
expect-fullscreen
signal $s
expect-exit any 1
expect-figure ended-after-ms < 500
expect-restored
P
    done
done
# A library that gives up by itself: exit, _exit, and memory that is not there.
cat >"$TMP/quitter.c" <<'C'
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
static void on_usr1(int n) { (void)n; _exit(7); }
static void on_usr2(int n) { (void)n; exit(8); }
static void __attribute__((constructor)) arm(void) { signal(SIGUSR1, on_usr1); signal(SIGUSR2, on_usr2); }
C
if [ "${BUILD##*/}" = asan ]; then
    skip "exit from a library: nothing can be loaded before the sanitisers"
elif ! ${CC:-cc} -shared -fPIC -o "$TMP/quitter.so" "$TMP/quitter.c" 2>/dev/null; then
    skip "exit from a library: no compiler"
else
    for how in "USR1 7 _exit" "USR2 8 exit"; do
        read -r s status word <<<"$how"
        pty "$word in a library" <<P
size 90x28
env LD_PRELOAD=$TMP/quitter.so
spawn $console
wait "t-2" 10
key 6 a
wait-quiet 60
expect-fullscreen
run "kill -$s \$PTY_PID"
expect-exit $status 1
expect-restored
P
    done
fi
pty "no core is left" <<P
spawn /bin/sh -c "ulimit -c unlimited 2>/dev/null; cd $TMP; exec $console"
wait "t-2" 10
signal SEGV
expect-exit 139 2
expect-restored
P
ls "$TMP"/core* >/dev/null 2>&1 && fail "none in its folder" || ok "none in its folder"
pty "q and C-c" <<P
spawn $console
wait "t-2" 10
key C-c
expect-exit 0 2
expect-restored
P
finish
