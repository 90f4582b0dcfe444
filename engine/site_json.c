/* The document of `site show --json`: what a site file comes to when all is resolved. */
#include "engine/about_json.h"
#include "engine/shift_json.h"
#include "engine/receiver.h"
#include "engine/site.h"
#include "engine/wire.h"

static struct jval *site_part(const struct site *s)
{
    struct jval *o = jval_object();
    jval_set_str(o, "id", s->id);
    jval_set(o, "name", words_json(&s->fleet->site_name));
    jval_set_str(o, "language", s->fleet->language);
    jval_set_str(o, "timezone", s->fleet->timezone);
    jval_set_str(o, "store", s->store);
    jval_set_bool(o, "sample", s->fleet->is_sample);
    jval_set_str(o, "hash", s->hash);
    return o;
}

static struct jval *strings_json(char *const v[], size_t n)
{
    struct jval *a = jval_array();
    for (size_t i = 0; i < n; i++)
        jval_append(a, jval_new_str(v[i]));
    return a;
}

static struct jval *failover_json(const struct fleet *f)
{
    struct jval *a = jval_array();
    for (size_t i = 0; i < f->n_fogs; i++)
        jval_append(a, wire_fog_site(f->fogs[i]));
    return a;
}

struct jval *site_check_json(const struct check *c)
{
    struct jval *o = jval_object();
    jval_set_str(o, "id", c->id);
    jval_set_str(o, "probe", c->probe);
    jval_set_str(o, "priority", priority_name(c->priority));
    jval_set_int(o, "interval_ms", c->rule.interval_ms);
    jval_set_int(o, "retry_ms", c->rule.retry_ms);
    jval_set_int(o, "timeout_ms", c->rule.timeout_ms);
    jval_set(o, "freshness_ms",
             c->rule.freshness_ms != 0 ? jval_new_int(c->rule.freshness_ms) : jval_new_null());
    jval_set_int(o, "attempts", c->rule.attempts);
    jval_set_int(o, "ok_confirm", c->rule.ok_confirm);
    return o;
}

struct jval *site_target_json(const struct target *t)
{
    struct jval *o = jval_object(), *labels = jval_object();
    jval_set_str(o, "id", t->id);
    jval_set(o, "name", words_json(&t->name));
    jval_set_str(o, "kind", target_kind_names[t->kind]);
    jval_set_str(o, "group", t->group);
    jval_set_str(o, "address", t->address);
    jval_set_str(o, "env", t->is_test ? "test" : "production");
    jval_set_str(o, "link", link_names[t->link]);
    jval_set_bool(o, "enabled", !t->is_disabled);
    for (size_t i = 0; i < t->n_labels; i++)
        jval_set_str(labels, t->labels[i].key, t->labels[i].value);
    jval_set(o, "labels", labels);
    jval_set(o, "parents", strings_json(t->parents, t->n_parents));
    jval_set(o, "tags", strings_json(t->tags, t->n_tags));
    jval_set_str(o, "runbook", t->runbook);
    jval_set_str(o, "org", t->org);
    return o;
}

static struct jval *target_json(const struct target *t)
{
    struct jval *o = site_target_json(t), *checks = jval_array();
    for (size_t i = 0; i < t->n_checks; i++)
        jval_append(checks, site_check_json(t->checks[i]));
    jval_set(o, "checks", checks);
    return o;
}

static struct jval *group_json(const struct group *g)
{
    struct jval *o = jval_object();
    jval_set_str(o, "id", g->id);
    jval_set(o, "name", words_json(&g->name));
    return o;
}

struct jval *site_json(const struct site *s)
{
    struct jval *o = jval_object(), *groups = jval_array(), *targets = jval_array();
    jval_set_str(o, "schema", "trucban/site-resolved/1");
    jval_set(o, "site", site_part(s));
    for (size_t i = 0; i < s->fleet->n_groups; i++)
        jval_append(groups, group_json(&s->fleet->groups[i]));
    jval_set(o, "groups", groups);
    about_json_set(o, &s->fleet->about);
    jval_set(o, "shifts", shifts_json(s->fleet));
    jval_set(o, "failover", failover_json(s->fleet));
    jval_set(o, "receivers", receivers_json(s->receivers, s->n_receivers));
    for (size_t i = 0; i < s->fleet->n_targets; i++)
        jval_append(targets, target_json(s->fleet->targets[i]));
    jval_set(o, "targets", targets);
    return o;
}
