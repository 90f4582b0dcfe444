/* receiver.c - kinds by name, what a site keeps of each receiver, tries under way. */
#include "engine/receiver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/map.h"
#include "core/matcher.h"
#include "core/mem.h"
#include "engine/loop.h"
#include "engine/receiver_row.h"

const struct receiver_type *const receiver_types[] = {
    &notify_alertmanager, &notify_command, &notify_mail, &notify_sms, &notify_webhook, NULL,
};

const struct receiver_type *receiver_type_find(const char *name)
{
    for (size_t i = 0; receiver_types[i] != NULL; i++)
        if (strcmp(receiver_types[i]->name, name) == 0)
            return receiver_types[i];
    return NULL;
}

/* --- of a site -------------------------------------------------------------------------------- */

struct receiver_spec *receiver_spec_new(const struct receiver_type *type)
{
    struct receiver_spec *s = mem_alloc(sizeof *s);
    s->type = type;
    s->config = mem_alloc(type->config_size);
    s->uses = 1;
    return s;
}

void receiver_spec_drop(struct receiver_spec *s)
{
    if (s == NULL || --s->uses > 0)
        return;
    if (s->type->release != NULL)
        s->type->release(s->config);
    option_release(s->type->options, s->config);
    words_release(&s->name);
    free(s->match);
    free(s->absent);
    free(s->config);
    free(s);
}

const struct receiver_spec *receiver_spec_of(const struct receiver *r)
{
    return r->config;
}

void receivers_release(struct receiver *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(v[i].id);
        free(v[i].kind);
        matcher_free(v[i].match);
        receiver_spec_drop(v[i].config);
    }
    free(v);
}

struct jval *receiver_json(const struct receiver *r)
{
    const struct receiver_spec *s = receiver_spec_of(r);
    struct jval *o = jval_object(), *levels = jval_array(), *priorities = jval_array();
    struct buf to = BUF_INIT(0);
    s->type->whereto(s->config, &to);
    jval_set_str(o, "id", r->id);
    jval_set_str(o, "kind", r->kind);
    jval_set_str(o, "to", buf_text(&to));
    for (int k = 1; k <= 3; k++)
        if (r->levels & RECEIVER_LEVEL(k))
            jval_append(levels, jval_new_int(k));
    for (int p = PRIORITY_P1; p <= PRIORITY_P4; p++)
        if (r->priorities & RECEIVER_PRIORITY(p))
            jval_append(priorities, jval_new_str(priority_name((enum priority)p)));
    jval_set(o, "levels", levels);
    jval_set(o, "priorities", priorities);
    jval_set_str(o, "match", s->match);
    jval_set(o, "cap", r->cap > 0 ? jval_new_int(r->cap) : jval_new_null());
    jval_set_int(o, "cap_window_ms", r->cap_ms);
    jval_set_bool(o, "collect", r->is_collector);
    jval_set_bool(o, "recoveries", r->wants_recoveries);
    jval_set(o, "watchdog_ms", r->every_ms > 0 ? jval_new_int(r->every_ms) : jval_new_null());
    buf_release(&to);
    return o;
}

struct jval *receivers_json(const struct receiver *v, size_t n)
{
    struct jval *a = jval_array();
    for (size_t i = 0; i < n; i++)
        jval_append(a, receiver_json(&v[i]));
    return a;
}

static bool is_same_text(struct jval *a, struct jval *b)
{
    struct buf ta = BUF_INIT(0), tb = BUF_INIT(0);
    jval_dump(&ta, a, JVAL_SORTED);
    jval_dump(&tb, b, JVAL_SORTED);
    bool is_same = strcmp(buf_text(&ta), buf_text(&tb)) == 0;
    buf_release(&ta);
    buf_release(&tb);
    jval_free(a);
    jval_free(b);
    return is_same;
}

bool receiver_is_same(const struct receiver *a, const struct receiver *b)
{
    const struct receiver_spec *sa = a->config, *sb = b->config;
    return sa->type == sb->type && sa->timeout_ms == sb->timeout_ms &&
           (sa->absent == NULL) == (sb->absent == NULL) && a->group_ms == b->group_ms &&
           is_same_text(receiver_json(a), receiver_json(b)) &&
           option_equal(sa->type->options, sa->config, sb->config);
}

/* --- sending ---------------------------------------------------------------------------------- */

struct attempt {
    struct receivers *all;
    struct receiver_spec *spec;
    struct receiver_tally *tally;
    void *run; /* of the kind; NULL: not started, and `absent` of the spec tells why */
    notice_answer_fn *fn;
    void *arg;
    struct attempt *next;
};
struct receivers {
    struct receivers_want want;
    struct map tallies; /* by id of the receiver; owned */
    struct attempt *first;
};

struct receivers *receivers_new(const struct receivers_want *w)
{
    struct receivers *all = mem_alloc(sizeof *all);
    all->want = *w;
    return all;
}

static struct receiver_tally *tally_of(struct receivers *all, const char *id)
{
    struct receiver_tally *t = map_get(&all->tallies, id);
    if (t == NULL) {
        t = mem_alloc(sizeof *t);
        snprintf(t->id, sizeof t->id, "%s", id);
        map_put(&all->tallies, t->id, t);
    }
    return t;
}

static void unlink_attempt(struct attempt *t)
{
    struct attempt **at = &t->all->first;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
}

static void attempt_free(struct attempt *t)
{
    receiver_spec_drop(t->spec);
    free(t);
}

/* The kind has freed its run after this; the owner may send again, or end it all. */
static void on_answer(void *arg, const struct notice_answer *a)
{
    struct attempt *t = arg;
    unlink_attempt(t);
    t->tally->is_final = !a->is_ok && !a->is_transient;
    t->fn(t->arg, a);
    attempt_free(t);
}

static void on_absent(void *arg)
{
    struct attempt *t = arg;
    const struct notice_answer a = {.is_transient = true, .say = t->spec->absent};
    on_answer(t, &a);
}

void receivers_send(void *senders, const struct notice *n, const struct fleet *f,
                    notice_answer_fn *fn, void *arg)
{
    struct receivers *all = senders;
    struct attempt *t = mem_alloc(sizeof *t);
    t->all = all;
    t->spec = n->to->config;
    t->spec->uses++;
    t->tally = tally_of(all, n->to->id);
    t->fn = fn;
    t->arg = arg;
    t->next = all->first;
    all->first = t;
    const struct receiver_job job = {.env = all->want.env,
                                     .config = t->spec->config,
                                     .notice = n,
                                     .fleet = f,
                                     .translate = all->want.translate,
                                     .timeout_ms = t->spec->timeout_ms};
    if (t->spec->absent != NULL)
        loop_soon(all->want.env->loop, on_absent, t);
    else
        t->run = t->spec->type->send(&job, on_answer, t);
}

void receivers_free(struct receivers *all)
{
    if (all == NULL)
        return;
    while (all->first != NULL) {
        struct attempt *t = all->first;
        if (t->run != NULL)
            t->spec->type->cancel(t->run);
        loop_forget(all->want.env->loop, t);
        unlink_attempt(t);
        attempt_free(t);
    }
    for (size_t i = 0; i < all->tallies.cap; i++)
        free(all->tallies.slots[i].value);
    map_release(&all->tallies);
    free(all);
}

/* --- their rows ------------------------------------------------------------------------------- */

static void tell_row(struct receivers *all, struct check *c, struct result *r)
{
    r->started_mono_ms = loop_mono_ms(all->want.env->loop);
    r->at_ms = loop_wall_ms(all->want.env->loop);
    if (all->want.row != NULL)
        all->want.row(all->want.arg, c, r);
    result_release(r);
}

/* A refusal for good is a problem at once; what may pass gets as many tries as other checks. */
void receivers_tried(void *senders, const struct receiver *r, const char *say)
{
    struct receivers *all = senders;
    struct check *c = receiver_row_check(all->want.env->fleet, r);
    struct receiver_tally *t = tally_of(all, r->id);
    struct result result = {0};
    receiver_row_result(t, say, loop_wall_ms(all->want.env->loop), &result);
    if (c == NULL) {
        result_release(&result);
        return;
    }
    int attempts = c->rule.attempts;
    if (t->is_final)
        c->rule.attempts = 1;
    tell_row(all, c, &result);
    c->rule.attempts = attempts;
}

void receivers_begin(struct receivers *all, const struct receiver *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct check *c = receiver_row_check(all->want.env->fleet, &v[i]);
        struct result r = {.latency_ms = -1};
        if (c == NULL || c->at_ms != 0 || rule_is_problem(c->live.hard_state))
            continue;
        result_say(&r, STATE_OK, mem_strdup(N_("nothing had to be told yet")));
        tell_row(all, c, &r);
    }
}
