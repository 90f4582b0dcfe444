#include "core/option.h"

#include <stdlib.h>

#include "core/about.h"
#include "core/result.h"

static void strings_release(char **v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(v[i]);
    free(v);
}

static void pairs_release(struct option_pairs *p)
{
    strings_release(p->keys, p->n);
    strings_release(p->values, p->n);
    *p = (struct option_pairs){0};
}

static void tests_release(struct option_tests *t)
{
    for (size_t i = 0; i < t->n; i++) {
        free(t->v[i].pointer);
        free(t->v[i].text);
    }
    free(t->v);
    *t = (struct option_tests){0};
}

static void thresholds_release(struct option_thresholds *t)
{
    thresholds_free(t->v, t->n);
    *t = (struct option_thresholds){0};
}

static void text_release(char **s)
{
    free(*s);
    *s = NULL;
}

static void strings_option_release(struct option_strings *s)
{
    strings_release(s->v, s->n);
    *s = (struct option_strings){0};
}

static void ints_release(struct option_ints *i)
{
    free(i->v);
    *i = (struct option_ints){0};
}

static void list_release(const struct option *o, struct option_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        option_release(o->rows, (char *)l->v + i * o->item_size);
    free(l->v);
    *l = (struct option_list){0};
}

void option_release(const struct option *rows, void *base)
{
    for (const struct option *o = rows; o->name != NULL; o++) {
        void *at = (char *)base + o->offset;
        switch (o->type) {
        case OPTION_STRING:
        case OPTION_SECRET:
            text_release(at);
            break;
        case OPTION_STRINGS:
            strings_option_release(at);
            break;
        case OPTION_INTS:
            ints_release(at);
            break;
        case OPTION_PAIRS:
        case OPTION_POINTERS:
            pairs_release(at);
            break;
        case OPTION_WORDS:
            words_release(at);
            break;
        case OPTION_TESTS:
            tests_release(at);
            break;
        case OPTION_THRESHOLDS:
            thresholds_release(at);
            break;
        case OPTION_LIST:
            list_release(o, at);
            break;
        case OPTION_GROUP:
            option_release(o->rows, base);
            break;
        case OPTION_BOOL:
        case OPTION_INT:
        case OPTION_NUMBER:
        case OPTION_DURATION:
        case OPTION_SIZE:
        case OPTION_CHOICE:
            break;
        }
    }
}
