#include "engine/patroni.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/mem.h"
#include "engine/jval.h"

/* Patroni's own defaults, where the configuration could not be read. */
#define TTL_S       30
#define LOOP_WAIT_S 10
#define MAX_LAG     (1 << 20)

const char *const patroni_role_words[] = {
    [PATRONI_ROLE_UNKNOWN] = "unknown",
    [PATRONI_PRIMARY] = "primary",
    [PATRONI_STANDBY_LEADER] = "standby leader",
    [PATRONI_REPLICA] = "replica",
    [PATRONI_DEMOTED] = "demoted",
};

static const struct {
    const char *word;
    enum patroni_role role;
} role_rows[] = {
    {"master", PATRONI_PRIMARY},         {"primary", PATRONI_PRIMARY},
    {"leader", PATRONI_PRIMARY},         {"standby_leader", PATRONI_STANDBY_LEADER},
    {"replica", PATRONI_REPLICA},        {"sync_standby", PATRONI_REPLICA},
    {"quorum_standby", PATRONI_REPLICA}, {"demoted", PATRONI_DEMOTED},
    {"uninitialized", PATRONI_DEMOTED},
};

static enum patroni_role role_of(const char *word)
{
    for (size_t i = 0; word != NULL && i < sizeof role_rows / sizeof role_rows[0]; i++)
        if (strcmp(role_rows[i].word, word) == 0)
            return role_rows[i].role;
    return PATRONI_ROLE_UNKNOWN;
}

/* Cleaned and cut to what there is room for; NULL leaves it as it is. */
static void put_text(char *to, size_t size, const char *text)
{
    if (text == NULL)
        return;
    char *clean = text_cleaned(text, strlen(text), size - 1, 0);
    snprintf(to, size, "%s", clean);
    free(clean);
}

#define PUT(field, text) put_text(field, sizeof(field), text)

static void member_init(struct patroni_member *m)
{
    memset(m, 0, sizeof *m);
    m->location = m->received = m->replayed = m->listed_lag = -1;
}

void patroni_view_init(struct patroni_view *v, const char *const *addresses, size_t n)
{
    memset(v, 0, sizeof *v);
    v->ttl_s = TTL_S;
    v->loop_wait_s = LOOP_WAIT_S;
    v->max_lag = MAX_LAG;
    v->members = mem_alloc(PATRONI_MEMBERS_MAX * sizeof *v->members);
    for (size_t i = 0; i < n && i < PATRONI_MEMBERS_MAX; i++) {
        struct patroni_member *m = &v->members[v->n++];
        member_init(m);
        m->is_asked = true;
        PUT(m->address, addresses[i]);
        PUT(m->name, addresses[i]);
    }
}

void patroni_view_release(struct patroni_view *v)
{
    for (size_t i = 0; i < v->n; i++)
        free(v->members[i].say);
    free(v->members);
    free(v->list_say);
    memset(v, 0, sizeof *v);
}

static struct jval *parse_object(const char *body, size_t len, struct err *e)
{
    struct jval *doc = jval_parse(body, len, e);
    if (doc != NULL && jval_type(doc) == JVAL_OBJECT)
        return doc;
    if (doc != NULL)
        err_set(e, "%s, expected an object", jval_type_name(jval_type(doc)));
    jval_free(doc);
    return NULL;
}

/* A tag may be true, "true" or 1. */
static bool is_tagged(const struct jval *o, const char *tag)
{
    const struct jval *v = jval_get(jval_get(o, "tags"), tag);
    const char *s = jval_str(v);
    return jval_bool(v, false) || jval_int(v, 0) != 0 || (s != NULL && strcasecmp(s, "true") == 0);
}

/* Patroni writes "unknown" where it knows no figure: then, and where it is negative, `none`. */
static int64_t positive(const struct jval *o, const char *key, int64_t none)
{
    int64_t n = jval_get_int(o, key, none);
    return n >= 0 ? n : none;
}

bool patroni_read_node(struct patroni_member *m, const char *body, size_t len, struct err *e)
{
    struct jval *doc = parse_object(body, len, e);
    if (doc == NULL)
        return false;
    const struct jval *xlog = jval_get(doc, "xlog"), *about = jval_get(doc, "patroni");
    const char *state = jval_get_str(doc, "state");
    if (state == NULL) {
        jval_free(doc);
        return err_set(e, "no \"state\"");
    }
    m->has_answered = true;
    m->role = role_of(jval_get_str(doc, "role"));
    PUT(m->state, state);
    PUT(m->scope, jval_get_str(about, "scope"));
    PUT(m->version, jval_get_str(about, "version"));
    PUT(m->name, jval_get_str(about, "name"));
    PUT(m->system_id, jval_get_str(doc, "database_system_identifier"));
    m->timeline = positive(doc, "timeline", 0);
    m->location = positive(xlog, "location", -1);
    m->received = positive(xlog, "received_location", -1);
    m->replayed = positive(xlog, "replayed_location", -1);
    m->is_replay_paused = jval_get_bool(xlog, "paused", false);
    m->dcs_seen_s = positive(doc, "dcs_last_seen", 0);
    m->is_sync =
        jval_get_bool(doc, "sync_standby", false) || jval_get_bool(doc, "quorum_standby", false);
    m->is_restart_pending = jval_get_bool(doc, "pending_restart", false);
    m->is_unlocked = jval_get_bool(doc, "cluster_unlocked", false);
    m->is_paused = jval_get_bool(doc, "pause", false);
    m->is_nofailover = m->is_nofailover || is_tagged(doc, "nofailover");
    jval_free(doc);
    return true;
}

/* HOST:PORT of "http://HOST:PORT/patroni". */
static void address_of(const char *url, char *out, size_t size)
{
    const char *at = url != NULL ? strstr(url, "://") : NULL;
    out[0] = '\0';
    if (at == NULL)
        return;
    at += 3;
    char *host = mem_strndup(at, strcspn(at, "/?#"));
    put_text(out, size, host);
    free(host);
}

static struct patroni_member *member_of(struct patroni_view *v, const struct jval *row)
{
    char address[TEXT_MAX_NAME + 1], name[TEXT_MAX_NAME + 1] = "";
    struct patroni_member *by_name = NULL;

    address_of(jval_get_str(row, "api_url"), address, sizeof address);
    PUT(name, jval_get_str(row, "name"));
    if (name[0] == '\0')
        return NULL;
    for (size_t i = 0; i < v->n; i++) {
        struct patroni_member *m = &v->members[i];
        if (address[0] != '\0' && strcasecmp(m->address, address) == 0) {
            PUT(m->name, name);
            return m;
        }
        if (strcmp(m->name, name) == 0)
            by_name = m;
    }
    if (by_name != NULL || v->n == PATRONI_MEMBERS_MAX)
        return by_name;
    struct patroni_member *m = &v->members[v->n++];
    member_init(m);
    PUT(m->name, name);
    PUT(m->address, address);
    return m;
}

static void read_row(struct patroni_member *m, const struct jval *row)
{
    const char *role = jval_get_str(row, "role");

    m->is_listed = true;
    m->listed_role = role_of(role);
    PUT(m->listed_state, jval_get_str(row, "state"));
    m->listed_timeline = positive(row, "timeline", 0);
    m->listed_lag = positive(row, "lag", -1); /* or "unknown" */
    m->is_nofailover = m->is_nofailover || is_tagged(row, "nofailover");
    m->is_restart_pending = m->is_restart_pending || jval_get_bool(row, "pending_restart", false);
    if (role != NULL && (strcmp(role, "sync_standby") == 0 || strcmp(role, "quorum_standby") == 0))
        m->is_sync = true;
}

bool patroni_read_list(struct patroni_view *v, const char *body, size_t len, struct err *e)
{
    struct jval *doc = parse_object(body, len, e);
    if (doc == NULL)
        return false;
    const struct jval *rows = jval_get(doc, "members"), *plan;
    if (jval_type(rows) != JVAL_ARRAY) {
        jval_free(doc);
        return err_set(e, "no \"members\"");
    }
    for (size_t i = 0; i < jval_len(rows); i++) {
        struct patroni_member *m = member_of(v, jval_at(rows, i));
        if (m != NULL)
            read_row(m, jval_at(rows, i));
    }
    v->has_list = true;
    v->is_paused = jval_get_bool(doc, "pause", false);
    plan = jval_get(doc, "scheduled_switchover");
    if (jval_get_str(plan, "at") != NULL) {
        char text[2 * TEXT_MAX_NAME];
        const char *to = jval_get_str(plan, "to");
        snprintf(text, sizeof text, "%.64s %.60s", jval_get_str(plan, "at"), to != NULL ? to : "?");
        PUT(v->scheduled, text);
    }
    jval_free(doc);
    return true;
}

bool patroni_read_config(struct patroni_view *v, const char *body, size_t len, struct err *e)
{
    struct jval *doc = parse_object(body, len, e);
    if (doc == NULL)
        return false;
    const struct jval *sync = jval_get(doc, "synchronous_mode");
    const char *word = jval_str(sync); /* "quorum" since 4.0; "on" is accepted, too */
    v->has_config = true;
    v->ttl_s = positive(doc, "ttl", TTL_S);
    v->loop_wait_s = positive(doc, "loop_wait", LOOP_WAIT_S);
    v->max_lag = positive(doc, "maximum_lag_on_failover", MAX_LAG);
    v->is_sync_mode = jval_bool(sync, word != NULL && strcasecmp(word, "off") != 0 &&
                                          strcasecmp(word, "false") != 0);
    jval_free(doc);
    return true;
}

bool patroni_is_leader(const struct patroni_member *m)
{
    return m->has_answered && patroni_is_up(m) &&
           (m->role == PATRONI_PRIMARY || m->role == PATRONI_STANDBY_LEADER);
}

size_t patroni_leaders(const struct patroni_view *v, const struct patroni_member **first)
{
    size_t n = 0;
    *first = NULL;
    for (size_t i = 0; i < v->n; i++)
        if (patroni_is_leader(&v->members[i]) && n++ == 0)
            *first = &v->members[i];
    return n;
}

const struct patroni_member *patroni_listed_leader(const struct patroni_view *v)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->members[i].listed_role == PATRONI_PRIMARY ||
            v->members[i].listed_role == PATRONI_STANDBY_LEADER)
            return &v->members[i];
    return NULL;
}

const struct patroni_member *patroni_find(const struct patroni_view *v, const char *name)
{
    for (size_t i = 0; i < v->n; i++)
        if (strcmp(v->members[i].name, name) == 0)
            return &v->members[i];
    return NULL;
}

int64_t patroni_lag(const struct patroni_member *m, const struct patroni_member *leader)
{
    if (m->has_answered && m->replayed >= 0 && leader != NULL && leader->location >= 0)
        return leader->location > m->replayed ? leader->location - m->replayed : 0;
    return m->listed_lag;
}

bool patroni_is_up(const struct patroni_member *m)
{
    static const char *const good[] = {"running", "streaming", "in archive recovery"};
    const char *state = m->has_answered ? m->state : m->is_asked ? "" : m->listed_state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (strcmp(state, good[i]) == 0)
            return true;
    return false;
}

int64_t patroni_dcs_age_s(const struct patroni_view *v, const struct patroni_member *m)
{
    if (!m->has_answered || m->dcs_seen_s == 0 || v->at_s == 0)
        return -1;
    return v->at_s > m->dcs_seen_s ? v->at_s - m->dcs_seen_s : 0;
}

bool patroni_is_blind(const struct patroni_view *v, const struct patroni_member *m)
{
    return m->has_answered && (m->is_unlocked || patroni_dcs_age_s(v, m) > v->ttl_s);
}
