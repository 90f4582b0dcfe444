#!/bin/bash
# The haproxy kind on a real HAProxy before the farm: by path and TCP, drained, down, gone, frozen, another protocol.
. "$(dirname "$0")/lib.sh"
need haproxy farm
export FARM_N=10 FARM_NET=$LAB_NET FARM_PORT=$((LAB_PORT + 40)) FARM_DIR=$TMP/farm
up farm haproxy
tcp="\"host\": \"$HAPROXY_IP\", \"port\": $HAPROXY_USER"
site_check haproxy "\"socket\": \"$HAPROXY_SOCK\", \"backend\": \"bk_web\""
will_see "ten servers by the Unix socket" 15 "OK 10 of 10 servers up"
same "as a figure" 10 "$(metric up)"
site_check haproxy "$tcp, \"backend\": \"bk_web\""
same "the same by TCP, with the level user" "OK 10 of 10 servers up" "$(look)"

# --- what happens to servers ---------------------------------------------------------------------------------
haproxy cmd "set server bk_web/s3 state drain" >/dev/null
will_see "a drained server is named" 15 "OK 9 of 10 servers up: s3 DRAIN"
haproxy cmd "set server bk_web/s4 state maint" >/dev/null
will_see "one in maintenance too" 15 "OK 8 of 10 servers up: s3 DRAIN, s4 MAINT"
same "and is a fact" "s3 DRAIN, s4 MAINT" "$(fact out)"
farm kill 7
will_see "one that died" 15 "WARNING 7 of 10 servers up: s3 DRAIN, s4 MAINT, s7 DOWN (L4CON)"
site_check haproxy "$tcp, \"backend\": \"bk_web\", \"servers\": [ \"s1\", \"s2\" ]"
same "only those that are asked for" "OK 2 of 2 servers up" "$(look)"
site_check haproxy "$tcp, \"backend\": \"bk_web\", \"servers\": [ \"s1\", \"s99\" ]"
same "one that is not there" "CRITICAL the server s99 is not in the backend bk_web" "$(look)"
site_check haproxy "$tcp, \"backend\": \"bk_none\""
has "no such backend" "CRITICAL " "$(look)"
site_check haproxy "$tcp, \"backend\": \"bk_pg\""
will_see "a backend without anybody" 10 "CRITICAL none of 3 servers is up: n1 DOWN*"

# --- what else may answer ---------------------------------------------------------------------------------------
site_check haproxy "\"host\": \"$HAPROXY_IP\", \"port\": $HAPROXY_WEB, \"backend\": \"bk_web\""
has "its web port is another protocol" "CRITICAL this is not HAProxy's runtime socket: HTTP/1" "$(look)"
site_check haproxy "\"socket\": \"$HAPROXY_SOCK.none\", \"backend\": \"bk_web\""
has "no socket" "CRITICAL there is no socket " "$(look)"
site_check haproxy "$tcp, \"backend\": \"bk_web;disable server bk_web/s1\""
"$TRUCBAN" probe --site "$TMP/site.json" >"$TMP/said" 2>&1
same "a name that is a command: the site is refused" 65 $?
has "in words" "refused name" "$(cat "$TMP/said")"
same "and nothing was done" UP "$(haproxy state s1)"
site_check haproxy "\"socket\": \"$HAPROXY_SOCK\", \"backend\": \"bk_web\""
haproxy freeze
same "a frozen one" "CRITICAL no answer within 2 s" "$(look)"
haproxy thaw
haproxy stop
has "a stopped one" "CRITICAL " "$(look)"
finish
