/* probe_kannel.c - Kannel's status page: the gateway, its boxes, its links to the operators, and
 * what waits.
 *
 * Kannel answers everything with HTTP 200, also a wrong password ("Denied"), and takes that
 * password in the query alone: it is put there by http_plan, where no sentence of ours sees it. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/http.h"
#include "engine/probe.h"
#include "engine/http_access.h"
#include "probes/kinds.h"
#include "probes/xml.h"

#define REPLY_MAX (256 * 1024)
#define WORD_MAX  40

struct config {
    char *url, *password;
    struct option_strings smscs;
    struct http_access access; /* TLS only */
    int64_t connect_ms;
    struct http_plan *plan; /* derived */
};

struct run {
    const struct config *config;
    struct http_call *call;
    probe_done_fn *done;
    void *arg;
};

struct link { /* of one SMSC; a name may have several */
    char id[TEXT_MAX_NAME + 1], admin_id[TEXT_MAX_NAME + 1];
    char status[WORD_MAX]; /* "online", "re-connecting", "dead", "connecting" … */
};

/* The first word of "online 17s", cleaned. */
static void put_word(char *to, size_t size, const char *text, size_t len)
{
    char *clean = text_cleaned(text, len, size - 1, 0);
    snprintf(to, size, "%s", clean);
    free(clean);
}

static bool is_online(const struct link *l)
{
    return strcmp(l->status, "online") == 0;
}

static const char *name_of(const struct link *l)
{
    return l->admin_id[0] != '\0' ? l->admin_id : l->id;
}

static void read_link(struct link *l, const struct xml *smsc)
{
    const char *id = xml_text(xml_child(smsc, "id"));
    const char *admin = xml_text(xml_child(smsc, "admin-id"));
    const char *status = xml_text(xml_child(smsc, "status"));
    put_word(l->id, sizeof l->id, id, strlen(id));
    put_word(l->admin_id, sizeof l->admin_id, admin, strlen(admin));
    put_word(l->status, sizeof l->status, status, strcspn(status, " "));
}

static void add_number(struct result *r, const char *name, const struct xml *x, const char *path)
{
    int64_t n = xml_int(xml_path(x, path), -1);
    if (n >= 0)
        result_metric(r, name, (double)n, "");
}

static void add_row(struct result *r, const struct link *l, const struct xml *smsc)
{
    struct result *row =
        result_row_find(r, name_of(l)) == NULL ? result_row_add(r, name_of(l)) : NULL;
    if (row == NULL)
        return;
    result_fact(row, "status", l->status);
    result_fact(row, "id", l->id);
    add_number(row, "queue", smsc, "queued");
    add_number(row, "failed", smsc, "failed");
    add_number(row, "sent", smsc, "sms/sent");
    add_number(row, "received", smsc, "sms/received");
    result_say(row, is_online(l) ? STATE_OK : STATE_CRITICAL,
               SAY(N_("the link {0} is {1}"), name_of(l), l->status));
}

/* --- links --- */

struct links {
    size_t total, online;
    char bad[TEXT_MAX_NAME + 1], bad_status[WORD_MAX]; /* the worst that counts */
    bool is_dead;
    struct buf all;
};

static bool has_name(const struct link *l, const char *name)
{
    return strcmp(l->id, name) == 0 || strcmp(l->admin_id, name) == 0;
}

static bool counts(const struct config *c, const struct link *l)
{
    for (size_t i = 0; i < c->smscs.n; i++)
        if (has_name(l, c->smscs.v[i]))
            return true;
    return c->smscs.n == 0;
}

static void take_link(struct links *n, const struct link *l)
{
    bool is_dead = strcmp(l->status, "dead") == 0;
    n->total++;
    n->online += is_online(l);
    if (!is_online(l) && (n->bad[0] == '\0' || (is_dead && !n->is_dead))) {
        snprintf(n->bad, sizeof n->bad, "%s", name_of(l));
        snprintf(n->bad_status, sizeof n->bad_status, "%s", l->status);
        n->is_dead = is_dead;
    }
}

static void read_links(const struct config *c, const struct xml *gateway, struct links *n,
                       struct result *r)
{
    const struct xml *smsc = xml_path(gateway, "smscs/smsc");
    for (; smsc != NULL; smsc = xml_next(smsc)) {
        struct link l;
        read_link(&l, smsc);
        buf_addf(&n->all, "%s%s=%s", n->all.len > 0 ? " " : "", name_of(&l), l.status);
        add_row(r, &l, smsc);
        if (counts(c, &l))
            take_link(n, &l);
    }
}

static bool is_there(const struct xml *gateway, const char *name)
{
    const struct xml *smsc = xml_path(gateway, "smscs/smsc");
    for (; smsc != NULL; smsc = xml_next(smsc)) {
        struct link l;
        read_link(&l, smsc);
        if (has_name(&l, name))
            return true;
    }
    return false;
}

/* --- the whole --- */

/* False where the gateway itself is the trouble. */
static bool judge_gateway(const struct config *c, const struct xml *gateway, struct result *r)
{
    char word[WORD_MAX];
    const char *status = xml_text(xml_child(gateway, "status"));

    put_word(word, sizeof word, status, strcspn(status, ", "));
    result_fact(r, "status", word);
    if (strcmp(word, "running") != 0) {
        result_say(r, strcmp(word, "isolated") == 0 ? STATE_WARNING : STATE_CRITICAL,
                   SAY(N_("Kannel is {0}"), word));
        return false;
    }
    for (size_t i = 0; i < c->smscs.n; i++)
        if (!is_there(gateway, c->smscs.v[i])) {
            result_say(r, STATE_CRITICAL,
                       SAY(N_("the link {0} is missing in Kannel"), c->smscs.v[i]));
            return false;
        }
    if (xml_path(gateway, "boxes/box") == NULL) {
        result_say(r, STATE_CRITICAL,
                   mem_strdup(N_("no smsbox is connected: nothing can be sent")));
        return false;
    }
    return true;
}

static void judge_links(const struct links *n, struct result *r)
{
    char online[24], total[24];

    snprintf(online, sizeof online, "%zu", n->online);
    snprintf(total, sizeof total, "%zu", n->total);
    if (n->total == 0)
        result_say(r, STATE_CRITICAL, mem_strdup(N_("Kannel has no links")));
    else if (n->online == 0)
        result_say(r, STATE_CRITICAL,
                   SAY(N_("no link is online: {0} is {1}"), n->bad, n->bad_status));
    else if (n->online < n->total)
        result_say(
            r, n->is_dead ? STATE_CRITICAL : STATE_WARNING,
            SAY(N_("{0} of {1} links online: {2} is {3}"), online, total, n->bad, n->bad_status));
    else
        result_say(r, STATE_OK, SAY(N_("{0} of {1} links online"), online, total));
}

static void add_metrics(const struct xml *gateway, const struct links *n, struct result *r)
{
    const struct xml *box = xml_path(gateway, "boxes/box"), *smsc;
    int64_t failed = 0;
    size_t boxes = 0;

    for (; box != NULL; box = xml_next(box))
        boxes++;
    for (smsc = xml_path(gateway, "smscs/smsc"); smsc != NULL; smsc = xml_next(smsc))
        failed += xml_int(xml_child(smsc, "failed"), 0);
    add_number(r, "queue", gateway, "sms/sent/queued");
    add_number(r, "queue_in", gateway, "sms/received/queued");
    add_number(r, "store", gateway, "sms/storesize");
    add_number(r, "dlr_queue", gateway, "dlr/queued");
    add_number(r, "sent", gateway, "sms/sent/total");
    add_number(r, "received", gateway, "sms/received/total");
    result_metric(r, "failed", (double)failed, "");
    result_metric(r, "links", (double)n->total, "");
    result_metric(r, "links_online", (double)n->online, "");
    result_metric(r, "boxes", (double)boxes, "");
}

static void judge_page(const struct config *c, const struct xml *gateway, struct result *r)
{
    struct links n = {.all = BUF_INIT(TEXT_MAX_LISTED)};
    const char *name = xml_name(gateway);

    if (strcmp(name, "gateway") != 0) {
        char *clean = text_cleaned(name, strlen(name), TEXT_MAX_NAME, 0);
        result_say(r, STATE_CRITICAL, SAY(N_("not Kannel's status page: {0}"), clean));
        free(clean);
        return;
    }
    if (strcmp(xml_text(gateway), "Denied") == 0) {
        result_say(r, STATE_CRITICAL, mem_strdup(N_("Kannel refuses the password")));
        return;
    }
    read_links(c, gateway, &n, r);
    result_fact(r, "links", n.all.len > 0 ? n.all.bytes : "none");
    add_metrics(gateway, &n, r);
    if (judge_gateway(c, gateway, r))
        judge_links(&n, r);
    buf_release(&n.all);
}

static void judge(const struct config *c, struct http_reply *reply, struct result *r)
{
    char status[16];
    struct err e;

    r->latency_ms = reply->total_ms;
    if (!reply->is_ok) {
        r->is_self = reply->is_self;
        result_say(r, reply->is_self ? STATE_UNKNOWN : STATE_CRITICAL, reply->say);
        reply->say = NULL;
        return;
    }
    if (reply->status != 200) {
        snprintf(status, sizeof status, "%d", reply->status);
        result_say(r, STATE_CRITICAL, SAY(N_("HTTP {0}, expected {1}"), status, "200"));
        return;
    }
    struct xml *page = xml_parse(reply->body, reply->len, &e);
    if (page == NULL) {
        char *clean = text_cleaned(e.text, strlen(e.text), TEXT_MAX_NAME, 0);
        result_say(r, STATE_CRITICAL, SAY(N_("malformed XML in the reply: {0}"), clean));
        free(clean);
        return;
    }
    judge_page(c, page, r);
    xml_free(page);
}

static void on_reply(void *arg, struct http_reply *reply)
{
    struct run *run = arg;
    struct result r = {.latency_ms = -1};

    judge(run->config, reply, &r);
    if (run->config->access.is_insecure)
        result_fact(&r, "tls", "!TLS");
    run->done(run->arg, &r);
    result_release(&r);
    free(run);
}

static void *start(const struct probe_env *env, const void *config, const struct probe_job *job,
                   probe_done_fn *done, void *arg)
{
    struct run *run = mem_alloc(sizeof *run);
    run->config = config;
    run->done = done;
    run->arg = arg;
    run->call = http_start(env->http, run->config->plan, job->timeout_ms, on_reply, run);
    return run;
}

static void cancel(void *arg)
{
    struct run *run = arg;
    http_cancel(run->call);
    free(run);
}

/* "http://kannel:13000" is enough; a whole path to the page is taken as it is. */
static bool configure(void *config, struct err *e)
{
    struct config *c = config;
    const char *host = strstr(c->url, "://");
    struct buf url = BUF_INIT(0);

    if (strpbrk(c->url, "?#") != NULL)
        return err_set(e, "\"url\" holds a query: the password stands in \"password\"");
    buf_adds(&url, c->url);
    host = host != NULL ? host + 3 : c->url;
    size_t len = strcspn(host, "/");
    if (host[len] == '\0')
        buf_adds(&url, "/status.xml");
    else if (host[len + 1] == '\0')
        buf_adds(&url, "status.xml");
    struct http_want want = {
        .url = buf_text(&url),
        .access = &c->access,
        .max_body = REPLY_MAX,
        .connect_ms = c->connect_ms,
        .secret_name = "password",
        .secret = c->password,
    };
    c->plan = http_plan_new(&want, e);
    buf_release(&url);
    return c->plan != NULL;
}

static void release(void *config)
{
    struct config *c = config;
    http_plan_free(c->plan);
    c->plan = NULL;
}

static const char *host(const void *config)
{
    return http_plan_host(((const struct config *)config)->plan);
}

#define AT(field) offsetof(struct config, field)
static const struct option rows[] = {
    {.name = "url",
     .type = OPTION_STRING,
     .offset = AT(url),
     .flags = OPTION_REQUIRED,
     .help = N_("Kannel's admin port: http://HOST:PORT, without a query")},
    {.name = "password",
     .type = OPTION_SECRET,
     .offset = AT(password),
     .help = N_("Kannel's status password")},
    {.name = "smscs",
     .type = OPTION_STRINGS,
     .offset = AT(smscs),
     .help = N_("links that must be there, and that alone count; without it all")},
    HTTP_TLS_ROWS(AT(access)),
    HTTP_CONNECT_ROW(AT(connect_ms)),
    {.name = NULL}};

const struct probe_type probe_kannel = {
    .name = "kannel",
    .summary = N_("reads Kannel's status page; judges gateway, boxes and links, counts what waits"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .release = release,
    .host = host,
    .start = start,
    .cancel = cancel,
    .gives_rows = true,
    .may_leave_rows = true,
};
