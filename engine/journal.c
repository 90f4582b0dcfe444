/* journal.c - see journal.h.
 *
 *   loop thread                         worker thread
 *   append/query/… ── task ──────────>  the store (open, head, file's fault)
 *   done, status   <── the same task ── result, found events, the store's fault
 *
 * Every task carries back whether the store is well; task_done turns that into journal_error. */
#include "engine/journal.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/checkpoint.h"
#include "engine/failpoint.h"
#include "engine/loop.h"
#include "engine/worker.h"

#define RETRY_MS    1000
#define VERIFY_STEP 500 /* records followed before others are served */
#define VERIFY_REST 40  /* ms between steps of the verification in the background */

struct event_list {
    struct event *v;
    size_t n, cap;
};

struct journal {
    struct loop *loop;
    const struct store_ops *ops;
    char *path;
    struct worker *worker;
    struct journal_calls calls;
    void *arg;
    /* worker's (the loop's only before the first task and after the last) */
    void *store;
    struct chain head;
    struct store_error refused; /* for good: damaged, newer, exchanged */
    /* loop's */
    struct loop_timer *retry, *rest;
    char *error;
    enum store_fault fault; /* of error */
    struct chain known;     /* the head, as far as the loop has been told */
    uint64_t covered;       /* by a checkpoint */
    struct chain loaded;  /* head of the checkpoint: what is before is verified in the background */
    struct task *resting; /* the verification in the background, between two steps */
    size_t n_writes;      /* tasks that write, under way */
    int64_t writing_mono_ms; /* since when the oldest of them could have been done */
    unsigned int beats, beat_every_s;
    uint64_t answers;
    bool is_probing, is_ending;
};

enum task_kind { TASK_APPEND, TASK_QUERY, TASK_VERIFY, TASK_CHECKPOINT, TASK_BEAT, TASK_RETRY };

struct task {
    struct journal *journal;
    enum task_kind kind;
    bool is_done, is_background;
    struct store_error error;
    struct event_list found, events;
    struct chain head; /* as the task left it */
    uint64_t based_on; /* of an append: the last event its makers knew of */
    struct store_filter filter;
    struct store_checkpoint checkpoint;
    struct chain at, until; /* of a verification */
    uint64_t from;
    bool is_inspected;
    int64_t at_ms;
    union {
        journal_append_fn *append;
        journal_query_fn *query;
        journal_verify_fn *verify;
        journal_saved_fn *saved;
    } done; /* by kind */
    void *arg;
};

static void list_release(struct event_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        event_release(&l->v[i]);
    free(l->v);
    *l = (struct event_list){0};
}

static bool list_take(void *arg, struct event *e)
{
    struct event_list *l = arg;
    MEM_ROOM(l->v, l->n, l->cap);
    l->v[l->n++] = *e;
    memset(e, 0, sizeof *e);
    return true;
}

/* --- on the worker ------------------------------------------------------------------------ */

static bool journal_refuse(struct journal *j, const struct store_error *e)
{
    if (!store_fault_passes(e->fault))
        j->refused = *e;
    return false;
}

/* The file is open again: is it the one we know, perhaps with a batch that we thought lost?  *at is
 * then its head. */
static bool journal_recognise(struct journal *j, struct chain *at, struct event_list *found,
                              struct store_error *e)
{
    struct chain is;
    *at = j->head;
    if (!j->ops->head(j->store, &is, e))
        return false;
    if (is.seq == at->seq && strcmp(is.hash, at->hash) == 0)
        return true;
    struct store_error ignored;
    if (is.seq > at->seq && j->ops->follow(j->store, at, 0, list_take, found, &ignored))
        return true;
    return store_fail(e, STORE_CHANGED, j->path, "its last record is another one");
}

static void journal_shut(struct journal *j)
{
    if (j->store)
        j->ops->close(j->store);
    j->store = NULL;
}

/* Makes sure that the store is open and has just proved that it keeps what is written. */
static bool journal_ready(struct journal *j, struct event_list *found, struct store_error *e)
{
    if (j->refused.fault) {
        *e = j->refused;
        return false;
    }
    if (j->store)
        return true;
    j->store = j->ops->open(j->path, e);
    if (!j->store)
        return journal_refuse(j, e);
    struct chain at;
    bool is_good =
        e->fault == STORE_FINE && journal_recognise(j, &at, found, e) && j->ops->prove(j->store, e);
    if (is_good) {
        j->head = at;
    } else {
        list_release(found);
        journal_shut(j);
    }
    return is_good || journal_refuse(j, e);
}

/* Any failure to write: the connection is not trusted any more. */
static bool journal_failed(struct journal *j, struct store_error *e)
{
    journal_shut(j);
    return journal_refuse(j, e);
}

/* After a failed commit the file is asked at once: nothing else may come between. */
static bool append_is_there(struct journal *j, const struct task *t, struct event_list *found)
{
    struct store_error again = {0};
    struct chain before = j->head;
    const struct event *last = &t->events.v[t->events.n - 1];
    bool is_there = journal_ready(j, found, &again) && j->head.seq > before.seq &&
                    strcmp(j->head.hash, last->hash) == 0;
    if (is_there)
        list_release(found); /* the very events of the task */
    return is_there;
}

static bool work_append(struct journal *j, struct task *t)
{
    if (!journal_ready(j, &t->found, &t->error))
        return false;
    if (j->head.seq != t->based_on)
        return store_fail(&t->error, STORE_OTHER, j->path,
                          "it has just come back with more than was known; ask again");
    FP("journal.append");
    if (j->ops->append(j->store, &j->head, t->events.v, t->events.n, &t->error))
        return true;
    if (t->error.fault == STORE_CONFLICT)
        return false;
    journal_failed(j, &t->error);
    return append_is_there(j, t, &t->found);
}

/* What may not be written may still be read. */
static bool work_query(struct journal *j, struct task *t)
{
    void *store = j->store ? j->store : j->ops->open(j->path, &t->error);
    if (!store)
        return false;
    bool is_done = j->ops->query(store, &t->filter, list_take, &t->events, &t->error);
    if (store != j->store)
        j->ops->close(store);
    return is_done || journal_refuse(j, &t->error);
}

static bool skip_event(void *arg, struct event *e)
{
    (void)arg, (void)e;
    return true;
}

/* The chain is taken up behind record t->from, which must be there. */
static bool verify_begin(struct journal *j, void *store, struct task *t)
{
    struct event_list found = {0};
    struct store_filter one = {.before_seq = t->from + 1, .limit = 1};
    struct err why;
    bool is_read = j->ops->query(store, &one, list_take, &found, &t->error);
    bool is_there = is_read && found.n && found.v[0].seq == t->from;
    if (is_there) {
        t->at.seq = t->from;
        memcpy(t->at.hash, found.v[0].hash, sizeof t->at.hash);
    } else if (is_read) {
        err_set(&why, "there is no record %llu", (unsigned long long)t->from);
        store_fail(&t->error, t->from <= j->head.seq ? STORE_CORRUPT : STORE_OTHER, j->path,
                   why.text);
    }
    list_release(&found);
    return is_there;
}

static bool verify_step(struct journal *j, void *store, struct task *t)
{
    if (!t->is_inspected && !j->ops->inspect(store, &t->error))
        return journal_refuse(j, &t->error);
    if (!t->is_inspected && t->from && !verify_begin(j, store, t))
        return journal_refuse(j, &t->error);
    t->is_inspected = true;
    if (t->until.seq == 0)
        t->until = j->head;
    uint64_t left = t->until.seq - t->at.seq;
    if (left && !j->ops->follow(store, &t->at, left < VERIFY_STEP ? left : VERIFY_STEP, skip_event,
                                NULL, &t->error))
        return journal_refuse(j, &t->error);
    uint64_t now_left = t->until.seq - t->at.seq;
    bool is_cut = left && now_left == left;
    bool is_other = !now_left && strcmp(t->at.hash, t->until.hash) != 0;
    if (!is_cut && !is_other)
        return true;
    struct err why;
    err_set(&why, is_cut ? "record %llu is missing" : "record %llu is not the one known",
            (unsigned long long)(is_cut ? t->at.seq + 1 : t->at.seq));
    store_fail(&t->error, STORE_CORRUPT, j->path, why.text);
    return journal_refuse(j, &t->error);
}

/* A full disk is no reason not to read. */
static bool work_verify(struct journal *j, struct task *t)
{
    if (j->refused.fault) {
        t->error = j->refused;
        return false;
    }
    void *store = j->store ? j->store : j->ops->open(j->path, &t->error);
    if (!store)
        return journal_refuse(j, &t->error);
    t->error = (struct store_error){0}; /* that it may not be written does not matter here */
    bool is_done = verify_step(j, store, t);
    if (store != j->store)
        j->ops->close(store);
    return is_done;
}

static bool work_checkpoint(struct journal *j, struct task *t)
{
    if (!journal_ready(j, &t->found, &t->error))
        return false;
    return j->ops->save(j->store, &t->checkpoint, t->at_ms, &t->error) ||
           journal_failed(j, &t->error);
}

static bool work_beat(struct journal *j, struct task *t)
{
    return journal_ready(j, &t->found, &t->error) &&
           (j->ops->beat(j->store, t->at_ms, &t->error) || journal_failed(j, &t->error));
}

static void task_work(void *arg)
{
    struct task *t = arg;
    struct journal *j = t->journal;
    switch (t->kind) {
    case TASK_APPEND:
        t->is_done = work_append(j, t);
        break;
    case TASK_QUERY:
        t->is_done = work_query(j, t);
        break;
    case TASK_VERIFY:
        t->is_done = work_verify(j, t);
        break;
    case TASK_CHECKPOINT:
        t->is_done = work_checkpoint(j, t);
        break;
    case TASK_BEAT:
        t->is_done = work_beat(j, t);
        break;
    case TASK_RETRY:
        t->is_done = journal_ready(j, &t->found, &t->error);
        break;
    }
    t->head = j->head;
}

/* --- on the loop -------------------------------------------------------------------------- */

static void task_done(void *arg);

static struct task *task_new(struct journal *j, enum task_kind kind, void *arg)
{
    struct task *t = mem_alloc(sizeof *t);
    t->journal = j;
    t->kind = kind;
    t->arg = arg;
    t->at_ms = loop_wall_ms(j->loop);
    chain_init(&t->at);
    return t;
}

static bool task_writes(const struct task *t)
{
    return t->kind != TASK_QUERY && t->kind != TASK_VERIFY;
}

static void task_put(struct task *t)
{
    struct journal *j = t->journal;
    if (task_writes(t) && !j->n_writes++)
        j->writing_mono_ms = loop_mono_ms(j->loop);
    bool is_first = t->kind == TASK_APPEND || t->kind == TASK_RETRY;
    worker_put(j->worker, is_first ? WORKER_FIRST : WORKER_LATER, task_work, task_done, t);
}

static void task_free(struct task *t)
{
    list_release(&t->events);
    list_release(&t->found);
    free((char *)t->filter.subject);
    free((char *)t->filter.kind);
    free(t->checkpoint.json);
    free(t);
}

static void journal_retry(void *arg)
{
    struct journal *j = arg;
    if (!j->is_probing) {
        j->is_probing = true;
        task_put(task_new(j, TASK_RETRY, NULL));
    }
}

/* NULL: well again.  Repeats every second for as long as trying has any sense. */
static void journal_set_error(struct journal *j, const struct store_error *e)
{
    char *say = e ? store_error_say(e) : NULL;
    bool is_same = say ? j->error && strcmp(say, j->error) == 0 : !j->error;
    free(j->error);
    j->error = say;
    j->fault = e ? e->fault : STORE_FINE;
    if (e && store_fault_passes(e->fault))
        loop_timer_set(j->retry, RETRY_MS, RETRY_MS);
    else
        loop_timer_stop(j->retry);
    if (!is_same && j->calls.changed)
        j->calls.changed(j->arg);
}

/* Reading tells nothing about writing, unless it found damage. */
static void journal_judge(struct journal *j, const struct task *t)
{
    bool is_reading = !task_writes(t);
    if (t->error.fault == STORE_CONFLICT)
        return; /* written to it was, and it said no */
    if (!t->is_done && (!is_reading || !store_fault_passes(t->error.fault)))
        journal_set_error(j, &t->error);
    else if (t->is_done && !is_reading)
        journal_set_error(j, NULL);
}

static void done_query(struct task *t, const char *error)
{
    struct event_list *l = &t->events;
    for (size_t a = 0, b = l->n; !t->filter.after_seq && a + 1 < b; a++) {
        struct event swap = l->v[--b];
        l->v[b] = l->v[a];
        l->v[a] = swap;
    }
    t->done.query(t->arg, l->v, l->n, error);
}

static void done_verify(struct task *t, const char *error)
{
    struct journal_verdict v = {t->is_done, !t->is_done && !store_fault_passes(t->error.fault),
                                t->at.seq ? t->at.seq - t->from : 0, t->at, error};
    if (t->done.verify)
        t->done.verify(t->arg, &v);
}

/* True if the verification has another step to go; the task lives on. */
static bool verify_goes_on(struct task *t)
{
    if (t->kind != TASK_VERIFY || !t->is_done || t->at.seq >= t->until.seq)
        return false;
    if (t->journal->is_ending)
        return false;
    if (t->is_background) {
        t->journal->resting = t;
        loop_timer_set(t->journal->rest, VERIFY_REST, 0);
    } else {
        task_put(t);
    }
    return true;
}

static void task_answer(struct task *t)
{
    char *error = t->is_done ? NULL : store_error_say(&t->error);
    switch (t->kind) {
    case TASK_APPEND:
        t->done.append(t->arg, t->events.v, t->events.n, error);
        break;
    case TASK_QUERY:
        done_query(t, error);
        break;
    case TASK_VERIFY:
        done_verify(t, error);
        break;
    case TASK_CHECKPOINT:
        if (t->done.saved)
            t->done.saved(t->arg, error);
        break;
    case TASK_BEAT:
        break;
    case TASK_RETRY:
        t->journal->is_probing = false;
        break;
    }
    free(error);
}

static void task_done(void *arg)
{
    struct task *t = arg;
    struct journal *j = t->journal;
    j->known = t->head;
    if (task_writes(t)) {
        j->n_writes--;
        j->answers++;
        j->writing_mono_ms = loop_mono_ms(j->loop);
    }
    if (t->found.n && j->calls.found)
        j->calls.found(j->arg, t->found.v, t->found.n);
    journal_judge(j, t);
    if (verify_goes_on(t))
        return;
    task_answer(t);
    task_free(t);
}

static void journal_verify_on(void *arg)
{
    struct journal *j = arg;
    struct task *t = j->resting;
    j->resting = NULL;
    if (t)
        task_put(t);
}

/* --- the life of a journal ---------------------------------------------------------------- */

struct journal *journal_new(struct loop *l, const struct store_ops *ops, const char *path,
                            const struct journal_calls *calls, void *arg, char **say)
{
    struct store_error fault = {0};
    struct err e;
    void *store = ops->open(path, &fault);
    if (!store) {
        *say = store_error_say(&fault);
        return NULL;
    }
    struct worker *w = worker_new(l, "journal", &e);
    if (!w) {
        ops->close(store);
        *say = mem_strdup(e.text);
        return NULL;
    }
    struct journal *j = mem_alloc(sizeof *j);
    j->loop = l;
    j->beat_every_s = JOURNAL_BEAT_S;
    j->ops = ops;
    j->path = mem_strdup(path);
    j->worker = w;
    j->arg = arg;
    j->store = store;
    chain_init(&j->head);
    chain_init(&j->known);
    chain_init(&j->loaded);
    j->retry = loop_timer_new(l, journal_retry, j);
    j->rest = loop_timer_new(l, journal_verify_on, j);
    if (fault.fault)
        journal_set_error(j, &fault); /* readable, not writable */
    if (calls)
        j->calls = *calls;
    return j;
}

bool journal_free(struct journal *j, int64_t wait_ms)
{
    if (!j)
        return true;
    j->is_ending = true;
    if (j->resting)
        task_free(j->resting);
    bool has_ended = worker_free(j->worker, wait_ms);
    loop_timer_free(j->retry);
    loop_timer_free(j->rest);
    if (!has_ended)
        return false; /* the thread still uses it */
    journal_shut(j);
    free(j->error);
    free(j->path);
    free(j);
    return true;
}

static bool load_event(void *arg, struct event *e)
{
    fleet_fold(arg, e);
    return true;
}

static bool journal_load_from(struct journal *j, struct fleet *f, struct store_error *e)
{
    struct store_checkpoint cp;
    if (!j->ops->load(j->store, &cp, e))
        return false;
    /* A checkpoint of another format is no loss: all is folded then. */
    if (cp.json && checkpoint_read(f, cp.json, loop_wall_ms(j->loop), loop_mono_ms(j->loop), NULL))
        j->loaded = j->head = cp.head;
    free(cp.json);
    struct chain is;
    if (!j->ops->follow(j->store, &j->head, 0, load_event, f, e) || !j->ops->head(j->store, &is, e))
        return false;
    if (strcmp(is.hash, j->head.hash) == 0 && is.seq == j->head.seq)
        return true;
    struct err why;
    err_set(&why, "the records after %llu do not belong to the last checkpoint",
            (unsigned long long)is.seq);
    return store_fail(e, STORE_CORRUPT, j->path, why.text);
}

void journal_load(struct journal *j, struct fleet *f)
{
    struct store_error e = {0};
    bool is_whole = journal_load_from(j, f, &e);
    j->known = j->head;
    j->covered = j->loaded.seq;
    if (!is_whole) {
        j->refused = e;
        journal_set_error(j, &e);
    }
    if (!is_whole || j->error) {
        journal_shut(j);
        return;
    }
    struct task *t = task_new(j, TASK_VERIFY, NULL);
    t->is_background = true;
    t->until = j->loaded;
    task_put(t);
}

/* --- what others ask ---------------------------------------------------------------------- */

const char *journal_error(const struct journal *j)
{
    return j->error;
}

const char *journal_fault(const struct journal *j)
{
    return j->error ? store_fault_name(j->fault) : NULL;
}

uint64_t journal_seq(const struct journal *j)
{
    return j->known.seq;
}

void journal_append(struct journal *j, struct event *events, size_t n, journal_append_fn *done,
                    void *arg)
{
    struct task *t = task_new(j, TASK_APPEND, arg);
    t->done.append = done;
    t->events = (struct event_list){events, n, n};
    t->based_on = j->known.seq;
    task_put(t);
}

void journal_query(struct journal *j, const struct store_filter *f, journal_query_fn *done,
                   void *arg)
{
    struct task *t = task_new(j, TASK_QUERY, arg);
    t->done.query = done;
    t->filter = *f;
    t->filter.subject = mem_strdup(f->subject);
    t->filter.kind = mem_strdup(f->kind);
    if (!f->limit || f->limit > JOURNAL_PAGE_MAX)
        t->filter.limit = JOURNAL_PAGE_MAX;
    task_put(t);
}

void journal_verify(struct journal *j, uint64_t from, journal_verify_fn *done, void *arg)
{
    struct task *t = task_new(j, TASK_VERIFY, arg);
    t->from = from;
    t->done.verify = done;
    task_put(t);
}

void journal_checkpoint(struct journal *j, char *json, journal_saved_fn *done, void *arg)
{
    struct task *t = task_new(j, TASK_CHECKPOINT, arg);
    t->done.saved = done;
    t->checkpoint = (struct store_checkpoint){j->known, json};
    j->covered = j->known.seq;
    task_put(t);
}

uint64_t journal_uncovered(const struct journal *j)
{
    return j->known.seq - j->covered;
}

void journal_beat(struct journal *j)
{
    if (j->n_writes && loop_mono_ms(j->loop) - j->writing_mono_ms >= JOURNAL_HANG_MS) {
        struct store_error e;
        store_fail(&e, STORE_SILENT, j->path, "");
        journal_set_error(j, &e);
    }
    if (++j->beats % j->beat_every_s == 0 && !j->n_writes && !j->error)
        task_put(task_new(j, TASK_BEAT, NULL));
}

void journal_set_beat(struct journal *j, unsigned int every_s)
{
    j->beat_every_s = every_s;
}

uint64_t journal_answers(const struct journal *j)
{
    return j->answers;
}
