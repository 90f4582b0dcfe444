#include "engine/checkpoint.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/promotion.h"
#include "engine/jval.h"
#include "engine/period_json.h"
#include "engine/wire.h"

#define CHECKPOINT_FORMAT 1

/* Times are whole milliseconds here: nobody but us reads this. */

static struct jval *write_check(const struct check *c)
{
    struct jval *j = jval_object();
    jval_set_str(j, "id", c->id);
    jval_set_str(j, "hard", state_rows[c->saved_state].name);
    jval_set_int(j, "episode", c->live.episode);
    jval_set_int(j, "since", c->since_ms);
    jval_set_int(j, "fault", c->fault_ms);
    jval_set_int(j, "at", c->at_ms);
    jval_set_str(j, "summary", c->summary);
    jval_set_bool(j, "flapping", c->live.is_flapping);
    jval_set_int(j, "flap_changes", c->flap.changes);
    jval_set_int(j, "flap_n", c->flap.n);
    jval_set_int(j, "flap_last", c->flap.last);
    return j;
}

static struct jval *write_ack(const struct ack *a)
{
    if (!a->by)
        return jval_new_null();
    struct jval *j = jval_object();
    jval_set_str(j, "by", a->by);
    jval_set_int(j, "level", a->level);
    jval_set_bool(j, "narrow", a->is_narrow);
    jval_set_int(j, "at", a->at_ms);
    jval_set_int(j, "until", a->until_ms);
    jval_set_str(j, "comment", a->comment);
    jval_set_str(j, "state", state_rows[a->at_state].name);
    jval_set_str(j, "key", a->key);
    return j;
}

static struct jval *write_note(const struct note *n)
{
    struct jval *j = jval_object();
    jval_set_str(j, "by", n->by);
    jval_set_str(j, "text", n->text);
    jval_set_int(j, "at", n->at_ms);
    jval_set_str(j, "key", n->key);
    return j;
}

static struct jval *write_told(const struct fleet *f, const struct alert *a)
{
    struct jval *list = jval_array();
    for (size_t i = 0; i < a->n_told; i++) {
        const struct told *t = &a->told[i];
        struct jval *j = jval_object();
        jval_set_str(j, "receiver", f->receivers[t->receiver]);
        jval_set_bool(j, "sending", t->is_sending);
        jval_set_int(j, "count", t->count);
        jval_set_int(j, "page", t->page);
        jval_set_int(j, "page_before", t->page_before);
        jval_set_int(j, "at", t->at_ms);
        jval_set_int(j, "state", t->state);
        jval_set_int(j, "state_before", t->state_before);
        jval_set_int(j, "level", t->level);
        jval_set_int(j, "level_before", t->level_before);
        jval_set_bool(j, "flap", t->knows_flap);
        jval_set_bool(j, "flap_before", t->knew_flap);
        jval_append(list, j);
    }
    return list;
}

static struct jval *write_alert(const struct fleet *f, const struct alert *a)
{
    struct jval *j = jval_object(), *notes = jval_array();
    jval_set_int(j, "id", (int64_t)a->id);
    jval_set_str(j, "check", a->check);
    jval_set_int(j, "version", a->version);
    jval_set_str(j, "phase", alert_phase_names[a->phase]);
    jval_set_str(j, "state", state_rows[a->state].name);
    jval_set_int(j, "priority", a->priority);
    jval_set_int(j, "level", a->level);
    jval_set_int(j, "episode", a->episode);
    jval_set_int(j, "opened", a->opened_at_ms);
    jval_set_int(j, "since", a->since_ms);
    jval_set_int(j, "resolved", a->resolved_at_ms);
    jval_set_str(j, "summary", a->summary);
    jval_set_str(j, "unack_key", a->unack_key);
    jval_set_str(j, "escalate_key", a->escalate_key);
    jval_set_int(j, "marks", a->marks);
    jval_set_int(j, "cause", (int64_t)a->cause);
    jval_set_int(j, "page", a->page);
    jval_set_int(j, "counted", a->counted_ms);
    jval_set_int(j, "counted_at", a->counted_at_ms);
    jval_set_int(j, "seq", (int64_t)a->seq);
    jval_set(j, "told", write_told(f, a));
    jval_set(j, "ack", write_ack(&a->ack));
    for (size_t i = 0; i < a->n_notes; i++)
        jval_append(notes, write_note(&a->notes[i]));
    jval_set(j, "notes", notes);
    return j;
}

static struct jval *write_promoted(const struct target *t)
{
    struct jval *j = jval_object();
    jval_set_str(j, "target", t->id);
    jval_set_bool(j, "test", t->promoted->is_test);
    jval_set_str(j, "by", t->promoted->by);
    jval_set_str(j, "text", t->promoted->text);
    jval_set_str(j, "key", t->promoted->key);
    jval_set_int(j, "at", t->promoted->at_ms);
    return j;
}

/* Of a message all that a receipt or a count may still ask for. */
static struct jval *write_proofs(const struct proof_log *l)
{
    struct jval *j = jval_object(), *list = jval_array();
    jval_set_str(j, "check", l->check);
    for (size_t i = 0; i < l->n; i++) {
        struct jval *one = jval_object();
        jval_set_str(one, "key", l->v[i].key);
        jval_set_str(one, "phase", proof_phase_names[l->v[i].phase]);
        jval_set_bool(one, "taken", l->v[i].was_taken);
        jval_set_int(one, "at", l->v[i].at_ms);
        jval_set_int(one, "until", l->v[i].until_ms);
        jval_set_int(one, "delay", l->v[i].delay_ms);
        jval_append(list, one);
    }
    jval_set(j, "messages", list);
    return j;
}

/* One object at a time becomes text, so that a large fleet does not stand in memory twice. */
static void write_item(struct buf *b, struct jval *taken, size_t *n)
{
    if ((*n)++)
        buf_addc(b, ',');
    jval_dump(b, taken, 0);
    jval_free(taken);
}

char *checkpoint_write(const struct fleet *f)
{
    struct buf b = BUF_INIT(0);
    size_t n_checks = 0, n_alerts = 0, n_periods = 0, n_runs = 0, n_proofs = 0;
    size_t n_promoted = 0;
    buf_addf(&b, "{\"format\":%d,\"seq\":%" PRIu64 ",\"next_alert\":%" PRIu64 ",\"checks\":[",
             CHECKPOINT_FORMAT, f->seq, f->next_alert);
    for (size_t i = 0; i < f->n_checks; i++)
        if (f->checks[i]->saved_state != STATE_PENDING)
            write_item(&b, write_check(f->checks[i]), &n_checks);
    buf_adds(&b, "],\"alerts\":[");
    for (size_t i = 0; i < f->n_alerts; i++)
        write_item(&b, write_alert(f, f->alerts[i]), &n_alerts);
    buf_adds(&b, "],\"promoted\":[");
    for (size_t i = 0; i < f->n_targets; i++)
        if (f->targets[i]->promoted != NULL)
            write_item(&b, write_promoted(f->targets[i]), &n_promoted);
    buf_addf(&b, "],\"next_period\":%" PRIu64 ",\"periods\":[", f->next_period);
    for (size_t i = 0; i < f->n_periods; i++)
        write_item(&b, period_json(f->periods[i]), &n_periods);
    buf_adds(&b, "],\"proofs\":[");
    for (size_t i = 0; i < f->n_proofs; i++)
        write_item(&b, write_proofs(f->proofs[i]), &n_proofs);
    buf_adds(&b, "],\"runs\":[");
    for (size_t i = 0; i < f->n_runs; i++)
        write_item(&b, wire_run(f->runs[i]), &n_runs);
    buf_adds(&b, "]}");
    return buf_take(&b);
}

static enum state read_state(const struct jval *j, const char *key)
{
    enum state s = STATE_PENDING;
    const char *name = jval_get_str(j, key);
    return name && state_parse(name, &s) ? s : STATE_PENDING;
}

static void read_check(struct fleet *f, const struct jval *j, int64_t age_base_ms)
{
    const char *id = jval_get_str(j, "id");
    struct check *c = id ? fleet_check(f, id) : NULL;
    if (!c)
        return;
    c->live.episode = (uint32_t)jval_get_int(j, "episode", 1);
    c->saved_state = read_state(j, "hard");
    rule_restore(&c->live, c->saved_state);
    c->since_ms = jval_get_int(j, "since", 0);
    c->fault_ms = jval_get_int(j, "fault", 0);
    c->at_ms = jval_get_int(j, "at", 0);
    c->seen_ms = c->at_ms + age_base_ms;
    check_say(c, jval_get_str(j, "summary"));
    c->live.is_flapping = jval_get_bool(j, "flapping", false);
    c->flap.changes = (uint32_t)jval_get_int(j, "flap_changes", 0);
    c->flap.n = (uint8_t)jval_get_int(j, "flap_n", 0);
    c->flap.last = (uint8_t)jval_get_int(j, "flap_last", 0);
    fleet_touch_check(f, c);
}

static void read_ack(struct ack *a, const struct jval *j)
{
    mem_set(&a->by, jval_get_str(j, "by"));
    mem_set(&a->comment, jval_get_str(j, "comment"));
    mem_set(&a->key, jval_get_str(j, "key"));
    a->level = (int)jval_get_int(j, "level", 0);
    a->is_narrow = jval_get_bool(j, "narrow", false);
    a->at_ms = jval_get_int(j, "at", 0);
    a->until_ms = jval_get_int(j, "until", 0);
    a->at_state = read_state(j, "state");
}

static void read_notes(struct alert *a, const struct jval *list)
{
    a->n_notes = jval_len(list);
    a->notes = a->n_notes ? mem_alloc(a->n_notes * sizeof *a->notes) : NULL;
    for (size_t i = 0; i < a->n_notes; i++) {
        const struct jval *j = jval_at(list, i);
        mem_set(&a->notes[i].by, jval_get_str(j, "by"));
        mem_set(&a->notes[i].text, jval_get_str(j, "text"));
        mem_set(&a->notes[i].key, jval_get_str(j, "key"));
        a->notes[i].at_ms = jval_get_int(j, "at", 0);
    }
}

static void read_told(struct fleet *f, struct alert *a, const struct jval *list)
{
    for (size_t i = 0; i < jval_len(list); i++) {
        const struct jval *j = jval_at(list, i);
        const char *receiver = jval_get_str(j, "receiver");
        if (!receiver)
            continue;
        struct told *t = alert_add_told(a, fleet_receiver(f, receiver));
        t->is_sending = jval_get_bool(j, "sending", false);
        t->count = (uint16_t)jval_get_int(j, "count", 0);
        t->page = (int)jval_get_int(j, "page", 0);
        t->page_before = (int)jval_get_int(j, "page_before", 0);
        t->at_ms = jval_get_int(j, "at", 0);
        t->state = (uint8_t)jval_get_int(j, "state", 0);
        t->state_before = (uint8_t)jval_get_int(j, "state_before", 0);
        t->level = (uint8_t)jval_get_int(j, "level", 0);
        t->level_before = (uint8_t)jval_get_int(j, "level_before", 0);
        t->knows_flap = jval_get_bool(j, "flap", false);
        t->knew_flap = jval_get_bool(j, "flap_before", false);
    }
}

static void read_alert(struct fleet *f, const struct jval *j)
{
    struct alert *a = fleet_add_alert(f, (uint64_t)jval_get_int(j, "id", 0));
    const char *phase = jval_get_str(j, "phase");
    mem_set(&a->check, jval_get_str(j, "check"));
    a->version = jval_get_int(j, "version", 1);
    a->phase = phase && strcmp(phase, alert_phase_names[ALERT_RESOLVED]) == 0 ? ALERT_RESOLVED
                                                                              : ALERT_FIRING;
    a->state = read_state(j, "state");
    a->priority = (enum priority)jval_get_int(j, "priority", PRIORITY_P4);
    a->level = (int)jval_get_int(j, "level", 1);
    a->episode = (uint32_t)jval_get_int(j, "episode", 0);
    a->opened_at_ms = jval_get_int(j, "opened", 0);
    a->since_ms = jval_get_int(j, "since", 0);
    a->resolved_at_ms = jval_get_int(j, "resolved", 0);
    mem_set(&a->summary, jval_get_str(j, "summary"));
    mem_set(&a->unack_key, jval_get_str(j, "unack_key"));
    mem_set(&a->escalate_key, jval_get_str(j, "escalate_key"));
    a->marks = (unsigned int)jval_get_int(j, "marks", 0);
    a->cause = (uint64_t)jval_get_int(j, "cause", 0);
    a->page = (int)jval_get_int(j, "page", 1);
    a->counted_ms = jval_get_int(j, "counted", 0);
    a->counted_at_ms = jval_get_int(j, "counted_at", a->opened_at_ms);
    a->seq = (uint64_t)jval_get_int(j, "seq", 0);
    read_told(f, a, jval_get(j, "told"));
    read_ack(&a->ack, jval_get(j, "ack"));
    read_notes(a, jval_get(j, "notes"));
    struct check *c = a->check ? fleet_check(f, a->check) : NULL;
    if (c && a->phase == ALERT_FIRING) {
        c->alert = a->id;
        c->live.episode = a->episode; /* the live one may have been ahead of the journal */
        fleet_touch_check(f, c);
    }
    fleet_touch_alert(f, a);
}

static void read_proofs(struct fleet *f, const struct jval *j)
{
    const struct jval *list = jval_get(j, "messages");
    const char *check = jval_get_str(j, "check");
    for (size_t i = 0; check != NULL && i < jval_len(list); i++) {
        const struct jval *one = jval_at(list, i);
        const char *key = jval_get_str(one, "key");
        struct proof p = {.was_taken = jval_get_bool(one, "taken", false),
                          .at_ms = jval_get_int(one, "at", 0),
                          .until_ms = jval_get_int(one, "until", 0),
                          .delay_ms = jval_get_int(one, "delay", 0)};
        if (key == NULL || strlen(key) != PROOF_KEY_LEN ||
            !proof_phase_parse(jval_get_str(one, "phase"), &p.phase))
            continue;
        memcpy(p.key, key, PROOF_KEY_LEN);
        proof_log_put(proof_log_add(f, check), &p);
    }
}

static void read_promoted(struct fleet *f, const struct jval *j)
{
    const char *id = jval_get_str(j, "target");
    struct target *t = id != NULL ? fleet_target(f, id) : NULL;
    if (t == NULL || t->promoted != NULL)
        return;
    t->promoted = mem_alloc(sizeof *t->promoted);
    *t->promoted = (struct promotion){.is_test = jval_get_bool(j, "test", t->is_test_in_file),
                                      .by = mem_strdup(jval_get_str(j, "by")),
                                      .text = mem_strdup(jval_get_str(j, "text")),
                                      .key = mem_strdup(jval_get_str(j, "key")),
                                      .at_ms = jval_get_int(j, "at", 0)};
    promotion_apply(t);
    fleet_touch_target(f, t);
}

bool checkpoint_read(struct fleet *f, const char *json, int64_t now_wall_ms, int64_t now_mono_ms,
                     struct err *e)
{
    struct jval *j = jval_parse(json, strlen(json), e);
    if (!j)
        return err_prefix(e, "checkpoint");
    int64_t format = jval_get_int(j, "format", 0);
    if (format != CHECKPOINT_FORMAT) {
        jval_free(j);
        return err_set(e, "checkpoint has format %lld, expected %d", (long long)format,
                       CHECKPOINT_FORMAT);
    }
    const struct jval *checks = jval_get(j, "checks"), *alerts = jval_get(j, "alerts");
    const struct jval *runs = jval_get(j, "runs"), *promoted = jval_get(j, "promoted");
    for (size_t i = 0; i < jval_len(promoted); i++)
        read_promoted(f, jval_at(promoted, i));
    for (size_t i = 0; i < jval_len(checks); i++)
        read_check(f, jval_at(checks, i), now_mono_ms - now_wall_ms);
    for (size_t i = 0; i < jval_len(alerts); i++)
        read_alert(f, jval_at(alerts, i));
    const struct jval *periods = jval_get(j, "periods"), *proofs = jval_get(j, "proofs");
    for (size_t i = 0; i < jval_len(proofs); i++)
        read_proofs(f, jval_at(proofs, i));
    bool is_whole = true;
    for (size_t i = 0; is_whole && i < jval_len(periods); i++)
        is_whole = period_json_read(f, jval_at(periods, i), e);
    f->next_period = (uint64_t)jval_get_int(j, "next_period", 1);
    for (size_t i = 0; is_whole && i < jval_len(runs); i++)
        is_whole = wire_read_run(f, jval_at(runs, i), e);
    f->next_alert = (uint64_t)jval_get_int(j, "next_alert", 1);
    f->seq = (uint64_t)jval_get_int(j, "seq", 0);
    jval_free(j);
    return is_whole;
}
