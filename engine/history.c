/* history.c - see history.h.
 *
 * On the loop each check has one accumulator, the present minute's.  When a later minute begins, or
 * at the end, it moves to `ready`; every 10 s that array goes to the thread, which adds it to the
 * minute's and the hour's row.  Adding (not replacing) makes a minute that was written in two parts
 * come out right. */
#include "engine/history.h"

#include <stdlib.h>
#include <string.h>

#include "core/map.h"
#include "core/mem.h"
#include "core/when.h"
#include "engine/db.h"
#include "engine/loop.h"
#include "engine/worker.h"

#define FLUSH_MS       10000
#define PRUNE_EVERY_MS (15 * WHEN_MINUTE_MS)
#define WAITING_MAX    30 /* writes */
#define SCHEMA_VERSION 1

static const char schema[] =
    "BEGIN;"
    "CREATE TABLE checks(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE minutes(check_no INTEGER, at INTEGER, n INTEGER, ok INTEGER, lat_n INTEGER,"
    " lat_sum REAL, lat_min REAL, lat_max REAL, PRIMARY KEY(check_no, at)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE hours(check_no INTEGER, at INTEGER, n INTEGER, ok INTEGER, lat_n INTEGER,"
    " lat_sum REAL, lat_min REAL, lat_max REAL, PRIMARY KEY(check_no, at)) STRICT, WITHOUT ROWID;"
    "PRAGMA user_version = 1;"
    "COMMIT;";

enum sql {
    SQL_VERSION,
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_NAME,
    SQL_ADD_MINUTE,
    SQL_ADD_HOUR,
    SQL_PRUNE_MINUTES,
    SQL_PRUNE_HOURS,
    SQL_READ_MINUTES,
    SQL_READ_HOURS,
    SQL_COUNT
};

#define SQL_ADD(table)                                                                             \
    "INSERT INTO " table "(check_no, at, n, ok, lat_n, lat_sum, lat_min, lat_max)"                 \
    " VALUES((SELECT id FROM checks WHERE name = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8)"                 \
    " ON CONFLICT(check_no, at) DO UPDATE SET n = n + excluded.n, ok = ok + excluded.ok,"          \
    " lat_n = lat_n + excluded.lat_n, lat_sum = lat_sum + excluded.lat_sum,"                       \
    " lat_min = min(coalesce(lat_min, excluded.lat_min), coalesce(excluded.lat_min, lat_min)),"    \
    " lat_max = max(coalesce(lat_max, excluded.lat_max), coalesce(excluded.lat_max, lat_max))"
#define SQL_READ(table)                                                                            \
    "SELECT at, n, ok, lat_n, lat_sum, lat_min, lat_max FROM " table                               \
    " WHERE check_no = (SELECT id FROM checks WHERE name = ?1) AND at >= ?2 AND at < ?3"           \
    " ORDER BY at LIMIT ?4"

static const char *const sql[SQL_COUNT] = {
    [SQL_VERSION] = "PRAGMA user_version",
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_NAME] = "INSERT OR IGNORE INTO checks(name) VALUES(?1)",
    [SQL_ADD_MINUTE] = SQL_ADD("minutes"),
    [SQL_ADD_HOUR] = SQL_ADD("hours"),
    [SQL_PRUNE_MINUTES] = "DELETE FROM minutes WHERE at < ?1",
    [SQL_PRUNE_HOURS] = "DELETE FROM hours WHERE at < ?1",
    [SQL_READ_MINUTES] = SQL_READ("minutes"),
    [SQL_READ_HOURS] = SQL_READ("hours"),
};

struct point {  /* one check's minute */
    char *name; /* of the accumulator it came from; lives as long as the history */
    int64_t minute;
    uint32_t n, n_ok, n_latency;
    double sum, min, max;
};
struct points {
    struct point *v;
    size_t n, cap;
};

struct history {
    struct loop *loop;
    struct worker *worker;
    struct loop_timer *timer;
    char *path, *error;
    struct map by_name; /* of struct point: the present minute's */
    struct point **open;
    size_t n_open, cap_open;
    struct points ready;
    int64_t pruned_mono_ms;
    struct db *db;   /* worker's */
    bool is_refused; /* worker's: not our kind of file */
};

/* --- on the worker ------------------------------------------------------------------------ */

struct write {
    struct history *history;
    struct points points;
    int64_t prune_before_minutes, prune_before_hours; /* 0: not now */
    bool is_done;
    struct store_error error;
};

static bool history_open(struct history *h, struct store_error *e)
{
    int64_t version = 0;
    if (h->db || h->is_refused)
        return h->db || store_fail(e, STORE_FOREIGN, h->path, "another program's database");
    h->db = db_open(h->path, DB_MAKE, sql, SQL_COUNT, e);
    if (!h->db)
        return false;
    bool is_ours =
        db_number(h->db, SQL_VERSION, &version, e) && (version != 0 || db_script(h->db, schema, e));
    if (is_ours && version > SCHEMA_VERSION)
        is_ours = store_fail(e, STORE_NEWER, h->path, "its schema is not known here");
    if (!is_ours) {
        h->is_refused = !store_fault_passes(e->fault);
        db_close(h->db);
        h->db = NULL;
    }
    return is_ours;
}

static bool point_write(struct history *h, const struct point *p, enum sql which, int64_t step_ms,
                        struct store_error *e)
{
    struct db_query *q = db_ask(h->db, which, e);
    if (!q)
        return false;
    int64_t at_ms = p->minute * WHEN_MINUTE_MS;
    db_put_text(q, 1, p->name);
    db_put_int(q, 2, at_ms - at_ms % step_ms);
    db_put_int(q, 3, p->n);
    db_put_int(q, 4, p->n_ok);
    db_put_int(q, 5, p->n_latency);
    db_put_num(q, 6, p->sum);
    if (p->n_latency) {
        db_put_num(q, 7, p->min);
        db_put_num(q, 8, p->max);
    }
    return db_do(q, e);
}

static bool point_name(struct history *h, const struct point *p, struct store_error *e)
{
    struct db_query *q = db_ask(h->db, SQL_NAME, e);
    if (q)
        db_put_text(q, 1, p->name);
    return db_do(q, e);
}

static bool history_prune(struct history *h, enum sql which, int64_t before_ms,
                          struct store_error *e)
{
    struct db_query *q = before_ms ? db_ask(h->db, which, e) : NULL;
    if (!before_ms)
        return true;
    if (q)
        db_put_int(q, 1, before_ms);
    return db_do(q, e);
}

static void work_write(void *arg)
{
    struct write *w = arg;
    struct history *h = w->history;
    struct store_error *e = &w->error;
    bool is_good = history_open(h, e) && db_do(db_ask(h->db, SQL_BEGIN, e), e);
    for (size_t i = 0; is_good && i < w->points.n; i++) {
        const struct point *p = &w->points.v[i];
        is_good = point_name(h, p, e) && point_write(h, p, SQL_ADD_MINUTE, WHEN_MINUTE_MS, e) &&
                  point_write(h, p, SQL_ADD_HOUR, WHEN_HOUR_MS, e);
    }
    is_good = is_good && history_prune(h, SQL_PRUNE_MINUTES, w->prune_before_minutes, e) &&
              history_prune(h, SQL_PRUNE_HOURS, w->prune_before_hours, e) &&
              db_do(db_ask(h->db, SQL_COMMIT, e), e);
    if (!is_good) { /* the next time with a connection of its own */
        db_close(h->db);
        h->db = NULL;
    }
    w->is_done = is_good;
}

struct read {
    struct history *history;
    char *check;
    bool per_hour;
    int64_t from_ms, to_ms;
    struct history_row *rows;
    size_t n, cap;
    bool is_done;
    struct store_error error;
    history_rows_fn *done;
    void *arg;
};

static void work_read(void *arg)
{
    struct read *r = arg;
    struct history *h = r->history;
    struct db_query *q = NULL;
    if (history_open(h, &r->error))
        q = db_ask(h->db, r->per_hour ? SQL_READ_HOURS : SQL_READ_MINUTES, &r->error);
    if (!q)
        return;
    db_put_text(q, 1, r->check);
    db_put_int(q, 2, r->from_ms);
    db_put_int(q, 3, r->to_ms);
    db_put_int(q, 4, HISTORY_ROWS_MAX);
    while (db_row(q)) {
        MEM_ROOM(r->rows, r->n, r->cap);
        struct history_row *row = &r->rows[r->n++];
        *row = (struct history_row){
            db_int(q, 0), db_int(q, 1), db_int(q, 2), db_int(q, 3), -1, -1, -1};
        if (row->n_latency > 0) {
            row->mean_ms = db_num(q, 4) / (double)row->n_latency;
            row->min_ms = db_num(q, 5);
            row->max_ms = db_num(q, 6);
        }
    }
    r->is_done = db_end(q, &r->error);
}

/* --- on the loop -------------------------------------------------------------------------- */

static void history_set_error(struct history *h, const struct store_error *e)
{
    free(h->error);
    h->error = e ? store_error_say(e) : NULL;
}

static void write_done(void *arg)
{
    struct write *w = arg;
    history_set_error(w->history, w->is_done ? NULL : &w->error);
    free(w->points.v);
    free(w);
}

static void read_done(void *arg)
{
    struct read *r = arg;
    char *error = r->is_done ? NULL : store_error_say(&r->error);
    r->done(r->arg, r->rows, r->n, error);
    free(error);
    free(r->rows);
    free(r->check);
    free(r);
}

static void point_close(struct history *h, struct point *p)
{
    if (!p->n)
        return;
    struct points *l = &h->ready;
    MEM_ROOM(l->v, l->n, l->cap);
    l->v[l->n++] = *p;
    *p = (struct point){.name = p->name};
}

void history_add(struct history *h, const struct check *c, int64_t at_ms, enum state s,
                 double latency_ms)
{
    struct point *p = map_get(&h->by_name, c->id);
    if (!p) {
        p = mem_alloc(sizeof *p);
        p->name = mem_strdup(c->id);
        map_put(&h->by_name, p->name, p);
        MEM_ROOM(h->open, h->n_open, h->cap_open);
        h->open[h->n_open++] = p;
    }
    int64_t minute = at_ms / WHEN_MINUTE_MS;
    if (p->minute != minute)
        point_close(h, p);
    p->minute = minute;
    p->n++;
    p->n_ok += s == STATE_OK;
    if (latency_ms < 0)
        return;
    if (!p->n_latency++ || latency_ms < p->min)
        p->min = latency_ms;
    if (latency_ms > p->max)
        p->max = latency_ms;
    p->sum += latency_ms;
}

static void history_write(struct history *h)
{
    int64_t now_mono_ms = loop_mono_ms(h->loop), now_ms = loop_wall_ms(h->loop);
    bool is_time_to_prune = now_mono_ms - h->pruned_mono_ms >= PRUNE_EVERY_MS;
    if (worker_waiting(h->worker) > WAITING_MAX)
        h->ready.n = 0; /* the disk hangs: rather a gap than all the memory */
    if (!h->ready.n && !is_time_to_prune)
        return;
    struct write *w = mem_alloc(sizeof *w);
    w->history = h;
    w->points = h->ready;
    h->ready = (struct points){0};
    if (is_time_to_prune) {
        h->pruned_mono_ms = now_mono_ms;
        w->prune_before_minutes = now_ms - HISTORY_MINUTE_DAYS * WHEN_DAY_MS;
        w->prune_before_hours = now_ms - HISTORY_HOUR_DAYS * WHEN_DAY_MS;
    }
    worker_put(h->worker, WORKER_FIRST, work_write, write_done, w);
}

/* Every 10 s: the minutes that are over, also those of checks that have fallen silent. */
static void history_tick(void *arg)
{
    struct history *h = arg;
    int64_t minute = loop_wall_ms(h->loop) / WHEN_MINUTE_MS;
    for (size_t i = 0; i < h->n_open; i++)
        if (h->open[i]->minute != minute)
            point_close(h, h->open[i]);
    history_write(h);
}

void history_flush(struct history *h)
{
    for (size_t i = 0; i < h->n_open; i++)
        point_close(h, h->open[i]);
    history_write(h);
}

struct history *history_new(struct loop *l, const char *path, struct err *e)
{
    struct worker *w = worker_new(l, "history", e);
    if (!w)
        return NULL;
    struct history *h = mem_alloc(sizeof *h);
    h->loop = l;
    h->worker = w;
    h->path = mem_strdup(path);
    h->pruned_mono_ms = loop_mono_ms(l);
    h->timer = loop_timer_new(l, history_tick, h);
    loop_timer_set(h->timer, FLUSH_MS, FLUSH_MS);
    return h;
}

bool history_free(struct history *h, int64_t wait_ms)
{
    if (!h)
        return true;
    history_flush(h);
    loop_timer_free(h->timer);
    if (!worker_free(h->worker, wait_ms))
        return false; /* the thread still uses it */
    db_close(h->db);
    for (size_t i = 0; i < h->n_open; i++) {
        free(h->open[i]->name);
        free(h->open[i]);
    }
    map_release(&h->by_name);
    free(h->open);
    free(h->ready.v);
    free(h->error);
    free(h->path);
    free(h);
    return true;
}

const char *history_error(const struct history *h)
{
    return h->error;
}

void history_query(struct history *h, const char *check, bool per_hour, int64_t from_ms,
                   int64_t to_ms, history_rows_fn *done, void *arg)
{
    struct read *r = mem_alloc(sizeof *r);
    r->history = h;
    r->check = mem_strdup(check);
    r->per_hour = per_hour;
    r->from_ms = from_ms;
    r->to_ms = to_ms;
    r->done = done;
    r->arg = arg;
    worker_put(h->worker, WORKER_LATER, work_read, read_done, r);
}
