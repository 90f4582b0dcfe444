/* The top level of all documents: known keys, the site itself, vars, groups, defaults, overlay. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/text.h"
#include "engine/nearest.h"
#include "engine/site_load.h"

enum top_where { TOP_ANYWHERE, TOP_ROOT_ONLY };
static const struct top_key {
    const char *name;
    enum top_where where;
    enum jval_type type; /* JVAL_NULL: not looked at yet (reserved from the first day) */
} top_keys[] = {
    {"$schema", TOP_ROOT_ONLY, JVAL_STRING},  {"site", TOP_ROOT_ONLY, JVAL_OBJECT},
    {"store", TOP_ROOT_ONLY, JVAL_STRING},    {"include", TOP_ANYWHERE, JVAL_NULL},
    {"vars", TOP_ANYWHERE, JVAL_OBJECT},      {"defaults", TOP_ANYWHERE, JVAL_OBJECT},
    {"groups", TOP_ANYWHERE, JVAL_ARRAY},     {"targets", TOP_ANYWHERE, JVAL_ARRAY},
    {"overlay", TOP_ANYWHERE, JVAL_ARRAY},    {"file_sd", TOP_ANYWHERE, JVAL_ARRAY},
    {"sample", TOP_ANYWHERE, JVAL_BOOL},      {"orgs", TOP_ANYWHERE, JVAL_ARRAY},
    {"phases", TOP_ANYWHERE, JVAL_ARRAY},     {"totals", TOP_ANYWHERE, JVAL_ARRAY},
    {"escalation", TOP_ANYWHERE, JVAL_ARRAY}, {"roles", TOP_ANYWHERE, JVAL_OBJECT},
    {"receivers", TOP_ANYWHERE, JVAL_ARRAY},  {"shifts", TOP_ANYWHERE, JVAL_ARRAY},
    {"calendars", TOP_ANYWHERE, JVAL_NULL},   {"failover", TOP_ANYWHERE, JVAL_ARRAY},
};
#define N_TOP_KEYS (sizeof top_keys / sizeof *top_keys)

static const char *const languages[] = {"vi", "en", NULL};
struct site_row {
    char *id, *timezone, *textfile;
    struct words name;
    int language;
};
const struct option site_site_options[] = {
    {.name = "id",
     .type = OPTION_STRING,
     .offset = offsetof(struct site_row, id),
     .flags = OPTION_REQUIRED,
     .help = "the short name of the site, in socket and file names"},
    {.name = "name",
     .type = OPTION_WORDS,
     .offset = offsetof(struct site_row, name),
     .help = "the name on the screen"},
    {.name = "language",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct site_row, language),
     .choices = languages,
     .help = "the language of the screen unless the operator says another"},
    {.name = "timezone",
     .type = OPTION_STRING,
     .offset = offsetof(struct site_row, timezone),
     .help = "the zone of times on the screen, such as Asia/Ho_Chi_Minh"},
    {.name = "textfile",
     .type = OPTION_STRING,
     .offset = offsetof(struct site_row, textfile),
     .help = "file for the engine's own figures, each 10 s, as Prometheus' textfile collector "
             "reads them"},
    {0}};

struct group_row {
    char *id;
    struct words name;
};
const struct option site_group_options[] = {
    {.name = "id",
     .type = OPTION_STRING,
     .offset = offsetof(struct group_row, id),
     .flags = OPTION_REQUIRED,
     .help = "the name that targets give as their \"group\""},
    {.name = "name",
     .type = OPTION_WORDS,
     .offset = offsetof(struct group_row, name),
     .help = "the name on the screen"},
    {0}};
static const struct option group_defaults_key[] = {{.name = "defaults"}, {0}};

/* --- keys ----------------------------------------------------------------------------------- */

static const struct top_key *top_key_find(const char *name)
{
    for (size_t i = 0; i < N_TOP_KEYS; i++)
        if (strcmp(top_keys[i].name, name) == 0)
            return &top_keys[i];
    return NULL;
}

static void tell_unknown_key(struct site_loader *l, const struct place *at)
{
    struct nearest close = NEAREST_INIT(at->key);
    for (size_t i = 0; i < N_TOP_KEYS; i++)
        nearest_try(&close, top_keys[i].name);
    if (close.best != NULL)
        site_errorf(l, at, "unknown key \"%.128s\"; did you mean \"%s\"?", at->key, close.best);
    else
        site_errorf(l, at, "unknown key \"%.128s\"; docs/site.md lists the keys of a site file",
                    at->key);
}

static void check_top_keys(struct site_loader *l, const struct site_doc *doc, bool is_root)
{
    for (void *it = jval_first(doc->root); it != NULL; it = jval_next(doc->root, it)) {
        struct place at = PLACE_KEY(&doc->at, jval_key(it));
        const struct top_key *key = top_key_find(jval_key(it));
        enum jval_type found = jval_type(jval_value(it));
        if (key == NULL)
            tell_unknown_key(l, &at);
        else if (key->where == TOP_ROOT_ONLY && !is_root)
            site_errorf(l, &at, "found in an included file, expected in the root file only");
        else if (key->type != JVAL_NULL && key->type != found)
            site_errorf(l, &at, "found %s, expected %s", jval_type_name(found),
                        jval_type_name(key->type));
    }
}

/* The value if it has the type that its row wants (another one has been told already). */
static const struct jval *top_value(const struct site_doc *doc, const char *name)
{
    const struct jval *v = jval_get(doc->root, name);
    return jval_type(v) == top_key_find(name)->type ? v : NULL;
}

/* --- vars ----------------------------------------------------------------------------------- */

static size_t var_index(const struct site_vars *vars, const char *name)
{
    size_t i = 0;
    while (i < vars->n && strcmp(vars->keys[i], name) != 0)
        i++;
    return i;
}

static void var_put(struct site_vars *vars, const char *name, const char *value)
{
    size_t i = var_index(vars, name);
    if (i == vars->n) {
        vars->keys = mem_grow(vars->keys, i + 1, sizeof *vars->keys);
        vars->values = mem_grow(vars->values, i + 1, sizeof *vars->values);
        vars->keys[i] = mem_strdup(name);
        vars->values[i] = NULL;
        vars->n++;
    }
    mem_set(&vars->values[i], value);
}

bool site_vars_add(struct site_vars *v, const char *assignment, struct err *e)
{
    const char *equals = strchr(assignment, '=');
    char *name = equals != NULL ? mem_strndup(assignment, (size_t)(equals - assignment)) : NULL;
    bool is_ok = name != NULL && text_is_name(name);
    if (is_ok)
        var_put(v, name, equals + 1);
    else
        err_set(e, "found \"%.128s\", expected NAME=VALUE", assignment);
    free(name);
    return is_ok;
}

void site_vars_release(struct site_vars *v)
{
    for (size_t i = 0; i < v->n; i++) {
        free(v->keys[i]);
        free(v->values[i]);
    }
    free(v->keys);
    free(v->values);
    *v = (struct site_vars){0};
}

static void add_var(struct site_loader *l, const char *name, const struct jval *v,
                    const struct place *at)
{
    struct site_vars *vars = &l->vars;
    struct buf text = BUF_INIT(EXPAND_MAX);
    if (jval_str(v) != NULL)
        buf_adds(&text, jval_str(v));
    else if (jval_type(v) == JVAL_INT)
        jval_dump(&text, v, 0);
    else
        site_errorf(l, at, "found %s, expected a string or an integer",
                    jval_type_name(jval_type(v)));
    if (!text_is_name(name))
        site_errorf(l, at,
                    "the key is not a name: expected letters, digits, \"_.:-\", at most 128");
    if (var_index(vars, name) == vars->n) /* the file that includes decides before the included */
        var_put(vars, name, buf_text(&text));
    buf_release(&text);
}

/* --- a value may name other values --- */

enum { VAR_NEW, VAR_OPEN, VAR_DONE };
struct var_pass {
    struct site_loader *l;
    unsigned char *seen; /* one VAR_… for each */
    int depth;
};

/* Where the file that decides has it. */
static void tell_var(struct site_loader *l, const char *name, const char *what)
{
    for (size_t d = 0; d < l->n_docs; d++) {
        struct place at = PLACE_KEY(&l->docs[d]->at, "vars"), item = PLACE_KEY(&at, name);
        if (jval_get(top_value(l->docs[d], "vars"), name) == NULL)
            continue;
        site_error_at(l, &item, what);
        return;
    }
}

static void var_resolve(struct var_pass *p, size_t i);

static const char *find_other(const void *arg, const char *name, struct err *e)
{
    struct var_pass *p = (struct var_pass *)(uintptr_t)arg;
    struct site_vars *vars = &p->l->vars;
    if (strncmp(name, "var.", 4) == 0) {
        size_t i = var_index(vars, name + 4);
        if (i < vars->n && (p->seen[i] == VAR_OPEN || p->depth >= SITE_DEPTH_MAX)) {
            err_set(e, "found ${%s}, which leads %s", name,
                    p->seen[i] == VAR_OPEN ? "back to itself" : "through too many others");
            return NULL;
        }
        if (i < vars->n)
            var_resolve(p, i);
    }
    struct site_names names = {.loader = p->l};
    return site_find_name(&names, name, e);
}

static void var_resolve(struct var_pass *p, size_t i)
{
    struct site_vars *vars = &p->l->vars;
    struct err e;
    if (p->seen[i] != VAR_NEW)
        return;
    p->seen[i] = VAR_OPEN;
    p->depth++;
    char *value = expand_text(vars->values[i], find_other, p, &e);
    if (value != NULL)
        mem_set(&vars->values[i], value);
    else
        tell_var(p->l, vars->keys[i], e.text);
    free(value);
    p->depth--;
    p->seen[i] = VAR_DONE;
}

static void resolve_vars(struct site_loader *l)
{
    struct var_pass p = {.l = l, .seen = mem_alloc(l->vars.n)};
    for (size_t i = 0; i < l->vars.n; i++)
        var_resolve(&p, i);
    free(p.seen);
}

/* --set wins over all, but only over what is there. */
static void set_vars(struct site_loader *l)
{
    for (size_t i = 0; l->set != NULL && i < l->set->n; i++) {
        size_t at = var_index(&l->vars, l->set->keys[i]);
        if (at < l->vars.n) {
            mem_set(&l->vars.values[at], l->set->values[i]);
            continue;
        }
        struct nearest close = NEAREST_INIT(l->set->keys[i]);
        struct place cli = PLACE_FILE("--set");
        for (size_t k = 0; k < l->vars.n; k++)
            nearest_try(&close, l->vars.keys[k]);
        site_errorf(l, &cli,
                    "found \"%.128s\", but \"vars\" of the site file has no such name%s%s%s",
                    l->set->keys[i], close.best != NULL ? "; did you mean \"" : "",
                    close.best != NULL ? close.best : "", close.best != NULL ? "\"?" : "");
    }
}

static void read_vars(struct site_loader *l)
{
    for (size_t d = 0; d < l->n_docs; d++) {
        const struct jval *vars = top_value(l->docs[d], "vars");
        struct place at = PLACE_KEY(&l->docs[d]->at, "vars");
        for (void *it = vars != NULL ? jval_first(vars) : NULL; it != NULL;
             it = jval_next(vars, it)) {
            struct place item = PLACE_KEY(&at, jval_key(it));
            add_var(l, jval_key(it), jval_value(it), &item);
        }
    }
    set_vars(l);
    resolve_vars(l);
}

/* --- site ----------------------------------------------------------------------------------- */

static bool timezone_is_known(const char *name)
{
    if (name[0] == '\0' || name[0] == '/' || strstr(name, "..") != NULL)
        return false;
    for (const char *p = name; *p != '\0'; p++)
        if (!isalnum((unsigned char)*p) && strchr("_+-/", *p) == NULL)
            return false;
    if (access("/usr/share/zoneinfo/UTC", R_OK) != 0)
        return true; /* no zones are installed: nothing to compare with */
    struct buf path = BUF_INIT(512);
    buf_addf(&path, "/usr/share/zoneinfo/%s", name);
    bool is_there = access(buf_text(&path), R_OK) == 0;
    buf_release(&path);
    return is_there;
}

static void take_textfile(struct site_loader *l, const char *path, const struct place *site)
{
    struct place at = PLACE_KEY(site, "textfile");
    size_t len = path != NULL ? strlen(path) : 0;
    if (path != NULL &&
        (path[0] != '/' || len < 7 || strcmp(path + len - 5, ".prom") != 0 || !text_is_clean(path)))
        site_errorf(l, &at, "found \"%.128s\", expected an absolute path that ends with \".prom\"",
                    path);
    mem_set(&l->site->textfile, path);
}

static void take_site(struct site_loader *l, struct site_row *row, const struct place *at)
{
    struct fleet *f = l->site->fleet;
    struct place id = PLACE_KEY(at, "id"), zone = PLACE_KEY(at, "timezone");
    if (row->id != NULL && (!text_is_name(row->id) || row->id[0] == '.'))
        site_errorf(l, &id,
                    "found \"%.128s\", expected a name: letters, digits, \"_.:-\", at most "
                    "128, not starting with \"-\" or \".\"",
                    row->id);
    if (row->timezone != NULL && !timezone_is_known(row->timezone))
        site_errorf(l, &zone,
                    "found \"%.128s\", expected a time zone such as \"Asia/Ho_Chi_Minh\" "
                    "or \"UTC\"",
                    row->timezone);
    take_textfile(l, row->textfile, at);
    mem_set(&l->site->id, row->id);
    mem_set(&f->site_id, row->id);
    mem_set(&f->timezone, row->timezone);
    mem_set(&f->site_name.vi, row->name.vi);
    mem_set(&f->site_name.en, row->name.en);
}

static void read_site(struct site_loader *l, const struct site_doc *root)
{
    static const struct option *const tables[] = {site_site_options};
    struct site_names names = {.loader = l};
    struct option_reader r = site_reader(l, &names, true);
    struct place at = PLACE_KEY(&root->at, "site");
    struct option_layer layer = {top_value(root, "site"), &at};
    const char *schema = jval_get_str(root->root, "$schema");
    struct place schema_at = PLACE_KEY(&root->at, "$schema");
    if (schema != NULL && strcmp(schema, "trucban/site/1") != 0)
        site_errorf(l, &schema_at, "found \"%.128s\", expected \"trucban/site/1\"", schema);
    if (layer.object == NULL) {
        if (jval_get(root->root, "site") == NULL)
            site_errorf(l, &root->at,
                        "\"site\" is missing: expected {\"id\": \"…\", \"name\": \"…\"}");
        return;
    }
    struct site_row row = {0};
    option_check_keys(&r, &layer, tables, 1);
    option_fill(&r, site_site_options, &row, &layer, 1);
    take_site(l, &row, &at);
    if (jval_get(layer.object, "language") != NULL)
        mem_set(&l->site->fleet->language, languages[row.language]);
    option_release(site_site_options, &row);
}

static void read_store(struct site_loader *l, const struct site_doc *root)
{
    const char *store = jval_str(top_value(root, "store"));
    struct place at = PLACE_KEY(&root->at, "store");
    if (store == NULL) {
        struct buf text = BUF_INIT(256);
        buf_addf(&text, "sqlite:%s.db", l->site->id != NULL ? l->site->id : "site");
        l->site->store = buf_take(&text);
        return;
    }
    if (strncmp(store, "sqlite:", 7) != 0 || store[7] == '\0' || !text_is_clean(store))
        site_errorf(l, &at, "found \"%.128s\", expected \"sqlite:FILE.db\"", store);
    l->site->store = mem_strdup(store);
}

/* --- defaults and groups -------------------------------------------------------------------- */

static void check_defaults(struct site_loader *l, const struct option_layer *layer)
{
    const struct option *const tables[] = {site_shared_options, site_timing_options,
                                           site_label_options, site_checks_key};
    struct option_reader r = site_reader(l, NULL, true);
    option_check_keys(&r, layer, tables, 4);
    site_check_timing(l, layer);
}

static void read_defaults(struct site_loader *l, const struct site_doc *doc)
{
    struct place at = PLACE_KEY(&doc->at, "defaults");
    struct option_layer layer = {top_value(doc, "defaults"), NULL};
    if (layer.object == NULL)
        return;
    layer.at = site_place_keep(l, &at);
    check_defaults(l, &layer);
    MEM_ROOM(l->defaults, l->n_defaults, l->cap_defaults);
    l->defaults[l->n_defaults++] = layer;
}

static const struct site_group *group_find(const struct site_loader *l, const char *id)
{
    for (size_t i = 0; i < l->n_groups; i++)
        if (strcmp(l->groups[i].id, id) == 0)
            return &l->groups[i];
    return NULL;
}

static void add_group(struct site_loader *l, const struct option_layer *layer,
                      struct group_row *row)
{
    struct place at = PLACE_KEY(layer->at, "id"), defaults = PLACE_KEY(layer->at, "defaults");
    if (!text_is_name(row->id)) {
        site_errorf(l, &at,
                    "found \"%.128s\", expected a name: letters, digits, \"_.:-\", at most "
                    "128",
                    row->id);
        return;
    }
    if (group_find(l, row->id) != NULL) {
        site_errorf(l, &at, "found \"%s\" a second time, expected each group once", row->id);
        return;
    }
    struct fleet *f = l->site->fleet;
    fleet_add_group(f, row->id, &row->name);
    struct site_group g = {.id = jval_get_str(layer->object, "id")};
    if (jval_get(layer->object, "defaults") != NULL) {
        g.defaults = (struct option_layer){jval_get(layer->object, "defaults"),
                                           site_place_keep(l, &defaults)};
        check_defaults(l, &g.defaults);
    }
    MEM_ROOM(l->groups, l->n_groups, l->cap_groups);
    l->groups[l->n_groups++] = g;
}

static void read_groups(struct site_loader *l, const struct site_doc *doc)
{
    static const struct option *const tables[] = {site_group_options, group_defaults_key};
    const struct jval *list = top_value(doc, "groups");
    struct place in_doc = PLACE_KEY(&doc->at, "groups");
    const struct place *at = site_place_keep(l, &in_doc);
    struct site_names names = {.loader = l};
    struct option_reader r = site_reader(l, &names, true);
    for (size_t i = 0; list != NULL && i < jval_len(list); i++) {
        struct place item = PLACE_INDEX(at, i);
        struct option_layer layer = {jval_at(list, i), site_place_keep(l, &item)};
        struct group_row row = {0};
        if (!option_check_keys(&r, &layer, tables, 2) && jval_type(layer.object) != JVAL_OBJECT)
            continue;
        option_fill(&r, site_group_options, &row, &layer, 1);
        if (row.id != NULL)
            add_group(l, &layer, &row);
        option_release(site_group_options, &row);
    }
}

/* --- overlay -------------------------------------------------------------------------------- */

static bool overlay_names(struct site_loader *l, struct site_overlay *o, const char *id,
                          const char *address)
{
    struct place id_at = PLACE_KEY(o->layer.at, "id");
    struct place address_at = PLACE_KEY(o->layer.at, "address");
    struct err e;
    if (strpbrk(id, "*?") != NULL) {
        o->glob = id;
        if (address != NULL && strchr(address, '[') != NULL)
            site_errorf(l, &address_at,
                        "found a range beside the pattern \"%.128s\", expected a "
                        "range in \"id\" as well",
                        id);
        return true;
    }
    if (!range_expand(id, &o->ids, &e)) {
        site_errorf(l, &id_at, "%s", e.text);
        return false;
    }
    if (address != NULL && strchr(address, '[') != NULL) {
        if (!range_expand(address, &o->addresses, &e)) {
            site_errorf(l, &address_at, "%s", e.text);
            return false;
        }
        if (o->addresses.n != o->ids.n)
            site_errorf(l, &address_at, "found %zu addresses for %zu ids, expected as many",
                        o->addresses.n, o->ids.n);
    }
    for (size_t i = 0; i < o->ids.n; i++)
        map_put(&o->by_id, o->ids.v[i], (void *)(uintptr_t)(i + 1));
    return true;
}

static void read_overlay(struct site_loader *l, const struct site_doc *doc)
{
    const struct jval *list = top_value(doc, "overlay");
    struct place in_doc = PLACE_KEY(&doc->at, "overlay");
    const struct place *at = site_place_keep(l, &in_doc);
    for (size_t i = 0; list != NULL && i < jval_len(list); i++) {
        struct place item = PLACE_INDEX(at, i), id_at = PLACE_KEY(&item, "id");
        struct site_overlay o = {.layer = {jval_at(list, i), site_place_keep(l, &item)}};
        const char *id = jval_get_str(o.layer.object, "id");
        if (jval_type(o.layer.object) != JVAL_OBJECT) {
            site_errorf(l, &item, "found %s, expected an object",
                        jval_type_name(jval_type(o.layer.object)));
        } else if (id == NULL) {
            site_errorf(
                l, jval_get(o.layer.object, "id") ? &id_at : &item,
                "\"id\" is missing or not a string: which targets, as a range or with * and ?");
        } else if (overlay_names(l, &o, id, jval_get_str(o.layer.object, "address"))) {
            MEM_ROOM(l->overlays, l->n_overlays, l->cap_overlays);
            l->overlays[l->n_overlays++] = o;
            continue;
        }
        map_release(&o.by_id);
        names_release(&o.ids);
        names_release(&o.addresses);
    }
}

void site_read_tops(struct site_loader *l)
{
    for (size_t i = 0; i < l->n_docs; i++)
        check_top_keys(l, l->docs[i], i == 0);
    read_vars(l);
    read_site(l, l->docs[0]);
    read_store(l, l->docs[0]);
    for (size_t i = 0; i < l->n_docs; i++) {
        if (jval_bool(top_value(l->docs[i], "sample"), false))
            l->site->fleet->is_sample = true;
        read_defaults(l, l->docs[i]);
        read_groups(l, l->docs[i]);
        read_overlay(l, l->docs[i]);
        site_read_about(l, l->docs[i]);
        site_read_escalation(l, l->docs[i]);
        site_read_shifts(l, l->docs[i]);
        site_read_roles(l, l->docs[i]);
    }
}

void site_top_release(struct site_loader *l)
{
    for (size_t i = 0; i < l->n_overlays; i++) {
        map_release(&l->overlays[i].by_id);
        names_release(&l->overlays[i].ids);
        names_release(&l->overlays[i].addresses);
    }
    site_vars_release(&l->vars);
    free(l->overlays);
    free(l->groups);
    free(l->defaults);
}
