/* pgconn.h - the door to libpq: one statement, one small table, everything timed and capped.
 *
 * Sessions are kept from look to look, one statement at a time each: a login costs the server a
 * process, and SCRAM blocks our loop for some 6 ms in libpq, so it should be rare.  A kept session
 * that turns out to be closed is replaced by a fresh one, once.  Names are resolved by our own
 * resolver, never by libpq; a server that falls silent ends by our clock, not by its own.
 *
 * libpq reads whole messages: what a server sends beyond PG_BYTES_MAX before it has finished one
 * statement ends the session. */
#ifndef ENGINE_PGCONN_H
#define ENGINE_PGCONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "engine/loop.h"
#include "engine/resolve.h"

#define PG_ROWS_MAX  4096
#define PG_COLS_MAX  64
#define PG_BYTES_MAX (4 << 20)
#define PG_IDLE_MS   600000 /* a session that nobody has used for so long is closed */

enum pg_sslmode { PG_SSL_DISABLE, PG_SSL_REQUIRE, PG_SSL_VERIFY_CA, PG_SSL_VERIFY_FULL };
extern const char *const pg_sslmode_names[]; /* NULL-ended, as choices are */

struct pg_access { /* of one server, as a check's options say */
    char *host, *database, *user, *password, *ca_file;
    int64_t port;
    int sslmode;
};

/* Fills out with copies; host in place of its own. */
void pg_access_copy(struct pg_access *out, const struct pg_access *a, const char *host);
void pg_access_release(struct pg_access *a); /* the password is wiped */
bool pg_access_equal(const struct pg_access *kept, const struct pg_access *a, const char *host);

enum pg_type { PG_TEXT, PG_NUMBER, PG_BOOL, PG_TIME, PG_TIME_NO_ZONE };
struct pg_column {
    char *name;
    enum pg_type type;
};
struct pg_reply {
    bool is_ok;   /* a whole table arrived; else `say` tells why not */
    bool is_self; /* our own fault */
    char *say;    /* packed; the callee may take it (and set it to NULL) */
    struct pg_column *columns;
    size_t n_columns, n_rows;
    char **values; /* row after row; NULL: null */
    char *version; /* "15.10"; NULL before the login */
    bool is_standby, is_kept, is_tls;
    double connect_ms, query_ms; /* connect_ms 0 on a kept session */
};
void pg_reply_clear(struct pg_reply *r);
/* The value as the server wrote it, NULL for null and for a column that is not there. */
const char *pg_value(const struct pg_reply *r, size_t row, const char *column);
bool pg_number(const char *text, double *out); /* false: none, NaN or infinity */
double pg_figure(const struct pg_reply *r, size_t row, const char *column); /* NAN: no number */
bool pg_is_true(const struct pg_reply *r, size_t row, const char *column);
/* "2026-03-05 14:02:11.5+07" as milliseconds; false where it is none or has no zone. */
bool pg_time(const char *text, int64_t *at_ms);

struct pgpool;
struct pgpool *pgpool_new(struct loop *l, struct resolver *r);
void pgpool_free(struct pgpool *p); /* no call may be running; NULL is allowed */

typedef void pg_fn(void *arg, struct pg_reply *r);
struct pg_call;
/* access and sql must outlive the call; host: where access has none.  Exactly one fn, never from
 * inside, unless cancelled. */
struct pg_call *pg_ask(struct pgpool *p, const struct pg_access *access, const char *host,
                       const char *sql, int64_t timeout_ms, pg_fn *fn, void *arg);
/* The same where servers differ: the first text that is for the server's version is sent.  Newest
 * first; the last one has `from` 0.  They outlive the call. */
struct pg_text {
    int from; /* server_version_num: 150000 is the first 15 */
    const char *sql;
};
const char *pg_text_for(const struct pg_text *texts, int version);
struct pg_call *pg_ask_by_version(struct pgpool *p, const struct pg_access *access,
                                  const char *host, const struct pg_text *texts, int64_t timeout_ms,
                                  pg_fn *fn, void *arg);
void pg_cancel(struct pg_call *c);

size_t pgpool_sessions(const struct pgpool *p); /* kept now, for tests */

#endif
