/* probe_row.c - one row of what another check has seen; here nothing is ever started. */
#include <stddef.h>

#include "core/say.h"
#include "core/text.h"
#include "engine/probe.h"
#include "probes/kinds.h"

struct config {
    char *from, *row;
};

static bool configure(void *config, struct err *e)
{
    const struct config *c = config;
    if (c->row != NULL && (c->row[0] == '\0' || !text_is_clean(c->row)))
        return err_set(e, "\"row\" is empty or holds controls, expected the row's id");
    return true;
}

static void feed(const void *config, const char **from, const char **row)
{
    const struct config *c = config;
    *from = c->from;
    *row = c->row;
}

#define AT(field) offsetof(struct config, field)
static const struct option rows[] = {{.name = "from",
                                      .type = OPTION_STRING,
                                      .offset = AT(from),
                                      .flags = OPTION_REQUIRED,
                                      .help = N_("target/check whose results have the row")},
                                     {.name = "row",
                                      .type = OPTION_STRING,
                                      .offset = AT(row),
                                      .help = N_("id of the row; without it the target's id")},
                                     {.name = NULL}};

const struct probe_type probe_row = {
    .name = "row",
    .summary = N_("takes one row of another check's results, such as sync's"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .feed = feed,
};
