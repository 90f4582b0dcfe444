/* rows_failover.h - failover groups and their runs: who serves, whether it could be switched, and
 * every reason why not. */
#ifndef TUI_ROWS_FAILOVER_H
#define TUI_ROWS_FAILOVER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/failover.h"
#include "tui/console.h"
#include "tui/rows_doc.h"
#include "tui/rows_parts.h"
#include "tui/rows_targets.h"

struct failover_list {
    struct parts parts;
};

void failover_list_release(struct failover_list *l);
/* Groups in the site's order, then runs, the newest first; parts_settle(&l->parts, lines) next. */
void failover_list_fill(struct console *c, struct failover_list *l);
void failover_list_draw(const struct console *c, const struct failover_list *l, struct surface *s,
                        struct area a);
struct selection failover_list_selected(const struct console *c, const struct failover_list *l);

/* + ready · ! ready, with something to know · X not ready · . not judged yet · - only watched */
struct target_mark failover_mark(const struct console *c, const struct fog *g);
struct target_mark failover_run_mark(const struct run *r);
struct target_mark failover_step_mark(const struct run_step *s);
struct target_mark failover_finding_mark(const struct finding *f);
/* A half by the name of its group, "all" in words, a member as it is; "?" for NULL. */
const char *failover_place(const struct console *c, const char *place);
/* The group of which the target is a member, or that watches it; NULL: none. */
const struct fog *failover_group_of(const struct fleet *f, const char *target);
/* "succeeded", with "closed" behind it where a human had to. */
const char *failover_run_words(const struct run *r, char out[160]);

/* Pages to read. */
void failover_fill_reasons(const struct console *c, struct doc *d, const struct fog *g);
void failover_fill_group(const struct console *c, struct doc *d, const struct fog *g);
void failover_fill_steps(const struct console *c, struct doc *d, const struct run_step *steps,
                         size_t n, bool is_plan);
void failover_fill_run(const struct console *c, struct doc *d, const struct run *r);

#endif
