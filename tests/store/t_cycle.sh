#!/bin/bash
# LC7: started and ended again and again, with 100 probes in flight: at most 2 s, nothing left behind,
# the lock free at once (each round starts anew).
. "$(dirname "$0")/lib.sh"

# A hundred plugins that sleep (4 a host, the most there is), half of them deaf to SIGTERM; 25 ports that refuse.
nap=$((100000 + $$)) # a sleep of our own: others may test beside us
naps() { ps -eo args | grep -c "^/bin/sleep $nap"; }
all_nap() { [ "$(naps)" -ge 100 ]; }
cat >"$SITE" <<EOF
{"\$schema":"trucban/site/1","site":{"id":"demo","name":"Demo"},
 "defaults":{"interval":"300ms","retry":"100ms","timeout":"20s","attempts":3},
 "targets":[{"id":"slow-[01-25]","kind":"server","address":"127.0.1.[1-25]","checks":[
   {"id":"e1","probe":"exec","command":["/bin/sleep","$nap"]},
   {"id":"e2","probe":"exec","command":["/bin/sleep","$nap"]},
   {"id":"e3","probe":"exec","command":["/bin/sh","-c","trap '' TERM; exec /bin/sleep $nap"]},
   {"id":"e4","probe":"exec","command":["/bin/sh","-c","trap '' TERM; exec /bin/sleep $nap"]}]},
  {"id":"shut-[01-25]","kind":"server","address":"127.0.2.[1-25]","checks":[{"id":"tcp","probe":"tcp","port":1}]}]}
EOF
rounds=${ROUNDS:-20} worst=0 wrong=0
for _ in $(seq "$rounds"); do
    start || { wrong=1; break; }
    until_true 5 all_nap || wrong=1
    began=$(date +%s%N)
    stop || wrong=1
    took=$((($(date +%s%N) - began) / 1000000))
    [ $took -gt $worst ] && worst=$took
done
verdict "started-and-ended-$rounds" $wrong "$(cat "$TMP/engine.err")"
[ $worst -le 2000 ]
verdict ends-within-2s $? "worst $worst ms"
sleep 0.2
left=$(naps)
[ "$left" = 0 ]
verdict no-orphans $? "$left left"
start && say journal --verify >/dev/null
verdict chain-holds $?
stop INT
verdict ends-on-sigint $?
# A disk that hangs inside a commit holds nobody up.
start FP="store.before_commit:sleep20000@$TMP/hang"
sleep 0.5
touch "$TMP/hang"
sleep 6 # the heartbeat of every 5 s is stuck by now
timeout 1 "$TRUCBAN" status --socket "$SOCKET" >/dev/null
[ $? -le 3 ]
verdict hanging-disk-stops-nobody $?
began=$(date +%s%N)
stop
took=$((($(date +%s%N) - began) / 1000000))
[ $took -le 2500 ]
verdict ends-with-a-hanging-disk $? "$took ms"
sleep 0.2
left=$(naps)
[ "$left" = 0 ]
verdict no-orphans-then $? "$left left"
rm -f "$TMP/hang"
start && say journal --verify >/dev/null
verdict chain-holds-after-it $?
stop
n=$("$TRUCBAN_ENGINE" engine --site "$SITE" --state /proc/nowhere --socket "$SOCKET" 2>&1 | wc -l)
[ "$n" = 1 ]
verdict bad-state-folder-is-said $?
exit $bad
