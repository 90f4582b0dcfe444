/* spec.h - how one check is probed: what the site file says beyond the fleet's own fields.
 * Made by site_load, pointed at by check->spec, owned by the site. */
#ifndef ENGINE_SPEC_H
#define ENGINE_SPEC_H

#include "core/fleet.h"
#include "core/window.h"
#include "engine/probe.h"

struct check_spec {
    struct check *check;
    const struct probe_type *type;
    void *config; /* type->config_size bytes, filled from type->options */
    struct option_thresholds thresholds;
    struct windows *windows; /* what those that look at more than one result have seen; or NULL */
    int64_t proof_ms; /* a proof's deadline (probe_type.deadline); 0: the check's timeout holds */
    char *absent; /* which of its secrets is not there; the check cannot be started.  NULL: none */
    bool is_same; /* as the check of this id was in the site before (engine/site_diff.h) */
    struct check_spec *next; /* of the site's list */
};

#endif
