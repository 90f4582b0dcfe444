/* site.h - the site file: parsed, included, expanded, inherited, checked; all errors at once.
 *
 * Form: interfaces.md "The shape of a site file".  Keys of site, targets and checks are option
 * tables (core/option.h), keys of a probe kind are its own table. */
#ifndef ENGINE_SITE_H
#define ENGINE_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/err.h"
#include "core/fleet.h"
#include "core/range.h"
#include "core/receiver.h"
#include "engine/accounts.h"
#include "engine/jval.h"
#include "engine/spec.h"

#define SITE_FILE_MAX (16u << 20)

struct site_error {
    char *where; /* "FILE:LINE:COL" or "FILE: /json/pointer" */
    char *what;  /* found and expected */
};
struct site_errors {
    struct site_error *v;
    size_t n, cap;
};
struct site {
    char *path;
    char *id, *store;    /* store: as written, default "sqlite:ID.db" */
    char *textfile;      /* where the engine's own figures go (engine/textfile.h); NULL: nowhere */
    struct fleet *fleet; /* targets and checks with their static parts; live parts pristine */
    struct check_spec *specs;
    struct grants roles;        /* who may act; none: see engine/accounts.h */
    struct receiver *receivers; /* who is told of alerts; in the file's order, ids unique */
    size_t n_receivers;
    struct site_errors notes; /* no mistakes, but to be known: secrets that are not there */
    char hash[65]; /* SHA-256 over all that was read: the files in their order and --set */
};

/* Adds one more, cleaned.  The same mistake at the same place is told once. */
void site_error(struct site_errors *l, const char *where, const char *what);
void site_errors_release(struct site_errors *l);
void site_errors_print(const struct site_errors *l, FILE *to); /* "WHERE: WHAT", one a line */

/* Values for ${var.NAME}: the file's "vars", overridden by --set NAME=VALUE. */
struct site_vars {
    char **keys, **values;
    size_t n;
};
/* Takes in "NAME=VALUE" as --set has it; a later one of the same name wins. */
bool site_vars_add(struct site_vars *v, const char *assignment, struct err *e);
void site_vars_release(struct site_vars *v);

/* NULL if there is any error; `errors` then has them all (at least one).  The caller frees. */
struct site *site_load(const char *path, const struct site_vars *set, struct site_errors *errors);
void site_free(struct site *s); /* also its fleet */
/* The document of `site show --json`; the caller frees. */
struct jval *site_json(const struct site *s);
/* Its parts: a target without its checks, a check without what its kind alone asks for. */
struct jval *site_target_json(const struct target *t);
struct jval *site_check_json(const struct check *c);
/* JSON Schema of site files, from the option tables; the caller frees. */
struct jval *site_schema(void);

#endif
