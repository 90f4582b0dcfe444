/* mail_send.c - MAIL FROM, RCPT TO, DATA, the mail, QUIT. */
#include "engine/mail_send.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "engine/notify_form.h"

#define MESSAGE_MAX (64 * 1024)

enum step { MAIL, RCPT, DATA, MESSAGE, QUIT };
struct mail_send {
    struct smtp *smtp;
    char *from, *to;
    struct buf message; /* as it goes over the wire */
    enum step step;
    mail_send_fn *fn;
    void *arg;
};

void mail_send_cancel(struct mail_send *m)
{
    if (m == NULL)
        return;
    smtp_free(m->smtp);
    buf_release(&m->message);
    free(m->from);
    free(m->to);
    free(m);
}

static void end(struct mail_send *m, enum mail_answer a, char *say)
{
    m->fn(m->arg, a, &say, smtp_seen(m->smtp));
    free(say);
    mail_send_cancel(m);
}

bool mail_is_address(const char *s)
{
    return mime_is_address(s);
}

const char *mail_masked(const char *address, char out[MAIL_MASKED_MAX])
{
    snprintf(out, MAIL_MASKED_MAX, "%.1s…@%s", address, mime_domain(address));
    return out;
}

static void make_message(struct mail_send *m, const struct mail_letter *l)
{
    struct buf b = BUF_INIT(MESSAGE_MAX);
    buf_addf(&b, "From: trucban <%s>\r\nTo: <%s>\r\n", l->from, l->to);
    mime_header(&b, "Subject", l->subject);
    mime_date(&b, l->at_ms);
    buf_addf(&b, "Message-ID: <%s@%s>\r\n%s", l->id, mime_domain(l->from), l->headers);
    buf_adds(&b, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                 "Content-Type: text/plain; charset=UTF-8\r\n"
                 "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    mime_quoted(&b, l->text);
    smtp_stuff(&m->message, buf_text(&b), b.len);
    buf_release(&b);
}

static void send_line(struct mail_send *m, enum step step, const char *command, const char *address)
{
    struct buf line = BUF_INIT(1024);
    buf_adds(&line, command);
    if (address != NULL)
        buf_addf(&line, ":<%s>", address);
    buf_adds(&line, "\r\n");
    m->step = step;
    smtp_send(m->smtp, command, buf_text(&line), line.len);
    buf_release(&line);
}

static void refused(struct mail_send *m, const char *what)
{
    enum mail_answer a = smtp_reply_of(m->smtp)->code < 500 ? MAIL_NOT_NOW : MAIL_REFUSED;
    end(m, a, smtp_refusal(m->smtp, what));
}

static void take_reply(struct mail_send *m)
{
    int code = smtp_reply_of(m->smtp)->code;

    switch (m->step) {
    case MAIL:
        if (code == 250)
            send_line(m, RCPT, "RCPT TO", m->to);
        else
            refused(m, "MAIL FROM");
        return;
    case RCPT:
        if (code == 250 || code == 251)
            send_line(m, DATA, "DATA", NULL);
        else
            refused(m, m->to);
        return;
    case DATA:
        if (code == 354) {
            m->step = MESSAGE;
            smtp_send(m->smtp, "DATA", buf_text(&m->message), m->message.len);
        } else {
            refused(m, "DATA");
        }
        return;
    case MESSAGE:
        if (code == 250)
            send_line(m, QUIT, "QUIT", NULL);
        else
            refused(m, "DATA");
        return;
    case QUIT:
        break;
    }
    end(m, MAIL_TAKEN, NULL);
}

static void on_news(void *arg, struct smtp_news *n)
{
    struct mail_send *m = arg;
    char *say = n->say;

    switch (n->what) {
    case SMTP_READY:
        send_line(m, MAIL, "MAIL FROM", m->from);
        return;
    case SMTP_REPLY:
        take_reply(m);
        return;
    case SMTP_FAILED:
        break;
    }
    n->say = NULL;
    if (m->step == QUIT) { /* it has the mail; how it says good-bye is its own affair */
        free(say);
        end(m, MAIL_TAKEN, NULL);
    } else {
        end(m,
            m->step == MESSAGE ? MAIL_MAY_BE
            : n->is_self       ? MAIL_OURSELVES
            : n->is_transient  ? MAIL_NOT_NOW
                               : MAIL_REFUSED,
            say);
    }
}

struct mail_send *mail_send_start(struct loop *l, struct resolver *r, struct tls *tls,
                                  const struct smtp_want *w, const struct mail_letter *letter,
                                  mail_send_fn *fn, void *arg)
{
    struct mail_send *m = mem_alloc(sizeof *m);

    m->from = mem_strdup(letter->from);
    m->to = mem_strdup(letter->to);
    m->fn = fn;
    m->arg = arg;
    make_message(m, letter);
    m->smtp = smtp_start(l, r, tls, w, on_news, m);
    return m;
}
