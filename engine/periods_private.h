/* periods_private.h - what periods.c (which are on, which are over) and periods_ask.c (requests)
 * share. */
#ifndef ENGINE_PERIODS_PRIVATE_H
#define ENGINE_PERIODS_PRIVATE_H

#include "core/period_decide.h"
#include "engine/periods.h"

struct period_ask { /* one request that waits, or is being written */
    struct hub_request *q;
    enum period_act act;
    uint64_t period; /* being written */
    struct period_ask *next;
};

struct periods {
    struct periods_want w;
    struct period_ask *first, **last;
    struct period_ask *writing; /* NULL: none, or it is ends that are written */
    bool is_writing, is_stopping;
    bool must_look; /* at all checks: what is on may have changed */
    bool is_first;  /* look since the start: alerts know what held them back before */
};

void periods_next_ask(struct periods *p); /* periods_ask.c: decides and writes, if nothing is */

#endif
