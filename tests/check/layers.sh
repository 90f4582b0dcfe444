#!/bin/bash
# layers.sh: who may include whom, and which file alone may include a library.
# Prints each include that breaks the table of "The house"; exit 1 if there is one.
set -u
cd "$(dirname "$0")/../.." || exit 1

# What is taken from each file: "FILE LINE HEADER".
includes() {
    git ls-files -co --exclude-standard -- 'core/*.[ch]' 'engine/*.[ch]' 'probes/*.[ch]' 'widgets/*.[ch]' 'tui/*.[ch]' |
        xargs awk '/^[ \t]*#[ \t]*include/ {
            h = $0; sub(/^[^<"]*[<"]/, "", h); sub(/[>"].*/, "", h); print FILENAME, FNR, h }'
}

includes | awk '
function folder(path) { return path ~ /\// ? substr(path, 1, index(path, "/") - 1) : "" }
function bad(why) { printf "%s:%s: includes %s: %s\n", $1, $2, $3, why; n++ }
BEGIN {
    # folder -> folders it may include
    may["core"] = " core "; may["engine"] = " core engine "; may["probes"] = " core probes "
    may["widgets"] = " widgets "; may["tui"] = " core widgets tui "
    # folder -> single headers beyond these
    split("probe.h loop.h net.h http.h child.h resolve.h jval.h pgconn.h tls.h talk.h smtp.h smtp_words.h imap.h mail_find.h mail_send.h http_access.h query.h ping.h patroni.h patroni_look.h haproxy.h proofs.h", door)
    for (i in door) also["probes engine/" door[i]] = 1
    split("text.h buf.h mem.h state.h when.h", text)
    for (i in text) also["widgets core/" text[i]] = 1
    also["tui engine/link.h"] = 1
    split("tui/main.c engine/main.c", wires)
    for (i in wires) wire[wires[i]] = 1
    # library -> the one file that may know it
    only["jansson.h"] = "^engine/jval\\.c$"
    only["uv.h"] = "^engine/loop\\.c$"
    only["curl/"] = "^engine/http(\\.c|_easy\\.c|_private\\.h)$"
    only["ares.h"] = "^engine/(lane|resolve|query)\\.[ch]$"
    only["sqlite3.h"] = "^engine/(db|store_sqlite)\\.c$"
    only["pcre2.h"] = "^probes/regex\\.c$"
    only["openssl/"] = "^engine/(hash|tls)\\.c$"
    only["postgresql/"] = "^engine/pgconn\\.c$"
    only["expat.h"] = "^probes/xml\\.c$"
    only["ncurses"] = "^tui/term_ncurses\\.c$"
    only["curses.h"] = only["ncurses"]; only["term.h"] = only["ncurses"]; only["ncursesw/"] = only["ncurses"]
    only["libnotify/"] = "^tui/notify_main\\.c$"
    only["libintl.h"] = "^tui/lang\\.c$"
    # core decides: no file, socket, clock or thread
    split("unistd.h fcntl.h poll.h time.h pthread.h signal.h threads.h sys/ netinet/ arpa/ dirent.h", no)
    but["core/mem.c unistd.h"] = 1 # last words when memory is gone
    but["core/when.c time.h"] = 1  # calendars, not the clock
    but["core/day.c time.h"] = 1
}
{
    from = folder($1)
    for (lib in only)
        if (index($3, lib) == 1 && $1 !~ only[lib]) { bad("only its door may: " only[lib]) }
    if (from == "core")
        for (i in no) if (index($3, no[i]) == 1 && !but[$1 " " $3]) bad("core only decides")
    to = folder($3)
    if (!(to in may) || wire[$1] || index(may[from], " " to " ") || also[from " " $3]) next
    bad(from "/ may not reach " to "/")
}
END { exit n > 0 }'
