#!/bin/bash
# kannel.sh: Kannel (bearerbox and smsbox) with two SMPP links, VIETTEL and MOBI, whose far ends are ours (smppd.c).
#
#   kannel.sh up | down
#   kannel.sh link NAME up|down          the far end of a link
#   kannel.sh link NAME ok|mute|throttle|nobind     how it answers: takes messages, never answers to one,
#                                        says "too many", refuses the next bind
#   kannel.sh link NAME slow|faildlr|nodlr          takes messages; their receipt comes 2.5 s later, says that
#                                        they were not delivered, never comes
#   kannel.sh send NAME TO TEXT          one message over that link; prints Kannel's answer
#   kannel.sh texts NAME                 what the far end got: "submit TO CODING HEX", a line a message
#   kannel.sh status                     status.xml
#   kannel.sh start|stop|freeze|thaw bearerbox|smsbox
#
# http://$KANNEL_IP:$KANNEL_ADMIN/status.xml?password=stat (admin: adm); sendsms on $KANNEL_SEND.
. "$(dirname "$0")/peer.sh"
part kannel
U=kannel
SMPPD=${BUILD:?the folder of what was built, for smppd}/tests/smppd

port() { case $1 in VIETTEL) echo $KANNEL_SMPP ;; MOBI) echo $((KANNEL_SMPP + 1)) ;; *) die "no link '$1'" ;; esac; }

config() {
    local name
    cat <<C
group = core
admin-port = $KANNEL_ADMIN
admin-interface = $KANNEL_IP
admin-password = adm
status-password = stat
smsbox-port = $KANNEL_BOX
smsbox-interface = $KANNEL_IP
box-allow-ip = "127.*.*.*"
admin-allow-ip = "127.*.*.*"
store-type = spool
store-location = "$HERE/spool"
dlr-storage = internal
sms-resend-freq = 5

C
    for name in VIETTEL MOBI; do
        cat <<C
group = smsc
smsc = smpp
smsc-id = $name
allowed-smsc-id = "$name"
host = $KANNEL_IP
port = $(port $name)
transceiver-mode = 1
smsc-username = lab
smsc-password = lab
system-type = ""
reconnect-delay = 1
enquire-link-interval = 5
wait-ack = 5
wait-ack-expire = 1

C
    done
    cat <<C
group = smsbox
bearerbox-host = $KANNEL_IP
bearerbox-port = $KANNEL_BOX
sendsms-port = $KANNEL_SEND
sendsms-interface = $KANNEL_IP
global-sender = LAB

group = sendsms-user
username = lab
password = lab

group = sms-service
keyword = default
text = "ok"
max-messages = 0
C
}

box() { # box bearerbox|smsbox
    spawn "$1" $U "$1" -v 1 "$HERE/kannel.conf"
    case $1 in
    bearerbox) wait_for 10 listens $KANNEL_IP $KANNEL_ADMIN && wait_for 10 listens $KANNEL_IP $KANNEL_BOX ;;
    smsbox) wait_for 10 listens $KANNEL_IP $KANNEL_SEND ;;
    esac || die "$1 does not listen: $(log_tail "$1")"
}
far_end() { # far_end NAME
    [ -f "$HERE/$1.mode" ] || echo ok >"$HERE/$1.mode"
    spawn "$1" nobody "$SMPPD" $KANNEL_IP "$(port "$1")" "$HERE/$1.mode"
    wait_for 5 listens $KANNEL_IP "$(port "$1")" || die "smppd does not listen: $(log_tail "$1")"
}
status() { curl -s -m 5 "http://$KANNEL_IP:$KANNEL_ADMIN/status.xml?password=stat"; }
online() { [ "$(status | grep -c '<status>online')" = 2 ]; }

case ${1:-} in
up)
    command -v bearerbox >/dev/null || die "kannel is not installed"
    need_free $KANNEL_IP $KANNEL_ADMIN
    mkdir -p "$HERE/spool/"{0..9}
    config >"$HERE/kannel.conf"
    own $U "$HERE/spool"
    far_end VIETTEL
    far_end MOBI
    box bearerbox
    box smsbox
    wait_for 15 online || die "the links are not online: $(log_tail bearerbox)"
    ;;
down) drop ;;
link)
    case ${3:-} in
    up) far_end "$2" ;;
    down) stop "$2" KILL ;;
    ok | mute | throttle | nobind | slow | faildlr | nodlr) echo "$3" >"$HERE/$2.mode" ;;
    *) usage ;;
    esac
    ;;
send) curl -s -m 10 -G "http://$KANNEL_IP:$KANNEL_SEND/cgi-bin/sendsms" -d username=lab -d password=lab -d smsc="$2" \
    --data-urlencode "to=$3" --data-urlencode "text=$4" -d charset=UTF-8 ;;
texts) grep "^submit " "$HERE/log/$2.log" ;;
status) status ;;
start) box "$2" ;;
stop) stop "$2" ;;
freeze) sig "$2" STOP ;;
thaw) sig "$2" CONT ;;
*) usage ;;
esac
