#include "probes/exposition.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"

#define MS_FROM    1e11 /* time stamps from here on are milliseconds, below it seconds */
#define SEEN_STEPS 64
#define FNV_BASIS  14695981039346656037u
#define FNV_PRIME  1099511628211u

/* --- which series were there already: their hashes, open addressing --- */

struct seen {
    uint64_t *v; /* 0: free */
    size_t n, cap;
};

/* False if it is there already.  What finds no place within SEEN_STEPS counts as new: names that
 * were chosen to collide cost no more than others. */
static bool seen_put(struct seen *s, uint64_t hash)
{
    for (size_t k = 0, i = (size_t)hash; k < SEEN_STEPS; k++, i++) {
        uint64_t *at = &s->v[i & (s->cap - 1)];
        if (*at == hash)
            return false;
        if (*at == 0) {
            *at = hash;
            s->n++;
            return true;
        }
    }
    return true;
}

static bool seen_add(struct seen *s, uint64_t hash)
{
    if (2 * s->n >= s->cap) {
        struct seen more = {.cap = s->cap > 0 ? 4 * s->cap : 4096};
        more.v = mem_alloc(more.cap * sizeof *more.v);
        for (size_t i = 0; i < s->cap; i++)
            if (s->v[i] != 0)
                seen_put(&more, s->v[i]);
        free(s->v);
        *s = more;
    }
    return seen_put(s, hash != 0 ? hash : 1);
}

static uint64_t hash_on(uint64_t hash, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * FNV_PRIME;
    return (hash ^ 0xff) * FNV_PRIME; /* a byte that no UTF-8 has ends it */
}

/* The same whatever the order of the labels. */
static uint64_t hash_of(const struct exposition_sample *s)
{
    uint64_t hash = hash_on(FNV_BASIS, s->name, s->name_len);
    for (size_t i = 0; i < s->n_labels; i++) {
        const struct exposition_label *l = &s->labels[i];
        hash += hash_on(hash_on(FNV_BASIS, l->name, l->name_len), l->value, l->value_len);
    }
    return hash;
}

/* --- a line --- */

struct line {
    const char *p, *end;
    struct exposition_sample sample;
    char plain[EXPOSITION_LINE_MAX]; /* values that had escapes, without them */
    size_t n_plain;
};

static bool is_begin(char c)
{
    return isalpha((unsigned char)c) || c == '_' || c == ':';
}

static size_t name_len(const struct line *l)
{
    const char *p = l->p;
    if (p == l->end || !is_begin(*p))
        return 0;
    while (p < l->end && (is_begin(*p) || isdigit((unsigned char)*p)))
        p++;
    return (size_t)(p - l->p);
}

static void skip_blanks(struct line *l)
{
    while (l->p < l->end && (*l->p == ' ' || *l->p == '\t'))
        l->p++;
}

static bool take(struct line *l, char c)
{
    if (l->p == l->end || *l->p != c)
        return false;
    l->p++;
    return true;
}

/* Up to the closing quote, escapes undone where there are any. */
static bool read_value(struct line *l, struct exposition_label *out)
{
    const char *begin = l->p;
    char *plain = l->plain + l->n_plain;
    size_t n = 0;
    bool is_escaped = false;
    for (; l->p < l->end && *l->p != '"'; l->p++) {
        char c = *l->p;
        if (c == '\\' && l->p + 1 < l->end) {
            if (!is_escaped)
                memcpy(plain, begin, n = (size_t)(l->p - begin));
            is_escaped = true;
            c = *++l->p;
            if (c == 'n')
                c = '\n';
            else if (c != '\\' && c != '"')
                plain[n++] = '\\'; /* no escape: stays as it is */
        }
        if (is_escaped)
            plain[n++] = c;
    }
    out->value = is_escaped ? plain : begin;
    out->value_len = is_escaped ? n : (size_t)(l->p - begin);
    l->n_plain += is_escaped ? n : 0;
    return take(l, '"');
}

static const char *read_labels(struct line *l)
{
    struct exposition_sample *s = &l->sample;
    for (;;) {
        skip_blanks(l);
        if (take(l, '}'))
            return NULL;
        if (s->n_labels == EXPOSITION_LABELS_MAX)
            return N_("line {0} of the page: a series of more than 64 labels");
        struct exposition_label *out = &s->labels[s->n_labels++];
        out->name = l->p;
        out->name_len = name_len(l);
        l->p += out->name_len;
        skip_blanks(l);
        if (out->name_len == 0 || !take(l, '='))
            return N_("line {0} of the page: expected the name of a label and \"=\"");
        skip_blanks(l);
        if (!take(l, '"') || !read_value(l, out))
            return N_("line {0} of the page: expected the value of a label in quotes");
        skip_blanks(l);
        if (!take(l, ',') && (l->p == l->end || *l->p != '}'))
            return N_("line {0} of the page: expected \",\" or \"}\" after a label");
    }
}

/* One word that is a number from end to end; NaN, +Inf, -Inf among them. */
static bool read_number(struct line *l, double *out)
{
    char *stop;
    const char *word = l->p;
    while (l->p < l->end && *l->p != ' ' && *l->p != '\t')
        l->p++;
    if (word == l->p)
        return false;
    *out = strtod(word, &stop);
    return stop == l->p;
}

static const char *read_line(struct line *l)
{
    struct exposition_sample *s = &l->sample;
    double at;
    s->name = l->p;
    s->name_len = name_len(l);
    s->n_labels = 0;
    l->n_plain = 0;
    if (s->name_len == 0)
        return N_("line {0} of the page: expected the name of a series");
    l->p += s->name_len;
    skip_blanks(l);
    const char *odd = take(l, '{') ? read_labels(l) : NULL;
    if (odd != NULL)
        return odd;
    skip_blanks(l);
    if (!read_number(l, &s->value))
        return N_("line {0} of the page: expected a number");
    s->at_ms = 0;
    skip_blanks(l);
    if (l->p == l->end || *l->p == '#')
        return NULL;
    if (!read_number(l, &at) || !(fabs(at) < 1e15))
        return N_("line {0} of the page: expected a time stamp after the number");
    s->at_ms = (int64_t)(at < MS_FROM ? at * 1000 : at);
    skip_blanks(l);
    return l->p == l->end || *l->p == '#' ? NULL
                                          : N_("line {0} of the page: more than a time stamp "
                                               "after the number");
}

/* --- a page --- */

static void note_odd(struct exposition_tally *t, size_t line, const char *words)
{
    if (t->odd++ == 0) {
        t->odd_line = line;
        t->odd_words = words;
    }
}

static void take_line(struct line *l, size_t number, struct seen *seen, exposition_fn *fn,
                      void *arg, struct exposition_tally *t)
{
    skip_blanks(l);
    if (l->p == l->end || *l->p == '#')
        return;
    const char *odd = l->end - l->p <= EXPOSITION_LINE_MAX
                          ? read_line(l)
                          : N_("line {0} of the page: longer than 16 KiB");
    if (odd != NULL) {
        note_odd(t, number, odd);
    } else if (!seen_add(seen, hash_of(&l->sample))) {
        if (t->twice++ == 0)
            t->twice_line = number;
    } else {
        t->samples++;
        fn(arg, &l->sample);
    }
}

void exposition_read(const char *bytes, size_t len, exposition_fn *fn, void *arg,
                     struct exposition_tally *tally)
{
    const char *end = bytes + len;
    struct seen seen = {0};
    struct line l;
    size_t number = 0;
    *tally = (struct exposition_tally){0};
    for (const char *p = bytes; p < end;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        const char *next = stop != NULL ? stop + 1 : end;
        if (stop == NULL)
            stop = end;
        if (stop > p && stop[-1] == '\r')
            stop--;
        l.p = p;
        l.end = stop;
        take_line(&l, ++number, &seen, fn, arg, tally);
        p = next;
    }
    free(seen.v);
}

const char *exposition_value(const struct exposition_sample *s, const char *label, size_t *len)
{
    size_t n = strlen(label);
    for (size_t i = 0; i < s->n_labels; i++)
        if (s->labels[i].name_len == n && memcmp(s->labels[i].name, label, n) == 0) {
            *len = s->labels[i].value_len;
            return s->labels[i].value;
        }
    *len = 0;
    return "";
}
