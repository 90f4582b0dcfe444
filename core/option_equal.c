#include <string.h>

#include "core/about.h"
#include "core/option.h"
#include "core/result.h"

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_texts(char *const a[], size_t n_a, char *const b[], size_t n_b)
{
    bool is_same = n_a == n_b;
    for (size_t i = 0; is_same && i < n_a; i++)
        is_same = same_text(a[i], b[i]);
    return is_same;
}

static bool same_strings(const struct option_strings *a, const struct option_strings *b)
{
    return same_texts(a->v, a->n, b->v, b->n);
}

static bool same_ints(const struct option_ints *a, const struct option_ints *b)
{
    bool is_same = a->n == b->n;
    for (size_t i = 0; is_same && i < a->n; i++)
        is_same = a->v[i] == b->v[i];
    return is_same;
}

static bool same_pairs(const struct option_pairs *a, const struct option_pairs *b)
{
    return same_texts(a->keys, a->n, b->keys, b->n) && same_texts(a->values, a->n, b->values, b->n);
}

static bool same_words(const struct words *a, const struct words *b)
{
    return same_text(a->vi, b->vi) && same_text(a->en, b->en);
}

static bool same_number(double a, double b)
{
    return !(a < b) && !(a > b);
}

static bool same_test(const struct option_test *a, const struct option_test *b)
{
    return same_text(a->pointer, b->pointer) && a->op == b->op && a->type == b->type &&
           same_text(a->text, b->text) && same_number(a->number, b->number) && a->flag == b->flag;
}

static bool same_tests(const struct option_tests *a, const struct option_tests *b)
{
    bool is_same = a->n == b->n;
    for (size_t i = 0; is_same && i < a->n; i++)
        is_same = same_test(&a->v[i], &b->v[i]);
    return is_same;
}

static bool same_thresholds(const struct option_thresholds *a, const struct option_thresholds *b)
{
    bool is_same = a->n == b->n;
    for (size_t i = 0; is_same && i < a->n; i++)
        is_same = threshold_equal(&a->v[i], &b->v[i]);
    return is_same;
}

static bool same_lists(const struct option *o, const struct option_list *a,
                       const struct option_list *b)
{
    bool is_same = a->n == b->n;
    for (size_t i = 0; is_same && i < a->n; i++)
        is_same = option_equal(o->rows, (const char *)a->v + i * o->item_size,
                               (const char *)b->v + i * o->item_size);
    return is_same;
}

static bool same_value(const struct option *o, const void *a, const void *b)
{
    switch (o->type) {
    case OPTION_STRING:
    case OPTION_SECRET:
        return same_text(*(char *const *)a, *(char *const *)b);
    case OPTION_STRINGS:
        return same_strings(a, b);
    case OPTION_INTS:
        return same_ints(a, b);
    case OPTION_PAIRS:
    case OPTION_POINTERS:
        return same_pairs(a, b);
    case OPTION_WORDS:
        return same_words(a, b);
    case OPTION_TESTS:
        return same_tests(a, b);
    case OPTION_THRESHOLDS:
        return same_thresholds(a, b);
    case OPTION_BOOL:
        return *(const bool *)a == *(const bool *)b;
    case OPTION_CHOICE:
        return *(const int *)a == *(const int *)b;
    case OPTION_NUMBER:
        return same_number(*(const double *)a, *(const double *)b);
    case OPTION_INT:
    case OPTION_DURATION:
    case OPTION_SIZE:
        return *(const int64_t *)a == *(const int64_t *)b;
    case OPTION_LIST:
        return same_lists(o, a, b);
    case OPTION_GROUP:
        break;
    }
    return true;
}

bool option_equal(const struct option *rows, const void *a, const void *b)
{
    for (const struct option *o = rows; o->name != NULL; o++) {
        const char *at_a = (const char *)a + o->offset, *at_b = (const char *)b + o->offset;
        bool is_same =
            o->type == OPTION_GROUP ? option_equal(o->rows, a, b) : same_value(o, at_a, at_b);
        if (!is_same)
            return false;
    }
    return true;
}
