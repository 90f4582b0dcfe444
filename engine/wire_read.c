/* wire_read.c - JSON into targets, checks and alerts of a mirror; see wire.h. */
#include "engine/shift_json.h"
#include "engine/link.h"
#include "engine/wire.h"

#include <stdlib.h>
#include <string.h>

#include "core/promotion.h"
#include "core/mem.h"
#include "engine/about_json.h"
#include "engine/event_json.h"

static bool has(const struct jval *j, const char *key)
{
    return jval_get(j, key) != NULL;
}

static void read_str(const struct jval *j, const char *key, char **slot)
{
    if (has(j, key))
        mem_set(slot, jval_get_str(j, key));
}

static void read_time(const struct jval *j, const char *key, int64_t *at_ms)
{
    if (has(j, key))
        *at_ms = event_json_get_time(j, key);
}

static void read_int64(const struct jval *j, const char *key, int64_t *out)
{
    *out = jval_get_int(j, key, *out);
}

static void read_int(const struct jval *j, const char *key, int *out)
{
    *out = (int)jval_get_int(j, key, *out);
}

static void read_say(const struct jval *j, const char *text, char **slot)
{
    if (!has(j, text))
        return;
    free(*slot);
    *slot = event_json_get_say(j, text, "say");
}

/* A name of one of `n` rows; absent leaves *out. */
static bool read_choice(const struct jval *j, const char *key, const char *const *names, int n,
                        int *out, struct err *e)
{
    const char *s = jval_get_str(j, key);
    if (s == NULL)
        return true;
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], s) == 0) {
            *out = i;
            return true;
        }
    return err_set(e, "unknown %s \"%s\" from the engine", key, s);
}

static bool read_state(const struct jval *j, const char *key, enum state *out, struct err *e)
{
    const char *s = jval_get_str(j, key);
    if (s == NULL || state_parse(s, out))
        return true;
    return err_set(e, "unknown %s \"%s\" from the engine", key, s);
}

static bool read_priority(const struct jval *j, enum priority *out, struct err *e)
{
    const char *s = jval_get_str(j, "priority");
    if (s == NULL || priority_parse(s, out))
        return true;
    return err_set(e, "unknown priority \"%s\" from the engine", s);
}

static void read_strings(const struct jval *j, const char *key, char ***v, size_t *n)
{
    const struct jval *list = jval_get(j, key);
    if (list == NULL)
        return;
    for (size_t i = 0; i < *n; i++)
        free((*v)[i]);
    free(*v);
    *n = jval_len(list);
    *v = *n > 0 ? mem_alloc(*n * sizeof **v) : NULL;
    for (size_t i = 0; i < *n; i++) {
        const char *s = jval_str(jval_at(list, i));
        (*v)[i] = mem_strdup(s != NULL ? s : "");
    }
}

static void read_labels(const struct jval *j, struct target *t)
{
    const struct jval *o = jval_get(j, "labels");
    if (o == NULL)
        return;
    for (size_t i = 0; i < t->n_labels; i++) {
        free(t->labels[i].key);
        free(t->labels[i].value);
    }
    free(t->labels);
    size_t n = jval_len(o);
    t->labels = n > 0 ? mem_alloc(n * sizeof *t->labels) : NULL;
    t->n_labels = 0;
    for (void *it = jval_first(o); it != NULL && t->n_labels < n; it = jval_next(o, it)) {
        const char *value = jval_str(jval_value(it));
        struct label *l = &t->labels[t->n_labels++];
        l->key = mem_strdup(jval_key(it));
        l->value = mem_strdup(value != NULL ? value : "");
    }
}

/* "promoted" stands beside "env" for as long as the site file says otherwise. */
static void read_env(const struct jval *j, const char *env, struct target *t)
{
    const struct jval *o = jval_get(j, "promoted");
    t->is_test = strcmp(env, env_names[true]) == 0;
    promotion_free(t->promoted);
    t->promoted = jval_type(o) == JVAL_OBJECT ? mem_alloc(sizeof *t->promoted) : NULL;
    if (t->promoted == NULL)
        return;
    t->promoted->is_test = t->is_test;
    t->promoted->by = mem_strdup(jval_get_str(o, "by"));
    t->promoted->text = mem_strdup(jval_get_str(o, "text"));
    t->promoted->at_ms = event_json_get_time(o, "at");
}

bool wire_read_target(struct fleet *f, const struct jval *j, struct err *e)
{
    const char *id = jval_get_str(j, "id");
    if (id == NULL)
        return err_set(e, "a target without \"id\" from the engine");
    struct target *t = fleet_add_target(f, id);
    words_json_read(&t->name, j, "name");
    read_str(j, "group", &t->group);
    read_str(j, "address", &t->address);
    read_str(j, "runbook", &t->runbook);
    read_str(j, "org", &t->org);
    const char *env = jval_get_str(j, "env");
    if (env != NULL)
        read_env(j, env, t);
    t->is_disabled = !jval_get_bool(j, "enabled", !t->is_disabled);
    read_labels(j, t);
    read_strings(j, "parents", &t->parents, &t->n_parents);
    read_strings(j, "tags", &t->tags, &t->n_tags);
    read_time(j, "since", &t->since_ms);
    int kind = (int)t->kind, link = (int)t->link;
    bool is_ok = read_choice(j, "kind", target_kind_names, TARGET_KIND_COUNT, &kind, e) &&
                 read_choice(j, "link", link_names, LINK_COUNT, &link, e) &&
                 read_state(j, "state", &t->state, e);
    t->kind = (enum target_kind)kind;
    t->link = (enum link_state)link;
    fleet_touch_target(f, t);
    return is_ok;
}

static void read_trend(const struct jval *j, struct trend *t)
{
    const struct jval *o = jval_get(j, "trend");
    if (o == NULL)
        return;
    const char *worst = jval_get_str(o, "worst");
    const struct jval *latency = jval_get(o, "latency_ms");
    size_t n = worst != NULL ? strlen(worst) : 0;
    if (n > TREND_LEN || jval_len(latency) != n)
        n = 0;
    for (size_t i = 0; i < TREND_LEN; i++) {
        t->latency_ms[i] = -1;
        t->worst[i] = STATE_PENDING;
    }
    for (size_t i = 0; i < n; i++) {
        size_t at = TREND_LEN - n + i;
        t->latency_ms[at] = (float)jval_num(jval_at(latency, i), -1);
        for (uint8_t s = 0; s < STATE_COUNT; s++)
            if (state_rows[s].symbol == worst[i])
                t->worst[at] = s;
    }
    t->bucket = jval_get_int(o, "bucket", 0);
    t->n = (uint32_t)jval_get_int(o, "n", 0);
    t->is_value = jval_get_bool(o, "value", false);
}

static void read_metrics(const struct jval *j, struct check *c)
{
    const struct jval *list = jval_get(j, "metrics");
    if (list == NULL)
        return;
    for (size_t i = 0; i < c->n_metrics; i++) {
        free(c->metrics[i].name);
        free(c->metrics[i].unit);
    }
    free(c->metrics);
    size_t n = jval_len(list) < RESULT_METRICS_MAX ? jval_len(list) : RESULT_METRICS_MAX;
    c->metrics = n > 0 ? mem_alloc(n * sizeof *c->metrics) : NULL;
    c->n_metrics = n;
    for (size_t i = 0; i < n; i++) {
        const struct jval *m = jval_at(list, i);
        const char *name = jval_get_str(m, "name"), *unit = jval_get_str(m, "unit");
        c->metrics[i].name = mem_strdup(name != NULL ? name : "");
        c->metrics[i].unit = mem_strdup(unit != NULL ? unit : "");
        c->metrics[i].value = jval_get_num(m, "value", 0);
    }
}

static void read_facts(const struct jval *j, struct check *c)
{
    const struct jval *facts = jval_get(j, "facts");
    if (jval_type(facts) != JVAL_OBJECT)
        return;
    facts_release(c->facts, c->n_facts);
    size_t n = jval_len(facts) < RESULT_FACTS_MAX ? jval_len(facts) : RESULT_FACTS_MAX;
    c->facts = n > 0 ? mem_alloc(n * sizeof *c->facts) : NULL;
    c->n_facts = 0;
    for (void *it = jval_first(facts); it != NULL && c->n_facts < n; it = jval_next(facts, it)) {
        const char *value = jval_str(jval_value(it));
        c->facts[c->n_facts++] = (struct fact){.key = mem_strdup(jval_key(it)),
                                               .value = mem_strdup(value != NULL ? value : "")};
    }
}

static void read_periods(const struct jval *j, unsigned int *periods)
{
    const struct jval *list = jval_get(j, "periods");
    if (list == NULL)
        return;
    *periods = 0;
    for (size_t k = 0; k < jval_len(list); k++) {
        const char *name = jval_str(jval_at(list, k));
        for (unsigned int i = 0; name != NULL && i < PERIOD_KIND_COUNT; i++)
            if (strcmp(name, period_kind_names[i]) == 0)
                *periods |= 1u << i;
    }
}

static bool read_live(struct check *c, const struct jval *j, struct err *e)
{
    enum state shown = check_shown(c);
    bool is_ok = read_state(j, "state", &shown, e) &&
                 read_state(j, "last_state", &c->live.state, e) &&
                 read_state(j, "hard_state", &c->live.hard_state, e);
    c->live.is_stale = shown == STATE_STALE;
    c->live.is_hard = jval_get_bool(j, "hard", c->live.is_hard);
    c->live.is_no_result = jval_get_bool(j, "no_result", c->live.is_no_result);
    c->is_self = jval_get_bool(j, "self", c->is_self);
    c->live.is_flapping = jval_get_bool(j, "flapping", c->live.is_flapping);
    c->is_unreachable = jval_get_bool(j, "unreachable", c->is_unreachable);
    c->is_host = jval_get_bool(j, "host", c->is_host);
    read_periods(j, &c->periods);
    read_int(j, "attempt", &c->live.attempt);
    read_time(j, "since", &c->since_ms);
    if (has(j, "latency_ms"))
        c->latency_ms = jval_get_num(j, "latency_ms", -1);
    if (has(j, "alert"))
        c->alert = (uint64_t)jval_get_int(j, "alert", 0);
    read_say(j, "summary", &c->summary);
    c->summary_size = 0;
    read_metrics(j, c);
    read_facts(j, c);
    return is_ok;
}

/* A newer result than ours has been told: its age, and, where no trend came along, its dot. */
static void read_at(struct check *c, const struct jval *j, int64_t now_mono_ms)
{
    int64_t before = c->at_ms;
    read_time(j, "at", &c->at_ms);
    if (c->at_ms != 0 && has(j, "age_ms"))
        c->seen_ms = now_mono_ms - jval_get_int(j, "age_ms", 0);
    if (has(j, "trend"))
        read_trend(j, &c->trend);
    else if (c->at_ms != before && c->at_ms != 0)
        trend_add(&c->trend, c->at_ms, check_dot(c), c->live.state);
}

bool wire_read_check(struct fleet *f, const struct jval *j, int64_t now_mono_ms, struct err *e)
{
    const char *id = jval_get_str(j, "check");
    const char *slash = id != NULL ? strchr(id, '/') : NULL;
    if (slash == NULL)
        return err_set(e, "a check without \"check\" from the engine");
    char *target_id = mem_strndup(id, (size_t)(slash - id));
    struct target *t = fleet_target(f, target_id);
    free(target_id);
    if (t == NULL)
        return err_set(e, "check \"%s\" of an unknown target from the engine", id);
    /* What state the target is in, and since when, the engine says itself: it sees all checks. */
    enum state target_state = t->state;
    int64_t target_since_ms = t->since_ms;
    struct check *c = fleet_add_check(f, t, slash + 1);
    read_str(j, "probe", &c->probe);
    read_int64(j, "interval_ms", &c->rule.interval_ms);
    read_int64(j, "retry_ms", &c->rule.retry_ms);
    read_int64(j, "timeout_ms", &c->rule.timeout_ms);
    read_int64(j, "freshness_ms", &c->rule.freshness_ms);
    read_int(j, "attempts", &c->rule.attempts);
    read_int(j, "ok_confirm", &c->rule.ok_confirm);
    bool is_ok = read_priority(j, &c->priority, e) && read_live(c, j, e);
    read_at(c, j, now_mono_ms);
    fleet_touch_check(f, c);
    t->state = target_state;
    t->since_ms = target_since_ms;
    return is_ok;
}

static bool read_ack(struct ack *a, const struct jval *j, struct err *e)
{
    if (!has(j, "ack"))
        return true;
    const struct jval *o = jval_get(j, "ack");
    mem_set(&a->by, jval_get_str(o, "by"));
    mem_set(&a->comment, jval_get_str(o, "comment"));
    a->at_ms = event_json_get_time(o, "at");
    a->until_ms = event_json_get_time(o, "until");
    a->level = (int)jval_get_int(o, "level", 0);
    return read_state(o, "state", &a->at_state, e);
}

static void read_notes(struct alert *a, const struct jval *j)
{
    const struct jval *list = jval_get(j, "notes");
    if (list == NULL)
        return;
    for (size_t i = 0; i < a->n_notes; i++) {
        free(a->notes[i].by);
        free(a->notes[i].text);
        free(a->notes[i].key);
    }
    free(a->notes);
    a->n_notes = jval_len(list);
    a->notes = a->n_notes > 0 ? mem_alloc(a->n_notes * sizeof *a->notes) : NULL;
    for (size_t i = 0; i < a->n_notes; i++) {
        const struct jval *n = jval_at(list, i);
        a->notes[i].by = mem_strdup(jval_get_str(n, "by"));
        a->notes[i].text = mem_strdup(jval_get_str(n, "text"));
        a->notes[i].at_ms = event_json_get_time(n, "at");
    }
}

static void read_next(struct alert *a, const struct jval *j, int64_t now_mono_ms)
{
    const struct jval *o = jval_get(j, "next");
    if (o == NULL)
        return;
    a->next = (struct clock_next){
        .runs = jval_get_bool(o, "runs", false),
        .level = (int)jval_get_int(o, "level", 0),
        .level_ms = jval_get_int(o, "level_in_ms", 0),
        .later = (int)jval_get_int(o, "later", 0),
        .later_ms = jval_get_int(o, "later_in_ms", 0),
        .has_ack = jval_type(jval_get(o, "ack_in_ms")) == JVAL_INT,
        .ack_ms = jval_get_int(o, "ack_in_ms", 0),
        .repeat_ms = jval_get_int(o, "repeat_ms", 0),
    };
    a->next_mono_ms = now_mono_ms != 0 ? now_mono_ms : 1;
}

static void read_told(struct fleet *f, struct alert *a, const struct jval *j)
{
    const struct jval *list = jval_get(j, "told");
    for (size_t i = 0; i < jval_len(list); i++) {
        const struct jval *o = jval_at(list, i);
        const char *receiver = jval_get_str(o, "receiver");
        if (receiver == NULL)
            continue;
        struct told *t = alert_add_told(a, fleet_receiver(f, receiver));
        t->at_ms = event_json_get_time(o, "at");
        t->count = (uint16_t)jval_get_int(o, "count", 0);
        t->is_sending = jval_get_bool(o, "sending", false);
    }
}

bool wire_read_alert(struct fleet *f, const struct jval *j, int64_t now_mono_ms, struct err *e)
{
    int64_t id = jval_get_int(j, "id", 0);
    if (id <= 0)
        return err_set(e, "an alert without \"id\" from the engine");
    struct alert *a = fleet_add_alert(f, (uint64_t)id);
    read_str(j, "check", &a->check);
    if (a->check == NULL)
        a->check = mem_strdup("");
    read_int64(j, "version", &a->version);
    read_int(j, "level", &a->level);
    read_int(j, "page", &a->page);
    read_time(j, "opened_at", &a->opened_at_ms);
    int64_t age_ms = jval_get_int(j, "age_ms", -1);
    a->began_mono_ms = age_ms >= 0 ? now_mono_ms - age_ms : 0;
    read_time(j, "since", &a->since_ms);
    read_time(j, "resolved_at", &a->resolved_at_ms);
    read_say(j, "summary", &a->summary);
    read_notes(a, j);
    if (has(j, "marks"))
        a->marks = event_json_get_marks(j, "marks");
    a->cause = (uint64_t)jval_get_int(j, "cause", 0);
    a->seq = (uint64_t)jval_get_int(j, "seq", (int64_t)a->seq);
    read_next(a, j, now_mono_ms);
    read_told(f, a, j);
    int phase = (int)a->phase;
    bool is_ok = read_choice(j, "phase", alert_phase_names, ALERT_PHASE_COUNT, &phase, e) &&
                 read_state(j, "state", &a->state, e) && read_priority(j, &a->priority, e) &&
                 read_ack(&a->ack, j, e);
    a->phase = (enum alert_phase)phase;
    fleet_touch_alert(f, a);
    return is_ok;
}

bool wire_read_snapshot(struct fleet *f, const struct jval *j, struct err *e)
{
    const struct jval *site = jval_get(j, "site");
    if (jval_type(site) != JVAL_OBJECT)
        return err_set(e, "a snapshot without \"site\" from the engine");
    read_str(site, "id", &f->site_id);
    words_json_read(&f->site_name, site, "name");
    read_str(site, "language", &f->language);
    read_str(site, "timezone", &f->timezone);
    f->is_sample = jval_get_bool(site, "sample", false);
    f->seq = (uint64_t)jval_get_int(j, "seq", 0);
    const struct jval *groups = jval_get(j, "groups");
    for (size_t i = 0; i < jval_len(groups); i++) {
        const struct jval *g = jval_at(groups, i);
        struct words name = {0};
        words_json_read(&name, g, "name");
        if (jval_get_str(g, "id") != NULL)
            fleet_add_group(f, jval_get_str(g, "id"), &name);
        words_release(&name);
    }
    about_json_read(&f->about, j);
    shifts_json_read(f, j);
    return true;
}

void wire_read_refusals(const struct jval *j, struct link_answer *a)
{
    const struct jval *list = jval_get(j, "refusals");
    a->n_refused_all = (size_t)jval_get_int(j, "refused", 0);
    for (size_t i = 0; i < jval_len(list) && a->n_refused < LINK_REFUSALS_MAX; i++) {
        const struct jval *one = jval_at(list, i);
        char *say = event_json_get_say(one, "text", "say");
        if (say != NULL)
            a->refused[a->n_refused++] =
                (struct link_refusal){(uint64_t)jval_get_int(one, "alert", 0), say};
    }
}
