#!/bin/bash
# dovecot.sh: Dovecot's IMAP: TLS from the first byte on $IMAP_TLS_PORT, STARTTLS on $IMAP_PORT; one mailbox of 512 KiB.
#
#   dovecot.sh up | down
#   dovecot.sh mails            prints how many are in the mailbox
#   dovecot.sh put HEADER       puts a mail of somebody else's there, with that header
#   dovecot.sh fill             puts mails there until it is over its quota
#   dovecot.sh empty            takes all of them away
#   dovecot.sh stop | start | freeze | thaw
#
# User proof, password lab.  Postfix (postfix.sh) delivers what goes to proof@box.lab.  It needs root: it changes users.
. "$(dirname "$0")/peer.sh"
part dovecot
BOX=$HERE/mail/proof

conf() {
    cat <<C
base_dir = $HERE/run
state_dir = $HERE/state
log_path = $HERE/log/dovecot.log
info_log_path = $HERE/log/info.log
protocols = imap
listen = $IMAP_IP
instance_name = lab
ssl = yes
ssl_cert = <$HERE/tls/imap.crt
ssl_key = <$HERE/tls/imap.key
ssl_min_protocol = TLSv1.2
auth_mechanisms = plain login
disable_plaintext_auth = yes
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:~/
passdb {
  driver = passwd-file
  args = scheme=plain username_format=%u $HERE/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$HERE/mail/%u
}
mail_plugins = quota
protocol imap {
  mail_plugins = quota imap_quota
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=512K
}
namespace inbox {
  inbox = yes
}
service imap-login {
  inet_listener imap {
    port = $IMAP_PORT
  }
  inet_listener imaps {
    port = $IMAP_TLS_PORT
    ssl = yes
  }
}
C
}
start() {
    spawn dovecot root dovecot -F -c "$HERE/dovecot.conf"
    wait_for 15 listens $IMAP_IP $IMAP_TLS_PORT || die "it does not listen: $(log_tail dovecot)"
}
put() { # put NAME HEADER BYTES
    { printf 'From: somebody@example.test\nSubject: not yours\n%s\n\n' "$2" && head -c "$3" /dev/zero | tr '\0' x | fold -w 70; } >"$BOX/new/$1"
    chown nobody:nogroup "$BOX/new/$1"
}
mails() { find "$BOX/new" "$BOX/cur" -type f 2>/dev/null; }

case ${1:-} in
up)
    command -v dovecot >/dev/null && [ -e /usr/lib/dovecot/imap ] || die "dovecot-imapd is not installed"
    [ "$(id -u)" = 0 ] || die "Dovecot needs root"
    need_free $IMAP_IP $IMAP_TLS_PORT
    "$LAB/cert.sh" "$HERE/tls" "imap:$IMAP_IP,localhost,imap.lab" || die "no certificate"
    mkdir -p "$BOX/new" "$BOX/cur" "$BOX/tmp" "$HERE/run" "$HERE/state"
    chown -R nobody:nogroup "$HERE/mail"
    echo "proof:{PLAIN}lab" >"$HERE/users"
    conf >"$HERE/dovecot.conf"
    start
    ;;
down) drop ;;
mails) mails | wc -l ;;
put) put "$(date +%s%N).other" "$2" 100 ;;
fill) for i in 1 2 3; do put "$(date +%s%N).$i" "X-Big: $i" 250000; done ;;
empty) mails | xargs -r rm -f ;;
stop) stop dovecot ;;
start) start ;;
freeze) kill -STOP $(within "$HERE/run") ;;
thaw) kill -CONT $(within "$HERE/run") ;;
*) usage ;;
esac
