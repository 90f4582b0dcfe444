#include "core/range.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"

/* The pattern is cut into parts; each part has one or more words.  "a[1-2]b[x,y]" has the parts
 * {a} {1,2} {b} {x,y}, and the names are all ways through them. */
#define PARTS_MAX  16
#define DIGITS_MAX 9

struct parts {
    struct names part[PARTS_MAX];
    size_t n;
};

void names_release(struct names *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->v[i]);
    free(l->v);
    *l = (struct names){0};
}

static void names_take(struct names *l, char *s)
{
    MEM_ROOM(l->v, l->n, l->cap);
    l->v[l->n++] = s;
}

void names_add(struct names *l, const char *s)
{
    names_take(l, mem_strdup(s));
}

static bool is_number(const char *s, size_t len)
{
    return len > 0 && strspn(s, "0123456789") >= len;
}

static bool is_letter(const char *s, size_t len)
{
    return len == 1 && ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z'));
}

static bool add_numbers(struct names *words, const char *item, size_t len, size_t dash,
                        struct err *e)
{
    size_t last_len = len - dash - 1;
    if (dash > DIGITS_MAX || last_len > DIGITS_MAX)
        return err_set(e, "range \"%.*s\": numbers have at most %d digits", (int)len, item,
                       DIGITS_MAX);
    long from = strtol(item, NULL, 10), to = strtol(item + dash + 1, NULL, 10);
    if (to < from)
        return err_set(e, "range \"%.*s\" runs backwards, so it expands to nothing", (int)len,
                       item);
    if (to - from >= RANGE_MAX)
        return err_set(e, "range \"%.*s\" expands to more than %d names", (int)len, item,
                       RANGE_MAX);
    for (long i = from; i <= to; i++) {
        struct buf b = BUF_INIT(0);
        buf_addf(&b, "%0*ld", (int)dash, i);
        names_take(words, buf_take(&b));
    }
    return true;
}

/* One item between commas: 01-04, a-c, or a word as it is. */
static bool add_item(struct names *words, const char *item, size_t len, struct err *e)
{
    const char *at = memchr(item, '-', len);
    size_t dash = at != NULL ? (size_t)(at - item) : len;
    if (len == 0)
        return err_set(e, "an empty choice between the brackets");
    if (at == NULL) {
        names_take(words, mem_strndup(item, len));
        return true;
    }
    const char *last = at + 1;
    size_t last_len = len - dash - 1;
    if (is_number(item, dash) && is_number(last, last_len))
        return add_numbers(words, item, len, dash, e);
    if (is_letter(item, dash) && is_letter(last, last_len)) {
        if (*last < *item)
            return err_set(e, "range \"%.*s\" runs backwards, so it expands to nothing", (int)len,
                           item);
        for (char c = *item; c <= *last; c++)
            names_take(words, mem_strndup(&c, 1));
        return true;
    }
    names_take(words, mem_strndup(item, len));
    return true;
}

static bool add_bracket(struct names *words, const char *inside, size_t len, struct err *e)
{
    if (len == 0)
        return err_set(e, "empty brackets");
    for (const char *end = inside + len;; inside++) {
        const char *comma = memchr(inside, ',', (size_t)(end - inside));
        size_t item_len = (size_t)((comma != NULL ? comma : end) - inside);
        if (!add_item(words, inside, item_len, e))
            return false;
        if (words->n > RANGE_MAX)
            return err_set(e, "more than %d names", RANGE_MAX);
        if (comma == NULL)
            return true;
        inside = comma;
    }
}

static bool split(const char *p, struct parts *parts, struct err *e)
{
    while (*p != '\0') {
        if (parts->n == PARTS_MAX)
            return err_set(e, "more than %d brackets", PARTS_MAX / 2);
        struct names *words = &parts->part[parts->n++];
        if (*p != '[') {
            size_t len = strcspn(p, "[]");
            if (p[len] == ']')
                return err_set(e, "\"]\" without \"[\" before it");
            names_take(words, mem_strndup(p, len));
            p += len;
            continue;
        }
        size_t len = strcspn(p + 1, "[]");
        if (p[1 + len] != ']')
            return err_set(e, "\"[\" without \"]\" after it");
        if (!add_bracket(words, p + 1, len, e))
            return false;
        p += len + 2;
    }
    return true;
}

static bool multiply(const struct parts *parts, struct names *out, struct err *e)
{
    size_t total = 1;
    for (size_t i = 0; i < parts->n; i++) {
        total *= parts->part[i].n;
        if (total > RANGE_MAX)
            return err_set(e, "more than %d names", RANGE_MAX);
    }
    for (size_t k = 0; k < total; k++) {
        size_t pick[PARTS_MAX], rest = k;
        for (size_t i = parts->n; i-- > 0; rest /= parts->part[i].n)
            pick[i] = rest % parts->part[i].n;
        struct buf b = BUF_INIT(0);
        for (size_t i = 0; i < parts->n; i++)
            buf_adds(&b, parts->part[i].v[pick[i]]);
        names_take(out, buf_take(&b));
    }
    return true;
}

bool range_expand(const char *pattern, struct names *out, struct err *e)
{
    struct parts parts = {0};
    bool ok = split(pattern, &parts, e) && multiply(&parts, out, e);
    for (size_t i = 0; i < parts.n; i++)
        names_release(&parts.part[i]);
    return ok || err_prefix(e, "pattern \"%.100s\"", pattern);
}
