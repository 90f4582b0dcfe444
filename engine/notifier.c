#include "engine/notifier.h"

#include <stdlib.h>
#include <string.h>

#include "core/due.h"
#include "core/mem.h"
#include "core/outbox.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/failpoint.h"

#define KICK_MS   100 /* what is folded meanwhile is looked at together */
#define STEP_MS   20
#define FORGIVE_S 10

enum stage { STAGE_IDLE, STAGE_WRITING, STAGE_SENDING, STAGE_RECORDING };

struct post { /* one receiver */
    struct notifier *n;
    char *id;
    const struct receiver *r;
    struct outbox *box;
    enum stage stage;
    struct notice notice; /* under way */
    bool is_unsaved;      /* it left without `sending` in the journal */
    bool is_gone;         /* no longer in the site file; freed when it is idle */
    struct notice_answer answer;
    char *say; /* of the answer */
};

struct late { /* happened, not written yet: the store was down */
    struct event events[2];
    size_t n;
};

struct notifier {
    struct notifier_want want;
    struct post **posts;
    size_t n_posts, cap_posts;
    struct loop_timer *timer;
    int64_t timer_ms; /* monotonic: when it comes; 0: not set */
    struct late *late;
    size_t n_late, cap_late;
    bool is_late_writing, is_stopped;
    unsigned int seconds;
};

static struct moment now_of(const struct notifier *n)
{
    return (struct moment){loop_wall_ms(n->want.loop), loop_mono_ms(n->want.loop)};
}

/* --- events ------------------------------------------------------------------------------- */

static struct event event_of(const struct post *p, enum event_kind kind, const char *text)
{
    const struct notice *n = &p->notice;
    struct buf subject = BUF_INIT(TEXT_MAX_LISTED), ids = BUF_INIT(0);
    buf_addf(&subject, "receiver/%s", p->id);
    struct event e = {.kind = kind, .at_ms = loop_wall_ms(p->n->want.loop)};
    e.subject = buf_take(&subject);
    e.what = mem_strdup(notice_rows[n->what].name);
    e.key = mem_strdup(n->key);
    e.text = mem_strdup(text);
    ids_write(&n->alerts, &ids);
    e.alerts = buf_take(&ids);
    return e;
}

/* In the picture alone: the store does not take it now. */
static void fold_unsaved(struct post *p, enum event_kind kind)
{
    struct event e = event_of(p, kind, NULL);
    fleet_fold(p->n->want.fleet, &e);
    event_release(&e);
}

static struct told *told_of(const struct post *p, uint64_t alert)
{
    struct fleet *f = p->n->want.fleet;
    struct alert *a = fleet_alert(f, alert);
    int index = due_index(f, p->id);
    return a && index >= 0 ? alert_told(a, (uint8_t)index) : NULL;
}

/* It arrived, and is not in the journal: it counts when it is written down. */
static void settle_unsaved(struct post *p)
{
    int64_t wall_ms = loop_wall_ms(p->n->want.loop);
    for (size_t i = 0; i < p->notice.alerts.n; i++) {
        struct told *t = told_of(p, p->notice.alerts.v[i]);
        if (!t)
            continue;
        t->is_sending = false;
        t->at_ms = wall_ms;
        fleet_touch_alert(p->n->want.fleet, fleet_alert(p->n->want.fleet, p->notice.alerts.v[i]));
    }
}

/* --- written down later ------------------------------------------------------------------- */

static void late_release(struct late *l)
{
    for (size_t i = 0; i < l->n; i++)
        event_release(&l->events[i]);
}

static void late_drop_first(struct notifier *n)
{
    n->n_late--;
    memmove(n->late, n->late + 1, n->n_late * sizeof *n->late);
}

static void late_add(struct post *p, enum event_kind kind)
{
    struct notifier *n = p->n;
    struct late l = {0};
    if (n->n_late == NOTIFIER_LATE_MAX) {
        late_release(&n->late[0]);
        late_drop_first(n);
    }
    if (p->is_unsaved)
        l.events[l.n++] = event_of(p, EVENT_NOTICE_SENDING, p->notice.title);
    l.events[l.n++] = event_of(p, kind, kind == EVENT_NOTICE_FAILED ? p->say : NULL);
    MEM_ROOM(n->late, n->n_late, n->cap_late);
    n->late[n->n_late++] = l;
}

/* `sending` is folded as the alert is then: leaves only those of which nothing was new since. */
static void late_sift(const struct notifier *n, struct late *l)
{
    struct ids all = {0}, same = {0};
    struct err err;
    int index = due_index(n->want.fleet, strchr(l->events[0].subject, '/') + 1);
    if (l->n < 2 || index < 0 || !ids_read(l->events[0].alerts, &all, &err)) {
        ids_release(&all);
        return;
    }
    for (size_t i = 0; i < all.n; i++) {
        struct alert *a = fleet_alert(n->want.fleet, all.v[i]);
        const struct told *t = a ? alert_told(a, (uint8_t)index) : NULL;
        int knows = a && a->phase == ALERT_RESOLVED ? TOLD_OVER : a ? a->page : 0;
        if (t && t->page == knows)
            ids_add(&same, a->id);
    }
    struct buf text = BUF_INIT(0);
    ids_write(&same, &text);
    for (size_t i = 0; i < l->n; i++)
        mem_set(&l->events[i].alerts, buf_text(&text));
    buf_release(&text);
    ids_release(&all);
    ids_release(&same);
}

static void late_step(struct notifier *n);

static void late_written(void *arg, const char *error)
{
    struct notifier *n = arg;
    n->is_late_writing = false;
    if (error)
        return; /* the next second tries again */
    late_release(&n->late[0]);
    late_drop_first(n);
    late_step(n);
}

static void late_step(struct notifier *n)
{
    struct event events[2];
    if (!n->n_late || n->is_late_writing || journal_error(n->want.journal))
        return;
    late_sift(n, &n->late[0]);
    for (size_t i = 0; i < n->late[0].n; i++)
        event_copy(&events[i], &n->late[0].events[i]);
    n->is_late_writing = true;
    decide_events(n->want.decide, events, n->late[0].n, late_written, n);
}

/* --- one notice --------------------------------------------------------------------------- */

static void arm(struct notifier *n, int64_t most_ms);
static void post_free(struct post *p);

static void forget_post(struct notifier *n, struct post *p)
{
    size_t kept = 0;
    for (size_t i = 0; i < n->n_posts; i++)
        if (n->posts[i] != p)
            n->posts[kept++] = n->posts[i];
    n->n_posts = kept;
    post_free(p);
}

static void finish(struct post *p)
{
    struct notifier *n = p->n;
    struct moment now = now_of(n);
    const struct notice_answer a = p->answer;
    char *say = p->say;
    p->say = NULL;
    for (size_t i = 0; a.is_ok && i < p->notice.alerts.n; i++) {
        struct told *t = told_of(p, p->notice.alerts.v[i]);
        if (t)
            t->mono_ms = now.mono_ms;
    }
    p->stage = STAGE_IDLE;
    if (!p->is_gone) /* else what its outbox looks at has gone too */
        outbox_done(p->box, n->want.fleet, now, &p->notice, &a);
    if (n->want.tried && !p->is_gone && !n->is_stopped)
        n->want.tried(n->want.senders, p->r, a.is_ok ? NULL : a.say);
    notice_release(&p->notice);
    free(say);
    if (p->is_gone)
        forget_post(n, p);
    arm(n, STEP_MS);
}

static void recorded(void *arg, const char *error)
{
    struct post *p = arg;
    if (error && p->answer.is_ok) {
        settle_unsaved(p);
        late_add(p, EVENT_NOTICE_SENT);
    } else if (error) {
        fold_unsaved(p, EVENT_NOTICE_FAILED);
        late_add(p, EVENT_NOTICE_FAILED);
    }
    finish(p);
}

static void take_answer(struct post *p, const struct notice_answer *a)
{
    p->answer = *a;
    free(p->say);
    p->say = a->is_ok ? NULL : mem_strdup(a->say ? a->say : N_("no reason was given"));
    p->answer.say = p->say;
}

static void record(struct post *p)
{
    enum event_kind kind = p->answer.is_ok ? EVENT_NOTICE_SENT : EVENT_NOTICE_FAILED;
    p->stage = STAGE_RECORDING;
    if (p->notice.what == NOTICE_WATCHDOG) {
        finish(p);
    } else if (p->is_unsaved && p->answer.is_ok) {
        settle_unsaved(p);
        late_add(p, kind);
        finish(p);
    } else if (p->is_unsaved) { /* nothing is known of it, and nothing need be */
        fold_unsaved(p, kind);
        finish(p);
    } else {
        struct event e = event_of(p, kind, p->say);
        decide_events(p->n->want.decide, &e, 1, recorded, p);
    }
}

static void answered(void *arg, const struct notice_answer *a)
{
    struct post *p = arg;
    FP("notice.answered");
    take_answer(p, a);
    record(p);
}

static void send_now(struct post *p)
{
    if (p->is_gone) {
        take_answer(
            p, &(struct notice_answer){.say = N_("this receiver is no longer in the site file")});
        record(p);
        return;
    }
    p->stage = STAGE_SENDING;
    p->notice.to = p->r;
    notice_words(&p->notice, p->n->want.fleet);
    FP("notice.sending");
    p->n->want.send(p->n->want.senders, &p->notice, p->n->want.fleet, answered, p);
}

/* From here on the picture has it as told, durable or not; the words are of this moment. */
static void written(void *arg, const char *error)
{
    struct post *p = arg;
    if (p->n->is_stopped) { /* if it is in the journal: found so at the next start, and sent then */
        p->stage = STAGE_IDLE;
        notice_release(&p->notice);
        return;
    }
    p->is_unsaved = error != NULL;
    if (error) {
        fold_unsaved(p, EVENT_NOTICE_SENDING);
        p->notice.is_possible_repeat = true;
    }
    send_now(p);
}

static void begin(struct post *p)
{
    p->is_unsaved = false;
    if (p->notice.what == NOTICE_WATCHDOG) {
        send_now(p);
        return;
    }
    notice_words(&p->notice, p->n->want.fleet);
    p->stage = STAGE_WRITING;
    struct event e = event_of(p, EVENT_NOTICE_SENDING, p->notice.title);
    decide_events(p->n->want.decide, &e, 1, written, p);
}

/* --- what is next ------------------------------------------------------------------------- */

static void post_step(struct post *p, struct moment now)
{
    struct notifier *n = p->n;
    if (p->is_gone)
        return;
    outbox_look(p->box, n->want.fleet, now);
    if (p->stage == STAGE_IDLE && outbox_take(p->box, n->want.fleet, now, &p->notice))
        begin(p);
}

/* The timer, at the latest in so long; never later than it was going to come. */
static void arm(struct notifier *n, int64_t most_ms)
{
    struct moment now = now_of(n);
    int64_t at_ms = now.mono_ms + most_ms;
    for (size_t i = 0; i < n->n_posts; i++) {
        if (n->posts[i]->stage != STAGE_IDLE)
            continue;
        int64_t next_ms = outbox_next_ms(n->posts[i]->box, now);
        if (next_ms < at_ms)
            at_ms = next_ms > now.mono_ms + STEP_MS ? next_ms : now.mono_ms + STEP_MS;
    }
    if (n->is_stopped || (n->timer_ms && n->timer_ms <= at_ms))
        return;
    n->timer_ms = at_ms;
    loop_timer_set(n->timer, at_ms - now.mono_ms, 0);
}

static void step(void *arg)
{
    struct notifier *n = arg;
    struct moment now = now_of(n);
    n->timer_ms = 0;
    if (n->is_stopped)
        return;
    for (size_t i = 0; i < n->n_posts; i++)
        post_step(n->posts[i], now);
    arm(n, 1000);
}

void notifier_kick(struct notifier *n)
{
    arm(n, KICK_MS);
}

/* --- recoveries that nobody will be told -------------------------------------------------- */

static const struct post *post_of(const struct notifier *n, const char *id)
{
    for (size_t i = 0; i < n->n_posts; i++)
        if (strcmp(n->posts[i]->id, id) == 0)
            return n->posts[i];
    return NULL;
}

static void forgive_alert(struct notifier *n, struct alert *a, const bool *is_wanted,
                          int64_t now_ms)
{
    bool is_old = now_ms - a->resolved_at_ms >= DUE_RECOVERY_MAX_MS;
    for (size_t i = 0; i < a->n_told; i++) {
        struct told *t = &a->told[i];
        const struct post *p = post_of(n, n->want.fleet->receivers[t->receiver]);
        if ((!is_old && is_wanted[t->receiver]) || (p && p->stage != STAGE_IDLE))
            continue;
        t->page = TOLD_OVER;
        t->is_sending = false;
    }
}

/* Else the picture would keep such alerts for ever. */
static void forgive(struct notifier *n)
{
    struct fleet *f = n->want.fleet;
    bool is_wanted[256] = {false};
    int64_t now_ms = loop_wall_ms(n->want.loop);
    for (size_t i = 0; i < f->n_receivers && i < 256; i++) {
        const struct post *p = post_of(n, f->receivers[i]);
        is_wanted[i] = p && !p->is_gone && p->r->wants_recoveries;
    }
    for (size_t i = 0; i < f->n_alerts; i++)
        if (alert_owes_recovery(f->alerts[i]))
            forgive_alert(n, f->alerts[i], is_wanted, now_ms);
}

void notifier_second(struct notifier *n)
{
    late_step(n);
    if (n->seconds++ % FORGIVE_S == 0)
        forgive(n);
}

/* --- life --------------------------------------------------------------------------------- */

static void post_free(struct post *p)
{
    outbox_free(p->box);
    notice_release(&p->notice);
    free(p->say);
    free(p->id);
    free(p);
}

static void adopt(struct notifier *n, const struct receiver *r)
{
    struct post *p = (struct post *)post_of(n, r->id);
    if (p) {
        p->r = r;
        p->is_gone = false;
        if (p->stage != STAGE_IDLE)
            p->notice.to = r;
        outbox_renew(p->box, r);
        return;
    }
    p = mem_alloc(sizeof *p);
    *p = (struct post){.n = n, .id = mem_strdup(r->id), .r = r, .box = outbox_new(r)};
    MEM_ROOM(n->posts, n->n_posts, n->cap_posts);
    n->posts[n->n_posts++] = p;
}

void notifier_renew(struct notifier *n, const struct receiver *receivers, size_t n_receivers)
{
    for (size_t i = 0; i < n->n_posts; i++)
        n->posts[i]->is_gone = true;
    for (size_t i = 0; i < n_receivers; i++)
        adopt(n, &receivers[i]);
    for (size_t i = n->n_posts; i-- > 0;)
        if (n->posts[i]->is_gone && n->posts[i]->stage == STAGE_IDLE)
            forget_post(n, n->posts[i]);
    arm(n, KICK_MS);
}

struct notifier *notifier_new(const struct notifier_want *w, const struct receiver *receivers,
                              size_t n_receivers)
{
    struct notifier *n = mem_alloc(sizeof *n);
    n->want = *w;
    n->timer = loop_timer_new(w->loop, step, n);
    notifier_renew(n, receivers, n_receivers);
    return n;
}

void notifier_stop(struct notifier *n)
{
    if (!n)
        return;
    n->is_stopped = true;
    loop_timer_stop(n->timer);
}

bool notifier_is_busy(const struct notifier *n)
{
    for (size_t i = 0; i < n->n_posts; i++)
        if (n->posts[i]->stage != STAGE_IDLE)
            return true;
    return false;
}

void notifier_free(struct notifier *n)
{
    if (!n)
        return;
    loop_timer_free(n->timer);
    for (size_t i = 0; i < n->n_posts; i++)
        post_free(n->posts[i]);
    free(n->posts);
    for (size_t i = 0; i < n->n_late; i++)
        late_release(&n->late[i]);
    free(n->late);
    free(n);
}
