#!/bin/bash
# Kinds replication and sync against a real pair: no two states look alike, what is not known is never zero,
# and a server that stands still after the login ends by our clock (PF14).
. "$(dirname "$0")/lib.sh"
need pgpair
up pgpair

secret() { printf '%s' "$1" >"$TMP/$1" && chmod 600 "$TMP/$1"; }
secret console
secret plain
login() { # login HOST ROLE
    printf '"host":"%s","port":%d,"database":"app","user":"%s","password":{"file":"%s"},"ca_file":"%s"' \
        "$1" $PAIR_PORT "$2" "$TMP/$2" "$PAIR_CA"
}
cat >"$SITE" <<J
{ "site": { "id": "pair" }, "defaults": { "timeout": "4s" },
  "targets": [ { "id": "db", "checks": [
    { "id": "both", "probe": "replication", $(login $STANDBY_IP console), "primary": { $(login $PRIMARY_IP console) },
      "silence": { "warning": "3s", "critical": "4s" }, "lag": { "warning": "2s", "critical": "600s" } },
    { "id": "alone", "probe": "replication", $(login $STANDBY_IP console) },
    { "id": "blind", "probe": "replication", $(login $STANDBY_IP plain) },
    { "id": "named", "probe": "replication", $(login $STANDBY_IP console), "primary": { $(login $PRIMARY_IP console) }, "name": "elsewhere" },
    { "id": "wrong", "probe": "replication", $(login $PRIMARY_IP console) },
    { "id": "list", "probe": "sync", "postgres": { $(login $PRIMARY_IP console) },
      "query": "SELECT job AS id, CASE state WHEN 'never' THEN 'none' ELSE 'done' END AS link, last_sync AS last_sync_at, CASE job WHEN 'ho-tich' THEN 'realtime' ELSE 'hourly' END AS mode, source AS owner, error AS blocker FROM (SELECT *, 'core' AS source FROM sync_status) AS s" } ] },
    { "id": "cu-tru", "checks": [ { "probe": "row", "from": "db/list" } ] },
    { "id": "ho-tich", "checks": [ { "probe": "row", "from": "db/list" } ] },
    { "id": "dat-dai", "checks": [ { "probe": "row", "from": "db/list" } ] },
    { "id": "ly-lich", "link": "none", "checks": [ { "probe": "row", "from": "db/list" } ] } ] }
J
look() { "$TRUCBAN_ENGINE" probe --site "$SITE" --json "db/$1" | jq -c '.results[0]'; }
rows() { "$TRUCBAN_ENGINE" probe --site "$SITE" --json '*/row' | jq -r '.results[] | select(.probe == "row") | .target + " " + .state'; }
# said CHECK: "STATE sentence"
said() { look "$1" | jq -r '.state + " " + .summary'; }
value() { look "$1" | jq -r "[.metrics[] | select(.name == \"$2\") | .value][0]"; }
fact() { look "$1" | jq -r ".facts.$2"; }
becomes() { # becomes WHAT CHECK "BEGINNING"
    until_ok 20 eval "[[ \"\$(said $2)\" = \"$3\"* ]]" && ok "$1" || fail "$1" "$(said "$2")"
}

# --- well: an idle pair is not behind, however old its last transaction is -----------------------------------
becomes "an idle pair is well" both "OK streaming; 0 B and 0 s behind"
becomes "the standby alone says so too" alone "OK streaming; 0 B and 0 s behind"
same "link" streaming "$(fact both link)"
same "replay" running "$(fact both replay)"
same "sender" streaming "$(fact both sender)"
same "timeline" 1 "$(fact both timeline)"

# --- rights and roles -----------------------------------------------------------------------------------------
same "a role without pg_monitor is told what to grant" \
    "UNKNOWN the role plain may not see pg_stat_wal_receiver: GRANT pg_monitor TO plain shows it" "$(said blind)"
same "and no lag is shown" null "$(value blind lag_bytes)"
same "another standby's name" "CRITICAL the primary sends nothing to this standby" "$(said named)"
same "a primary is no standby" "CRITICAL it is a primary, expected a standby" "$(said wrong)"

# --- a list by one statement, fed to checks of its rows --------------------------------------------------------------
same "one statement, four rows: in time, in time, late, not connected" \
    $'cu-tru OK\nho-tich OK\ndat-dai WARNING\nly-lich OK' "$(rows)"
same "the list itself" "OK connected: 3/4" "$(said list)"

# --- replay paused: bytes grow, the link is well ----------------------------------------------------------------
pgpair pause >/dev/null
pgpair sql primary "create table filler as select g, repeat('x', 500) from generate_series(1, 20000) g"
becomes "a paused replay is said, with what is behind" both "WARNING replay is paused; "
behind=$(value both lag_bytes)
exact=$(pgpair sql standby "select pg_wal_lsn_diff('$(pgpair sql primary "select pg_current_wal_lsn()")', pg_last_wal_replay_lsn())::bigint")
[ "${behind%.*}" -gt 5000000 ] && [ $((exact - ${behind%.*})) -le 16384 ] && [ $((${behind%.*} - exact)) -le 16384 ] &&
    ok "bytes behind are right within two pages" || fail "bytes behind are right within two pages" "$behind, exactly $exact"
same "replay is paused, and the link is not touched" "paused streaming" "$(fact both replay) $(fact both link)"
pgpair resume >/dev/null
becomes "and is well again" both "OK streaming"

# --- the receiver stands still: link and row are there, nothing comes ----------------------------------------------
pgpair cut
becomes "a receiver that stands still is not idle" both "CRITICAL "
has "in words" "for" "$(said both)"
pgpair uncut
becomes "it recovers" both "OK streaming"

# --- the primary is gone: all that was received is replayed, and that is no good news --------------------------------
pgpair kill primary
becomes "a standby without its primary is disconnected" both "CRITICAL disconnected from its primary"
same "no lag is made up" null "$(value both lag_bytes)"
becomes "the standby alone says so too" alone "CRITICAL disconnected from its primary"
same "and makes up none" "null null" "$(value alone lag_bytes) $(value alone lag_s)"

# --- two primaries ---------------------------------------------------------------------------------------------------
pgpair start primary
pgpair promote >/dev/null
becomes "two primaries are named" both "CRITICAL both are primaries"

# --- frozen after the login: a kept session's backend stands still, and our clock ends it (PF14) ----------------------------
cat >"$SITE" <<J
{ "site": { "id": "pair" }, "store": "sqlite:pair.db", "defaults": { "timeout": "2s", "interval": "1s", "retry": "1s", "attempts": 1, "ok_confirm": 1 },
  "targets": [ { "id": "db", "checks": [
    { "id": "one", "probe": "postgres", $(login $PRIMARY_IP console), "query": "SELECT count(*) AS jobs FROM sync_status" } ] } ] }
J
engine_start || give_up "the engine starts" ""
until_ok 10 is_state db/one "OK hard" && ok "the engine asks on a session of its own" || fail "the engine asks" "$(words_of db/one)"
backend() { pgpair sql primary "select pid from pg_stat_activity where application_name = 'trucban' and usename = 'console' limit 1"; }
pid=$(backend)
sleep 2
same "the session is kept from look to look" "$pid" "$(backend)"
kill -STOP "$pid"
t0=$(now_ms)
until_ok 10 is_state db/one "CRITICAL hard" && ok "a frozen backend is CRITICAL" || fail "a frozen backend is CRITICAL" "$(words_of db/one)"
took=$(($(now_ms) - t0))
[ $took -le 5000 ] && ok "within 5 s" || fail "within 5 s" "$took ms"
kill -CONT "$pid"
until_ok 10 is_state db/one "OK hard" && ok "a fresh session heals it" || fail "a fresh session heals it" "$(words_of db/one)"
engine_stop
finish
