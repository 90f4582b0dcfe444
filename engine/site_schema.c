/* JSON Schema of a site file, printed from the same tables that read it (`trucban site schema`), so
 * that editors complete and check as one types. */
#include <string.h>

#include "engine/receiver.h"
#include "engine/site_load.h"

static struct jval *typed(const char *type)
{
    struct jval *o = jval_object();
    jval_set_str(o, "type", type);
    return o;
}

static struct jval *array_of(struct jval *items)
{
    struct jval *o = typed("array");
    jval_set(o, "items", items);
    return o;
}

static struct jval *map_of(struct jval *values)
{
    struct jval *o = typed("object");
    jval_set(o, "additionalProperties", values);
    return o;
}

static struct jval *either(struct jval *a, struct jval *b)
{
    struct jval *o = jval_object(), *list = jval_array();
    jval_append(list, a);
    jval_append(list, b);
    jval_set(o, "anyOf", list);
    return o;
}

static struct jval *matching(const char *pattern)
{
    struct jval *o = typed("string");
    jval_set_str(o, "pattern", pattern);
    return o;
}

/* {"l1": ["@group", "account"], …} */
static struct jval *roles(void)
{
    struct jval *o = jval_object(), *keys = jval_object();
    for (int role = 0; role < DUTY_ROLE_COUNT; role++) {
        struct jval *list = array_of(matching("^@?[A-Za-z0-9_.:-]+$"));
        jval_set_int(list, "minItems", 1);
        jval_set(keys, duty_rows[role].name, list);
    }
    jval_set_str(o, "type", "object");
    jval_set(o, "properties", keys);
    jval_set_bool(o, "additionalProperties", false);
    return o;
}

/* An object with exactly these keys; the caller adds properties. */
static struct jval *closed_object(struct jval *properties)
{
    struct jval *o = typed("object");
    jval_set(o, "properties", properties);
    jval_set_bool(o, "additionalProperties", false);
    return o;
}

static struct jval *numeric(const struct option *row, const char *type)
{
    struct jval *o = typed(type);
    if (row->min != 0 || row->max != 0) {
        jval_set_num(o, "minimum", row->min);
        jval_set_num(o, "maximum", row->max);
    }
    return either(o, matching("\\$\\{"));
}

static struct jval *choice(const char *const names[])
{
    struct jval *o = jval_object(), *list = jval_array();
    for (size_t i = 0; names[i] != NULL; i++)
        jval_append(list, jval_new_str(names[i]));
    jval_set(o, "enum", list);
    return o;
}

/* A choice may come from a name: "${var.mode}". */
static struct jval *choice_or_name(const char *const names[])
{
    return either(choice(names), matching("\\$\\{"));
}

static struct jval *words_schema(void)
{
    struct jval *both = jval_object();
    jval_set(both, "vi", typed("string"));
    jval_set(both, "en", typed("string"));
    return either(typed("string"), closed_object(both));
}

static struct jval *requiring(const char *key)
{
    struct jval *o = jval_object(), *list = jval_array();
    jval_append(list, jval_new_str(key));
    jval_set(o, "required", list);
    return o;
}

/* At least one of two keys has to be there. */
static struct jval *with_either(struct jval *o, const char *a, const char *b)
{
    struct jval *list = jval_array();
    jval_append(list, requiring(a));
    jval_append(list, requiring(b));
    jval_set(o, "anyOf", list);
    return o;
}

static struct jval *threshold_schema(void)
{
    struct jval *keys = jval_object();
    jval_set(keys, "warning", typed("number"));
    jval_set(keys, "critical", typed("number"));
    jval_set(keys, "below", typed("boolean"));
    jval_set(keys, "over", matching("^([0-9.]+(ms|s|m|h|d))+$|\\$\\{"));
    jval_set(keys, "stat", choice(threshold_stats));
    jval_set(keys, "for", matching("^([0-9.]+(ms|s|m|h|d))+$|\\$\\{"));
    jval_set(keys, "hours", typed("string"));
    struct jval *o = closed_object(keys), *needs = jval_object(), *stat = jval_array();
    jval_append(stat, jval_new_str("stat"));
    jval_set(needs, "over", stat);
    jval_set(o, "dependentRequired", needs);
    return with_either(o, "warning", "critical");
}

static struct jval *scalar_schema(void)
{
    static const char *const types[] = {"string", "number", "boolean", "null"};
    struct jval *o = jval_object(), *list = jval_array();
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        jval_append(list, jval_new_str(types[i]));
    jval_set(o, "type", list);
    return o;
}

/* What one JSON value is compared with: a value, or an object of comparisons. */
static struct jval *test_schema(void)
{
    static const char *const any[] = {"==", "!="}, *const order[] = {"<", "<=", ">", ">="};
    struct jval *ops = jval_object();
    for (size_t i = 0; i < 2; i++)
        jval_set(ops, any[i], scalar_schema());
    for (size_t i = 0; i < 4; i++)
        jval_set(ops, order[i], typed("number"));
    jval_set(ops, "matches", typed("string"));
    jval_set(ops, "exists", typed("boolean"));
    return either(scalar_schema(), closed_object(ops));
}

static struct jval *tests_schema(void)
{
    struct jval *o = map_of(test_schema());
    jval_set(o, "propertyNames", matching("^(/|$)"));
    return o;
}

static struct jval *secret_schema(void)
{
    struct jval *keys = jval_object();
    jval_set(keys, "file", typed("string"));
    jval_set(keys, "env", typed("string"));
    jval_set(keys, "credential", typed("string"));
    struct jval *o = closed_object(keys);
    jval_set_int(o, "minProperties", 1);
    jval_set_int(o, "maxProperties", 1);
    return o;
}

static void add_rows(struct jval *properties, struct jval *required, const struct option *rows);

static struct jval *group_schema(const struct option *row)
{
    struct jval *properties = jval_object(), *required = jval_array();
    add_rows(properties, required, row->rows);
    struct jval *o = closed_object(properties);
    jval_set(o, "required", required);
    return o;
}

static struct jval *value_schema(const struct option *row)
{
    switch (row->type) {
    case OPTION_BOOL:
        return typed("boolean");
    case OPTION_INT:
        return numeric(row, "integer");
    case OPTION_NUMBER:
        return numeric(row, "number");
    case OPTION_DURATION:
        return matching("^([0-9.]+(ms|s|m|h|d))+$|\\$\\{");
    case OPTION_SIZE:
        return either(typed("integer"), matching("^[0-9.]+(B|kB|KiB|MB|MiB|GB|GiB)?$|\\$\\{"));
    case OPTION_CHOICE:
        return choice_or_name(row->choices);
    case OPTION_STRINGS:
        return either(typed("string"), array_of(typed("string")));
    case OPTION_INTS:
        return either(typed("integer"), array_of(numeric(row, "integer")));
    case OPTION_PAIRS:
    case OPTION_POINTERS:
        return map_of(typed("string"));
    case OPTION_WORDS:
        return words_schema();
    case OPTION_TESTS:
        return tests_schema();
    case OPTION_THRESHOLDS:
        return map_of(threshold_schema());
    case OPTION_GROUP:
        return group_schema(row);
    case OPTION_LIST:
        return array_of(group_schema(row));
    case OPTION_SECRET:
        return secret_schema();
    case OPTION_STRING:
        break;
    }
    return typed("string");
}

/* required NULL: where a layer is partial (defaults, overlay), nothing is required. */
static void add_rows(struct jval *properties, struct jval *required, const struct option *rows)
{
    for (const struct option *row = rows; row != NULL && row->name != NULL; row++) {
        struct jval *o = value_schema(row);
        if (row->help != NULL)
            jval_set_str(o, "description", row->help);
        if (row->fallback != NULL)
            jval_set(o, "default", jval_parse(row->fallback, strlen(row->fallback), NULL));
        jval_set(properties, row->name, o);
        if (required != NULL && (row->flags & OPTION_REQUIRED) != 0)
            jval_append(required, jval_new_str(row->name));
    }
}

static struct jval *reference(const char *name)
{
    struct jval *o = jval_object();
    jval_set_str(o, "$ref", name);
    return o;
}

static struct jval *tables_schema(const struct option *const tables[], size_t n, bool is_partial)
{
    struct jval *properties = jval_object(), *required = jval_array();
    for (size_t i = 0; i < n; i++) {
        if (tables[i] == site_checks_key)
            jval_set(properties, "checks", array_of(reference("#/$defs/check")));
        else
            add_rows(properties, is_partial ? NULL : required, tables[i]);
    }
    struct jval *o = closed_object(properties);
    jval_set(o, "required", required);
    return o;
}

/* Where `key` is that word, the keys are those of the kind: so that an editor names the key that is
 * wrong, and not all kinds that it is not.  Takes `then`. */
static struct jval *if_kind(const char *key, const char *name, const char *summary,
                            struct jval *then)
{
    struct jval *o = jval_object(), *word = jval_object(), *properties = jval_object();
    jval_set_str(word, "const", name);
    jval_set(properties, key, word);
    struct jval *condition = requiring(key);
    jval_set(condition, "properties", properties);
    jval_set_str(then, "description", summary);
    jval_set(o, "if", condition);
    jval_set(o, "then", then);
    return o;
}

/* An object whose `key` says of which kind it is.  Takes both lists. */
static struct jval *of_kinds(const char *key, struct jval *words, struct jval *kinds)
{
    struct jval *o = typed("object");
    struct jval *properties = jval_object(), *word = jval_object(), *required = jval_array();
    jval_set(word, "enum", words);
    jval_set(properties, key, word);
    jval_append(required, jval_new_str(key));
    jval_set(o, "properties", properties);
    jval_set(o, "required", required);
    jval_set(o, "allOf", kinds);
    return o;
}

static struct jval *check_schema(void)
{
    struct jval *kinds = jval_array(), *words = jval_array();
    for (size_t i = 0; probe_types[i] != NULL; i++) {
        const struct probe_type *t = probe_types[i];
        const struct option *const tables[] = {site_check_options, site_timing_options, t->options};
        jval_append(kinds, if_kind("probe", t->name, t->summary, tables_schema(tables, 3, false)));
        jval_append(words, jval_new_str(t->name));
    }
    return of_kinds("probe", words, kinds);
}

static struct jval *receiver_schema(void)
{
    struct jval *kinds = jval_array(), *words = jval_array();
    for (size_t i = 0; receiver_types[i] != NULL; i++) {
        const struct receiver_type *t = receiver_types[i];
        const struct option *const tables[] = {site_receiver_options, t->options};
        jval_append(kinds, if_kind("kind", t->name, t->summary, tables_schema(tables, 2, false)));
        jval_append(words, jval_new_str(t->name));
    }
    return of_kinds("kind", words, kinds);
}

static struct jval *defs(void)
{
    static const struct option *const defaults[] = {site_shared_options, site_timing_options,
                                                    site_label_options, site_checks_key};
    static const struct option *const target[] = {site_first_options,  site_label_options,
                                                  site_own_options,    site_shared_options,
                                                  site_timing_options, site_checks_key};
    static const struct option *const overlay[] = {site_first_options,  site_label_options,
                                                   site_own_options,    site_shared_options,
                                                   site_timing_options, site_without_options};
    static const struct option *const site[] = {site_site_options}, *const group[] = {
                                                                        site_group_options};
    struct jval *o = jval_object();
    jval_set(o, "site", tables_schema(site, 1, false));
    jval_set(o, "defaults", tables_schema(defaults, 4, true));
    jval_set(o, "target", tables_schema(target, 6, false));
    jval_set(o, "overlay", tables_schema(overlay, 6, false));
    static const struct option *const sd[] = {site_sd_options};
    struct jval *lists = tables_schema(sd, 1, false), *template = tables_schema(target, 6, true);
    jval_set(jval_get(lists, "properties"), "template", template);
    jval_append(jval_get(lists, "required"), jval_new_str("template"));
    jval_set(o, "file_sd", lists);
    struct jval *g = tables_schema(group, 1, false);
    jval_set(jval_get(g, "properties"), "defaults", reference("#/$defs/defaults"));
    jval_set(o, "group", g);
    static const struct option *const org[] = {site_org_options},
                                      *const phase[] = {site_phase_options},
                                      *const total[] = {site_total_options};
    jval_set(o, "org", tables_schema(org, 1, false));
    jval_set(o, "phase", tables_schema(phase, 1, false));
    jval_set(o, "total", tables_schema(total, 1, false));
    static const struct option *const escalation[] = {site_escalation_options};
    jval_set(o, "escalation", tables_schema(escalation, 1, false));
    static const struct option *const shift[] = {site_shift_options};
    jval_set(o, "shift", tables_schema(shift, 1, false));
    static const struct option *const failover[] = {site_failover_options};
    jval_set(o, "failover", tables_schema(failover, 1, false));
    jval_set(o, "check", check_schema());
    jval_set(o, "receiver", receiver_schema());
    return o;
}

struct jval *site_schema(void)
{
    struct jval *o = jval_object(), *keys = jval_object(), *word = jval_object();
    jval_set_str(o, "$schema", "https://json-schema.org/draft/2020-12/schema");
    jval_set_str(o, "title", "trucban site file");
    jval_set_str(word, "const", "trucban/site/1");
    jval_set(keys, "$schema", word);
    jval_set(keys, "site", reference("#/$defs/site"));
    jval_set(keys, "store", matching("^sqlite:."));
    jval_set(keys, "include", array_of(typed("string")));
    jval_set(keys, "vars", map_of(either(typed("string"), typed("integer"))));
    jval_set(keys, "defaults", reference("#/$defs/defaults"));
    jval_set(keys, "groups", array_of(reference("#/$defs/group")));
    jval_set(keys, "targets", array_of(reference("#/$defs/target")));
    jval_set(keys, "file_sd", array_of(reference("#/$defs/file_sd")));
    jval_set(keys, "overlay", array_of(reference("#/$defs/overlay")));
    jval_set(keys, "sample", typed("boolean"));
    jval_set(keys, "orgs", array_of(reference("#/$defs/org")));
    jval_set(keys, "phases", array_of(reference("#/$defs/phase")));
    jval_set(keys, "totals", array_of(reference("#/$defs/total")));
    jval_set(keys, "escalation", array_of(reference("#/$defs/escalation")));
    jval_set(keys, "shifts", array_of(reference("#/$defs/shift")));
    jval_set(keys, "failover", array_of(reference("#/$defs/failover")));
    jval_set(keys, "receivers", array_of(reference("#/$defs/receiver")));
    jval_set(keys, "roles", roles());
    jval_set(keys, "calendars", jval_object()); /* reserved */
    jval_set_str(o, "type", "object");
    jval_set(o, "properties", keys);
    jval_set_bool(o, "additionalProperties", false);
    jval_set(o, "$defs", defs());
    return o;
}
