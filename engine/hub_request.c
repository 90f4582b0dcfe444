/* hub_request.c - what a client asks, and its answers; see hub_client.h. */
#include "engine/hub_client.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/event_json.h"
#include "engine/wire.h"

static void request_free(struct request *q)
{
    struct client *c = q->client;
    if (c != NULL) {
        if (q->prev != NULL)
            q->prev->next = q->next;
        else
            c->requests = q->next;
        if (q->next != NULL)
            q->next->prev = q->prev;
        c->n_requests--;
    }
    request_args_release(&q->pub.args);
    free(q->pub.actor.login);
    free(q->pub.actor.from);
    free(q);
}

void client_orphan_requests(struct client *c)
{
    while (c->requests != NULL) {
        struct request *q = c->requests;
        c->requests = q->next;
        q->client = NULL;
        q->prev = q->next = NULL;
    }
    c->n_requests = 0;
}

/* {"answer":ID,"ok":…,"text":…} with the members of extra behind it. */
static void add_answer(struct buf *b, int64_t id, bool is_ok, const char *packed,
                       const struct jval *extra)
{
    struct jval *j = jval_object();
    jval_set_int(j, "answer", id);
    jval_set_bool(j, "ok", is_ok);
    event_json_set_say(j, "text", "say", packed);
    if (!is_ok && jval_get(extra, "code") == NULL)
        jval_set_str(j, "code", REQUEST_CODE_REFUSED);
    jval_dump(b, j, 0);
    jval_free(j);
    if (jval_len(extra) > 0) { /* one object out of two: "…}{…" -> "…,…" */
        b->len--;
        size_t seam = b->len;
        jval_dump(b, extra, 0);
        b->bytes[seam] = ',';
    }
    buf_addc(b, '\n');
}

void hub_answer(struct hub_request *pub, bool is_ok, char *packed, struct jval *extra)
{
    struct request *q = (struct request *)(void *)pub;
    struct client *c = q->client;
    int64_t id = q->id;
    request_free(q);
    if (c != NULL && !c->is_dead) {
        struct buf b = BUF_INIT(0);
        add_answer(&b, id, is_ok, packed, extra);
        client_send_buf(c, &b);
        loop_timer_set(c->hub->tend, 0, 0); /* it may have lines that waited for this */
    }
    free(packed);
    jval_free(extra);
}

void hub_answer_events(struct hub_request *q, const struct event *events, size_t n, bool has_more)
{
    struct jval *list = jval_array();
    for (size_t i = 0; i < n; i++)
        jval_append(list, event_json(&events[i], EVENT_JSON_HASH));
    struct jval *extra = jval_object();
    jval_set_bool(extra, "more", has_more);
    jval_set(extra, "events", list);
    hub_answer(q, true, mem_strdup(""), extra);
}

void hub_refuse(struct hub_request *q, const char *code, char *packed)
{
    struct jval *extra = jval_object();
    jval_set_str(extra, "code", code);
    hub_answer(q, false, packed, extra);
}

static void answer_document(struct request *q)
{
    struct hub *h = q->client->hub;
    struct jval *extra = jval_object();
    if (q->pub.verb == VERB_STATUS) {
        struct wire_engine engine = {.version = TRUCBAN_VERSION,
                                     .store = h->store,
                                     .pid = getpid(),
                                     .started_at_ms = h->started_at_ms,
                                     .heartbeat_at_ms = loop_wall_ms(h->loop)};
        jval_set(extra, "status", wire_status(h->fleet, &engine));
    } else {
        jval_set(extra, "alerts", wire_alerts(h->fleet, loop_mono_ms(h->loop)));
    }
    hub_answer(&q->pub, true, mem_strdup(""), extra);
}

static void answer_watch(struct request *q)
{
    struct client *c = q->client;
    hub_answer(&q->pub, true, mem_strdup(""), NULL);
    client_watch(c);
}

static void refuse_role(struct request *q)
{
    struct hub *h = q->client->hub;
    enum duty_role least = duty_least(request_verbs[q->pub.verb].right);
    char *packed = SAY(N_("Not permitted. This action needs role {0} (you are {1})."),
                       duty_rows[least].name, duty_rows[q->pub.role].name);
    if (h->calls.refused != NULL)
        h->calls.refused(h->arg, &q->pub, packed);
    hub_refuse(&q->pub, REQUEST_CODE_REFUSED, packed);
}

static struct request *request_new(struct client *c, int64_t id)
{
    struct request *q = mem_alloc(sizeof *q);
    q->client = c;
    q->id = id;
    q->pub.role = c->role;
    q->pub.actor =
        (struct actor){mem_strdup(c->actor.login), c->actor.uid, mem_strdup(c->actor.from)};
    q->next = c->requests;
    if (q->next != NULL)
        q->next->prev = q;
    c->requests = q;
    c->n_requests++;
    return q;
}

void client_request(struct client *c, const struct jval *j)
{
    const char *verb = jval_get_str(j, "request");
    const struct jval *args = jval_get(j, "args");
    struct request *q = request_new(c, jval_get_int(j, "id", 0));
    char *refusal = NULL;
    if (verb == NULL || !request_verb_parse(verb, &q->pub.verb)) {
        char *clean =
            text_cleaned(verb != NULL ? verb : "", verb != NULL ? strlen(verb) : 0, 64, 0);
        hub_refuse(&q->pub, REQUEST_CODE_USAGE, SAY(N_("unknown request \"{0}\""), clean));
        free(clean);
        return;
    }
    if (jval_type(args) != JVAL_OBJECT && jval_type(args) != JVAL_NULL) {
        hub_refuse(&q->pub, REQUEST_CODE_USAGE, SAY(N_("{0}: \"args\" must be an object"), verb));
        return;
    }
    if (!request_parse(q->pub.verb, args, &q->pub.args, &refusal)) {
        hub_refuse(&q->pub, REQUEST_CODE_USAGE, refusal);
        return;
    }
    if (!duty_may(q->pub.role, request_verbs[q->pub.verb].right))
        refuse_role(q);
    else if (q->pub.verb == VERB_WATCH)
        answer_watch(q);
    else if (q->pub.verb == VERB_STATUS || q->pub.verb == VERB_ALERTS)
        answer_document(q);
    else
        c->hub->calls.request(c->hub->arg, &q->pub);
}
