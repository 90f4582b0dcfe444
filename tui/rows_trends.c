/* rows_trends.c - see rows_trends.h. */
#include "tui/rows_trends.h"

#include <stdio.h>
#include <string.h>

#include "tui/rows_cells.h"

static bool has_trend(const struct check *k)
{
    return k->trend.is_value && k->trend.bucket != 0 && k->n_metrics > 0;
}

/* False if no bucket has a number. */
static bool extremes(const struct trend *t, struct metric *least, struct metric *most)
{
    bool has_any = false;

    for (size_t i = 0; i < TREND_LEN; i++) {
        double v = (double)t->latency_ms[i];

        if (v < 0)
            continue;
        least->value = has_any && least->value < v ? least->value : v;
        most->value = has_any && most->value > v ? most->value : v;
        has_any = true;
    }
    return has_any;
}

/* "63.2 %  /var   least 60 %, greatest 71 %" and below it the line itself. */
static void fill_one(const struct console *c, struct doc *d, const struct check *k)
{
    enum state s = console_shown(c, k);
    struct metric least = k->metrics[0], most = k->metrics[0];
    const char *which = fact_value(k->facts, k->n_facts, RESULT_WHICH), *lang = console_lang(c);
    char now[CELL_TEXT_MAX], low[CELL_TEXT_MAX], high[CELL_TEXT_MAX], shown[160], line[320];

    cells_metric(lang, &k->metrics[0], 3, now);
    snprintf(shown, sizeof shown, "%s%s%s%.60s", s == STATE_STALE ? "~" : "", now,
             which ? "  " : "", which ? which : "");
    if (extremes(&k->trend, &least, &most))
        cells_say(c,
                  SAY(N_("{0}   least {1}, greatest {2}"), shown,
                      cells_metric(lang, &least, 3, low), cells_metric(lang, &most, 3, high)),
                  line, sizeof line);
    else
        snprintf(line, sizeof line, "%s", shown);
    doc_pair(d, k->name, line, s == STATE_OK ? ROLE_NORMAL : role_of_state(s));
    doc_trend(d, NULL, &k->trend);
}

void trends_fill(const struct console *c, struct doc *d, const struct target *t)
{
    bool has_any = false;

    for (size_t i = 0; i < t->n_checks; i++) {
        if (!has_trend(t->checks[i]))
            continue;
        if (!has_any)
            doc_heading(d, _("Trends of the last 20 min"));
        has_any = true;
        fill_one(c, d, t->checks[i]);
    }
}

void trends_facts(struct doc *d, const struct check *k)
{
    if (k->n_facts == 0)
        return;
    doc_heading(d, _("Also seen"));
    for (size_t i = 0; i < k->n_facts; i++)
        doc_pair(d, k->facts[i].key, k->facts[i].value, ROLE_NORMAL);
}
