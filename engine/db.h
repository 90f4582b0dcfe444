/* db.h - the door to SQLite: constant statements with parameters, nothing else.
 *
 * A database is opened with the table of all statements it will ever run; each is prepared when
 * first used.  Every call blocks and belongs on a worker thread.  Errors are store errors that name
 * the file.  The owner calls db_close. */
#ifndef ENGINE_DB_H
#define ENGINE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/store.h"

struct db;
struct db_query; /* one prepared statement, owned by its db */

enum db_flags {
    DB_MAKE = 1 << 0, /* the file is made (mode 0600) if it is not there */
    DB_FULL = 1 << 1  /* synchronous=FULL; else NORMAL */
};

/* sql[0..n-1]; the array must live as long as the db. */
struct db *db_open(const char *path, int flags, const char *const *sql, size_t n,
                   struct store_error *e);
void db_close(struct db *d); /* NULL is fine */
bool db_is_readonly(const struct db *d);
bool db_has_moved(const struct db *d); /* its path is gone, or names another file */
bool db_is_in_transaction(const struct db *d);
const char *db_path(const struct db *d);

bool db_script(struct db *d, const char *sql, struct store_error *e); /* several, no results */
bool db_number(struct db *d, size_t which, int64_t *out, struct store_error *e);

/* The statement, reset and without parameters; NULL on failure. */
struct db_query *db_ask(struct db *d, size_t which, struct store_error *e);
void db_put_int(struct db_query *q, int i, int64_t v); /* parameters from 1 */
void db_put_num(struct db_query *q, int i, double v);
void db_put_text(struct db_query *q, int i, const char *s); /* copied; NULL is null */
/* True while there is a row; false at the end and on failure: then db_end says which. */
bool db_row(struct db_query *q);
int64_t db_int(struct db_query *q, int column); /* columns from 0 */
double db_num(struct db_query *q, int column);
const char *db_text(struct db_query *q, int column); /* until the next db_row; never NULL */
/* Ends the statement; false with e (may be NULL) if it failed. */
bool db_end(struct db_query *q, struct store_error *e);
bool db_do(struct db_query *q, struct store_error *e); /* runs to the end; NULL: false */

#endif
