#!/bin/bash
# mtls.sh: nginx with mutual TLS and with certificates that are wrong in one way each, on loopback.
#
#   mtls.sh up | down
#   mtls.sh stop | start | freeze | thaw
#
# $MTLS_IP:$MTLS_PORT wants a client certificate; :$HTTPS_PORT wants none, and the four ports after it show a
# certificate that is expired, selfsigned, wrongname (for another host), soon (ends in 7 days).
# In $MTLS_TLS: ca.crt, client.{crt,key}, client-expired.*, stranger.* (of another CA).
# GET /health {"status":"UP"}; GET /token 401 without "Authorization: Bearer lab-token".
. "$(dirname "$0")/peer.sh"
part mtls

server() { # server PORT CERTIFICATE [MORE]
    cat <<C
  server { listen $MTLS_IP:$1 ssl; ssl_certificate $HERE/tls/$2.crt; ssl_certificate_key $HERE/tls/$2.key; ${3:-}
    default_type application/json;
    location = /health { return 200 '{"status":"UP","client":"\$ssl_client_s_dn"}'; }
    location = /token { if (\$http_authorization != "Bearer lab-token") { return 401 '{"error":"invalid_token"}'; }
      return 200 '{"status":"UP"}'; }
    location / { return 404; } }
C
}
config() {
    local i=0 name
    echo "daemon off; worker_processes 1; pid $HERE/nginx.pid; error_log $HERE/log/error.log warn;"
    [ "$(id -u)" != 0 ] || echo "user www-data;"
    echo "events { worker_connections 256; } http { access_log off; server_tokens off; ssl_protocols TLSv1.2 TLSv1.3;"
    for name in client_body proxy fastcgi uwsgi scgi; do echo "  ${name}_temp_path $HERE/tmp_$name;"; done
    server $MTLS_PORT good "ssl_client_certificate $HERE/tls/ca.crt; ssl_verify_client on;"
    for name in good expired selfsigned wrongname soon; do
        server $((HTTPS_PORT + i)) $name
        i=$((i + 1))
    done
    echo "}"
}
start() {
    spawn nginx root nginx -c "$HERE/nginx.conf" -p "$HERE" -e "$HERE/log/error.log"
    wait_for 10 listens $MTLS_IP $MTLS_PORT || die "nginx does not listen: $(log_tail error)"
}

case ${1:-} in
up)
    command -v nginx >/dev/null || die "nginx-light is not installed"
    need_free $MTLS_IP $MTLS_PORT
    "$LAB/cert.sh" "$HERE/tls" "good:$MTLS_IP,localhost" "expired:$MTLS_IP=-1" "selfsigned:$MTLS_IP=self" \
        wrongname:other.lab "soon:$MTLS_IP=7" client client-expired=-1 || die "no certificates"
    "$LAB/cert.sh" "$HERE/other" stranger && cp "$HERE/other/stranger."* "$HERE/tls/" || die "no certificates"
    config >"$HERE/nginx.conf"
    start
    ;;
down) drop ;;
stop) stop nginx ;;
start) start ;;
freeze) kill -STOP $(within "$HERE") ;;
thaw) kill -CONT $(within "$HERE") ;;
*) usage ;;
esac
