#include "core/run.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"

const char *const run_kind_names[RUN_KIND_COUNT] = {
    [RUN_SWITCHOVER] = "switchover",
    [RUN_FAILOVER] = "failover",
};
const struct run_state_row run_state_rows[RUN_STATE_COUNT] = {
    [RUN_CONFIRMED] = {"CONFIRMED", N_("confirmed"), true, false},
    [RUN_APPROVED] = {"APPROVED", N_("approved"), true, false},
    [RUN_RUNNING] = {"RUNNING", N_("running"), true, false},
    [RUN_VERIFYING] = {"VERIFYING", N_("being verified"), true, false},
    [RUN_SUCCEEDED] = {"SUCCEEDED", N_("succeeded"), false, false},
    [RUN_SUCCEEDED_OTHER] = {"SUCCEEDED_OTHER", N_("succeeded, but another node"), false, true},
    [RUN_FAILED_SAFE] = {"FAILED_SAFE", N_("failed, nothing changed"), false, false},
    [RUN_FAILED_PARTIAL] = {"FAILED_PARTIAL", N_("failed half way"), false, true},
    [RUN_UNKNOWN] = {"UNKNOWN", N_("not known"), false, true},
    [RUN_ABANDONED] = {"ABANDONED", N_("abandoned"), false, false},
    [RUN_CLOSED] = {"CLOSED", N_("closed"), false, false},
};
const char *const step_class_names[STEP_CLASS_COUNT] = {
    [STEP_CAS] = "CAS",
    [STEP_SET] = "SET",
    [STEP_ONCE] = "ONCE",
};
const char *const step_state_names[STEP_STATE_COUNT] = {
    [STEP_PENDING] = "pending", [STEP_INTENDED] = "intended", [STEP_SENT] = "sent",
    [STEP_DONE] = "done",       [STEP_FAILED] = "failed",     [STEP_UNKNOWN] = "unknown",
    [STEP_SKIPPED] = "skipped",
};

bool run_state_parse(const char *name, enum run_state *out)
{
    for (int s = 0; s < RUN_STATE_COUNT; s++)
        if (strcmp(name, run_state_rows[s].name) == 0) {
            *out = (enum run_state)s;
            return true;
        }
    return false;
}

bool step_state_parse(const char *name, enum step_state *out)
{
    for (int s = 0; s < STEP_STATE_COUNT; s++)
        if (strcmp(name, step_state_names[s]) == 0) {
            *out = (enum step_state)s;
            return true;
        }
    return false;
}

void run_steps_release(struct run_step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(steps[i].say);
        free(steps[i].request);
        free(steps[i].reply);
        free(steps[i].verdict);
    }
    free(steps);
}

struct run_step *run_steps_copy(const struct run_step *steps, size_t n)
{
    if (n == 0)
        return NULL;
    struct run_step *copy = mem_alloc(n * sizeof *copy);
    for (size_t i = 0; i < n; i++) {
        copy[i] = steps[i];
        copy[i].say = mem_strdup(steps[i].say);
        copy[i].request = mem_strdup(steps[i].request);
        copy[i].reply = mem_strdup(steps[i].reply);
        copy[i].verdict = mem_strdup(steps[i].verdict);
    }
    return copy;
}

void run_free(struct run *r)
{
    if (r == NULL)
        return;
    run_steps_release(r->steps, r->n_steps);
    free(r->id);
    free(r->fog);
    free(r->from);
    free(r->to);
    free(r->by);
    free(r->reason);
    free(r->ticket);
    free(r->plan_hash);
    free(r->outcome);
    free(r->closed_by);
    free(r->closed_text);
    free(r);
}

bool run_is_active(const struct run *r)
{
    return run_state_rows[r->state].is_active;
}

bool run_needs_closing(const struct run *r)
{
    return run_state_rows[r->state].needs_closing;
}

size_t run_step_at(const struct run *r)
{
    size_t i = 0;
    while (i < r->n_steps && (r->steps[i].state == STEP_DONE || r->steps[i].state == STEP_SKIPPED))
        i++;
    return i;
}

void event_run_free(struct event_run *r)
{
    if (r == NULL)
        return;
    run_steps_release(r->steps, r->n_steps);
    free(r->id);
    free(r->fog);
    free(r->from);
    free(r->to);
    free(r->reason);
    free(r->ticket);
    free(r->plan_hash);
    free(r->request);
    free(r->reply);
    free(r);
}

struct event_run *event_run_copy(const struct event_run *r)
{
    if (r == NULL)
        return NULL;
    struct event_run *copy = mem_alloc(sizeof *copy);
    *copy = *r;
    copy->id = mem_strdup(r->id);
    copy->fog = mem_strdup(r->fog);
    copy->from = mem_strdup(r->from);
    copy->to = mem_strdup(r->to);
    copy->reason = mem_strdup(r->reason);
    copy->ticket = mem_strdup(r->ticket);
    copy->plan_hash = mem_strdup(r->plan_hash);
    copy->request = mem_strdup(r->request);
    copy->reply = mem_strdup(r->reply);
    copy->steps = run_steps_copy(r->steps, r->n_steps);
    return copy;
}
