#include "engine/jval.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "core/when.h"

/* A struct jval is a json_t under another name: no wrapper is allocated. */
static json_t *in(const struct jval *j)
{
    return (json_t *)(uintptr_t)j;
}

static struct jval *out(json_t *j)
{
    return (struct jval *)j;
}

/* jansson refuses by its own depth only at 2048 levels; ours is checked before it starts. */
static bool depth_ok(const char *s, size_t len)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < len; i++) {
        if (in_string) {
            if (s[i] == '\\')
                i++;
            else if (s[i] == '"')
                in_string = false;
        } else if (s[i] == '"') {
            in_string = true;
        } else if (s[i] == '{' || s[i] == '[') {
            if (++depth > JVAL_DEPTH_MAX)
                return false;
        } else if (s[i] == '}' || s[i] == ']') {
            depth--;
        }
    }
    return true;
}

struct jval *jval_parse(const char *bytes, size_t len, struct err *e)
{
    if (!depth_ok(bytes, len)) {
        err_set(e, "nested deeper than %d", JVAL_DEPTH_MAX);
        return NULL;
    }
    json_error_t je;
    json_t *j = json_loadb(bytes, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &je);
    if (j == NULL && memchr(bytes, '\n', len) != NULL)
        err_set(e, "line %d column %d: %s", je.line, je.column, je.text);
    else if (j == NULL)
        err_set(e, "%s", je.text);
    return out(j);
}

void jval_free(struct jval *j)
{
    json_decref(in(j));
}

enum jval_type jval_type(const struct jval *j)
{
    static const enum jval_type of[] = {
        [JSON_OBJECT] = JVAL_OBJECT, [JSON_ARRAY] = JVAL_ARRAY, [JSON_STRING] = JVAL_STRING,
        [JSON_INTEGER] = JVAL_INT,   [JSON_REAL] = JVAL_REAL,   [JSON_TRUE] = JVAL_BOOL,
        [JSON_FALSE] = JVAL_BOOL,    [JSON_NULL] = JVAL_NULL};
    return j == NULL ? JVAL_NULL : of[json_typeof(in(j))];
}

const char *jval_type_name(enum jval_type t)
{
    static const char *const names[] = {"null",     "true or false", "an integer", "a number",
                                        "a string", "an array",      "an object"};
    return names[t];
}

struct jval *jval_get(const struct jval *object, const char *key)
{
    return out(json_object_get(in(object), key));
}

struct jval *jval_at(const struct jval *array, size_t i)
{
    return out(json_array_get(in(array), i));
}

size_t jval_len(const struct jval *j)
{
    return json_is_array(in(j)) ? json_array_size(in(j)) : json_object_size(in(j));
}

const char *jval_str(const struct jval *j)
{
    return json_string_value(in(j));
}

double jval_num(const struct jval *j, double fallback)
{
    return json_is_number(in(j)) ? json_number_value(in(j)) : fallback;
}

int64_t jval_int(const struct jval *j, int64_t fallback)
{
    return json_is_integer(in(j)) ? json_integer_value(in(j)) : fallback;
}

bool jval_bool(const struct jval *j, bool fallback)
{
    return json_is_boolean(in(j)) ? json_is_true(in(j)) : fallback;
}

const char *jval_get_str(const struct jval *o, const char *key)
{
    return jval_str(jval_get(o, key));
}

int64_t jval_get_int(const struct jval *o, const char *key, int64_t fallback)
{
    return jval_int(jval_get(o, key), fallback);
}

double jval_get_num(const struct jval *o, const char *key, double fallback)
{
    return jval_num(jval_get(o, key), fallback);
}

bool jval_get_bool(const struct jval *o, const char *key, bool fallback)
{
    return jval_bool(jval_get(o, key), fallback);
}

/* One reference token, with ~1 and ~0 undone; false if it is longer than any key of ours. */
static bool pointer_token(const char *from, size_t len, char token[256])
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (n + 1 >= 256)
            return false;
        char c = from[i];
        if (c == '~' && i + 1 < len)
            c = from[++i] == '1' ? '/' : '~';
        token[n++] = c;
    }
    token[n] = '\0';
    return true;
}

struct jval *jval_pointer(const struct jval *j, const char *pointer)
{
    char token[256];
    while (j != NULL && *pointer == '/') {
        size_t len = strcspn(++pointer, "/");
        if (!pointer_token(pointer, len, token))
            return NULL;
        if (json_is_array(in(j))) {
            size_t i = 0;
            if (len == 0 || len > 9 || strspn(token, "0123456789") != len)
                return NULL;
            for (const char *p = token; *p != '\0'; p++)
                i = i * 10 + (size_t)(*p - '0');
            j = jval_at(j, i);
        } else {
            j = jval_get(j, token);
        }
        pointer += len;
    }
    return *pointer == '\0' ? out(in(j)) : NULL;
}

void *jval_first(const struct jval *o)
{
    return json_object_iter(in(o));
}

void *jval_next(const struct jval *o, void *it)
{
    return json_object_iter_next(in(o), it);
}

const char *jval_key(void *it)
{
    return json_object_iter_key(it);
}

struct jval *jval_value(void *it)
{
    return out(json_object_iter_value(it));
}

struct jval *jval_object(void)
{
    return out(json_object());
}

struct jval *jval_array(void)
{
    return out(json_array());
}

struct jval *jval_new_str(const char *s)
{
    if (s == NULL)
        return out(json_null());
    json_t *j = json_string(s);
    return out(j != NULL ? j : json_string("\\x?")); /* not UTF-8: somebody forgot to clean it */
}

struct jval *jval_new_int(int64_t i)
{
    return out(json_integer(i));
}

struct jval *jval_new_num(double d)
{
    if (!isfinite(d))
        return out(json_null());
    if (d == floor(d) && fabs(d) < 9e15)
        return out(json_integer((json_int_t)d));
    return out(json_real(d));
}

struct jval *jval_new_bool(bool b)
{
    return out(json_boolean(b));
}

struct jval *jval_new_null(void)
{
    return out(json_null());
}

void jval_set(struct jval *o, const char *key, struct jval *taken)
{
    json_object_set_new(in(o), key, in(taken));
}

void jval_set_str(struct jval *o, const char *key, const char *s)
{
    jval_set(o, key, jval_new_str(s));
}

void jval_set_int(struct jval *o, const char *key, int64_t i)
{
    jval_set(o, key, jval_new_int(i));
}

void jval_set_num(struct jval *o, const char *key, double d)
{
    jval_set(o, key, jval_new_num(d));
}

void jval_set_bool(struct jval *o, const char *key, bool b)
{
    jval_set(o, key, jval_new_bool(b));
}

void jval_set_time(struct jval *o, const char *key, int64_t at_ms)
{
    char text[WHEN_TEXT_MAX];
    jval_set_str(o, key, at_ms == 0 ? NULL : when_rfc3339(at_ms, text));
}

void jval_append(struct jval *array, struct jval *taken)
{
    json_array_append_new(in(array), in(taken));
}

static int dump_to(const char *bytes, size_t len, void *arg)
{
    buf_add(arg, bytes, len);
    return 0;
}

void jval_dump(struct buf *to, const struct jval *j, int flags)
{
    size_t f = JSON_ENCODE_ANY | JSON_REAL_PRECISION(12);
    f |= (flags & JVAL_SORTED) ? JSON_SORT_KEYS : 0;
    f |= (flags & JVAL_PRETTY) ? JSON_INDENT(2) : JSON_COMPACT;
    json_dump_callback(in(j), dump_to, to, f);
}
