#!/bin/bash
# make install: everything in its place, nothing outside DESTDIR, and it works from there.
. "$(dirname "$0")/lib.sh"
root=$TMP/root
make -C "$REPO" -s --no-print-directory install B="${BUILD#"$REPO"/}" VARIANT="${BUILD##*/}" DESTDIR="$root" PREFIX=/usr/local \
    >"$TMP/out" 2>&1 || give_up "make install" "$(cat "$TMP/out")"
ok "make install"
[ ! -s "$TMP/out" ] || ok "says little"
for f in bin/trucban libexec/trucban/trucban-engine libexec/trucban/trucban-notify share/trucban/themes/dark.theme share/locale/vi/LC_MESSAGES/trucban.mo \
    share/trucban/sites/drill/site.json share/doc/trucban/protocol.md lib/systemd/system/trucban@.service; do
    [ -s "$root/usr/local/$f" ] && ok "$f" || fail "$f" "$(cd "$root" && find . -type f | head -40)"
done
find "$root" -type f ! -path "$root/usr/local/*" | grep -q . && fail "nothing elsewhere" || ok "nothing elsewhere"
find "$root" -perm /022 ! -type l | grep -q . && fail "nothing is writable by others" || ok "nothing is writable by others"
[[ $("$root/usr/local/bin/trucban" --version) == trucban\ * ]] && ok "it runs" || fail "it runs"
TRUCBAN=$root/usr/local/bin/trucban
site_passive 2
check "it finds its engine beside itself" trucban site check "$SITE"
timeout 40 "$TRUCBAN" drill --state "$STATE" </dev/null >"$TMP/drill" 2>&1
same "its drill finds its site" 0 $?

# --- the unit, as far as systemd's own tools can look at it without a running systemd ------------------
if command -v systemd-analyze >/dev/null; then
    mkdir "$TMP/unit"
    sed "s,=/usr/local/,=$root/usr/local/," "$root/usr/local/lib/systemd/system/trucban@.service" >"$TMP/unit/trucban@x.service"
    same "systemd has nothing against the unit" "" "$(systemd-analyze verify --man=no "$TMP/unit/trucban@x.service" 2>&1)"
    level=$(systemd-analyze security --offline=true "$TMP/unit/trucban@x.service" 2>/dev/null | sed -n 's/.*exposure level[^:]*: \([0-9.]*\) .*/\1/p')
    awk -v l="$level" 'BEGIN { exit !(l > 0 && l <= 1.5) }' && ok "its exposure is at most 1.5" || fail "its exposure is at most 1.5" "$level"
else
    skip "unit: there is no systemd-analyze"
fi
finish
