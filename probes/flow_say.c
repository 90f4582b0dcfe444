/* flow_say.c - what a run saw: which step failed, what was sent, what came, what to do, and whose
 * fault it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "probes/flow.h"

#define PATH_MAX_SHOWN 160

static bool is_of_ours(const struct flow_config *c, const char *code)
{
    for (size_t i = 0; code != NULL && i < c->inside_codes.n; i++)
        if (strcmp(c->inside_codes.v[i], code) == 0)
            return true;
    return false;
}

static bool is_inside(const struct flow_config *c, const struct flow_failure *f)
{
    return f->verdict.cause == FLOW_SELF || is_of_ours(c, f->verdict.code) ||
           flow_side(c, f->step) == FLOW_SIDE_INSIDE;
}

/* What to do, packed. */
static char *advice(const struct flow_values *v, const struct flow_failure *f)
{
    bool is_ours = is_inside(v->config, f);
    switch (f->verdict.cause) {
    case FLOW_SELF:
        return mem_strdup(N_("Look at the machine that trucban runs on."));
    case FLOW_DENIED:
        return mem_strdup(is_ours ? N_("Look at our account for this flow.")
                                  : N_("Look at our account there, then ask the partner."));
    case FLOW_DEAD:
        return mem_strdup(is_ours ? N_("Look at our own system and the way to it.")
                                  : N_("Look at the way there, then tell the partner."));
    case FLOW_REFUSED:
        return is_ours ? SAY(N_("Look in our own logs for {0}."), v->key)
                       : SAY(N_("Give the partner this answer and the key {0}."), v->key);
    case FLOW_UNUSABLE:
    case FLOW_WRONG:
    case FLOW_OK:
        break;
    }
    return is_ours ? SAY(N_("Look at what our own system answers; key {0}."), v->key)
                   : SAY(N_("Ask the partner what happened; key {0}."), v->key);
}

static char *path_of(const struct flow_values *v, const struct flow_step *s)
{
    struct buf path = BUF_INIT(PATH_MAX_SHOWN);
    flow_values_path(v, s->url, &path);
    char *clean = text_cleaned(buf_text(&path), path.len, PATH_MAX_SHOWN, 0);
    buf_release(&path);
    return clean;
}

static void say_failed(const struct flow_values *v, const struct flow_outcome *o, struct result *r)
{
    const struct flow_step *s = o->failed.step;
    const char *left = o->left != NULL ? o->left : "";
    char *path = path_of(v, s), *what = advice(v, &o->failed);
    char *do_this = say_nested(what), *why = say_nested(o->failed.verdict.say), *too = NULL;
    bool is_self = o->failed.verdict.cause == FLOW_SELF;
    if (o->unclean.step != NULL)
        too = say_nested(o->unclean.verdict.say);
    r->is_self = is_self;
    result_say(r, is_self ? STATE_UNKNOWN : STATE_CRITICAL,
               too == NULL ? SAY(N_("step {0}, {1} {2}: {3}. {4}"), s->id, flow_method(s), path,
                                 why, do_this)
               : o->left != NULL
                   ? SAY(N_("step {0}, {1} {2}: {3}. {4} The clean-up {5} failed, too: {6}. May be "
                            "left behind: {7}"),
                         s->id, flow_method(s), path, why, do_this, o->unclean.step->id, too, left)
                   : SAY(N_("step {0}, {1} {2}: {3}. {4} Step {5} failed, too: {6}"), s->id,
                         flow_method(s), path, why, do_this, o->unclean.step->id, too));
    free(path);
    free(what);
    free(do_this);
    free(why);
    free(too);
}

static void say_unclean(const struct flow_values *v, const struct flow_outcome *o, struct result *r)
{
    const struct flow_step *s = o->unclean.step;
    char *path = path_of(v, s), *why = say_nested(o->unclean.verdict.say);
    result_say(r, STATE_WARNING,
               o->left != NULL
                   ? SAY(N_("the flow works, but was not cleaned up: step {0}, {1} {2}: {3}. Left "
                            "behind: {4}"),
                         s->id, flow_method(s), path, why, o->left)
                   : SAY(N_("the flow works, but step {0} after it failed, {1} {2}: {3}"), s->id,
                         flow_method(s), path, why));
    free(path);
    free(why);
}

static void say_ok(const struct flow_outcome *o, struct result *r)
{
    char n[24], ms[32];
    snprintf(n, sizeof n, "%zu", o->n_done);
    snprintf(ms, sizeof ms, "%.0f ms", o->slowest_ms);
    result_say(r, STATE_OK,
               SAY(N_("{0} steps succeeded, the slowest {1} in {2}"), n,
                   o->slowest != NULL ? o->slowest->id : "-", ms));
}

/* Whose it is while something is wrong (`blame`), whose it would be if it is slow (`side`). */
static void add_facts(const struct flow_values *v, const struct flow_outcome *o, struct result *r)
{
    const struct flow_failure *f = o->failed.step != NULL ? &o->failed : &o->unclean;
    if (f->step != NULL) {
        result_fact(r, "blame", is_inside(v->config, f) ? "inside" : "outside");
        result_fact(r, "step", f->step->id);
        result_fact(r, "error_code", f->verdict.code);
        result_fact(r, "key", v->key);
        result_fact(r, "left_behind", o->left);
    } else if (o->slowest != NULL) {
        bool is_ours = flow_side(v->config, o->slowest) == FLOW_SIDE_INSIDE;
        result_fact(r, "side", is_ours ? "inside" : "outside");
        result_fact(r, "slowest", o->slowest->id);
    }
}

void flow_say(const struct flow_values *v, const struct flow_outcome *o, struct result *r)
{
    if (o->failed.step != NULL)
        say_failed(v, o, r);
    else if (o->unclean.step != NULL)
        say_unclean(v, o, r);
    else
        say_ok(o, r);
    add_facts(v, o, r);
}
