/* flow_values.c - the values of one run.  None goes anywhere raw: what a peer sent is escaped by
 * where it is placed, and is unreadable in all that is shown. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/map.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/loop.h"
#include "probes/flow.h"

#define NOW_DEFAULT "yyyyMMddHHmmss"
#define HIDDEN_MIN  4 /* a shorter value is no secret, and would spoil words */

/* Of one run and no other: the second, and what check, clock and instant together make of it. */
static void make_key(struct flow_values *v, const char *check)
{
    char second[WHEN_TEXT_MAX];
    double instant = loop_precise_ms();
    uint64_t bits = map_hash(check), more;
    memcpy(&more, &instant, sizeof more);
    bits = (bits ^ more ^ (uint64_t)v->at_ms) * 0x9E3779B97F4A7C15u;
    bits ^= bits >> 29;
    when_pattern(NOW_DEFAULT, v->at_ms, second);
    snprintf(v->key, sizeof v->key, "TRUCBAN-%s-%010llx", second,
             (unsigned long long)(bits & 0xffffffffffu));
}

void flow_values_init(struct flow_values *v, const struct flow_config *c, const char *check,
                      int64_t wall_ms)
{
    *v = (struct flow_values){.config = c, .at_ms = wall_ms};
    make_key(v, check);
}

static void wipe(char *s)
{
    if (s != NULL)
        explicit_bzero(s, strlen(s));
    free(s);
}

void flow_values_release(struct flow_values *v)
{
    for (size_t i = 0; i < v->n; i++)
        wipe(v->taken[i].value);
    v->n = 0;
}

bool flow_values_take(struct flow_values *v, const struct flow_step *s, const char *name,
                      const char *value, size_t len, char **why)
{
    char max[16];
    snprintf(max, sizeof max, "%d", FLOW_VALUE_MAX);
    *why = NULL;
    if (len == 0)
        *why = SAY(N_("the value to be taken as {0} is empty"), name);
    else if (len > FLOW_VALUE_MAX)
        *why = SAY(N_("the value to be taken as {0} is longer than {1} bytes"), name, max);
    else if (strlen(value) != len || !text_is_clean(value))
        *why = SAY(N_("the value to be taken as {0} holds control or invisible characters"), name);
    if (*why != NULL || v->n == FLOW_TAKEN_MAX)
        return false;
    v->taken[v->n++] = (struct flow_taken){s, name, mem_strdup(value)};
    return true;
}

/* --- names ---------------------------------------------------------------------------------- */

static bool is_name(const char *name, size_t len, const char *wanted)
{
    return strncmp(name, wanted, len) == 0 && wanted[len] == '\0';
}

static bool begins(const char *name, size_t len, const char *with)
{
    return len > strlen(with) && strncmp(name, with, strlen(with)) == 0;
}

bool flow_now_is_pattern(const char *name, size_t len)
{
    char pattern[WHEN_TEXT_MAX], out[WHEN_TEXT_MAX];
    if (is_name(name, len, "now"))
        return true;
    if (!begins(name, len, "now:") || len - 4 >= sizeof pattern)
        return false;
    snprintf(pattern, sizeof pattern, "%.*s", (int)(len - 4), name + 4);
    return when_pattern(pattern, 0, out);
}

static const char *find_now(const struct flow_values *v, const char *name, size_t len,
                            char out[WHEN_TEXT_MAX])
{
    char pattern[WHEN_TEXT_MAX] = NOW_DEFAULT;
    if (!flow_now_is_pattern(name, len))
        return NULL;
    if (len > 4)
        snprintf(pattern, sizeof pattern, "%.*s", (int)(len - 4), name + 4);
    return when_pattern(pattern, v->at_ms, out) ? out : NULL;
}

static const char *find_secret(const struct flow_config *c, const char *name, size_t len)
{
    const struct flow_secret *s = c->secrets.v;
    for (size_t i = 0; i < c->secrets.n; i++)
        if (is_name(name, len, s[i].name))
            return s[i].value;
    return NULL;
}

/* "STEP.NAME", or "NAME": then the last that was taken. */
static const char *find_taken(const struct flow_values *v, const char *name, size_t len)
{
    const char *dot = memchr(name, '.', len);
    size_t step_len = dot != NULL ? (size_t)(dot - name) : 0;
    for (size_t i = v->n; i-- > 0;) {
        const struct flow_taken *t = &v->taken[i];
        if (dot == NULL ? is_name(name, len, t->name)
                        : is_name(name, step_len, t->step->id) &&
                              is_name(dot + 1, len - step_len - 1, t->name))
            return t->value;
    }
    return NULL;
}

static const char *find(const struct flow_values *v, const struct flow_piece *p,
                        char room[WHEN_TEXT_MAX])
{
    if (is_name(p->text, p->len, "run.key"))
        return v->key;
    if (begins(p->text, p->len, "secret."))
        return find_secret(v->config, p->text + 7, p->len - 7);
    if (flow_now_is_pattern(p->text, p->len))
        return find_now(v, p->text, p->len, room);
    return find_taken(v, p->text, p->len);
}

/* --- places --------------------------------------------------------------------------------- */

static void add_percent(struct buf *out, const char *value)
{
    for (const unsigned char *c = (const unsigned char *)value; *c != '\0'; c++)
        if (*c < 0x80 && (isalnum(*c) || strchr("-._~", *c) != NULL))
            buf_addc(out, (char)*c);
        else
            buf_addf(out, "%%%02X", *c);
}

static void add_xml(struct buf *out, const char *value)
{
    static const char special[] = "&<>\"'";
    static const char *const words[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    for (; *value != '\0'; value++) {
        const char *at = strchr(special, *value);
        if (at != NULL)
            buf_adds(out, words[at - special]);
        else
            buf_addc(out, *value);
    }
}

static void add_json(struct buf *out, const char *value)
{
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\')
            buf_addc(out, '\\');
        if ((unsigned char)*value < 0x20)
            buf_addf(out, "\\u%04x", (unsigned)*value);
        else
            buf_addc(out, *value);
    }
}

static bool is_json_scalar(const char *value)
{
    struct jval *v = jval_parse(value, strlen(value), NULL);
    enum jval_type type = jval_type(v);
    bool is_it = v != NULL && (type == JVAL_INT || type == JVAL_REAL || type == JVAL_BOOL ||
                               (type == JVAL_NULL && strcmp(value, "null") == 0));
    jval_free(v);
    return is_it;
}

static bool is_ascii(const char *value)
{
    for (; *value != '\0'; value++)
        if (*value < 0x20 || *value > 0x7e)
            return false;
    return true;
}

/* Dots alone would climb out of a path whatever they are escaped as. */
static bool is_usable(const char *value, enum flow_place place)
{
    if (place == FLOW_AT_URL)
        return value[strspn(value, ".")] != '\0';
    if (place == FLOW_AT_JSON)
        return is_json_scalar(value);
    return place != FLOW_AT_NOWHERE && (place != FLOW_AT_HEADER || is_ascii(value));
}

static void add_value(struct buf *out, const char *value, enum flow_place place)
{
    switch (place) {
    case FLOW_AT_URL:
    case FLOW_AT_FIELD:
        add_percent(out, value);
        break;
    case FLOW_AT_JSON_STRING:
        add_json(out, value);
        break;
    case FLOW_AT_XML:
        add_xml(out, value);
        break;
    case FLOW_AT_HEADER: /* judged: no controls, nothing but ASCII */
    case FLOW_AT_JSON:   /* judged: one number or word of JSON */
        buf_adds(out, value);
        break;
    case FLOW_AT_NOWHERE:
        break;
    }
}

static const char *place_words(enum flow_place place)
{
    switch (place) {
    case FLOW_AT_URL:
        return N_("the value of {0} cannot stand in a URL: it is empty or dots alone");
    case FLOW_AT_JSON:
        return N_("the value of {0} is no number and no word of JSON, and stands outside of a "
                  "string");
    default:
        return N_("the value of {0} cannot stand in a header: it is not plain ASCII");
    }
}

bool flow_values_fill(const struct flow_values *v, const char *template, enum flow_form form,
                      struct buf *out, bool *is_missing, char **why)
{
    struct flow_scan scan = flow_scan(template, form);
    struct flow_piece p;
    char room[WHEN_TEXT_MAX], name[TEXT_MAX_NAME + 1];
    *why = NULL;
    while (*why == NULL && flow_scan_next(&scan, &p)) {
        if (!p.is_name) {
            buf_add(out, p.text, p.len);
            continue;
        }
        const char *value = find(v, &p, room);
        snprintf(name, sizeof name, "%.*s", (int)p.len, p.text);
        if (value == NULL && is_missing != NULL)
            *is_missing = true;
        if (value == NULL)
            *why = SAY(N_("{0} was not taken"), name);
        else if (!is_usable(value, p.place))
            *why = SAY(place_words(p.place), name);
        else
            add_value(out, value, p.place);
    }
    if (*why == NULL && out->is_cut)
        *why = mem_strdup(N_("the request is too long once its values are filled in"));
    return *why == NULL;
}

/* --- for people ----------------------------------------------------------------------------- */

void flow_values_show(const struct flow_values *v, const char *template, struct buf *out)
{
    struct flow_scan scan = flow_scan(template, FLOW_WORDS);
    struct flow_piece p;
    char room[WHEN_TEXT_MAX];
    while (flow_scan_next(&scan, &p)) {
        const char *value = p.is_name ? find(v, &p, room) : NULL;
        if (!p.is_name)
            buf_add(out, p.text, p.len);
        else if (value != NULL)
            buf_adds(out, value);
        else
            buf_addf(out, "${%.*s}", (int)p.len, p.text);
    }
}

void flow_values_path(const struct flow_values *v, const char *url, struct buf *out)
{
    const char *host = strstr(url, "://");
    const char *path = host != NULL ? host + 3 + strcspn(host + 3, "/?#") : url;
    struct flow_scan scan = flow_scan(*path == '/' ? path : "/", FLOW_URL);
    struct flow_piece p;
    char room[WHEN_TEXT_MAX];
    while (flow_scan_next(&scan, &p)) {
        bool is_ours =
            p.is_name && (is_name(p.text, p.len, "run.key") || flow_now_is_pattern(p.text, p.len));
        size_t len = p.is_name ? p.len : strcspn(p.text, "?#");
        if (is_ours)
            buf_adds(out, find(v, &p, room));
        else if (p.is_name)
            buf_addf(out, "{%.*s}", (int)p.len, p.text);
        else
            buf_add(out, p.text, len < p.len ? len : p.len);
        if (!p.is_name && len < p.len)
            return;
    }
}

static void hide(struct buf *b, const char *secret)
{
    size_t len = secret != NULL ? strlen(secret) : 0;
    if (len < HIDDEN_MIN)
        return;
    struct buf out = BUF_INIT(0);
    const char *at = buf_text(b), *found;
    for (; (found = strstr(at, secret)) != NULL; at = found + len) {
        buf_add(&out, at, (size_t)(found - at));
        buf_adds(&out, "***");
    }
    buf_adds(&out, at);
    buf_release(b);
    *b = out;
}

char *flow_values_clean(const struct flow_values *v, const char *text, size_t max)
{
    const struct flow_secret *secrets = v->config->secrets.v;
    char *clean = text_cleaned(text, strlen(text), TEXT_MAX_STORED, 0);
    struct buf b = BUF_INIT(0);
    buf_adds(&b, clean);
    free(clean);
    for (size_t i = 0; i < v->config->secrets.n; i++)
        hide(&b, secrets[i].value);
    hide(&b, v->config->access.password);
    hide(&b, v->config->access.token);
    for (size_t i = 0; i < v->n; i++)
        hide(&b, v->taken[i].value);
    clean = text_cleaned(buf_text(&b), b.len, max, 0);
    buf_release(&b);
    return clean;
}
