#!/bin/bash
# https.sh BUILD [COUNT] [ROUNDS]: what a look by HTTPS costs beside the plainest libcurl loop.
#
# CPU seconds per 1,000 looks; each a fresh connection, a full handshake and the certificate judged with
# the system's whole bundle of authorities (and the bench's own, which signed the server's).
. "$(dirname "$0")/lib.sh"
bench=$REPO/${1:?the build folder}/bench count=${2:-1000} rounds=${3:-5}
bundle=/etc/ssl/certs/ca-certificates.crt
for need in nginx openssl; do
    command -v $need >/dev/null || { echo "https: there is no $need"; exit 0; }
done
[ -r $bundle ] || { echo "https: there is no $bundle"; exit 0; }
"$REPO/tests/lab/cert.sh" "$TMP/tls" server:$NET.1 >/dev/null 2>&1 || exit 1
cat $bundle "$TMP/tls/ca.crt" >"$TMP/bundle.pem"
cat >"$TMP/nginx.conf" <<C
daemon off; master_process off; pid $TMP/nginx.pid; error_log $TMP/nginx.log;
events { worker_connections 512; }
http { access_log off; ssl_session_cache off; ssl_session_tickets off; keepalive_requests 1000000;
  $(for t in client_body proxy fastcgi uwsgi scgi; do echo "${t}_temp_path $TMP/tmp_$t;"; done)
  server { listen $NET.1:$((PORT + 1)) ssl; keepalive_timeout 60; ssl_certificate $TMP/tls/server.crt; ssl_certificate_key $TMP/tls/server.key;
    location / { return 200 '{"status":"UP"}'; } }
  server { listen $NET.1:$PORT ssl; keepalive_timeout 0; ssl_certificate $TMP/tls/server.crt; ssl_certificate_key $TMP/tls/server.key;
    location / { return 200 '{"status":"UP"}'; } } }
C
nginx -c "$TMP/nginx.conf" -p "$TMP" -e "$TMP/nginx.log" 2>/dev/null &
KIDS+=($!)
until_ok 5 curl -sf -o /dev/null --cacert "$TMP/bundle.pem" "https://$NET.1:$PORT/" || { cat "$TMP/nginx.log"; exit 1; }
# one HOW [PORT]
one() { "$bench/httpsbench" "$1" "https://$NET.1:${2:-$PORT}/" "$TMP/bundle.pem" "$count" | awk '{ printf "%.4f\n", $2 / $1 * 1000 }' >>"$TMP/$1"; }
median() { sort -n "$TMP/$1" | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'; }
for ((round = 0; round < rounds; round++)); do
    one bare
    one ours
    one kept $((PORT + 1))
done
row "HTTPS, fresh, system's authorities (bare loop)" "$(median ours)" "$(median bare)" "1.2 x"
row "HTTPS, kept connection" "$(median kept)" - 0.1
