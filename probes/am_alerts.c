#include "probes/am_alerts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "probes/prom_api.h"

struct alert_seen {
    const struct jval *alert;
    enum state state;
    int64_t since_ms;
};
struct row_seen { /* what is about one row */
    const struct alert_seen *worst;
    size_t n, critical;
};
struct census {
    const struct am_reading *how;
    struct alert_seen *v; /* those that are active, worst first once sorted */
    size_t n, cap;
    size_t critical, warning, info, silenced, inhibited, own, odd;
};

static bool has_word(const struct option_strings *words, const char *word)
{
    for (size_t i = 0; i < words->n; i++)
        if (strcmp(words->v[i], word) == 0)
            return true;
    return false;
}

static enum state state_of(const struct am_reading *how, const struct jval *labels)
{
    const char *severity = jval_get_str(labels, how->severity);
    if (severity == NULL)
        return STATE_WARNING;
    if (has_word(how->critical, severity))
        return STATE_CRITICAL;
    return has_word(how->info, severity) ? STATE_OK : STATE_WARNING;
}

/* As our own receiver of kind alertmanager writes them: they are on the Alerts screen already. */
static bool is_own(const struct am_reading *how, const struct jval *labels)
{
    const char *site = jval_get_str(labels, "site");
    return how->own_site != NULL && site != NULL && strcmp(site, how->own_site) == 0 &&
           jval_get_str(labels, "alertname") != NULL &&
           (jval_get_str(labels, "check") != NULL ||
            strncmp(jval_get_str(labels, "alertname"), "Trucban", 7) == 0);
}

/* --- counting --- */

static void take_active(struct census *c, const struct jval *alert, const struct jval *labels)
{
    const char *starts = jval_get_str(alert, "startsAt");
    struct alert_seen one = {.alert = alert, .state = state_of(c->how, labels)};
    if (starts == NULL || !when_parse_rfc3339(starts, &one.since_ms))
        one.since_ms = 0;
    c->critical += one.state == STATE_CRITICAL;
    c->warning += one.state == STATE_WARNING;
    c->info += one.state == STATE_OK;
    MEM_ROOM(c->v, c->n, c->cap);
    c->v[c->n++] = one;
}

static void take_alert(struct census *c, const struct jval *alert)
{
    const struct jval *labels = jval_get(alert, "labels"), *status = jval_get(alert, "status");
    const char *state = jval_get_str(status, "state");
    if (jval_type(labels) != JVAL_OBJECT || state == NULL)
        c->odd++;
    else if (is_own(c->how, labels))
        c->own++;
    else if (jval_len(jval_get(status, "silencedBy")) > 0)
        c->silenced++;
    else if (jval_len(jval_get(status, "inhibitedBy")) > 0 || strcmp(state, "suppressed") == 0)
        c->inhibited++;
    else
        take_active(c, alert, labels);
}

/* The worst first, of these the oldest. */
static int by_weight(const void *a, const void *b)
{
    const struct alert_seen *x = a, *y = b;
    if (x->state != y->state)
        return x->state > y->state ? -1 : 1; /* OK, WARNING, CRITICAL */
    return (x->since_ms > y->since_ms) - (x->since_ms < y->since_ms);
}

/* --- words --- */

static void add_word(struct buf *out, const char *word)
{
    if (word != NULL)
        text_clean(out, word, strlen(word), 0);
}

/* "HighLatency (api-3:9100)": its name, and what it is about where its labels say that. */
static char *name_of(const struct am_reading *how, const struct jval *alert)
{
    const struct jval *labels = jval_get(alert, "labels");
    struct buf name = BUF_INIT(TEXT_MAX_NAME), about = BUF_INIT(TEXT_MAX_NAME);
    const char *absent;
    size_t len;
    add_word(&name, jval_get_str(labels, "alertname"));
    if (prom_template(&about, how->row, labels, &absent, &len)) {
        buf_adds(&name, name.len > 0 ? " (" : "(");
        add_word(&name, buf_text(&about));
        buf_addc(&name, ')');
    }
    buf_release(&about);
    return buf_take(&name);
}

static char *summary_of(const struct jval *alert)
{
    const struct jval *notes = jval_get(alert, "annotations");
    const char *words = jval_get_str(notes, "summary");
    if (words == NULL)
        words = jval_get_str(notes, "description");
    return words != NULL ? text_cleaned(words, strlen(words), 200, 0) : mem_strdup("-");
}

static void say_alerts(const struct am_reading *how, const struct alert_seen *worst, size_t n,
                       size_t critical, struct result *r)
{
    char all[24], of_these[24];
    char *name = name_of(how, worst->alert), *summary = summary_of(worst->alert);
    snprintf(all, sizeof all, "%zu", n);
    snprintf(of_these, sizeof of_these, "%zu", critical);
    result_say(r, worst->state,
               n == 1
                   ? SAY(N_("{0}: {1}"), name, summary)
                   : SAY(N_("{0} alerts, {1} critical; {2}: {3}"), all, of_these, name, summary));
    free(name);
    free(summary);
}

static void say_none(const struct census *c, struct result *r)
{
    char silenced[24], inhibited[24];
    snprintf(silenced, sizeof silenced, "%zu", c->silenced);
    snprintf(inhibited, sizeof inhibited, "%zu", c->inhibited);
    result_say(r, STATE_OK,
               c->silenced + c->inhibited == 0
                   ? SAY(N_("no alerts"))
                   : SAY(N_("no alerts; {0} silenced, {1} inhibited"), silenced, inhibited));
}

/* "alert_01" is "critical 2026-11-24T10:02:11Z HighLatency (api-3:9100)". */
static void list_alerts(const struct census *c, struct result *r)
{
    for (size_t i = 0; i < c->n && i < AM_LISTED; i++) {
        const struct jval *labels = jval_get(c->v[i].alert, "labels");
        char key[16], *name = name_of(c->how, c->v[i].alert);
        struct buf line = BUF_INIT(TEXT_MAX_NAME);
        snprintf(key, sizeof key, "alert_%02zu", i + 1);
        add_word(&line, jval_get_str(labels, c->how->severity));
        if (c->v[i].since_ms > 0) {
            char at[WHEN_TEXT_MAX];
            when_rfc3339(c->v[i].since_ms / 1000 * 1000, at);
            buf_addf(&line, "%s%.19sZ", line.len > 0 ? " " : "", at);
        }
        buf_addf(&line, "%s%s", line.len > 0 ? " " : "", name);
        result_fact(r, key, buf_text(&line));
        buf_release(&line);
        free(name);
    }
}

/* --- rows --- */

static void take_row(const struct census *c, const struct alert_seen *a,
                     const struct probe_fed *fed, size_t n_fed, struct row_seen *seen)
{
    struct buf id = BUF_INIT(TEXT_MAX_NAME);
    const char *absent;
    size_t len;
    const struct probe_fed *to =
        prom_template(&id, c->how->row, jval_get(a->alert, "labels"), &absent, &len)
            ? probe_fed_find(fed, n_fed, buf_text(&id))
            : NULL;
    if (to != NULL) {
        struct row_seen *row = &seen[to - fed];
        row->critical += a->state == STATE_CRITICAL;
        if (row->n++ == 0)
            row->worst = a; /* they come worst first */
    }
    buf_release(&id);
}

/* No alert is good news: a row for each that waits for one. */
static void add_rows(const struct census *c, const struct probe_fed *fed, size_t n_fed,
                     struct result *r)
{
    struct row_seen *seen = mem_alloc((n_fed + 1) * sizeof *seen);
    for (size_t i = 0; i < c->n; i++)
        take_row(c, &c->v[i], fed, n_fed, seen);
    for (size_t i = 0; i < n_fed; i++) {
        struct result *row =
            i > 0 && strcmp(fed[i].row, fed[i - 1].row) == 0 ? NULL : result_row_add(r, fed[i].row);
        if (row == NULL)
            continue;
        result_metric(row, "alerts", (double)seen[i].n, "");
        if (seen[i].n > 0)
            say_alerts(c->how, seen[i].worst, seen[i].n, seen[i].critical, row);
        else
            result_say(row, STATE_OK, SAY(N_("no alerts")));
    }
    free(seen);
}

/* --- all of it --- */

void am_alerts_read(const struct am_reading *how, const struct jval *doc,
                    const struct probe_fed *fed, size_t n_fed, struct result *r)
{
    struct census c = {.how = how};
    if (jval_type(doc) != JVAL_ARRAY) {
        result_say(r, STATE_CRITICAL,
                   SAY(N_("the reply is {0}, expected an array of alerts"),
                       jval_type_name(jval_type(doc))));
        return;
    }
    for (size_t i = 0; i < jval_len(doc); i++)
        take_alert(&c, jval_at(doc, i));
    if (c.n > 0)
        qsort(c.v, c.n, sizeof *c.v, by_weight);
    result_metric(r, "alerts", (double)c.n, "");
    result_metric(r, "critical", (double)c.critical, "");
    result_metric(r, "warning", (double)c.warning, "");
    result_metric(r, "info", (double)c.info, "");
    result_metric(r, "silenced", (double)c.silenced, "");
    result_metric(r, "inhibited", (double)c.inhibited, "");
    result_metric(r, "own", (double)c.own, "");
    result_metric(r, "odd", (double)c.odd, "");
    list_alerts(&c, r);
    if (c.n > 0)
        say_alerts(how, &c.v[0], c.n, c.critical, r);
    else
        say_none(&c, r);
    add_rows(&c, fed, n_fed, r);
    free(c.v);
}
