/* proofs.c - events about synthetic messages, written in their order; receipts from outside. */
#include "engine/proofs_private.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/decide.h"
#include "engine/failpoint.h"

/* --- writing ------------------------------------------------------------------------------ */

struct event proofs_event(const struct proofs *p, enum event_kind kind, const char *check,
                          const char *key)
{
    struct event e = {.kind = kind, .at_ms = loop_wall_ms(p->loop)};
    e.subject = mem_strdup(check);
    e.key = mem_strdup(key);
    return e;
}

bool proofs_has_unwritten(const struct proofs *p, const char *check)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->entries[i].event.subject, check) == 0)
            return true;
    return false;
}

static void entry_answer(struct entry *e, bool is_ok, const char *say)
{
    proofs_answer_fn *fn = e->fn;
    e->fn = NULL;
    if (fn != NULL)
        fn(e->arg, is_ok, say);
}

static void drop(struct proofs *p, size_t i)
{
    event_release(&p->entries[i].event);
    p->n--;
    memmove(p->entries + i, p->entries + i + 1, (p->n - i) * sizeof *p->entries);
}

/* Nothing that has not left will leave; who waits for an end has it, and it is written later. */
static void not_written(struct proofs *p, const char *error)
{
    mem_set(&p->error, error);
    for (size_t i = 0; i < p->n;) {
        struct entry *e = &p->entries[i];
        struct proof_run *run = e->run;
        bool is_lost = e->kind == ENTRY_INTENT || e->kind == ENTRY_GIVEN_UP;
        e->run = NULL;
        entry_answer(e, false, error);
        if (is_lost)
            drop(p, i);
        else
            i++;
        if (run != NULL && is_lost)
            proof_run_intended(run, error);
        else if (run != NULL && p->entries[i - 1].kind == ENTRY_END)
            proof_run_ended(run);
    }
}

static void write_next(struct proofs *p);

static void written(void *arg, const char *error)
{
    struct proofs *p = arg;
    p->is_writing = false;
    if (error != NULL) {
        not_written(p, error); /* the next second tries again */
        return;
    }
    mem_set(&p->error, NULL);
    struct entry e = p->entries[0];
    p->n--;
    memmove(p->entries, p->entries + 1, p->n * sizeof *p->entries);
    char *say =
        e.fn != NULL ? proof_receipt_say(RECEIPT_COUNTS, e.event.subject, e.event.key, NULL) : NULL;
    entry_answer(&e, true, say);
    free(say);
    if (e.kind == ENTRY_INTENT && e.run != NULL) {
        proof_run_intended(e.run, NULL);
    } else if (e.kind == ENTRY_INTENT) { /* let go of meanwhile: it did not leave */
        struct event end = proofs_event(p, EVENT_PROOF_ENDED, e.event.subject, e.event.key);
        end.what = mem_strdup(proof_phase_names[PROOF_UNKNOWN]);
        end.text = mem_strdup(N_("not sent: the check was stopped"));
        proofs_write(p, ENTRY_NOTE, &end, NULL);
    } else if (e.kind == ENTRY_GIVEN_UP && e.run != NULL) {
        proof_run_anew(e.run);
    } else if (e.kind == ENTRY_END && e.run != NULL) {
        proof_run_ended(e.run);
    }
    event_release(&e.event);
    write_next(p);
}

static void write_next(struct proofs *p)
{
    if (p->n == 0 || p->is_writing || p->is_stopped)
        return;
    struct event e;
    event_copy(&e, &p->entries[0].event);
    p->is_writing = true;
    decide_events(p->decide, &e, 1, written, p);
}

struct entry *proofs_write(struct proofs *p, enum entry_kind kind, struct event *taken,
                           struct proof_run *run)
{
    MEM_ROOM(p->entries, p->n, p->cap);
    struct entry *e = &p->entries[p->n++];
    *e = (struct entry){.kind = kind, .event = *taken, .run = run};
    write_next(p);
    return e;
}

void proofs_second(struct proofs *p)
{
    write_next(p);
}

/* --- receipts ----------------------------------------------------------------------------- */

static struct proof_run *run_of(const struct proofs *p, const char *key)
{
    for (struct proof_run *r = p->runs; r != NULL; r = r->next)
        if (strcmp(r->key, key) == 0)
            return r;
    return NULL;
}

/* Its end is being written, or waits for the store. */
static bool is_ending(const struct proofs *p, const char *key, bool *is_delivered, bool *is_late)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct event *e = &p->entries[i].event;
        if (e->kind == EVENT_PROOF_SENDING || e->kind == EVENT_PROOF_SENT ||
            strcmp(e->key, key) != 0)
            continue;
        *is_delivered = e->kind == EVENT_PROOF_ARRIVED;
        *is_late = !*is_delivered && strcmp(e->what, proof_phase_names[PROOF_UNDELIVERED]) != 0;
        return true;
    }
    return false;
}

/* Nobody waits for it just now (its check is not running): it is written all the same. */
static struct entry *end_alone(struct proofs *p, const struct proof *sent, const char *check,
                               bool is_delivered, char *say)
{
    struct event e =
        proofs_event(p, is_delivered ? EVENT_PROOF_ARRIVED : EVENT_PROOF_ENDED, check, sent->key);
    e.delay_ms = e.at_ms > sent->at_ms ? e.at_ms - sent->at_ms : 0;
    if (!is_delivered)
        e.what = mem_strdup(proof_phase_names[PROOF_UNDELIVERED]);
    e.text = say != NULL ? say : mem_strdup(N_("its receipt has come"));
    return proofs_write(p, ENTRY_END, &e, NULL);
}

static enum receipt_what look_at(struct proofs *p, const char *check, const char *key,
                                 bool is_delivered, const struct proof **sent, const char **owner)
{
    bool was_delivered = false, is_late = false;
    enum receipt_what what =
        proof_receipt(p->fleet, check, key, is_delivered, loop_wall_ms(p->loop), sent, owner);
    if ((what != RECEIPT_COUNTS && what != RECEIPT_LATE) || *sent == NULL ||
        proof_is_over((*sent)->phase))
        return what;
    if (is_ending(p, key, &was_delivered, &is_late))
        return is_late                         ? RECEIPT_LATE
               : was_delivered == is_delivered ? RECEIPT_AGAIN
                                               : RECEIPT_CONTRADICTS;
    return run_of(p, key) != NULL ? RECEIPT_COUNTS : what; /* its deadline is of our own clock */
}

void proofs_submit(struct proofs *p, const char *check, const char *key, bool is_delivered,
                   const char *text, proofs_answer_fn *fn, void *arg)
{
    const struct proof *sent = NULL;
    const char *owner = NULL;
    enum receipt_what what = look_at(p, check, key, is_delivered, &sent, &owner);
    FP("proof.receipt");
    if (what != RECEIPT_COUNTS || p->is_stopped) {
        char *say = p->is_stopped ? mem_strdup(N_("NOT SAVED: the engine is ending"))
                                  : proof_receipt_say(what, check, key, owner);
        fn(arg, what == RECEIPT_AGAIN && !p->is_stopped, say);
        free(say);
        return;
    }
    char *clean = text_cleaned(text, strlen(text), TEXT_MAX_LISTED, 0);
    char *say = is_delivered ? NULL : SAY(N_("not delivered: {0}"), clean);
    struct proof_run *run = run_of(p, key);
    struct entry *e = run != NULL ? proof_run_arrive(run, is_delivered, -1, say)
                                  : end_alone(p, sent, check, is_delivered, say);
    e->fn = fn;
    e->arg = arg;
    free(clean);
}

/* --- life --------------------------------------------------------------------------------- */

struct proofs *proofs_new(struct loop *l, struct fleet *f, struct decide *d)
{
    struct proofs *p = mem_alloc(sizeof *p);
    p->loop = l;
    p->fleet = f;
    p->decide = d;
    p->started_ms = loop_wall_ms(l);
    return p;
}

void proofs_stop(struct proofs *p)
{
    if (p != NULL)
        p->is_stopped = true;
}

void proofs_free(struct proofs *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->n; i++) {
        entry_answer(&p->entries[i], false, N_("NOT SAVED: the engine is ending"));
        event_release(&p->entries[i].event);
    }
    free(p->entries);
    free(p->error);
    free(p);
}
