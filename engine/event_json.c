/* event_json.c - see event_json.h. */
#include "engine/event_json.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "core/fleet.h"
#include "engine/period_json.h"
#include "engine/run_json.h"

#define SAY_PARTS_MAX 11 /* a template and {0}-{9} */

/* The string fields of a body, one row each; text is apart, since it is a packed sentence. */
static const struct {
    int field;
    const char *key;
    size_t offset;
} string_fields[] = {
    {EF_KEY, "key", offsetof(struct event, key)},
    {EF_CHECK, "check", offsetof(struct event, check)},
    {EF_WHAT, "what", offsetof(struct event, what)},
    {EF_WAS, "was", offsetof(struct event, was)},
    {EF_ALERTS, "alerts", offsetof(struct event, alerts)},
};
#define N_STRING_FIELDS (sizeof string_fields / sizeof string_fields[0])

void event_json_set_say(struct jval *o, const char *text, const char *say, const char *packed)
{
    if (packed == NULL) {
        jval_set(o, text, jval_new_null());
        return;
    }
    const char *part[SAY_PARTS_MAX];
    size_t len[SAY_PARTS_MAX];
    size_t n = say_parts(packed, part, len, SAY_PARTS_MAX);
    if (n < 2) {
        jval_set_str(o, text, packed);
        return;
    }
    struct buf words = BUF_INIT(TEXT_MAX_STORED);
    say_text(&words, packed, NULL);
    jval_set_str(o, text, buf_text(&words));
    buf_release(&words);
    struct jval *list = jval_array();
    for (size_t i = 0; i < n; i++) {
        char *s = mem_strndup(part[i], len[i]);
        jval_append(list, jval_new_str(s));
        free(s);
    }
    jval_set(o, say, list);
}

char *event_json_get_say(const struct jval *o, const char *text, const char *say)
{
    const struct jval *list = jval_get(o, say);
    size_t n = jval_type(list) == JVAL_ARRAY ? jval_len(list) : 0;
    const char *template = n > 0 ? jval_str(jval_at(list, 0)) : NULL;
    if (template == NULL)
        return mem_strdup(jval_get_str(o, text));
    const char *args[SAY_PARTS_MAX];
    size_t n_args = 0;
    for (size_t i = 1; i < n && n_args < SAY_PARTS_MAX - 1; i++) {
        const char *s = jval_str(jval_at(list, i));
        args[n_args++] = s != NULL ? s : "";
    }
    return say_pack(template, n_args, args);
}

int64_t event_json_get_time(const struct jval *o, const char *key)
{
    int64_t at_ms = 0;
    const char *s = jval_get_str(o, key);
    return s != NULL && when_parse_rfc3339(s, &at_ms) ? at_ms : 0;
}

struct jval *event_json_marks(unsigned int marks)
{
    struct jval *list = jval_array();
    for (unsigned int i = 0; i < MARK_COUNT; i++)
        if (marks & 1u << i)
            jval_append(list, jval_new_str(mark_names[i]));
    return list;
}

unsigned int event_json_get_marks(const struct jval *o, const char *key)
{
    const struct jval *list = jval_get(o, key);
    unsigned int marks = 0;
    for (size_t k = 0; k < jval_len(list); k++) {
        const char *name = jval_str(jval_at(list, k));
        for (unsigned int i = 0; name != NULL && i < MARK_COUNT; i++)
            if (strcmp(name, mark_names[i]) == 0)
                marks |= 1u << i;
    }
    return marks;
}

static void set_alert_fields(struct jval *body, const struct event *e, int fields)
{
    if (fields & EF_LEVEL)
        jval_set_int(body, "level", e->level);
    if (fields & EF_MARKS) {
        jval_set(body, "marks", event_json_marks(e->marks));
        jval_set(body, "cause", e->cause != 0 ? jval_new_int((int64_t)e->cause) : jval_new_null());
    }
    if (fields & EF_CLOCK)
        jval_set_int(body, "clock_ms", e->clock_ms);
    if (fields & EF_DELAY)
        jval_set_int(body, "delay_ms", e->delay_ms);
    if (fields & EF_PERIOD)
        jval_set_int(body, "period", (int64_t)e->period);
    if (fields & EF_PERIOD_DEF && e->period_def != NULL)
        jval_set(body, "def", period_json(e->period_def));
}

static struct jval *body_json(const struct event *e)
{
    int fields = event_rows[e->kind].fields;
    struct jval *body = jval_object();
    if (fields & EF_ALERT)
        jval_set_int(body, "alert", (int64_t)e->alert);
    if (fields & EF_VERSION)
        jval_set_int(body, "version", e->version);
    if (fields & EF_STATE)
        jval_set_str(body, "state", state_rows[e->state].name);
    if (fields & EF_OLD_STATE)
        jval_set_str(body, "old_state", state_rows[e->old_state].name);
    if (fields & EF_PRIORITY)
        jval_set_str(body, "priority",
                     e->priority == PRIORITY_NONE ? NULL : priority_name(e->priority));
    if (fields & EF_TEXT)
        event_json_set_say(body, "text", "say", e->text);
    if (fields & EF_UNTIL)
        jval_set_time(body, "until", e->until_ms);
    if (fields & EF_SINCE)
        jval_set_time(body, "since", e->since_ms);
    for (size_t i = 0; i < N_STRING_FIELDS; i++) {
        char *const *slot =
            (char *const *)(const void *)((const char *)e + string_fields[i].offset);
        if (fields & string_fields[i].field)
            jval_set_str(body, string_fields[i].key, *slot);
    }
    set_alert_fields(body, e, fields);
    event_run_set_json(body, fields, e->run);
    return body;
}

struct jval *event_json(const struct event *e, int flags)
{
    struct jval *j = jval_object();
    jval_set_int(j, "seq", (int64_t)e->seq);
    jval_set_time(j, "at", e->at_ms);
    jval_set_str(j, "kind", event_rows[e->kind].name);
    jval_set_str(j, "subject", e->subject);
    struct jval *actor = jval_object();
    jval_set_str(actor, "login", e->actor.login);
    jval_set_int(actor, "uid", e->actor.uid);
    jval_set_str(actor, "from", e->actor.from);
    jval_set(j, "actor", actor);
    jval_set(j, "body", body_json(e));
    jval_set_str(j, "prev", e->prev);
    if (flags & EVENT_JSON_HASH)
        jval_set_str(j, "hash", e->hash);
    return j;
}

/* A state by name under key; absent or null leaves *out. */
static bool read_state(const struct jval *body, const char *key, enum state *out, struct err *e)
{
    const char *s = jval_get_str(body, key);
    if (s != NULL && !state_parse(s, out))
        return err_set(e, "event: \"%s\" is \"%s\", expected the name of a state", key, s);
    return true;
}

static bool read_body(const struct jval *body, struct event *out, struct err *e)
{
    out->alert = (uint64_t)jval_get_int(body, "alert", 0);
    out->version = jval_get_int(body, "version", 0);
    const char *priority = jval_get_str(body, "priority");
    if (priority != NULL && !priority_parse(priority, &out->priority))
        return err_set(e, "event: \"priority\" is \"%s\", expected P1 to P4", priority);
    out->text = event_json_get_say(body, "text", "say");
    out->until_ms = event_json_get_time(body, "until");
    out->since_ms = event_json_get_time(body, "since");
    for (size_t i = 0; i < N_STRING_FIELDS; i++) {
        char **slot = (char **)(void *)((char *)out + string_fields[i].offset);
        *slot = mem_strdup(jval_get_str(body, string_fields[i].key));
    }
    out->level = (int)jval_get_int(body, "level", 0);
    out->marks = event_json_get_marks(body, "marks");
    out->cause = (uint64_t)jval_get_int(body, "cause", 0);
    out->clock_ms = jval_get_int(body, "clock_ms", 0);
    out->delay_ms = jval_get_int(body, "delay_ms", 0);
    out->period = (uint64_t)jval_get_int(body, "period", 0);
    if (jval_get(body, "def") != NULL &&
        !period_from_json(jval_get(body, "def"), &out->period_def, e))
        return false;
    return read_state(body, "state", &out->state, e) &&
           read_state(body, "old_state", &out->old_state, e) &&
           event_run_from_json(body, event_rows[out->kind].fields, &out->run, e);
}

static void read_hex(const struct jval *j, const char *key, char out[65])
{
    const char *s = jval_get_str(j, key);
    snprintf(out, 65, "%s", s != NULL ? s : "");
}

bool event_from_json(const struct jval *j, struct event *out, struct err *e)
{
    memset(out, 0, sizeof *out);
    const char *kind = jval_get_str(j, "kind");
    if (kind == NULL)
        return err_set(e, "event: no \"kind\"");
    if (!event_kind_parse(kind, &out->kind))
        return err_set(e, "event: unknown kind \"%s\"", kind);
    out->seq = (uint64_t)jval_get_int(j, "seq", 0);
    out->at_ms = event_json_get_time(j, "at");
    out->subject = mem_strdup(jval_get_str(j, "subject"));
    const struct jval *actor = jval_get(j, "actor");
    out->actor.login = mem_strdup(jval_get_str(actor, "login"));
    out->actor.uid = jval_get_int(actor, "uid", -1);
    out->actor.from = mem_strdup(jval_get_str(actor, "from"));
    read_hex(j, "prev", out->prev);
    read_hex(j, "hash", out->hash);
    return read_body(jval_get(j, "body"), out, e);
}
