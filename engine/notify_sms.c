/* notify_sms.c - a text message by an HTTP gateway such as Kannel's sendsms, a request a number.
 *
 * HTTP 200 or 202 says nothing: the words of the reply decide ("0: Accepted for delivery", "3:
 * Queued for later delivery").  A number that took a notice is not sent the same again when others
 * are tried once more. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "engine/http_access.h"
#include "engine/http_plan.h"
#include "engine/notify_http.h"
#include "engine/notify_form.h"
#include "engine/notify_words.h"

enum coding { CODING_UNICODE, CODING_ASCII };
static const char *const codings[] = {"unicode", "ascii", NULL};

struct config {
    char *url, *user, *password, *from;
    struct option_strings to, accepted;
    struct option_pairs extra;
    struct http_access access; /* without user and token: these go into the query */
    int64_t connect_ms, parts;
    int coding;
    char *host;
    struct notify_taken *taken;
};

struct sending {
    struct notify_series *series;
    const struct config *config;
    char *text;
    notice_answer_fn *fn;
    void *arg;
};

static void add_parameter(struct buf *url, const char *name, const char *value)
{
    char *escaped = http_url_escaped(value);
    buf_addf(url, "%c%s=%s", strchr(buf_text(url), '?') != NULL ? '&' : '?', name, escaped);
    free(escaped);
}

static struct http_plan *make_plan(const struct config *c, const char *to, const char *text,
                                   struct err *e)
{
    struct buf url = BUF_INIT(0);
    buf_adds(&url, c->url);
    add_parameter(&url, "username", c->user);
    if (c->from != NULL)
        add_parameter(&url, "from", c->from);
    add_parameter(&url, "to", to);
    add_parameter(&url, "charset", "UTF-8");
    add_parameter(&url, "coding", c->coding == CODING_UNICODE ? "2" : "0");
    for (size_t i = 0; i < c->extra.n; i++)
        add_parameter(&url, c->extra.keys[i], c->extra.values[i]);
    add_parameter(&url, "text", text);
    const struct http_want w = {.url = buf_text(&url),
                                .access = &c->access,
                                .max_body = NOTIFY_REPLY_MAX,
                                .connect_ms = c->connect_ms,
                                .secret_name = "password",
                                .secret = c->password};
    struct http_plan *p = http_plan_new(&w, e);
    buf_release(&url);
    return p;
}

/* "…678": enough to know whose it is. */
static void masked(const char *number, char out[16])
{
    size_t len = strlen(number);
    snprintf(out, 16, "…%s", len > 3 ? number + len - 3 : number);
}

static bool is_accepted(const struct config *c, const char *words)
{
    for (size_t i = 0; i < c->accepted.n; i++)
        if (strncmp(words, c->accepted.v[i], strlen(c->accepted.v[i])) == 0)
            return true;
    return false;
}

static struct http_plan *plan(void *arg, size_t i, struct err *e)
{
    struct sending *run = arg;
    if (run->config->taken->is_taken[i])
        return NULL;
    return make_plan(run->config, run->config->to.v[i], run->text, e);
}

static struct notify_verdict judge(void *arg, size_t i, struct http_reply *r)
{
    const struct config *c = ((struct sending *)arg)->config;
    const char *const secrets[] = {c->password, NULL};
    char *words = r->is_ok ? notify_http_quote(r->body, r->len, secrets) : NULL;
    struct notify_verdict v = {0};
    char whom[16];
    masked(c->to.v[i], whom);
    if (words == NULL || (r->status >= 500 && *words == '\0')) {
        v = notify_http_judge(r, secrets);
    } else if (r->status < 300 && is_accepted(c, words)) {
        c->taken->is_taken[i] = true;
    } else {
        char status[16];
        snprintf(status, sizeof status, "HTTP %d", r->status);
        v.say = SAY(N_("the gateway refuses {0}: {1}"), whom, *words != '\0' ? words : status);
        v.is_transient = r->status >= 500 || r->status == 429;
    }
    free(words);
    return v;
}

static void sending_free(struct sending *run)
{
    free(run->text);
    free(run);
}

static void end(void *arg, struct notify_verdict *v)
{
    struct sending *run = arg;
    notify_answer(run->fn, run->arg, v->say, v->is_transient, v->may_have_arrived);
    sending_free(run);
}

static void *send_notice(const struct receiver_job *job, notice_answer_fn *fn, void *arg)
{
    const struct config *c = job->config;
    const struct notify_steps steps = {c->to.n, plan, judge, end};
    struct sending *run = mem_alloc(sizeof *run);
    struct buf words = BUF_INIT(0), text = BUF_INIT(0);
    notify_short(job, &words);
    notify_cut(&text, buf_text(&words), c->coding == CODING_ASCII, (size_t)c->parts);
    buf_release(&words);
    notify_taken_begin(c->taken, job->notice->key);
    run->config = c;
    run->text = buf_take(&text);
    run->fn = fn;
    run->arg = arg;
    run->series = notify_series_start(job, &steps, run);
    return run;
}

static void cancel(void *arg)
{
    struct sending *run = arg;
    notify_series_cancel(run->series);
    sending_free(run);
}

/* --- the kind --------------------------------------------------------------------------------- */

static bool is_number(const char *s)
{
    size_t len = strlen(s);
    s += *s == '+';
    return len >= 3 && len <= 20 && *s != '\0' && strspn(s, "0123456789") == strlen(s);
}

static bool configure(void *config, struct err *e)
{
    struct config *c = config;
    if (c->to.n == 0 || c->to.n > NOTIFY_TO_MAX)
        return err_set(e, "\"to\" has %zu numbers, expected 1 to %d", c->to.n, NOTIFY_TO_MAX);
    for (size_t i = 0; i < c->to.n; i++)
        if (!is_number(c->to.v[i]))
            return err_set(e, "\"to\": \"%.32s\" is no telephone number, expected 3 to 20 digits",
                           c->to.v[i]);
    for (size_t i = 0; i < c->accepted.n; i++)
        if (c->accepted.v[i][0] == '\0')
            return err_set(e, "\"accepted\": an empty text is how every reply begins");
    struct http_plan *p = make_plan(c, c->to.v[0], "", e);
    if (p == NULL)
        return false;
    c->host = mem_strdup(http_plan_host(p));
    c->taken = mem_alloc(sizeof *c->taken);
    http_plan_free(p);
    return true;
}

static void release(void *config)
{
    struct config *c = config;
    free(c->host);
    free(c->taken);
}

static void whereto(const void *config, struct buf *out)
{
    const struct config *c = config;
    char whom[16];
    for (size_t i = 0; i < c->to.n && i < 3; i++) {
        masked(c->to.v[i], whom);
        buf_addf(out, "%s%s", i > 0 ? ", " : "", whom);
    }
    buf_addf(out, "%s @ %s", c->to.n > 3 ? ", …" : "", c->host);
}

#define AT(field) offsetof(struct config, field)
static const struct option rows[] = {
    {.name = "url",
     .type = OPTION_STRING,
     .offset = AT(url),
     .flags = OPTION_REQUIRED,
     .help = N_("the gateway's address, as in http://127.0.0.1:13013/cgi-bin/sendsms")},
    {.name = "user",
     .type = OPTION_STRING,
     .offset = AT(user),
     .flags = OPTION_REQUIRED,
     .help = N_("account at the gateway")},
    {.name = "password",
     .type = OPTION_SECRET,
     .offset = AT(password),
     .flags = OPTION_REQUIRED,
     .help = N_("its password")},
    {.name = "from",
     .type = OPTION_STRING,
     .offset = AT(from),
     .help = N_("the sender that the message shows, such as a brand name")},
    {.name = "to",
     .type = OPTION_STRINGS,
     .offset = AT(to),
     .flags = OPTION_REQUIRED,
     .help = N_("telephone numbers")},
    {.name = "coding",
     .type = OPTION_CHOICE,
     .offset = AT(coding),
     .choices = codings,
     .fallback = "\"unicode\"",
     .help = N_("unicode: as it is, 70 characters a message; ascii: without diacritics, 160")},
    {.name = "parts",
     .type = OPTION_INT,
     .offset = AT(parts),
     .min = 1,
     .max = 4,
     .fallback = "1",
     .help = N_("messages that one notice may take; what does not fit is cut at a word")},
    {.name = "accepted",
     .type = OPTION_STRINGS,
     .offset = AT(accepted),
     .fallback = "[\"0:\", \"3:\"]",
     .help = N_("how a reply begins by which the gateway takes the message")},
    {.name = "parameters",
     .type = OPTION_PAIRS,
     .offset = AT(extra),
     .help = N_("further parameters of the request, such as smsc or account")},
    HTTP_CONNECT_ROW(AT(connect_ms)),
    HTTP_TLS_ROWS(AT(access)),
    {.name = NULL}};

const struct receiver_type notify_sms = {
    .name = "sms",
    .summary = N_("sends text messages through a gateway such as Kannel"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .release = release,
    .send = send_notice,
    .cancel = cancel,
    .whereto = whereto,
    .cap = RECEIVER_SMS_CAP,
    .cap_ms = RECEIVER_SMS_CAP_MS,
};
