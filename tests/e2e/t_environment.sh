#!/bin/bash
# An environment that would lead our libraries elsewhere (faults.md HI12) has no effect on what the engine does.
. "$(dirname "$0")/lib.sh"
FARM_N=2 "$FARM" up >/dev/null || give_up "two servers come up"
coproc TLSD { exec "$BUILD/tests/tlsd" "$TMP/ca.pem"; }
tlsd=$TLSD_PID
KIDS+=("$tlsd")
while read -r -u "${TLSD[0]}" name port && [ -n "$name" ]; do [ "$name" = good ] && good=$port; done
[ -n "${good:-}" ] || give_up "a TLS server comes up"
cat >"$TMP/show" <<'P'
#!/bin/sh
echo "variables: $(env | grep -vE '^(PWD|SHLVL|_|OLDPWD)=' | sort | tr '\n' ' ')"
P
chmod 755 "$TMP/show"
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "env", "name": "Env", "language": "en", "timezone": "Asia/Ho_Chi_Minh" }, "store": "sqlite:env.db",
  "defaults": { "interval": "1s", "retry": "200ms", "timeout": "2s", "attempts": 2, "ok_confirm": 1 },
  "targets": [ { "id": "s1", "kind": "server", "address": "$NET.1", "checks": [
      { "id": "http", "probe": "http", "url": "http://\${address}:$PORT/health", "user": "desk", "password": { "env": "DESK_SECRET" } },
      { "id": "cert", "probe": "tls", "port": $good, "host": "127.0.0.1", "ca_file": "$TMP/ca.pem" },
      { "id": "plugin", "probe": "exec", "command": [ "$TMP/show" ] } ] } ] }
J
mkdir "$TMP/odd"
printf 'machine %s.1 login thief password thief\n' "$NET" >"$TMP/odd/.netrc"
printf 'proxy = http://127.0.0.1:1\n' >"$TMP/odd/.curlrc"
printf 'openssl_conf = evil\n[evil]\nproviders = none\n[none]\ndefault = off\n[off]\nactivate = 0\n' >"$TMP/openssl.cnf"
evil=(http_proxy=http://127.0.0.1:1 HTTPS_PROXY=http://127.0.0.1:1 all_proxy=socks5://127.0.0.1:1 SSLKEYLOGFILE="$TMP/keys.log"
    CURL_CA_BUNDLE=/dev/null SSL_CERT_FILE=/dev/null SSL_CERT_DIR=/nonexistent OPENSSL_CONF="$TMP/openssl.cnf" NETRC="$TMP/odd/.netrc"
    CURL_HOME="$TMP/odd" HOME="$TMP/odd" PGSERVICEFILE=/dev/null PGHOST=127.0.0.1 RES_OPTIONS=ndots:9 HOSTALIASES=/dev/null
    TERMINFO="$TMP/odd" BASH_ENV="$TMP/show" IFS=: DESK_SECRET=word)
trucban_engine=$TRUCBAN_ENGINE
plain() { TRUCBAN_ENGINE=$trucban_engine; DESK_SECRET=word engine_start; }
under_evil() {
    printf '#!/bin/sh\nexec env %s "%s" "$@"\n' "$(printf "'%s' " "${evil[@]}")" "$trucban_engine" >"$TMP/engine.sh"
    chmod 755 "$TMP/engine.sh"
    TRUCBAN_ENGINE=$TMP/engine.sh
    engine_start
}
picture() { at status --json | jq -r '.targets[].checks[] | .check + " " + .state + " " + (.summary | gsub("[0-9.]+ ms"; "- ms"))'; }
settled() { ! picture | grep -qE ' (PENDING|UNKNOWN) ' && [ "$(picture | grep -c ' OK ')" = 3 ]; }
export DESK_SECRET=word
plain || give_up "the engine starts"
until_ok 10 settled || give_up "all is well in a plain environment" "$(picture)"
wanted=$(picture)
engine_stop || fail "the engine stops"
rm -rf "$STATE"
under_evil || give_up "the engine starts in an evil environment" "$(cat "$TMP/engine.log")"
until_ok 10 settled
same "HI12: the same picture in an environment that leads elsewhere" "$wanted" "$(picture)"
same "HI12: no keys of TLS sessions are written" none "$(cat "$TMP/keys.log" 2>/dev/null || echo none)"
has "HI12: a plugin sees a list of our own" "variables: " "$(words_of s1/plugin)"
[[ $(words_of s1/plugin) =~ (proxy|PROXY|SSL|CURL|PG|SECRET|BASH_ENV|TERMINFO|odd) ]] && fail "HI12: and nothing else" "$(words_of s1/plugin)" || ok "HI12: and nothing else"
pty "HI12: a console whose TERMINFO is empty still has a terminal" <<P
size 90x28
spawn env TERMINFO=$TMP/odd TERM=xterm-256color $TRUCBAN --socket $SOCK --lang en
wait "s1" 10
key q
expect-exit any 2
expect-restored
P
engine_stop || fail "the engine stops"
finish
