/* rows_journal.h - a window on the engine's journal: the newest events, further back on demand,
 * kept up to date while it is looked at.
 *
 * The feed asks by "journal" requests: a page at first, what came since (at most once a second,
 * when the fleet's seq has moved), a page further back when told.  Answers may come after the feed
 * is gone: they go to a ticket that outlives it. */
#ifndef TUI_ROWS_JOURNAL_H
#define TUI_ROWS_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/event.h"
#include "tui/console.h"

#define JOURNAL_PAGE     200
#define JOURNAL_KEPT_MAX 5000 /* events held; the oldest leave first */

struct journal_ticket;
struct journal_feed {
    char *subject;   /* check, target or "alert/ID" that it is about; NULL: all */
    struct event *v; /* ascending by seq; owned */
    size_t n, cap;
    uint64_t seen_seq;             /* all events up to this one are known */
    int64_t asked_ms;              /* own monotonic clock; 0: never */
    bool is_complete;              /* nothing older in the journal */
    bool is_answered;              /* a first answer has come */
    struct journal_ticket *ticket; /* the open question, NULL: none */
};

void journal_feed_init(struct journal_feed *j, const char *subject);
void journal_feed_release(struct journal_feed *j);
/* Asks for what is missing, if anything is; called before each draw. */
void journal_feed_update(struct console *c, struct journal_feed *j);
/* Asks for the page before the oldest event held. */
void journal_feed_older(struct console *c, struct journal_feed *j);

/* The event in words, without its time and subject.  Appends. */
void event_words(const struct console *c, struct buf *out, const struct event *e);
/* "14:02:11" today, "05/03 14:02" else. */
const char *event_time(const struct console *c, int64_t at_ms, char out[40]);
/* What it is about, for people: the check, else "#1077", else the subject. */
const char *event_subject(const struct event *e, char out[160]);

#endif
