#include "engine/option_json.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fleet.h"
#include "core/mem.h"
#include "core/result.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/nearest.h"
#include "engine/secret.h"
#include "engine/threshold_json.h"

enum { DESCRIBE_MAX = 60 };

void option_describe(struct buf *out, const struct jval *v)
{
    enum jval_type type = jval_type(v);
    if (type == JVAL_OBJECT || type == JVAL_ARRAY) {
        bool is_empty = jval_len(v) == 0;
        buf_adds(out, type == JVAL_OBJECT ? (is_empty ? "an empty object" : "an object")
                                          : (is_empty ? "an empty array" : "an array"));
        return;
    }
    struct buf text = BUF_INIT(0);
    jval_dump(&text, v, 0);
    char *clean = text_cleaned(buf_text(&text), text.len, DESCRIBE_MAX, 0);
    buf_adds(out, clean);
    free(clean);
    buf_release(&text);
}

/* --- telling what is wrong ------------------------------------------------------------------ */

static bool told(const struct option_reader *r, const struct place *at, const char *what)
{
    r->error(r->error_arg, at, what);
    return false;
}

static bool told_found(const struct option_reader *r, const struct place *at,
                       const struct jval *found, const char *expected)
{
    struct buf what = BUF_INIT(ERR_MAX);
    buf_adds(&what, "found ");
    option_describe(&what, found);
    buf_addf(&what, ", expected %s", expected);
    told(r, at, buf_text(&what));
    buf_release(&what);
    return false;
}

static bool told_limits(const struct option_reader *r, const struct place *at,
                        const struct jval *found, const struct option *row)
{
    char low[WHEN_TEXT_MAX], high[WHEN_TEXT_MAX], expected[2 * WHEN_TEXT_MAX + 16];
    if (row->type == OPTION_DURATION) {
        when_duration((int64_t)row->min, low);
        when_duration((int64_t)row->max, high);
    } else {
        snprintf(low, sizeof low, "%.15g", row->min);
        snprintf(high, sizeof high, "%.15g", row->max);
    }
    snprintf(expected, sizeof expected, "%s to %s", low, high);
    return told_found(r, at, found, expected);
}

static bool told_count(const struct option_reader *r, const struct place *at,
                       const struct option *row, size_t n)
{
    char what[80];
    snprintf(what, sizeof what, "found %zu, expected %.0f to %.0f of them", n, row->min, row->max);
    return told(r, at, what);
}

static bool is_within(const struct option *row, double v)
{
    return (row->min == 0 && row->max == 0) || (v >= row->min && v <= row->max);
}

/* --- strings -------------------------------------------------------------------------------- */

/* The string with its names replaced, the caller's; NULL after telling why not. */
static char *text_of(const struct option_reader *r, const struct option *row, const struct jval *v,
                     const struct place *at, const char *expected)
{
    const char *s = jval_str(v);
    if (s == NULL) {
        told_found(r, at, v, expected);
        return NULL;
    }
    struct err e;
    bool is_plain = r->find == NULL || (row->flags & OPTION_RAW) != 0 || !expand_has_names(s);
    bool is_late = (row->flags & OPTION_LATE) != 0;
    char *text = is_plain  ? mem_strdup(s)
                 : is_late ? expand_early(s, r->find, r->find_arg, &e)
                           : expand_text(s, r->find, r->find_arg, &e);
    if (text == NULL) {
        told(r, at, e.text);
    } else if (r->is_shown && !text_is_clean(text)) {
        told_found(r, at, v, "text without control or invisible characters");
        free(text);
        text = NULL;
    }
    return text;
}

static bool set_string(const struct option_reader *r, const struct option *row, char **slot,
                       const struct jval *v, const struct place *at)
{
    *slot = text_of(r, row, v, at, "a string");
    return *slot != NULL;
}

char *option_text(const struct option_reader *r, const struct jval *v, const struct place *at,
                  const char *expected)
{
    static const struct option plain = {.type = OPTION_STRING};
    return text_of(r, &plain, v, at, expected);
}

/* A number, or a string with a ${name} that stands for one ("${var.port}"). */
static bool number_of(const struct option_reader *r, const struct option *row, const struct jval *v,
                      const struct place *at, double *out)
{
    bool wants_int = row->type != OPTION_NUMBER;
    const char *expected = wants_int ? "an integer" : "a number";
    if (jval_type(v) == JVAL_INT || (jval_type(v) == JVAL_REAL && !wants_int)) {
        *out = jval_num(v, 0);
    } else {
        if (jval_str(v) == NULL || !expand_has_names(jval_str(v)))
            return told_found(r, at, v, expected);
        char *text = text_of(r, row, v, at, expected), *end = text;
        if (text == NULL)
            return false;
        *out = strtod(text, &end);
        bool is_ok =
            end != text && *end == '\0' && isfinite(*out) && (!wants_int || *out == floor(*out));
        free(text);
        if (!is_ok)
            return told_found(r, at, v,
                              wants_int ? "names that stand for an integer"
                                        : "names that stand for a number");
    }
    return is_within(row, *out) || told_limits(r, at, v, row);
}

static bool set_int(const struct option_reader *r, const struct option *row, int64_t *slot,
                    const struct jval *v, const struct place *at)
{
    double d = 0;
    if (!number_of(r, row, v, at, &d))
        return false;
    if (fabs(d) > 9e15)
        return told_found(r, at, v, "an integer of at most 15 digits");
    *slot = (int64_t)d;
    return true;
}

static bool set_duration(const struct option_reader *r, const struct option *row, int64_t *slot,
                         const struct jval *v, const struct place *at)
{
    static const char expected[] = "a duration such as \"500ms\", \"30s\" or \"5m\"";
    char *text = text_of(r, row, v, at, expected);
    if (text == NULL)
        return false;
    bool is_ok = when_parse_duration(text, slot, NULL);
    free(text);
    if (!is_ok)
        return told_found(r, at, v, expected);
    return is_within(row, (double)*slot) || told_limits(r, at, v, row);
}

static bool set_size(const struct option_reader *r, const struct option *row, int64_t *slot,
                     const struct jval *v, const struct place *at)
{
    static const struct {
        const char *unit;
        double factor;
    } units[] = {{"", 1},     {"B", 1},         {"kB", 1e3}, {"KiB", 1024},
                 {"MB", 1e6}, {"MiB", 1 << 20}, {"GB", 1e9}, {"GiB", 1 << 30}};
    static const char expected[] = "a size such as 65536 or \"64KiB\"";
    double d = jval_num(v, -1);
    if (jval_type(v) == JVAL_STRING) {
        char *text = text_of(r, row, v, at, expected), *end = text;
        if (text == NULL)
            return false;
        double number = strtod(text, &end);
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
            if (end != text && strcmp(end, units[i].unit) == 0)
                d = number * units[i].factor;
        free(text);
    }
    if (!(d >= 0 && d <= 9e15))
        return told_found(r, at, v, expected);
    *slot = (int64_t)d;
    return is_within(row, d) || told_limits(r, at, v, row);
}

static bool set_choice(const struct option_reader *r, const struct option *row, int *slot,
                       const struct jval *v, const struct place *at)
{
    char *text = jval_str(v) != NULL ? text_of(r, row, v, at, "") : NULL;
    if (text == NULL && jval_str(v) != NULL)
        return false;
    struct buf expected = BUF_INIT(ERR_MAX / 2);
    buf_adds(&expected, "one of");
    int found = -1;
    for (int i = 0; row->choices[i] != NULL; i++) {
        buf_addf(&expected, "%s \"%s\"", i > 0 ? "," : "", row->choices[i]);
        if (text != NULL && strcmp(text, row->choices[i]) == 0)
            found = i;
    }
    if (found >= 0)
        *slot = found;
    else
        told_found(r, at, v, buf_text(&expected));
    free(text);
    buf_release(&expected);
    return found >= 0;
}

/* --- lists ---------------------------------------------------------------------------------- */

static bool set_strings(const struct option_reader *r, const struct option *row,
                        struct option_strings *slot, const struct jval *v, const struct place *at)
{
    bool is_one = jval_type(v) == JVAL_STRING, is_ok = true;
    if (!is_one && jval_type(v) != JVAL_ARRAY)
        return told_found(r, at, v, "a string or an array of strings");
    size_t n = is_one ? 1 : jval_len(v);
    slot->v = mem_alloc(n * sizeof *slot->v);
    for (size_t i = 0; i < n; i++) {
        struct place item = PLACE_INDEX(at, i);
        char *text = is_one ? text_of(r, row, v, at, "a string")
                            : text_of(r, row, jval_at(v, i), &item, "a string");
        if (text != NULL)
            slot->v[slot->n++] = text;
        else
            is_ok = false;
    }
    return is_ok;
}

static bool set_ints(const struct option_reader *r, const struct option *row,
                     struct option_ints *slot, const struct jval *v, const struct place *at)
{
    bool is_array = jval_type(v) == JVAL_ARRAY, is_ok = true;
    if (!is_array && jval_type(v) != JVAL_INT)
        return told_found(r, at, v, "an integer or an array of integers");
    size_t n = is_array ? jval_len(v) : 1;
    slot->v = mem_alloc(n * sizeof *slot->v);
    for (size_t i = 0; i < n; i++) {
        struct place item = PLACE_INDEX(at, i);
        if (set_int(r, row, &slot->v[slot->n], is_array ? jval_at(v, i) : v, is_array ? &item : at))
            slot->n++;
        else
            is_ok = false;
    }
    return is_ok;
}

static bool pairs_have(const struct option_pairs *p, const char *key)
{
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->keys[i], key) == 0)
            return true;
    return false;
}

/* Adds one layer's pairs; a key that a nearer layer gave stays. */
static bool add_pairs(const struct option_reader *r, const struct option *row,
                      struct option_pairs *slot, const struct jval *v, const struct place *at)
{
    if (jval_type(v) != JVAL_OBJECT)
        return told_found(r, at, v, "an object of strings");
    bool is_ok = true;
    size_t room = slot->n + jval_len(v);
    slot->keys = mem_grow(slot->keys, room, sizeof *slot->keys);
    slot->values = mem_grow(slot->values, room, sizeof *slot->values);
    for (void *it = jval_first(v); it != NULL; it = jval_next(v, it)) {
        struct place item = PLACE_KEY(at, jval_key(it));
        char *text = pairs_have(slot, jval_key(it))
                         ? NULL
                         : text_of(r, row, jval_value(it), &item, "a string");
        if (text == NULL) {
            is_ok = is_ok && pairs_have(slot, jval_key(it));
            continue;
        }
        if (row->type == OPTION_POINTERS && text[0] != '/' && text[0] != '\0') {
            is_ok = told_found(r, &item, jval_value(it), "a JSON pointer such as \"/load\"");
            free(text);
            continue;
        }
        if (r->is_shown && !text_is_name(jval_key(it))) {
            is_ok = told(r, &item,
                         "the key is not a name: expected letters, digits, \"_.:-\", at "
                         "most 128");
            free(text);
            continue;
        }
        slot->keys[slot->n] = mem_strdup(jval_key(it));
        slot->values[slot->n++] = text;
    }
    return is_ok;
}

static bool set_words(const struct option_reader *r, const struct option *row, struct words *slot,
                      const struct jval *v, const struct place *at)
{
    static const char expected[] = "a string or {\"vi\": \"…\", \"en\": \"…\"}";
    if (jval_type(v) == JVAL_STRING) {
        slot->vi = text_of(r, row, v, at, expected);
        slot->en = mem_strdup(slot->vi);
        return slot->vi != NULL;
    }
    if (jval_type(v) != JVAL_OBJECT || jval_len(v) == 0)
        return told_found(r, at, v, expected);
    bool is_ok = true;
    for (void *it = jval_first(v); it != NULL; it = jval_next(v, it)) {
        struct place item = PLACE_KEY(at, jval_key(it));
        bool is_vi = strcmp(jval_key(it), "vi") == 0;
        if (!is_vi && strcmp(jval_key(it), "en") != 0) {
            is_ok = told(r, &item, "unknown language; there are: \"vi\", \"en\"");
            continue;
        }
        is_ok = set_string(r, row, is_vi ? &slot->vi : &slot->en, jval_value(it), &item) && is_ok;
    }
    return is_ok;
}

/* --- comparisons and thresholds ------------------------------------------------------------- */

static bool test_value(const struct option_reader *r, const struct option *row,
                       struct option_test *t, const struct jval *v, const struct place *at)
{
    bool is_order = t->op >= TEST_LT && t->op <= TEST_GE;
    switch (jval_type(v)) {
    case JVAL_INT:
    case JVAL_REAL:
        t->type = TEST_NUMBER;
        t->number = jval_num(v, 0);
        return t->op != TEST_MATCHES || told_found(r, at, v, "a regular expression");
    case JVAL_STRING:
        t->type = TEST_STRING;
        t->text = text_of(r, row, v, at, "a string");
        return t->text != NULL && (!is_order || told_found(r, at, v, "a number"));
    case JVAL_BOOL:
        t->type = TEST_BOOL;
        t->flag = jval_bool(v, false);
        break;
    case JVAL_NULL:
        t->type = TEST_NULL;
        break;
    default:
        return told_found(r, at, v, "a string, a number, true, false, null, or {\">=\": 3}");
    }
    return (!is_order && t->op != TEST_MATCHES) ||
           told_found(r, at, v, is_order ? "a number" : "a regular expression");
}

static bool add_test(const struct option_reader *r, const struct option *row,
                     struct option_tests *slot, const char *pointer, enum test_op op,
                     const struct jval *v, const struct place *at)
{
    slot->v = mem_grow(slot->v, slot->n + 1, sizeof *slot->v);
    struct option_test *t = &slot->v[slot->n];
    *t = (struct option_test){.op = op};
    if (op == TEST_EXISTS && jval_type(v) != JVAL_BOOL)
        return told_found(r, at, v, "true or false");
    if (!test_value(r, row, t, v, at)) {
        free(t->text);
        return false;
    }
    t->pointer = mem_strdup(pointer);
    slot->n++;
    return true;
}

static bool add_tests(const struct option_reader *r, const struct option *row,
                      struct option_tests *slot, const char *pointer, const struct jval *v,
                      const struct place *at)
{
    static const char *const ops[] = {"==", "!=", "<", "<=", ">", ">=", "matches", "exists"};
    bool is_ok = true;
    if (jval_type(v) != JVAL_OBJECT)
        return add_test(r, row, slot, pointer, TEST_EQ, v, at);
    for (void *it = jval_first(v); it != NULL; it = jval_next(v, it)) {
        struct place item = PLACE_KEY(at, jval_key(it));
        int op = -1;
        for (int i = TEST_EQ; i <= TEST_EXISTS; i++)
            if (strcmp(ops[i], jval_key(it)) == 0)
                op = i;
        if (op < 0)
            is_ok = told(r, &item,
                         "unknown comparison; there are: ==, !=, <, <=, >, >=, matches, "
                         "exists");
        else
            is_ok =
                add_test(r, row, slot, pointer, (enum test_op)op, jval_value(it), &item) && is_ok;
    }
    return is_ok;
}

static bool set_tests(const struct option_reader *r, const struct option *row,
                      struct option_tests *slot, const struct jval *v, const struct place *at)
{
    if (jval_type(v) != JVAL_OBJECT)
        return told_found(r, at, v, "an object such as {\"/status\": \"UP\"}");
    bool is_ok = true;
    for (void *it = jval_first(v); it != NULL; it = jval_next(v, it)) {
        struct place item = PLACE_KEY(at, jval_key(it));
        if (jval_key(it)[0] != '/' && jval_key(it)[0] != '\0')
            is_ok =
                told(r, &item, "the key is not a JSON pointer: expected one such as \"/status\"");
        else
            is_ok = add_tests(r, row, slot, jval_key(it), jval_value(it), &item) && is_ok;
    }
    return is_ok;
}

static bool set_thresholds(const struct option_reader *r, struct option_thresholds *slot,
                           const struct jval *v, const struct place *at)
{
    if (jval_type(v) != JVAL_OBJECT)
        return told_found(r, at, v, "an object such as {\"latency_ms\": {\"warning\": 500}}");
    bool is_ok = true;
    slot->v = mem_alloc(jval_len(v) * sizeof *slot->v);
    for (void *it = jval_first(v); it != NULL; it = jval_next(v, it)) {
        struct place item = PLACE_KEY(at, jval_key(it));
        struct threshold *t = &slot->v[slot->n];
        if (!threshold_json_read(r, jval_key(it), t, jval_value(it), &item)) {
            is_ok = false;
            free(t->hours);
            *t = (struct threshold){0};
            continue;
        }
        t->metric = text_cleaned(jval_key(it), strlen(jval_key(it)), TEXT_MAX_NAME, 0);
        slot->n++;
    }
    return is_ok;
}

static bool set_secret(const struct option_reader *r, const struct option *row, char **slot,
                       const struct jval *v, const struct place *at)
{
    static const char *const sources[] = {
        [SECRET_FILE] = "file", [SECRET_ENV] = "env", [SECRET_CREDENTIAL] = "credential"};
    /* What was found is not quoted: it may be the secret. */
    if (jval_type(v) != JVAL_OBJECT || jval_len(v) != 1)
        return told(r, at,
                    "a secret does not stand in a site file; expected {\"file\": \"…\"}, "
                    "{\"env\": \"…\"} or {\"credential\": \"…\"}");
    for (int i = SECRET_FILE; i <= SECRET_CREDENTIAL; i++) {
        const struct jval *name = jval_get(v, sources[i]);
        if (name == NULL)
            continue;
        struct place item = PLACE_KEY(at, sources[i]);
        struct err e;
        bool is_absent = false;
        char *text = text_of(r, row, name, &item, "a string");
        *slot = text != NULL ? secret_read((enum secret_source)i, text, &is_absent, &e) : NULL;
        if (is_absent && r->absent != NULL) {
            *slot = mem_strdup("absent");
            r->absent(r->error_arg, &item, e.text);
        } else if (text != NULL && *slot == NULL) {
            told(r, &item, e.text);
        }
        free(text);
        return *slot != NULL;
    }
    return told(r, at, "found an unknown source, expected \"file\", \"env\" or \"credential\"");
}

/* --- rows ----------------------------------------------------------------------------------- */

static bool set_bool(const struct option_reader *r, bool *slot, const struct jval *v,
                     const struct place *at)
{
    *slot = jval_bool(v, false);
    return jval_type(v) == JVAL_BOOL || told_found(r, at, v, "true or false");
}

static bool set_number(const struct option_reader *r, const struct option *row, double *slot,
                       const struct jval *v, const struct place *at)
{
    return number_of(r, row, v, at, slot);
}

static bool set_list(const struct option_reader *r, const struct option *row,
                     struct option_list *slot, const struct jval *v, const struct place *at)
{
    size_t n = jval_len(v);
    bool is_ok = true;
    if (jval_type(v) != JVAL_ARRAY)
        return told_found(r, at, v, "an array of objects");
    if (!is_within(row, (double)n))
        return told_count(r, at, row, n);
    slot->v = mem_alloc(n * row->item_size);
    for (size_t i = 0; i < n; i++) {
        struct place item = PLACE_INDEX(at, i);
        struct option_layer self = {jval_at(v, i), &item};
        void *base = (char *)slot->v + slot->n++ * row->item_size;
        is_ok = option_check_keys(r, &self, &row->rows, 1) && is_ok;
        if (jval_type(self.object) == JVAL_OBJECT)
            is_ok = option_fill(r, row->rows, base, &self, 1) && is_ok;
    }
    return is_ok;
}

static bool set_value(const struct option_reader *r, const struct option *row, void *slot,
                      const struct jval *v, const struct place *at)
{
    switch (row->type) {
    case OPTION_STRING:
        return set_string(r, row, slot, v, at);
    case OPTION_BOOL:
        return set_bool(r, slot, v, at);
    case OPTION_INT:
        return set_int(r, row, slot, v, at);
    case OPTION_NUMBER:
        return set_number(r, row, slot, v, at);
    case OPTION_DURATION:
        return set_duration(r, row, slot, v, at);
    case OPTION_SIZE:
        return set_size(r, row, slot, v, at);
    case OPTION_CHOICE:
        return set_choice(r, row, slot, v, at);
    case OPTION_STRINGS:
        return set_strings(r, row, slot, v, at);
    case OPTION_INTS:
        return set_ints(r, row, slot, v, at);
    case OPTION_PAIRS:
    case OPTION_POINTERS:
        return add_pairs(r, row, slot, v, at);
    case OPTION_WORDS:
        return set_words(r, row, slot, v, at);
    case OPTION_TESTS:
        return set_tests(r, row, slot, v, at);
    case OPTION_THRESHOLDS:
        return set_thresholds(r, slot, v, at);
    case OPTION_SECRET:
        return set_secret(r, row, slot, v, at);
    case OPTION_LIST:
        return set_list(r, row, slot, v, at);
    case OPTION_GROUP:
        break; /* option_fill's own */
    }
    return false;
}

static bool set_fallback(const struct option_reader *r, const struct option *row, void *slot,
                         const struct place *at)
{
    struct option_reader plain = {.error = r->error, .error_arg = r->error_arg};
    struct err e;
    struct jval *v = jval_parse(row->fallback, strlen(row->fallback), &e);
    bool is_ok = v != NULL ? set_value(&plain, row, slot, v, at) : told(r, at, e.text);
    jval_free(v);
    return is_ok;
}

static bool told_missing(const struct option_reader *r, const struct option *row,
                         const struct place *at)
{
    struct buf what = BUF_INIT(ERR_MAX);
    buf_addf(&what, "\"%s\" is missing", row->name);
    if (row->help != NULL)
        buf_addf(&what, ": %s", row->help);
    told(r, at, buf_text(&what));
    buf_release(&what);
    return false;
}

static bool fill_group(const struct option_reader *r, const struct option *row, void *base,
                       const struct option_layer *layers, size_t n)
{
    struct place places[OPTION_LAYERS_MAX];
    struct option_layer inner[OPTION_LAYERS_MAX];
    bool is_ok = true;
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        const struct jval *v = jval_get(layers[i].object, row->name);
        places[i] = (struct place)PLACE_KEY(layers[i].at, row->name);
        if (v == NULL)
            continue;
        if (jval_type(v) != JVAL_OBJECT) {
            is_ok = told_found(r, &places[i], v, "an object");
            continue;
        }
        inner[m++] = (struct option_layer){v, &places[i]};
        is_ok = option_check_keys(r, &inner[m - 1], &row->rows, 1) && is_ok;
    }
    if (m == 0 && (row->flags & OPTION_REQUIRED) != 0 && is_ok)
        return told_missing(r, row, layers[0].at);
    if (m == 0) /* fallbacks of the inner rows still count; their required keys do not */
        inner[0] = (struct option_layer){NULL, layers[0].at};
    return option_fill(r, row->rows, base, inner, m > 0 ? m : 1) && is_ok;
}

static bool fill_row(const struct option_reader *r, const struct option *row, void *base,
                     const struct option_layer *layers, size_t n)
{
    void *slot = (char *)base + row->offset;
    bool is_merged = row->type == OPTION_PAIRS || row->type == OPTION_POINTERS;
    bool is_found = false, is_ok = true;
    for (size_t i = 0; i < n && (!is_found || is_merged); i++) {
        const struct jval *v = jval_get(layers[i].object, row->name);
        if (v == NULL)
            continue;
        struct place at = PLACE_KEY(layers[i].at, row->name);
        is_found = true;
        is_ok = set_value(r, row, slot, v, &at) && is_ok;
    }
    if (is_found)
        return is_ok;
    if ((row->flags & OPTION_REQUIRED) != 0)
        return layers[0].object == NULL || told_missing(r, row, layers[0].at);
    return row->fallback == NULL || set_fallback(r, row, slot, layers[0].at);
}

bool option_fill(const struct option_reader *r, const struct option *rows, void *base,
                 const struct option_layer *layers, size_t n)
{
    bool is_ok = true;
    for (const struct option *row = rows; row != NULL && row->name != NULL; row++) {
        bool is_row_ok = row->type == OPTION_GROUP ? fill_group(r, row, base, layers, n)
                                                   : fill_row(r, row, base, layers, n);
        is_ok = is_row_ok && is_ok;
    }
    return is_ok;
}

/* --- keys ----------------------------------------------------------------------------------- */

static bool is_known(const char *key, const struct option *const tables[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (const struct option *row = tables[i]; row != NULL && row->name != NULL; row++)
            if (strcmp(row->name, key) == 0)
                return true;
    return false;
}

static bool told_unknown(const struct option_reader *r, const struct place *at,
                         const struct option *const tables[], size_t n)
{
    struct nearest close = NEAREST_INIT(at->key);
    struct buf known = BUF_INIT(ERR_MAX), what = BUF_INIT(2 * ERR_MAX);
    for (size_t i = 0; i < n; i++) {
        for (const struct option *row = tables[i]; row != NULL && row->name != NULL; row++) {
            nearest_try(&close, row->name);
            buf_addf(&known, "%s%s", known.len > 0 ? ", " : "", row->name);
        }
    }
    buf_addf(&what, "unknown key \"%.128s\"", at->key);
    if (close.best != NULL)
        buf_addf(&what, "; did you mean \"%s\"?", close.best);
    else
        buf_addf(&what, "; allowed here: %s", buf_text(&known));
    told(r, at, buf_text(&what));
    buf_release(&known);
    buf_release(&what);
    return false;
}

bool option_check_keys(const struct option_reader *r, const struct option_layer *layer,
                       const struct option *const tables[], size_t n)
{
    bool is_ok = true;
    if (jval_type(layer->object) != JVAL_OBJECT)
        return told_found(r, layer->at, layer->object, "an object");
    for (void *it = jval_first(layer->object); it != NULL; it = jval_next(layer->object, it)) {
        struct place at = PLACE_KEY(layer->at, jval_key(it));
        if (!is_known(jval_key(it), tables, n))
            is_ok = told_unknown(r, &at, tables, n);
    }
    return is_ok;
}
