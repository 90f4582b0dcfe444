/* resolve.c - c-ares on the loop.
 *
 *   resolve_ask -> waiter -> entry (one per name) -> question -> answer kept -> waiters, by timer
 *
 * c-ares may answer from inside its own calls; waiters are therefore always called from a timer of
 * our own, never from within resolve_ask. */
#include "engine/resolve.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "core/map.h"
#include "core/mem.h"
#include "engine/hosts.h"
#include "engine/lane.h"

#define KEEP_MIN_MS 5000
#define KEEP_MAX_MS 60000
#define TRY_MS      1500
#define TRIES       2

struct entry;
struct resolve_wait {
    struct entry *entry;
    resolve_fn *fn;
    void *arg;
    struct resolve_wait *next;
};

struct entry { /* what is known of one name; never freed while the resolver lives */
    struct resolver *resolver;
    char *name;
    bool is_asking, is_due; /* due: answered, waiters to be called */
    int64_t asked_ms, until_ms;
    struct resolve_answer answer;
    struct resolve_wait *waits, **tail;
    struct entry *next;
};

struct resolver {
    struct loop *loop;
    struct lane lane;
    struct loop_timer *deliver; /* due entries */
    struct map by_name;
    struct entry *entries;
    struct hosts *hosts;
    int64_t heard_ms; /* when any name server last said anything */
    bool is_closing;
};

static void on_deliver(void *arg)
{
    struct resolver *r = arg;
    for (struct entry *e = r->entries; e != NULL; e = e->next) {
        if (!e->is_due)
            continue;
        e->is_due = false;
        struct resolve_answer answer = e->answer; /* a callback may ask again */
        while (e->waits != NULL && !e->is_asking) {
            struct resolve_wait *w = e->waits;
            e->waits = w->next;
            if (e->waits == NULL)
                e->tail = &e->waits;
            resolve_fn *fn = w->fn;
            void *fn_arg = w->arg;
            free(w);
            fn(fn_arg, &answer);
        }
    }
}

static void take_family(struct resolve_answer *a, const struct ares_addrinfo *ai, int family,
                        int *ttl)
{
    for (const struct ares_addrinfo_node *n = ai->nodes; n != NULL; n = n->ai_next) {
        if (n->ai_family != family || a->n == RESOLVE_MAX)
            continue;
        memcpy(&a->address[a->n++], n->ai_addr, n->ai_addrlen);
        if (n->ai_ttl < *ttl)
            *ttl = n->ai_ttl;
    }
}

static enum resolve_outcome outcome_of(int status)
{
    switch (status) {
    case ARES_SUCCESS:
        return RESOLVE_OK;
    case ARES_ENODATA:
    case ARES_ENOTFOUND:
    case ARES_EBADNAME:
    case ARES_ENONAME:
        return RESOLVE_NOT_FOUND;
    default: /* timeout, refused connection, SERVFAIL, no memory … */
        return RESOLVE_SILENT;
    }
}

static void on_answer(void *arg, int status, int timeouts, struct ares_addrinfo *ai)
{
    struct entry *e = arg;
    struct resolver *r = e->resolver;
    int64_t now = loop_mono_ms(r->loop);
    int ttl = KEEP_MAX_MS / 1000;

    (void)timeouts;
    e->is_asking = false;
    memset(&e->answer, 0, sizeof e->answer);
    e->answer.outcome = outcome_of(status);
    if (ai != NULL) {
        take_family(&e->answer, ai, AF_INET, &ttl);
        take_family(&e->answer, ai, AF_INET6, &ttl);
        ares_freeaddrinfo(ai);
    }
    if (e->answer.outcome == RESOLVE_OK && e->answer.n == 0)
        e->answer.outcome = RESOLVE_NOT_FOUND;
    if (e->answer.outcome != RESOLVE_SILENT || status == ARES_ESERVFAIL)
        r->heard_ms = now;
    e->answer.is_blind = e->answer.outcome == RESOLVE_SILENT && r->heard_ms < e->asked_ms;
    int64_t keep = e->answer.outcome == RESOLVE_OK ? ttl * 1000LL : KEEP_MIN_MS;
    e->until_ms = now + (keep < KEEP_MIN_MS ? KEEP_MIN_MS : keep);
    e->is_due = true;
    if (!r->is_closing)
        loop_timer_set(r->deliver, 0, 0);
}

struct resolver *resolver_new(struct loop *l, const struct resolver_options *o, struct err *e)
{
    char lookups[] = "b"; /* name servers only: hosts.c has the file */
    struct ares_options a = {.timeout = TRY_MS, .tries = TRIES, .lookups = lookups};
    int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS;
    struct resolver *r = mem_alloc(sizeof *r);

    r->loop = l;
    if (!lane_open(&r->lane, l, &a, mask, o != NULL ? o->servers : NULL, e)) {
        free(r);
        return NULL;
    }
    r->heard_ms = -1;
    r->deliver = loop_timer_new(l, on_deliver, r);
    r->hosts = hosts_new("/etc/hosts");
    return r;
}

void resolver_free(struct resolver *r)
{
    if (r == NULL)
        return;
    r->is_closing = true;
    lane_close(&r->lane);
    loop_timer_free(r->deliver);
    hosts_free(r->hosts);
    map_release(&r->by_name);
    while (r->entries != NULL) {
        struct entry *e = r->entries;
        r->entries = e->next;
        free(e->name);
        free(e);
    }
    free(r);
}

bool resolve_known(struct resolver *r, const char *host, struct resolve_answer *out)
{
    if (resolve_numeric(host, out))
        return true;
    int64_t now = loop_mono_ms(r->loop);
    if (hosts_find(r->hosts, host, now, out))
        return true;
    const struct entry *e = map_get(&r->by_name, host);
    if (e == NULL || e->is_asking || e->until_ms <= now)
        return false;
    *out = e->answer;
    return true;
}

static struct entry *entry_of(struct resolver *r, const char *host)
{
    struct entry *e = map_get(&r->by_name, host);
    if (e != NULL)
        return e;
    e = mem_alloc(sizeof *e);
    e->resolver = r;
    e->name = mem_strdup(host);
    e->tail = &e->waits;
    e->next = r->entries;
    r->entries = e;
    map_put(&r->by_name, e->name, e);
    return e;
}

struct resolve_wait *resolve_ask(struct resolver *r, const char *host, resolve_fn *fn, void *arg)
{
    struct entry *e = entry_of(r, host);
    struct resolve_wait *w = mem_alloc(sizeof *w);
    struct resolve_answer known;

    *w = (struct resolve_wait){e, fn, arg, NULL};
    *e->tail = w;
    e->tail = &w->next;
    if (e->is_asking || e->is_due)
        return w;
    if (resolve_known(r, host, &known)) { /* asked all the same: answered by the timer */
        e->answer = known;
        e->is_due = true;
        loop_timer_set(r->deliver, 0, 0);
        return w;
    }
    struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_flags = ARES_AI_NOSORT};
    e->is_asking = true;
    e->asked_ms = loop_mono_ms(r->loop);
    ares_getaddrinfo(r->lane.channel, host, NULL, &hints, on_answer, e);
    lane_arm(&r->lane);
    return w;
}

void resolve_cancel(struct resolve_wait *w)
{
    if (w == NULL)
        return;
    struct resolve_wait **at = &w->entry->waits;
    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    if (w->next == NULL)
        w->entry->tail = at;
    free(w);
}

void resolve_silent(const struct resolve_wait *w, struct resolve_answer *out)
{
    memset(out, 0, sizeof *out);
    out->outcome = RESOLVE_SILENT;
    out->is_blind = w->entry->resolver->heard_ms < w->entry->asked_ms;
}
