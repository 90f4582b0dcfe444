/* pgconn.c - see pgconn.h.
 *
 *   ask ─ kept session? ─ yes ──────────────────────────────> statement ─> table ─> kept again
 *           └ no ─ name ─ connect (poll by poll) ─ settings ──┘
 *
 * One timer a call; the session's descriptor is watched anew after each step of a connect, since
 * libpq may have gone on to another address. */
#include "engine/pgconn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/tcp.h> /* the C library's tcp_info lacks what we count */
#include <netinet/in.h>
#include <sys/socket.h>

#include <postgresql/libpq-fe.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/net.h"

#define SWEEP_MS 60000

const char *const pg_sslmode_names[] = {"disable", "require", "verify-ca", "verify-full", NULL};

struct session {
    PGconn *conn;
    struct pg_access access; /* copies, to know it again */
    int64_t used_ms;
    struct session *next;
};
struct pgpool {
    struct loop *loop;
    struct resolver *resolver;
    struct session *idle;
    struct loop_timer *sweep;
};

enum step { STEP_NAME, STEP_CONNECT, STEP_SETTINGS, STEP_STATEMENT, STEP_DONE };
struct pg_call {
    struct pgpool *pool;
    const struct pg_access *access;
    const char *host, *sql;
    const struct pg_text *texts; /* in place of sql */
    int64_t timeout_ms;
    pg_fn *fn;
    void *arg;
    enum step step;
    struct session *session;
    struct resolve_wait *wait;
    struct loop_fd *watch;
    struct loop_timer *timer;
    struct pg_reply reply;
    size_t cap_values;
    uint64_t bytes_before; /* received when the statement was sent */
    double begun_ms, step_ms;
    bool has_failed; /* the statement: its error is told once all of its results are in */
    bool is_soon;
};

static enum pg_type type_of(Oid oid)
{
    switch (oid) { /* pg_type.h: these numbers never change */
    case 16:
        return PG_BOOL;
    case 20:
    case 21:
    case 23:
    case 26:
    case 700:
    case 701:
    case 1700:
        return PG_NUMBER;
    case 1184:
        return PG_TIME;
    case 1114:
        return PG_TIME_NO_ZONE;
    default:
        return PG_TEXT;
    }
}

/* --- sessions -------------------------------------------------------------------------------- */

static void session_free(struct session *s)
{
    if (s == NULL)
        return;
    PQfinish(s->conn);
    pg_access_release(&s->access);
    free(s);
}

static struct session *session_new(const struct pg_access *a, const char *host)
{
    struct session *s = mem_alloc(sizeof *s);
    pg_access_copy(&s->access, a, host);
    return s;
}

static struct session *session_take(struct pgpool *p, const struct pg_access *a, const char *host)
{
    for (struct session **at = &p->idle; *at != NULL; at = &(*at)->next) {
        struct session *s = *at;
        if (!pg_access_equal(&s->access, a, host))
            continue;
        *at = s->next;
        return s;
    }
    return NULL;
}

static void session_keep(struct pgpool *p, struct session *s)
{
    s->used_ms = loop_mono_ms(p->loop);
    s->next = p->idle;
    p->idle = s;
}

static void pool_sweep(void *arg)
{
    struct pgpool *p = arg;
    struct session **at = &p->idle;
    while (*at != NULL) {
        struct session *s = *at;
        if (loop_mono_ms(p->loop) - s->used_ms < PG_IDLE_MS) {
            at = &s->next;
            continue;
        }
        *at = s->next;
        session_free(s);
    }
}

struct pgpool *pgpool_new(struct loop *l, struct resolver *r)
{
    struct pgpool *p = mem_alloc(sizeof *p);
    p->loop = l;
    p->resolver = r;
    p->sweep = loop_timer_new(l, pool_sweep, p);
    return p;
}

void pgpool_free(struct pgpool *p)
{
    if (p == NULL)
        return;
    while (p->idle != NULL) {
        struct session *next = p->idle->next;
        session_free(p->idle);
        p->idle = next;
    }
    loop_timer_free(p->sweep);
    free(p);
}

size_t pgpool_sessions(const struct pgpool *p)
{
    size_t n = 0;
    for (const struct session *s = p->idle; s != NULL; s = s->next)
        n++;
    return n;
}

/* --- the end of a call ----------------------------------------------------------------- */

static void call_release(struct pg_call *c)
{
    if (c->wait != NULL)
        resolve_cancel(c->wait);
    if (c->watch != NULL)
        loop_fd_free(c->watch);
    if (c->is_soon)
        loop_forget(c->pool->loop, c);
    loop_timer_free(c->timer);
    session_free(c->session);
    pg_reply_clear(&c->reply);
    free(c);
}

void pg_cancel(struct pg_call *c)
{
    call_release(c);
}

static void finish(struct pg_call *c)
{
    c->step = STEP_DONE;
    if (c->watch != NULL)
        loop_fd_free(c->watch);
    c->watch = NULL;
    if (c->session != NULL && c->session->conn != NULL) {
        const char *version = PQparameterStatus(c->session->conn, "server_version");
        const char *standby = PQparameterStatus(c->session->conn, "in_hot_standby");
        c->reply.version =
            version != NULL ? text_cleaned(version, strcspn(version, " "), 32, 0) : NULL;
        c->reply.is_standby = standby != NULL && strcmp(standby, "on") == 0;
        c->reply.is_tls = PQsslInUse(c->session->conn) != 0;
    }
    if (c->reply.is_ok || c->has_failed) { /* a refused statement leaves the session whole */
        session_keep(c->pool, c->session);
        c->session = NULL;
    }
    c->fn(c->arg, &c->reply);
    call_release(c);
}

static void fail(struct pg_call *c, char *packed, bool is_self)
{
    if (c->reply.say != NULL)
        free(packed);
    else
        c->reply.say = packed;
    c->reply.is_ok = false;
    c->reply.is_self = is_self;
    finish(c);
}

/* --- words ----------------------------------------------------------------------------- */

/* libpq's own words without the address before them and the hints behind: its first line's end. */
static char *libpq_words(const PGconn *conn)
{
    const char *text = PQerrorMessage(conn), *at;
    while ((at = strstr(text, "failed: ")) != NULL)
        text = at + 8;
    static const char *const levels[] = {"FATAL:  ", "ERROR:  ", "PANIC:  "};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (strncmp(text, levels[i], 8) == 0)
            text += 8;
    return text_cleaned(text, strcspn(text, "\n"), TEXT_MAX_LISTED / 2, 0);
}

static char *connect_words(const PGconn *conn, bool *is_self)
{
    static const char *const foreign[] = {"expected authentication request",
                                          "invalid response to SSL negotiation",
                                          "lost synchronization", "invalid response"};
    char *words = libpq_words(conn), *packed = NULL;
    *is_self = false;
    if (strcmp(words, "Connection refused") == 0)
        packed = net_say_errno(ECONNREFUSED, is_self);
    for (size_t i = 0; packed == NULL && i < sizeof foreign / sizeof *foreign; i++)
        if (strstr(words, foreign[i]) != NULL)
            packed = SAY(N_("this is no PostgreSQL server: {0}"), words);
    if (packed == NULL)
        packed = SAY(N_("no session: {0}"), words[0] != '\0' ? words : "?");
    free(words);
    return packed;
}

/* --- a table --------------------------------------------------------------------------- */

static bool take_columns(struct pg_call *c, const PGresult *res)
{
    int n = PQnfields(res);
    if (n > PG_COLS_MAX)
        return false;
    if (c->reply.n_columns > 0 || n == 0)
        return true;
    c->reply.columns = mem_alloc((size_t)n * sizeof *c->reply.columns);
    for (int i = 0; i < n; i++) {
        const char *name = PQfname(res, i);
        c->reply.columns[i] =
            (struct pg_column){.name = text_cleaned(name, strlen(name), TEXT_MAX_NAME, 0),
                               .type = type_of(PQftype(res, i))};
    }
    c->reply.n_columns = (size_t)n;
    return true;
}

static bool take_rows(struct pg_call *c, const PGresult *res)
{
    struct pg_reply *r = &c->reply;
    for (int row = 0; row < PQntuples(res); row++) {
        if (r->n_rows == PG_ROWS_MAX)
            return false;
        size_t n = (r->n_rows + 1) * r->n_columns;
        if (n > c->cap_values) {
            c->cap_values = n * 2;
            r->values = mem_grow(r->values, c->cap_values, sizeof(char *));
        }
        for (size_t i = 0; i < r->n_columns; i++)
            r->values[r->n_rows * r->n_columns + i] =
                PQgetisnull(res, row, (int)i)
                    ? NULL
                    : mem_strndup(PQgetvalue(res, row, (int)i),
                                  strnlen(PQgetvalue(res, row, (int)i), TEXT_MAX_STORED));
        r->n_rows++;
    }
    return true;
}

static void say_refused(struct pg_call *c, const PGresult *res)
{
    const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    const char *code = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    char *clean = text_cleaned(text != NULL ? text : "?", text != NULL ? strlen(text) : 1,
                               TEXT_MAX_LISTED / 2, 0);
    char *state = text_cleaned(code != NULL ? code : "", code != NULL ? strlen(code) : 0, 8, 0);
    if (c->reply.say == NULL)
        c->reply.say = SAY(N_("the server refuses: {0} ({1})"), clean, state);
    c->has_failed = true;
    free(clean);
    free(state);
}

/* False after the call has ended. */
static bool take_result(struct pg_call *c, const PGresult *res)
{
    switch (PQresultStatus(res)) {
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
        if (take_columns(c, res) && take_rows(c, res))
            return true;
        fail(c, SAY(N_("the table has more than {0} rows or {1} columns"), "4096", "64"), false);
        return false;
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
        return true;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
        fail(c, mem_strdup(N_("the statement copies; only a table is read")), false);
        return false;
    default:
        say_refused(c, res);
        return true;
    }
}

/* --- steps ----------------------------------------------------------------------------- */

static void on_ready(void *arg, int fd, int events, int error);
static void begin_fresh(struct pg_call *c);

/* What the kernel has taken in on this connection: libpq does not tell. */
static uint64_t bytes_received(const PGconn *conn)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    if (getsockopt(PQsocket(conn), IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return 0;
    return info.tcpi_bytes_received;
}

static void watch_for(struct pg_call *c, int events)
{
    if (c->watch != NULL)
        loop_fd_free(c->watch);
    c->watch = loop_fd_new(c->pool->loop, PQsocket(c->session->conn), on_ready, c);
    loop_fd_set(c->watch, events);
}

static void send_text(struct pg_call *c, const char *sql, enum step step)
{
    PGconn *conn = c->session->conn;
    c->step = step;
    c->step_ms = loop_precise_ms();
    c->bytes_before = bytes_received(conn);
    int sent = step == STEP_SETTINGS ? PQsendQuery(conn, sql)
                                     : PQsendQueryParams(conn, sql, 0, NULL, NULL, NULL, NULL, 0);
    if (sent == 1 && step == STEP_STATEMENT)
        PQsetSingleRowMode(conn);
    if (sent != 1) {
        char *words = libpq_words(conn);
        fail(c, SAY(N_("the statement cannot be sent: {0}"), words), false);
        free(words);
        return;
    }
    watch_for(c, PQflush(conn) == 1 ? LOOP_READ | LOOP_WRITE : LOOP_READ);
}

static void send_statement(struct pg_call *c)
{
    int version = PQserverVersion(c->session->conn);
    send_text(c, c->texts != NULL ? pg_text_for(c->texts, version) : c->sql, STEP_STATEMENT);
}

/* So that text is what we read, and that a statement which we have given up ends there, too. */
static void send_settings(struct pg_call *c)
{
    char sql[200];
    snprintf(sql, sizeof sql,
             "SET statement_timeout TO %lld; SET datestyle TO 'ISO, YMD'; SET timezone TO 'UTC'; "
             "SET default_transaction_read_only TO on",
             (long long)c->timeout_ms);
    c->reply.connect_ms = loop_precise_ms() - c->begun_ms;
    PQsetnonblocking(c->session->conn, 1);
    send_text(c, sql, STEP_SETTINGS);
}

static void connect_step(struct pg_call *c)
{
    bool is_self;
    if (c->watch != NULL) /* libpq may close its descriptor */
        loop_fd_free(c->watch);
    c->watch = NULL;
    switch (PQconnectPoll(c->session->conn)) {
    case PGRES_POLLING_READING:
        watch_for(c, LOOP_READ);
        break;
    case PGRES_POLLING_WRITING:
        watch_for(c, LOOP_WRITE);
        break;
    case PGRES_POLLING_OK:
        send_settings(c);
        break;
    default: {
        char *say = connect_words(c->session->conn, &is_self);
        fail(c, say, is_self);
    }
    }
}

static bool is_lost(const struct pg_call *c)
{
    return PQstatus(c->session->conn) == CONNECTION_BAD;
}

/* The connection has gone: a kept one may have been closed since it was used last. */
static void lose(struct pg_call *c)
{
    if (c->reply.is_kept && c->reply.n_rows == 0 && !c->has_failed) {
        if (c->watch != NULL)
            loop_fd_free(c->watch);
        c->watch = NULL;
        session_free(c->session);
        c->session = NULL;
        pg_reply_clear(&c->reply);
        begin_fresh(c);
        return;
    }
    char *words = libpq_words(c->session->conn);
    c->has_failed = false; /* nothing to keep */
    fail(c, SAY(N_("the session broke off: {0}"), words), false);
    free(words);
}

static void results_end(struct pg_call *c)
{
    if (c->has_failed) {
        finish(c);
    } else if (c->step == STEP_SETTINGS) {
        send_statement(c);
    } else {
        c->reply.is_ok = true;
        c->reply.query_ms = loop_precise_ms() - c->step_ms;
        finish(c);
    }
}

static void read_results(struct pg_call *c)
{
    PGconn *conn = c->session->conn;
    if (PQconsumeInput(conn) != 1) {
        lose(c);
        return;
    }
    if (bytes_received(conn) - c->bytes_before > PG_BYTES_MAX) {
        fail(c, SAY(N_("the reply is larger than {0}"), "4 MiB"), false);
        return;
    }
    while (PQisBusy(conn) == 0) {
        PGresult *res = PQgetResult(conn);
        if (res == NULL) {
            results_end(c);
            return;
        }
        bool is_fatal = is_lost(c), goes_on = is_fatal || take_result(c, res);
        PQclear(res);
        if (is_fatal) {
            lose(c);
            return;
        }
        if (!goes_on)
            return;
    }
}

static void on_ready(void *arg, int fd, int events, int error)
{
    struct pg_call *c = arg;
    (void)fd;
    (void)error;
    if (c->step == STEP_CONNECT) {
        connect_step(c);
        return;
    }
    if ((events & LOOP_WRITE) != 0 && PQflush(c->session->conn) == 0)
        loop_fd_set(c->watch, LOOP_READ);
    if ((events & LOOP_READ) != 0)
        read_results(c);
}

/* --- connecting ------------------------------------------------------------------------ */

static void no_notice(void *arg, const PGresult *res)
{
    (void)arg;
    (void)res;
}

static void add_addresses(struct buf *hosts, struct buf *addresses, const char *host,
                          const struct resolve_answer *a)
{
    char text[64];
    for (int i = 0; i < a->n; i++) {
        const char *comma = hosts->len > 0 ? "," : "";
        if (!a->is_local && resolve_is_forbidden((const struct sockaddr *)&a->address[i]))
            continue;
        buf_addf(hosts, "%s%s", comma, host);
        buf_addf(addresses, "%s%s", comma, resolve_text(&a->address[i], text, sizeof text));
    }
}

static void start_connect(struct pg_call *c, const struct resolve_answer *a)
{
    struct buf hosts = BUF_INIT(0), addresses = BUF_INIT(0);
    char port[16];
    const struct pg_access *w = c->access;
    add_addresses(&hosts, &addresses, c->host, a);
    if (hosts.len == 0) {
        fail(c, SAY(N_("the name {0} leads to an address that is not allowed"), c->host), false);
        return;
    }
    snprintf(port, sizeof port, "%lld", (long long)w->port);
    const char *const keys[] = {"host",
                                "hostaddr",
                                "port",
                                "dbname",
                                "user",
                                "password",
                                "sslmode",
                                "sslrootcert",
                                "passfile",
                                "gssencmode",
                                "application_name",
                                "client_encoding",
                                NULL};
    const char *const values[] = {buf_text(&hosts),
                                  buf_text(&addresses),
                                  port,
                                  w->database,
                                  w->user,
                                  w->password != NULL ? w->password : "",
                                  pg_sslmode_names[w->sslmode],
                                  w->ca_file != NULL ? w->ca_file
                                                     : "/etc/ssl/certs/ca-certificates.crt",
                                  "/nonexistent/pgpass",
                                  "disable",
                                  "trucban",
                                  "UTF8",
                                  NULL};
    c->session = session_new(w, c->host);
    c->session->conn = PQconnectStartParams(keys, values, 0);
    buf_release(&hosts);
    buf_release(&addresses);
    c->step = STEP_CONNECT;
    if (c->session->conn == NULL) {
        fail(c, mem_strdup(N_("trucban itself is out of memory")), true);
        return;
    }
    PQsetNoticeReceiver(c->session->conn, no_notice, NULL);
    if (is_lost(c)) {
        bool is_self;
        char *say = connect_words(c->session->conn, &is_self);
        fail(c, say, is_self);
        return;
    }
    watch_for(c, LOOP_WRITE);
}

static void on_name(void *arg, const struct resolve_answer *a)
{
    struct pg_call *c = arg;
    bool is_self = false;
    c->wait = NULL;
    if (a->outcome == RESOLVE_OK) {
        start_connect(c, a);
        return;
    }
    char *say = resolve_say(a, c->host, &is_self);
    fail(c, say, is_self);
}

static void begin_fresh(struct pg_call *c)
{
    struct resolve_answer known;
    c->step = STEP_NAME;
    if (c->host == NULL || c->host[0] == '\0') {
        bool is_self = false;
        char *say = net_say_errno(EDESTADDRREQ, &is_self);
        fail(c, say, is_self);
    } else if (resolve_known(c->pool->resolver, c->host, &known)) {
        on_name(c, &known);
    } else {
        c->wait = resolve_ask(c->pool->resolver, c->host, on_name, c);
    }
}

static void begin(void *arg)
{
    struct pg_call *c = arg;
    c->is_soon = false;
    c->session = c->host != NULL ? session_take(c->pool, c->access, c->host) : NULL;
    if (c->session == NULL) {
        begin_fresh(c);
        return;
    }
    c->reply.is_kept = true;
    if (is_lost(c))
        lose(c);
    else
        send_statement(c);
}

static void on_timeout(void *arg)
{
    struct pg_call *c = arg;
    static const char *const templates[] = {
        [STEP_NAME] = N_("the name server did not answer within {0}"),
        [STEP_CONNECT] = N_("no session within {0}"),
        [STEP_SETTINGS] = N_("logged in, but no answer within {0}"),
        [STEP_STATEMENT] = N_("no answer to the statement within {0}"),
    };
    char span[24];
    c->has_failed = false; /* it may still be at it: the session is not kept */
    fail(c, SAY(templates[c->step], net_span(c->timeout_ms, span)), false);
}

struct pg_call *pg_ask(struct pgpool *p, const struct pg_access *access, const char *host,
                       const char *sql, int64_t timeout_ms, pg_fn *fn, void *arg)
{
    struct pg_call *c = mem_alloc(sizeof *c);
    *c = (struct pg_call){.pool = p,
                          .access = access,
                          .host = access->host != NULL ? access->host : host,
                          .sql = sql,
                          .timeout_ms = timeout_ms,
                          .fn = fn,
                          .arg = arg,
                          .is_soon = true};
    c->begun_ms = loop_precise_ms();
    c->timer = loop_timer_new(p->loop, on_timeout, c);
    loop_timer_set(c->timer, timeout_ms, 0);
    loop_timer_set(p->sweep, SWEEP_MS, SWEEP_MS);
    loop_soon(p->loop, begin, c);
    return c;
}

struct pg_call *pg_ask_by_version(struct pgpool *p, const struct pg_access *access,
                                  const char *host, const struct pg_text *texts, int64_t timeout_ms,
                                  pg_fn *fn, void *arg)
{
    struct pg_call *c = pg_ask(p, access, host, NULL, timeout_ms, fn, arg);
    c->texts = texts;
    return c;
}
