/* site.h - the site file: parsed, included, expanded, inherited, checked; all errors at once.
 *
 * Form: interfaces.md "The shape of a site file".  Keys of site, targets and checks are option
 * tables (core/option.h), keys of a probe kind are its own table. */
#ifndef ENGINE_SITE_H
#define ENGINE_SITE_H

#include "core/err.h"
#include "core/fleet.h"
#include "core/range.h"
#include "engine/jval.h"
#include "engine/spec.h"

#define SITE_FILE_MAX (16u << 20)

struct site {
    char *path;
    char *id, *store;    /* store: as written, default "sqlite:ID.db" */
    struct fleet *fleet; /* targets and checks with their static parts; live parts pristine */
    struct check_spec *specs;
    char hash[65]; /* SHA-256 of the resolved document */
};

struct site_error {
    char *where; /* "FILE:LINE:COL" or "FILE: /json/pointer" */
    char *what;  /* found and expected */
};
struct site_errors {
    struct site_error *v;
    size_t n, cap;
};
void site_errors_release(struct site_errors *l);

/* Values for ${var.NAME}: the file's "vars", overridden by --set NAME=VALUE. */
struct site_vars {
    char **keys, **values;
    size_t n;
};

/* NULL if there is any error; `errors` then has them all (at least one).  The caller frees. */
struct site *site_load(const char *path, const struct site_vars *set, struct site_errors *errors);
void site_free(struct site *s); /* also its fleet */
/* The document of `site show --json`; the caller frees. */
struct jval *site_json(const struct site *s);

#endif
