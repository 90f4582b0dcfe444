/* probe_exec.c - any monitoring plugin: exit code, first line, perfdata. */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/perfdata.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/child.h"
#include "engine/net.h"
#include "engine/probe.h"
#include "probes/kinds.h"

struct config {
    struct option_strings command;
    struct option_pairs environment;
};

struct run {
    struct child *child;
    probe_done_fn *done;
    void *arg;
    int64_t timeout_ms;
};

/* The plugin's first line, or why there is none: what it wrote to standard error. */
static char *first_words(struct result *r, const struct child_reply *reply)
{
    struct result none = {0};
    char *text = perfdata_output(r, reply->out, reply->out_len);
    if (text == NULL)
        text = perfdata_output(&none, reply->err, reply->err_len);
    result_release(&none);
    return text != NULL ? text : mem_strdup(N_("the plugin printed nothing"));
}

static char *say_odd_end(const struct child_reply *reply, char *text)
{
    char code[16], *say;
    snprintf(code, sizeof code, "%d", reply->code);
    if (reply->outcome == CHILD_KILLED)
        say = SAY(N_("plugin killed by signal {0}: {1}"), code, text);
    else
        say = SAY(N_("plugin ended with exit code {0}, expected 0 to 3: {1}"), code, text);
    free(text);
    return say;
}

static void judge(const struct run *run, struct child_reply *reply, struct result *r)
{
    char span[24];

    r->latency_ms = reply->total_ms;
    r->is_self = true;
    switch (reply->outcome) {
    case CHILD_NOT_STARTED:
        r->latency_ms = -1;
        result_say(r, STATE_UNKNOWN, reply->say);
        reply->say = NULL;
        return;
    case CHILD_TIMED_OUT:
        result_say(r, STATE_UNKNOWN,
                   SAY(N_("plugin did not end within {0}"), net_span(run->timeout_ms, span)));
        return;
    case CHILD_EXITED:
        if (reply->code < 0 || reply->code > 3)
            break;
        r->is_self = false;
        result_say(r, (enum state)reply->code, first_words(r, reply));
        return;
    case CHILD_KILLED:
        break;
    }
    result_say(r, STATE_UNKNOWN, say_odd_end(reply, first_words(r, reply)));
}

static void on_reply(void *arg, struct child_reply *reply)
{
    struct run *run = arg;
    struct result r = {.latency_ms = -1};

    judge(run, reply, &r);
    run->done(run->arg, &r);
    result_release(&r);
    free(run);
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    const struct config *c = config;
    struct run *run = mem_alloc(sizeof *run);
    struct child_want want = {&c->command, &c->environment, job->timeout_ms, NULL};

    run->done = done;
    run->arg = arg;
    run->timeout_ms = job->timeout_ms;
    run->child = child_start(env->children, &want, on_reply, run);
    return run;
}

static void cancel(void *arg)
{
    struct run *run = arg;
    child_cancel(run->child);
    free(run);
}

static bool configure(void *config, struct err *e)
{
    const struct config *c = config;

    return child_command_check(&c->command, e) && child_env_check(&c->environment, e);
}

#define AT(field) offsetof(struct config, field)
static const struct option rows[] = {
    {.name = "command",
     .type = OPTION_STRINGS,
     .offset = AT(command),
     .flags = OPTION_REQUIRED,
     .help = N_("absolute path of a monitoring plugin, then its arguments; never a shell")},
    {.name = "environment",
     .type = OPTION_PAIRS,
     .offset = AT(environment),
     .help = N_("variables for the plugin, beside a fixed PATH and locale")},
    {.name = NULL}};

const struct probe_type probe_exec = {
    .name = "exec",
    .summary = N_("runs a monitoring plugin; reads exit code, first line and perfdata"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .start = start,
    .cancel = cancel,
};
