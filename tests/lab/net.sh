#!/bin/bash
# net.sh: fifty servers behind a cable that can be cut, lossy and slow, host by host; needs root.
#
#   net.sh up                in a network of one's own (unshare --net): $NET_LAN.1 … .50 answer GET /health on port $NET_PORT; we are .254
#   net.sh far COMMAND…      runs COMMAND on the servers' side
#   net.sh cut N|all         the cable is out, ARP fails too: first silence, then "No route to host"
#   net.sh oneway N|all      requests arrive, answers are lost
#   net.sh loss N|all PERCENT  of the packets that go there
#   net.sh delay N|all MS    each way
#   net.sh heal N|all
#   net.sh down
#
# No interface of the machine is touched: three networks (console, cable, servers), made for this and gone with it.
. "$(dirname "$0")/peer.sh"
part net
export FARM_DIR=$HERE/farm FARM_NET=$NET_LAN FARM_PORT=$NET_PORT
RELAY=${BUILD:?}/tests/netrelay

in_net() { nsenter --target "$1" --net "${@:2}"; }
is_apart() { [ "$(readlink "/proc/$(pid_of "$1")/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
# hold NAME COMMAND…: in a network of its own, until it is stopped
hold() {
    spawn "$1" root unshare --net "${@:2}"
    wait_for 5 is_apart "$1" || die "no network of our own can be made here"
}
address() { if [ "$1" = all ]; then echo '*'; else echo "$NET_LAN.$1"; fi; }
order() { echo "$1 $(address "$2") ${3:-}" >"$HERE/orders"; }

case ${1:-} in
up)
    mkfifo "$HERE/orders"
    hold far sleep infinity
    hold relay "$RELAY" near-r far-r "$HERE/orders"
    ip link set lo up
    in_net "$(pid_of far)" ip link set lo up
    ip link add near type veth peer name near-r || die "there are no veth interfaces here"
    ip link add far type veth peer name far-r
    ip link set near-r netns "$(pid_of relay)"
    ip link set far-r netns "$(pid_of relay)"
    ip link set far netns "$(pid_of far)"
    in_net "$(pid_of relay)" ip link set near-r up
    in_net "$(pid_of relay)" ip link set far-r up
    "$RELAY" plain near
    in_net "$(pid_of far)" "$RELAY" plain far
    ip addr add $NET_LAN.254/24 dev near
    ip link set near up
    in_net "$(pid_of far)" bash -c "for i in {1..50}; do echo addr add $NET_LAN.\$i/24 dev far; done | ip -b - && ip link set far up"
    in_net "$(pid_of far)" "$LAB/farm.sh" up >/dev/null || die "the servers do not come up"
    wait_for 5 grep -q ready "$HERE/log/relay.log" || die "the cable does not come up: $(cat "$HERE/log/relay.log")"
    wait_for 10 listens $NET_LAN.50 $NET_PORT || die "nothing is heard of the servers" ;;
far)
    shift
    in_net "$(pid_of far)" "$@" ;;
cut | oneway | heal) order "$1" "$2" ;;
loss | delay) order "$1" "$2" "$3" ;;
down)
    "$LAB/farm.sh" down
    drop ;;
*) usage ;;
esac
