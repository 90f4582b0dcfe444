/* proofs_lab.h - for tests of kinds that send synthetic messages: a journal, and who writes into
 * it, beside a probe_lab. */
#ifndef TESTS_PROOFS_LAB_H
#define TESTS_PROOFS_LAB_H

#include "core/fleet.h"
#include "engine/decide.h"
#include "engine/journal.h"
#include "engine/proofs.h"
#include "tests/unit/probe_lab.h"
#include "tests/unit/scratch.h"

struct proofs_lab {
    struct scratch tmp;
    struct fleet *fleet;
    struct journal *journal;
    struct decide *decide;
    char path[300];
};

static inline void proofs_lab_folded(void *arg)
{
    (void)arg;
}

static inline void proofs_lab_found(void *arg, const struct event *events, size_t n)
{
    struct proofs_lab *p = arg;
    decide_found(p->decide, events, n);
}

/* On p->path, into lab->env; the check's full id is "t/c", as lab_probe_text names it. */
static inline void proofs_lab_start(struct proofs_lab *p, struct lab *lab)
{
    struct journal_calls calls = {proofs_lab_found, NULL};
    char *say = NULL;
    p->fleet = fleet_new();
    mem_set(&p->fleet->site_id, "demo");
    p->journal = journal_new(lab->loop, &store_sqlite, p->path, &calls, p, &say);
    assert_non_null(p->journal);
    journal_load(p->journal, p->fleet);
    p->decide = decide_new(lab->loop, p->fleet, p->journal, proofs_lab_folded, p);
    lab->env.fleet = p->fleet;
    lab->env.proofs = proofs_new(lab->loop, p->fleet, p->decide);
}

static inline void proofs_lab_stop(struct proofs_lab *p, struct lab *lab)
{
    proofs_stop(lab->env.proofs);
    assert_true(journal_free(p->journal, 5000));
    decide_free(p->decide);
    proofs_free(lab->env.proofs);
    lab->env.proofs = NULL;
    fleet_free(p->fleet);
}

static inline void proofs_lab_open(struct proofs_lab *p, struct lab *lab)
{
    scratch_make(&p->tmp);
    scratch_path(&p->tmp, "t.db", p->path);
    proofs_lab_start(p, lab);
}

static inline void proofs_lab_close(struct proofs_lab *p, struct lab *lab)
{
    proofs_lab_stop(p, lab);
    scratch_remove(&p->tmp);
}

/* The newest message's. */
static inline const struct proof *proofs_lab_newest(const struct proofs_lab *p)
{
    const struct proof_log *l = proof_log_of(p->fleet, "t/c");
    return l != NULL && l->n > 0 ? &l->v[l->n - 1] : NULL;
}

#endif
