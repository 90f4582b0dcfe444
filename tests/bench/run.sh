#!/bin/bash
# run.sh [PART…]: figures of this tree beside those of other programs, measured in one run.
# Parts: rules probes answer console memory postgres metrics (all without).  Peers that are not installed are left out.
# Speeds are read as ratios: the machine is whatever it is.
set -u
cd "$(dirname "$0")/../.." || exit 1
REPO=$PWD BUILD=$PWD/build/release
export REPO BUILD TRUCBAN=$BUILD/trucban TRUCBAN_ENGINE=$BUILD/trucban-engine
export BENCH=$REPO/build/bench/bench PTYRUN=$REPO/build/bench/tests/ptyrun LC_ALL=C.UTF-8 TZ=Asia/Ho_Chi_Minh
unset TRUCBAN_SITE TRUCBAN_SOCKET TRUCBAN_STATE XDG_STATE_HOME XDG_CONFIG_HOME NO_COLOR TMUX
[ $# -gt 0 ] || set -- rules probes answer console memory postgres metrics
for part; do
    [ -x "tests/bench/$part.sh" ] || { echo "no part is called '$part'" >&2; exit 64; }
    TMP=$(mktemp -d /tmp/tb.XXXXXX)
    mkdir -m 700 "$TMP/run" "$TMP/home"
    echo "== $part"
    TMP=$TMP HOME=$TMP/home XDG_RUNTIME_DIR=$TMP/run "tests/bench/$part.sh" build/bench
    rm -rf "$TMP"
done
