/* dialog_plan.h - between dialog_plan.c (what happens) and dialog_plan_draw.c (how it looks). */
#ifndef TUI_DIALOG_PLAN_H
#define TUI_DIALOG_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/failover.h"
#include "core/text.h"
#include "tui/console_private.h"
#include "tui/rows_doc.h"
#include "widgets/input_line.h"

#define PLAN_CHOICES_MAX 64

enum plan_stage {
    PLAN_CHOOSE, /* where to */
    PLAN_ASKING, /* the engine looks */
    PLAN_READ,   /* ticks, reason, ticket */
    PLAN_CODE,
    PLAN_SENT
};
struct plan_ticket;
struct plan_page {
    struct console *c;
    char *fog, *to; /* ids; to NULL: not chosen yet */
    char *choices[PLAN_CHOICES_MAX];
    size_t n_choices, choice;
    enum plan_stage stage;
    struct plan plan;
    bool has_plan, wants_code;
    bool ticks[FOG_REASONS_MAX]; /* of the warnings, in their order */
    size_t focus;                /* a warning, then the reason, then the ticket */
    struct input_line reason, ticket, code;
    int64_t made_mono, code_mono; /* of the plan: when it came, until when its code counts */
    struct doc doc;
    int doc_lines;
    char status[TEXT_MAX_LISTED];
    bool is_error;
    struct plan_ticket *asked; /* NULL: no answer is awaited */
};

/* --- dialog_plan.c --- */
/* Asks the engine for a plan and shows it; to NULL: the only candidate, or the operator chooses. */
void dialog_plan_open(struct console *c, const struct fog *g, const char *to);
void plan_page_status(struct plan_page *p, char *packed, bool is_error); /* frees packed */
size_t plan_page_warnings(const struct plan_page *p);
const struct finding *plan_page_warning(const struct plan_page *p, size_t n);

/* --- dialog_plan_draw.c --- */
void plan_page_fill(const struct console *c, struct plan_page *p, struct area a);
void plan_page_draw(const struct console *c, const void *self, struct surface *s, struct area a);
const char *plan_page_hint(const struct console *c, const void *self);

#endif
