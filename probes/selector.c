#include "probes/selector.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/text.h"
#include "probes/regex.h"

#define TERMS_MAX 16

/* --- reading --- */

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t");
}

static size_t word_len(const char *p, const char *also)
{
    size_t n = 0;
    while (isalpha((unsigned char)p[n]) || p[n] == '_' || (p[n] != '\0' && strchr(also, p[n])) ||
           (n > 0 && isdigit((unsigned char)p[n])))
        n++;
    return n;
}

static const char *read_op(const char *p, enum selector_op *op)
{
    static const struct {
        const char *text;
        enum selector_op op;
    } ops[] = {{"=~", SELECT_MATCH}, {"!~", SELECT_NO_MATCH}, {"!=", SELECT_NE}, {"=", SELECT_EQ}};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (strncmp(p, ops[i].text, strlen(ops[i].text)) == 0) {
            *op = ops[i].op;
            return p + strlen(ops[i].text);
        }
    return NULL;
}

/* In either quotes; a backslash takes the next character as it is, as far as it is a quote or a
 * backslash (patterns keep theirs). */
static const char *read_quoted(const char *p, char **out)
{
    char quote = *p;
    struct buf text = BUF_INIT(0);
    if (quote != '"' && quote != '\'')
        return NULL;
    for (p++; *p != '\0' && *p != quote; p++) {
        if (*p == '\\' && (p[1] == quote || p[1] == '\\'))
            p++;
        buf_addc(&text, *p);
    }
    *out = buf_take(&text);
    return *p == quote ? p + 1 : NULL;
}

static bool make_regex(struct selector_term *t, struct err *e)
{
    struct buf whole = BUF_INIT(0);
    struct regex *plain = regex_new(t->value, e); /* so that a mistake is told as it was written */
    buf_addf(&whole, "^(?:%s)\\z", t->value);
    t->regex = plain != NULL ? regex_new(buf_text(&whole), e) : NULL;
    regex_free(plain);
    buf_release(&whole);
    return t->regex != NULL;
}

static const char *read_term(struct selector *s, const char *p, struct err *e)
{
    size_t len = word_len(p, "");
    if (s->n == TERMS_MAX) {
        err_set(e, "found more than %d conditions on labels", TERMS_MAX);
        return NULL;
    }
    s->v = mem_grow(s->v, s->n + 1, sizeof *s->v);
    struct selector_term *t = &s->v[s->n++];
    *t = (struct selector_term){.label = mem_strndup(p, len)};
    const char *at = read_op(skip_blanks(p + len), &t->op);
    at = len > 0 && at != NULL ? read_quoted(skip_blanks(at), &t->value) : NULL;
    if (at == NULL) {
        err_set(e, "found \"%.64s\", expected a condition such as job=\"x\" (=, !=, =~, !~)", p);
        return NULL;
    }
    if ((t->op == SELECT_MATCH || t->op == SELECT_NO_MATCH) && !make_regex(t, e))
        return NULL;
    return skip_blanks(at);
}

/* Terms up to `end`, "}" or the end of the text. */
static const char *read_terms(struct selector *s, const char *p, char end, struct err *e)
{
    p = skip_blanks(p);
    while (*p != end) {
        p = read_term(s, p, e);
        if (p == NULL)
            return NULL;
        if (*p == ',') {
            p = skip_blanks(p + 1);
        } else if (*p != end) {
            err_set(e, "found \"%.64s\", expected \",\" or the end of the conditions", p);
            return NULL;
        }
    }
    return p;
}

bool selector_parse(struct selector *s, const char *text, const char *more, struct err *e)
{
    const char *p = skip_blanks(text);
    *s = (struct selector){.name_len = word_len(p, ":")};
    s->name = mem_strndup(p, s->name_len);
    struct buf whole = BUF_INIT(0);
    buf_adds(&whole, text);
    if (more != NULL)
        buf_addf(&whole, "{%s}", more);
    s->text = buf_take(&whole);
    if (!text_is_clean(s->text))
        return err_set(e, "found control signs in it, expected plain text");
    if (s->name_len == 0)
        return err_set(e, "found \"%.64s\", expected the name of a series such as node_load1",
                       text);
    p = skip_blanks(p + s->name_len);
    if (*p == '{') {
        p = read_terms(s, p + 1, '}', e);
        if (p == NULL)
            return false;
        p = skip_blanks(p + 1);
    }
    if (*p != '\0')
        return err_set(e, "found \"%.64s\" after the series, expected nothing more", p);
    return more == NULL || read_terms(s, more, '\0', e) != NULL;
}

void selector_release(struct selector *s)
{
    for (size_t i = 0; i < s->n; i++) {
        free(s->v[i].label);
        free(s->v[i].value);
        regex_free(s->v[i].regex);
    }
    free(s->v);
    free(s->text);
    free(s->name);
    *s = (struct selector){0};
}

/* --- matching --- */

static bool term_holds(const struct selector_term *t, const char *value, size_t len,
                       bool *is_costly)
{
    bool is_wanted = t->op == SELECT_EQ || t->op == SELECT_MATCH;
    if (t->regex == NULL) {
        bool is_same = strlen(t->value) == len && memcmp(t->value, value, len) == 0;
        return is_same == is_wanted;
    }
    enum regex_outcome found = regex_search(t->regex, value, len);
    if (found == REGEX_TOO_COSTLY) {
        *is_costly = true;
        return false;
    }
    return (found == REGEX_FOUND) == is_wanted;
}

bool selector_takes(const struct selector *s, const struct exposition_sample *sample,
                    bool *is_costly)
{
    if (s->name_len != sample->name_len || memcmp(s->name, sample->name, s->name_len) != 0)
        return false;
    for (size_t i = 0; i < s->n; i++) {
        size_t len;
        const char *value = exposition_value(sample, s->v[i].label, &len);
        if (!term_holds(&s->v[i], value, len, is_costly))
            return false;
    }
    return true;
}
