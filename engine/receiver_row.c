#include "engine/receiver_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/due.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/when.h"

#define CHECK_NAME   "delivery"
#define NEVER_MS     (100LL * 365 * 24 * 3600 * 1000)
#define BEATS_MISSED 3
#define ATTEMPTS     3

static const struct option rows[] = {{.name = NULL}};

/* Not among the kinds of a site file: its results come from the engine itself. */
static const struct probe_type delivery = {
    .name = CHECK_NAME,
    .summary = "",
    .options = rows,
    .is_passive = true,
    .is_internal = true,
};

void receiver_row_id(const struct receiver *r, char out[TEXT_MAX_NAME + 1])
{
    snprintf(out, TEXT_MAX_NAME + 1, RECEIVER_ROW_HEAD "%s", r->id);
}

static void add_label(struct target *t, const char *key, const char *value)
{
    t->labels = mem_grow(t->labels, t->n_labels + 1, sizeof *t->labels);
    t->labels[t->n_labels++] = (struct label){mem_strdup(key), mem_strdup(value)};
}

struct check_spec *receiver_row_add(struct fleet *f, const struct receiver *r)
{
    const struct receiver_spec *own = receiver_spec_of(r);
    struct check_spec *s = mem_alloc(sizeof *s);
    char id[TEXT_MAX_NAME + 1];
    struct buf to = BUF_INIT(TEXT_MAX_NAME);
    receiver_row_id(r, id);
    struct target *t = fleet_add_target(f, id);
    t->kind = TARGET_CHANNEL;
    mem_set(&t->name.vi, own->name.vi != NULL ? own->name.vi : own->name.en);
    mem_set(&t->name.en, own->name.en != NULL ? own->name.en : own->name.vi);
    own->type->whereto(own->config, &to);
    char *clean = text_cleaned(buf_text(&to), to.len, TEXT_MAX_NAME, 0);
    buf_release(&to);
    add_label(t, "class", "receiver");
    add_label(t, "channel", r->kind);
    add_label(t, "to", clean);
    free(clean);
    struct check *c = fleet_add_check(f, t, CHECK_NAME);
    mem_set(&c->probe, CHECK_NAME);
    c->rule = (struct rule_config){
        .interval_ms = r->every_ms > 0 ? r->every_ms : 60000,
        .retry_ms = 10000,
        .timeout_ms = own->timeout_ms,
        .freshness_ms = r->every_ms > 0 ? BEATS_MISSED * r->every_ms + own->timeout_ms : NEVER_MS,
        .attempts = ATTEMPTS,
        .ok_confirm = 1,
    };
    c->priority = PRIORITY_P2;
    s->check = c;
    s->type = &delivery;
    s->config = mem_alloc(1);
    s->windows = windows_new(NULL, 0);
    c->spec = s;
    return s;
}

struct check *receiver_row_check(const struct fleet *f, const struct receiver *r)
{
    char id[TEXT_MAX_NAME + 1];
    receiver_row_id(r, id);
    const struct target *t = fleet_target(f, id);
    return t != NULL && t->n_checks == 1 ? t->checks[0] : NULL;
}

void receiver_rows_connect(struct fleet *f, const struct receiver *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct check *c = receiver_row_check(f, &v[i]);
        struct buf others = BUF_INIT(TEXT_MAX_LISTED);
        for (size_t k = 0; c != NULL && k < n; k++)
            if (k != i && due_may_tell(f, &v[k], c))
                buf_addf(&others, "%s%s", others.len > 0 ? ", " : "", v[k].id);
        if (c != NULL)
            add_label(c->target, RECEIVER_ROW_OTHERS,
                      others.len > 0      ? buf_text(&others)
                      : v[i].every_ms > 0 ? "watchdog"
                                          : RECEIVER_ROW_NONE);
        buf_release(&others);
    }
}

static void count_day(struct receiver_tally *t, int64_t now_ms)
{
    char day[WHEN_TEXT_MAX];
    int64_t number = 0;
    when_parse_day(when_day(now_ms, day), &number);
    if (number == t->day)
        return;
    t->day = number;
    t->delivered = t->failed = 0;
}

void receiver_row_result(struct receiver_tally *t, const char *say, int64_t now_ms,
                         struct result *r)
{
    char n[16], at[WHEN_TEXT_MAX];
    count_day(t, now_ms);
    if (say == NULL) {
        t->delivered++;
        t->last_ms = now_ms;
    } else {
        t->failed++;
    }
    r->at_ms = now_ms;
    r->latency_ms = -1;
    snprintf(n, sizeof n, "%d", t->delivered);
    if (say == NULL)
        result_say(r, STATE_OK, SAY(N_("delivered {0}, {1} today"), when_hm(now_ms, at), n));
    else
        result_say(r, STATE_CRITICAL, mem_strdup(say));
    result_metric(r, "delivered_today", t->delivered, "");
    result_metric(r, "failed_today", t->failed, "");
}
