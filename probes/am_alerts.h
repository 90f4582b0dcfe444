/* am_alerts.h - Alertmanager's list of alerts, told as one result: how many of what severity, the
 * worst by name; a row for each that is fed, with what is about it. */
#ifndef PROBES_AM_ALERTS_H
#define PROBES_AM_ALERTS_H

#include <stddef.h>

#include "core/option.h"
#include "core/result.h"
#include "engine/jval.h"
#include "engine/probe.h"

#define AM_LISTED 10 /* alerts that the facts name */

struct am_reading {
    const char *severity;                         /* name of the label */
    const struct option_strings *critical, *info; /* its values; any other is a WARNING */
    const char *row;                              /* template of what an alert is about */
    const char *own_site; /* alerts that this site of ours sent itself are left out; or NULL */
};

/* r from the document; rows for all of fed. */
void am_alerts_read(const struct am_reading *how, const struct jval *doc,
                    const struct probe_fed *fed, size_t n_fed, struct result *r);

#endif
