#!/bin/bash
# Flows of a whole engine against the drill's case system: what works, what says no by HTTP 200, what cannot be taken back,
# what hangs, what is not there; whose fault it is stands on the screen; no secret is anywhere.
. "$(dirname "$0")/lib.sh"
SECRET="khong-ai-doc-$$"
mkdir -m 700 "$TMP/secrets" && (umask 077 && echo "$SECRET" >"$TMP/secrets/pw")
step() { echo "{ \"id\": \"$1\", \"url\": \"http://\${address}:$PORT/api/$2\", \"body\": \"$3\", \"success\": { \"/error_code\": \"0\" }, \"message\": \"/message\" $4 }"; }
AUTH='"headers": { "Authorization": "Bearer ${token}" }'
flow() { # flow ID ADDRESS
    cat <<J
{ "id": "$1", "kind": "flow", "address": "$2", "env": "production", "labels": { "flow": "tiepnhan" },
  "checks": [ { "id": "flow", "probe": "flow", "effect": "cleaned", "priority": "P2", "attempts": 1,
    "secrets": [ { "name": "pw", "value": { "file": "$TMP/secrets/pw" } } ],
    "steps": [
      $(step login login '{\"taiKhoan\":\"tb\",\"matKhau\":\"${secret.pw}\"}' ', "take": { "token": "/access_token" }'),
      $(step send DongBoHoSoMC '{\"maGiaoDich\":\"${run.key}\",\"thoiGian\":\"${now}\"}' ", $AUTH, \"take\": { \"code\": \"/maHoSo\" }"),
      $(step find TraCuuHoSo '{\"maHoSo\":\"${code}\"}' ", $AUTH"),
      $(step undo HuyHoSo '{\"maHoSo\":\"${code}\"}' ", $AUTH, \"cleans\": \"send\", \"leaves\": \"dossier \${code}\"") ] } ] }
J
}
cat >"$SITE" <<J
{ "\$schema": "trucban/site/1",
  "site": { "id": "flows", "name": "Flows", "language": "en", "timezone": "Asia/Ho_Chi_Minh" },
  "store": "sqlite:flows.db", "defaults": { "interval": "500ms", "retry": "200ms", "timeout": "2s" },
  "targets": [ $(flow good "$NET.1"), $(flow says-no "$NET.2"), $(flow stays "$NET.3"), $(flow hangs "$NET.4"), $(flow dead "$NET.5") ] }
J
cat >"$TMP/faults" <<'F'
0s 9000s says-no degraded
0s 9000s stays lost
0s 9000s hangs hang
0s 9000s dead refuse
F
check "the site is well" trucban site check "$SITE"
"$TRUCBAN_ENGINE" sim --site "$SITE" --scenario "$TMP/faults" --port "$PORT" >"$TMP/sim.out" 2>&1 &
KIDS+=($!)
until_ok 10 grep -q port "$TMP/sim.out" || give_up "the case system answers" "$(cat "$TMP/sim.out")"
engine_start || give_up "the engine starts"
fact() { at status --json | jq -r --arg c "$1/flow" --arg f "$2" '.targets[].checks[] | select(.check == $c) | .facts[$f] // "-"'; }

check "one works" until_ok 10 is_state good/flow "OK hard"
has "and says so" "4 steps succeeded, the slowest" "$(words_of good/flow)"
check "error_code decides" until_ok 10 is_state says-no/flow "CRITICAL hard"
has "which step, what was sent, what came, what to do" \
    "step send, POST /api/DongBoHoSoMC: error_code is 21: chưa nhận được hồ sơ. Give the partner this answer and the key TRUCBAN-" "$(words_of says-no/flow)"
same "whose fault it is" "outside 21 send" "$(fact says-no blame) $(fact says-no error_code) $(fact says-no step)"
check "what is not taken back is a warning" until_ok 10 is_state stays/flow "WARNING hard"
has "that says what was left" "Left behind: dossier G01-" "$(words_of stays/flow)"
check "what hangs ends within the timeout" until_ok 10 is_state hangs/flow "CRITICAL hard"
has "with time left to clean up" "no answer within 1500 ms" "$(words_of hangs/flow)"
check "what is not there" until_ok 10 is_state dead/flow "CRITICAL hard"
has "is the way there, or the partner's" "connection refused. Look at the way there, then tell the partner." "$(words_of dead/flow)"
pty "the screen Integration says whose fault it is, in Vietnamese" <<P
size 160x36
spawn $TRUCBAN --socket $SOCK --lang vi
wait "Flows" 10
key 3
wait "bên ngoài" 5
wait "bước send" 5
key q
expect-exit 0 5
P
engine_stop
at journal --json >/dev/null 2>&1
same "the secret is nowhere" "" "$(grep -rl -- "$SECRET" "$STATE" "$TMP/engine.log" "$TMP/engine.out" 2>/dev/null)"
finish
