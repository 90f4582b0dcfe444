/* rows_journal.c - see rows_journal.h. */
#include "tui/rows_journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "core/when.h"
#include "tui/rows_cells.h"
#include "tui/rows_marks.h"

#define ALERTS_SHOWN 40 /* bytes of ranges */

enum ask { ASK_FIRST, ASK_NEWER, ASK_OLDER };

struct journal_ticket {        /* freed by the answer, never by the feed */
    struct journal_feed *feed; /* NULL: gone */
    enum ask ask;
    uint64_t fleet_seq; /* when it was asked */
};

void journal_feed_init(struct journal_feed *j, const char *subject)
{
    *j = (struct journal_feed){.subject = mem_strdup(subject)};
}

void journal_feed_release(struct journal_feed *j)
{
    if (j->ticket)
        j->ticket->feed = NULL;
    for (size_t i = 0; i < j->n; i++)
        event_release(&j->v[i]);
    free(j->v);
    free(j->subject);
    *j = (struct journal_feed){0};
}

static void feed_insert(struct journal_feed *j, size_t at, const struct event *events, size_t n)
{
    while (j->n + n > j->cap) {
        j->cap = j->cap ? j->cap * 2 : JOURNAL_PAGE;
        j->v = mem_grow(j->v, j->cap, sizeof *j->v);
    }
    if (n == 0)
        return;
    memmove(&j->v[at + n], &j->v[at], (j->n - at) * sizeof *j->v);
    for (size_t i = 0; i < n; i++)
        event_copy(&j->v[at + i], &events[i]);
    j->n += n;
}

static void feed_trim(struct journal_feed *j)
{
    size_t extra = j->n > JOURNAL_KEPT_MAX ? j->n - JOURNAL_KEPT_MAX : 0;

    if (extra == 0)
        return;
    for (size_t i = 0; i < extra; i++)
        event_release(&j->v[i]);
    memmove(j->v, &j->v[extra], (j->n - extra) * sizeof *j->v);
    j->n -= extra;
    j->is_complete = false;
}

static void feed_take(struct journal_feed *j, const struct journal_ticket *ticket,
                      const struct link_answer *a)
{
    size_t n = a->n_events, skip = 0;
    uint64_t last = j->n ? j->v[j->n - 1].seq : 0;

    j->is_answered = true;
    if (ticket->ask == ASK_OLDER) {
        while (n > 0 && j->n && a->events[n - 1].seq >= j->v[0].seq)
            n--;
        feed_insert(j, 0, a->events, n);
    } else {
        while (skip < n && a->events[skip].seq <= last)
            skip++;
        feed_insert(j, j->n, a->events + skip, n - skip);
        j->seen_seq = ticket->fleet_seq;
        if (a->n_events >= JOURNAL_PAGE && ticket->ask == ASK_NEWER)
            j->seen_seq = a->events[a->n_events - 1].seq;
        feed_trim(j);
    }
    if (ticket->ask != ASK_NEWER)
        j->is_complete = a->n_events < JOURNAL_PAGE;
}

static void feed_answered(struct console *c, void *arg, const struct link_answer *a)
{
    struct journal_ticket *ticket = arg;

    (void)c;
    if (ticket->feed) {
        ticket->feed->ticket = NULL;
        if (a && a->is_ok)
            feed_take(ticket->feed, ticket, a);
    }
    free(ticket);
}

static void feed_ask(struct console *c, struct journal_feed *j, enum ask ask, uint64_t seq)
{
    char limit[24], number[24];
    const char *pairs[6];
    size_t n = 0;

    snprintf(limit, sizeof limit, "%d", JOURNAL_PAGE);
    snprintf(number, sizeof number, "%" PRIu64, seq);
    pairs[n++] = "limit";
    pairs[n++] = limit;
    if (ask != ASK_FIRST) {
        pairs[n++] = ask == ASK_NEWER ? "after" : "before";
        pairs[n++] = number;
    }
    if (j->subject) {
        pairs[n++] = "subject";
        pairs[n++] = j->subject;
    }
    j->ticket = mem_alloc(sizeof *j->ticket);
    *j->ticket = (struct journal_ticket){j, ask, console_fleet(c)->seq};
    j->asked_ms = console_now_mono(c);
    console_request(c, feed_answered, j->ticket, "journal", pairs, n / 2);
}

void journal_feed_update(struct console *c, struct journal_feed *j)
{
    if (j->ticket || console_is_old(c))
        return;
    if (j->asked_ms && console_now_mono(c) - j->asked_ms < WHEN_SECOND_MS)
        return;
    if (!j->is_answered)
        feed_ask(c, j, ASK_FIRST, 0);
    else if (console_fleet(c)->seq > j->seen_seq)
        feed_ask(c, j, ASK_NEWER, j->seen_seq);
}

void journal_feed_older(struct console *c, struct journal_feed *j)
{
    if (!j->ticket && !j->is_complete && j->n && !console_is_old(c))
        feed_ask(c, j, ASK_OLDER, j->v[0].seq);
}

const char *event_time(const struct console *c, int64_t at_ms, char out[40])
{
    char today[WHEN_TEXT_MAX], day[WHEN_TEXT_MAX];

    when_date_hm(console_now_wall(c), today);
    when_date_hm(at_ms, day);
    return strncmp(today, day, 5) == 0 ? when_hms(at_ms, out) : when_date_hm(at_ms, out);
}

const char *event_subject(const struct event *e, char out[160])
{
    if (e->check && *e->check)
        snprintf(out, 160, "%s", e->check);
    else if (e->alert)
        snprintf(out, 160, "#%" PRIu64, e->alert);
    else
        snprintf(out, 160, "%.150s", e->subject ? e->subject : "");
    return out;
}

/* Fields of what holds notices back, of levels and of notices; false: none of them. */
static bool add_alert_field(const struct console *c, struct buf *out, const struct event *e,
                            const char *name, size_t len)
{
    struct alert marked = {.marks = e->marks, .cause = e->cause};
    char room[MARKS_TEXT_MAX];

    if (len == 5 && strncmp(name, "level", len) == 0)
        buf_adds(out, cells_level(c, e->level, room));
    else if (len == 5 && strncmp(name, "marks", len) == 0)
        buf_adds(out, e->marks ? marks_words(c, &marked, room) : _("nothing"));
    else if (len == 6 && strncmp(name, "period", len) == 0)
        buf_addf(out, "%" PRIu64, e->period);
    else if (len == 6 && strncmp(name, "alerts", len) == 0)
        buf_addf(out, "%.*s", ALERTS_SHOWN, e->alerts ? e->alerts : "");
    else
        return false;
    return true;
}

static void add_field(const struct console *c, struct buf *out, const struct event *e,
                      const char *name, size_t len)
{
    char room[WHEN_TEXT_MAX];

    if (add_alert_field(c, out, e, name, len))
        return;
#define IS(field) (len == strlen(field) && strncmp(name, field, len) == 0)
    if (IS("text"))
        console_say(c, out, e->text ? e->text : "");
    else if (IS("actor"))
        buf_adds(out, e->actor.login ? e->actor.login : "?");
    else if (IS("state"))
        buf_adds(out, cells_word(e->state));
    else if (IS("old_state"))
        buf_adds(out, cells_word(e->old_state));
    else if (IS("alert"))
        buf_addf(out, "#%" PRIu64, e->alert);
    else if (IS("until"))
        buf_adds(out, event_time(c, e->until_ms, room));
    else if (IS("subject"))
        buf_adds(out, e->subject ? e->subject : "");
    else if (IS("what"))
        console_say(c, out, e->what ? e->what : "");
    else if (IS("priority"))
        buf_adds(out, priority_name(e->priority));
    else if (e->run && IS("run"))
        buf_addf(out, "%.8s", e->run->id ? e->run->id : "?");
    else if (e->run && IS("from"))
        buf_adds(out, e->run->from ? e->run->from : "?");
    else if (e->run && IS("to"))
        buf_adds(out, e->run->to ? e->run->to : "?");
    else if (e->run && IS("step"))
        buf_addf(out, "%d", e->run->step);
#undef IS
}

void event_words(const struct console *c, struct buf *out, const struct event *e)
{
    const char *at = _(event_rows[e->kind].say);

    while (*at) {
        const char *open = strchr(at, '{'), *close = open ? strchr(open, '}') : NULL;

        if (!close) {
            buf_adds(out, at);
            break;
        }
        buf_add(out, at, (size_t)(open - at));
        add_field(c, out, e, open + 1, (size_t)(close - open - 1));
        at = close + 1;
    }
    while (out->len > 1 && (out->bytes[out->len - 1] == ' ' || out->bytes[out->len - 1] == ':'))
        out->bytes[--out->len] = '\0';
}
