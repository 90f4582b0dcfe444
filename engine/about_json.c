#include "engine/about_json.h"

#include <string.h>

#include "core/mem.h"

struct jval *words_json(const struct words *w)
{
    if (w->vi == NULL && w->en == NULL)
        return jval_new_null();
    struct jval *j = jval_object();
    if (w->vi != NULL)
        jval_set_str(j, "vi", w->vi);
    if (w->en != NULL)
        jval_set_str(j, "en", w->en);
    return j;
}

void words_json_read(struct words *w, const struct jval *o, const char *key)
{
    const struct jval *words = jval_get(o, key);
    if (words == NULL)
        return;
    mem_set(&w->vi, jval_get_str(words, "vi"));
    mem_set(&w->en, jval_get_str(words, "en"));
}

/* --- out ------------------------------------------------------------------------------------ */

static struct jval *org_json(const struct org *o)
{
    struct jval *j = jval_object();
    jval_set_str(j, "id", o->id);
    jval_set_str(j, "abbr", o->abbr);
    jval_set(j, "name", words_json(&o->name));
    jval_set_str(j, "kind", org_kind_names[o->kind]);
    return j;
}

static struct jval *phase_json(const struct phase *p)
{
    struct jval *j = jval_object();
    jval_set_str(j, "id", p->id);
    jval_set(j, "name", words_json(&p->name));
    jval_set_str(j, "from", p->from);
    jval_set_str(j, "to", p->to);
    jval_set_str(j, "state", p->state < 0 ? NULL : phase_state_names[p->state]);
    return j;
}

static struct jval *total_json(const struct total *t)
{
    struct jval *j = jval_object(), *labels = jval_object();
    jval_set_str(j, "id", t->id);
    jval_set(j, "name", words_json(&t->name));
    for (size_t i = 0; i < t->n_labels; i++)
        jval_set_str(labels, t->labels[i].key, t->labels[i].value);
    jval_set(j, "labels", labels);
    jval_set_int(j, "total", t->total);
    jval_set_int(j, "done", t->done);
    jval_set_str(j, "as_of", t->as_of);
    return j;
}

void about_json_set(struct jval *o, const struct about *a)
{
    struct jval *orgs = jval_array(), *phases = jval_array(), *totals = jval_array();
    for (size_t i = 0; i < a->n_orgs; i++)
        jval_append(orgs, org_json(&a->orgs[i]));
    for (size_t i = 0; i < a->n_phases; i++)
        jval_append(phases, phase_json(&a->phases[i]));
    for (size_t i = 0; i < a->n_totals; i++)
        jval_append(totals, total_json(&a->totals[i]));
    jval_set(o, "orgs", orgs);
    jval_set(o, "phases", phases);
    jval_set(o, "totals", totals);
}

/* --- in ------------------------------------------------------------------------------------- */

/* Position of the member's word among the names, or fallback. */
static int choice_of(const struct jval *o, const char *key, const char *const names[], int fallback)
{
    const char *word = jval_get_str(o, key);
    for (int i = 0; word != NULL && names[i] != NULL; i++)
        if (strcmp(names[i], word) == 0)
            return i;
    return fallback;
}

static char *copy_of(const struct jval *o, const char *key)
{
    return mem_strdup(jval_get_str(o, key));
}

static void read_org(struct about *a, const struct jval *j)
{
    struct org o = {.id = copy_of(j, "id"),
                    .abbr = copy_of(j, "abbr"),
                    .kind = (enum org_kind)choice_of(j, "kind", org_kind_names, ORG_EXTERNAL)};
    words_json_read(&o.name, j, "name");
    about_add_org(a, &o);
}

static void read_phase(struct about *a, const struct jval *j)
{
    const char *from = jval_get_str(j, "from");
    struct phase p = {.id = copy_of(j, "id"),
                      .from = mem_strdup(from != NULL ? from : ""),
                      .to = copy_of(j, "to"),
                      .state = choice_of(j, "state", phase_state_names, -1)};
    words_json_read(&p.name, j, "name");
    about_add_phase(a, &p);
}

static void read_total(struct about *a, const struct jval *j)
{
    const struct jval *labels = jval_get(j, "labels");
    const char *as_of = jval_get_str(j, "as_of");
    size_t n = jval_type(labels) == JVAL_OBJECT ? jval_len(labels) : 0;
    struct total t = {.id = copy_of(j, "id"),
                      .total = jval_get_int(j, "total", 0),
                      .done = jval_get_int(j, "done", 0),
                      .as_of = mem_strdup(as_of != NULL ? as_of : "")};
    t.labels = mem_alloc((n + 1) * sizeof *t.labels);
    for (void *it = n > 0 ? jval_first(labels) : NULL; it != NULL; it = jval_next(labels, it)) {
        const char *value = jval_str(jval_value(it));
        t.labels[t.n_labels++] =
            (struct label){mem_strdup(jval_key(it)), mem_strdup(value != NULL ? value : "")};
    }
    words_json_read(&t.name, j, "name");
    about_add_total(a, &t);
}

void about_json_read(struct about *a, const struct jval *o)
{
    static const struct {
        const char *key;
        void (*read)(struct about *a, const struct jval *j);
    } lists[] = {{"orgs", read_org}, {"phases", read_phase}, {"totals", read_total}};
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        const struct jval *list = jval_get(o, lists[k].key);
        for (size_t i = 0; jval_type(list) == JVAL_ARRAY && i < jval_len(list); i++)
            if (jval_get_str(jval_at(list, i), "id") != NULL)
                lists[k].read(a, jval_at(list, i));
    }
}
