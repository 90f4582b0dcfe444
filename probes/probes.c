/* probes.c - the list of kinds.  A new one: its file, a word in kinds.h, a line here. */
#include <string.h>

#include "engine/probe.h"
#include "probes/kinds.h"

/* clang-format off */
const struct probe_type *const probe_types[] = {
    &probe_aggregate,
    &probe_alertmanager,
    &probe_commits,
    &probe_dns,
    &probe_exec,
    &probe_expiry,
    &probe_flow,
    &probe_haproxy,
    &probe_hotline,
    &probe_http,
    &probe_icmp,
    &probe_kannel,
    &probe_mail,
    &probe_metric,
    &probe_metrics,
    &probe_passive,
    &probe_patroni,
    &probe_postgres,
    &probe_prometheus,
    &probe_replication,
    &probe_row,
    &probe_slots,
    &probe_sms,
    &probe_smtp,
    &probe_subscription,
    &probe_sync,
    &probe_tcp,
    &probe_tls,
    NULL,
};
/* clang-format on */

const struct probe_type *probe_find(const char *name)
{
    for (size_t i = 0; probe_types[i] != NULL; i++)
        if (strcmp(probe_types[i]->name, name) == 0)
            return probe_types[i];
    return NULL;
}
