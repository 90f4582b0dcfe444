# shellcheck shell=bash
# lib.sh: what the tests of the lab share: all of tests/e2e/lib.sh, and real peers.  Source it first.
#
#   need patroni haproxy …     skips the test where a peer's program is missing
#   up patroni pgpair …        brings peers up, all at once; gives up where one does not come
#   patroni VERB, pgpair VERB, haproxy VERB, kannel VERB, postfix VERB, dovecot VERB, mtls VERB     their scripts
#
# Where each listens: peer.sh.  All of it ends with the test, however the test ends.
. "${REPO:?}/tests/e2e/lib.sh"
export LAB_DIR=$TMP/lab LAB_NET=$NET LAB_PORT=$((20000 + $$ % 120 * 100))
mkdir -p "$LAB_DIR"
. "$REPO/tests/lab/peer.sh"
setsid "$LAB/warden.sh" $$ "$TMP" </dev/null >/dev/null 2>&1 &
disown $!
lab_end() {
    cleanup
    sweep "$LAB_DIR"
}
trap lab_end EXIT
trap 'exit 1' TERM INT HUP

patroni() { "$LAB/patroni.sh" "$@"; }
pgpair() { "$LAB/pgpair.sh" "$@"; }
pgsub() { "$LAB/pgsub.sh" "$@"; }
haproxy() { "$LAB/haproxy.sh" "$@"; }
kannel() { "$LAB/kannel.sh" "$@"; }
dovecot() { "$LAB/dovecot.sh" "$@"; }
postfix() { "$LAB/postfix.sh" "$@"; }
alertmanager() { "$LAB/alertmanager.sh" "$@"; }
node() { "$LAB/node.sh" "$@"; }
prometheus() { "$LAB/prometheus.sh" "$@"; }
mtls() { "$LAB/mtls.sh" "$@"; }
net() { "$LAB/net.sh" "$@"; }
farm() { "$FARM" "$@"; }

need() { # need PEER…
    local peer prog
    for peer; do
        case $peer in
        patroni) prog="patroni etcd psql curl" ;;
        pgpair | pgsub) prog="$PG_BIN/postgres psql" ;;
        haproxy) prog=haproxy ;;
        kannel) prog="bearerbox curl" ;;
        alertmanager) prog="prometheus-alertmanager curl jq" ;;
        node) prog="prometheus-node-exporter curl" ;;
        prometheus) prog="prometheus curl" ;;
        postfix) prog="postfix saslpasswd2"
            [ "$(id -u)" = 0 ] || { echo "Postfix needs root"; exit 77; } ;;
        dovecot) prog="dovecot doveadm"
            [ "$(id -u)" = 0 ] || { echo "Dovecot needs root"; exit 77; } ;;
        mtls | farm) prog=nginx ;;
        net) prog="nginx ip nsenter unshare"
            [ "$(id -u)" = 0 ] || { echo "networks of one's own need root"; exit 77; } ;;
        root) prog=true
            [ "$(id -u)" = 0 ] || { echo "this needs root"; exit 77; } ;;
        *) prog=$peer ;;
        esac
        for prog in $prog; do
            type -P "$prog" >/dev/null || { echo "$peer: there is no $prog (tests/setup.sh lab installs it)"; exit 77; }
        done
    done
}
up() { # up PEER…
    local peer pids=() bad=
    for peer; do
        "$peer" up >"$TMP/$peer.up" 2>&1 &
        pids+=($!)
    done
    for peer; do
        wait "${pids[0]}" || bad="$bad $peer: $(tail -n 3 "$TMP/$peer.up")"
        pids=("${pids[@]:1}")
    done
    [ -z "$bad" ] || give_up "peers come up" "$bad"
}

# --- one check, looked at now ----------------------------------------------------------------------------
# site_check KIND KEYS: a site whose only check is t/c
site_check() {
    cat >"$TMP/site.json" <<J
{ "\$schema": "trucban/site/1", "site": { "id": "lab", "name": "Lab", "timezone": "Asia/Ho_Chi_Minh" },
  "defaults": { "timeout": "${LOOK_TIMEOUT:-2s}" },
  "targets": [ { "id": "t", "kind": "other", "address": "127.0.0.1", "checks": [ { "id": "c", "probe": "$1", $2 } ] } ] }
J
}
# look: one look; prints "STATE sentence".  What it saw besides: fact KEY, metric NAME
look() {
    "$TRUCBAN" probe --site "$TMP/site.json" --lang en --json >"$TMP/look.json" 2>"$TMP/look.err" ||
        [ -s "$TMP/look.json" ] || cat "$TMP/look.err"
    jq -r '.results[0] | .state + " " + .summary' "$TMP/look.json"
}
fact() { jq -r --arg k "$1" '.results[0].facts[$k] // "none"' "$TMP/look.json"; }
metric() { jq -r --arg k "$1" '[.results[0].metrics[] | select(.name == $k) | .value][0] // "none"' "$TMP/look.json"; }
# sees SECONDS PATTERN: looks until it says so; what it said last is in $SEEN
sees() {
    local end=$(($(now_ms) + $1 * 1000))
    while SEEN=$(look); do
        # shellcheck disable=SC2053
        [[ $SEEN == $2 ]] && return 0
        [ "$(now_ms)" -lt $end ] || return 1
        sleep 0.1
    done
}
will_see() { # will_see WHAT SECONDS PATTERN
    if sees "$2" "$3"; then ok "$1"; else fail "$1" "expected: $3" "got:      $SEEN"; fi
}
