/* cmd.c - see cmd.h: rows and options, speaking, help, plain tables, the way to the engine. */
#include "engine/cmd.h"

#include <langinfo.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/mem.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/jval.h"
#include "engine/link.h"
#include "engine/paths.h"
#include "engine/request.h"

#define PICTURE_WAIT_MS 10000
#define NO_LIMIT        ((size_t)-1)

const struct cmd_row cmd_rows[] = {
    {"", "", N_("The console: keys and picture. In a pipe, the status table once."),
     OPT_ENGINE_AT | OPT_THEME | OPT_NOTIFY | OPT_READ_ONLY, 0, 0, false, NULL},
    {"engine", "--site FILE", N_("Run the engine in the foreground, as a service does."),
     OPT_ENGINE_AT | OPT_SET | OPT_LINGER, 0, 0, true, NULL},
    {"probe", "[CHECK…]", N_("Run checks once, now, without an engine, and print what they saw."),
     OPT_SITE | OPT_SET | OPT_JSON | OPT_LANG, 0, NO_LIMIT, true, NULL},
    {"status", "", N_("What the engine knows, a line per target; exits by the worst one."),
     OPT_ENGINE_AT | OPT_JSON | OPT_WATCH, 0, 0, false, cmd_status},
    {"alerts", "", N_("The open alerts."), OPT_ENGINE_AT | OPT_JSON, 0, 0, false, cmd_alerts},
    {"ack", "ID… -m TEXT [--for 2h|shift] [--behind]",
     N_("Acknowledge alerts: you have seen them and take them on."),
     OPT_ENGINE_AT | OPT_TEXT | OPT_FOR | OPT_BEHIND, 1, NO_LIMIT, false, cmd_ack},
    {"unack", "ID…", N_("Take acknowledgements back."), OPT_ENGINE_AT | OPT_TEXT, 1, NO_LIMIT,
     false, cmd_unack},
    {"extend", "ID… [--for 2h|shift]", N_("Give acknowledgements another end; their owners stay."),
     OPT_ENGINE_AT | OPT_TEXT | OPT_FOR, 1, NO_LIMIT, false, cmd_extend},
    {"take", "ID… [-m TEXT]", N_("Take alerts over from who has acknowledged them."),
     OPT_ENGINE_AT | OPT_TEXT | OPT_FOR, 1, NO_LIMIT, false, cmd_take},
    {"escalate", "ID… -m TEXT [--level 2]",
     N_("Hand alerts to the next support level, or to the one that is named."),
     OPT_ENGINE_AT | OPT_TEXT | OPT_LEVEL, 1, NO_LIMIT, false, cmd_escalate},
    {"note", "ID -m TEXT", N_("Write a note on an alert."), OPT_ENGINE_AT | OPT_TEXT, 1, 1, false,
     cmd_note},
    {"silence", "MATCHER|ID --for 2h -m TEXT",
     N_("Hold back the notices of matched checks, or of one alert; they stay on the screen."),
     OPT_ENGINE_AT | OPT_LASTS | OPT_END | OPT_TEXT, 1, NO_LIMIT, false, cmd_silence},
    {"maintenance", "MATCHER [--from TIME] --to TIME [--every WINDOWS] [--as assessment] -m TEXT",
     N_("Plan a maintenance, or a security assessment, of matched checks."),
     OPT_ENGINE_AT | OPT_BEGIN | OPT_END | OPT_LASTS | OPT_EVERY | OPT_AS | OPT_TEXT, 1, NO_LIMIT,
     false, cmd_maintenance},
    {"silences", "[list] | end ID | approve ID",
     N_("Silences, maintenance and assessments: list them, end one, approve one as the second "
        "person."),
     OPT_ENGINE_AT | OPT_JSON | OPT_TEXT, 0, 2, false, cmd_silences},
    {"match", "MATCHER", N_("What a matcher means now: checks, open alerts."),
     OPT_ENGINE_AT | OPT_JSON, 1, NO_LIMIT, false, cmd_match},
    {"promote", "TARGET -m REASON [--back]",
     N_("Make a flow or an endpoint production: from then on it pages; --back: test again."),
     OPT_ENGINE_AT | OPT_TEXT | OPT_BACK, 1, 1, false, cmd_promote},
    {"submit", "CHECK STATE TEXT [--key KEY] [PERFDATA]",
     N_("Hand in the result of a passive check, or the receipt of a message that was sent to try a "
        "way."),
     OPT_ENGINE_AT | OPT_KEY, 3, 4, false, cmd_submit},
    {"notify", "list | test RECEIVER",
     N_("Who is told of alerts; send one of them a notice that says it is a test."),
     OPT_ENGINE_AT | OPT_JSON, 1, 2, false, cmd_notify},
    {"failover",
     "list | plan GROUP [--to NAME] | run GROUP --to NAME --reason TEXT --ticket ID | runs [GROUP] "
     "| show RUN | abort RUN | resolve RUN done|not-done|stop -m TEXT | close RUN -m TEXT",
     N_("Groups that can be switched over; plan one, carry it out, see what became of it."),
     OPT_ENGINE_AT | OPT_JSON | OPT_TO | OPT_REASON | OPT_TICKET | OPT_TEXT, 1, 3, false,
     cmd_failover},
    {"journal", "", N_("What happened, oldest first; --verify checks the chain of hashes."),
     OPT_ENGINE_AT | OPT_JSON | OPT_SINCE | OPT_UNTIL | OPT_VERIFY | OPT_FROM, 0, 0, false,
     cmd_journal},
    {"site", "check FILE | show | schema",
     N_("Check a site file and tell all its errors; or print it resolved."),
     OPT_SITE | OPT_SET | OPT_JSON | OPT_LANG, 1, 2, true, NULL},
    {"doctor", "",
     N_("Look at this desk: terminal, tmux, desktop, engine, clock; 1: warnings, 2: errors."),
     OPT_ENGINE_AT | OPT_JSON, 0, 0, false, NULL},
    {"drill", "[SCENARIO]", N_("A simulated site on loopback, to learn and to train on."),
     OPT_SOCKET | OPT_STATE | OPT_LANG | OPT_THEME | OPT_NOTIFY | OPT_READ_ONLY, 0, 1, true, NULL},
    {NULL, NULL, NULL, 0, 0, 0, false, NULL},
};

struct option_row {
    int64_t bit;
    const char *name;
    char letter;
    const char *value; /* NULL: a flag */
    size_t offset;     /* of its value in struct cmd_options; OPT_SET is apart */
    const char *help;
};
#define AT(member) offsetof(struct cmd_options, member)
static const struct option_row option_rows[] = {
    {OPT_SITE, "site", 0, "FILE", AT(site), N_("the site file")},
    {OPT_SOCKET, "socket", 0, "PATH", AT(socket), N_("the engine's socket")},
    {OPT_STATE, "state", 0, "DIR", AT(state), N_("the folder of the engine's state")},
    {OPT_SET, "set", 0, "NAME=VALUE", 0, N_("a value for ${var.NAME} in the site file")},
    {OPT_LANG, "lang", 0, "vi|en", AT(lang), N_("the language; without it, the site's")},
    {OPT_JSON, "json", 0, NULL, 0, N_("JSON instead of a table")},
    {OPT_WATCH, "watch", 0, NULL, 0, N_("go on, a line for each change")},
    {OPT_TEXT, "message", 'm', "TEXT", AT(text), N_("what to tell the others")},
    {OPT_FOR, "for", 0, "DURATION", AT(for_),
     N_("how long it holds, at most 24h; without it, or \"shift\": to the end of the shift, else "
        "8h")},
    {OPT_SINCE, "since", 0, "TIME", AT(since),
     N_("from: 14:30, \"yesterday 22:00\", -2h, RFC 3339")},
    {OPT_UNTIL, "until", 0, "TIME", AT(until), N_("up to, written as --since")},
    {OPT_VERIFY, "verify", 0, NULL, 0, N_("check the chain of hashes; a broken one exits with 65")},
    {OPT_FROM, "from", 0, "SEQ", AT(from), N_("verify from this event on")},
    {OPT_LINGER, "linger", 0, NULL, 0, N_("end when the last console has left")},
    {OPT_THEME, "theme", 0, "NAME", AT(theme), N_("the colours: dark, light, mono")},
    {OPT_NOTIFY, "notify", 0, "HOW", AT(notify),
     N_("how new alerts are told: auto, bell, osc (by the terminal), desktop, none")},
    {OPT_READ_ONLY, "read-only", 0, NULL, 0, N_("look only")},
    {OPT_SCENARIO, "scenario", 0, "FILE", AT(scenario), N_("the schedule of faults")},
    {OPT_PORT, "port", 0, "N|auto", AT(port), N_("the port to serve on")},
    {OPT_KEY, "key", 0, "KEY", AT(key),
     N_("a name for this very result: said twice, it counts once; of a receipt, the key of the "
        "message")},
    {OPT_TO, "to", 0, "NAME", AT(to), N_("what the group is to be switched to")},
    {OPT_LASTS, "for", 0, "DURATION", AT(for_), N_("how long, such as 2h or 3d")},
    {OPT_BEGIN, "from", 0, "TIME", AT(begin),
     N_("when it begins; without it, now: 22:00, \"tomorrow 02:00\", +2h, \"2026-11-28 02:00\"")},
    {OPT_END, "to", 0, "TIME", AT(end),
     N_("when it ends: +2h, 02:00, \"tomorrow 02:00\", \"2026-11-28 02:00\"")},
    {OPT_EVERY, "every", 0, "WINDOWS", AT(every),
     N_("recurring: \"Sun 02:00-04:00; Mon-Fri 19:00-06:00; daily 22:00-23:30\"")},
    {OPT_AS, "as", 0, "KIND", AT(as), N_("maintenance or assessment")},
    {OPT_BACK, "back", 0, NULL, 0, N_("back to test")},
    {OPT_REASON, "reason", 0, "TEXT", AT(reason), N_("why, for the journal")},
    {OPT_LEVEL, "level", 0, "1|2|3", AT(level), N_("the support level that it is handed to")},
    {OPT_BEHIND, "behind", 0, NULL, 0, N_("also the alerts that stand behind these")},
    {OPT_TICKET, "ticket", 0, "ID", AT(ticket), N_("the ticket that it belongs to")},
};
#define N_OPTIONS (sizeof option_rows / sizeof option_rows[0])

const struct cmd_row *cmd_find(const char *name)
{
    for (const struct cmd_row *r = cmd_rows; r->name != NULL; r++)
        if (strcmp(r->name, name) == 0)
            return r;
    return NULL;
}

const char *cmd_tr(const struct cmd_env *env, const char *msgid)
{
    return env != NULL && env->translate != NULL ? env->translate(msgid) : msgid;
}

/* --- speaking --------------------------------------------------------------------------------- */

void cmd_put(const struct cmd_env *env, const char *text, FILE *to)
{
    if (env == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") == 0) {
        fputs(text, to);
        return;
    }
    struct buf b = BUF_INIT(0);
    text_ascii(&b, text);
    fputs(buf_text(&b), to);
    buf_release(&b);
}

static void complain(const struct cmd_env *env, const char *name, const char *text)
{
    struct buf b = BUF_INIT(0);
    buf_addf(&b, "trucban%s%s: ", name[0] != '\0' ? " " : "", name);
    /* argv and the environment may stand in it: nothing of them reaches the terminal as it is */
    text_clean(&b, text, strlen(text), TEXT_LINES);
    buf_addc(&b, '\n');
    fflush(stdout);
    cmd_put(env, buf_text(&b), stderr);
    buf_release(&b);
}

int cmd_fail(const struct cmd_env *env, int status, const char *name, const char *fmt, ...)
{
    char text[2048];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    complain(env, name, text);
    return status;
}

int cmd_fail_say(const struct cmd_env *env, int status, const char *name, char *packed)
{
    struct buf b = BUF_INIT(0);
    cmd_say(env, &b, packed);
    complain(env, name, buf_text(&b));
    buf_release(&b);
    free(packed);
    return status;
}

/* Today's times as 14:02:11, others with their day. */
static const char *local_time(int64_t at_ms, char out[WHEN_TEXT_MAX])
{
    time_t at = (time_t)(at_ms / 1000), now = time(NULL);
    struct tm a, b;
    localtime_r(&at, &a);
    localtime_r(&now, &b);
    bool is_today = a.tm_year == b.tm_year && a.tm_yday == b.tm_yday;
    return is_today ? when_hms(at_ms, out) : when_date_hm(at_ms, out);
}

void cmd_say(const struct cmd_env *env, struct buf *out, const char *packed)
{
    const char *part[11];
    size_t len[11], n = say_parts(packed, part, len, 11);
    struct buf local = BUF_INIT(0);
    for (size_t i = 0; i < n; i++) {
        char text[WHEN_TEXT_MAX];
        int64_t at_ms;
        if (i > 0)
            buf_addc(&local, SAY_SEP);
        size_t before = local.len;
        buf_add(&local, part[i], len[i]);
        if (i == 0 || len[i] >= WHEN_TEXT_MAX || !when_parse_rfc3339(local.bytes + before, &at_ms))
            continue;
        local.len = before;
        buf_adds(&local, local_time(at_ms, text));
    }
    say_text(out, buf_text(&local), env != NULL ? env->translate : NULL);
    buf_release(&local);
}

/* --- options and help ------------------------------------------------------------------------- */

/* One name may mean several things: the one that is among `options` goes first. */
static const struct option_row *option_by_name(const char *name, size_t len, int64_t options)
{
    const struct option_row *found = NULL;
    for (size_t i = 0; i < N_OPTIONS; i++) {
        const struct option_row *o = &option_rows[i];
        bool is_it = strlen(o->name) == len && strncmp(o->name, name, len) == 0;
        if (is_it && (found == NULL || (options & o->bit) != 0))
            found = o;
    }
    return found;
}

static const struct option_row *option_by_letter(char letter)
{
    for (size_t i = 0; i < N_OPTIONS; i++)
        if (option_rows[i].letter == letter)
            return &option_rows[i];
    return NULL;
}

static int usage(const struct cmd_env *env, const struct cmd_row *row, char *packed)
{
    cmd_fail_say(env, EXIT_USAGE, row->name, packed);
    char line[128];
    snprintf(line, sizeof line, "trucban%s%s --help", row->name[0] != '\0' ? " " : "", row->name);
    struct buf b = BUF_INIT(0);
    char *see = SAY(N_("see {0}"), line);
    say_text(&b, see, env != NULL ? env->translate : NULL);
    buf_addc(&b, '\n');
    cmd_put(env, buf_text(&b), stderr);
    buf_release(&b);
    free(see);
    return EXIT_USAGE;
}

static bool store_value(struct cmd_options *o, const struct option_row *opt, const char *value)
{
    o->given |= opt->bit;
    if (opt->value == NULL)
        return true;
    if (opt->bit != OPT_SET) {
        *(const char **)(void *)((char *)o + opt->offset) = value;
        return true;
    }
    if (o->n_sets == CMD_SETS_MAX)
        return false;
    o->sets[o->n_sets++] = value;
    return true;
}

/* One option at argv[*i]; *i moves over its value.  -1 to go on. */
int cmd_word(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (argv[i][0] != '-')
            return i;
        bool is_long = argv[i][1] == '-';
        size_t len = strcspn(argv[i] + (is_long ? 2 : 1), "=");
        const struct option_row *opt =
            is_long ? option_by_name(argv[i] + 2, len, 0) : option_by_letter(argv[i][1]);
        if (opt != NULL && opt->value != NULL && argv[i][len + (is_long ? 2 : 1)] == '\0')
            i++;
    }
    return 0;
}

static int parse_option(const struct cmd_env *env, const struct cmd_row *row, int argc, char **argv,
                        int *i, struct cmd_options *o)
{
    const char *arg = argv[*i];
    bool is_long = arg[1] == '-';
    const char *name = arg + (is_long ? 2 : 1);
    size_t len = is_long ? strcspn(name, "=") : 1;
    const struct option_row *opt =
        is_long ? option_by_name(name, len, row->options) : option_by_letter(name[0]);
    const char *value = NULL;
    if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) {
        cmd_help(env, row, stdout);
        return 0;
    }
    if (opt == NULL || (row->options & opt->bit) == 0)
        return usage(env, row, SAY(N_("unknown option \"{0}\""), arg));
    if (is_long && name[len] == '=')
        value = name + len + 1;
    else if (!is_long && name[1] != '\0')
        value = name + 1;
    else if (opt->value != NULL && *i + 1 < argc)
        value = argv[++*i];
    if (opt->value != NULL && value == NULL)
        return usage(env, row, SAY(N_("option --{0} needs {1}"), opt->name, opt->value));
    if (opt->value == NULL && value != NULL)
        return usage(env, row, SAY(N_("option --{0} takes no value"), opt->name));
    if (!store_value(o, opt, value))
        return usage(env, row, mem_strdup(N_("more than 32 times --set")));
    return -1;
}

static int check_options(const struct cmd_env *env, const struct cmd_row *row,
                         const struct cmd_options *o)
{
    if (o->lang != NULL && strcmp(o->lang, "vi") != 0 && strcmp(o->lang, "en") != 0)
        return usage(env, row, SAY(N_("--lang is \"{0}\", expected vi or en"), o->lang));
    for (size_t i = 0; i < o->n_sets; i++)
        if (strchr(o->sets[i], '=') == NULL || o->sets[i][0] == '=')
            return usage(env, row, SAY(N_("--set is \"{0}\", expected NAME=VALUE"), o->sets[i]));
    if (o->n_args < row->min_args)
        return usage(env, row, SAY(N_("something is missing; expected {0}"), row->args));
    if (o->n_args > row->max_args)
        return usage(env, row, SAY(N_("one too many: \"{0}\""), o->args[row->max_args]));
    return -1;
}

int cmd_parse(const struct cmd_env *env, const struct cmd_row *row, int argc, char **argv,
              struct cmd_options *o)
{
    memset(o, 0, sizeof *o);
    o->args = mem_alloc(((size_t)argc + 1) * sizeof *o->args);
    bool is_past_options = false;
    int status = -1;
    for (int i = 1; i < argc && status < 0; i++) {
        if (!is_past_options && strcmp(argv[i], "--") == 0)
            is_past_options = true;
        else if (!is_past_options && argv[i][0] == '-' && argv[i][1] != '\0')
            status = parse_option(env, row, argc, argv, &i, o);
        else
            o->args[o->n_args++] = argv[i];
    }
    if (status < 0)
        status = check_options(env, row, o);
    if (status >= 0)
        cmd_options_release(o);
    return status;
}

void cmd_options_release(struct cmd_options *o)
{
    free(o->args);
    o->args = NULL;
}

bool cmd_option_next(const struct cmd_row *row, size_t *at, struct cmd_option_text *out)
{
    while (*at < N_OPTIONS) {
        const struct option_row *opt = &option_rows[(*at)++];
        if ((row->options & opt->bit) == 0)
            continue;
        char letter[8] = "";
        if (opt->letter != 0)
            snprintf(letter, sizeof letter, "-%c, ", opt->letter);
        snprintf(out->name, sizeof out->name, "%s--%s", letter, opt->name);
        out->value = opt->value;
        out->help = opt->help;
        return true;
    }
    return false;
}

void cmd_help(const struct cmd_env *env, const struct cmd_row *row, FILE *to)
{
    struct cmd_columns *t = cmd_columns_new(2);
    struct cmd_option_text o;
    for (size_t at = 0; cmd_option_next(row, &at, &o);) {
        char name[96];
        snprintf(name, sizeof name, "  %s%s%s", o.name, o.value != NULL ? " " : "",
                 o.value != NULL ? o.value : "");
        const char *const cells[] = {name, cmd_tr(env, o.help)};
        cmd_columns_add(t, cells);
    }
    fprintf(to, "trucban %s%s%s\n", row->name, row->name[0] != '\0' ? " " : "", row->args);
    cmd_put(env, cmd_tr(env, row->help), to);
    fputs("\n\n", to);
    cmd_columns_put(env, t, to);
    cmd_columns_free(t);
}

/* As much of its forms as fits beside what it does; `trucban COMMAND --help` has all. */
static void name_of(const struct cmd_row *r, char out[96])
{
    enum { COLS = 60 };
    snprintf(out, 96, "  trucban %s %s", r->name, r->args);
    out[strcspn(out, "\n")] = '\0';
    if (strlen(out) <= COLS)
        return;
    out[COLS] = '\0';
    char *bar = strrchr(out, '|'), *blank = strrchr(out, ' ');
    if (bar != NULL)
        snprintf(bar, (size_t)(out + 96 - bar), "| …");
    else if (blank != NULL)
        snprintf(blank, (size_t)(out + 96 - blank), " …");
}

void cmd_help_all(const struct cmd_env *env, FILE *to)
{
    struct cmd_columns *t = cmd_columns_new(2);
    for (const struct cmd_row *r = cmd_rows; r->name != NULL; r++) {
        char name[96];
        name_of(r, name);
        const char *const cells[] = {name, cmd_tr(env, r->help)};
        cmd_columns_add(t, cells);
    }
    cmd_columns_put(env, t, to);
    cmd_columns_free(t);
    fputc('\n', to);
    cmd_put(env, cmd_tr(env, N_("trucban COMMAND --help tells the options of one.")), to);
    fputc('\n', to);
}

/* --- plain tables ----------------------------------------------------------------------------- */

struct cmd_columns {
    size_t n_cols, n, cap; /* n: cells */
    char **cells;
};

struct cmd_columns *cmd_columns_new(size_t n_cols)
{
    struct cmd_columns *t = mem_alloc(sizeof *t);
    t->n_cols = n_cols;
    return t;
}

void cmd_columns_add(struct cmd_columns *t, const char *const cells[])
{
    for (size_t i = 0; i < t->n_cols; i++) {
        MEM_ROOM(t->cells, t->n, t->cap);
        t->cells[t->n++] = mem_strdup(cells[i] != NULL ? cells[i] : "");
    }
}

static int column_cols(const struct cmd_columns *t, size_t col)
{
    int widest = 0;
    for (size_t i = col; i < t->n; i += t->n_cols) {
        int cols = text_cols(t->cells[i]);
        widest = cols > widest ? cols : widest;
    }
    return widest;
}

void cmd_columns_put(const struct cmd_env *env, const struct cmd_columns *t, FILE *to)
{
    int *cols = mem_alloc(t->n_cols * sizeof *cols);
    for (size_t c = 0; c < t->n_cols; c++)
        cols[c] = column_cols(t, c);
    for (size_t i = 0; i < t->n; i++) {
        cmd_put(env, t->cells[i], to);
        bool is_last = (i + 1) % t->n_cols == 0;
        int pad = cols[i % t->n_cols] - text_cols(t->cells[i]) + 2;
        fprintf(to, "%*s", is_last ? 0 : pad, "");
        if (is_last)
            fputc('\n', to);
    }
    free(cols);
}

void cmd_columns_print(const struct cmd_columns *t, FILE *to)
{
    cmd_columns_put(NULL, t, to);
}

void cmd_columns_free(struct cmd_columns *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->cells[i]);
    free(t->cells);
    free(t);
}

/* --- the way to the engine -------------------------------------------------------------------- */

struct cmd_client {
    const struct cmd_env *env;
    const char *name;
    struct link *link;
    struct fleet *mirror;
    struct cmd_answer answer;
};

static void answer_release(struct cmd_answer *a)
{
    free(a->words);
    free(a->line);
    memset(a, 0, sizeof *a);
}

static void on_answered(void *arg, const struct link_answer *a)
{
    struct cmd_client *c = arg;
    struct buf words = BUF_INIT(0);
    answer_release(&c->answer);
    cmd_say(c->env, &words, a->say);
    c->answer.is_ok = a->is_ok;
    c->answer.status = a->is_ok ? 0 : request_exit_code(a->code);
    c->answer.words = buf_take(&words);
    c->answer.line = mem_strdup(a->line);
}

/* The socket's path by the options; NULL: said, *status filled. */
static char *find_socket(const struct cmd_env *env, const char *name, const struct cmd_options *o,
                         int *status)
{
    struct err e = {""};
    char *site = NULL, *id = NULL, *path = NULL;
    if (o->socket != NULL || paths_getenv("TRUCBAN_SOCKET") != NULL) {
        path = paths_socket(o->socket, NULL, o->state, paths_getenv, &e);
        *status = EXIT_USAGE;
    } else if ((site = paths_site_file(o->site, paths_getenv, &e)) == NULL) {
        *status = EXIT_USAGE;
    } else if ((id = paths_site_id(site, &e)) == NULL) {
        *status = EXIT_DATA;
    } else {
        path = paths_socket(NULL, id, o->state, paths_getenv, &e);
        *status = EXIT_USAGE;
    }
    if (path == NULL)
        cmd_fail(env, *status, name, "%s", e.text);
    free(site);
    free(id);
    return path;
}

struct cmd_client *cmd_connect(const struct cmd_env *env, const char *name,
                               const struct cmd_options *o, bool with_picture, int *status)
{
    char *path = find_socket(env, name, o, status);
    if (path == NULL)
        return NULL;
    struct err e = {""};
    struct cmd_client *c = mem_alloc(sizeof *c);
    struct link_calls calls = {.answered = on_answered, .is_quiet = !with_picture};
    c->env = env;
    c->name = name;
    c->mirror = fleet_new();
    c->link = link_new(path, c->mirror, &calls, c);
    free(path);
    if (link_wait_picture(c->link, PICTURE_WAIT_MS, &e)) {
        if (env != NULL && env->choose != NULL)
            env->choose(cmd_lang(c));
        if (link_hello(c->link)->timezone[0] != '\0') {
            setenv("TZ", link_hello(c->link)->timezone,
                   1); /* as the consoles show and read times */
            tzset();
        }
        return c;
    }
    *status = cmd_fail(env, EXIT_UNAVAILABLE, name,
                       "%s; start one with `trucban engine --site FILE`, or name another with "
                       "--site FILE or --socket PATH",
                       e.text);
    cmd_client_free(c);
    return NULL;
}

void cmd_client_free(struct cmd_client *c)
{
    if (c == NULL)
        return;
    link_free(c->link);
    fleet_free(c->mirror);
    answer_release(&c->answer);
    free(c);
}

struct link *cmd_link(struct cmd_client *c)
{
    return c->link;
}

struct fleet *cmd_fleet(struct cmd_client *c)
{
    return c->mirror;
}

const char *cmd_lang(const struct cmd_client *c)
{
    if (c->env != NULL && c->env->lang != NULL)
        return c->env->lang;
    const char *site = link_hello(c->link)->language;
    return site[0] != '\0' ? site : "en";
}

const struct cmd_answer *cmd_ask(struct cmd_client *c, uint64_t id, int64_t timeout_ms)
{
    struct err e = {""};
    answer_release(&c->answer);
    if (!link_wait_answer(c->link, id, timeout_ms, &e)) {
        c->answer.status = cmd_fail(c->env, EXIT_UNAVAILABLE, c->name, "%s", e.text);
        return NULL;
    }
    return &c->answer;
}

int64_t cmd_now_wall(struct cmd_client *c)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return link_wall_ms(c->link, cmd_now_mono(), (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

int64_t cmd_now_mono(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool cmd_wait(struct cmd_client *c, int64_t max_ms)
{
    int64_t wait_ms = link_wait_ms(c->link, cmd_now_mono());
    if (wait_ms < 0 || wait_ms > max_ms)
        wait_ms = max_ms;
    struct pollfd p = {.fd = link_fd(c->link), .events = link_poll_events(c->link)};
    poll(&p, 1, (int)wait_ms);
    link_step(c->link, p.revents, cmd_now_mono());
    return link_phase(c->link) == LINK_IS_LIVE;
}
