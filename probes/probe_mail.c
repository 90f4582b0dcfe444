/* probe_mail.c - a mail that leaves by SMTP and must be found again in a mailbox, then deleted.
 *
 *   look (can it be found at all? what is left of earlier ones goes)
 *     -> proof_begin -> send -> look … there -> deleted -> done
 *
 * Nothing is sent where the first look fails, or where the mailbox is full: it could not be found.
 * engine/proofs.h minds when a mail is sent, and that no key is sent twice. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fleet.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/imap.h"
#include "engine/loop.h"
#include "engine/mail_find.h"
#include "engine/mail_send.h"
#include "engine/probe.h"
#include "engine/proofs.h"
#include "engine/smtp.h"
#include "probes/kinds.h"

#define SMTP_MAX (16 * 1024)  /* bytes of all replies together */
#define IMAP_MAX (256 * 1024) /* likewise */

struct config {
    struct smtp_access smtp;
    struct imap_access imap;
    char *from, *to;
    int64_t look_ms, deadline_ms, late_ms, window_ms, cap;
};

struct round {
    const struct probe_env *env;
    const struct config *config;
    char *check, *owner; /* owner: SITE/TARGET/CHECK, as our mails say it */
    const char *address;
    int64_t timeout_ms;
    struct proof_run *proof;
    struct mail_find *find;
    struct mail_send *send;
    bool is_there, is_proven; /* proven: the proof has its result, in `result` */
    int64_t arrived_ms;       /* by the server's clock; 0: it did not say */
    size_t n_copies, n_left;
    int64_t quota_used, quota_limit;
    char *undeleted; /* packed */
    struct result result;
    probe_done_fn *done;
    void *arg;
};

static void round_free(struct round *round)
{
    mail_find_cancel(round->find);
    mail_send_cancel(round->send);
    result_release(&round->result);
    free(round->undeleted);
    free(round->check);
    free(round->owner);
    free(round);
}

/* --- the end ------------------------------------------------------------------------------ */

static const struct proof_log *log_of(const struct round *round)
{
    return round->env->fleet != NULL ? proof_log_of(round->env->fleet, round->check) : NULL;
}

/* How far the mailbox's clock is from ours, as far as can be told: it stamped the mail some time
 * between its sending and now. */
static void add_clock(struct round *round)
{
    const struct proof_log *l = log_of(round);
    int64_t now_ms = loop_wall_ms(round->env->loop), off_ms = 0;

    if (round->arrived_ms == 0 || l == NULL || l->n == 0)
        return;
    int64_t sent_ms = l->v[l->n - 1].at_ms;
    if (round->arrived_ms > now_ms)
        off_ms = round->arrived_ms - now_ms;
    else if (round->arrived_ms + WHEN_SECOND_MS < sent_ms) /* it has whole seconds */
        off_ms = round->arrived_ms - sent_ms;
    result_metric(&round->result, "clock_off_s", (double)off_ms / WHEN_SECOND_MS, "s");
}

/* What has arrived is good, and still something may be wrong with it. */
static void judge_copies(struct round *round)
{
    struct result *r = &round->result;
    char n[24];

    if (!round->is_there || r->state != STATE_OK)
        return;
    snprintf(n, sizeof n, "%zu", round->n_copies);
    if (round->n_copies > 1) {
        result_say(r, STATE_WARNING, SAY(N_("one mail was sent, and arrived {0} times"), n));
    } else if (round->undeleted != NULL) {
        struct buf why = BUF_INIT(TEXT_MAX_LISTED);
        say_text(&why, round->undeleted, NULL);
        result_say(r, STATE_WARNING,
                   SAY(N_("arrived, but cannot be deleted again: {0}"), buf_text(&why)));
        buf_release(&why);
    }
}

static void finish(struct round *round)
{
    struct result *r = &round->result;

    judge_copies(round);
    if (round->is_there) {
        result_metric(r, "copies", (double)round->n_copies, "");
        add_clock(round);
    }
    result_metric(r, "leftovers", (double)round->n_left, "");
    if (round->quota_limit > 0)
        result_metric(r, "mailbox_used_pct",
                      100 * (double)round->quota_used / (double)round->quota_limit, "%");
    round->done(round->arg, r);
    round_free(round);
}

/* --- the mailbox -------------------------------------------------------------------------- */

/* Of what is known: those that are over.  Of what is not: what is older than our memory; a younger
 * one may be another engine's. */
static bool is_old(void *arg, const char *key, int64_t arrived_ms)
{
    struct round *round = arg;
    const struct proof_log *l = log_of(round);
    const struct proof *p = l != NULL ? proof_find(l, key) : NULL;

    if (p != NULL)
        return proof_is_over(p->phase);
    return arrived_ms != 0 && arrived_ms < loop_wall_ms(round->env->loop) - PROOF_DAY_MS;
}

static void look_anyway(struct round *round, const char *key, const struct mail_find_calls *calls)
{
    const struct imap_want want = {&round->config->imap, round->address, round->timeout_ms,
                                   IMAP_MAX};
    round->find = mail_find_start(round->env->loop, round->env->resolver, round->env->tls, &want,
                                  round->owner, key, calls, round);
}

static void there(void *arg, const struct mail_found *f)
{
    struct round *round = arg;
    round->is_there = true;
    round->n_copies = f->n_copies;
    round->arrived_ms = f->arrived_ms;
    proof_seen(round->proof, true, -1, NULL); /* now is when, by our own clock */
}

static void looked(void *arg, struct mail_found *f)
{
    struct round *round = arg;

    round->find = NULL;
    if (round->is_there) {
        round->undeleted = f->undeleted;
        f->undeleted = NULL;
        if (round->is_proven)
            finish(round);
        return;
    }
    proof_not_seen(round->proof, f->say);
    f->say = NULL;
}

static void look(void *arg, const char *key)
{
    static const struct mail_find_calls calls = {is_old, there, looked};
    look_anyway(arg, key, &calls);
}

/* --- sending ------------------------------------------------------------------------------ */

static void on_sent(void *arg, enum mail_answer a, char **say, const struct smtp_seen *seen)
{
    static const enum proof_answer answers[] = {[MAIL_TAKEN] = PROOF_TAKEN,
                                                [MAIL_NOT_NOW] = PROOF_NOT_TAKEN,
                                                [MAIL_REFUSED] = PROOF_IS_REFUSED,
                                                [MAIL_MAY_BE] = PROOF_MAY_BE,
                                                [MAIL_OURSELVES] = PROOF_SELF};
    struct round *round = arg;
    char *why = *say;

    (void)seen;
    *say = NULL;
    round->send = NULL;
    proof_sent(round->proof, answers[a], why);
}

static void send_mail(void *arg, const char *key)
{
    struct round *round = arg;
    const struct config *c = round->config;
    const struct smtp_want want = {&c->smtp, round->address, round->timeout_ms, SMTP_MAX};
    char id[PROOF_KEY_LEN + 32], subject[PROOF_KEY_LEN + 32];
    struct buf headers = BUF_INIT(1024);

    snprintf(id, sizeof id, "trucban-proof.%s", key);
    snprintf(subject, sizeof subject, "trucban proof %s", key);
    buf_addf(&headers, MAIL_PROOF_HEADER ": %s %s\r\n", round->owner, key);
    const struct mail_letter letter = {
        .from = c->from,
        .to = c->to,
        .subject = subject,
        .id = id,
        .headers = buf_text(&headers),
        .text = "Thư kiểm tra tự động của trucban: thư đi có đến không. trucban tự xóa thư này.\n"
                "An automatic mail of trucban: does mail arrive? trucban deletes it by itself.\n",
        .at_ms = loop_wall_ms(round->env->loop)};
    mail_send_cancel(round->send);
    round->send = mail_send_start(round->env->loop, round->env->resolver, round->env->tls, &want,
                                  &letter, on_sent, round);
    buf_release(&headers);
}

/* --- the run ------------------------------------------------------------------------------ */

static void proven(void *arg, struct result *r)
{
    struct round *round = arg;

    round->proof = NULL;
    round->is_proven = true;
    round->result = *r;
    *r = (struct result){0};
    if (round->find == NULL || !round->is_there) /* else it is being deleted */
        finish(round);
}

static void refuse(struct round *round, bool is_self, char *say)
{
    round->result.is_self = is_self;
    result_say(&round->result, is_self ? STATE_UNKNOWN : STATE_CRITICAL, say);
    finish(round);
}

static void refuse_full(struct round *round)
{
    char used[24], limit[24];
    snprintf(used, sizeof used, "%lld", (long long)round->quota_used);
    snprintf(limit, sizeof limit, "%lld", (long long)round->quota_limit);
    refuse(round, false, SAY(N_("the mailbox is full: {0} of {1} KiB"), used, limit));
}

static void begin(struct round *round)
{
    static const struct proof_calls calls = {send_mail, look, proven};
    const struct config *c = round->config;
    const struct proof_want want = {.check = round->check,
                                    .to = mail_masked(c->to, (char[MAIL_MASKED_MAX]){0}),
                                    .deadline_ms = c->deadline_ms,
                                    .late_ms = c->late_ms,
                                    .window_ms = c->window_ms,
                                    .look_ms = c->look_ms,
                                    .cap = c->cap};
    round->proof = proof_begin(round->env, &want, &calls, round);
}

static void nothing_there(void *arg, const struct mail_found *f)
{
    (void)arg;
    (void)f;
}

static void looked_first(void *arg, struct mail_found *f)
{
    struct round *round = arg;

    round->find = NULL;
    round->n_left = f->n_deleted;
    round->quota_used = f->quota_used;
    round->quota_limit = f->quota_limit;
    if (!f->is_ok) {
        char *say = f->say;
        f->say = NULL;
        refuse(round, f->is_self, say);
    } else if (f->quota_limit > 0 && f->quota_used >= f->quota_limit && f->n_deleted == 0) {
        refuse_full(round);
    } else {
        begin(round);
    }
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    static const struct mail_find_calls calls = {is_old, nothing_there, looked_first};
    struct round *round = mem_alloc(sizeof *round);
    struct buf owner = BUF_INIT(1024);

    round->env = env;
    round->config = config;
    round->check = mem_strdup(job->check);
    round->address = job->address;
    round->timeout_ms = job->timeout_ms;
    round->done = done;
    round->arg = arg;
    round->result.latency_ms = -1;
    buf_addf(&owner, "%s/%s",
             env->fleet != NULL && env->fleet->site_id != NULL ? env->fleet->site_id : "",
             job->check);
    round->owner = buf_take(&owner);
    look_anyway(round, NULL, &calls);
    return round;
}

static void cancel(void *arg)
{
    struct round *round = arg;
    proof_cancel(round->proof);
    round_free(round);
}

/* --- the kind ----------------------------------------------------------------------------- */

static bool configure(void *config, struct err *e)
{
    struct config *c = config;

    if (!mail_is_address(c->from))
        return err_set(e, "\"from\" is \"%.64s\", expected an address such as trucban@example.org",
                       c->from);
    if (!mail_is_address(c->to))
        return err_set(e, "\"to\" is \"%.64s\", expected an address such as proof@example.org",
                       c->to);
    if (c->late_ms >= c->deadline_ms)
        return err_set(e, "\"late\" is not before \"deadline\": nothing could be late");
    if (c->imap.user == NULL || c->imap.password == NULL)
        return err_set(e, "\"imap\" is missing: \"user\" and \"password\" of the mailbox that "
                          "\"to\" leads into");
    if (!smtp_access_check(&c->smtp, e))
        return err_prefix(e, "smtp");
    return imap_access_check(&c->imap, e) || err_prefix(e, "imap");
}

static const char *host(const void *config)
{
    return ((const struct config *)config)->smtp.host;
}

static int64_t deadline(const void *config)
{
    return ((const struct config *)config)->deadline_ms;
}

static int64_t daily(const void *config)
{
    return ((const struct config *)config)->cap;
}

#define AT(field) offsetof(struct config, field)
#define HOUR_MS   (3600.0 * 1000)
static const struct option smtp_rows[] = {SMTP_ACCESS_ROWS(AT(smtp)), {.name = NULL}};
static const struct option imap_rows[] = {IMAP_ACCESS_ROWS(AT(imap)), {.name = NULL}};
static const struct option rows[] = {
    {.name = "smtp",
     .type = OPTION_GROUP,
     .rows = smtp_rows,
     .help = N_("the mail server that takes the mail")},
    {.name = "imap",
     .type = OPTION_GROUP,
     .rows = imap_rows,
     .help = N_("the mailbox in which it must be found")},
    {.name = "from",
     .type = OPTION_STRING,
     .offset = AT(from),
     .flags = OPTION_REQUIRED,
     .help = N_("address that the mail comes from")},
    {.name = "to",
     .type = OPTION_STRING,
     .offset = AT(to),
     .flags = OPTION_REQUIRED,
     .help = N_("address that it goes to, and that leads into the mailbox")},
    {.name = "every",
     .type = OPTION_DURATION,
     .offset = AT(look_ms),
     .min = 200,
     .max = 10 * 60 * 1000,
     .fallback = "\"5s\"",
     .help = N_("how often it is looked for; the delay is known to this")},
    {.name = "late",
     .type = OPTION_DURATION,
     .offset = AT(late_ms),
     .max = HOUR_MS,
     .fallback = "\"1m\"",
     .help = N_("a mail that takes longer is a WARNING; 0s: never")},
    {.name = "deadline",
     .type = OPTION_DURATION,
     .offset = AT(deadline_ms),
     .min = 1000,
     .max = HOUR_MS,
     .fallback = "\"5m\"",
     .help = N_("a mail that has not arrived by then is CRITICAL")},
    {.name = "window",
     .type = OPTION_DURATION,
     .offset = AT(window_ms),
     .min = 60000,
     .max = 24 * HOUR_MS,
     .fallback = "\"1d\"",
     .help = N_("mails of this time make the shares and the mean delay")},
    {.name = "daily",
     .type = OPTION_INT,
     .offset = AT(cap),
     .min = 1,
     .max = PROOF_CAP_MAX,
     .fallback = "300",
     .help = N_("mails in 24 hours at most, over restarts")},
    {.name = NULL}};

const struct probe_type probe_mail = {
    .name = "mail",
    .summary = N_("sends a mail, finds it again in a mailbox, deletes it"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .host = host,
    .start = start,
    .cancel = cancel,
    .deadline = deadline,
    .daily = daily,
};
