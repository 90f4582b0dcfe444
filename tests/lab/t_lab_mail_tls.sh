#!/bin/bash
# The kinds smtp and tls on real ones: Postfix with STARTTLS and logins, nginx with certificates that are wrong in one way each.
. "$(dirname "$0")/lib.sh"
need postfix mtls
up postfix mtls
umask 077
echo lab >"$TMP/password"
echo wrong >"$TMP/wrong"
umask 022

# --- Postfix ------------------------------------------------------------------------------------------
mail="\"host\": \"$MAIL_IP\", \"ca_file\": \"$MAIL_CA\""
login="\"user\": \"lab@mail.lab\", \"password\": { \"file\": \"$TMP/password\" }"
site_check smtp "$mail, \"port\": $MAIL_PORT, $login"
will_see "STARTTLS and a login" 15 "OK logged in over TLS*"
[ "$(metric greeting_ms)" != none ] && ok "each answer is timed" || fail "each answer is timed" "$(cat "$TMP/look.json")"
site_check smtp "$mail, \"port\": $MAIL_PORT"
will_see "without an account nobody logs in" 5 "OK answers over TLS*"
site_check smtp "$mail, \"port\": $MAIL_TLS_PORT, \"starttls\": \"implicit\", $login"
will_see "TLS from the first byte" 5 "OK logged in over TLS*"
site_check smtp "$mail, \"port\": $MAIL_PORT, \"user\": \"lab@mail.lab\", \"password\": { \"file\": \"$TMP/wrong\" }"
will_see "a wrong password, in Postfix's words" 10 "CRITICAL login refused: 535 5.7.8*"
site_check smtp "\"host\": \"$MAIL_IP\", \"ca_file\": \"$MTLS_TLS/ca.crt\", \"port\": $MAIL_PORT, $login"
will_see "an authority that is not ours: no login" 5 "CRITICAL certificate's issuer is not known*"
site_check smtp "\"host\": \"$MAIL_IP\", \"server_name\": \"other.example\", \"ca_file\": \"$MAIL_CA\", \"port\": $MAIL_PORT, $login"
will_see "a certificate for another name" 5 "CRITICAL certificate is for *"
site_check smtp "$mail, \"port\": $MAIL_SINK"
will_see "a server without STARTTLS: what is required stays required" 5 "CRITICAL STARTTLS is required, and not offered"
site_check smtp "\"host\": \"$MTLS_IP\", \"port\": $HTTPS_PORT"
has "a web server is no mail server" "CRITICAL " "$(look)"
site_check smtp "$mail, \"port\": $MAIL_PORT"
postfix freeze
t0=$(now_ms)
has "a frozen one" "CRITICAL no " "$(look)"
[ $(($(now_ms) - t0)) -lt 4000 ] && ok "within the limit" || fail "within the limit" "$(($(now_ms) - t0)) ms"
postfix thaw
will_see "thawed, it answers" 15 "OK answers over TLS*"
postfix stop
will_see "a stopped one" 10 "CRITICAL *refused*"

# --- nginx ---------------------------------------------------------------------------------------------
tls="\"host\": \"$MTLS_IP\", \"ca_file\": \"$MTLS_TLS/ca.crt\""
site_check tls "$tls, \"port\": $HTTPS_PORT"
will_see "a good certificate" 5 "OK TLSv1.3, certificate good for 36[45] days"
site_check tls "\"host\": \"$MTLS_IP\", \"port\": $HTTPS_PORT"
will_see "an unknown authority, and its days all the same" 5 "CRITICAL certificate's issuer is not known*; 36[45] days left"
site_check tls "$tls, \"port\": $((HTTPS_PORT + 1))"
will_see "an expired one" 5 "CRITICAL certificate expired *"
site_check tls "$tls, \"port\": $((HTTPS_PORT + 2))"
will_see "a self-signed one" 5 "CRITICAL self-signed certificate; * days left"
site_check tls "$tls, \"port\": $((HTTPS_PORT + 3))"
will_see "one for another host" 5 "CRITICAL certificate is for other.lab*"
site_check tls "$tls, \"port\": $((HTTPS_PORT + 4))"
will_see "one that ends in a week" 5 "CRITICAL *"
same "by its days" "7" "$(metric days_left | cut -d. -f1 | sed 's/^6$/7/')"
site_check tls "\"host\": \"$MAIL_IP\", \"port\": $MAIL_SINK"
has "no TLS at all" "CRITICAL " "$(look)"
site_check tls "$tls, \"port\": $HTTPS_PORT"
mtls freeze
has "a frozen server" "CRITICAL " "$(look)"
mtls thaw
mtls stop
has "a stopped server" "refused" "$(look)"
finish
