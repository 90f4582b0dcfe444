#include "engine/period_json.h"

#include <string.h>

#include "core/matcher.h"
#include "core/mem.h"
#include "engine/event_json.h"

struct jval *period_json(const struct period *p)
{
    struct jval *j = jval_object();
    jval_set_int(j, "id", (int64_t)p->id);
    jval_set_str(j, "kind", period_kind_names[p->kind]);
    jval_set_str(j, "state", period_state_names[p->state]);
    jval_set_str(j, "match", p->match);
    jval_set(j, "alert", p->alert != 0 ? jval_new_int((int64_t)p->alert) : jval_new_null());
    jval_set_time(j, "from", p->from_ms);
    jval_set_time(j, "until", p->until_ms);
    jval_set_str(j, "every", p->every);
    jval_set_str(j, "by", p->by);
    jval_set_time(j, "at", p->at_ms);
    jval_set_str(j, "comment", p->comment);
    jval_set_str(j, "key", p->key);
    jval_set_str(j, "approved_by", p->approved_by);
    jval_set_str(j, "ended_by", p->ended_by);
    jval_set_time(j, "ended_at", p->ended_at_ms);
    jval_set_bool(j, "on", p->is_on);
    return j;
}

static bool read_name(const struct jval *j, const char *key, const char *const *names, int n,
                      int *out, struct err *e)
{
    const char *s = jval_get_str(j, key);
    for (int i = 0; s != NULL && i < n; i++)
        if (strcmp(names[i], s) == 0) {
            *out = i;
            return true;
        }
    return err_set(e, "period: unknown %s \"%.64s\"", key, s != NULL ? s : "");
}

static bool read_period(const struct jval *j, struct period *p, struct err *e)
{
    int kind = 0, state = 0;
    if (!read_name(j, "kind", period_kind_names, PERIOD_KIND_COUNT, &kind, e) ||
        !read_name(j, "state", period_state_names, PERIOD_STATE_COUNT, &state, e))
        return false;
    p->kind = (enum period_kind)kind;
    p->state = (enum period_state)state;
    mem_set(&p->match, jval_get_str(j, "match"));
    p->alert = (uint64_t)jval_get_int(j, "alert", 0);
    p->from_ms = event_json_get_time(j, "from");
    p->until_ms = event_json_get_time(j, "until");
    mem_set(&p->every, jval_get_str(j, "every"));
    mem_set(&p->by, jval_get_str(j, "by"));
    p->at_ms = event_json_get_time(j, "at");
    mem_set(&p->comment, jval_get_str(j, "comment"));
    mem_set(&p->key, jval_get_str(j, "key"));
    mem_set(&p->approved_by, jval_get_str(j, "approved_by"));
    mem_set(&p->ended_by, jval_get_str(j, "ended_by"));
    p->ended_at_ms = event_json_get_time(j, "ended_at");
    p->is_on = jval_get_bool(j, "on", false);
    return true;
}

bool period_from_json(const struct jval *j, struct period **out, struct err *e)
{
    *out = mem_alloc(sizeof **out);
    (*out)->id = (uint64_t)jval_get_int(j, "id", 0);
    return read_period(j, *out, e);
}

bool period_json_read(struct fleet *f, const struct jval *j, struct err *e)
{
    int64_t id = jval_get_int(j, "id", 0);
    if (id <= 0)
        return err_set(e, "a period without \"id\" from the engine");
    struct period *p = fleet_add_period(f, (uint64_t)id);
    if (!read_period(j, p, e))
        return false;
    period_bind(p);
    fleet_touch_period(f, p);
    return true;
}
