/* prom_vector.h - the answer to an instant query: each series of the vector a row. */
#ifndef PROBES_PROM_VECTOR_H
#define PROBES_PROM_VECTOR_H

#include <stddef.h>
#include <stdint.h>

#include "core/option.h"
#include "core/result.h"
#include "engine/jval.h"
#include "engine/probe.h"

struct prom_vector { /* how it is read */
    const char *row; /* template of the row's id */
    const char *metric, *unit;
    const struct option_strings *facts; /* labels that are kept */
    int64_t max_age_ms;
    enum state absent; /* what an empty vector means */
};

/* Fills r from the whole document: its rows, or why there are none. */
void prom_vector_read(const struct prom_vector *v, const struct jval *doc,
                      const struct probe_fed *fed, size_t n_fed, int64_t wall_ms, struct result *r);

#endif
