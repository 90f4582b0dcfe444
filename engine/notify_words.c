#include "engine/notify_words.h"

#include <stdlib.h>
#include <string.h>

#include "core/say.h"

void notify_say(const struct receiver_job *job, struct buf *out, const char *packed)
{
    if (packed != NULL)
        say_text(out, packed, job->translate);
}

void notify_title(const struct receiver_job *job, struct buf *out)
{
    notify_say(job, out, job->notice->title);
}

static void add_line(const struct receiver_job *job, struct buf *out, const struct notice_line *l,
                     const char *between)
{
    notify_say(job, out, l->head);
    if (l->say != NULL && l->say[0] != '\0') {
        buf_adds(out, between);
        notify_say(job, out, l->say);
    }
}

void notify_text(const struct receiver_job *job, struct buf *out)
{
    const struct notice *n = job->notice;
    notify_title(job, out);
    buf_addc(out, '\n');
    for (size_t i = 0; i < n->n_lines; i++) {
        buf_addc(out, '\n');
        add_line(job, out, &n->lines[i], "\n    ");
    }
    if (n->n_lines > 0)
        buf_addc(out, '\n');
    const char *const more[] = {n->tail, n->remark};
    for (size_t i = 0; i < 2; i++) {
        if (more[i] == NULL)
            continue;
        buf_addc(out, '\n');
        notify_say(job, out, more[i]);
        buf_addc(out, '\n');
    }
}

/* "possible repeat" first: it is what must not be cut off.  Of one alert its own line says it all.
 */
void notify_short(const struct receiver_job *job, struct buf *out)
{
    const struct notice *n = job->notice;
    if (n->remark != NULL) {
        notify_say(job, out, N_("possible repeat"));
        buf_adds(out, ": ");
    }
    notify_title(job, out);
    for (size_t i = 0; i < n->n_lines; i++) {
        buf_adds(out, i == 0 ? ": " : "; ");
        add_line(job, out, &n->lines[i], ": ");
    }
    if (n->tail != NULL) {
        buf_adds(out, "; ");
        notify_say(job, out, n->tail);
    }
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static void set_said(const struct receiver_job *job, struct jval *o, const char *key,
                     const char *packed)
{
    struct buf words = BUF_INIT(0);
    notify_say(job, &words, packed);
    jval_set_str(o, key, packed != NULL ? buf_text(&words) : NULL);
    buf_release(&words);
}

static struct jval *alert_json(const struct receiver_job *job, const struct alert *a)
{
    struct jval *o = jval_object();
    const struct check *c = fleet_check(job->fleet, a->check);
    jval_set_int(o, "id", (int64_t)a->id);
    jval_set_str(o, "check", a->check);
    jval_set_str(o, "target", c != NULL ? c->target->id : NULL);
    jval_set_str(o, "target_name",
                 c != NULL ? words_in(&c->target->name, job->fleet->language, c->target->id)
                           : NULL);
    jval_set_str(o, "phase", alert_phase_names[a->phase]);
    jval_set_str(o, "state", state_rows[a->state].name);
    jval_set_str(o, "priority", priority_name(a->priority));
    jval_set_int(o, "level", a->level);
    jval_set_time(o, "opened_at", a->opened_at_ms);
    jval_set_time(o, "resolved_at", a->resolved_at_ms);
    jval_set_str(o, "acknowledged_by", a->ack.by);
    set_said(job, o, "summary", a->summary);
    jval_set_str(o, "runbook", c != NULL ? c->target->runbook : NULL);
    return o;
}

static void set_alerts(const struct receiver_job *job, struct jval *o)
{
    const struct ids *ids = &job->notice->alerts;
    struct jval *list = jval_array();
    struct buf ranges = BUF_INIT(0);
    size_t told = 0;
    for (size_t i = 0; i < ids->n && told < NOTIFY_ALERTS_MAX; i++) {
        const struct alert *a = fleet_alert(job->fleet, ids->v[i]);
        if (a == NULL)
            continue;
        jval_append(list, alert_json(job, a));
        told++;
    }
    ids_write(ids, &ranges);
    jval_set_str(o, "ids", buf_text(&ranges));
    jval_set(o, "alerts", list);
    jval_set_int(o, "others", (int64_t)(ids->n - told));
    buf_release(&ranges);
}

struct jval *notify_json(const struct receiver_job *job)
{
    const struct notice *n = job->notice;
    struct jval *o = jval_object(), *site = jval_object();
    struct buf title = BUF_INIT(0), text = BUF_INIT(0);
    notify_title(job, &title);
    notify_text(job, &text);
    jval_set_str(o, "schema", "trucban/notice/1");
    jval_set_str(o, "key", n->key);
    jval_set_str(o, "what", notice_rows[n->what].name);
    jval_set_bool(o, "over", notice_rows[n->what].is_over);
    jval_set_bool(o, "possible_repeat", n->is_possible_repeat);
    jval_set_str(o, "receiver", n->to->id);
    jval_set_str(site, "id", job->fleet->site_id);
    jval_set_str(site, "name", words_in(&job->fleet->site_name, job->fleet->language, ""));
    jval_set(o, "site", site);
    jval_set_time(o, "at", n->at_ms);
    if (n->what == NOTICE_WATCHDOG)
        jval_set_int(o, "number", (int64_t)n->number);
    jval_set_str(o, "title", buf_text(&title));
    jval_set_str(o, "text", buf_text(&text));
    set_alerts(job, o);
    buf_release(&title);
    buf_release(&text);
    return o;
}

void notify_answer(notice_answer_fn *fn, void *arg, char *say, bool is_transient,
                   bool may_have_arrived)
{
    const struct notice_answer a = {.is_ok = say == NULL,
                                    .is_transient = is_transient,
                                    .may_have_arrived = may_have_arrived,
                                    .say = say};
    fn(arg, &a);
    free(say);
}
