/* Checks that name other checks.  What is fed: by a check that exists and has rows to give; it
 * lives at its pace.  What judges others: a kind's own look at the whole site.
 *
 * What gives rows is never fed itself, so there is no circle to look for. */
#include <string.h>

#include "engine/nearest.h"
#include "engine/site_load.h"

static void tell(struct site_loader *l, const struct check *c, const char *text)
{
    const struct fleet *f = l->site->fleet;
    struct buf where = BUF_INIT(8192);
    size_t i = 0;
    while (f->targets[i] != c->target)
        i++;
    buf_addf(&where, "%s/checks", l->target_at[i]);
    site_error(l->errors, buf_text(&where), text);
    buf_release(&where);
}

/* The nearest among those that give rows; else all of them are named, if they are few. */
static void tell_missing(struct site_loader *l, const struct check *c, const char *from)
{
    struct nearest close = NEAREST_INIT(from);
    const char *only = NULL;
    size_t n = 0;
    struct err e;
    for (const struct check_spec *s = l->site->specs; s != NULL; s = s->next) {
        if (!s->type->gives_rows)
            continue;
        nearest_try(&close, s->check->id);
        only = s->check->id;
        n++;
    }
    if (close.best == NULL && n == 1)
        close.best = only;
    if (close.best != NULL)
        err_set(&e,
                "check \"%s\" is fed by \"%.128s\", but there is no such check; did you mean "
                "\"%s\"?",
                c->name, from, close.best);
    else
        err_set(&e, "check \"%s\" is fed by \"%.128s\", but there is no such check", c->name, from);
    tell(l, c, e.text);
}

static void tell_kind(struct site_loader *l, const struct check *c, const struct check *source)
{
    struct buf kinds = BUF_INIT(256);
    struct err e;
    for (size_t i = 0; probe_types[i] != NULL; i++)
        if (probe_types[i]->gives_rows)
            buf_addf(&kinds, "%s%s", kinds.len > 0 ? " or " : "", probe_types[i]->name);
    err_set(&e, "check \"%s\" is fed by \"%s\", which is of kind %s and has no rows; expected %s",
            c->name, source->id, source->probe, buf_text(&kinds));
    tell(l, c, e.text);
    buf_release(&kinds);
}

static const char *fed_kind(const struct probe_type *source)
{
    return source->fed_kind != NULL ? source->fed_kind : "row";
}

static void tell_wrong(struct site_loader *l, const struct check *c, const struct check *source,
                       const struct probe_type *type)
{
    struct err e;
    err_set(&e, "check \"%s\" of kind %s is fed by \"%s\" of kind %s, which feeds kind %s only",
            c->name, c->probe, source->id, source->probe, fed_kind(type));
    tell(l, c, e.text);
}

/* Nothing comes more often than the source is asked, whatever the state. */
static void take_pace(struct check *c, const struct check *source)
{
    c->rule.interval_ms = c->rule.retry_ms = source->rule.interval_ms;
    c->rule.timeout_ms = source->rule.timeout_ms;
    c->rule.is_fed = true;
}

void site_check_fits(struct site_loader *l)
{
    for (const struct check_spec *s = l->site->specs; s != NULL; s = s->next) {
        struct err e, whole;
        if (s->type->fits == NULL || s->type->fits(s->config, l->site->fleet, &e))
            continue;
        err_set(&whole, "check \"%s\" of \"%s\": %s", s->check->name, s->check->target->id, e.text);
        tell(l, s->check, whole.text);
    }
}

void site_check_feeds(struct site_loader *l)
{
    for (const struct check_spec *s = l->site->specs; s != NULL; s = s->next) {
        const char *from = NULL, *row = NULL;
        if (s->type->feed == NULL)
            continue;
        s->type->feed(s->config, &from, &row);
        if (from == NULL)
            continue; /* told where it is missing */
        const struct check *source = fleet_check(l->site->fleet, from);
        const struct check_spec *spec = source != NULL ? source->spec : NULL;
        if (spec == NULL)
            tell_missing(l, s->check, from);
        else if (!spec->type->gives_rows)
            tell_kind(l, s->check, source);
        else if (strcmp(fed_kind(spec->type), s->type->name) != 0)
            tell_wrong(l, s->check, source, spec->type);
        else
            take_pace(s->check, source);
    }
}
