#include "engine/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "core/mem.h"

#define BUSY_MS 2000 /* how long another program's lock (a backup) is waited for */

struct db_query {
    struct db *db;
    sqlite3_stmt *stmt;
    int rc; /* of the last step */
};

struct db {
    sqlite3 *handle;
    char *path;
    const char *const *sql;
    struct db_query *queries;
    size_t n;
};

static enum store_fault db_fault(int rc)
{
    if (rc == SQLITE_READONLY_DBMOVED)
        return STORE_CHANGED;
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return STORE_FULL;
    case SQLITE_IOERR:
        return STORE_IO;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return STORE_BUSY;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return STORE_READONLY;
    case SQLITE_CANTOPEN:
        return STORE_NO_FILE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return STORE_CORRUPT;
    case SQLITE_CONSTRAINT:
        return STORE_CHANGED; /* only our own triggers and keys: somebody else has written */
    default:
        return STORE_OTHER;
    }
}

static bool db_fail(struct db *d, struct store_error *e)
{
    int os = sqlite3_system_errno(d->handle);
    char detail[256];
    if (os)
        snprintf(detail, sizeof detail, "%s (%s)", sqlite3_errmsg(d->handle), strerror(os));
    else
        snprintf(detail, sizeof detail, "%s", sqlite3_errmsg(d->handle));
    enum store_fault fault = db_fault(sqlite3_extended_errcode(d->handle));
    if (fault == STORE_IO && (os == ENOSPC || os == EDQUOT || os == EFBIG))
        fault = STORE_FULL;
    return store_fail(e, fault, d->path, detail);
}

static bool db_setup(struct db *d, int flags, struct store_error *e)
{
    sqlite3_extended_result_codes(d->handle, 1);
    sqlite3_busy_timeout(d->handle, BUSY_MS);
    sqlite3_db_config(d->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(d->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return db_script(d, flags & DB_FULL ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL",
                     e) &&
           db_script(d, "PRAGMA cell_size_check=ON; PRAGMA cache_size=-128", e) &&
           db_script(d, "PRAGMA journal_mode=TRUNCATE", e);
}

struct db *db_open(const char *path, int flags, const char *const *sql, size_t n,
                   struct store_error *e)
{
    struct db *d = mem_alloc(sizeof *d);
    d->path = mem_strdup(path);
    d->sql = sql;
    d->n = n;
    d->queries = mem_alloc(n * sizeof *d->queries);
    if (flags & DB_MAKE) { /* SQLite itself would make it readable by all */
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd >= 0)
            close(fd);
    }
    int rc = sqlite3_open_v2(path, &d->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL);
    if (!d->handle)
        store_fail(e, STORE_OTHER, path, "out of memory");
    else if (rc != SQLITE_OK)
        db_fail(d, e);
    else if (db_setup(d, flags, e))
        return d;
    db_close(d);
    return NULL;
}

void db_close(struct db *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->n; i++)
        sqlite3_finalize(d->queries[i].stmt);
    sqlite3_close(d->handle);
    free(d->queries);
    free(d->path);
    free(d);
}

bool db_is_readonly(const struct db *d)
{
    return sqlite3_db_readonly(d->handle, "main") == 1;
}

bool db_has_moved(const struct db *d)
{
    int has_moved = 0;
    return sqlite3_file_control(d->handle, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved) ==
               SQLITE_OK &&
           has_moved;
}

bool db_is_in_transaction(const struct db *d)
{
    return !sqlite3_get_autocommit(d->handle);
}

const char *db_path(const struct db *d)
{
    return d->path;
}

bool db_script(struct db *d, const char *sql, struct store_error *e)
{
    return sqlite3_exec(d->handle, sql, NULL, NULL, NULL) == SQLITE_OK || db_fail(d, e);
}

bool db_number(struct db *d, size_t which, int64_t *out, struct store_error *e)
{
    struct db_query *q = db_ask(d, which, e);
    if (!q)
        return false;
    *out = db_row(q) ? db_int(q, 0) : 0;
    return db_end(q, e);
}

struct db_query *db_ask(struct db *d, size_t which, struct store_error *e)
{
    struct db_query *q = &d->queries[which];
    if (!q->stmt && sqlite3_prepare_v3(d->handle, d->sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                                       &q->stmt, NULL) != SQLITE_OK) {
        db_fail(d, e);
        return NULL;
    }
    q->db = d;
    q->rc = SQLITE_OK;
    sqlite3_reset(q->stmt);
    sqlite3_clear_bindings(q->stmt);
    return q;
}

void db_put_int(struct db_query *q, int i, int64_t v)
{
    sqlite3_bind_int64(q->stmt, i, v);
}

void db_put_num(struct db_query *q, int i, double v)
{
    sqlite3_bind_double(q->stmt, i, v);
}

void db_put_text(struct db_query *q, int i, const char *s)
{
    sqlite3_bind_text(q->stmt, i, s, -1, SQLITE_TRANSIENT);
}

bool db_row(struct db_query *q)
{
    q->rc = sqlite3_step(q->stmt);
    return q->rc == SQLITE_ROW;
}

int64_t db_int(struct db_query *q, int column)
{
    return sqlite3_column_int64(q->stmt, column);
}

double db_num(struct db_query *q, int column)
{
    return sqlite3_column_double(q->stmt, column);
}

const char *db_text(struct db_query *q, int column)
{
    const unsigned char *s = sqlite3_column_text(q->stmt, column);
    return s ? (const char *)s : "";
}

bool db_end(struct db_query *q, struct store_error *e)
{
    bool is_good = q->rc == SQLITE_OK || q->rc == SQLITE_ROW || q->rc == SQLITE_DONE;
    if (!is_good && e)
        db_fail(q->db, e);
    sqlite3_reset(q->stmt);
    return is_good;
}

bool db_do(struct db_query *q, struct store_error *e)
{
    if (!q)
        return false;
    while (db_row(q)) {
    }
    return db_end(q, e);
}
