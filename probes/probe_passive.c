/* probe_passive.c - results that others bring by `trucban submit`; here nothing is ever started. */
#include "core/say.h"
#include "engine/probe.h"
#include "probes/kinds.h"

static const struct option rows[] = {{.name = NULL}};

const struct probe_type probe_passive = {
    .name = "passive",
    .summary = N_("waits for results brought by `trucban submit`; stale without them"),
    .options = rows,
    .config_size = 0,
    .is_passive = true,
};
