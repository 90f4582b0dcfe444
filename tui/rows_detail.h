/* rows_detail.h - all that is known of a check, its target and its incident, as a page to read. */
#ifndef TUI_ROWS_DETAIL_H
#define TUI_ROWS_DETAIL_H

#include "core/fleet.h"
#include "tui/console.h"
#include "tui/rows_doc.h"
#include "tui/rows_journal.h"

struct detail_subject { /* what there is; each may be NULL */
    const char *about;  /* what was asked for */
    const struct target *target;
    const struct check *check;
    const struct alert *alert;
    const struct journal_feed *feed;
    bool has_all; /* of what stands behind the alert; else the first */
};
#define DETAIL_LINK_MORE                                                                           \
    "more" /* what leads to all of it; the other links are those of `detail`                       \
            */

/* Adds lines between doc_begin and doc_end.  Order: what hurts now, the incident, figures, what the
 * journal says, the target's own data. */
void detail_fill(const struct console *c, struct doc *d, const struct detail_subject *s);

#endif
