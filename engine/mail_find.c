/* mail_find.c - quota, search, fetch, mark as deleted, expunge, log out.
 *
 * Without UIDPLUS EXPUNGE takes all that anybody has marked: then it is asked first whether that is
 * ours alone, and if not, ours stay marked only. */
#include "engine/mail_find.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"

enum step { QUOTA, SEARCH, FETCH, MARK, ASK_OTHERS, EXPUNGE, LOGOUT };
struct mail_find {
    struct imap *imap;
    const struct imap_access *access;
    char *owner, *key;
    struct mail_find_calls calls;
    void *arg;
    enum step step;
    struct buf drop; /* the set of UIDs that are to go: "4,7" */
    size_t n_drop;
    struct mail_found found;
};

void mail_find_cancel(struct mail_find *m)
{
    if (m == NULL)
        return;
    imap_free(m->imap);
    buf_release(&m->drop);
    free(m->found.say);
    free(m->found.undeleted);
    free(m->owner);
    free(m->key);
    free(m);
}

static void end(struct mail_find *m)
{
    m->calls.done(m->arg, &m->found);
    mail_find_cancel(m);
}

static void send_step(struct mail_find *m, enum step step, const char *command, struct buf *line)
{
    m->step = step;
    imap_send(m->imap, command, buf_text(line));
    buf_release(line);
}

static void log_out(struct mail_find *m)
{
    struct buf line = BUF_INIT(0);
    m->found.is_ok = true;
    buf_adds(&line, "LOGOUT");
    send_step(m, LOGOUT, "LOGOUT", &line);
}

static void search(struct mail_find *m)
{
    struct buf line = BUF_INIT(1024);
    buf_adds(&line, "UID SEARCH UNDELETED HEADER " MAIL_PROOF_HEADER " ");
    imap_quote(&line, m->owner);
    send_step(m, SEARCH, "SEARCH", &line);
}

static void ask_quota(struct mail_find *m)
{
    struct buf line = BUF_INIT(1024);
    buf_adds(&line, "GETQUOTAROOT ");
    imap_quote(&line, m->access->mailbox);
    send_step(m, QUOTA, "GETQUOTAROOT", &line);
}

static void fetch(struct mail_find *m)
{
    const struct imap_reply *r = imap_reply_of(m->imap);
    struct buf line = BUF_INIT(0);

    if (r->n_uids == 0) {
        log_out(m);
        return;
    }
    buf_adds(&line, "UID FETCH ");
    for (size_t i = 0; i < r->n_uids; i++)
        buf_addf(&line, "%s%u", i > 0 ? "," : "", (unsigned)r->uids[i]);
    buf_adds(&line, " (INTERNALDATE BODY.PEEK[HEADER.FIELDS (" MAIL_PROOF_HEADER ")])");
    send_step(m, FETCH, "FETCH", &line);
}

/* "OWNER KEY" with our owner: the key; NULL: it is not ours.  The caller frees. */
static char *key_of(const struct mail_find *m, const struct imap_mail *mail)
{
    char *value = imap_mail_header(mail, MAIL_PROOF_HEADER), *key = NULL;
    size_t len = strlen(m->owner);

    if (value != NULL && strncmp(value, m->owner, len) == 0 && value[len] == ' ')
        key = mem_strdup(value + len + 1);
    free(value);
    return key;
}

static void look_at(struct mail_find *m, const struct imap_mail *mail)
{
    char *key = key_of(m, mail);
    bool is_it = key != NULL && m->key != NULL && strcmp(key, m->key) == 0;

    if (key == NULL)
        return;
    if (is_it && m->found.n_copies++ == 0)
        m->found.arrived_ms = mail->arrived_ms;
    m->found.n_other += !is_it;
    if (is_it || m->calls.is_old(m->arg, key, mail->arrived_ms)) {
        buf_addf(&m->drop, "%s%u", m->n_drop > 0 ? "," : "", (unsigned)mail->uid);
        m->n_drop++;
    }
    free(key);
}

static void mark(struct mail_find *m)
{
    struct buf line = BUF_INIT(0);
    buf_addf(&line, "UID STORE %s +FLAGS.SILENT (\\Deleted)", buf_text(&m->drop));
    send_step(m, MARK, "STORE", &line);
}

static void take_mails(struct mail_find *m)
{
    const struct imap_reply *r = imap_reply_of(m->imap);

    for (size_t i = 0; i < r->n_mails; i++)
        look_at(m, &r->mails[i]);
    if (m->n_drop > 0)
        mark(m);
    else
        log_out(m);
    if (m->found.n_copies > 0)
        m->calls.there(m->arg, &m->found);
}

static void after_mark(struct mail_find *m)
{
    struct buf line = BUF_INIT(0);

    if (imap_reply_offers(imap_reply_of(m->imap), "UIDPLUS")) {
        buf_addf(&line, "UID EXPUNGE %s", buf_text(&m->drop));
        send_step(m, EXPUNGE, "EXPUNGE", &line);
        return;
    }
    buf_adds(&line, "UID SEARCH DELETED NOT HEADER " MAIL_PROOF_HEADER " ");
    imap_quote(&line, m->owner);
    send_step(m, ASK_OTHERS, "SEARCH", &line);
}

static void after_others(struct mail_find *m)
{
    struct buf line = BUF_INIT(0);

    if (imap_reply_of(m->imap)->n_found > 0) { /* marked, so they are seen no more */
        m->found.n_deleted = m->n_drop;
        log_out(m);
        return;
    }
    buf_adds(&line, "EXPUNGE");
    send_step(m, EXPUNGE, "EXPUNGE", &line);
}

/* No to a step that what follows needs: before the mails are seen the look has failed, after it
 * they only stay where they are. */
static void refused(struct mail_find *m, const char *command)
{
    char *say = imap_refusal(m->imap, command);

    if (m->step <= FETCH) {
        m->found.say = say;
        end(m);
    } else {
        m->found.undeleted = say;
        log_out(m);
    }
}

static void take_reply(struct mail_find *m)
{
    const struct imap_reply *r = imap_reply_of(m->imap);
    bool is_ok = r->status == IMAP_OK;

    switch (m->step) {
    case QUOTA: /* a server may refuse to tell */
        m->found.quota_used = r->quota_used;
        m->found.quota_limit = r->quota_limit;
        search(m);
        return;
    case SEARCH:
        if (is_ok)
            fetch(m);
        else
            refused(m, "SEARCH");
        return;
    case FETCH:
        if (is_ok)
            take_mails(m);
        else
            refused(m, "FETCH");
        return;
    case MARK:
        if (is_ok)
            after_mark(m);
        else
            refused(m, "STORE");
        return;
    case ASK_OTHERS:
        if (is_ok)
            after_others(m);
        else
            refused(m, "SEARCH");
        return;
    case EXPUNGE:
        if (is_ok) {
            m->found.n_deleted = m->n_drop;
            log_out(m);
        } else {
            refused(m, "EXPUNGE");
        }
        return;
    case LOGOUT:
        break;
    }
    end(m);
}

static void failed(struct mail_find *m, struct imap_news *n)
{
    char *say = n->say;

    n->say = NULL;
    if (m->step == LOGOUT) { /* BYE is what it should say */
        free(say);
    } else if (m->step <= FETCH) {
        m->found.say = say;
        m->found.is_self = n->is_self;
    } else {
        m->found.is_ok = true;
        m->found.undeleted = say;
    }
    end(m);
}

static void on_news(void *arg, struct imap_news *n)
{
    struct mail_find *m = arg;

    switch (n->what) {
    case IMAP_READY:
        if (imap_reply_offers(imap_reply_of(m->imap), "QUOTA"))
            ask_quota(m);
        else
            search(m);
        return;
    case IMAP_REPLY:
        take_reply(m);
        return;
    case IMAP_FAILED:
        failed(m, n);
        return;
    }
}

struct mail_find *mail_find_start(struct loop *l, struct resolver *r, struct tls *tls,
                                  const struct imap_want *w, const char *owner, const char *key,
                                  const struct mail_find_calls *calls, void *arg)
{
    struct mail_find *m = mem_alloc(sizeof *m);

    m->access = w->access;
    m->owner = mem_strdup(owner);
    m->key = key != NULL ? mem_strdup(key) : NULL;
    m->calls = *calls;
    m->arg = arg;
    m->imap = imap_start(l, r, tls, w, on_news, m);
    return m;
}
