/* haproxy_stat.c - what HAProxy answers: its table of servers, its refusals (see haproxy.h). */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/haproxy.h"

#define COLUMNS_MAX 256 /* 2.6 has some 120 */

enum column { PXNAME, SVNAME, TYPE, STATUS, CHECK, WEIGHT, SESSIONS, CHANGED, N_COLUMNS };
static const char *const column_names[N_COLUMNS] = {"pxname",       "svname", "type", "status",
                                                    "check_status", "weight", "scur", "lastchg"};

/* --- words --- */

/* The first line, cleaned; the caller frees it. */
static char *first_line(const char *text, size_t len)
{
    const char *end = memchr(text, '\n', len);
    size_t n = end != NULL ? (size_t)(end - text) : len;
    while (n > 0 && isspace((unsigned char)text[n - 1]))
        n--;
    return text_cleaned(text, n, TEXT_MAX_NAME, 0);
}

static bool is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!isspace((unsigned char)text[i]))
            return false;
    return true;
}

bool haproxy_is_done(const char *text, size_t len, char **say)
{
    if (is_blank(text, len))
        return true;
    char *line = first_line(text, len);
    *say = SAY(N_("HAProxy refuses: {0}"), line);
    free(line);
    return false;
}

/* What HAProxy itself says where it has no table to give; anything else is another protocol. */
static char *say_no_table(const char *text, size_t len)
{
    static const char *const known[] = {"Permission denied", "Unknown command", "No such ",
                                        "Require ",          "Can't find ",     "Invalid "};
    char *line = first_line(text, len), *say;
    bool is_refusal = false;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        is_refusal = is_refusal || strncmp(line, known[i], strlen(known[i])) == 0;
    if (line[0] == '\0')
        say = mem_strdup(N_("an empty answer, expected a table of servers"));
    else
        say = is_refusal ? SAY(N_("HAProxy refuses: {0}"), line)
                         : SAY(N_("this is not HAProxy's runtime socket: {0}"), line);
    free(line);
    return say;
}

static enum haproxy_state state_of(const char *status)
{
    static const struct {
        const char *head;
        enum haproxy_state state;
    } rows[] = {
        {"UP", HAPROXY_UP},     {"DOWN", HAPROXY_DOWN},        {"DRAIN", HAPROXY_DRAINING},
        {"NOLB", HAPROXY_NOLB}, {"MAINT", HAPROXY_MAINTAINED}, {"no check", HAPROXY_NO_CHECK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t len = strlen(rows[i].head);
        if (strncmp(status, rows[i].head, len) == 0 && (status[len] == '\0' || status[len] == ' '))
            return rows[i].state;
    }
    return HAPROXY_STRANGE;
}

/* --- the table --- */

struct field { /* of one line; quotes are off, "" inside quotes stays as it is */
    const char *at;
    size_t len;
};

/* Splits a line at commas; returns the number of fields. */
static size_t split(const char *line, size_t len, struct field *out)
{
    size_t n = 0, i = 0;
    while (n < COLUMNS_MAX) {
        bool is_quoted = i < len && line[i] == '"';
        size_t from = is_quoted ? i + 1 : i, to = from;
        if (is_quoted) {
            while (to < len && (line[to] != '"' || (to + 1 < len && line[to + 1] == '"')))
                to += line[to] == '"' ? 2 : 1;
            to = to < len ? to : len;
        } else {
            while (to < len && line[to] != ',')
                to++;
        }
        out[n++] = (struct field){line + from, to - from};
        i = to;
        while (i < len && line[i] != ',')
            i++;
        if (i >= len)
            break;
        i++;
    }
    return n;
}

static void put_text(char *to, size_t size, struct field f)
{
    char *clean = text_cleaned(f.at, f.len, size - 1, 0);
    snprintf(to, size, "%s", clean);
    free(clean);
}

static int64_t number(struct field f)
{
    int64_t n = 0;
    if (f.len == 0 || f.len > 15)
        return -1;
    for (size_t i = 0; i < f.len; i++) {
        if (!isdigit((unsigned char)f.at[i]))
            return -1;
        n = n * 10 + (f.at[i] - '0');
    }
    return n;
}

/* Which field is which; false if a name that we need is missing. */
static bool read_head(const char *line, size_t len, size_t index[N_COLUMNS])
{
    struct field fields[COLUMNS_MAX];
    size_t n = split(line, len, fields);
    for (size_t c = 0; c < N_COLUMNS; c++) {
        index[c] = n;
        for (size_t i = 0; i < n; i++)
            if (fields[i].len == strlen(column_names[c]) &&
                memcmp(fields[i].at, column_names[c], fields[i].len) == 0)
                index[c] = i;
        if (index[c] == n && c <= STATUS)
            return false;
    }
    return true;
}

static void read_line(struct haproxy_stat *s, const char *line, size_t len,
                      const size_t index[N_COLUMNS])
{
    struct field fields[COLUMNS_MAX], f[N_COLUMNS];
    size_t n = split(line, len, fields);

    for (size_t c = 0; c < N_COLUMNS; c++)
        f[c] = index[c] < n ? fields[index[c]] : (struct field){"", 0};
    if (number(f[TYPE]) != 2) /* a frontend, a backend's own line, a listener */
        return;
    if (s->n == HAPROXY_SERVERS_MAX) {
        s->is_cut = true;
        return;
    }
    if ((s->n & (s->n - 1)) == 0) /* a power of two: full */
        s->v = mem_grow(s->v, s->n ? s->n * 2 : 1, sizeof *s->v);
    struct haproxy_server *server = &s->v[s->n++];
    put_text(server->backend, sizeof server->backend, f[PXNAME]);
    put_text(server->name, sizeof server->name, f[SVNAME]);
    put_text(server->status, sizeof server->status, f[STATUS]);
    if (f[CHECK].len > 2 && memcmp(f[CHECK].at, "* ", 2) == 0) /* one is under way */
        f[CHECK] = (struct field){f[CHECK].at + 2, f[CHECK].len - 2};
    put_text(server->check, sizeof server->check, f[CHECK]);
    server->state = state_of(server->status);
    server->weight = number(f[WEIGHT]);
    server->sessions = number(f[SESSIONS]);
    server->changed_s = number(f[CHANGED]);
}

/* Length of the line at `at` without its end; *next is what follows. */
static size_t line_of(const char *at, const char *end, const char **next)
{
    const char *eol = memchr(at, '\n', (size_t)(end - at));
    size_t n = (size_t)((eol != NULL ? eol : end) - at);
    *next = eol != NULL ? eol + 1 : end;
    return n > 0 && at[n - 1] == '\r' ? n - 1 : n;
}

bool haproxy_read_stat(struct haproxy_stat *s, const char *text, size_t len, char **say)
{
    const char *end = text + len, *line;
    size_t index[N_COLUMNS], head = line_of(text, end, &line);

    memset(s, 0, sizeof *s);
    if (head < 2 || memcmp(text, "# ", 2) != 0 || !read_head(text + 2, head - 2, index)) {
        *say = say_no_table(text, len);
        return false;
    }
    while (line < end) {
        const char *next;
        size_t n = line_of(line, end, &next);
        if (n > 0)
            read_line(s, line, n, index);
        line = next;
    }
    return true;
}

void haproxy_stat_release(struct haproxy_stat *s)
{
    free(s->v);
    memset(s, 0, sizeof *s);
}

const struct haproxy_server *haproxy_find(const struct haproxy_stat *s, const char *backend,
                                          const char *server)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->v[i].backend, backend) == 0 && strcmp(s->v[i].name, server) == 0)
            return &s->v[i];
    return NULL;
}
