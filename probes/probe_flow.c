/* probe_flow.c - a business transaction as a partner sees it: steps in order, each with what the
 * one before said; see flow.h. */
#include <stddef.h>
#include <stdlib.h>

#include "core/say.h"
#include "engine/http_access.h"
#include "probes/flow.h"
#include "probes/kinds.h"

const struct flow_step *flow_step(const struct flow_config *c, size_t i)
{
    return (const struct flow_step *)c->steps.v + i;
}

bool flow_is_always(const struct flow_step *s)
{
    return s->is_always || s->cleans != NULL;
}

enum flow_side flow_side(const struct flow_config *c, const struct flow_step *s)
{
    return (enum flow_side)(s->side != FLOW_SIDE_FLOW ? s->side : c->side + FLOW_SIDE_INSIDE);
}

const char *flow_method(const struct flow_step *s)
{
    return s->method != NULL ? s->method : s->body != NULL ? "POST" : "GET";
}

static bool configure(void *config, struct err *e)
{
    return flow_check(config, e);
}

static void release(void *config)
{
    struct flow_config *c = config;
    free(c->host);
    c->host = NULL;
}

static const char *host(const void *config)
{
    return ((const struct flow_config *)config)->host;
}

static const char *const replies[] = {"json", "xml", "text", NULL};
static const char *const step_sides[] = {"flow", "inside", "outside", NULL};
static const char *const sides[] = {"inside", "outside", NULL};
static const char *const effects[] = {"none", "cleaned", NULL};

#define OF_SECRET(field) offsetof(struct flow_secret, field)
static const struct option secret_rows[] = {
    {.name = "name",
     .type = OPTION_STRING,
     .offset = OF_SECRET(name),
     .flags = OPTION_REQUIRED,
     .help = N_("its name: ${secret.NAME} in bodies and headers")},
    {.name = "value",
     .type = OPTION_SECRET,
     .offset = OF_SECRET(value),
     .flags = OPTION_REQUIRED,
     .help = N_("where it is")},
    {.name = NULL}};

#define OF(field) offsetof(struct flow_step, field)
static const struct option expect_rows[] = {
    {.name = "status",
     .type = OPTION_INTS,
     .offset = OF(expect_status),
     .help = N_("status codes that are right; without it any of 200 to 299")},
    {.name = "body",
     .type = OPTION_STRING,
     .offset = OF(expect_body),
     .flags = OPTION_LATE,
     .help = N_("text that the body must contain")},
    {.name = "json",
     .type = OPTION_TESTS,
     .offset = OF(expect_json),
     .flags = OPTION_LATE,
     .help = N_("JSON pointers and what must stand there: a value, or {\">=\": 3}")},
    {.name = NULL}};

static const struct option step_rows[] = {
    {.name = "id",
     .type = OPTION_STRING,
     .offset = OF(id),
     .flags = OPTION_REQUIRED,
     .help = N_("the step's name: of its metric ID_ms, in sentences, in ${ID.NAME}")},
    {.name = "method",
     .type = OPTION_STRING,
     .offset = OF(method),
     .help = N_("request method; GET, or POST where there is a body")},
    {.name = "url",
     .type = OPTION_STRING,
     .offset = OF(url),
     .flags = OPTION_REQUIRED | OPTION_LATE,
     .help = N_("http or https URL; ${…} may stand behind the host, percent-encoded")},
    {.name = "headers",
     .type = OPTION_PAIRS,
     .offset = OF(headers),
     .flags = OPTION_LATE,
     .help = N_("request headers, name and value; ${…} may stand in values")},
    {.name = "body",
     .type = OPTION_STRING,
     .offset = OF(body),
     .flags = OPTION_LATE,
     .help = N_("request body; ${…} is escaped as the content type asks")},
    {.name = "content_type",
     .type = OPTION_STRING,
     .offset = OF(content_type),
     .help = N_("of the body; application/json, or text/xml where the reply is xml")},
    {.name = "reply",
     .type = OPTION_CHOICE,
     .offset = OF(reply),
     .choices = replies,
     .fallback = "\"json\"",
     .help = N_("what comes back; in XML a path such as /Envelope/Body/Reply/code")},
    {.name = "expect",
     .type = OPTION_GROUP,
     .rows = expect_rows,
     .help = N_("what the reply must be like")},
    {.name = "success",
     .type = OPTION_TESTS,
     .offset = OF(success),
     .flags = OPTION_LATE,
     .help = N_("fields of the reply that decide, whatever the status; \"0\" and 0 are one")},
    {.name = "message",
     .type = OPTION_STRING,
     .offset = OF(message),
     .help = N_("where in the reply the peer says why not, for the sentence")},
    {.name = "take",
     .type = OPTION_PAIRS,
     .offset = OF(take),
     .help = N_("values for later steps: name, and JSON pointer, XML path or header:NAME")},
    {.name = "always",
     .type = OPTION_BOOL,
     .offset = OF(is_always),
     .help = N_("runs also when a step before it failed, if it has the values that it needs")},
    {.name = "cleans",
     .type = OPTION_STRING,
     .offset = OF(cleans),
     .help = N_("id of the step that it cleans up after; runs always if that one may have had its "
                "effect")},
    {.name = "leaves",
     .type = OPTION_STRING,
     .offset = OF(leaves),
     .flags = OPTION_LATE,
     .help =
         N_("what stays behind when this clean-up fails, for people; the run's key if left out")},
    {.name = "side",
     .type = OPTION_CHOICE,
     .offset = OF(side),
     .choices = step_sides,
     .fallback = "\"flow\"",
     .help = N_("whose system this step asks, ours or a partner's; as the flow says if left out")},
    {.name = "timeout",
     .type = OPTION_DURATION,
     .offset = OF(timeout_ms),
     .min = 10,
     .max = 600000,
     .help = N_("limit of this step; what is left of the check's timeout if left out")},
    {.name = NULL}};

#define AT(field) offsetof(struct flow_config, field)
static const struct option rows[] = {
    {.name = "steps",
     .type = OPTION_LIST,
     .offset = AT(steps),
     .flags = OPTION_REQUIRED,
     .min = 1,
     .max = FLOW_STEPS_MAX,
     .rows = step_rows,
     .item_size = sizeof(struct flow_step),
     .help = N_("requests, one after the other")},
    {.name = "effect",
     .type = OPTION_CHOICE,
     .offset = AT(effect),
     .flags = OPTION_REQUIRED,
     .choices = effects,
     .help = N_("none: nothing changes at the partner; cleaned: a step undoes what changed")},
    {.name = "side",
     .type = OPTION_CHOICE,
     .offset = AT(side),
     .choices = sides,
     .fallback = "\"outside\"",
     .help = N_("whose systems its steps ask, ours or a partner's")},
    {.name = "inside_codes",
     .type = OPTION_STRINGS,
     .offset = AT(inside_codes),
     .help = N_("codes of replies that say that the fault is ours, such as \"401\"")},
    {.name = "secrets",
     .type = OPTION_LIST,
     .offset = AT(secrets),
     .rows = secret_rows,
     .item_size = sizeof(struct flow_secret),
     .help = N_("what bodies and headers need and nobody may read")},
    HTTP_ACCESS_ROWS(AT(access)),
    {.name = "reuse",
     .type = OPTION_BOOL,
     .offset = AT(is_reuse),
     .help = N_("keep the connection, for an hour at most: the certificate is looked at hourly")},
    {.name = "max_body",
     .type = OPTION_SIZE,
     .offset = AT(max_body),
     .min = 1,
     .max = 8 << 20,
     .fallback = "65536",
     .help = N_("largest reply that is read; a larger one is an error")},
    HTTP_CONNECT_ROW(AT(connect_ms)),
    {.name = NULL}};

const struct probe_type probe_flow = {
    .name = "flow",
    .summary = N_("carries a transaction through: steps in order, then cleans up"),
    .options = rows,
    .config_size = sizeof(struct flow_config),
    .configure = configure,
    .release = release,
    .host = host,
    .start = flow_start,
    .cancel = flow_cancel,
};
