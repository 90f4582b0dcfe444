#!/bin/bash
# warden.sh PID FOLDER: waits until PID is gone, then ends everything that lives in FOLDER (peer.sh, sweep).
#
# Every test of the lab has one: also after a SIGKILL of the test no server is left behind.
LAB_DIR=$2
. "$(dirname "$0")/peer.sh"
cd / || exit 1
born=$(started_at "$1")
while [ "$(started_at "$1")" = "$born" ]; do sleep 0.5; done
sweep "$2"
