#!/bin/bash
# postfix.sh: Postfix on loopback: STARTTLS and AUTH on $MAIL_PORT, TLS from the first byte on $MAIL_TLS_PORT; mail goes to
# a sink, but for proof@box.lab: that into Dovecot's mailbox (dovecot.sh).  It needs root, and listens on 127.0.0.1, since it
# wants an address that an interface really has.
#
#   postfix.sh up | down
#   postfix.sh sink start|stop     without it mail stays in the queue
#   postfix.sh mails               prints the mails that the sink got
#   postfix.sh send N              queues N mails
#   postfix.sh queue               prints the queue as postqueue -j does
#   postfix.sh hold | release      nothing is delivered meanwhile
#   postfix.sh queued              prints how many are in the queue
#   postfix.sh stop | start | freeze | thaw
#
# User lab@mail.lab, password lab.  CA: $MAIL_CA; the certificate is for 127.0.0.1, localhost, mail.lab.
. "$(dirname "$0")/peer.sh"
part postfix
SBIN=/usr/lib/postfix/sbin
CONF=$HERE/conf

main_cf() {
    cat <<C
compatibility_level = 3.6
queue_directory = $HERE/spool
data_directory = $HERE/data
daemon_directory = $SBIN
mail_owner = postfix
setgid_group = postdrop
multi_instance_name = postfix-lab
maillog_file = $HERE/log/mail.log
maillog_file_prefixes = $HERE
inet_interfaces = $MAIL_IP
inet_protocols = ipv4
myhostname = mail.lab
mydestination =
local_recipient_maps =
virtual_mailbox_domains = box.lab
virtual_mailbox_maps = inline:{ { proof@box.lab = proof/ } }
virtual_mailbox_base = $LAB_DIR/dovecot/mail
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
virtual_minimum_uid = 1
virtual_alias_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
relayhost = [$MAIL_IP]:$MAIL_SINK
disable_dns_lookups = yes
smtp_host_lookup = native
minimal_backoff_time = 5s
maximal_backoff_time = 10s
queue_run_delay = 5s
smtpd_tls_security_level = may
smtpd_tls_cert_file = $HERE/tls/mail.crt
smtpd_tls_key_file = $HERE/tls/mail.key
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_local_domain = mail.lab
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject
C
}
master_cf() {
    echo "$MAIL_IP:$MAIL_PORT inet n - n - - smtpd"
    echo "$MAIL_IP:$MAIL_TLS_PORT inet n - n - - smtpd -o smtpd_tls_wrappermode=yes"
    cat <<C
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
virtual unix - n n - - virtual
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
C
}
sink() { mkdir -p "$HERE/mail" && own nobody "$HERE/mail" && spawn sink nobody smtp-sink -c -d "$HERE/mail/m." $MAIL_IP:$MAIL_SINK 100; wait_for 5 listens $MAIL_IP $MAIL_SINK || die "no sink: $(log_tail sink)"; }
qmgr() { local p; for p in $(within "$HERE/spool"); do [ "$(cat "/proc/$p/comm")" = qmgr ] && echo "$p"; done; }
start() {
    spawn master root $SBIN/master -c "$CONF" -d
    wait_for 15 listens $MAIL_IP $MAIL_TLS_PORT || die "it does not listen: $(log_tail master) $(tail -n 2 "$HERE/log/mail.log")"
}

case ${1:-} in
up)
    command -v postfix >/dev/null && command -v saslpasswd2 >/dev/null || die "postfix or sasl2-bin is not installed"
    [ "$(id -u)" = 0 ] || die "Postfix needs root"
    need_free $MAIL_IP $MAIL_PORT
    mkdir -p "$CONF/sasl" "$HERE/spool" "$HERE/data"
    "$LAB/cert.sh" "$HERE/tls" "mail:$MAIL_IP,localhost,mail.lab" || die "no certificate"
    main_cf >"$CONF/main.cf"
    master_cf >"$CONF/master.cf"
    # Debian's Postfix reads what SASL needs only from this folder.
    printf '%s\n' "pwcheck_method: auxprop" "auxprop_plugin: sasldb" "sasldb_path: $CONF/sasl/sasldb2" \
        "mech_list: PLAIN LOGIN" >"$CONF/sasl/smtpd.conf"
    echo lab | saslpasswd2 -p -c -u mail.lab -f "$CONF/sasl/sasldb2" lab || die "saslpasswd2"
    chown -R postfix "$CONF/sasl" "$HERE/data"
    postfix -c "$CONF" check >"$HERE/log/check.log" 2>&1 || die "postfix check: $(log_tail check)"
    sink
    start
    ;;
down) drop ;;
sink) case $2 in start) sink ;; stop) stop sink KILL ;; *) usage ;; esac ;;
send)
    for ((i = 0; i < ${2:-1}; i++)); do
        printf 'Subject: lab %s\nFrom: ops@mail.lab\n\nXin chào\n' $i | sendmail -C "$CONF" -f ops@mail.lab "khach$i@example.test"
    done
    ;;
mails) cat "$HERE/mail/"m.* ;;
queue) postqueue -c "$CONF" -j ;;
hold) kill -STOP "$(qmgr)" ;;
release) kill -CONT "$(qmgr)" ;;
queued) postqueue -c "$CONF" -j | wc -l ;;
stop) stop master ;;
start) start ;;
freeze) kill -STOP $(within "$HERE/spool") ;;
thaw) kill -CONT $(within "$HERE/spool") ;;
*) usage ;;
esac
