/* rows_cells.h - what stands in a cell: states, figures, ages, in the operator's language.
 *
 * Figures are calm: a latency is the mean of the newest whole 30 s bucket, to two digits, and a
 * trend moves by doublings, so that a quiet board sends next to nothing over a slow line. */
#ifndef TUI_ROWS_CELLS_H
#define TUI_ROWS_CELLS_H

#include <stddef.h>
#include <stdint.h>

#include "core/fleet.h"
#include "core/say.h"
#include "tui/console.h"
#include "widgets/trend.h"

#define CELL_TEXT_MAX 64

struct cell_trend { /* a trend ready to draw; `view` points into itself: do not copy */
    float values[TREND_LEN];
    uint8_t states[TREND_LEN];
    struct trend_view view;
};

const char *cells_symbol(enum state s, char out[CELL_TEXT_MAX]); /* "X" */
const char *cells_word(enum state s);                            /* "CRITICAL", translated */
const char *cells_state(enum state s, char out[CELL_TEXT_MAX]);  /* "X CRITICAL" */

/* < 0: none. */
double cells_calm_latency(const struct trend *t, int64_t now_wall_ms);
/* The sentence of an alert as it is now: its check's newest while that is in trouble, else the one
 * that it was opened or last changed with.  Packed; never NULL. */
const char *cells_alert_sentence(const struct console *c, const struct alert *a);
int64_t cells_alert_age(const struct console *c, const struct alert *a);              /* ms */
const char *cells_level(const struct console *c, int level, char out[CELL_TEXT_MAX]); /* "L1" */
/* The check's calm latency as text; while no bucket is whole yet, its newest; "" if none. */
const char *cells_latency(const struct console *c, const struct check *k, char out[CELL_TEXT_MAX]);
/* The check of a target that its latency and trend are taken from; NULL if none has any. */
const struct check *cells_speed_check(const struct target *t);
/* The check of a target whose state is the worst shown; NULL without checks. */
const struct check *cells_worst_check(const struct console *c, const struct target *t);
const struct trend_view *cells_trend(const struct console *c, const struct trend *t,
                                     struct cell_trend *room);

/* A number to `digits` significant digits, with the language's decimal sign. */
const char *cells_number(const char *lang, double value, int digits, char out[CELL_TEXT_MAX]);
const char *cells_ms(const char *lang, double ms, int digits, char out[CELL_TEXT_MAX]);
const char *cells_metric(const char *lang, const struct metric *m, int digits,
                         char out[CELL_TEXT_MAX]);
/* The metric's unit; where a reply gave none, what the end of its name says: _pct, _ms, _s, _bytes.
 */
const char *cells_unit(const struct metric *m);
/* A metric of any of the target's checks under any of the NULL-ended names; NULL if absent. */
const struct metric *cells_find_metric(const struct target *t, const char *const names[]);

const char *cells_role(const struct target *t);    /* label "role", else the kind; translated */
const char *cells_role_name(const char *role);     /* a known role in words, else itself */
const char *cells_role_id(const struct target *t); /* what targets of one role share */
const char *cells_kind(enum target_kind k);        /* translated */
const char *cells_period_kind(enum period_kind k); /* "silence", translated */
const char *cells_name(const struct console *c, const struct target *t);
/* The group's name, its id where the site names none, "" without a group. */
const char *cells_group(const struct console *c, const struct target *t);
enum frame { FRAME_NONE, FRAME_TIGHT, FRAME_ROOMY };
/* What a screen of that size can spend on frames: nothing but a heading line, lines, lines and air.
 */
enum frame cells_frame_for(struct area screen);
/* A frame with a title and a note (may be NULL) in its edge, or one heading line; returns the
 * inside.  s NULL: only the geometry. */
struct area cells_frame(struct surface *s, struct area a, enum frame kind, const char *title,
                        const char *note);
/* "LINE COL" of a click command; false if it is none. */
bool cells_click(const char *arg, int *line, int *col);
/* A packed sentence in words; frees it. */
const char *cells_say(const struct console *c, char *packed, char *out, size_t size);
/* True while a site that has checks waits for its first result. */
bool cells_is_waiting(const struct fleet *f);

#endif
