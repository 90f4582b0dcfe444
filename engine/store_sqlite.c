/* The store in one SQLite file.  One connection, journal_mode=TRUNCATE and synchronous=FULL: what
 * was committed survives the loss of power.  Not WAL, whose reset can lose pages in the SQLite of
 * Debian 12.
 *
 *   events       seq, the JSON that was hashed, its hash, and copies of what is searched for;
 *                triggers refuse every change, and every insertion that is not the next number
 *   checkpoints  the last two pictures of the fleet, each with its own SHA-256
 *   beat         one row: when the engine last wrote, and its pid
 *   runs         of failovers: which state the events leave each in.  A group has at most one that
 *                is active or wants closing: a unique index, written in the events' transaction
 *   room         empty; filled and emptied to prove that there is space for what comes next
 *
 * A new file is made under another name and renamed when it is whole, so a file of zero bytes is
 * never "new": it was cut short. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"
#include "engine/db.h"
#include "engine/failpoint.h"

#define SCHEMA_VERSION 2          /* user_version */
#define SCHEMA_ID      0x74726362 /* application_id: "trcb" */
#define INSPECT_MAX    (64 << 20) /* bytes of a file whose pages are all looked at */

#define SCHEMA_RUNS                                                                                \
    "CREATE TABLE runs(id TEXT PRIMARY KEY, fog TEXT NOT NULL, state TEXT NOT NULL,"               \
    " blocks INTEGER NOT NULL, seq INTEGER NOT NULL) STRICT;"                                      \
    "CREATE UNIQUE INDEX runs_one_a_group ON runs(fog) WHERE blocks;"

static const char schema[] =
    "BEGIN;"
    "CREATE TABLE events(seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL,"
    " subject TEXT NOT NULL, check_id TEXT, json TEXT NOT NULL, hash TEXT NOT NULL) STRICT;"
    "CREATE INDEX events_at ON events(at_ms);"
    "CREATE INDEX events_subject ON events(subject);"
    "CREATE INDEX events_check ON events(check_id) WHERE check_id IS NOT NULL;"
    "CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN"
    " SELECT RAISE(ABORT, 'the journal is append-only'); END;"
    "CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN"
    " SELECT RAISE(ABORT, 'the journal is append-only'); END;"
    "CREATE TRIGGER events_no_gap BEFORE INSERT ON events"
    " WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events) BEGIN"
    " SELECT RAISE(ABORT, 'the journal has no gaps'); END;"
    "CREATE TABLE checkpoints(id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " head TEXT NOT NULL, json TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT;"
    "CREATE TABLE beat(id INTEGER PRIMARY KEY CHECK (id = 1), at_ms INTEGER NOT NULL,"
    " pid INTEGER NOT NULL) STRICT;"
    "CREATE TABLE room(bytes BLOB) STRICT;" SCHEMA_RUNS "PRAGMA application_id = 0x74726362;"
    "PRAGMA user_version = 2;"
    "COMMIT;";
static const char schema_1_to_2[] = "BEGIN IMMEDIATE;" SCHEMA_RUNS "PRAGMA user_version = 2;"
                                    "COMMIT;";

enum sql {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_HEAD,
    SQL_APPEND,
    SQL_RUN,
    SQL_FOLLOW,
    SQL_NEWEST,
    SQL_BETWEEN,
    SQL_SUBJECT,
    SQL_AFTER,
    SQL_LOAD,
    SQL_SAVE,
    SQL_PRUNE,
    SQL_BEAT,
    SQL_INSPECT,
    SQL_ID,
    SQL_VERSION,
    SQL_SIZE,
    SQL_ROOM,
    SQL_NO_ROOM,
    SQL_COUNT
};

/* Of the queries by filter: ?1 ?2 time from/before, ?3 before seq, ?4 limit, ?5 kind, ?6 subject,
 * ?7 ?8 the range of its checks' names, ?9 after seq. */
static const char *const sql[SQL_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_HEAD] = "SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1",
    [SQL_APPEND] = "INSERT INTO events(seq, at_ms, kind, subject, check_id, json, hash)"
                   " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [SQL_RUN] = "INSERT INTO runs(id, fog, state, blocks, seq) VALUES(?1, ?2, ?3, ?4, ?5)"
                " ON CONFLICT(id) DO UPDATE SET state = excluded.state, blocks = excluded.blocks,"
                " seq = excluded.seq",
    [SQL_FOLLOW] = "SELECT seq, json, hash, at_ms, kind, subject FROM events WHERE seq > ?1"
                   " ORDER BY seq LIMIT ?2",
    [SQL_NEWEST] = "SELECT seq, json, hash FROM events WHERE seq < ?3"
                   " AND (?5 IS NULL OR kind = ?5) ORDER BY seq DESC LIMIT ?4",
    [SQL_BETWEEN] = "SELECT seq, json, hash FROM events INDEXED BY events_at"
                    " WHERE at_ms >= ?1 AND at_ms < ?2 AND +seq < ?3"
                    " AND (?5 IS NULL OR kind = ?5) ORDER BY +seq DESC LIMIT ?4",
    [SQL_SUBJECT] = "SELECT seq, json, hash FROM events WHERE (subject = ?6"
                    " OR (subject > ?7 AND subject < ?8) OR check_id = ?6"
                    " OR (check_id > ?7 AND check_id < ?8)) AND +seq < ?3 AND +at_ms >= ?1"
                    " AND +at_ms < ?2 AND (?5 IS NULL OR kind = ?5) ORDER BY +seq DESC LIMIT ?4",
    [SQL_AFTER] = "SELECT seq, json, hash FROM events WHERE seq > ?9 AND seq < ?3"
                  " AND (?6 IS NULL OR subject = ?6 OR (subject > ?7 AND subject < ?8)"
                  " OR check_id = ?6 OR (check_id > ?7 AND check_id < ?8)) AND +at_ms >= ?1"
                  " AND +at_ms < ?2 AND (?5 IS NULL OR kind = ?5) ORDER BY seq LIMIT ?4",
    [SQL_LOAD] = "SELECT seq, head, json, sha256 FROM checkpoints ORDER BY id DESC",
    [SQL_SAVE] = "INSERT INTO checkpoints(seq, at_ms, head, json, sha256)"
                 " VALUES(?1, ?2, ?3, ?4, ?5)",
    [SQL_PRUNE] = "DELETE FROM checkpoints WHERE id NOT IN"
                  " (SELECT id FROM checkpoints ORDER BY id DESC LIMIT 2)",
    [SQL_BEAT] = "INSERT INTO beat(id, at_ms, pid) VALUES(1, ?1, ?2)"
                 " ON CONFLICT(id) DO UPDATE SET at_ms = excluded.at_ms, pid = excluded.pid",
    [SQL_INSPECT] = "PRAGMA quick_check(1)",
    [SQL_ID] = "PRAGMA application_id",
    [SQL_VERSION] = "PRAGMA user_version",
    [SQL_SIZE] = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    [SQL_ROOM] = "INSERT INTO room(bytes) VALUES(zeroblob(65536))",
    [SQL_NO_ROOM] = "DELETE FROM room",
};

/* --- opening: what a file may be ---------------------------------------------------------- */

static bool folder_sync(const char *path, struct store_error *e)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (!slash)
        snprintf(folder, sizeof folder, ".");
    else
        slash[slash == folder] = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_done = fd >= 0 && fsync(fd) == 0;
    if (!is_done)
        store_fail(e, STORE_IO, path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return is_done;
}

static bool store_make(const char *path, struct store_error *e)
{
    char fresh[PATH_MAX];
    if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh)
        return store_fail(e, STORE_NO_FILE, path, "path too long");
    unlink(fresh); /* of an engine that died while making it */
    struct db *d = db_open(fresh, DB_MAKE | DB_FULL, NULL, 0, e);
    bool is_made = d && db_script(d, schema, e);
    db_close(d);
    if (!is_made)
        snprintf(e->file, sizeof e->file, "%s", path);
    FP("store.made");
    if (is_made && rename(fresh, path) != 0)
        is_made = store_fail(e, STORE_NO_FILE, path, strerror(errno));
    char left[PATH_MAX + 16];
    snprintf(left, sizeof left, "%s-journal", fresh);
    unlink(left);
    return is_made && folder_sync(path, e);
}

/* A file shorter than its own header says was cut; SQLite itself may notice much later. */
static bool store_check_length(const char *path, struct store_error *e)
{
    struct stat st, hot;
    char journal[PATH_MAX];
    unsigned char h[100];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return store_fail(e, STORE_NO_FILE, path, strerror(errno));
    bool is_read = fstat(fd, &st) == 0 && pread(fd, h, sizeof h, 0) == (ssize_t)sizeof h;
    close(fd);
    if (!is_read)
        return store_fail(e, STORE_CORRUPT, path, "it is empty or cut short");
    snprintf(journal, sizeof journal, "%s-journal", path);
    if (stat(journal, &hot) == 0 && hot.st_size > 0)
        return true; /* an unfinished transaction: SQLite rolls it back first */
    int64_t page = h[16] << 8 | h[17];
    int64_t pages = (int64_t)h[28] << 24 | h[29] << 16 | h[30] << 8 | h[31];
    if (memcmp(h, "SQLite format 3", 16) == 0 && st.st_size < (page == 1 ? 65536 : page) * pages)
        return store_fail(e, STORE_CORRUPT, path, "it is cut short");
    return true;
}

static bool store_check_schema(struct db *d, struct store_error *e)
{
    int64_t id = 0, version = 0;
    if (!db_number(d, SQL_ID, &id, e) || !db_number(d, SQL_VERSION, &version, e))
        return false;
    char detail[80];
    snprintf(detail, sizeof detail, "schema %" PRId64 ", this one knows %d", version,
             SCHEMA_VERSION);
    if (id != SCHEMA_ID)
        return store_fail(e, STORE_FOREIGN, db_path(d), "another program's database");
    if (version > SCHEMA_VERSION)
        return store_fail(e, STORE_NEWER, db_path(d), detail);
    if (version < 1)
        return store_fail(e, STORE_CORRUPT, db_path(d), detail);
    if (version == 1 && !db_is_readonly(d)) { /* one transaction: all of it or nothing */
        FP("store.migrate");
        return db_script(d, schema_1_to_2, e);
    }
    return true;
}

static void store_close(void *store)
{
    db_close(store);
}

static void *store_open(const char *path, struct store_error *e)
{
    memset(e, 0, sizeof *e);
    if (FP_ERR("store.open")) {
        store_fail(e, STORE_IO, path, "failpoint");
        return NULL;
    }
    struct stat st;
    if (stat(path, &st) != 0 && errno == ENOENT && !store_make(path, e))
        return NULL;
    if (!store_check_length(path, e))
        return NULL;
    struct db *d = db_open(path, DB_FULL, sql, SQL_COUNT, e);
    if (d && !store_check_schema(d, e)) {
        db_close(d);
        return NULL;
    }
    if (d && db_is_readonly(d))
        store_fail(e, STORE_READONLY, path, "permission denied");
    return d;
}

/* --- transactions ------------------------------------------------------------------------- */

static bool store_do(struct db *d, enum sql which, struct store_error *e)
{
    return db_do(db_ask(d, which, e), e);
}

static bool store_begin(struct db *d, struct store_error *e)
{
    return store_do(d, SQL_BEGIN, e);
}

/* Commits if all went well; else, or if that fails, rolls back. */
static bool store_end(struct db *d, bool is_good, struct store_error *e)
{
    if (is_good && FP_ERR("store.full"))
        is_good = store_fail(e, STORE_FULL, db_path(d), "failpoint");
    if (is_good && FP_ERR("store.commit"))
        is_good = store_fail(e, STORE_IO, db_path(d), "failpoint");
    FP("store.before_commit");
    if (is_good && db_has_moved(d)) /* what is written there nobody would find again */
        is_good = store_fail(e, STORE_CHANGED, db_path(d), "it was moved or removed");
    if (is_good && store_do(d, SQL_COMMIT, e)) {
        FP("store.after_commit");
        return !FP_ERR("store.report") || store_fail(e, STORE_IO, db_path(d), "failpoint");
    }
    struct store_error ignored;
    if (db_is_in_transaction(d))
        store_do(d, SQL_ROLLBACK, &ignored);
    return false;
}

/* --- events ------------------------------------------------------------------------------- */

static bool store_head(void *store, struct chain *out, struct store_error *e)
{
    chain_init(out);
    struct db_query *q = db_ask(store, SQL_HEAD, e);
    if (!q)
        return false;
    if (db_row(q)) {
        out->seq = (uint64_t)db_int(q, 0);
        snprintf(out->hash, sizeof out->hash, "%s", db_text(q, 1));
    }
    return db_end(q, e);
}

static bool store_insert(struct db *d, const struct event *ev, const char *json,
                         struct store_error *e)
{
    struct db_query *q = db_ask(d, SQL_APPEND, e);
    if (!q)
        return false;
    db_put_int(q, 1, (int64_t)ev->seq);
    db_put_int(q, 2, ev->at_ms);
    db_put_text(q, 3, event_rows[ev->kind].name);
    db_put_text(q, 4, ev->subject ? ev->subject : "");
    db_put_text(q, 5, ev->check);
    db_put_text(q, 6, json);
    db_put_text(q, 7, ev->hash);
    return db_do(q, e);
}

/* The row that holds the group, or lets go of it.  That another one holds it is no damage. */
static bool store_run(struct db *d, const struct event *ev, struct store_error *e)
{
    const struct run_state_row *row = &run_state_rows[ev->run->state];
    struct db_query *q = db_ask(d, SQL_RUN, e);
    if (!q)
        return false;
    db_put_text(q, 1, ev->run->id);
    db_put_text(q, 2, ev->run->fog);
    db_put_text(q, 3, row->name);
    db_put_int(q, 4, row->is_active || row->needs_closing);
    db_put_int(q, 5, (int64_t)ev->seq);
    if (db_do(q, e))
        return true;
    return e->fault == STORE_CHANGED ? store_fail(e, STORE_CONFLICT, db_path(d), ev->run->fog)
                                     : false;
}

static bool has_run(const struct event *ev)
{
    return ev->run && (event_rows[ev->kind].fields & EF_RUN_STATE);
}

static bool store_append(void *store, struct chain *head, struct event *events, size_t n,
                         struct store_error *e)
{
    if (!store_begin(store, e))
        return false;
    struct chain at = *head;
    struct buf json = BUF_INIT(0);
    bool is_good = true;
    for (size_t i = 0; is_good && i < n; i++) {
        chain_seal(&at, &events[i], &json);
        is_good = store_insert(store, &events[i], buf_text(&json), e) &&
                  (!has_run(&events[i]) || store_run(store, &events[i], e));
        FP("store.inserted");
    }
    buf_release(&json);
    if (!store_end(store, is_good, e))
        return false;
    *head = at;
    return true;
}

/* The copies that are searched for must say what the hashed text says. */
static bool row_agrees(struct db_query *q, const struct event *ev)
{
    return db_int(q, 3) == ev->at_ms && strcmp(db_text(q, 4), event_rows[ev->kind].name) == 0 &&
           strcmp(db_text(q, 5), ev->subject ? ev->subject : "") == 0;
}

static bool row_follow(struct db *d, struct db_query *q, struct chain *head, struct event *ev,
                       struct store_error *e)
{
    struct err why;
    uint64_t seq = (uint64_t)db_int(q, 0);
    if (!chain_follow(head, seq, db_text(q, 1), db_text(q, 2), ev, &why))
        return store_fail(e, STORE_CORRUPT, db_path(d), why.text);
    if (row_agrees(q, ev))
        return true;
    err_set(&why, "record %" PRIu64 " differs from its own text", seq);
    return store_fail(e, STORE_CORRUPT, db_path(d), why.text);
}

static bool store_follow(void *store, struct chain *head, size_t n, store_event_fn *each, void *arg,
                         struct store_error *e)
{
    struct db_query *q = db_ask(store, SQL_FOLLOW, e);
    if (!q)
        return false;
    db_put_int(q, 1, (int64_t)head->seq);
    db_put_int(q, 2, n ? (int64_t)n : -1);
    bool is_good = true, goes_on = true;
    while (is_good && goes_on && db_row(q)) {
        struct event ev;
        is_good = row_follow(store, q, head, &ev, e);
        goes_on = is_good && each(arg, &ev);
        event_release(&ev);
    }
    return is_good ? db_end(q, e) : (db_end(q, NULL), false);
}

static struct db_query *query_bind(struct db *d, const struct store_filter *f,
                                   struct store_error *e)
{
    bool has_time = f->since_ms || f->until_ms;
    enum sql which = SQL_NEWEST;
    if (f->after_seq)
        which = SQL_AFTER;
    else if (f->subject)
        which = SQL_SUBJECT;
    else if (has_time)
        which = SQL_BETWEEN;
    struct db_query *q = db_ask(d, which, e);
    if (!q)
        return NULL;
    db_put_int(q, 1, f->since_ms);
    db_put_int(q, 2, f->until_ms ? f->until_ms : INT64_MAX);
    db_put_int(q, 3, f->before_seq ? (int64_t)f->before_seq : INT64_MAX);
    db_put_int(q, 4, f->limit ? (int64_t)f->limit : -1);
    db_put_text(q, 5, f->kind);
    if (f->after_seq)
        db_put_int(q, 9, (int64_t)f->after_seq);
    if (!f->subject)
        return q;
    db_put_text(q, 6, f->subject);
    if (strchr(f->subject, '/'))
        return q; /* no target: ?7 and ?8 stay null and match nothing */
    struct buf range = BUF_INIT(512);
    buf_adds(&range, f->subject);
    buf_addc(&range, '/');
    db_put_text(q, 7, buf_text(&range));
    range.bytes[range.len - 1] = '/' + 1;
    db_put_text(q, 8, buf_text(&range));
    buf_release(&range);
    return q;
}

/* Reading by filter cannot follow the chain, but a row must at least match its own hash. */
static bool row_read(struct db *d, struct db_query *q, struct event *ev, struct store_error *e)
{
    struct err why;
    struct chain before;
    uint64_t seq = (uint64_t)db_int(q, 0);
    const char *json = db_text(q, 1), *prev = strstr(json, "\"prev\":\"");
    before.seq = seq - 1;
    snprintf(before.hash, sizeof before.hash, "%.64s", prev ? prev + strlen("\"prev\":\"") : "");
    if (chain_follow(&before, seq, json, db_text(q, 2), ev, &why))
        return true;
    event_release(ev);
    return store_fail(e, STORE_CORRUPT, db_path(d), why.text);
}

static bool store_query(void *store, const struct store_filter *f, store_event_fn *each, void *arg,
                        struct store_error *e)
{
    struct db_query *q = query_bind(store, f, e);
    if (!q)
        return false;
    bool is_good = true, goes_on = true;
    while (is_good && goes_on && db_row(q)) {
        struct event ev;
        if ((is_good = row_read(store, q, &ev, e))) {
            goes_on = each(arg, &ev);
            event_release(&ev);
        }
    }
    return is_good ? db_end(q, e) : (db_end(q, NULL), false);
}

/* --- checkpoints, heartbeat, health ------------------------------------------------------- */

static bool store_load(void *store, struct store_checkpoint *out, struct store_error *e)
{
    memset(out, 0, sizeof *out);
    chain_init(&out->head);
    struct db_query *q = db_ask(store, SQL_LOAD, e);
    if (!q)
        return false;
    while (!out->json && db_row(q)) {
        char sum[HASH_HEX];
        const char *json = db_text(q, 2);
        hash_sha256(json, strlen(json), sum);
        if (strcmp(sum, db_text(q, 3)) != 0)
            continue; /* damaged: the one before is as good, only older */
        out->head.seq = (uint64_t)db_int(q, 0);
        snprintf(out->head.hash, sizeof out->head.hash, "%s", db_text(q, 1));
        out->json = mem_strdup(json);
    }
    return db_end(q, e);
}

static bool store_save(void *store, const struct store_checkpoint *cp, int64_t at_ms,
                       struct store_error *e)
{
    if (!store_begin(store, e))
        return false;
    struct db_query *q = db_ask(store, SQL_SAVE, e);
    if (q) {
        char sum[HASH_HEX];
        hash_sha256(cp->json, strlen(cp->json), sum);
        db_put_int(q, 1, (int64_t)cp->head.seq);
        db_put_int(q, 2, at_ms);
        db_put_text(q, 3, cp->head.hash);
        db_put_text(q, 4, cp->json);
        db_put_text(q, 5, sum);
    }
    bool is_good = db_do(q, e);
    FP("store.checkpoint");
    return store_end(store, is_good && store_do(store, SQL_PRUNE, e), e);
}

static bool store_beat(void *store, int64_t at_ms, struct store_error *e)
{
    FP("store.beat");
    if (!store_begin(store, e))
        return false;
    struct db_query *q = db_ask(store, SQL_BEAT, e);
    if (q) {
        db_put_int(q, 1, at_ms);
        db_put_int(q, 2, getpid());
    }
    return store_end(store, db_do(q, e), e);
}

/* The pages that are freed again stay in the file: the next events have their space. */
static bool store_prove(void *store, struct store_error *e)
{
    return store_begin(store, e) && store_end(store, store_do(store, SQL_ROOM, e), e) &&
           store_begin(store, e) && store_end(store, store_do(store, SQL_NO_ROOM, e), e);
}

static bool store_inspect(void *store, struct store_error *e)
{
    int64_t size = 0;
    if (!db_number(store, SQL_SIZE, &size, e) || size > INSPECT_MAX)
        return e->fault == STORE_FINE;
    struct db_query *q = db_ask(store, SQL_INSPECT, e);
    if (!q)
        return false;
    struct buf found = BUF_INIT(200);
    if (db_row(q) && strcmp(db_text(q, 0), "ok") != 0)
        buf_adds(&found, db_text(q, 0));
    bool is_good = db_end(q, e);
    if (is_good && found.len)
        is_good = store_fail(e, STORE_CORRUPT, db_path(store), buf_text(&found));
    buf_release(&found);
    return is_good;
}

const struct store_ops store_sqlite = {
    .name = "sqlite",
    .open = store_open,
    .close = store_close,
    .head = store_head,
    .append = store_append,
    .follow = store_follow,
    .query = store_query,
    .load = store_load,
    .save = store_save,
    .beat = store_beat,
    .prove = store_prove,
    .inspect = store_inspect,
};
