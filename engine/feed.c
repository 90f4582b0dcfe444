#include "engine/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"

/* --- the index --- */

/* Sources stand in the order of their checks' addresses. */
static int by_source(const void *a, const void *b)
{
    const struct feed *x = a, *y = b;
    return (x->source > y->source) - (x->source < y->source);
}

static int by_row(const void *a, const void *b)
{
    const struct probe_fed *x = a, *y = b;
    int order = strcmp(x->row, y->row);
    return order != 0 ? order : strcmp(x->check->id, y->check->id);
}

static struct feed *find(const struct feeds *f, const struct check *source)
{
    struct feed wanted = {.source = source};
    return f->n > 0 ? bsearch(&wanted, f->v, f->n, sizeof *f->v, by_source) : NULL;
}

const struct feed *feeds_of(const struct feeds *f, const struct check *source)
{
    const struct feed *one = find(f, source);
    return one != NULL && one->n > 0 ? one : NULL;
}

static void add_sources(struct feeds *f, struct check_spec *specs)
{
    for (struct check_spec *s = specs; s != NULL; s = s->next)
        f->n += s->type->gives_rows;
    f->v = mem_alloc((f->n + 1) * sizeof *f->v);
    f->n = 0;
    for (struct check_spec *s = specs; s != NULL; s = s->next)
        if (s->type->gives_rows)
            f->v[f->n++] =
                (struct feed){.source = s->check, .may_leave_rows = s->type->may_leave_rows};
    qsort(f->v, f->n, sizeof *f->v, by_source);
}

static const struct check *source_of(const struct check_spec *s, struct map *by_id,
                                     const char **row)
{
    const char *from;
    s->type->feed(s->config, &from, row);
    if (s->type->has_own_row)
        *row = s->check->id;
    else if (*row == NULL)
        *row = s->check->target->id;
    return map_get(by_id, from);
}

void feeds_init(struct feeds *f, struct check_spec *specs)
{
    struct map by_id = {0};
    *f = (struct feeds){0};
    add_sources(f, specs);
    for (struct check_spec *s = specs; s != NULL; s = s->next)
        if (s->type->gives_rows)
            map_put(&by_id, s->check->id, s->check);
    for (struct check_spec *s = specs; s != NULL; s = s->next) {
        const char *row = NULL;
        const struct check *source = s->type->feed ? source_of(s, &by_id, &row) : NULL;
        struct feed *one = source ? find(f, source) : NULL;
        if (one == NULL)
            continue;
        if ((one->n & (one->n - 1)) == 0) /* a power of two: full */
            one->fed = mem_grow(one->fed, one->n ? one->n * 2 : 1, sizeof *one->fed);
        one->fed[one->n++] = (struct probe_fed){row, s->check, s->config};
    }
    for (size_t i = 0; i < f->n; i++)
        if (f->v[i].n > 0)
            qsort(f->v[i].fed, f->v[i].n, sizeof *f->v[i].fed, by_row);
    map_release(&by_id);
}

void feeds_release(struct feeds *f)
{
    for (size_t i = 0; i < f->n; i++)
        free(f->v[i].fed);
    free(f->v);
    *f = (struct feeds){0};
}

/* --- a result --- */

void feed_judge(const struct feed *f, struct result *r)
{
    struct buf names = BUF_INIT(TEXT_MAX_LISTED);
    size_t n = 0;
    for (size_t i = 0; i < r->n_rows && !f->may_leave_rows; i++) {
        if (probe_fed_find(f->fed, f->n, r->rows[i].id) != NULL)
            continue;
        if (n++ < FEED_NAMED)
            buf_addf(&names, "%s%s", n > 1 ? ", " : "", r->rows[i].id);
    }
    if (n > FEED_NAMED)
        buf_adds(&names, ", …");
    char count[24];
    snprintf(count, sizeof count, "%zu", n);
    if (n > 0 && r->state == STATE_OK)
        result_say(r, STATE_WARNING,
                   n == 1 ? SAY(N_("the reply has a row that nobody takes: {0}"), buf_text(&names))
                          : SAY(N_("the reply has {0} rows that nobody takes: {1}"), count,
                                buf_text(&names)));
    buf_release(&names);
}

/* What was linked once stays so for the next look too, though the row has gone. */
static bool was_linked(const struct check *c)
{
    return fact_value(c->facts, c->n_facts, "was") != NULL;
}

static void say_missing(const struct feed *f, const struct probe_fed *to, struct result *r)
{
    result_fact(r, "row", "missing");
    if (was_linked(to->check))
        result_fact(r, "was", "done");
    if (to->check->target->link == LINK_DONE || was_linked(to->check))
        result_say(r, STATE_CRITICAL,
                   SAY(N_("no row {0} in the reply of {1}"), to->row, f->source->id));
    else
        result_say(
            r, STATE_OK,
            SAY(N_("not connected yet: no row {0} in the reply of {1}"), to->row, f->source->id));
}

/* The row's result is lent out, all but the sentence. */
void feed_deliver(const struct feed *f, const struct result *r, feed_fn *fn, void *arg)
{
    struct map rows = {0};
    if (r->n_rows == 0)
        return;
    for (size_t i = 0; i < r->n_rows; i++)
        map_put(&rows, r->rows[i].id, &r->rows[i]);
    for (size_t i = 0; i < f->n; i++) {
        const struct probe_fed *to = &f->fed[i];
        const struct result_row *row = map_get(&rows, to->row);
        struct result one = {.latency_ms = -1};
        if (to->check->target->is_disabled || (row != NULL && row->result.state == STATE_PENDING))
            continue;
        if (row != NULL) {
            one = row->result;
            one.summary = mem_strdup(row->result.summary);
        } else {
            say_missing(f, to, &one);
        }
        one.started_mono_ms = r->started_mono_ms;
        fn(arg, to->check, &one);
        if (row == NULL)
            result_release(&one);
        else
            free(one.summary);
    }
    map_release(&rows);
}
