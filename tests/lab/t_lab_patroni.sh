#!/bin/bash
# The patroni kind on a real cluster: healthy, a switchover, a crash, a frozen node, a lost DCS, two primaries.
. "$(dirname "$0")/lib.sh"
need patroni
up patroni
url() { echo "http://$PATRONI_NET$1:$PATRONI_REST"; }
site_check patroni "\"urls\": [ \"$(url 1)\", \"$(url 2)\", \"$(url 3)\" ], \"names\": [ \"n1\", \"n2\", \"n3\" ]"

# --- well ---------------------------------------------------------------------------------------------
will_see "a healthy cluster is OK" 15 "OK leader n1, timeline *, 3 of 3 members up"
same "who is what" "n1=primary n2=replica n3=replica" "$(fact members)"
same "who leads" n1 "$(fact leader)"
same "its configuration was read" 6 "$(metric ttl)"
sed -i 's/, "names": \[[^]]*\]//' "$TMP/site.json"
look >"$TMP/said"
same "the list tells the names where the site does not" "n1=primary n2=replica n3=replica" "$(fact members)"
sed -i 's/"urls"/"names": [ "n1", "n2", "n3" ], "urls"/' "$TMP/site.json"

# --- paused; a frozen replica ---------------------------------------------------------------------------
curl -s -XPATCH "$(url 1)/config" -d '{"pause":true}' >/dev/null
will_see "a paused cluster is told" 10 "WARNING the cluster is paused: there is no automatic failover"
same "and is a fact" on "$(fact pause)"
curl -s -XPATCH "$(url 1)/config" -d '{"pause":null}' >/dev/null
will_see "and is over" 10 "OK *"
patroni freeze 3
t0=$(now_ms)
same "a frozen node is silent" "WARNING n3 does not answer" "$(look)"
[ $(($(now_ms) - t0)) -lt 4000 ] && ok "and nobody waits longer than the limit" || fail "the limit" "$(($(now_ms) - t0)) ms"
same "the others are judged" "n1=primary n2=replica n3=silent" "$(fact members)"
patroni thaw 3
will_see "thawed, it is back" 20 "OK *"

# --- a switchover; the leader crashes --------------------------------------------------------------------
switched() { SAID=$(curl -s -XPOST "$(url 1)/switchover" -d '{"leader":"n1","candidate":"n2"}') && [[ $SAID == Success* ]]; }
until_ok 20 switched || fail "Patroni switches over" "$SAID"
will_see "a switchover is followed" 20 "OK leader n2, *"
patroni kill 2
will_see "a crashed leader: the list still names it, we do not" 5 "CRITICAL no leader: n2 holds the key and does not answer"
will_see "then another leads" 25 "WARNING n2 does not answer"
has "whoever it is" "=primary" "$(fact members)"
patroni start 2
will_see "the old one comes back" 40 "OK leader n[13], *"

# --- the DCS is gone --------------------------------------------------------------------------------------
leader=$(fact leader)
patroni dcs-stop
will_see "without its DCS nobody leads" 20 "CRITICAL no leader: the DCS is not seen by any node that answers"
patroni dcs-start
will_see "and with it somebody does" 30 "OK leader n*"

# --- two that say they lead: a second copy of the leader's own words, where another node was (Patroni is
# --- Python, so Python is there)
leader=$(fact leader) other=n1
[ "$leader" != n1 ] || other=n2
curl -s "$(url "${leader#n}")/patroni" >"$TMP/primary.json"
python3 - "$TMP/primary.json" $PATRONI_NET"9" $PATRONI_REST <<'P' &
import http.server, sys
body = open(sys.argv[1], 'rb').read()
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(body)
    def log_message(self, *a): pass
http.server.HTTPServer((sys.argv[2], int(sys.argv[3])), H).serve_forever()
P
relay=$!
KIDS+=($relay)
until_ok 5 curl -s -o /dev/null "http://${PATRONI_NET}9:$PATRONI_REST/patroni"
sed -i "s,$(url "${other#n}"),http://${PATRONI_NET}9:$PATRONI_REST," "$TMP/site.json"
has "two primaries are the loudest word" "CRITICAL TWO PRIMARIES: " "$(look)"
same "and no leader is claimed" none "$(fact leader)"
finish
