#!/bin/bash
# symbols.sh BUILD: what the objects say of themselves.
#   core/ calls nothing that waits, reads or tells the time;
#   no variable outlives a call, but those that globals.txt names with their reason.
set -u
cd "$(dirname "$0")/../.." || exit 1
B=$1
bad=0

calls='open|openat|fopen|read|write|socket|connect|send|recv|poll|select|epoll_.*|clock_gettime|gettimeofday|time|getenv|pthread_.*|fork|execv.*|signal|sigaction|sleep|usleep|nanosleep|printf|fprintf|puts|exit'
out=$(nm -A -u "$B"/core/*.o | awk -v re="^($calls)(@.*)?$" '$NF ~ re { sub(/:.*/, "", $1); if ($1 ~ /mem.o$/ && $NF ~ /^write/) next # last words when memory is gone
    print $1 ": calls " $NF ", and core only decides" }')
[ -z "$out" ] || { echo "$out" | sed "s|^$B/||"; bad=1; }

# .data and .bss alone: constant tables with addresses live in .data.rel.ro
out=$(for o in "$B"/{core,engine,probes,widgets,tui}/*.o; do
    nm -f sysv "$o" | awk -F'|' -v o="${o#"$B"/}" '$3 ~ /[dDbB]/ && $7 ~ /^\.(data|bss)(\.[^r]|$)/ && $7 !~ /\.rel\.ro/ {
        gsub(/[ \t]/, "", $1); print o ":" $1 }'
done | sed 's/\.o:/.c /' | grep -v -F -f <(sed 's/ *#.*//; /^$/d' tests/check/globals.txt))
[ -z "$out" ] || { echo "$out" | sed 's/\(.*\) \(.*\)/\1: variable "\2" outlives a call/'; bad=1; }
exit $bad
