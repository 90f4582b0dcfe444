/* HAProxy: `show servers state` tells each server's place and health, one `set server` moves one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/driver.h"
#include "engine/haproxy.h"

#define ACT_LIMIT_MS 10000
#define COLUMNS_MAX  40
/* Bits of srv_admin_state and values of srv_op_state, as HAProxy's management guide has them. */
#define ADMIN_MAINT 0x63
#define ADMIN_DRAIN 0x18
#define OP_STARTING 1
#define OP_RUNNING  2

/* --- show servers state ----------------------------------------------------------------------- */

struct columns { /* where the head says that they stand; -1: nowhere */
    int backend, name, op, admin;
};

static size_t split(char *line, char *words[COLUMNS_MAX])
{
    size_t n = 0;
    char *rest = NULL;
    for (char *w = strtok_r(line, " \r", &rest); w != NULL && n < COLUMNS_MAX;
         w = strtok_r(NULL, " \r", &rest))
        words[n++] = w;
    return n;
}

/* "# be_id be_name srv_id srv_name …" */
static bool read_head(char *line, struct columns *c)
{
    char *words[COLUMNS_MAX];
    size_t n = split(line, words);
    *c = (struct columns){-1, -1, -1, -1};
    if (n == 0 || strcmp(words[0], "#") != 0)
        return false;
    for (size_t i = 1; i < n; i++) {
        int at = (int)i - 1;
        if (strcmp(words[i], "be_name") == 0)
            c->backend = at;
        else if (strcmp(words[i], "srv_name") == 0)
            c->name = at;
        else if (strcmp(words[i], "srv_op_state") == 0)
            c->op = at;
        else if (strcmp(words[i], "srv_admin_state") == 0)
            c->admin = at;
    }
    return c->backend >= 0 && c->name >= 0 && c->op >= 0 && c->admin >= 0;
}

static void read_server(const struct columns *c, char *line, const struct fog *g, struct seen *s)
{
    char *words[COLUMNS_MAX];
    int n = (int)split(line, words);
    if (n <= c->backend || n <= c->name || n <= c->op || n <= c->admin ||
        strcmp(words[c->backend], s->backend) != 0)
        return;
    const struct fog_member *f = fog_member_named(g, words[c->name]);
    if (f == NULL)
        return;
    struct seen_member *m = &s->members[f - g->members];
    long admin = strtol(words[c->admin], NULL, 10), op = strtol(words[c->op], NULL, 10);
    m->has_answered = true;
    m->admin = admin & ADMIN_MAINT ? SEEN_MAINT : admin & ADMIN_DRAIN ? SEEN_DRAIN : SEEN_READY;
    m->is_up = op == OP_RUNNING || op == OP_STARTING;
}

/* False: it is no such table. */
static bool read_state(const char *text, size_t len, const struct fog *g, struct seen *s)
{
    char *copy = mem_strndup(text, len), *rest = NULL;
    struct columns c;
    bool has_head = false;
    for (char *line = strtok_r(copy, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        if (line[0] == '#')
            has_head = read_head(line, &c);
        else if (has_head)
            read_server(&c, line, g, s);
    free(copy);
    return has_head;
}

/* --- one conversation --------------------------------------------------------------------------
 */

struct talk { /* a look or an act */
    struct driver_job job;
    struct haproxy_call *call;
    char *command;
    char *error; /* the command could not even be made */
    driver_seen_fn *seen;
    driver_reply_fn *reply;
    void *arg;
};

static void talk_free(struct talk *t)
{
    free(t->command);
    free(t->error);
    free(t);
}

static struct seen *seen_from(const struct talk *t, struct haproxy_reply *r)
{
    const struct haproxy_peer *peer = t->job.peer;
    struct seen *s = seen_new(t->job.fog->n_members);
    s->at_ms = loop_wall_ms(t->job.env->loop);
    s->at_mono_ms = loop_mono_ms(t->job.env->loop);
    s->backend = mem_strdup(peer->backend);
    if (!r->is_ok) {
        s->error = r->say;
        r->say = NULL;
    } else if (!read_state(r->text, r->len, t->job.fog, s)) {
        char *said = text_cleaned(r->text, r->len, TEXT_MAX_NAME, 0);
        s->error = SAY(N_("the answer is no state of servers: {0}"), said);
        free(said);
    }
    return s;
}

static void on_look(void *arg, struct haproxy_reply *r)
{
    struct talk *t = arg;
    t->call = NULL; /* freed by who calls us */
    t->seen(t->arg, seen_from(t, r));
    talk_free(t);
}

static void on_act(void *arg, struct haproxy_reply *r)
{
    struct talk *t = arg;
    struct buf words = BUF_INIT(TEXT_MAX_LISTED);
    if (!r->is_ok)
        say_text(&words, r->say, NULL);
    char *clean =
        r->is_ok ? text_cleaned(r->text, r->len, TEXT_MAX_LISTED, 0) : mem_strdup(buf_text(&words));
    t->call = NULL;
    t->reply(t->arg, &(struct driver_reply){.has_reply = r->is_ok,
                                            .is_unsent = !r->is_ok && !r->is_sent,
                                            .text = clean});
    free(clean);
    buf_release(&words);
    talk_free(t);
}

static void on_error(void *arg)
{
    struct talk *t = arg;
    struct seen *s;
    if (t->reply != NULL) {
        t->reply(t->arg, &(struct driver_reply){.is_unsent = true, .text = t->error});
    } else {
        s = seen_new(t->job.fog->n_members);
        s->error = mem_strdup(t->error);
        t->seen(t->arg, s);
    }
    talk_free(t);
}

static void talk_start(struct talk *t)
{
    const struct haproxy_peer *peer = t->job.peer;
    struct haproxy_want want = {
        .socket = peer->socket,
        .host = peer->host != NULL       ? peer->host
                : t->job.address != NULL ? t->job.address
                                         : "",
        .port = (uint16_t)peer->port,
        .command = t->command,
        .connect_ms = peer->connect_ms,
        .timeout_ms = t->job.timeout_ms,
    };
    if (t->error != NULL)
        loop_soon(t->job.env->loop, on_error, t);
    else
        t->call = haproxy_start(t->job.env->loop, t->job.env->resolver, &want,
                                t->reply != NULL ? on_act : on_look, t);
}

static void talk_cancel(void *arg)
{
    struct talk *t = arg;
    haproxy_cancel(t->call);
    loop_forget(t->job.env->loop, t);
    talk_free(t);
}

static void *look(const struct driver_job *job, driver_seen_fn *fn, void *arg)
{
    struct talk *t = mem_alloc(sizeof *t);
    char command[HAPROXY_COMMAND_MAX] = "";
    struct err e = {""};
    *t = (struct talk){.job = *job, .seen = fn, .arg = arg};
    if (!haproxy_show_state(command, ((const struct haproxy_peer *)job->peer)->backend, &e))
        t->error = mem_strdup(e.text);
    t->command = mem_strdup(command);
    talk_start(t);
    return t;
}

/* The request is the command, as the plan showed it and the journal has it. */
static void *act(const struct driver_job *job, const struct run_step *step, driver_reply_fn *fn,
                 void *arg)
{
    struct talk *t = mem_alloc(sizeof *t);
    *t = (struct talk){.job = *job, .reply = fn, .arg = arg};
    t->command = mem_strdup(step->request);
    talk_start(t);
    return t;
}

static int64_t limit_ms(const struct seen *s)
{
    (void)s;
    return ACT_LIMIT_MS;
}

const struct driver driver_haproxy = {
    .name = "haproxy",
    .look = look,
    .look_cancel = talk_cancel,
    .act = act,
    .act_cancel = talk_cancel,
    .limit_ms = limit_ms,
};
