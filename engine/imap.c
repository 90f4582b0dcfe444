/* imap.c - the steps up to READY, each one command; then commands of the owner's.
 *
 *   GREETING -> CAPABILITY -> STARTTLS (handshake) -> CAPABILITY -> AUTHENTICATE | LOGIN
 *            -> CAPABILITY -> SELECT -> READY
 *
 * What a server can is asked anew whenever it may have changed, never taken from before TLS. */
#include "engine/imap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/mem.h"
#include "core/text.h"
#include "engine/net.h"
#include "engine/smtp_words.h"

#define HANDSHAKE_MS 5000

enum step { GREETING, CAPABILITY, STARTTLS, LOGIN, CAPABILITY_IN, SELECT, OWNERS };

struct imap {
    const struct imap_access *access;
    const char *host;
    int64_t timeout_ms;
    struct tls *tls;
    struct talk *talk;
    imap_fn *fn;
    void *arg;
    enum step step;
    const char *command; /* what was sent last, as sentences name it */
    unsigned n_sent;
    char tag[16];
    bool is_secured, is_plain; /* plain: AUTHENTICATE PLAIN waits for its turn */
    bool is_over;              /* FAILED was told */
    bool *is_freed;            /* set while we tell: the owner may free us meanwhile */
    struct imap_response response;
    struct imap_reply reply;
};

bool imap_access_check(const struct imap_access *a, struct err *e)
{
    if (a->user[0] == '\0')
        return err_set(e, "\"user\" is empty");
    if (a->mailbox[0] == '\0' || !imap_can_quote(a->mailbox))
        return err_set(e,
                       "\"mailbox\" is \"%.64s\", expected its name in plain ASCII, "
                       "as IMAP writes it",
                       a->mailbox);
    return true;
}

/* --- the end --- */

void imap_free(struct imap *m)
{
    if (m == NULL)
        return;
    if (m->is_freed != NULL)
        *m->is_freed = true;
    talk_free(m->talk);
    imap_response_release(&m->response);
    imap_reply_release(&m->reply);
    free(m);
}

/* False: the owner has freed us. */
static bool tell(struct imap *m, struct imap_news *n)
{
    bool is_freed = false, *outer = m->is_freed;

    m->is_over |= n->what == IMAP_FAILED;
    m->is_freed = &is_freed;
    m->fn(m->arg, n);
    free(n->say);
    if (is_freed && outer != NULL)
        *outer = true;
    else if (!is_freed)
        m->is_freed = outer;
    return !is_freed;
}

/* False: so that a step can end with `return fail(…)`. */
static bool fail(struct imap *m, char *say, bool is_transient)
{
    tell(m, &(struct imap_news){.what = IMAP_FAILED, .say = say, .is_transient = is_transient});
    return false;
}

char *imap_refusal(const struct imap *m, const char *command)
{
    char *text = imap_reply_text(&m->reply);
    char *say = SAY(N_("{0} refused: {1}"), command, text);
    free(text);
    return say;
}

static bool is_for_now(const struct imap *m)
{
    return imap_reply_has_code(&m->reply, "UNAVAILABLE") ||
           imap_reply_has_code(&m->reply, "INUSE") || imap_reply_has_code(&m->reply, "LIMIT");
}

static bool fail_text(struct imap *m, const char *msgid, bool is_transient)
{
    char *text = imap_reply_text(&m->reply);
    char *say = SAY(msgid, text);
    free(text);
    return fail(m, say, is_transient);
}

/* --- one step after the other; each is true while the conversation goes on --- */

void imap_send(struct imap *m, const char *command, const char *line)
{
    char head[sizeof m->tag + 1];

    snprintf(m->tag, sizeof m->tag, "t%u", ++m->n_sent);
    snprintf(head, sizeof head, "%s ", m->tag);
    m->command = command;
    imap_reply_begin(&m->reply);
    talk_send(m->talk, head, strlen(head));
    talk_send(m->talk, line, strlen(line));
    talk_send(m->talk, "\r\n", 2);
}

static bool send_step(struct imap *m, enum step step, const char *command, const char *line)
{
    m->step = step;
    imap_send(m, command, line);
    return true;
}

static bool ask_capability(struct imap *m, enum step step)
{
    buf_clear(&m->reply.capabilities);
    return send_step(m, step, "CAPABILITY", "CAPABILITY");
}

static bool secure(struct imap *m)
{
    const struct imap_access *a = m->access;
    const struct talk_tls how = {
        .want = {.host = a->server_name != NULL ? a->server_name : m->host, .ca_file = a->ca_file},
        .limit_ms = m->timeout_ms < HANDSHAKE_MS ? m->timeout_ms : HANDSHAKE_MS,
    };
    talk_secure(m->talk, m->tls, &how);
    return false; /* lines that are there already are not for us: talk ends it */
}

static void forget(struct buf *b)
{
    if (b->bytes != NULL)
        explicit_bzero(b->bytes, b->len);
    buf_release(b);
}

/* The answer to "+". */
static bool send_plain(struct imap *m)
{
    const struct imap_access *a = m->access;
    size_t user = strlen(a->user), password = strlen(a->password);
    struct buf bytes = BUF_INIT(0), line = BUF_INIT(0);

    m->is_plain = false;
    buf_addc(&bytes, '\0');
    buf_add(&bytes, a->user, user + 1);
    buf_add(&bytes, a->password, password);
    smtp_base64(&line, bytes.bytes, bytes.len);
    buf_adds(&line, "\r\n");
    talk_send(m->talk, line.bytes, line.len);
    forget(&bytes);
    forget(&line);
    return true;
}

static bool send_login(struct imap *m)
{
    const struct imap_access *a = m->access;
    struct buf line = BUF_INIT(0);

    if (!imap_can_quote(a->user) || !imap_can_quote(a->password))
        return fail(m,
                    mem_strdup(N_("only LOGIN is offered, and it cannot say this user or password: "
                                  "not plain ASCII")),
                    false);
    buf_adds(&line, "LOGIN ");
    imap_quote(&line, a->user);
    buf_addc(&line, ' ');
    imap_quote(&line, a->password);
    send_step(m, LOGIN, "LOGIN", buf_text(&line));
    forget(&line);
    return true;
}

static bool log_in(struct imap *m)
{
    bool is_ours = m->access->starttls == STARTTLS_NONE && talk_is_local(m->talk);

    if (!m->is_secured && !is_ours)
        return fail(m, mem_strdup(N_("the password is not sent: the connection is not encrypted")),
                    false);
    if (imap_reply_offers(&m->reply, "AUTH=PLAIN")) {
        m->is_plain = true;
        return send_step(m, LOGIN, "AUTHENTICATE", "AUTHENTICATE PLAIN");
    }
    if (!imap_reply_offers(&m->reply, "LOGINDISABLED"))
        return send_login(m);
    return fail(m, mem_strdup(N_("no login by PLAIN or LOGIN is offered")), false);
}

static bool after_capability(struct imap *m)
{
    const struct imap_access *a = m->access;
    bool has_starttls = imap_reply_offers(&m->reply, "STARTTLS");

    if (!m->is_secured && a->starttls == STARTTLS_REQUIRED && !has_starttls)
        return fail(m, mem_strdup(N_("STARTTLS is required, and not offered")), false);
    if (!m->is_secured && a->starttls != STARTTLS_NONE && has_starttls)
        return send_step(m, STARTTLS, "STARTTLS", "STARTTLS");
    return log_in(m);
}

static bool select_mailbox(struct imap *m)
{
    struct buf line = BUF_INIT(1024);

    buf_adds(&line, "SELECT ");
    imap_quote(&line, m->access->mailbox);
    send_step(m, SELECT, "SELECT", buf_text(&line));
    buf_release(&line);
    return true;
}

static bool after_login(struct imap *m)
{
    m->is_plain = false;
    if (m->reply.status == IMAP_OK)
        return ask_capability(m, CAPABILITY_IN);
    return is_for_now(m) ? fail_text(m, N_("login not possible now: {0}"), true)
                         : fail_text(m, N_("login refused: {0}"), false);
}

static bool fail_refused(struct imap *m)
{
    return fail(m, imap_refusal(m, m->command), is_for_now(m));
}

static bool after_select(struct imap *m)
{
    if (imap_reply_has_code(&m->reply, "READ-ONLY"))
        return fail_text(m, N_("the mailbox can only be read: {0}"), false);
    m->step = OWNERS;
    return tell(m, &(struct imap_news){.what = IMAP_READY});
}

/* The tagged reply to m->command is whole. */
static bool advance(struct imap *m)
{
    bool is_ok = m->reply.status == IMAP_OK;

    switch (m->step) {
    case CAPABILITY:
        return is_ok ? after_capability(m) : fail_refused(m);
    case STARTTLS:
        return is_ok ? secure(m) : fail_refused(m);
    case LOGIN:
        return after_login(m);
    case CAPABILITY_IN:
        return is_ok ? select_mailbox(m) : fail_refused(m);
    case SELECT:
        return is_ok ? after_select(m) : fail_refused(m);
    case GREETING:
    case OWNERS:
        break;
    }
    return tell(m, &(struct imap_news){.what = IMAP_REPLY});
}

/* PREAUTH: we would be somebody without having said who, so it is no mailbox of ours. */
static bool greeted(struct imap *m)
{
    if (strncasecmp(buf_text(&m->reply.text), "PREAUTH", 7) == 0)
        return fail_text(m, N_("greeted with {0}"), false);
    return ask_capability(m, CAPABILITY);
}

static bool not_imap(struct imap *m, const char *bytes, size_t len)
{
    char *clean = text_cleaned(bytes, len, TEXT_MAX_NAME, 0);
    char *say = SAY(N_("the answer is not IMAP: {0}"), clean);
    free(clean);
    return fail(m, say, false);
}

static bool take_response(struct imap *m)
{
    const char *bytes = buf_text(&m->response.bytes);
    size_t len = m->response.bytes.len;
    bool goes_on = true;

    switch (imap_read(&m->reply, m->tag, bytes, len)) {
    case IMAP_UNTAGGED:
        break;
    case IMAP_GREETING:
        goes_on = greeted(m);
        break;
    case IMAP_GO_ON:
        goes_on = m->is_plain ? send_plain(m) : not_imap(m, bytes, len);
        break;
    case IMAP_DONE:
        goes_on = advance(m);
        break;
    case IMAP_BYE:
        return fail_text(m, N_("the server hangs up: {0}"), true);
    case IMAP_NONSENSE:
        return not_imap(m, bytes, len);
    }
    if (goes_on)
        imap_response_begin(&m->response);
    return goes_on;
}

static void take_bytes(struct imap *m)
{
    const char *bytes;
    size_t len;
    char size[24];

    for (;;) {
        if (m->response.literal > 0) {
            len = m->response.literal;
            if ((bytes = talk_bytes(m->talk, len)) == NULL)
                return;
            imap_response_literal(&m->response, bytes, len);
        }
        if ((bytes = talk_line(m->talk, &len)) == NULL)
            return;
        switch (imap_response_line(&m->response, bytes, len)) {
        case IMAP_LITERAL:
            continue;
        case IMAP_WHOLE:
            if (!take_response(m))
                return;
            continue;
        case IMAP_TOO_LONG:
            break;
        }
        fail(m, SAY(N_("reply over {0}"), net_size(IMAP_RESPONSE_MAX, size)), false);
        return;
    }
}

/* The step says more than what happened to the connection alone. */
static char *say_failure(const struct imap *m, struct talk_news *news)
{
    char span[24];
    char *say = news->say;

    if (news->why == TALK_TIMEOUT && m->step == GREETING)
        return SAY(N_("no greeting within {0}"), net_span(m->timeout_ms, span));
    if (news->why == TALK_TIMEOUT)
        return SAY(N_("no answer to {0} within {1}"), m->command, net_span(m->timeout_ms, span));
    if (news->why == TALK_CLOSED && m->step != GREETING)
        return SAY(N_("connection closed without an answer to {0}"), m->command);
    news->say = NULL;
    return say;
}

static void on_news(void *arg, struct talk_news *news)
{
    struct imap *m = arg;

    switch (news->what) {
    case TALK_CONNECTED:
        if (m->access->starttls == STARTTLS_IMPLICIT)
            secure(m);
        return;
    case TALK_SECURED:
        m->is_secured = true;
        imap_response_begin(&m->response);
        if (m->step == STARTTLS)
            ask_capability(m, CAPABILITY);
        return;
    case TALK_BYTES:
        if (!m->is_over)
            take_bytes(m);
        return;
    case TALK_FAILED:
        break;
    }
    if (m->is_over)
        return;
    tell(m, &(struct imap_news){.what = IMAP_FAILED,
                                .say = say_failure(m, news),
                                .is_self = news->is_self,
                                .is_transient = news->why != TALK_NO_TLS});
}

/* --- life --- */

struct imap *imap_start(struct loop *l, struct resolver *r, struct tls *tls,
                        const struct imap_want *w, imap_fn *fn, void *arg)
{
    struct imap *m = mem_alloc(sizeof *m);
    const char *host = w->access->host != NULL ? w->access->host : w->host;

    m->access = w->access;
    m->host = host != NULL ? host : "";
    m->timeout_ms = w->timeout_ms;
    m->tls = tls;
    m->fn = fn;
    m->arg = arg;
    m->command = "";
    imap_response_begin(&m->response);
    const struct talk_want want = {
        .host = m->host,
        .port = (uint16_t)w->access->port,
        .connect_ms = w->access->connect_ms,
        .timeout_ms = w->timeout_ms,
        .max_bytes = w->max_bytes,
    };
    m->talk = talk_start(l, r, &want, on_news, m);
    return m;
}

const struct imap_reply *imap_reply_of(const struct imap *m)
{
    return &m->reply;
}

const struct tls_peer *imap_peer(const struct imap *m)
{
    return talk_peer(m->talk);
}

void imap_times(const struct imap *m, struct talk_times *out)
{
    talk_times(m->talk, out);
}
