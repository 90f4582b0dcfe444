/* probe_smtp.c - as a mail client would: greeting, EHLO, STARTTLS, login, and no mail.
 *
 *   GREETING -> EHLO -> STARTTLS (handshake) -> EHLO -> AUTH … -> NOOP -> QUIT
 *
 * Where TLS is required nothing goes on without it, and a password never goes over a line that is
 * not encrypted to a server whose certificate is good. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/net.h"
#include "engine/probe.h"
#include "engine/talk.h"
#include "probes/certificate.h"
#include "probes/kinds.h"
#include "probes/smtp_words.h"

#define BYTES_MAX    (16 * 1024) /* of all replies together */
#define HANDSHAKE_MS 5000

enum starttls { STARTTLS_REQUIRED, STARTTLS_OPTIONAL, STARTTLS_NONE, STARTTLS_IMPLICIT };
static const char *const starttls_names[] = {"required", "optional", "none", "implicit", NULL};

struct config {
    char *host, *server_name, *helo, *user, *password, *ca_file;
    int64_t port, connect_ms;
    int starttls;
};

enum step { GREETING, EHLO, STARTTLS, EHLO_AGAIN, AUTH, AUTH_USER, AUTH_PASSWORD, NOOP, QUIT };
/* What is sent, as sentences name it, and the metric of how long the answer took. */
static const struct {
    const char *command, *metric;
} steps[] = {
    [GREETING] = {"", "greeting_ms"}, [EHLO] = {"EHLO", "ehlo_ms"}, [STARTTLS] = {"STARTTLS", NULL},
    [EHLO_AGAIN] = {"EHLO", NULL},    [AUTH] = {"AUTH", NULL},      [AUTH_USER] = {"AUTH", NULL},
    [AUTH_PASSWORD] = {"AUTH", NULL}, [NOOP] = {"NOOP", "noop_ms"}, [QUIT] = {"QUIT", NULL},
};

struct run {
    const struct probe_env *env;
    const struct config *config;
    const char *host; /* borrowed from the config or the fleet */
    int64_t timeout_ms;
    struct talk *talk;
    probe_done_fn *done;
    void *arg;
    enum step step;
    bool is_secured;
    double sent_ms, login_ms; /* when the present command, the login began */
    struct smtp_reply reply;
    struct result result;
};

/* --- the end --- */

static void end(struct run *run)
{
    struct result r = run->result;

    certificate_tell(talk_peer(run->talk), loop_wall_ms(run->env->loop), &r);
    talk_free(run->talk);
    smtp_reply_release(&run->reply);
    run->done(run->arg, &r);
    result_release(&r);
    free(run);
}

/* False: so that a step can end with `return fail(…)`. */
static bool fail(struct run *run, char *say)
{
    result_say(&run->result, STATE_CRITICAL, say);
    end(run);
    return false;
}

static bool fail_reply(struct run *run, const char *msgid, const char *command)
{
    char *text = smtp_reply_text(&run->reply);
    char *say = command != NULL ? SAY(msgid, command, text) : SAY(msgid, text);
    free(text);
    return fail(run, say);
}

static void good(struct run *run)
{
    const struct tls_peer *peer = talk_peer(run->talk);
    struct talk_times times;

    talk_times(run->talk, &times);
    run->result.latency_ms = times.total_ms;
    if (times.name_ms > 0)
        result_metric(&run->result, "name_ms", times.name_ms, "ms");
    result_metric(&run->result, "connect_ms", times.connect_ms, "ms");
    if (run->is_secured)
        result_metric(&run->result, "tls_ms", times.tls_ms, "ms");
    if (!run->is_secured)
        result_say(&run->result, STATE_OK, mem_strdup(N_("answers, not encrypted")));
    else if (run->config->user != NULL)
        result_say(&run->result, STATE_OK, SAY(N_("logged in over {0}"), peer->protocol));
    else
        result_say(&run->result, STATE_OK, SAY(N_("answers over {0}"), peer->protocol));
}

/* --- one step after the other; each is true while the conversation goes on --- */

static bool send_step(struct run *run, enum step step, const char *line)
{
    run->step = step;
    run->sent_ms = loop_precise_ms();
    smtp_reply_begin(&run->reply);
    talk_send(run->talk, line, strlen(line));
    talk_send(run->talk, "\r\n", 2);
    return true;
}

static bool send_ehlo(struct run *run, enum step step)
{
    struct buf line = BUF_INIT(512);
    buf_addf(&line, "EHLO %s", run->config->helo);
    send_step(run, step, buf_text(&line));
    buf_release(&line);
    return true;
}

static bool secure(struct run *run)
{
    const struct config *c = run->config;
    const struct talk_tls how = {
        .want = {.host = c->server_name != NULL ? c->server_name : run->host,
                 .ca_file = c->ca_file},
        .limit_ms = run->timeout_ms < HANDSHAKE_MS ? run->timeout_ms : HANDSHAKE_MS,
    };
    talk_secure(run->talk, run->env->tls, &how);
    return false; /* lines that are there already are not for us: talk ends it */
}

static bool send_secret(struct run *run, enum step step, const char *head, const void *bytes,
                        size_t len)
{
    struct buf line = BUF_INIT(0);

    buf_adds(&line, head);
    smtp_base64(&line, bytes, len);
    send_step(run, step, buf_text(&line));
    explicit_bzero(line.bytes, line.len);
    buf_release(&line);
    return true;
}

static bool send_plain(struct run *run)
{
    const struct config *c = run->config;
    size_t user = strlen(c->user), password = strlen(c->password), len = user + password + 2;
    char *bytes = mem_alloc(len);

    memcpy(bytes + 1, c->user, user);
    memcpy(bytes + 2 + user, c->password, password);
    send_secret(run, AUTH_PASSWORD, "AUTH PLAIN ", bytes, len);
    explicit_bzero(bytes, len);
    free(bytes);
    return true;
}

static bool log_in(struct run *run)
{
    run->login_ms = loop_precise_ms();
    if (!run->is_secured)
        return fail(run,
                    mem_strdup(N_("the password is not sent: the connection is not encrypted")));
    if (smtp_offers(&run->reply, "AUTH", "PLAIN"))
        return send_plain(run);
    if (smtp_offers(&run->reply, "AUTH", "LOGIN"))
        return send_step(run, AUTH, "AUTH LOGIN");
    return fail(run, mem_strdup(N_("no login by PLAIN or LOGIN is offered")));
}

static bool after_ehlo(struct run *run)
{
    const struct config *c = run->config;
    char *keywords = smtp_keywords(&run->reply);
    bool has_starttls = smtp_offers(&run->reply, "STARTTLS", NULL);

    result_fact(&run->result, "extensions", keywords);
    free(keywords);
    if (!run->is_secured && c->starttls == STARTTLS_REQUIRED && !has_starttls)
        return fail(run, mem_strdup(N_("STARTTLS is required, and not offered")));
    if (!run->is_secured && c->starttls != STARTTLS_NONE && has_starttls)
        return send_step(run, STARTTLS, "STARTTLS");
    return c->user != NULL ? log_in(run) : send_step(run, NOOP, "NOOP");
}

static bool after_login(struct run *run)
{
    int code = run->reply.code;

    if (code == 235) {
        result_metric(&run->result, "login_ms", loop_precise_ms() - run->login_ms, "ms");
        return send_step(run, NOOP, "NOOP");
    }
    return fail_reply(
        run, code < 500 ? N_("login not possible now: {0}") : N_("login refused: {0}"), NULL);
}

/* The reply to run->step is whole. */
static bool advance(struct run *run)
{
    const struct config *c = run->config;
    int code = run->reply.code;

    if (steps[run->step].metric != NULL)
        result_metric(&run->result, steps[run->step].metric, loop_precise_ms() - run->sent_ms,
                      "ms");
    switch (run->step) {
    case GREETING:
        if (code != 220)
            return fail_reply(run, N_("greeted with {0}"), NULL);
        char *banner = smtp_reply_text(&run->reply);
        result_fact(&run->result, "banner", banner);
        free(banner);
        return send_ehlo(run, run->is_secured ? EHLO_AGAIN : EHLO);
    case EHLO:
    case EHLO_AGAIN:
        return code == 250 ? after_ehlo(run) : fail_reply(run, N_("{0} refused: {1}"), "EHLO");
    case STARTTLS:
        return code == 220 ? secure(run) : fail_reply(run, N_("{0} refused: {1}"), "STARTTLS");
    case AUTH:
        return code == 334 ? send_secret(run, AUTH_USER, "", c->user, strlen(c->user))
                           : after_login(run);
    case AUTH_USER:
        return code == 334 ? send_secret(run, AUTH_PASSWORD, "", c->password, strlen(c->password))
                           : after_login(run);
    case AUTH_PASSWORD:
        return after_login(run);
    case NOOP:
        if (code != 250)
            return fail_reply(run, N_("{0} refused: {1}"), "NOOP");
        good(run);
        return send_step(run, QUIT, "QUIT");
    case QUIT:
        break;
    }
    end(run);
    return false;
}

static void take_lines(struct run *run)
{
    const char *line;
    size_t len;

    while ((line = talk_line(run->talk, &len)) != NULL) {
        switch (smtp_reply_line(&run->reply, line, len)) {
        case SMTP_MORE:
            continue;
        case SMTP_WHOLE:
            if (!advance(run))
                return;
            continue;
        case SMTP_NONSENSE:
            break;
        }
        char *clean = text_cleaned(line, len, TEXT_MAX_NAME, 0);
        char *say = SAY(N_("the answer is not SMTP: {0}"), clean);
        free(clean);
        fail(run, say);
        return;
    }
}

/* The step says more than what happened to the connection alone. */
static char *say_failure(const struct run *run, struct talk_news *news)
{
    const char *command = steps[run->step].command;
    char span[24];
    char *say = news->say;

    if (news->why == TALK_TIMEOUT && run->step == GREETING)
        return SAY(N_("no greeting within {0}"), net_span(run->timeout_ms, span));
    if (news->why == TALK_TIMEOUT)
        return SAY(N_("no answer to {0} within {1}"), command, net_span(run->timeout_ms, span));
    if (news->why == TALK_CLOSED && run->step != GREETING)
        return SAY(N_("connection closed without an answer to {0}"), command);
    news->say = NULL;
    return say;
}

static void on_news(void *arg, struct talk_news *news)
{
    struct run *run = arg;

    switch (news->what) {
    case TALK_CONNECTED:
        run->sent_ms = loop_precise_ms();
        if (run->config->starttls == STARTTLS_IMPLICIT)
            secure(run);
        return;
    case TALK_SECURED:
        run->is_secured = true;
        run->sent_ms = loop_precise_ms();
        if (run->step == STARTTLS)
            send_ehlo(run, EHLO_AGAIN);
        return;
    case TALK_BYTES:
        take_lines(run);
        return;
    case TALK_FAILED:
        break;
    }
    if (run->step != QUIT) { /* else all has been seen, and is told */
        run->result.is_self = news->is_self;
        result_say(&run->result, news->is_self ? STATE_UNKNOWN : STATE_CRITICAL,
                   say_failure(run, news));
    }
    end(run);
}

/* --- the kind --- */

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    const struct config *c = config;
    struct run *run = mem_alloc(sizeof *run);

    run->env = env;
    run->config = c;
    run->host = c->host != NULL ? c->host : job->address != NULL ? job->address : "";
    run->timeout_ms = job->timeout_ms;
    run->done = done;
    run->arg = arg;
    run->result.latency_ms = -1;
    smtp_reply_begin(&run->reply);
    const struct talk_want want = {
        .host = run->host,
        .port = (uint16_t)c->port,
        .connect_ms = c->connect_ms,
        .timeout_ms = job->timeout_ms,
        .max_bytes = BYTES_MAX,
    };
    run->talk = talk_start(env->loop, env->resolver, &want, on_news, run);
    return run;
}

static void cancel(void *arg)
{
    struct run *run = arg;

    talk_free(run->talk);
    smtp_reply_release(&run->reply);
    result_release(&run->result);
    free(run);
}

static bool configure(void *config, struct err *e)
{
    const struct config *c = config;

    if (strlen(c->helo) > 255 || c->helo[strcspn(c->helo, " \t\r\n")] != '\0' ||
        !text_is_clean(c->helo) || c->helo[0] == '\0')
        return err_set(e, "\"helo\" is \"%.64s\", expected a host name without spaces", c->helo);
    if ((c->user != NULL) != (c->password != NULL))
        return err_set(e, "\"%s\" is missing: \"user\" and \"password\" belong together",
                       c->user != NULL ? "password" : "user");
    if (c->user != NULL && c->starttls == STARTTLS_NONE)
        return err_set(e, "a password is never sent unencrypted: with \"user\", \"starttls\" is "
                          "\"required\", \"optional\" or \"implicit\"");
    return true;
}

static const char *host(const void *config)
{
    return ((const struct config *)config)->host;
}

#define AT(field) offsetof(struct config, field)
static const struct option rows[] = {
    {.name = "host",
     .type = OPTION_STRING,
     .offset = AT(host),
     .help = N_("name or address; without it the target's address")},
    {.name = "port",
     .type = OPTION_INT,
     .offset = AT(port),
     .min = 1,
     .max = 65535,
     .fallback = "25",
     .help = N_("TCP port")},
    {.name = "helo",
     .type = OPTION_STRING,
     .offset = AT(helo),
     .fallback = "\"[127.0.0.1]\"",
     .help = N_("name by which we introduce ourselves")},
    {.name = "starttls",
     .type = OPTION_CHOICE,
     .offset = AT(starttls),
     .choices = starttls_names,
     .fallback = "\"required\"",
     .help = N_("whether the connection must be encrypted; implicit: from the first byte on")},
    {.name = "server_name",
     .type = OPTION_STRING,
     .offset = AT(server_name),
     .help =
         N_("name that is asked for and that the certificate must be for; without it the host")},
    {.name = "ca_file",
     .type = OPTION_STRING,
     .offset = AT(ca_file),
     .help = N_("PEM file of the authorities that may have signed the certificate")},
    {.name = "user",
     .type = OPTION_STRING,
     .offset = AT(user),
     .help = N_("account to log in with; without it nobody logs in")},
    {.name = "password",
     .type = OPTION_SECRET,
     .offset = AT(password),
     .help = N_("its password; only ever sent encrypted")},
    {.name = "connect_timeout",
     .type = OPTION_DURATION,
     .offset = AT(connect_ms),
     .min = 10,
     .max = 60000,
     .fallback = "\"3s\"",
     .help = N_("limit for connecting to one address")},
    {.name = NULL}};

const struct probe_type probe_smtp = {
    .name = "smtp",
    .summary = N_("greets a mail server, encrypts, logs in; sends no mail"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .host = host,
    .start = start,
    .cancel = cancel,
};
