#!/bin/bash
# The http kind on a real nginx: client certificates, a bearer token, authorities, certificates that are wrong in one way.
. "$(dirname "$0")/lib.sh"
need mtls
up mtls
tls=$MTLS_TLS
own() { cp "$tls/$1" "$TMP/$1" && chmod "$2" "$TMP/$1"; } # own FILE MODE
for f in client client-expired stranger; do own $f.crt 644 && own $f.key 600; done
base="\"url\": \"https://$MTLS_IP:$MTLS_PORT/health\", \"ca_file\": \"$tls/ca.crt\""
ours() { echo "\"client_cert\": \"$TMP/$1.crt\", \"client_key\": \"$TMP/${2:-$1}.key\""; }

site_check http "$base, $(ours client), \"expect\": { \"json\": { \"/status\": \"UP\" } }"
has "with our certificate" "OK HTTP 200" "$(look)"
site_check http "$base"
same "without one" "CRITICAL HTTP 400: the server wants a client certificate" "$(look)"
site_check http "$base, $(ours stranger)"
same "with a stranger's" "CRITICAL HTTP 400: the server refuses our client certificate" "$(look)"
site_check http "$base, $(ours client-expired)"
same "with one that has expired" "CRITICAL HTTP 400: the server refuses our client certificate" "$(look)"
site_check http "$base, $(ours client stranger)"
same "with a key of another" "UNKNOWN cannot use the client certificate $TMP/client.crt with its key" "$(look)"
chmod 644 "$TMP/client.key"
site_check http "$base, $(ours client)"
"$TRUCBAN" probe --site "$TMP/site.json" >"$TMP/said" 2>&1
same "a key that others can read: the site is refused" 65 $?
has "in words" "others must have no right" "$(cat "$TMP/said")"
chmod 600 "$TMP/client.key"
site_check http "\"url\": \"http://$MTLS_IP:$MTLS_PORT/health\""
same "http where https is spoken" "CRITICAL HTTP 400: this port speaks https" "$(look)"

# --- whom we take it for ------------------------------------------------------------------------------------
at_port() { site_check http "\"url\": \"https://$MTLS_IP:$((HTTPS_PORT + $1))/health\", $2"; }
at_port 0 "\"ca_file\": \"$tls/ca.crt\""
has "an authority of ours" "OK HTTP 200" "$(look)"
at_port 0 "\"timeout\": \"3s\""
has "the system's do not know it" "CRITICAL certificate refused: " "$(look)"
i=0
for kind in expired selfsigned wrongname; do
    i=$((i + 1))
    at_port $i "\"ca_file\": \"$tls/ca.crt\""
    has "a certificate that is $kind" "CRITICAL certificate refused: " "$(look)"
done
at_port 1 "\"insecure\": true"
has "taken all the same where the site says so" "OK HTTP 200" "$(look)"
same "and marked" "!TLS" "$(fact tls)"

# --- a bearer token ---------------------------------------------------------------------------------------------
printf 'lab-token\n' >"$TMP/token" && chmod 600 "$TMP/token"
token="\"url\": \"https://$MTLS_IP:$HTTPS_PORT/token\", \"ca_file\": \"$tls/ca.crt\""
site_check http "$token"
same "without the token" "CRITICAL HTTP 401, expected 2xx" "$(look)"
site_check http "$token, \"token\": { \"file\": \"$TMP/token\" }"
has "with it" "OK HTTP 200" "$(look)"

# --- a kept connection -------------------------------------------------------------------------------------------
site_check http "$base, $(ours client), \"reuse\": true, \"interval\": \"200ms\""
engine_start
until_ok 10 eval '[ "$(at status --json | jq -r ".targets[0].checks[0].facts.connection")" = kept ]' &&
    ok "a kept connection, with our certificate" || fail "a kept connection" "$(at status --json | jq -c '.targets[0].checks[0]')"
mtls stop
until_ok 10 eval '[ "$(words_of t/c)" = "connection refused" ]' && ok "and one that is lost is told" || fail "lost" "$(words_of t/c)"
mtls start
until_ok 10 is_state t/c "OK hard" && ok "and is back" || fail "back" "$(words_of t/c)"
engine_stop
finish
