/* site_load.h - what the files engine/site_*.c share while one site file is being loaded.
 *
 * The order: documents (site_file.c: read, include) - vars, groups, defaults, overlay (site_top.c),
 * orgs, phases, totals (site_about.c) - targets (site_target.c) - their checks (site_check.c) -
 * parents (site_graph.c) - who feeds whom (site_feed.c).  Each step tells its mistakes and goes
 * on.  Nobody but these files includes this. */
#ifndef ENGINE_SITE_LOAD_H
#define ENGINE_SITE_LOAD_H

#include <stdint.h>

#include "core/map.h"
#include "engine/option_json.h"
#include "engine/site.h"

#define SITE_TARGETS_MAX 65536
#define SITE_DEPTH_MAX   64  /* of parents */
#define SITE_FILES_MAX   256 /* included, in all */
#define SITE_ERRORS_MAX  500 /* kept; the last line counts the rest */

struct site_doc { /* one file, read */
    char *path;
    struct jval *root;
    struct place at;
    uint64_t dev, ino;
    bool is_open; /* its includes are being read: meeting it again is a cycle */
};

struct site_group { /* beside fleet->groups: its defaults */
    const char *id;
    struct option_layer defaults; /* object NULL: none */
};

struct site_entry { /* one element of "targets" */
    struct option_layer self;
    struct names ids, addresses;
};

struct site_overlay {
    struct option_layer layer;
    const char *glob; /* borrowed; NULL: a range */
    struct map by_id; /* id of the range -> 1 + position */
    struct names ids, addresses;
    bool is_used;
};

struct site_loader {
    struct site *site;
    struct site_errors *errors;
    const struct site_vars *set; /* may be NULL */
    struct site_doc **docs;      /* the root first, then in the order of include */
    size_t n_docs, cap_docs;
    struct place **places; /* that must live as long as the loader */
    size_t n_places, cap_places;
    struct site_vars vars; /* all, --set applied */
    struct option_layer *defaults;
    size_t n_defaults, cap_defaults;
    struct site_group *groups;
    size_t n_groups, cap_groups;
    struct site_overlay *overlays;
    size_t n_overlays, cap_overlays;
    struct site_entry *entries;
    size_t n_entries, cap_entries;
    struct jval **made; /* objects of targets that no file holds as such (site_sd.c) */
    size_t n_made, cap_made;
    bool has_addresses; /* all targets have theirs: ${address.TARGET} can be told */
    char **target_at;   /* where each target of the fleet stands, as text */
    struct check_spec **last_spec;
    char *absent; /* what the check that is being read lacks; NULL: nothing */
};

/* One target while it is made: what its strings may name. */
struct site_names {
    const struct site_loader *loader;
    const char *id, *address;          /* NULL: not known yet, or none */
    const struct option_pairs *labels; /* NULL: not known yet */
};
const char *site_find_name(const void *names, const char *name, struct err *e); /* expand_fn */
struct option_reader site_reader(struct site_loader *l, const struct site_names *names,
                                 bool is_shown);

/* site_error.c */
void site_error_at(void *loader, const struct place *at, const char *what); /* of option_reader */
void site_errorf(struct site_loader *l, const struct place *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* absent of option_reader: into the site's notes, and told to the check. */
void site_note_absent(void *loader, const struct place *at, const char *what);
const struct place *site_place_keep(struct site_loader *l, const struct place *p); /* a copy */

void site_read_all(struct site_loader *l, const char *path); /* site_file.c: docs, hash */
/* An array in a file of its own, asked for at `at`; NULL after its mistakes were told. */
struct jval *site_read_list(struct site_loader *l, const char *path, const struct place *at);
char *site_beside(const char *includer, const char *name); /* the caller frees */
void site_read_tops(struct site_loader *l);                /* site_top.c */
void site_top_release(struct site_loader *l);
void site_read_about(struct site_loader *l, const struct site_doc *doc); /* site_about.c */
void site_read_escalation(struct site_loader *l, const struct site_doc *doc);
void site_read_roles(struct site_loader *l, const struct site_doc *doc);  /* site_roles.c */
void site_read_shifts(struct site_loader *l, const struct site_doc *doc); /* site_shifts.c */
void site_check_shifts(struct site_loader *l); /* gaps and overlaps are notes */
/* A target's `org` must be one of them; target: where the target stands. */
void site_check_org(struct site_loader *l, const char *org, const struct place *target);
void site_read_targets(struct site_loader *l); /* site_target.c */
void site_target_release(struct site_loader *l);
/* One element of "targets"; both live as long as the loader. */
void site_add_target(struct site_loader *l, const struct jval *object, const struct place *at);
void site_read_sd(struct site_loader *l); /* site_sd.c: after the names of all other targets */
void site_sd_release(struct site_loader *l);
/* Layers of one target, nearest first: overlays, itself, its group's defaults, the defaults. */
struct site_layers {
    struct option_layer v[OPTION_LAYERS_MAX];
    size_t n, n_overlays; /* the first n_overlays are overlays, then comes the target itself */
};
void site_read_checks(struct site_loader *l, struct target *t, const struct site_layers *layers,
                      const struct site_names *names); /* site_check.c */
/* The timing keys of one layer alone, so that a mistake is told also where no check inherits it. */
void site_check_timing(struct site_loader *l, const struct option_layer *layer);
void site_check_parents(struct site_loader *l); /* site_graph.c */
void site_check_feeds(struct site_loader *l);   /* site_feed.c */
void site_check_fits(struct site_loader *l);    /* site_feed.c: a kind's own look at the whole */
/* "match" of a layer, told where it is wrong; NULL: none. */
struct matcher *site_read_match(struct site_loader *l, const struct option_layer *layer,
                                const char *text);
void site_read_receivers(struct site_loader *l); /* site_receivers.c; after targets */
void site_read_failover(struct site_loader *l);  /* site_failover.c; after targets and checks */
/* The tables, for reading, for unknown keys, and for the schema. */
extern const struct option site_site_options[], site_group_options[];
extern const struct option site_org_options[], site_phase_options[], site_total_options[];
extern const struct option site_failover_options[], site_escalation_options[];
extern const struct option site_receiver_options[];
extern const struct option site_shift_options[];
extern const struct option site_sd_options[], site_template_key[];
extern const struct option site_first_options[]; /* of a target: read first, others may name them */
extern const struct option site_own_options[];   /* of a target: never inherited */
extern const struct option site_shared_options[];  /* of a target: inherited */
extern const struct option site_label_options[];   /* of a target: merged */
extern const struct option site_checks_key[];      /* "checks" */
extern const struct option site_without_options[]; /* of an overlay */
extern const struct option site_check_options[];   /* of a check: its own */
extern const struct option site_timing_options[];  /* of a check: inherited */

#endif
