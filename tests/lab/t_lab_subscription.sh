#!/bin/bash
# Kinds subscription and slots against a real publisher and subscriber, kind commits against a real pair: healthy, slow,
# wrong and dead look different; what a dead subscriber leaves behind is seen before the disk is full; a commit that
# hangs on its standby is told although every server answers (PF14).
. "$(dirname "$0")/lib.sh"
need pgsub pgpair
up pgsub pgpair

for role in console plain; do printf '%s' $role >"$TMP/$role" && chmod 600 "$TMP/$role"; done
login() { # login HOST PORT ROLE [TLS]
    printf '"host":"%s","port":%d,"database":"app","user":"%s","password":{"file":"%s"},%s' "$1" "$2" "$3" "$TMP/$3" \
        "${4:-"\"sslmode\":\"disable\""}"
}
cat >"$SITE" <<J
{ "site": { "id": "subs" }, "store": "sqlite:subs.db",
  "defaults": { "timeout": "3s", "interval": "1s", "retry": "1s", "attempts": 1, "ok_confirm": 1 },
  "targets": [
    { "id": "subscriber", "checks": [
      { "id": "all", "probe": "subscription", $(login $SUBSCRIBER_IP $SUB_PORT console), "lag": { "warning": "2s", "critical": "10m" },
        "silence": { "warning": "5s", "critical": "8s" } },
      { "id": "plain", "probe": "subscription", $(login $SUBSCRIBER_IP $SUB_PORT plain), "subscriptions": ["sub_customers"] },
      { "id": "wanted", "probe": "subscription", $(login $SUBSCRIBER_IP $SUB_PORT plain), "subscriptions": ["sub_nowhere"] } ] },
    { "id": "publisher", "checks": [
      { "id": "slots", "probe": "slots", $(login $PUBLISHER_IP $SUB_PORT console), "held": { "warning": "8MiB", "critical": "40MiB" } },
      { "id": "wanted", "probe": "slots", $(login $PUBLISHER_IP $SUB_PORT plain), "slots": ["sub_sms", "cdc"] },
      { "id": "alone", "probe": "commits", $(login $PUBLISHER_IP $SUB_PORT console) } ] },
    { "id": "sub_orders", "checks": [ { "probe": "row", "from": "subscriber/all" }, { "id": "slot", "probe": "row", "from": "publisher/slots" } ] },
    { "id": "sub_sms", "checks": [ { "probe": "row", "from": "subscriber/all" } ] },
    { "id": "primary", "checks": [
      { "id": "commits", "probe": "commits", $(login $PRIMARY_IP $PAIR_PORT console "\"ca_file\":\"$PAIR_CA\""), "wait": { "warning": "1s", "critical": "3s" } },
      { "id": "blind", "probe": "commits", $(login $PRIMARY_IP $PAIR_PORT plain "\"ca_file\":\"$PAIR_CA\"") },
      { "id": "slots", "probe": "slots", $(login $PRIMARY_IP $PAIR_PORT plain "\"ca_file\":\"$PAIR_CA\"") } ] },
    { "id": "standby", "checks": [ { "id": "commits", "probe": "commits", $(login $STANDBY_IP $PAIR_PORT console "\"ca_file\":\"$PAIR_CA\"") } ] } ] }
J
engine_start || give_up "the engine starts" ""
said() { at status --json | jq -r --arg c "$1" '.targets[].checks[] | select(.check == $c) | .state + " " + .summary'; }
becomes() { # becomes WHAT CHECK PATTERN [SECONDS]
    # shellcheck disable=SC2053
    until_ok "${4:-20}" eval "[[ \"\$(said $2)\" == $3 ]]" && ok "$1" || fail "$1" "$(said "$2")"
}
value() { at status --json | jq -r --arg c "$1" --arg m "$2" '[.targets[].checks[] | select(.check == $c) | .metrics[] | select(.name == $m) | .value][0]'; }

# --- well, and with no more rights than a login ---------------------------------------------------------------
becomes "three subscriptions are well" subscriber/all 'OK\ 3\ subscriptions*'
becomes "one as a row" sub_orders/row 'OK\ subscription\ sub_orders\ receives\ and\ applies*'
becomes "a role without pg_monitor sees as much" subscriber/plain 'OK\ 1\ subscriptions*'
becomes "one that is not there" subscriber/wanted 'CRITICAL\ this\ database\ has\ no\ subscription\ sub_nowhere'
becomes "its slots are read" publisher/slots 'OK\ 3\ slots*'
becomes "and a slot that is not there" publisher/wanted 'CRITICAL\ the\ server\ has\ no\ slot\ cdc*'
becomes "nobody asked for a synchronous standby" publisher/alone 'OK\ no\ synchronous\ standby*'

# --- the statement for older servers is one that a server takes, and sees the same ----------------------------------
for version in 130000 140000 150000 160000; do
    same "the statement for $version" "sub_customers|sub_customers|t|t|1|0" "$(PGPASSWORD=plain psql -XAt -h $SUBSCRIBER_IP -p $SUB_PORT -U plain -d app \
        -c "select name, slot, is_enabled, has_worker, tables, waiting from ($("$BUILD/tests/pgtext" $version)) as x where name = 'sub_customers'" 2>&1)"
done

# --- slow: each row takes half a second -----------------------------------------------------------------------------
pgsub slow
pgsub change sms 40
becomes "a slow apply is behind, not broken" sub_sms/row 'WARNING\ subscription\ sub_sms\ *'
same "and the others are not" OK "$(said sub_orders/row | cut -d' ' -f1)"
pgsub quick
becomes "it catches up" sub_sms/row 'OK\ *' 40

# --- wrong: a row that is there already -------------------------------------------------------------------------------
pgsub conflict
becomes "a conflict stands still, by its errors" sub_orders/row 'CRITICAL\ subscription\ sub_orders\ stands\ still:\ its\ worker\ ends\ by\ an\ error*'
errors=$(value sub_orders/row apply_errors)
[ "${errors%.*}" -ge 1 ] && ok "which are counted" || fail "which are counted" "$errors"
becomes "its slot has no reader" sub_orders/slot 'WARNING\ slot\ sub_orders\ has\ no\ reader\ and\ holds\ *without\ a\ limit*'
same "what a row tells is not told twice" OK "$(said subscriber/all | cut -d' ' -f1)"
pgsub unconflict
becomes "mended, it goes on" sub_orders/row 'OK\ *'

# --- switched off: somebody's will ---------------------------------------------------------------------------------------
pgsub off sub_customers
becomes "one that is switched off, by the look itself" subscriber/all 'WARNING\ subscription\ sub_customers\ is\ switched\ off*'
becomes "and its slot, too" publisher/slots 'WARNING\ slot\ sub_customers\ has\ no\ reader*'
pgsub on sub_customers
becomes "on again" subscriber/all 'OK\ 3\ subscriptions*'

# --- a first copy that fails --------------------------------------------------------------------------------------------------
pgsub sql publisher "create table extra (id bigint primary key); insert into extra values (1); alter publication pub_customers add table extra"
pgsub sql subscriber "create table extra (id bigint primary key); insert into extra values (1)"
pgsub sql subscriber "alter subscription sub_customers refresh publication"
becomes "a first copy that fails is said, with the table" subscriber/all 'CRITICAL\ subscription\ sub_customers:\ the\ first\ copy\ of\ a\ table\ fails*extra\ d'
pgsub sql subscriber "truncate extra"
becomes "mended, all tables are in step" subscriber/all 'OK\ 3\ subscriptions*'

# --- dead: the subscriber is gone, its slots hold WAL --------------------------------------------------------------------------
pgsub kill subscriber
becomes "a subscriber that is gone" subscriber/all 'CRITICAL\ connection\ refused'
pgsub fill 20
becomes "its slot holds WAL without a limit" sub_orders/slot 'WARNING\ slot\ sub_orders\ has\ no\ reader\ and\ holds\ *MiB\ of\ WAL\ without*'
held=$(value sub_orders/slot held_bytes)
exact=$(pgsub sql publisher "select pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint from pg_replication_slots where slot_name = 'sub_orders'")
[ $((exact - ${held%.*})) -le 65536 ] && [ $((${held%.*} - exact)) -le 65536 ] && ok "as much as the server itself says" ||
    fail "as much as the server itself says" "$held, exactly $exact"
pgsub fill 24
becomes "more of it is critical" sub_orders/slot 'CRITICAL\ slot\ sub_orders\ has\ no\ reader*'
pgsub keep 200MB
becomes "with a limit the way to it is told" sub_orders/slot '*MiB\ more\ and\ it\ is\ lost'
pgsub keep 16MB
pgsub sql publisher "select pg_switch_wal(); checkpoint" >/dev/null
becomes "a slot past its limit is lost" sub_orders/slot 'CRITICAL\ slot\ sub_orders\ is\ lost*'
pgsub start subscriber >/dev/null
becomes "and so is its subscription" sub_orders/row 'CRITICAL\ subscription\ sub_orders\ *'

# --- a synchronous standby that stands still hangs commits ------------------------------------------------------------------------
becomes "the pair: nobody is waited for" primary/commits 'OK\ no\ synchronous\ standby*'
becomes "a role that may not see who waits is told so" primary/blind 'UNKNOWN\ the\ role\ plain\ may\ not\ see\ pg_stat_activity*'
becomes "a standby has no commits" standby/commits 'OK\ it\ is\ a\ standby*'
becomes "the pair's slot is read" primary/slots 'OK\ 1\ slots*'
pgpair sql primary "alter system set synchronous_standby_names = 'FIRST 1 (standby)'" postgres
pgpair sql primary "select pg_reload_conf()" postgres >/dev/null
becomes "the standby is waited for" primary/commits 'OK\ 1\ of\ 1\ synchronous\ standbys\ are\ there*'
pgpair cut
pgpair sql primary "create table hangs (id int)" >/dev/null 2>&1 &
hanging=$!
becomes "a standby that stands still hangs a commit" primary/commits 'CRITICAL\ commits\ hang*1\ sessions\ wait*'
becomes "and once its link has gone, none is there" primary/commits 'CRITICAL\ commits\ hang:\ 0\ of\ 1\ synchronous\ standbys*'
kill -0 $hanging && ok "the commit hangs indeed" || fail "the commit hangs indeed" ""
pgpair uncut
becomes "it comes back" primary/commits 'OK\ 1\ of\ 1*'
wait $hanging && ok "and the commit is made" || fail "and the commit is made" "$?"
pgpair stop standby
becomes "without it the next commit hangs" primary/commits 'CRITICAL\ the\ next\ commit\ hangs:\ 0\ of\ 1*'
becomes "its slot has lost its reader" primary/slots 'WARNING\ slot\ standby\ has\ no\ reader*'
pgpair start standby >/dev/null
becomes "all is well again" primary/commits 'OK\ 1\ of\ 1*'
engine_stop
finish
