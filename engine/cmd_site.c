/* `trucban site check FILE`, `show [--json]`, `schema`: what is wrong with a site file, what it
 * comes to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/cmd.h"
#include "engine/cmd_engine.h"
#include "engine/paths.h"
#include "engine/receiver_row.h"
#include "engine/site.h"

/* The figures that others publish and the inventory need not agree, but somebody should know. */
static void compare_totals(const struct site *s)
{
    const struct about *a = &s->fleet->about;
    for (size_t i = 0; i < a->n_totals; i++) {
        const struct total *t = &a->totals[i];
        size_t done, all = fleet_count_total(s->fleet, t, &done);
        if ((int64_t)all != t->total || (int64_t)done != t->done)
            fprintf(stderr,
                    "%s: note: total \"%s\" says %lld, done %lld, as of %s; the inventory has %zu, "
                    "done %zu\n",
                    s->path, t->id, (long long)t->total, (long long)t->done, t->as_of, all, done);
    }
}

/* Who would be told that a receiver fails, if not by that receiver itself? */
static void ask_for_others(const struct site *s)
{
    for (size_t i = 0; i < s->n_receivers; i++) {
        const struct check *c = receiver_row_check(s->fleet, &s->receivers[i]);
        const char *others = c != NULL ? target_label(c->target, RECEIVER_ROW_OTHERS) : NULL;
        if (others != NULL && strcmp(others, RECEIVER_ROW_NONE) == 0)
            fprintf(stderr,
                    "%s: note: /receivers/%zu: when \"%s\" fails nobody is told: no other receiver "
                    "is for that (levels, priorities, match)\n",
                    s->path, i, s->receivers[i].id);
    }
}

static int check(const struct site *s)
{
    compare_totals(s);
    ask_for_others(s);
    for (size_t i = 0; i < s->notes.n; i++)
        fprintf(stderr, "%s: note: %s; until it is there, what needs it is UNKNOWN\n",
                s->notes.v[i].where, s->notes.v[i].what);
    printf("%s: ok, %zu targets, %zu checks\n", s->path, s->fleet->n_targets, s->fleet->n_checks);
    return 0;
}

static int print_taken(struct jval *doc)
{
    struct buf text = BUF_INIT(0);
    jval_dump(&text, doc, JVAL_PRETTY);
    puts(buf_text(&text));
    jval_free(doc);
    buf_release(&text);
    return 0;
}

static int show(const struct site *s)
{
    static const char *const head[] = {"TARGET", "KIND", "GROUP", "ADDRESS", "CHECKS"};
    struct cmd_columns *table = cmd_columns_new(5);
    cmd_columns_add(table, head);
    for (size_t i = 0; i < s->fleet->n_targets; i++) {
        const struct target *t = s->fleet->targets[i];
        struct buf checks = BUF_INIT(4096);
        for (size_t k = 0; k < t->n_checks; k++)
            buf_addf(&checks, "%s%s", k > 0 ? " " : "", t->checks[k]->name);
        const char *const cells[] = {t->id, target_kind_names[t->kind], t->group ? t->group : "-",
                                     t->address ? t->address : "-", buf_text(&checks)};
        cmd_columns_add(table, cells);
        buf_release(&checks);
    }
    cmd_columns_print(table, stdout);
    cmd_columns_free(table);
    return 0;
}

static int with_site(const struct cmd_options *o, const char *verb, const char *path)
{
    int status;
    struct site *s = cmd_load_site("site", o, path, &status);
    if (s != NULL && strcmp(verb, "check") == 0)
        status = check(s);
    else if (s != NULL)
        status = (o->given & OPT_JSON) != 0 ? print_taken(site_json(s)) : show(s);
    site_free(s);
    return status;
}

static int run(const struct cmd_options *o)
{
    const char *verb = o->n_args > 0 ? o->args[0] : "";
    bool is_check = strcmp(verb, "check") == 0;
    if (strcmp(verb, "schema") == 0)
        return print_taken(site_schema());
    if (!is_check && strcmp(verb, "show") != 0)
        return cmd_fail(NULL, EXIT_USAGE, "site", "found \"%s\", expected check, show or schema",
                        verb);
    if (o->n_args > 2)
        return cmd_fail(NULL, EXIT_USAGE, "site", "found more than one file");
    struct err e;
    char *path = paths_site_file(o->n_args == 2 ? o->args[1] : o->site, paths_getenv, &e);
    if (path == NULL)
        return cmd_fail(NULL, EXIT_USAGE, "site", "%s", e.text);
    int status = with_site(o, verb, path);
    free(path);
    return status;
}

int cmd_site(int argc, char **argv)
{
    return cmd_carry_out(cmd_find("site"), argc, argv, run);
}
