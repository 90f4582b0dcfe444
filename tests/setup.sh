#!/bin/bash
# setup.sh run|test|lab|check|valgrind|fuzz: installs the Debian packages that are missing, and nothing else.
#
# One apt-get line, through sudo where the user is not root; never a recommended package, and no
# service of a package is started or left to start at boot.  If nothing is missing nothing is called.
# On a system without apt it names the packages, unless the headers and tools are there anyway.
set -u
build="gcc libc6-dev make libuv1-dev libcurl4-openssl-dev libc-ares-dev libsqlite3-dev libjansson-dev
       libpcre2-dev libncurses-dev libssl-dev libpq-dev libexpat1-dev libnotify-dev pkg-config gettext ncurses-base ca-certificates tzdata"
test="libcmocka-dev libvterm-dev nginx-light strace dbus procps iproute2 jq faketime"
check="clang clang-format binutils"
lab="postgresql-15 patroni etcd-server etcd-client haproxy kannel postfix sasl2-bin libsasl2-modules openssl curl
     prometheus prometheus-alertmanager prometheus-node-exporter dovecot-imapd
     python3 python3-jsonschema"

case ${1:-} in
run) want=$build headers="uv.h curl/curl.h ares.h sqlite3.h jansson.h ncurses.h openssl/evp.h postgresql/libpq-fe.h expat.h" tools="msgfmt pkg-config" ;;
test) want="$build $test" headers="uv.h curl/curl.h cmocka.h vterm.h" tools="msgfmt nginx strace jq faketime" ;;
lab) want="$build $test $lab" headers="uv.h curl/curl.h cmocka.h vterm.h" tools="msgfmt nginx jq python3 patroni etcd haproxy bearerbox postfix prometheus prometheus-alertmanager prometheus-node-exporter" ;;
check) want="$build $test $check" headers="uv.h curl/curl.h cmocka.h vterm.h" tools="msgfmt clang clang-format" ;;
valgrind) want="$build $test valgrind" headers="uv.h curl/curl.h cmocka.h" tools="msgfmt valgrind" ;;
fuzz) want="$build clang libclang-rt-14-dev" headers="uv.h curl/curl.h" tools="msgfmt clang" ;;
*) echo "usage: setup.sh run|test|lab|check|valgrind|fuzz" >&2; exit 64 ;;
esac
PATH=$PATH:/usr/sbin:/sbin

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    for h in $headers; do
        echo "#include <$h>" | ${CC:-cc} -E - >/dev/null 2>&1 || lacks="${lacks:-} $h"
    done
    for t in $tools; do command -v "$t" >/dev/null || lacks="${lacks:-} $t"; done
    [ -z "${lacks:-}" ] && exit 0
    echo "This is no Debian: please install the equivalents of these Debian 12 packages yourself:" >&2
    echo $want >&2
    echo "Not found:$lacks" >&2
    exit 1
fi

# Installed already?  (An nginx of another flavour will do.)
have=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' $want 2>/dev/null | sed -n 's/^ii *//p')
missing=
for p in $want; do
    [ "$p" = nginx-light ] && command -v nginx >/dev/null && continue
    grep -qx -- "$p" <<<"$have" || missing="$missing $p"
done
[ -z "$missing" ] && exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    as_root=sudo
    if ! command -v sudo >/dev/null; then
        echo "Missing packages, and no sudo here. As root, please run:" >&2
        echo "  apt-get install --no-install-recommends$missing" >&2
        exit 1
    fi
fi
echo "Installing:$missing"
$as_root env DEBIAN_FRONTEND=noninteractive MISSING="$missing" bash -eu -s <<'ROOT'
made=()
trap 'rm -f "${made[@]}"' EXIT
policy=/usr/sbin/policy-rc.d # no service is started while packages are installed
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    made+=("$policy")
fi
case " $MISSING " in
*" postgresql-15 "*) # no cluster of Debian's own on port 5432
    drop=/etc/postgresql-common/createcluster.d/trucban.conf
    mkdir -p "${drop%/*}"
    echo "create_main_cluster = false" >$drop
    made+=("$drop") ;;
esac
case " $MISSING " in
*" postfix "*) echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections ;;
esac
log=$(mktemp)
opts="-q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0"
apt-get update $opts >"$log" 2>&1 || { tail -n 3 "$log" >&2; }
apt-get install -y --no-install-recommends $opts $MISSING >"$log" 2>&1 </dev/null || {
    tail -n 20 "$log" >&2
    echo "apt-get install failed; the packages are:$MISSING" >&2
    exit 1
}
rm -f "$log"
# What was installed for us alone is run by hand: it must not start at boot either.
for p in $MISSING; do
    case $p in
    nginx-light) names=nginx ;;
    postgresql-15) names=postgresql ;;
    etcd-server) names=etcd ;;
    patroni | haproxy | kannel | postfix | prometheus | prometheus-alertmanager | prometheus-node-exporter) names=$p ;;
    sasl2-bin) names=saslauthd ;;
    dovecot-imapd) names=dovecot ;;
    *) continue ;;
    esac
    systemctl disable "$names" >/dev/null 2>&1 || update-rc.d "$names" disable >/dev/null 2>&1 || true
done
ROOT
