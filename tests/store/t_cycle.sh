#!/bin/bash
# LC7: started and ended again and again, with probes in flight: at most 2 s, nothing left behind.
. "$(dirname "$0")/lib.sh"

# Twenty plugins that sleep, twenty ports that refuse.
cat >"$SITE" <<EOF
{"\$schema":"trucban/site/1","site":{"id":"demo","name":"Demo"},
 "defaults":{"interval":"300ms","retry":"100ms","timeout":"20s","attempts":3},
 "targets":[{"id":"slow-[01-20]","kind":"server","address":"127.0.1.[1-20]",
   "checks":[{"id":"exec","probe":"exec","command":["/bin/sleep","4711"]},
             {"id":"tcp","probe":"tcp","port":1}]}]}
EOF
rounds=${ROUNDS:-20} worst=0 wrong=0
for _ in $(seq "$rounds"); do
    start || { wrong=1; break; }
    sleep 0.4
    began=$(date +%s%N)
    stop || wrong=1
    took=$((($(date +%s%N) - began) / 1000000))
    [ $took -gt $worst ] && worst=$took
done
verdict "started-and-ended-$rounds" $wrong "$(cat "$TMP/engine.err")"
[ $worst -le 2000 ]
verdict ends-within-2s $? "worst $worst ms"
sleep 0.2
left=$(ps -eo args | grep -c '^/bin/sleep 4711')
[ "$left" = 0 ]
verdict no-orphans $? "$left left"
start && say journal --verify >/dev/null
verdict chain-holds $?
stop INT
verdict ends-on-sigint $?
n=$("$TRUCBAN_ENGINE" engine --site "$SITE" --state /proc/nowhere --socket "$SOCKET" 2>&1 | wc -l)
[ "$n" = 1 ]
verdict bad-state-folder-is-said $?
exit $bad
