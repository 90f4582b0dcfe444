/* probe_dns.c - one question to a name server; what it answers is compared with what is expected.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/probe.h"
#include "engine/query.h"
#include "probes/kinds.h"

enum { NXDOMAIN = 3, SERVFAIL = 2, REFUSED = 5 };

struct config {
    char *name, *server;
    struct option_strings expect;
    int type;
    char *asked; /* derived: name, or for an address its name backwards */
};

struct run {
    const struct config *config;
    struct query *query;
    probe_done_fn *done;
    void *arg;
};

static char *say_rcode(const struct config *c, int rcode)
{
    char code[24];

    switch (rcode) {
    case NXDOMAIN:
        return SAY(N_("there is no such name: {0}"), c->asked);
    case SERVFAIL:
        return SAY(N_("the name server failed to answer for {0} (SERVFAIL)"), c->asked);
    case REFUSED:
        return SAY(N_("the name server refuses to answer for {0} (REFUSED)"), c->asked);
    default:
        return SAY(N_("the name server answers {0} for {1}"), dns_rcode_text(rcode, code),
                   c->asked);
    }
}

/* The first that was expected and is not there; NULL: all are. */
static const char *missing(const struct config *c, const struct dns_answer *a)
{
    for (size_t i = 0; i < c->expect.n; i++) {
        size_t k = 0;
        while (k < a->n && !dns_is_same((enum dns_type)c->type, a->values[k], c->expect.v[i]))
            k++;
        if (k == a->n)
            return c->expect.v[i];
    }
    return NULL;
}

static char *join(const struct dns_answer *a)
{
    struct buf all = BUF_INIT(TEXT_MAX_LISTED);

    for (size_t i = 0; i < a->n; i++)
        buf_addf(&all, "%s%s", i > 0 ? ", " : "", a->values[i]);
    char *clean = text_cleaned(buf_text(&all), all.len, TEXT_MAX_LISTED, 0); /* where it was cut */
    buf_release(&all);
    return clean;
}

static void judge(const struct config *c, const struct query_reply *reply, struct result *r)
{
    const struct dns_answer *a = &reply->answer;
    char code[24];

    r->latency_ms = reply->latency_ms;
    result_fact(r, "rcode", dns_rcode_text(a->rcode, code));
    result_metric(r, "answers", (double)a->n, "");
    if (a->rcode != 0) {
        result_say(r, STATE_CRITICAL, say_rcode(c, a->rcode));
        return;
    }
    if (a->n == 0) {
        result_say(r, STATE_CRITICAL,
                   SAY(N_("there is no {0} record of {1}"), dns_type_names[c->type], c->asked));
        return;
    }
    char *all = join(a);
    const char *lacks = missing(c, a);
    result_fact(r, "answer", all);
    result_metric(r, "ttl", a->ttl_s, "s");
    if (c->type == DNS_SOA)
        result_metric(r, "serial", a->serial, "");
    if (lacks != NULL) {
        char *clean = text_cleaned(lacks, strlen(lacks), TEXT_MAX_NAME, 0);
        result_say(r, STATE_CRITICAL, SAY(N_("{0} is not among the answers: {1}"), clean, all));
        free(clean);
    } else {
        result_say(r, STATE_OK, SAY(N_("answers {0}"), all));
    }
    free(all);
}

static void on_reply(void *arg, struct query_reply *reply)
{
    struct run *run = arg;
    struct result r = {.latency_ms = -1, .is_self = reply->is_self};

    if (reply->say != NULL) {
        result_say(&r, reply->is_self ? STATE_UNKNOWN : STATE_CRITICAL, reply->say);
        reply->say = NULL;
    } else {
        judge(run->config, reply, &r);
    }
    run->done(run->arg, &r);
    result_release(&r);
    free(run);
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    const struct config *c = config;
    struct run *run = mem_alloc(sizeof *run);
    const struct query_want want = {.server = c->server,
                                    .name = c->asked,
                                    .type = (enum dns_type)c->type,
                                    .timeout_ms = job->timeout_ms};

    *run = (struct run){.config = c, .done = done, .arg = arg};
    run->query = query_start(env->loop, &want, on_reply, run);
    return run;
}

static void cancel(void *arg)
{
    struct run *run = arg;
    query_cancel(run->query);
    free(run);
}

static bool configure(void *config, struct err *e)
{
    struct config *c = config;
    char reverse[80];

    if (c->server != NULL && !query_is_server(c->server))
        return err_set(e, "\"server\" is \"%.64s\", expected an address, with \":PORT\" or not",
                       c->server);
    if (c->type == DNS_PTR && dns_reverse_name(c->name, reverse))
        c->asked = mem_strdup(reverse);
    else
        c->asked = mem_strdup(c->name);
    return true;
}

static void release(void *config)
{
    free(((struct config *)config)->asked);
}

static const char *host(const void *config)
{
    return ((const struct config *)config)->server;
}

#define AT(field) offsetof(struct config, field)
static const struct option rows[] = {
    {.name = "name",
     .type = OPTION_STRING,
     .offset = AT(name),
     .flags = OPTION_REQUIRED,
     .help = N_("name that is asked for; with type PTR an address will do")},
    {.name = "type",
     .type = OPTION_CHOICE,
     .offset = AT(type),
     .choices = dns_type_names,
     .fallback = "\"A\"",
     .help = N_("kind of record")},
    {.name = "server",
     .type = OPTION_STRING,
     .offset = AT(server),
     .help = N_("address of the name server, with \":PORT\" or not; without it the system's")},
    {.name = "expect",
     .type = OPTION_STRINGS,
     .offset = AT(expect),
     .help = N_("values that must be among the answers")},
    {.name = NULL}};

const struct probe_type probe_dns = {
    .name = "dns",
    .summary = N_("asks a name server for a name; judges its answer"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .release = release,
    .host = host,
    .start = start,
    .cancel = cancel,
};
