#!/bin/bash
# setup.sh run|test|check|valgrind|fuzz: installs the Debian packages that are missing, and nothing else.
#
# One apt-get line, through sudo where the user is not root; never a recommended package, and no
# service of a package is started or left to start at boot.  If nothing is missing nothing is called.
# On a system without apt it names the packages, unless the headers and tools are there anyway.
set -u
build="gcc libc6-dev make libuv1-dev libcurl4-openssl-dev libc-ares-dev libsqlite3-dev libjansson-dev
       libpcre2-dev libncurses-dev libssl-dev libpq-dev libexpat1-dev gettext ncurses-base ca-certificates tzdata"
test="libcmocka-dev libvterm-dev nginx-light strace procps jq"
check="clang clang-format binutils"

case ${1:-} in
run) want=$build headers="uv.h curl/curl.h ares.h sqlite3.h jansson.h ncurses.h openssl/evp.h postgresql/libpq-fe.h expat.h" tools="msgfmt" ;;
test) want="$build $test" headers="uv.h curl/curl.h cmocka.h vterm.h" tools="msgfmt nginx strace jq" ;;
check) want="$build $test $check" headers="uv.h curl/curl.h cmocka.h vterm.h" tools="msgfmt clang clang-format" ;;
valgrind) want="$build $test valgrind" headers="uv.h curl/curl.h cmocka.h" tools="msgfmt valgrind" ;;
fuzz) want="$build clang libclang-rt-14-dev" headers="uv.h curl/curl.h" tools="msgfmt clang" ;;
*) echo "usage: setup.sh run|test|check|valgrind|fuzz" >&2; exit 64 ;;
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
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
fi
log=$(mktemp)
opts="-q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0"
apt-get update $opts >"$log" 2>&1 || { tail -n 3 "$log" >&2; }
apt-get install -y --no-install-recommends $opts $MISSING >"$log" 2>&1 </dev/null || {
    tail -n 20 "$log" >&2
    echo "apt-get install failed; the packages are:$MISSING" >&2
    exit 1
}
rm -f "$log"
case " $MISSING " in
*" nginx-light "*) # ours alone, run by hand: it must not start at boot either
    systemctl disable nginx >/dev/null 2>&1 || update-rc.d nginx disable >/dev/null 2>&1 || true ;;
esac
ROOT
