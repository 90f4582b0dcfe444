/* rows_database_doc.c - see rows_database_doc.h. */
#include "tui/rows_database_doc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/when.h"
#include "tui/rows_cells.h"
#include "tui/rows_codes.h"
#include "tui/rows_databases.h"
#include "tui/rows_journal.h"

static enum role role_of_status(enum database_status s)
{
    return s == DATABASE_LOST                           ? ROLE_STATE_CRITICAL
           : s == DATABASE_LATE || s == DATABASE_UNUSED ? ROLE_STATE_WARNING
           : s == DATABASE_UNKNOWN                      ? ROLE_STATE_UNKNOWN
           : s == DATABASE_OK                           ? ROLE_STATE_OK
                                                        : ROLE_TAG;
}

/* "CSDL quốc gia (KH 02): 3/12, as of 05/03/2026" */
static void add_programme(const struct console *c, struct doc *d, const struct target *t)
{
    const struct total *total = database_total_of(console_fleet(c), t);
    const char *words = database_programme_words(c, database_programme(t));
    char count[64], day[CELL_TEXT_MAX], as_of[160], line[500];

    if (!total) {
        doc_pair(d, _("Programme"), words, ROLE_NORMAL);
        return;
    }
    snprintf(count, sizeof count, "%" PRId64 "/%" PRId64, total->done, total->total);
    cells_say(c, SAY(N_("as of {0}"), database_day(total->as_of, day)), as_of, sizeof as_of);
    snprintf(line, sizeof line, "%.200s: %s, %s", words, count, as_of);
    doc_pair(d, _("Programme"), line, ROLE_NORMAL);
}

static void add_sync(const struct console *c, struct doc *d, const struct target *t)
{
    const char *text = codes_find(t, "last_sync_at");
    char at[WHEN_TEXT_MAX], age[40], line[128];
    int64_t ms;

    if (!text || !when_parse_rfc3339(text, &ms))
        return;
    snprintf(line, sizeof line, "%s (%s)", event_time(c, ms, at), console_age(c, ms, age));
    doc_pair(d, _("Last sync"), line, ROLE_NORMAL);
}

static void add_traffic(const struct console *c, struct doc *d, const struct target *t)
{
    char text[CELL_TEXT_MAX];

    for (size_t i = 0; i < t->n_checks; i++)
        for (size_t m = 0; m < t->checks[i]->n_metrics; m++)
            if (strcmp(t->checks[i]->metrics[m].name, "traffic_day") == 0)
                doc_pair(d, _("Uses/day"),
                         cells_metric(console_lang(c), &t->checks[i]->metrics[m], 7, text),
                         ROLE_NORMAL);
}

static void add_published(struct doc *d, const struct target *t, const char *label, const char *key)
{
    const char *value = codes_find(t, key);

    if (value && strcmp(value, "?") != 0)
        doc_pair(d, label, strcmp(value, "yes") == 0 ? _("published") : _("not published"),
                 ROLE_NORMAL);
}

void database_doc(const struct console *c, struct doc *d, const struct target *t)
{
    enum database_status s = database_status(c, t);

    doc_heading(d, _("Database"));
    add_programme(c, d, t);
    doc_pair(d, _("Connection"), database_status_words(s), role_of_status(s));
    if (s > DATABASE_WAITING)
        doc_pair(d, _("Blocked by"), codes_word(CODE_BLOCKER, codes_find(t, "blocker")),
                 ROLE_NORMAL);
    add_sync(c, d, t);
    doc_pair(d, _("Mode"), codes_word(CODE_MODE, codes_find(t, "mode")), ROLE_NORMAL);
    add_traffic(c, d, t);
    doc_pair(d, _("Owner"), database_owner_words(c, database_owner(t), true), ROLE_NORMAL);
    add_published(d, t, _("Field list"), "fields_published");
    add_published(d, t, _("Connection guide"), "guide_published");
    doc_pair(d, _("Name is from"), target_label(t, "name_source"), ROLE_NORMAL);
}
