#include "core/promotion.h"

#include <stdlib.h>
#include <string.h>

#include "core/alert.h"
#include "core/fleet.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/when.h"

const char *const env_names[2] = {N_("production"), N_("test")};

void promotion_free(struct promotion *p)
{
    if (p == NULL)
        return;
    free(p->by);
    free(p->text);
    free(p->key);
    free(p);
}

static size_t count_characters(const char *s)
{
    size_t n = 0;
    for (; *s != '\0'; s++)
        n += *s != ' ' && *s != '\n' && ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

static char *refuse_text(const char *text)
{
    if (strlen(text) > ALERT_COMMENT_MAX)
        return SAY(N_("the text is longer than {0} bytes"), "2000");
    if (count_characters(text) < ALERT_COMMENT_MIN)
        return SAY(N_("a comment of at least {0} characters is needed"), "3");
    return NULL;
}

static char *refuse_same(const struct target *t, bool is_test)
{
    const struct promotion *p = t->promoted;
    char at[WHEN_TEXT_MAX];
    if (p == NULL)
        return is_test ? SAY(N_("{0} is test already: the site file says so"), t->id)
                       : SAY(N_("{0} is production already: the site file says so"), t->id);
    when_rfc3339(p->at_ms, at);
    return is_test ? SAY(N_("{0} is test already, since {1} by {2}"), t->id, at, p->by)
                   : SAY(N_("{0} is production already, since {1} by {2}"), t->id, at, p->by);
}

/* What becomes production pages from that moment on: it is connected, and works. */
static char *refuse_state(const struct target *t)
{
    if (t->is_disabled)
        return SAY(N_("{0} is not looked at (\"enabled\" is false in the site file)"), t->id);
    if (t->link != LINK_DONE)
        return SAY(N_("{0} is not connected yet: connect it first"), t->id);
    if (t->state != STATE_OK && t->state != STATE_WARNING)
        return SAY(N_("{0} is {1} now: what becomes production works first"), t->id,
                   state_rows[t->state].name);
    return NULL;
}

static char *refuse(const struct fleet *f, const struct promotion_request *q)
{
    const struct target *t = fleet_target(f, q->target);
    if (t == NULL)
        return SAY(N_("there is no target \"{0}\""), q->target);
    if (t->kind != TARGET_FLOW && t->kind != TARGET_ENDPOINT)
        return SAY(N_("{0} is a {1}: only flows and endpoints are promoted"), t->id,
                   target_kind_names[t->kind]);
    if (t->is_test == q->is_back)
        return refuse_same(t, q->is_back);
    char *why = refuse_text(q->text != NULL ? q->text : "");
    return why != NULL || q->is_back ? why : refuse_state(t);
}

bool promotion_decide(const struct fleet *f, const struct promotion_request *q, struct event *out,
                      char **refusal)
{
    const struct target *t = fleet_target(f, q->target);
    const struct promotion *p = t != NULL ? t->promoted : NULL;
    *out = (struct event){.kind = EVENT_KIND_COUNT};
    if (p != NULL && p->is_test == q->is_back && p->key != NULL && q->key != NULL &&
        strcmp(p->key, q->key) == 0)
        return true; /* its first answer was lost */
    *refusal = refuse(f, q);
    if (*refusal != NULL)
        return false;
    *out = (struct event){.kind = EVENT_TARGET_PROMOTED,
                          .subject = mem_strdup(t->id),
                          .what = mem_strdup(env_names[q->is_back]),
                          .was = mem_strdup(env_names[t->is_test]),
                          .text = mem_strdup(q->text),
                          .key = mem_strdup(q->key)};
    out->actor = *q->actor;
    out->actor.login = mem_strdup(q->actor->login);
    out->actor.from = mem_strdup(q->actor->from);
    return true;
}

char *promotion_say(const char *target, bool is_test)
{
    return is_test ? SAY(N_("{0} is test now: its alerts page nobody"), target)
                   : SAY(N_("{0} is production now: its alerts page"), target);
}

void promotion_apply(struct target *t)
{
    t->is_test = t->promoted != NULL ? t->promoted->is_test : t->is_test_in_file;
}

bool promotion_is_settled(const struct target *t)
{
    return t->promoted != NULL && t->promoted->is_test == t->is_test_in_file;
}

void fleet_fold_promotion(struct fleet *f, const struct event *e)
{
    struct target *t = fleet_target(f, e->subject);
    if (t == NULL)
        return;
    promotion_free(t->promoted);
    t->promoted = NULL;
    if (e->kind == EVENT_TARGET_PROMOTED) {
        t->promoted = mem_alloc(sizeof *t->promoted);
        *t->promoted = (struct promotion){
            .is_test = e->what != NULL && strcmp(e->what, env_names[true]) == 0,
            .by = mem_strdup(e->actor.login != NULL ? e->actor.login : "?"),
            .text = mem_strdup(e->text),
            .key = mem_strdup(e->key),
            .at_ms = e->at_ms,
        };
    }
    promotion_apply(t);
    fleet_touch_target(f, t);
    for (size_t i = 0; i < t->n_checks; i++) {
        struct alert *a = fleet_open_alert_of(f, t->checks[i]);
        if (a != NULL)
            a->policy = NULL; /* another one may be meant for it now */
        fleet_touch_check(f, t->checks[i]);
    }
}
