# shellcheck shell=bash
# lib.sh: a row of the table: what, ours, the peer's, their ratio, what is wanted.
. "$REPO/tests/e2e/lib.sh"
printf '%-46s %12s %12s %8s   %s\n' figure ours peer ratio "at least"
row() { # row WHAT OURS PEER WANTED
    local ratio=-
    [ "$3" != - ] && [ -n "$3" ] && ratio=$(awk -v a="$2" -v b="$3" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 0) }')
    printf '%-46s %12s %12s %8s   %s\n' "$1" "$2" "${3:--}" "$ratio" "$4"
}
# of OUTPUT NAME: the number behind NAME
of() { awk -v n="$2" '{ for (i = 1; i < NF; i++) if ($i == n) { print $(i + 1); exit } }' <<<"$1"; }
# site_http CHECKS INTERVAL: so many http checks over the fifty servers
site_http() {
    local per=$((($1 + 49) / 50)) i checks=
    for ((i = 1; i <= per; i++)); do
        checks="$checks${checks:+,} { \"id\": \"h$i\", \"probe\": \"http\", \"url\": \"http://\${address}:$PORT/health\", \"expect\": { \"status\": [200] } }"
    done
    cat >"$SITE" <<J
{ "\$schema": "trucban/site/1", "store": "sqlite:bench.db",
  "site": { "id": "bench", "name": { "vi": "Đo", "en": "Bench" }, "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "defaults": { "interval": "$2", "retry": "1s", "timeout": "2s", "attempts": 2 },
  "groups": [ { "id": "half-a", "name": "A" }, { "id": "half-b", "name": "B" } ],
  "targets": [ { "id": "s[1-25]", "kind": "server", "group": "half-a", "address": "$NET.[1-25]", "labels": { "role": "web" }, "checks": [ $checks ] },
               { "id": "s[26-50]", "kind": "server", "group": "half-b", "address": "$NET.[26-50]", "labels": { "role": "web" }, "checks": [ $checks ] } ] }
J
}
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
console="$TRUCBAN --socket $SOCK --lang en"
