/* run_json.c - see run_json.h. */
#include "engine/run_json.h"

#include <string.h>

#include "core/mem.h"
#include "engine/event_json.h"

/* Index of s among n names; fallback where it is none or absent. */
static int index_of(const char *s, const char *const *names, int n, int fallback)
{
    for (int i = 0; s != NULL && i < n; i++)
        if (strcmp(names[i], s) == 0)
            return i;
    return fallback;
}

/* --- steps and findings ------------------------------------------------------------------- */

struct jval *run_steps_json(const struct run_step *steps, size_t n, bool is_live)
{
    struct jval *list = jval_array();
    for (size_t i = 0; i < n; i++) {
        const struct run_step *s = &steps[i];
        struct jval *j = jval_object();
        jval_set_str(j, "class", step_class_names[s->class]);
        event_json_set_say(j, "text", "say", s->say);
        jval_set_str(j, "request", s->request);
        if (is_live) {
            jval_set_str(j, "state", step_state_names[s->state]);
            jval_set_time(j, "intent_at", s->intent_at_ms);
            jval_set_time(j, "sent_at", s->sent_at_ms);
            jval_set_time(j, "seen_at", s->seen_at_ms);
            jval_set_str(j, "reply", s->reply);
            event_json_set_say(j, "verdict", "verdict_say", s->verdict);
        }
        jval_append(list, j);
    }
    return list;
}

struct run_step *run_steps_from_json(const struct jval *list, size_t *n)
{
    *n = jval_len(list) < RUN_STEPS_MAX ? jval_len(list) : RUN_STEPS_MAX;
    struct run_step *steps = *n > 0 ? mem_alloc(*n * sizeof *steps) : NULL;
    for (size_t i = 0; i < *n; i++) {
        const struct jval *j = jval_at(list, i);
        steps[i].class = (enum step_class)index_of(jval_get_str(j, "class"), step_class_names,
                                                   STEP_CLASS_COUNT, STEP_ONCE);
        steps[i].say = event_json_get_say(j, "text", "say");
        steps[i].request = mem_strdup(jval_get_str(j, "request"));
        steps[i].state = (enum step_state)index_of(jval_get_str(j, "state"), step_state_names,
                                                   STEP_STATE_COUNT, STEP_PENDING);
        steps[i].intent_at_ms = event_json_get_time(j, "intent_at");
        steps[i].sent_at_ms = event_json_get_time(j, "sent_at");
        steps[i].seen_at_ms = event_json_get_time(j, "seen_at");
        steps[i].reply = mem_strdup(jval_get_str(j, "reply"));
        steps[i].verdict = event_json_get_say(j, "verdict", "verdict_say");
    }
    return steps;
}

struct jval *findings_json(const struct findings *f)
{
    struct jval *list = jval_array();
    for (size_t i = 0; i < f->n; i++) {
        struct jval *j = jval_object();
        jval_set_str(j, "code", f->v[i].code);
        jval_set_str(j, "kind", finding_kind_names[f->v[i].kind]);
        event_json_set_say(j, "text", "say", f->v[i].say);
        jval_append(list, j);
    }
    return list;
}

void findings_from_json(const struct jval *list, struct findings *out)
{
    for (size_t i = 0; i < jval_len(list); i++) {
        const struct jval *j = jval_at(list, i);
        const char *code = jval_get_str(j, "code");
        char *say = event_json_get_say(j, "text", "say");
        int kind = index_of(jval_get_str(j, "kind"), finding_kind_names, FINDING_KIND_COUNT,
                            FINDING_FAIL); /* what we do not know blocks */
        findings_add(out, code != NULL ? code : "", (enum finding_kind)kind,
                     say != NULL ? say : mem_strdup(""));
    }
}

/* --- events ------------------------------------------------------------------------------- */

static const struct event_run nothing;

void event_run_set_json(struct jval *body, int fields, const struct event_run *r)
{
    if (!(fields & EF_RUN))
        return;
    if (r == NULL)
        r = &nothing;
    jval_set_str(body, "run", r->id);
    jval_set_str(body, "group", r->fog);
    if (fields & EF_RUN_PLAN) {
        jval_set_str(body, "as", run_kind_names[r->kind]);
        jval_set_str(body, "from", r->from);
        jval_set_str(body, "to", r->to);
        jval_set_str(body, "reason", r->reason);
        jval_set_str(body, "ticket", r->ticket);
        jval_set_str(body, "plan_hash", r->plan_hash);
        jval_set(body, "steps", run_steps_json(r->steps, r->n_steps, false));
    }
    if (fields & EF_RUN_STATE)
        jval_set_str(body, "run_state", run_state_rows[r->state].name);
    if (fields & EF_RUN_STEP)
        jval_set_int(body, "step", r->step);
    if (fields & EF_RUN_REQUEST)
        jval_set_str(body, "request", r->request);
    if (fields & EF_RUN_REPLY) {
        jval_set_str(body, "reply", r->reply);
        jval_set_str(body, "verdict", step_state_names[r->verdict]);
    }
    if (fields & EF_RUN_EPOCH)
        jval_set_int(body, "epoch", r->epoch);
}

/* A name that must be one of ours: the fold of a misread run would be a lie. */
static bool read_names(const struct jval *body, int fields, struct event_run *r, struct err *e)
{
    const char *state = jval_get_str(body, "run_state"), *verdict = jval_get_str(body, "verdict");
    if ((fields & EF_RUN_STATE) && (state == NULL || !run_state_parse(state, &r->state)))
        return err_set(e, "event: \"run_state\" is \"%s\", expected the name of a state of a run",
                       state != NULL ? state : "");
    if ((fields & EF_RUN_REPLY) && (verdict == NULL || !step_state_parse(verdict, &r->verdict)))
        return err_set(e, "event: \"verdict\" is \"%s\", expected the name of a state of a step",
                       verdict != NULL ? verdict : "");
    return true;
}

bool event_run_from_json(const struct jval *body, int fields, struct event_run **out, struct err *e)
{
    if (!(fields & EF_RUN))
        return true;
    struct event_run *r = mem_alloc(sizeof *r);
    *out = r;
    r->id = mem_strdup(jval_get_str(body, "run"));
    r->fog = mem_strdup(jval_get_str(body, "group"));
    if (fields & EF_RUN_PLAN) {
        r->kind = (enum run_kind)index_of(jval_get_str(body, "as"), run_kind_names, RUN_KIND_COUNT,
                                          RUN_SWITCHOVER);
        r->from = mem_strdup(jval_get_str(body, "from"));
        r->to = mem_strdup(jval_get_str(body, "to"));
        r->reason = mem_strdup(jval_get_str(body, "reason"));
        r->ticket = mem_strdup(jval_get_str(body, "ticket"));
        r->plan_hash = mem_strdup(jval_get_str(body, "plan_hash"));
        r->steps = run_steps_from_json(jval_get(body, "steps"), &r->n_steps);
    }
    r->step = (int)jval_get_int(body, "step", 0);
    r->epoch = jval_get_int(body, "epoch", 0);
    r->request = mem_strdup(jval_get_str(body, "request"));
    r->reply = mem_strdup(jval_get_str(body, "reply"));
    return read_names(body, fields, r, e);
}
