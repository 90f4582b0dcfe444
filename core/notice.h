/* notice.h - what one receiver is told at one moment, and in which words.
 *
 *   outbox (what is due) ─> notice ─ journal: sending ─> words ─> sender ─> answer ─ journal: sent
 *
 * A sender is handed a notice and answers exactly once.  The notice, its words and the fleet are
 * borrowed: what a sender still needs after its start it copies; alerts are looked up by id. */
#ifndef CORE_NOTICE_H
#define CORE_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fleet.h"
#include "core/ids.h"
#include "core/receiver.h"

#define NOTICE_LINES_MAX 20    /* alerts that one notice names; the others are counted */
#define NOTICE_KEY_LEN   16    /* hexadecimal characters */
#define NOTICE_TRY_MS    30000 /* a sender that has not answered by then has failed */

/* The less urgent later: a notice of several kinds is called by the first of them. */
enum notice_what {
    NOTICE_PROBLEM,
    NOTICE_WORSE,
    NOTICE_ESCALATED,
    NOTICE_AGAIN, /* nobody has it any more */
    NOTICE_FLAP_START,
    NOTICE_FLAP_END, /* steady, and still a problem */
    NOTICE_REPEAT,
    NOTICE_RECOVERY,
    NOTICE_SUMMARY, /* all that a cap or an outage held back, counted */
    NOTICE_WATCHDOG,
    NOTICE_TEST,
    NOTICE_WHAT_COUNT
};
struct notice_row {
    const char *name; /* "problem", "flap-start"; in the journal and in JSON */
    bool is_over;     /* tells of the end of a problem */
    bool has_alerts;
};
extern const struct notice_row notice_rows[NOTICE_WHAT_COUNT];
bool notice_what_parse(const char *name, enum notice_what *out);

struct notice_line { /* one alert: "CRITICAL srv-a/http, P1, level 2" and what was seen */
    uint64_t alert;
    char *head, *say; /* packed, each translated by itself; say may be NULL */
};

struct notice {
    enum notice_what what;
    const struct receiver *to;
    struct ids alerts;            /* all that it tells of */
    bool is_possible_repeat;      /* it may have arrived before */
    char key[NOTICE_KEY_LEN + 1]; /* the same for every attempt at the same notice */
    uint64_t number;              /* watchdog: of this beat, from 1 */
    int64_t at_ms;                /* wall time */
    /* By notice_words: */
    char *title;               /* packed */
    struct notice_line *lines; /* worst first, at most NOTICE_LINES_MAX */
    size_t n_lines, n_others;  /* alerts without a line of their own */
    char *tail;                /* packed: how many others, by priority; NULL: none */
    char *remark;              /* packed: "possible repeat: …"; NULL: none */
};
/* Fills in the words as the fleet is now; replaces those that are there. */
void notice_words(struct notice *n, const struct fleet *f);
void notice_release(struct notice *n);

struct notice_answer {
    bool is_ok;
    bool is_transient;     /* failed, but the same may be taken later */
    bool may_have_arrived; /* failed after it was handed over: the next try is a possible repeat */
    const char *say;       /* packed, borrowed; why it failed; NULL where ok */
};
typedef void notice_answer_fn(void *arg, const struct notice_answer *a);
/* Exactly one answer, never from inside; none after whoever sends was freed. */
typedef void notice_send_fn(void *senders, const struct notice *n, const struct fleet *f,
                            notice_answer_fn *fn, void *arg);
/* After each try, for the receiver's own row: say NULL where it was taken. */
typedef void notice_tried_fn(void *senders, const struct receiver *r, const char *say);

#endif
