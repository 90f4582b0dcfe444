/* The mistakes of a site file, gathered; where things stand, and what ${…} may name. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "engine/nearest.h"
#include "engine/site_load.h"

static bool is_told(const struct site_errors *l, const char *where, const char *what)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->v[i].where, where) == 0 && strcmp(l->v[i].what, what) == 0)
            return true;
    return false;
}

void site_error(struct site_errors *l, const char *where, const char *what)
{
    char *where_clean = text_cleaned(where, strlen(where), TEXT_MAX_STORED, 0);
    char *what_clean = text_cleaned(what, strlen(what), TEXT_MAX_STORED, 0);
    bool is_last = l->n + 1 == SITE_ERRORS_MAX;
    if (l->n >= SITE_ERRORS_MAX || is_told(l, where_clean, what_clean)) {
        free(where_clean);
        free(what_clean);
        return;
    }
    if (is_last) {
        free(what_clean);
        what_clean = mem_strdup("here or later there are more mistakes; these are enough for now");
    }
    MEM_ROOM(l->v, l->n, l->cap);
    l->v[l->n++] = (struct site_error){where_clean, what_clean};
}

void site_error_at(void *loader, const struct place *at, const char *what)
{
    struct site_loader *l = loader;
    struct buf where = BUF_INIT(TEXT_MAX_STORED);
    place_text(at, &where);
    site_error(l->errors, buf_text(&where), what);
    buf_release(&where);
}

void site_note_absent(void *loader, const struct place *at, const char *what)
{
    struct site_loader *l = loader;
    struct buf where = BUF_INIT(TEXT_MAX_STORED);
    place_text(at, &where);
    site_error(&l->site->notes, buf_text(&where), what); /* a range's once */
    if (l->absent == NULL)
        l->absent = text_cleaned(what, strlen(what), TEXT_MAX_STORED, 0);
    buf_release(&where);
}

void site_errorf(struct site_loader *l, const struct place *at, const char *fmt, ...)
{
    char what[2 * ERR_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    site_error_at(l, at, what);
}

void site_errors_release(struct site_errors *l)
{
    for (size_t i = 0; i < l->n; i++) {
        free(l->v[i].where);
        free(l->v[i].what);
    }
    free(l->v);
    *l = (struct site_errors){0};
}

void site_errors_print(const struct site_errors *l, FILE *to)
{
    for (size_t i = 0; i < l->n; i++)
        fprintf(to, "%s: %s\n", l->v[i].where, l->v[i].what);
}

const struct place *site_place_keep(struct site_loader *l, const struct place *p)
{
    struct place *kept = mem_alloc(sizeof *kept);
    *kept = *p;
    MEM_ROOM(l->places, l->n_places, l->cap_places);
    l->places[l->n_places++] = kept;
    return kept;
}

struct option_reader site_reader(struct site_loader *l, const struct site_names *names,
                                 bool is_shown)
{
    return (struct option_reader){.error = site_error_at,
                                  .error_arg = l,
                                  .find = site_find_name,
                                  .find_arg = names,
                                  .is_shown = is_shown};
}

static const char *find_var(const struct site_vars *vars, const char *name, struct err *e)
{
    struct nearest close = NEAREST_INIT(name);
    for (size_t i = 0; i < vars->n; i++) {
        if (strcmp(vars->keys[i], name) == 0)
            return vars->values[i];
        nearest_try(&close, vars->keys[i]);
    }
    if (close.best != NULL)
        err_set(e, "found ${var.%s}; did you mean ${var.%s}?", name, close.best);
    else
        err_set(e,
                "found ${var.%s}, but \"vars\" has no such name; --set gives a value only to "
                "those that it has",
                name);
    return NULL;
}

static const char *find_label(const struct site_names *n, const char *name, struct err *e)
{
    if (n->labels == NULL) {
        err_set(e,
                "found ${label.%s}: labels are not known yet where ids, addresses and labels are "
                "read",
                name);
        return NULL;
    }
    struct nearest close = NEAREST_INIT(name);
    for (size_t i = 0; i < n->labels->n; i++) {
        if (strcmp(n->labels->keys[i], name) == 0)
            return n->labels->values[i];
        nearest_try(&close, n->labels->keys[i]);
    }
    if (close.best != NULL)
        err_set(e, "found ${label.%s}; did you mean ${label.%s}?", name, close.best);
    else
        err_set(e, "found ${label.%s}, but \"%s\" has no such label", name, n->id);
    return NULL;
}

static const char *find_address(const struct site_names *n, const char *id, struct err *e)
{
    const struct fleet *f = n->loader->site->fleet;
    const struct target *t = fleet_target(f, id);
    if (t != NULL && t->address != NULL)
        return t->address;
    struct nearest close = NEAREST_INIT(id);
    for (size_t i = 0; t == NULL && i < f->n_targets; i++)
        nearest_try(&close, f->targets[i]->id);
    if (t != NULL)
        err_set(e, "found ${address.%s}, but \"%s\" has no address", id, id);
    else if (close.best != NULL)
        err_set(e, "found ${address.%s}; did you mean ${address.%s}?", id, close.best);
    else
        err_set(e, "found ${address.%s}, but no target has such an id", id);
    return NULL;
}

const char *site_find_name(const void *names, const char *name, struct err *e)
{
    const struct site_names *n = names;
    if (strncmp(name, "var.", 4) == 0)
        return find_var(&n->loader->vars, name + 4, e);
    if (strncmp(name, "label.", 6) == 0 && n->id != NULL)
        return find_label(n, name + 6, e);
    if (strncmp(name, "address.", 8) == 0 && n->loader->has_addresses)
        return find_address(n, name + 8, e);
    if ((strcmp(name, "id") == 0 || strcmp(name, "target") == 0) && n->id != NULL)
        return n->id;
    if (strcmp(name, "address") == 0 && n->id != NULL) {
        if (n->address == NULL)
            err_set(e, "found ${address}, but \"%s\" has no address", n->id);
        return n->address;
    }
    err_set(e, "found ${%s}, expected one of %s%s${var.NAME}", name,
            n->id != NULL ? "${address}, ${id}, ${target}, ${label.NAME}, " : "",
            n->loader->has_addresses ? "${address.TARGET}, " : "");
    return NULL;
}
