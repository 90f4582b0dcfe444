/* notify_mail.c - one mail a notice: MAIL FROM, RCPT TO one by one, DATA, through a mail server.
 *
 * Who is refused is told by name, and the others get the mail all the same; tried again it goes to
 * those that have not got it.  The Message-ID is made of the notice's key, so that a mail that came
 * twice can be known. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "engine/notify_form.h"
#include "engine/notify_words.h"
#include "engine/smtp.h"

#define REPLIES_MAX (64 * 1024)
#define MESSAGE_MAX (256 * 1024)

struct config {
    struct smtp_access smtp;
    char *from;
    struct option_strings to;
    struct notify_taken *taken;
};

enum step { MAIL, RCPT, DATA, MESSAGE, QUIT };
struct sending {
    const struct config *config;
    struct smtp *smtp;
    struct buf message; /* as it goes over the wire */
    enum step step;
    size_t at, n_accepted;
    bool is_accepted[NOTIFY_TO_MAX];
    char *refusal; /* of the first that was refused; packed */
    bool is_transient;
    notice_answer_fn *fn;
    void *arg;
};

static void sending_free(struct sending *run)
{
    smtp_free(run->smtp);
    buf_release(&run->message);
    free(run->refusal);
    free(run);
}

static void end(struct sending *run, char *say, bool is_transient, bool may_have_arrived)
{
    notify_answer(run->fn, run->arg, say, is_transient, may_have_arrived);
    sending_free(run);
}

/* --- the message ------------------------------------------------------------------------------ */

static void add_recipients(const struct config *c, struct buf *m)
{
    buf_adds(m, "To:");
    for (size_t i = 0; i < c->to.n; i++)
        buf_addf(m, "%s <%s>%s", i > 0 ? "\r\n" : "", c->to.v[i], i + 1 < c->to.n ? "," : "");
    buf_adds(m, "\r\n");
}

static void make_message(struct sending *run, const struct receiver_job *job)
{
    const struct config *c = run->config;
    const struct notice *n = job->notice;
    struct buf m = BUF_INIT(MESSAGE_MAX), title = BUF_INIT(0), text = BUF_INIT(0);
    notify_title(job, &title);
    notify_text(job, &text);
    buf_addf(&m, "From: trucban <%s>\r\n", c->from);
    add_recipients(c, &m);
    mime_header(&m, "Subject", buf_text(&title));
    mime_date(&m, n->at_ms);
    buf_addf(&m, "Message-ID: <%s.%s@%s>\r\n", n->key, n->to->id, mime_domain(c->from));
    buf_addf(&m, "X-Trucban-Notice: %s\r\n", notice_rows[n->what].name);
    if (n->is_possible_repeat)
        buf_adds(&m, "X-Trucban-Possible-Repeat: yes\r\n");
    buf_adds(&m, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                 "Content-Type: text/plain; charset=UTF-8\r\n"
                 "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    mime_quoted(&m, buf_text(&text));
    smtp_stuff(&run->message, buf_text(&m), m.len);
    buf_release(&m);
    buf_release(&title);
    buf_release(&text);
}

/* --- the conversation ------------------------------------------------------------------------- */

static void send_line(struct sending *run, enum step step, const char *command, const char *head,
                      const char *address)
{
    struct buf line = BUF_INIT(1024);
    buf_adds(&line, head);
    if (address != NULL)
        buf_addf(&line, "<%s>", address);
    buf_adds(&line, "\r\n");
    run->step = step;
    smtp_send(run->smtp, command, buf_text(&line), line.len);
    buf_release(&line);
}

/* The next one that has not got it, then the mail; nothing to send to: the end. */
static void next_recipient(struct sending *run)
{
    const struct config *c = run->config;
    while (run->at < c->to.n && c->taken->is_taken[run->at])
        run->at++;
    if (run->at < c->to.n) {
        send_line(run, RCPT, "RCPT TO", "RCPT TO:", c->to.v[run->at]);
    } else if (run->n_accepted > 0) {
        send_line(run, DATA, "DATA", "DATA", NULL);
    } else {
        char *say = run->refusal;
        run->refusal = NULL;
        end(run, say, run->is_transient, false);
    }
}

static void after_rcpt(struct sending *run)
{
    const struct smtp_reply *r = smtp_reply_of(run->smtp);
    const char *to = run->config->to.v[run->at];
    if (r->code == 250 || r->code == 251) {
        run->is_accepted[run->at] = true;
        run->n_accepted++;
    } else {
        if (run->refusal == NULL)
            run->refusal = smtp_refusal(run->smtp, to);
        run->is_transient |= r->code < 500;
    }
    run->at++;
    next_recipient(run);
}

static void after_message(struct sending *run)
{
    for (size_t i = 0; i < run->config->to.n; i++)
        run->config->taken->is_taken[i] |= run->is_accepted[i];
    send_line(run, QUIT, "QUIT", "QUIT", NULL);
}

static void refused(struct sending *run, const char *command)
{
    end(run, smtp_refusal(run->smtp, command), smtp_reply_of(run->smtp)->code < 500, false);
}

static void take_reply(struct sending *run)
{
    int code = smtp_reply_of(run->smtp)->code;
    char *say = run->refusal;
    switch (run->step) {
    case MAIL:
        if (code == 250)
            next_recipient(run);
        else
            refused(run, "MAIL FROM");
        return;
    case RCPT:
        after_rcpt(run);
        return;
    case DATA:
        if (code == 354) {
            run->step = MESSAGE;
            smtp_send(run->smtp, "DATA", buf_text(&run->message), run->message.len);
        } else {
            refused(run, "DATA");
        }
        return;
    case MESSAGE:
        if (code == 250)
            after_message(run);
        else
            refused(run, "DATA");
        return;
    case QUIT:
        break;
    }
    run->refusal = NULL;
    end(run, say, run->is_transient, false);
}

static void on_news(void *arg, struct smtp_news *n)
{
    struct sending *run = arg;
    char *say = n->say;
    switch (n->what) {
    case SMTP_READY:
        send_line(run, MAIL, "MAIL FROM", "MAIL FROM:", run->config->from);
        return;
    case SMTP_REPLY:
        take_reply(run);
        return;
    case SMTP_FAILED:
        break;
    }
    if (run->step == QUIT) { /* it has the mail; how it says good-bye is its own affair */
        say = run->refusal;
        run->refusal = NULL;
        end(run, say, run->is_transient, false);
    } else {
        n->say = NULL;
        end(run, say, n->is_transient, run->step == MESSAGE);
    }
}

static void *send_notice(const struct receiver_job *job, notice_answer_fn *fn, void *arg)
{
    const struct config *c = job->config;
    struct sending *run = mem_alloc(sizeof *run);
    const struct smtp_want want = {&c->smtp, NULL, job->timeout_ms, REPLIES_MAX};
    run->config = c;
    run->fn = fn;
    run->arg = arg;
    notify_taken_begin(c->taken, job->notice->key);
    make_message(run, job);
    run->smtp = smtp_start(job->env->loop, job->env->resolver, job->env->tls, &want, on_news, run);
    return run;
}

static void cancel(void *arg)
{
    sending_free(arg);
}

/* --- the kind --------------------------------------------------------------------------------- */

static bool configure(void *config, struct err *e)
{
    struct config *c = config;
    if (c->smtp.host == NULL)
        return err_set(e, "\"host\" is missing: the mail server that takes the mail");
    if (!mime_is_address(c->from))
        return err_set(e, "\"from\" is \"%.64s\", expected an address such as trucban@example.org",
                       c->from);
    if (c->to.n == 0 || c->to.n > NOTIFY_TO_MAX)
        return err_set(e, "\"to\" has %zu addresses, expected 1 to %d", c->to.n, NOTIFY_TO_MAX);
    for (size_t i = 0; i < c->to.n; i++)
        if (!mime_is_address(c->to.v[i]))
            return err_set(e, "\"to\": \"%.64s\" is no address such as duty@example.org",
                           c->to.v[i]);
    c->taken = mem_alloc(sizeof *c->taken);
    return smtp_access_check(&c->smtp, e);
}

static void release(void *config)
{
    free(((struct config *)config)->taken);
}

static void whereto(const void *config, struct buf *out)
{
    const struct config *c = config;
    for (size_t i = 0; i < c->to.n && i < 3; i++)
        buf_addf(out, "%s%s", i > 0 ? ", " : "", c->to.v[i]);
    buf_addf(out, "%s @ %s", c->to.n > 3 ? ", …" : "", c->smtp.host);
}

#define AT(field) offsetof(struct config, field)
static const struct option rows[] = {SMTP_ACCESS_ROWS(AT(smtp)),
                                     {.name = "from",
                                      .type = OPTION_STRING,
                                      .offset = AT(from),
                                      .flags = OPTION_REQUIRED,
                                      .help = N_("address that the mail comes from")},
                                     {.name = "to",
                                      .type = OPTION_STRINGS,
                                      .offset = AT(to),
                                      .flags = OPTION_REQUIRED,
                                      .help = N_("addresses that it goes to")},
                                     {.name = NULL}};

const struct receiver_type notify_mail = {
    .name = "mail",
    .summary = N_("sends a mail through a mail server"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .release = release,
    .send = send_notice,
    .cancel = cancel,
    .whereto = whereto,
};
