# shellcheck shell=bash
# peer.sh: what the scripts of the lab's peers share: where each listens, and how a process is started, found and ended.
#
#   LAB_DIR   state folder; keep it short, since a Unix socket's path holds 107 bytes
#   LAB_NET   three bytes of 127.0.0.0/8; every peer has an address of its own in it (127.11.0)
#   LAB_PORT  the first of 50 ports (20000)
#
# Every process of a peer has its working folder inside LAB_DIR (PostgreSQL's and Postfix's own go into
# their data folders, which are there too): so all of them can be found, whoever started them and
# whatever became of their parents.  A started one is also noted as "PID STARTTIME" and only signalled
# while both still match.
set -u
: "${LAB_DIR:?a folder for the state of the lab}"
LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_NET=${LAB_NET:-127.11.0} LAB_PORT=${LAB_PORT:-20000}
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C.UTF-8 LAB_DIR LAB_NET LAB_PORT

# --- where they are ----------------------------------------------------------------------------------
PG_BIN=/usr/lib/postgresql/15/bin
PATRONI_NET=$LAB_NET.10 # node N: ${PATRONI_NET}N; its PostgreSQL and its REST port
PATRONI_REST=$((LAB_PORT + 1)) PATRONI_PG=$((LAB_PORT + 2))
ETCD_IP=$LAB_NET.100 ETCD_PORT=$((LAB_PORT + 3)) ETCD_PEER=$((LAB_PORT + 4))
PRIMARY_IP=$LAB_NET.111 STANDBY_IP=$LAB_NET.112 PAIR_PORT=$((LAB_PORT + 5))
PAIR_CA=$LAB_DIR/pgpair/tls/ca.crt
PUBLISHER_IP=$LAB_NET.113 SUBSCRIBER_IP=$LAB_NET.114 SUB_PORT=$((LAB_PORT + 15))
HAPROXY_IP=$LAB_NET.120 HAPROXY_WEB=$((LAB_PORT + 6)) HAPROXY_ADMIN=$((LAB_PORT + 7))
HAPROXY_USER=$((LAB_PORT + 8)) HAPROXY_PG=$((LAB_PORT + 9)) HAPROXY_SOCK=$LAB_DIR/haproxy/admin.sock
KANNEL_IP=$LAB_NET.130 KANNEL_ADMIN=$((LAB_PORT + 10)) KANNEL_SEND=$((LAB_PORT + 11))
KANNEL_BOX=$((LAB_PORT + 12)) KANNEL_SMPP=$((LAB_PORT + 13))
MTLS_IP=$LAB_NET.140 MTLS_PORT=$((LAB_PORT + 20)) HTTPS_PORT=$((LAB_PORT + 21)) MTLS_TLS=$LAB_DIR/mtls/tls
MAIL_IP=127.0.0.1 MAIL_PORT=$((LAB_PORT + 30)) MAIL_TLS_PORT=$((LAB_PORT + 31)) MAIL_SINK=$((LAB_PORT + 32))
NET_LAN=10.77.0 NET_PORT=8080 # of net.sh, in networks of its own
IMAP_IP=$LAB_NET.160 IMAP_PORT=$((LAB_PORT + 45)) IMAP_TLS_PORT=$((LAB_PORT + 46)) IMAP_CA=$LAB_DIR/dovecot/tls/ca.crt
ALERTS_IP=$LAB_NET.150 ALERTS_PORT=$((LAB_PORT + 40))
NODE_NET=$LAB_NET.16 NODE_PORT=$((LAB_PORT + 41)) # ${NODE_NET}1, ${NODE_NET}2
PROM_IP=$LAB_NET.170 PROM_PORT=$((LAB_PORT + 42))
MAIL_CA=$LAB_DIR/postfix/tls/ca.crt # Postfix listens only where an interface has the very address

# --- words and waiting -------------------------------------------------------------------------------
die() { echo "${0##*/}: $*" >&2; exit 1; }
usage() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; exit 64; }
# wait_for SECONDS COMMAND…
wait_for() {
    local end=$(($(date +%s%3N) + $1 * 1000))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s%3N)" -lt $end ] || return 1
        sleep 0.05
    done
}
listens() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; } # listens ADDRESS PORT
need_free() { ! listens "$1" "$2" || die "$1:$2 is taken"; }

# --- processes -----------------------------------------------------------------------------------------
# started_at PID: when the kernel says it started; nothing for one that is gone or a zombie
started_at() {
    local s
    s=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    read -ra s <<<"${s##*) }" # after "pid (name)", and a name may hold blanks
    [ "${s[0]}" != Z ] && echo "${s[19]}"
}

# as USER COMMAND…: by exec (runuser would stay as a parent and kill what it started 2 s after SIGTERM)
as() {
    local user=$1
    shift
    if [ "$(id -u)" = 0 ]; then
        set -- setpriv --reuid="$user" --regid="$(id -gn "$user")" --init-groups "$@"
    fi
    "$@"
}
own() { [ "$(id -u)" != 0 ] || chown -R "$1:" "${@:2}"; } # own USER PATH…

# part NAME: the folder of this peer, in $HERE
part() {
    HERE=$LAB_DIR/$1
    mkdir -p "$HERE/pid" "$HERE/log" || die "cannot make $HERE"
    chmod a+rx "$LAB_DIR" "$HERE" # the servers' own users come through here
}

# spawn NAME USER COMMAND…: in a session of its own, output to log/NAME.log
spawn() {
    local name=$1 user=$2 pid
    shift 2
    if [ "$(id -u)" = 0 ] && [ "$user" != root ]; then
        set -- setpriv --reuid="$user" --regid="$(id -gn "$user")" --init-groups "$@"
    fi
    (cd "$HERE" && exec setsid "$@" </dev/null >>"$HERE/log/$name.log" 2>&1) &
    pid=$!
    disown "$pid"
    echo "$pid $(started_at "$pid")" >"$HERE/pid/$name"
}
pid_of() { local p; read -r p _ <"$HERE/pid/$1" && echo "$p"; } 2>/dev/null
is_up() {
    local p s
    read -r p s 2>/dev/null <"$HERE/pid/$1" && [ -n "$s" ] && [ "$(started_at "$p")" = "$s" ]
}
is_down() { ! is_up "$1"; }
sig() { is_up "$1" && kill "-$2" "$(pid_of "$1")"; }
# stop NAME [SIGNAL]: and wait until it has ended
stop() {
    sig "$1" "${2:-TERM}" || return 0
    sig "$1" CONT
    wait_for 10 is_down "$1" || { sig "$1" KILL && wait_for 5 is_down "$1"; }
}
log_tail() { tail -n 3 "$HERE/log/$1.log" 2>/dev/null; }

# within FOLDER: the processes that live there, whether it still exists or not
within() { find /proc/[0-9]*/cwd -maxdepth 0 \( -lname "$1" -o -lname "$1/*" -o -lname "$1 (deleted)" \) -printf '%h\n' 2>/dev/null | sed 's,/proc/,,' | grep -vx "$$"; }
no_one() { local p; for p in $(within "$1"); do started_at "$p" >/dev/null && return 1; done; return 0; }
# sweep FOLDER: ends all that live there; PostgreSQL by SIGQUIT, since a killed one leaves shared memory
sweep() {
    local p all postmasters=()
    all=$(within "$1")
    for p in $all; do # first those that would start others again
        case $(cat "/proc/$p/comm" 2>/dev/null) in
        postgres) postmasters+=("$p") ;;
        *) kill -KILL "$p" ;;
        esac
    done 2>/dev/null
    for p in "${postmasters[@]+"${postmasters[@]}"}"; do kill -QUIT "$p" && kill -CONT "$p"; done 2>/dev/null
    wait_for 3 no_one "$1" || kill -KILL $(within "$1") 2>/dev/null
    wait_for 3 no_one "$1"
}
# drop: everything of this peer is gone
drop() { sweep "$HERE" && rm -rf "$HERE"; }
