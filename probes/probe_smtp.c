/* probe_smtp.c - as a mail client would: greeting, EHLO, STARTTLS, login, and no mail
 * (engine/smtp.h); then NOOP and QUIT. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/probe.h"
#include "engine/smtp.h"
#include "probes/certificate.h"
#include "probes/kinds.h"

#define BYTES_MAX (16 * 1024) /* of all replies together */

struct run {
    const struct probe_env *env;
    const struct smtp_access *access;
    struct smtp *smtp;
    probe_done_fn *done;
    void *arg;
    bool is_quitting;
    double noop_ms; /* when it was sent */
    struct result result;
};

/* --- the end --- */

static void take_seen(struct run *run)
{
    const struct smtp_seen *seen = smtp_seen(run->smtp);
    struct result *r = &run->result;

    if (seen->greeting_ms >= 0)
        result_metric(r, "greeting_ms", seen->greeting_ms, "ms");
    if (seen->ehlo_ms >= 0)
        result_metric(r, "ehlo_ms", seen->ehlo_ms, "ms");
    if (seen->login_ms >= 0)
        result_metric(r, "login_ms", seen->login_ms, "ms");
    if (seen->banner != NULL)
        result_fact(r, "banner", seen->banner);
    if (seen->extensions != NULL)
        result_fact(r, "extensions", seen->extensions);
    certificate_tell(smtp_peer(run->smtp), loop_wall_ms(run->env->loop), r);
}

static void end(struct run *run)
{
    struct result r;

    take_seen(run);
    r = run->result;
    smtp_free(run->smtp);
    run->done(run->arg, &r);
    result_release(&r);
    free(run);
}

static void good(struct run *run)
{
    const struct tls_peer *peer = smtp_peer(run->smtp);
    bool is_secured = smtp_seen(run->smtp)->is_secured;
    struct talk_times times;

    smtp_times(run->smtp, &times);
    run->result.latency_ms = times.total_ms;
    result_metric(&run->result, "noop_ms", loop_precise_ms() - run->noop_ms, "ms");
    if (times.name_ms > 0)
        result_metric(&run->result, "name_ms", times.name_ms, "ms");
    result_metric(&run->result, "connect_ms", times.connect_ms, "ms");
    if (is_secured)
        result_metric(&run->result, "tls_ms", times.tls_ms, "ms");
    if (!is_secured)
        result_say(&run->result, STATE_OK, mem_strdup(N_("answers, not encrypted")));
    else if (run->access->user != NULL)
        result_say(&run->result, STATE_OK, SAY(N_("logged in over {0}"), peer->protocol));
    else
        result_say(&run->result, STATE_OK, SAY(N_("answers over {0}"), peer->protocol));
}

static void take_reply(struct run *run)
{
    if (run->is_quitting) {
        end(run);
    } else if (smtp_reply_of(run->smtp)->code != 250) {
        result_say(&run->result, STATE_CRITICAL, smtp_refusal(run->smtp, "NOOP"));
        end(run);
    } else {
        good(run);
        run->is_quitting = true;
        smtp_send(run->smtp, "QUIT", "QUIT\r\n", 6);
    }
}

static void on_news(void *arg, struct smtp_news *n)
{
    struct run *run = arg;

    switch (n->what) {
    case SMTP_READY:
        run->noop_ms = loop_precise_ms();
        smtp_send(run->smtp, "NOOP", "NOOP\r\n", 6);
        return;
    case SMTP_REPLY:
        take_reply(run);
        return;
    case SMTP_FAILED:
        break;
    }
    if (!run->is_quitting) { /* else all has been seen, and is told */
        run->result.is_self = n->is_self;
        result_say(&run->result, n->is_self ? STATE_UNKNOWN : STATE_CRITICAL, n->say);
        n->say = NULL;
    }
    end(run);
}

/* --- the kind --- */

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    struct run *run = mem_alloc(sizeof *run);
    const struct smtp_want want = {config, job->address, job->timeout_ms, BYTES_MAX};

    run->env = env;
    run->access = config;
    run->done = done;
    run->arg = arg;
    run->result.latency_ms = -1;
    run->smtp = smtp_start(env->loop, env->resolver, env->tls, &want, on_news, run);
    return run;
}

static void cancel(void *arg)
{
    struct run *run = arg;

    smtp_free(run->smtp);
    result_release(&run->result);
    free(run);
}

static bool configure(void *config, struct err *e)
{
    return smtp_access_check(config, e);
}

static const char *host(const void *config)
{
    return ((const struct smtp_access *)config)->host;
}

static const struct option rows[] = {SMTP_ACCESS_ROWS(0), {.name = NULL}};

const struct probe_type probe_smtp = {
    .name = "smtp",
    .summary = N_("greets a mail server, encrypts, logs in; sends no mail"),
    .options = rows,
    .config_size = sizeof(struct smtp_access),
    .configure = configure,
    .host = host,
    .start = start,
    .cancel = cancel,
};
