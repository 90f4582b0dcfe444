#!/bin/bash
# farm.sh: FARM_N (50) real nginx servers, each its own process on its own loopback address.
#
#   farm.sh up              starts them: $FARM_NET.1 … $FARM_NET.50, port $FARM_PORT; state in $FARM_DIR
#   farm.sh fault N KIND    KIND: refused (not listening) | 502 | 503 (status DOWN) | body (no JSON)
#                           | wrong (status is not UP) | slow=SECONDS | hang | half (JSON cut short)
#                           | page=FILE (the bytes of FILE as body)
#   farm.sh heal N|all      as at the start
#   farm.sh kill N          SIGKILL
#   farm.sh down            ends them all
#
# GET /health answers {"status":"UP","node":"sN","load":…,"memory":…,"disk":…,"version":"1.4.2"},
# GET /version {"version":"1.4.2"}.  Runs as anybody; nothing of the system's nginx is touched.
set -u
N=${FARM_N:-50} NET=${FARM_NET:-127.10.0} PORT=${FARM_PORT:-18200}
DIR=${FARM_DIR:?FARM_DIR: the folder for the state of the farm}
PATH=$PATH:/usr/sbin:/sbin
ECHO=/usr/lib/nginx/modules/ngx_http_echo_module.so

die() { echo "farm.sh: $*" >&2; exit 1; }

health() { # health NODE STATUS
    echo "{\"status\":\"$2\",\"node\":\"s$1\",\"load\":0.$(($1 % 9 + 1)),\"memory\":$((30 + $1)),\"disk\":$((20 + $1 % 60)),\"version\":\"1.4.2\"}"
}

# place N: what its location says, by the fault that is noted for it
place() {
    local kind='' value
    [ -f "$DIR/$1.fault" ] && kind=$(cat "$DIR/$1.fault")
    value=${kind#*=}
    case ${kind%%=*} in
    '') echo "location = /health { default_type application/json; return 200 '$(health "$1" UP)'; }"
        echo "location = /version { default_type application/json; return 200 '{\"version\":\"1.4.2\"}'; }" ;;
    502) echo "location / { return 502; }" ;;
    503) echo "location / { default_type application/json; return 503 '$(health "$1" DOWN)'; }" ;;
    wrong) echo "location / { default_type application/json; return 200 '$(health "$1" DOWN)'; }" ;;
    body) echo "location / { default_type text/html; return 200 '<html>under construction</html>'; }" ;;
    half) echo "location / { default_type application/json; return 200 '{\"status\":\"UP\",\"load\":'; }" ;;
    page) cp "$value" "$DIR/$1.page"
        echo "location / { default_type application/octet-stream; root $DIR; try_files /$1.page =404; }" ;;
    slow) if [ -f $ECHO ]; then
            echo "location / { default_type application/json; echo_sleep $value; echo '$(health "$1" UP)'; }"
        else # the reply trickles instead of starting late
            echo "location / { default_type application/json; limit_rate $((160 / value)); return 200 '$(health "$1" UP)'; }"
        fi ;;
    hang) echo "location / { limit_rate 1; return 200 '$(health "$1" UP)'; }" ;;
    *) die "no fault is called '$kind'" ;;
    esac
}

start() { # start N
    [ -f "$DIR/$1.fault" ] && [ "$(cat "$DIR/$1.fault")" = refused ] && return
    {
        [ -f $ECHO ] && echo "load_module $ECHO;"
        echo "daemon off; master_process off; pid $DIR/$1.pid; error_log $DIR/$1.log warn;"
        echo "events { worker_connections 256; } http { access_log off; server_tokens off;"
        for p in client_body proxy fastcgi uwsgi scgi; do echo "${p}_temp_path $DIR/tmp_$p;"; done
        echo "server { listen $NET.$1:$PORT; server_name s$1; $(place "$1") } }"
    } >"$DIR/$1.conf"
    setsid nginx -c "$DIR/$1.conf" -p "$DIR" -e "$DIR/$1.log" </dev/null >>"$DIR/$1.log" 2>&1 &
}

answers() { (exec 3<>"/dev/tcp/$NET.$1/$PORT") 2>/dev/null; }

await() { # await N: until it listens
    local i
    [ -f "$DIR/$1.fault" ] && [ "$(cat "$DIR/$1.fault")" = refused ] && return
    for ((i = 0; i < 200; i++)); do
        answers "$1" && return
        sleep 0.02
    done
    die "server $1 does not listen on $NET.$1:$PORT: $(tail -n 2 "$DIR/$1.log")"
}

# stop N [SIGNAL]: only the process that is ours
stop() {
    local pid i
    pid=$(cat "$DIR/$1.pid" 2>/dev/null) || return 0
    grep -qa "$DIR/$1.conf" "/proc/$pid/cmdline" 2>/dev/null || return 0
    kill "-${2:-TERM}" "$pid" 2>/dev/null
    for ((i = 0; i < 250; i++)); do
        grep -qa "$DIR/$1.conf" "/proc/$pid/cmdline" 2>/dev/null || break
        [ $i = 100 ] && kill -KILL "$pid" 2>/dev/null # a hanging answer keeps it
        sleep 0.02
    done
    rm -f "$DIR/$1.pid"
}

case ${1:-} in
up)
    command -v nginx >/dev/null || die "nginx is not installed (package nginx-light)"
    mkdir -p "$DIR"
    answers 1 && die "$NET.1:$PORT is taken"
    for ((i = 1; i <= N; i++)); do start $i; done
    for ((i = 1; i <= N; i++)); do await $i; done
    ;;
down) for ((i = 1; i <= N; i++)); do stop $i KILL; done ;;
fault) echo "$3" >"$DIR/$2.fault"; stop "$2"; start "$2"; await "$2" ;;
heal)
    for ((i = 1; i <= N; i++)); do
        [ "$2" = all ] || [ "$2" = $i ] || continue
        [ -f "$DIR/$i.fault" ] || ! answers $i || continue
        rm -f "$DIR/$i.fault"; stop $i; start $i; await $i
    done
    ;;
kill) stop "$2" KILL ;;
*) awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; exit 64 ;;
esac
