# shellcheck shell=bash
# lib.sh: what the tests of the lab share: all of tests/e2e/lib.sh, and real peers.  Source it first.
#
#   need patroni haproxy …     skips the test where a peer's program is missing
#   up patroni pgpair …        brings peers up, all at once; gives up where one does not come
#   patroni VERB, pgpair VERB, haproxy VERB, kannel VERB, postfix VERB, mtls VERB     their scripts
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
haproxy() { "$LAB/haproxy.sh" "$@"; }
kannel() { "$LAB/kannel.sh" "$@"; }
postfix() { "$LAB/postfix.sh" "$@"; }
mtls() { "$LAB/mtls.sh" "$@"; }
farm() { "$FARM" "$@"; }

need() { # need PEER…
    local peer prog
    for peer; do
        case $peer in
        patroni) prog="patroni etcd psql curl" ;;
        pgpair) prog="$PG_BIN/postgres psql" ;;
        haproxy) prog=haproxy ;;
        kannel) prog="bearerbox curl" ;;
        postfix) prog="postfix saslpasswd2"
            [ "$(id -u)" = 0 ] || { echo "Postfix needs root"; exit 77; } ;;
        mtls | farm) prog=nginx ;;
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
