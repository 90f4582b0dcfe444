/* engine_receivers.c - the ways out as the engine has them: who sends, their rows, and tests of
 * them. */
#include "engine/engine_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"

struct notify_test {
    struct engine *engine;
    struct hub_request *q;
    char id[TEXT_MAX_NAME + 1], key[NOTICE_KEY_LEN + 1];
    struct notify_test *next;
};

void engine_receivers_open(struct engine *e)
{
    const struct receivers_want w = {
        .env = &e->env, .translate = e->options->translate, .row = engine_result, .arg = e};
    if (e->options->speak != NULL)
        e->options->speak(e->fleet->language != NULL ? e->fleet->language : "vi");
    e->receivers = receivers_new(&w);
    const struct notifier_want n = {.loop = e->loop,
                                    .fleet = e->fleet,
                                    .decide = e->decide,
                                    .journal = e->journal,
                                    .send = receivers_send,
                                    .tried = receivers_tried,
                                    .senders = e->receivers};
    e->notifier = notifier_new(&n, e->site->receivers, e->site->n_receivers);
}

void engine_receivers_close(struct engine *e)
{
    notifier_stop(e->notifier);
    receivers_free(e->receivers);
    e->receivers = NULL;
    while (e->tests != NULL) { /* the hub has ended their requests */
        struct notify_test *next = e->tests->next;
        free(e->tests);
        e->tests = next;
    }
}

static const struct receiver *find_receiver(const struct engine *e, const char *id)
{
    for (size_t i = 0; i < e->site->n_receivers; i++)
        if (strcmp(e->site->receivers[i].id, id) == 0)
            return &e->site->receivers[i];
    return NULL;
}

/* Who tried it, and how it went. */
static void record_test(const struct notify_test *t, const struct notice_answer *a)
{
    const struct actor *by = &t->q->actor;
    struct buf subject = BUF_INIT(TEXT_MAX_LISTED);
    buf_addf(&subject, "receiver/%s", t->id);
    struct event e = {.kind = EVENT_NOTICE_TESTED,
                      .actor = {mem_strdup(by->login), by->uid, mem_strdup(by->from)}};
    e.subject = buf_take(&subject);
    e.what = mem_strdup(t->id);
    e.key = mem_strdup(t->key);
    e.text = mem_strdup(a->is_ok ? N_("handed over") : a->say);
    decide_record(t->engine->decide, &e);
}

static void test_ended(void *arg, const struct notice_answer *a)
{
    struct notify_test *t = arg, **at = &t->engine->tests;
    struct engine *e = t->engine;
    const struct receiver *r = find_receiver(e, t->id); /* a site file may have come meanwhile */
    if (r != NULL)
        receivers_tried(e->receivers, r, a->is_ok ? NULL : a->say);
    record_test(t, a);
    if (a->is_ok)
        hub_answer(t->q, true, SAY(N_("the test has been handed over to {0}"), t->id), NULL);
    else
        hub_refuse(t->q, REQUEST_CODE_UNDELIVERED, mem_strdup(a->say));
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    free(t);
}

static void random_key(char key[NOTICE_KEY_LEN + 1])
{
    uint64_t bits = 0;
    if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits)
        abort();
    snprintf(key, NOTICE_KEY_LEN + 1, "%016" PRIx64, bits);
}

void engine_notify_test(struct engine *e, struct hub_request *q)
{
    const char *id = request_str(q->verb, &q->args, "receiver");
    const struct receiver *r = find_receiver(e, id);
    struct notice n = {.what = NOTICE_TEST, .to = r, .at_ms = loop_wall_ms(e->loop)};
    if (r == NULL) {
        hub_refuse(q, REQUEST_CODE_USAGE, SAY(N_("there is no receiver \"{0}\""), id));
        return;
    }
    struct notify_test *t = mem_alloc(sizeof *t);
    t->engine = e;
    t->q = q;
    snprintf(t->id, sizeof t->id, "%s", r->id);
    t->next = e->tests;
    e->tests = t;
    random_key(t->key);
    memcpy(n.key, t->key, sizeof n.key);
    notice_words(&n, e->fleet);
    receivers_send(e->receivers, &n, e->fleet, test_ended, t);
    notice_release(&n);
}
