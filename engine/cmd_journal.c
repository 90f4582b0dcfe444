/* cmd_journal.c - `trucban journal`: what happened, oldest first; --verify checks the chain. */
#include "engine/cmd.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/event.h"
#include "core/fleet.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/event_json.h"
#include "engine/link.h"

#define ANSWER_WAIT_MS 15000
#define VERIFY_WAIT_MS 600000 /* a long journal is read from its first event */
#define PAGE_EVENTS    "500"

/* --- one event in words ----------------------------------------------------------------------- */

static bool add_run_value(struct buf *out, const struct event_run *r, const char *name, size_t len)
{
    if (len == 4 && strncmp(name, "step", 4) == 0)
        buf_addf(out, "%d", r->step);
    else if (len == 3 && strncmp(name, "run", 3) == 0)
        buf_addf(out, "%.8s", r->id != NULL ? r->id : "-");
    else if (len == 4 && strncmp(name, "from", 4) == 0)
        buf_adds(out, r->from != NULL ? r->from : "-");
    else if (len == 2 && strncmp(name, "to", 2) == 0)
        buf_adds(out, r->to != NULL ? r->to : "-");
    else
        return false;
    return true;
}

/* "parent, silence" */
static void add_marks(const struct cmd_env *env, struct buf *out, unsigned int marks)
{
    const char *between = "";
    for (int i = 0; i < MARK_COUNT; i++)
        if (marks & 1U << i) {
            buf_addf(out, "%s%s", between, cmd_tr(env, mark_names[i]));
            between = ", ";
        }
    if (marks == 0)
        buf_adds(out, cmd_tr(env, N_("nothing")));
}

/* Levels, marks, periods and notices; false: none of them. */
static bool add_alert_value(const struct cmd_env *env, struct buf *out, const struct event *e,
                            const char *name, size_t len)
{
    if (len == 5 && strncmp(name, "level", len) == 0)
        buf_addf(out, "L%d", e->level);
    else if (len == 5 && strncmp(name, "marks", len) == 0)
        add_marks(env, out, e->marks);
    else if (len == 6 && strncmp(name, "period", len) == 0)
        buf_addf(out, "%llu", (unsigned long long)e->period);
    else if (len == 6 && strncmp(name, "alerts", len) == 0)
        buf_adds(out, e->alerts != NULL ? e->alerts : "-");
    else
        return false;
    return true;
}

static void add_value(const struct cmd_env *env, struct buf *out, const struct event *e,
                      const char *name, size_t len)
{
    char text[WHEN_TEXT_MAX];
    const struct {
        const char *name, *value;
    } values[] = {
        {"subject", e->subject},
        {"actor", e->actor.login},
        {"state", cmd_tr(env, state_rows[e->state].word)},
        {"old_state", cmd_tr(env, state_rows[e->old_state].word)},
        {"check", e->check},
        {"until", e->until_ms != 0 ? when_date_hm(e->until_ms, text) : "-"},
    };
    if (add_alert_value(env, out, e, name, len))
        return;
    if (len == 4 && strncmp(name, "what", 4) == 0) {
        cmd_say(env, out, e->what != NULL ? e->what : "-");
        return;
    }
    if (len == 4 && strncmp(name, "text", 4) == 0) {
        cmd_say(env, out, e->text != NULL ? e->text : "");
        return;
    }
    if (len == 5 && strncmp(name, "alert", 5) == 0) {
        buf_addf(out, "%llu", (unsigned long long)e->alert);
        return;
    }
    if (e->run != NULL && add_run_value(out, e->run, name, len))
        return;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (strlen(values[i].name) == len && strncmp(values[i].name, name, len) == 0)
            buf_adds(out, values[i].value != NULL ? values[i].value : "-");
}

/* The kind's sentence with {name}s replaced; line ends in it become spaces: one event, one line. */
static void add_words(const struct cmd_env *env, struct buf *out, const struct event *e)
{
    struct buf b = BUF_INIT(TEXT_MAX_STORED);
    const char *say = cmd_tr(env, event_rows[e->kind].say);
    while (*say != '\0') {
        size_t len = strcspn(say, "{");
        buf_add(&b, say, len);
        say += len;
        size_t close = strcspn(say, "}");
        if (*say != '{' || say[close] != '}')
            continue;
        add_value(env, &b, e, say + 1, close - 1);
        say += close + 1;
    }
    for (size_t i = 0; i < b.len; i++)
        if (b.bytes[i] == '\n')
            b.bytes[i] = ' ';
    buf_adds(out, buf_text(&b));
    buf_release(&b);
}

static void print_event(const struct cmd_env *env, const struct event *e)
{
    char when[32] = "-";
    time_t at = (time_t)(e->at_ms / 1000);
    struct tm tm;
    if (localtime_r(&at, &tm) != NULL)
        strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &tm);
    struct buf b = BUF_INIT(0);
    buf_addf(&b, "%6llu  %s  %-10s  %-24s  ", (unsigned long long)e->seq, when,
             e->actor.login != NULL ? e->actor.login : "-", e->subject != NULL ? e->subject : "-");
    add_words(env, &b, e);
    buf_addc(&b, '\n');
    cmd_put(env, buf_text(&b), stdout);
    buf_release(&b);
}

/* --- pages ------------------------------------------------------------------------------------ */

struct range {
    char since[WHEN_TEXT_MAX], until[WHEN_TEXT_MAX]; /* RFC 3339; "" if open */
};

static bool parse_end(struct cmd_client *c, const char *text, char out[WHEN_TEXT_MAX],
                      struct err *e)
{
    int64_t at_ms = 0;
    if (text == NULL)
        return true;
    if (!when_parse_time(text, cmd_now_wall(c), &at_ms, e))
        return false;
    when_rfc3339(at_ms, out);
    return true;
}

static void print_one(const struct cmd_env *env, const struct jval *j, bool is_json)
{
    struct event e;
    if (is_json) {
        struct buf b = BUF_INIT(0);
        jval_dump(&b, j, 0);
        printf("%s\n", buf_text(&b));
        buf_release(&b);
        return;
    }
    if (event_from_json(j, &e, NULL))
        print_event(env, &e);
    event_release(&e);
}

/* Prints the page that starts after *after; moves *after to its last event; -1: there is more.
 * "after" counts from 1, and without it the newest are told: so the very first event is a page of
 * its own, asked for as "before 2". */
static int print_page(const struct cmd_env *env, struct cmd_client *c, const struct range *r,
                      uint64_t *after, bool is_json)
{
    char from[24];
    bool is_first = *after == 0;
    snprintf(from, sizeof from, "%llu", is_first ? 2ULL : (unsigned long long)*after);
    const char *const pairs[] = {"since",
                                 r->since[0] != '\0' ? r->since : NULL,
                                 "until",
                                 r->until[0] != '\0' ? r->until : NULL,
                                 is_first ? "before" : "after",
                                 from,
                                 "limit",
                                 PAGE_EVENTS};
    uint64_t id = link_request_pairs(cmd_link(c), "journal", pairs, 8);
    const struct cmd_answer *a = cmd_ask(c, id, ANSWER_WAIT_MS);
    if (a == NULL)
        return EXIT_UNAVAILABLE;
    if (!a->is_ok)
        return cmd_fail(env, a->status, "journal", "%s", a->words);
    struct jval *j = jval_parse(a->line, strlen(a->line), NULL);
    const struct jval *events = jval_get(j, "events");
    size_t n = jval_len(events);
    bool has_more = is_first || (jval_get_bool(j, "more", false) && n > 0);
    *after = is_first ? 1 : *after;
    for (size_t i = 0; i < n; i++) {
        print_one(env, jval_at(events, i), is_json);
        *after = (uint64_t)jval_get_int(jval_at(events, i), "seq", 0);
    }
    jval_free(j);
    return has_more && !ferror(stdout) ? -1 : 0;
}

static int list(const struct cmd_env *env, struct cmd_client *c, const struct cmd_options *o)
{
    struct range r = {"", ""};
    struct err e = {""};
    if (!parse_end(c, o->since, r.since, &e))
        return cmd_fail(env, EXIT_USAGE, "journal", "--since: %s", e.text);
    if (!parse_end(c, o->until, r.until, &e))
        return cmd_fail(env, EXIT_USAGE, "journal", "--until: %s", e.text);
    uint64_t after = 0;
    int status = -1;
    while (status < 0)
        status = print_page(env, c, &r, &after, (o->given & OPT_JSON) != 0);
    return status;
}

static int verify(const struct cmd_env *env, struct cmd_client *c, const struct cmd_options *o)
{
    const char *const pairs[] = {"from", o->from};
    uint64_t id = link_request_pairs(cmd_link(c), "verify", pairs, 2);
    const struct cmd_answer *a = cmd_ask(c, id, VERIFY_WAIT_MS);
    if (a == NULL)
        return EXIT_UNAVAILABLE;
    if (!a->is_ok)
        return cmd_fail(env, a->status, "journal", "%s", a->words);
    cmd_put(env, a->words, stdout);
    fputc('\n', stdout);
    return 0;
}

int cmd_journal(const struct cmd_env *env, int argc, char **argv)
{
    struct cmd_options o;
    int status = cmd_parse(env, cmd_find("journal"), argc, argv, &o);
    if (status >= 0)
        return status;
    struct cmd_client *c = cmd_connect(env, "journal", &o, false, &status);
    if (c != NULL)
        status = (o.given & OPT_VERIFY) ? verify(env, c, &o) : list(env, c, &o);
    cmd_client_free(c);
    cmd_options_release(&o);
    return status;
}
