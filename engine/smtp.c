/* smtp.c - the steps up to READY, each one line and its reply; then lines of the owner's.
 *
 *   GREETING -> EHLO -> STARTTLS (handshake) -> EHLO -> AUTH … -> READY */
#include "engine/smtp.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "engine/net.h"

#define HANDSHAKE_MS 5000

enum step { GREETING, EHLO, STARTTLS, AUTH, AUTH_USER, AUTH_PASSWORD, OWNERS };

struct smtp {
    const struct smtp_access *access;
    const char *host;
    int64_t timeout_ms;
    struct tls *tls;
    struct talk *talk;
    smtp_fn *fn;
    void *arg;
    enum step step;
    const char *command;      /* what was sent last, as sentences name it; "" nothing yet */
    bool is_over;             /* FAILED was told */
    bool *is_freed;           /* set while lines are taken: the owner may free us meanwhile */
    double sent_ms, login_ms; /* when the present command, the login began */
    struct smtp_reply reply;
    struct smtp_seen seen;
};

bool smtp_access_check(const struct smtp_access *a, struct err *e)
{
    if (strlen(a->helo) > 255 || a->helo[strcspn(a->helo, " \t\r\n")] != '\0' ||
        !text_is_clean(a->helo) || a->helo[0] == '\0')
        return err_set(e, "\"helo\" is \"%.64s\", expected a host name without spaces", a->helo);
    if ((a->user != NULL) != (a->password != NULL))
        return err_set(e, "\"%s\" is missing: \"user\" and \"password\" belong together",
                       a->user != NULL ? "password" : "user");
    if (a->user != NULL && a->starttls == STARTTLS_NONE)
        return err_set(e, "a password is never sent unencrypted: with \"user\", \"starttls\" is "
                          "\"required\", \"optional\" or \"implicit\"");
    return true;
}

/* --- the end --- */

void smtp_free(struct smtp *s)
{
    if (s == NULL)
        return;
    if (s->is_freed != NULL)
        *s->is_freed = true;
    talk_free(s->talk);
    smtp_reply_release(&s->reply);
    free(s->seen.banner);
    free(s->seen.extensions);
    free(s);
}

static void tell(struct smtp *s, struct smtp_news *n)
{
    s->is_over |= n->what == SMTP_FAILED;
    s->fn(s->arg, n);
    free(n->say);
}

/* False: so that a step can end with `return fail(…)`. */
static bool fail(struct smtp *s, char *say, bool is_transient)
{
    tell(s, &(struct smtp_news){.what = SMTP_FAILED, .say = say, .is_transient = is_transient});
    return false;
}

char *smtp_refusal(const struct smtp *s, const char *command)
{
    char *text = smtp_reply_text(&s->reply);
    char *say = SAY(N_("{0} refused: {1}"), command, text);
    free(text);
    return say;
}

static bool fail_reply(struct smtp *s, const char *msgid)
{
    char *text = smtp_reply_text(&s->reply);
    char *say = SAY(msgid, text);
    free(text);
    return fail(s, say, s->reply.code < 500);
}

static bool fail_refused(struct smtp *s)
{
    return fail(s, smtp_refusal(s, s->command), s->reply.code < 500);
}

/* --- one step after the other; each is true while the conversation goes on --- */

void smtp_send(struct smtp *s, const char *command, const char *bytes, size_t len)
{
    s->command = command;
    s->sent_ms = loop_precise_ms();
    smtp_reply_begin(&s->reply);
    talk_send(s->talk, bytes, len);
}

static bool send_step(struct smtp *s, enum step step, const char *command, const char *line)
{
    s->step = step;
    smtp_send(s, command, line, strlen(line));
    talk_send(s->talk, "\r\n", 2);
    return true;
}

static bool send_ehlo(struct smtp *s)
{
    struct buf line = BUF_INIT(512);
    buf_addf(&line, "EHLO %s", s->access->helo);
    send_step(s, EHLO, "EHLO", buf_text(&line));
    buf_release(&line);
    return true;
}

static bool secure(struct smtp *s)
{
    const struct smtp_access *a = s->access;
    const struct talk_tls how = {
        .want = {.host = a->server_name != NULL ? a->server_name : s->host, .ca_file = a->ca_file},
        .limit_ms = s->timeout_ms < HANDSHAKE_MS ? s->timeout_ms : HANDSHAKE_MS,
    };
    talk_secure(s->talk, s->tls, &how);
    return false; /* lines that are there already are not for us: talk ends it */
}

static bool send_secret(struct smtp *s, enum step step, const char *head, const void *bytes,
                        size_t len)
{
    struct buf line = BUF_INIT(0);

    buf_adds(&line, head);
    smtp_base64(&line, bytes, len);
    send_step(s, step, "AUTH", buf_text(&line));
    explicit_bzero(line.bytes, line.len);
    buf_release(&line);
    return true;
}

static bool send_plain(struct smtp *s)
{
    const struct smtp_access *a = s->access;
    size_t user = strlen(a->user), password = strlen(a->password), len = user + password + 2;
    char *bytes = mem_alloc(len);

    memcpy(bytes + 1, a->user, user);
    memcpy(bytes + 2 + user, a->password, password);
    send_secret(s, AUTH_PASSWORD, "AUTH PLAIN ", bytes, len);
    explicit_bzero(bytes, len);
    free(bytes);
    return true;
}

static bool log_in(struct smtp *s)
{
    s->login_ms = loop_precise_ms();
    if (!s->seen.is_secured)
        return fail(s, mem_strdup(N_("the password is not sent: the connection is not encrypted")),
                    false);
    if (smtp_offers(&s->reply, "AUTH", "PLAIN"))
        return send_plain(s);
    if (smtp_offers(&s->reply, "AUTH", "LOGIN"))
        return send_step(s, AUTH, "AUTH", "AUTH LOGIN");
    return fail(s, mem_strdup(N_("no login by PLAIN or LOGIN is offered")), false);
}

/* The owner's turn.  True: it has sent something. */
static bool ready(struct smtp *s, enum smtp_what what)
{
    bool is_freed = false, *outer = s->is_freed;
    s->step = OWNERS;
    s->is_freed = &is_freed;
    tell(s, &(struct smtp_news){.what = what});
    if (is_freed) {
        if (outer != NULL)
            *outer = true;
        return false;
    }
    s->is_freed = outer;
    return true;
}

static bool after_ehlo(struct smtp *s)
{
    const struct smtp_access *a = s->access;
    bool has_starttls = smtp_offers(&s->reply, "STARTTLS", NULL);

    if (s->seen.ehlo_ms < 0)
        s->seen.ehlo_ms = loop_precise_ms() - s->sent_ms;
    free(s->seen.extensions);
    s->seen.extensions = smtp_keywords(&s->reply);
    if (!s->seen.is_secured && a->starttls == STARTTLS_REQUIRED && !has_starttls)
        return fail(s, mem_strdup(N_("STARTTLS is required, and not offered")), false);
    if (!s->seen.is_secured && a->starttls != STARTTLS_NONE && has_starttls)
        return send_step(s, STARTTLS, "STARTTLS", "STARTTLS");
    return a->user != NULL ? log_in(s) : ready(s, SMTP_READY);
}

static bool after_login(struct smtp *s)
{
    int code = s->reply.code;

    if (code == 235) {
        s->seen.login_ms = loop_precise_ms() - s->login_ms;
        return ready(s, SMTP_READY);
    }
    return fail_reply(s, code < 500 ? N_("login not possible now: {0}") : N_("login refused: {0}"));
}

/* The reply to s->command is whole. */
static bool advance(struct smtp *s)
{
    const struct smtp_access *a = s->access;
    int code = s->reply.code;

    switch (s->step) {
    case GREETING:
        s->seen.greeting_ms = loop_precise_ms() - s->sent_ms;
        if (code != 220)
            return fail_reply(s, N_("greeted with {0}"));
        s->seen.banner = smtp_reply_text(&s->reply);
        return send_ehlo(s);
    case EHLO:
        return code == 250 ? after_ehlo(s) : fail_refused(s);
    case STARTTLS:
        return code == 220 ? secure(s) : fail_refused(s);
    case AUTH:
        return code == 334 ? send_secret(s, AUTH_USER, "", a->user, strlen(a->user))
                           : after_login(s);
    case AUTH_USER:
        return code == 334 ? send_secret(s, AUTH_PASSWORD, "", a->password, strlen(a->password))
                           : after_login(s);
    case AUTH_PASSWORD:
        return after_login(s);
    case OWNERS:
        break;
    }
    return ready(s, SMTP_REPLY);
}

static void take_lines(struct smtp *s)
{
    const char *line;
    size_t len;

    while ((line = talk_line(s->talk, &len)) != NULL) {
        switch (smtp_reply_line(&s->reply, line, len)) {
        case SMTP_MORE:
            continue;
        case SMTP_WHOLE:
            if (!advance(s))
                return;
            continue;
        case SMTP_NONSENSE:
            break;
        }
        char *clean = text_cleaned(line, len, TEXT_MAX_NAME, 0);
        char *say = SAY(N_("the answer is not SMTP: {0}"), clean);
        free(clean);
        fail(s, say, false);
        return;
    }
}

/* The step says more than what happened to the connection alone. */
static char *say_failure(const struct smtp *s, struct talk_news *news)
{
    char span[24];
    char *say = news->say;

    if (news->why == TALK_TIMEOUT && s->step == GREETING)
        return SAY(N_("no greeting within {0}"), net_span(s->timeout_ms, span));
    if (news->why == TALK_TIMEOUT)
        return SAY(N_("no answer to {0} within {1}"), s->command, net_span(s->timeout_ms, span));
    if (news->why == TALK_CLOSED && s->step != GREETING)
        return SAY(N_("connection closed without an answer to {0}"), s->command);
    news->say = NULL;
    return say;
}

static void on_news(void *arg, struct talk_news *news)
{
    struct smtp *s = arg;

    switch (news->what) {
    case TALK_CONNECTED:
        s->sent_ms = loop_precise_ms();
        if (s->access->starttls == STARTTLS_IMPLICIT)
            secure(s);
        return;
    case TALK_SECURED:
        s->seen.is_secured = true;
        s->sent_ms = loop_precise_ms();
        if (s->step == STARTTLS)
            send_ehlo(s);
        return;
    case TALK_BYTES:
        if (!s->is_over)
            take_lines(s);
        return;
    case TALK_FAILED:
        break;
    }
    if (s->is_over)
        return;
    tell(s, &(struct smtp_news){.what = SMTP_FAILED,
                                .say = say_failure(s, news),
                                .is_self = news->is_self,
                                .is_transient = news->why != TALK_NO_TLS});
}

/* --- life --- */

struct smtp *smtp_start(struct loop *l, struct resolver *r, struct tls *tls,
                        const struct smtp_want *w, smtp_fn *fn, void *arg)
{
    struct smtp *s = mem_alloc(sizeof *s);
    const char *host = w->access->host != NULL ? w->access->host : w->host;

    s->access = w->access;
    s->host = host != NULL ? host : "";
    s->timeout_ms = w->timeout_ms;
    s->tls = tls;
    s->fn = fn;
    s->arg = arg;
    s->command = "";
    s->seen = (struct smtp_seen){.greeting_ms = -1, .ehlo_ms = -1, .login_ms = -1};
    smtp_reply_begin(&s->reply);
    const struct talk_want want = {
        .host = s->host,
        .port = (uint16_t)w->access->port,
        .connect_ms = w->access->connect_ms,
        .timeout_ms = w->timeout_ms,
        .max_bytes = w->max_bytes,
    };
    s->talk = talk_start(l, r, &want, on_news, s);
    return s;
}

const struct smtp_reply *smtp_reply_of(const struct smtp *s)
{
    return &s->reply;
}

const struct smtp_seen *smtp_seen(const struct smtp *s)
{
    return &s->seen;
}

const struct tls_peer *smtp_peer(const struct smtp *s)
{
    return talk_peer(s->talk);
}

void smtp_times(const struct smtp *s, struct talk_times *out)
{
    talk_times(s->talk, out);
}
