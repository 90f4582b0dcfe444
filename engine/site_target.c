/* Targets: ranges expanded in step, overlay and defaults laid over, names filled in. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "engine/nearest.h"
#include "engine/site_load.h"

/* target_kind_names and link_names, ended by NULL as choices are. */
static const char *const kinds[] = {"server",   "component", "endpoint", "flow",  "channel",
                                    "database", "cluster",   "hotline",  "other", NULL};
static const char *const links[] = {"done", "testing", "none", NULL};
static const char *const envs[] = {"production", "test", NULL};
_Static_assert(sizeof kinds / sizeof *kinds == TARGET_KIND_COUNT + 1, "a kind is missing");
_Static_assert(sizeof links / sizeof *links == LINK_COUNT + 1, "a link state is missing");

struct target_row {
    char *id, *address;
    struct option_pairs labels;
    struct words name;
    int kind, env, link;
    char *group, *runbook, *org;
    struct option_strings parents, tags;
    bool is_enabled;
};
#define ROW(field) .offset = offsetof(struct target_row, field)

/* Read first: the other strings may name them. */
const struct option site_first_options[] = {
    {.name = "id",
     .type = OPTION_STRING,
     ROW(id),
     .flags = OPTION_REQUIRED,
     .help = "the target's name, or a range such as srv-[01-04]"},
    {.name = "address",
     .type = OPTION_STRING,
     ROW(address),
     .help = "host name or IP address, or a range in step with the id's"},
    {0}};
const struct option site_label_options[] = {
    {.name = "labels",
     .type = OPTION_PAIRS,
     ROW(labels),
     .help = "words to filter and group by, such as {\"role\": \"web\"}"},
    {0}};
const struct option site_own_options[] = {
    {.name = "name", .type = OPTION_WORDS, ROW(name), .help = "the name on the screen"},
    {.name = "kind",
     .type = OPTION_CHOICE,
     ROW(kind),
     .choices = kinds,
     .help = "what it is; a server unless said otherwise"},
    {.name = "group", .type = OPTION_STRING, ROW(group), .help = "id of the group that it is in"},
    {.name = "parents",
     .type = OPTION_STRINGS,
     ROW(parents),
     .help = "ids of the targets that it cannot be reached without"},
    {.name = "enabled",
     .type = OPTION_BOOL,
     ROW(is_enabled),
     .fallback = "true",
     .help = "false: kept in the file, not probed"},
    {0}};
const struct option site_shared_options[] = {
    {.name = "env",
     .type = OPTION_CHOICE,
     ROW(env),
     .choices = envs,
     .help = "test: never more than P4, never counts for the whole"},
    {.name = "link",
     .type = OPTION_CHOICE,
     ROW(link),
     .choices = links,
     .help = "none or testing: not connected yet, which is no fault"},
    {.name = "runbook", .type = OPTION_STRING, ROW(runbook), .help = "what to do when it fails"},
    {.name = "org", .type = OPTION_STRING, ROW(org), .help = "id of who is responsible"},
    {.name = "tags",
     .type = OPTION_STRINGS,
     ROW(tags),
     .help = "facts of the site, shown as marks"},
    {0}};
const struct option site_checks_key[] = {{.name = "checks"}, {0}};
const struct option site_without_options[] = {
    {.name = "without", .type = OPTION_STRINGS, .help = "names of checks that are left out here"},
    {0}};

/* --- layers --------------------------------------------------------------------------------- */

static bool overlay_covers(struct site_overlay *o, const char *id)
{
    return o->glob != NULL ? text_glob(o->glob, id) : map_get(&o->by_id, id) != NULL;
}

static void layer_add(struct site_layers *to, const struct jval *object, const struct place *at)
{
    if (jval_type(object) == JVAL_OBJECT && to->n < OPTION_LAYERS_MAX - 1) /* one for the check */
        to->v[to->n++] = (struct option_layer){object, at};
}

static void collect_layers(struct site_loader *l, const struct option_layer *self, const char *id,
                           const char *group, struct site_layers *to)
{
    *to = (struct site_layers){.n = 0};
    for (size_t i = l->n_overlays; i-- > 0;) { /* what stands later is laid on top */
        if (!overlay_covers(&l->overlays[i], id) || to->n >= OPTION_LAYERS_MAX / 2)
            continue;
        l->overlays[i].is_used = true;
        layer_add(to, l->overlays[i].layer.object, l->overlays[i].layer.at);
    }
    to->n_overlays = to->n;
    layer_add(to, self->object, self->at);
    for (size_t i = 0; group != NULL && i < l->n_groups; i++)
        if (strcmp(l->groups[i].id, group) == 0)
            layer_add(to, l->groups[i].defaults.object, l->groups[i].defaults.at);
    for (size_t i = 0; i < l->n_defaults; i++)
        layer_add(to, l->defaults[i].object, l->defaults[i].at);
}

/* The group by itself decides which defaults count, so it is looked at before the rows are. */
static char *group_of(struct site_loader *l, const struct option_layer *self, const char *id)
{
    const char *group = jval_get_str(self->object, "group");
    for (size_t i = l->n_overlays; i-- > 0;) {
        const char *over = jval_get_str(l->overlays[i].layer.object, "group");
        if (over != NULL && overlay_covers(&l->overlays[i], id)) {
            group = over;
            break;
        }
    }
    struct site_names names = {.loader = l, .id = id};
    return group != NULL ? expand_text(group, site_find_name, &names, NULL) : NULL;
}

/* --- addresses ------------------------------------------------------------------------------ */

/* The address of the i-th name: an overlay's, else the target's own; in step where it is a range.
 */
static const char *address_pattern(struct site_loader *l, const struct option_layer *self,
                                   const struct names *own, size_t i, const char *id,
                                   const struct place **at)
{
    for (size_t k = l->n_overlays; k-- > 0;) {
        struct site_overlay *o = &l->overlays[k];
        const char *address = jval_get_str(o->layer.object, "address");
        if (address == NULL || !overlay_covers(o, id))
            continue;
        *at = o->layer.at;
        size_t which = (size_t)(uintptr_t)map_get(&o->by_id, id);
        return o->addresses.n > 0 && which > 0 && which <= o->addresses.n
                   ? o->addresses.v[which - 1]
                   : address;
    }
    *at = self->at;
    if (own->n > 1)
        return i < own->n ? own->v[i] : NULL;
    return own->n == 1 ? own->v[0] : NULL;
}

static void set_address(struct site_loader *l, struct target *t, const char *pattern,
                        const struct place *layer_at)
{
    struct site_names names = {.loader = l, .id = t->id};
    struct place at = PLACE_KEY(layer_at, "address");
    struct err e;
    char *address = pattern != NULL ? expand_text(pattern, site_find_name, &names, &e) : NULL;
    if (pattern != NULL && address == NULL)
        site_error_at(l, &at, e.text);
    if (address != NULL &&
        (address[0] == '\0' || !text_is_clean(address) || strpbrk(address, " /[]@\"'\\") != NULL))
        site_errorf(l, &at, "found \"%.128s\", expected a host name or an IP address", address);
    free(t->address);
    t->address = address;
}

/* --- one target ----------------------------------------------------------------------------- */

static void move_strings(char ***to, size_t *n, struct option_strings *from)
{
    *to = from->v;
    *n = from->n;
    *from = (struct option_strings){0};
}

static void move_labels(struct target *t, struct option_pairs *from)
{
    t->labels = mem_alloc(from->n * sizeof *t->labels);
    for (size_t i = 0; i < from->n; i++)
        t->labels[t->n_labels++] = (struct label){from->keys[i], from->values[i]};
    from->n = 0;
}

/* The row's strings become the target's. */
static void move_row(struct target *t, struct target_row *row)
{
    t->name = row->name;
    t->kind = (enum target_kind)row->kind;
    t->group = row->group;
    t->runbook = row->runbook;
    t->org = row->org;
    row->name = (struct words){0};
    row->group = row->runbook = row->org = NULL;
    t->is_test = t->is_test_in_file = row->env == 1;
    t->is_disabled = !row->is_enabled;
    t->link = (enum link_state)row->link;
    move_strings(&t->tags, &t->n_tags, &row->tags);
    move_strings(&t->parents, &t->n_parents, &row->parents);
}

static void check_group(struct site_loader *l, const struct target_row *row, const struct place *at)
{
    const struct fleet *f = l->site->fleet;
    struct place group = PLACE_KEY(at, "group");
    if (row->group == NULL)
        return;
    struct nearest close = NEAREST_INIT(row->group);
    for (size_t i = 0; i < f->n_groups; i++) {
        if (strcmp(f->groups[i].id, row->group) == 0)
            return;
        nearest_try(&close, f->groups[i].id);
    }
    site_errorf(l, &group, "found \"%.128s\", but \"groups\" has no such id%s%s%s", row->group,
                close.best != NULL ? "; did you mean \"" : "", close.best != NULL ? close.best : "",
                close.best != NULL ? "\"?" : "");
}

static void read_one(struct site_loader *l, const struct site_entry *en, size_t i)
{
    const char *id = en->ids.v[i];
    struct target *t = fleet_target(l->site->fleet, id);
    struct site_names names = {.loader = l, .id = id, .address = t->address};
    struct option_reader r = site_reader(l, &names, true);
    struct site_layers layers;
    struct target_row row = {0};
    char *group = group_of(l, &en->self, id);
    collect_layers(l, &en->self, id, group, &layers);
    free(group);
    option_fill(&r, site_label_options, &row, layers.v, layers.n);
    names.labels = &row.labels;
    option_fill(&r, site_own_options, &row, layers.v, layers.n_overlays + 1);
    option_fill(&r, site_shared_options, &row, layers.v, layers.n);
    check_group(l, &row, en->self.at);
    site_check_org(l, row.org, en->self.at);
    move_row(t, &row);
    site_read_checks(l, t, &layers, &names);
    move_labels(t, &row.labels);
    option_release(site_first_options, &row);
    option_release(site_label_options, &row);
    option_release(site_own_options, &row);
    option_release(site_shared_options, &row);
}

/* --- ranges --------------------------------------------------------------------------------- */

static bool expand_pattern(struct site_loader *l, const struct site_entry *en, const char *key,
                           struct names *out)
{
    struct place at = PLACE_KEY(en->self.at, key);
    const struct jval *v = jval_get(en->self.object, key);
    const char *pattern = jval_str(v);
    struct err e;
    if (v == NULL)
        return true;
    if (pattern == NULL) {
        site_errorf(l, &at, "found %s, expected a string", jval_type_name(jval_type(v)));
        return false;
    }
    if (range_expand(pattern, out, &e))
        return true;
    site_error_at(l, &at, e.text);
    return false;
}

static bool expand_entry(struct site_loader *l, struct site_entry *en)
{
    struct place address = PLACE_KEY(en->self.at, "address");
    if (jval_get(en->self.object, "id") == NULL) {
        site_errorf(l, en->self.at, "\"id\" is missing: %s", site_first_options[0].help);
        return false;
    }
    bool is_id_ok = expand_pattern(l, en, "id", &en->ids);
    if (!expand_pattern(l, en, "address", &en->addresses) || !is_id_ok)
        return is_id_ok;
    const char *pattern = jval_get_str(en->self.object, "address");
    if (pattern != NULL && strchr(pattern, '[') != NULL && en->addresses.n != en->ids.n)
        site_errorf(l, &address,
                    "found %zu addresses for %zu ids, expected as many: the two ranges "
                    "run in step",
                    en->addresses.n, en->ids.n);
    return true;
}

static bool add_name(struct site_loader *l, const struct place *at, const char *id)
{
    struct fleet *f = l->site->fleet;
    struct place id_at = PLACE_KEY(at, "id");
    if (!text_is_name(id)) {
        site_errorf(l, &id_at,
                    "found \"%.128s\", expected a name: letters, digits, \"_.:-\", at "
                    "most 128, not starting with \"-\"",
                    id);
        return false;
    }
    bool is_known = fleet_target(f, id) != NULL;
    if (is_known && l->errors->n >= SITE_ERRORS_MAX)
        return false; /* nobody will read where the first one is */
    for (size_t i = 0; is_known && i < f->n_targets; i++) {
        if (strcmp(f->targets[i]->id, id) != 0)
            continue;
        site_errorf(l, &id_at, "found \"%s\" a second time; the first is at %s", id,
                    l->target_at[i]);
        return false;
    }
    if (f->n_targets >= SITE_TARGETS_MAX) {
        site_errorf(l, at, "found more than %d targets", SITE_TARGETS_MAX);
        return false;
    }
    fleet_add_target(f, id);
    struct buf where = BUF_INIT(TEXT_MAX_STORED);
    place_text(at, &where);
    l->target_at = mem_grow(l->target_at, f->n_targets, sizeof *l->target_at);
    l->target_at[f->n_targets - 1] = buf_take(&where);
    return true;
}

/* Names and addresses first, of all entries, so that parents and ${address.TARGET} find them. */
static void read_names(struct site_loader *l, struct site_entry *en)
{
    bool is_new = true;
    for (size_t i = 0; i < en->ids.n; i++)
        is_new = add_name(l, en->self.at, en->ids.v[i]) && is_new;
    if (!is_new) {
        names_release(&en->ids);
        return;
    }
    bool is_clean = true; /* one of the range shows what is wrong with it */
    for (size_t i = 0; is_clean && i < en->ids.n; i++) {
        size_t so_far = l->errors->n;
        const struct place *at;
        const char *pattern = address_pattern(l, &en->self, &en->addresses, i, en->ids.v[i], &at);
        set_address(l, fleet_target(l->site->fleet, en->ids.v[i]), pattern, at);
        is_clean = l->errors->n == so_far;
    }
}

void site_add_target(struct site_loader *l, const struct jval *object, const struct place *at)
{
    static const struct option *const tables[] = {site_first_options,  site_label_options,
                                                  site_own_options,    site_shared_options,
                                                  site_timing_options, site_checks_key};
    enum { N_TABLES = sizeof tables / sizeof *tables };
    struct option_reader r = site_reader(l, NULL, true);
    struct site_entry en = {.self = {object, site_place_keep(l, at)}};
    if (jval_type(object) != JVAL_OBJECT)
        site_errorf(l, at, "found %s, expected an object", jval_type_name(jval_type(object)));
    else
        option_check_keys(&r, &en.self, tables, N_TABLES);
    site_check_timing(l, &en.self);
    if (jval_type(object) == JVAL_OBJECT && expand_entry(l, &en))
        read_names(l, &en);
    MEM_ROOM(l->entries, l->n_entries, l->cap_entries);
    l->entries[l->n_entries++] = en;
}

static void read_rest(struct site_loader *l, const struct site_entry *en)
{
    bool is_clean = true;
    for (size_t i = 0; is_clean && i < en->ids.n; i++) {
        size_t so_far = l->errors->n;
        read_one(l, en, i);
        is_clean = l->errors->n == so_far;
    }
}

static void check_overlays(struct site_loader *l)
{
    static const struct option *const tables[] = {site_first_options,  site_label_options,
                                                  site_own_options,    site_shared_options,
                                                  site_timing_options, site_without_options};
    struct site_names names = {.loader = l};
    struct option_reader r = site_reader(l, &names, true);
    for (size_t i = 0; i < l->n_overlays; i++) {
        struct option_strings without = {0};
        struct site_overlay *o = &l->overlays[i];
        struct place at = PLACE_KEY(o->layer.at, "id");
        option_check_keys(&r, &o->layer, tables, sizeof tables / sizeof *tables);
        site_check_timing(l, &o->layer);
        option_fill(&r, site_without_options, &without, &o->layer, 1);
        option_release(site_without_options, &without);
        if (!o->is_used)
            site_errorf(l, &at, "found \"%.128s\", but no target has such an id",
                        jval_get_str(o->layer.object, "id"));
    }
}

void site_read_targets(struct site_loader *l)
{
    for (size_t d = 0; d < l->n_docs; d++) {
        const struct jval *list = jval_get(l->docs[d]->root, "targets");
        struct place at = PLACE_KEY(&l->docs[d]->at, "targets");
        const struct place *kept = site_place_keep(l, &at);
        for (size_t i = 0; jval_type(list) == JVAL_ARRAY && i < jval_len(list); i++) {
            struct place item = PLACE_INDEX(kept, i);
            site_add_target(l, jval_at(list, i), &item);
        }
    }
    site_read_sd(l);
    l->has_addresses = true;
    for (size_t i = 0; i < l->n_entries; i++)
        read_rest(l, &l->entries[i]);
    check_overlays(l);
}

void site_target_release(struct site_loader *l)
{
    for (size_t i = 0; i < l->n_entries; i++) {
        names_release(&l->entries[i].ids);
        names_release(&l->entries[i].addresses);
    }
    free(l->entries);
}
