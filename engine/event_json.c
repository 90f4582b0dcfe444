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
