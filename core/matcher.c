#include "core/matcher.h"

#include <stdlib.h>
#include <string.h>

#include "core/fleet.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"

struct term {
    char *key;   /* NULL: the check's id, or its target's where the glob names no check */
    char *globs; /* one after the other, each with its NUL: any of them */
    size_t n_globs;
    bool is_contrary;
};
struct matcher {
    struct term terms[MATCHER_TERMS_MAX];
    size_t n;
};

void matcher_free(struct matcher *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->n; i++) {
        free(m->terms[i].key);
        free(m->terms[i].globs);
    }
    free(m);
}

/* --- reading ------------------------------------------------------------------------------ */

static const char *next_glob(const char *glob)
{
    return glob + strlen(glob) + 1;
}

/* True where the term leaves something out: not a contrary, and more than stars. */
static bool narrows(const struct term *t)
{
    const char *glob = t->globs;
    bool is_narrow = !t->is_contrary;
    for (size_t i = 0; i < t->n_globs; i++, glob = next_glob(glob))
        is_narrow = is_narrow && glob[strspn(glob, "*/")] != '\0';
    return is_narrow;
}

/* "a,b" as two globs; false if one is empty. */
static bool split_globs(struct term *t)
{
    bool is_ok = true;
    char *at = t->globs;
    for (t->n_globs = 1; at != NULL; t->n_globs += at != NULL) {
        char *comma = strchr(at, ',');
        if (comma != NULL)
            *comma = '\0';
        is_ok = is_ok && *at != '\0';
        at = comma != NULL ? comma + 1 : NULL;
    }
    return is_ok;
}

static char *read_term(struct matcher *m, const char *s, size_t len)
{
    char *word = mem_strndup(s, len), *equals = strchr(word, '=');
    struct term t = {0};
    char *refusal = NULL;
    if (equals == NULL) {
        t.globs = mem_strdup(word);
    } else {
        t.is_contrary = equals > word && equals[-1] == '!';
        t.key = mem_strndup(word, (size_t)(equals - word) - t.is_contrary);
        t.globs = mem_strdup(equals + 1);
    }
    if (!split_globs(&t) || (t.key != NULL && !text_is_name(t.key)))
        refusal = SAY(N_("cannot read \"{0}\", expected TARGET, TARGET/CHECK, KEY=VALUE or "
                         "KEY!=VALUE"),
                      word);
    else if (m->n == MATCHER_TERMS_MAX)
        refusal = SAY(N_("a matcher has at most {0} terms"), "16");
    else
        m->terms[m->n++] = t;
    if (refusal != NULL) {
        free(t.key);
        free(t.globs);
    }
    free(word);
    return refusal;
}

struct matcher *matcher_parse(const char *text, char **refusal)
{
    struct matcher *m = mem_alloc(sizeof *m);
    bool is_narrow = false;
    *refusal = strlen(text) > MATCHER_TEXT_MAX
                   ? SAY(N_("a matcher is at most {0} bytes long"), "512")
                   : NULL;
    for (const char *at = text; *refusal == NULL && *at != '\0';) {
        size_t len = strcspn(at, " ");
        if (len > 0)
            *refusal = read_term(m, at, len);
        at += len + (at[len] == ' ');
    }
    for (size_t i = 0; i < m->n; i++)
        is_narrow = is_narrow || narrows(&m->terms[i]);
    if (*refusal == NULL && !is_narrow)
        *refusal =
            SAY(N_("this matches everything; name a target, or a key such as {0}"), "group=half-a");
    if (*refusal == NULL)
        return m;
    matcher_free(m);
    return NULL;
}

/* --- matching ----------------------------------------------------------------------------- */

static const char *field(const struct check *c, const char *key)
{
    const struct target *t = c->target;
    if (strcmp(key, "target") == 0)
        return t->id;
    if (strcmp(key, "check") == 0)
        return c->name;
    if (strcmp(key, "kind") == 0)
        return target_kind_names[t->kind];
    if (strcmp(key, "group") == 0)
        return t->group;
    if (strcmp(key, "env") == 0)
        return t->is_test ? "test" : "production";
    if (strcmp(key, "org") == 0)
        return t->org;
    if (strcmp(key, "priority") == 0)
        return priority_name(c->priority);
    if (strcmp(key, "probe") == 0)
        return c->probe;
    return target_label(t, key);
}

static bool has_tag(const struct target *t, const char *glob)
{
    for (size_t i = 0; i < t->n_tags; i++)
        if (text_glob(glob, t->tags[i]))
            return true;
    return false;
}

static bool glob_fits(const struct term *t, const char *glob, const struct check *c)
{
    if (t->key == NULL)
        return text_glob(glob, strchr(glob, '/') != NULL ? c->id : c->target->id);
    if (strcmp(t->key, "tag") == 0)
        return has_tag(c->target, glob);
    const char *value = field(c, t->key);
    return value != NULL && text_glob(glob, value);
}

static bool term_fits(const struct term *t, const struct check *c)
{
    const char *glob = t->globs;
    for (size_t i = 0; i < t->n_globs; i++, glob = next_glob(glob))
        if (glob_fits(t, glob, c))
            return true;
    return false;
}

bool matcher_has(const struct matcher *m, const struct check *c)
{
    for (size_t i = 0; i < m->n; i++)
        if (term_fits(&m->terms[i], c) == m->terms[i].is_contrary)
            return false;
    return true;
}

struct matcher_count matcher_count(const struct matcher *m, const struct fleet *f)
{
    struct matcher_count n = {.all = f->n_checks};
    for (size_t i = 0; i < f->n_checks; i++) {
        if (!matcher_has(m, f->checks[i]))
            continue;
        n.checks++;
        n.alerts += f->checks[i]->alert != 0;
    }
    return n;
}

bool matcher_is_too_wide(const struct matcher_count *n)
{
    return n->checks > 1 && n->checks * 100 > n->all * MATCHER_SHARE_MAX;
}
