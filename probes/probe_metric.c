/* probe_metric.c - one number of a page that a check of kind `metrics` has read; here nothing is
 * ever started. */
#include <stddef.h>

#include "core/say.h"
#include "engine/probe.h"
#include "probes/kinds.h"
#include "probes/metric.h"

static void feed(const void *config, const char **from, const char **row)
{
    const struct metric_config *c = config;
    *from = c->from;
    *row = NULL;
}

static const char *const absents[] = {"unknown", "ok", "warning", "critical", NULL};

#define AT(field) offsetof(struct metric_config, field)
static const struct option rows[] = {
    {.name = "from",
     .type = OPTION_STRING,
     .offset = AT(from),
     .flags = OPTION_REQUIRED,
     .help = N_("target/check of kind metrics that reads the page")},
    {.name = "of",
     .type = OPTION_CHOICE,
     .offset = AT(of),
     .choices = metric_preset_names,
     .help = N_("what everybody wants of node_exporter, by its name")},
    {.name = "series",
     .type = OPTION_STRING,
     .offset = AT(series),
     .help = N_("the series, as in PromQL: name{label=\"x\",other!~\"a|b\"}")},
    {.name = "where",
     .type = OPTION_STRING,
     .offset = AT(where),
     .help = N_("further conditions on their labels, such as mountpoint!~\"/mnt/.*\"")},
    {.name = "by",
     .type = OPTION_STRINGS,
     .offset = AT(by),
     .help = N_("labels whose values make a group each; without them all is one group")},
    {.name = "group",
     .type = OPTION_CHOICE,
     .offset = AT(group),
     .choices = gather_folds,
     .help = N_("what the series of a group come to")},
    {.name = "rate",
     .type = OPTION_BOOL,
     .offset = AT(is_rate),
     .help = N_("they are counters: what each group rose by, a second, since the look before")},
    {.name = "per",
     .type = OPTION_STRING,
     .offset = AT(per),
     .help = N_("series that they are divided by, group by group")},
    {.name = "per_group",
     .type = OPTION_CHOICE,
     .offset = AT(per_group),
     .choices = gather_folds,
     .help = N_("what those of a group come to")},
    {.name = "as",
     .type = OPTION_CHOICE,
     .offset = AT(as),
     .choices = metric_as_names,
     .help = N_("what is made of each: x, 100 x, 1 - x, 100 (1 - x), seconds since x, |x|")},
    {.name = "scale",
     .type = OPTION_NUMBER,
     .offset = AT(scale),
     .min = 1e-12,
     .max = 1e12,
     .fallback = "1",
     .help = N_("times this")},
    {.name = "only",
     .type = OPTION_STRING,
     .offset = AT(only),
     .help = N_("groups that count, such as \">0\"; goes with pick count")},
    {.name = "pick",
     .type = OPTION_CHOICE,
     .offset = AT(pick),
     .choices = gather_folds,
     .fallback = "\"max\"",
     .help = N_("which group is the value; or their sum, mean, number")},
    {.name = "metric",
     .type = OPTION_STRING,
     .offset = AT(metric),
     .help = N_("the name of the number, for thresholds; value unless said otherwise")},
    {.name = "unit",
     .type = OPTION_STRING,
     .offset = AT(unit),
     .help = N_("its unit on the screen")},
    {.name = "absent",
     .type = OPTION_CHOICE,
     .offset = AT(absent),
     .choices = absents,
     .help = N_("what it means that the page has no such series")},
    {.name = "max_age",
     .type = OPTION_DURATION,
     .offset = AT(max_age_ms),
     .min = 1000,
     .max = 30 * 86400e3,
     .fallback = "\"5m\"",
     .help = N_("a value whose own time stamp is older is not taken")},
    {.name = NULL}};

const struct probe_type probe_metric = {
    .name = "metric",
    .summary = N_("takes one number of a page that a check of kind metrics has read"),
    .options = rows,
    .config_size = sizeof(struct metric_config),
    .configure = metric_configure,
    .release = metric_release,
    .feed = feed,
    .has_own_row = true,
};
