/* about.h - what a site says of itself beside its targets: who is responsible, which phases it goes
 * through, and the totals that others publish, which its inventory is compared with. */
#ifndef CORE_ABOUT_H
#define CORE_ABOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct words { /* a name in both languages; either may be NULL */
    char *vi, *en;
};
/* The name in lang ("vi", "en"), else the other one, else fallback. */
const char *words_in(const struct words *w, const char *lang, const char *fallback);
void words_release(struct words *w); /* both NULL */

struct label {
    char *key, *value;
};
void labels_free(struct label *labels, size_t n);

enum org_kind { ORG_MINISTRY, ORG_OPERATOR, ORG_EXTERNAL, ORG_KIND_COUNT };
extern const char *const org_kind_names[ORG_KIND_COUNT + 1]; /* NULL-ended, as choices are */
struct org {
    char *id, *abbr; /* abbr NULL: none */
    struct words name;
    enum org_kind kind;
};

/* Of a phase; where the site file says none, its dates say it (phase_state). */
enum phase_state { PHASE_PLANNED, PHASE_RUNNING, PHASE_DONE, PHASE_STATE_COUNT };
extern const char *const phase_state_names[PHASE_STATE_COUNT + 1]; /* NULL-ended */
struct phase {
    char *id;
    struct words name;
    char *from, *to; /* days as they are written, "2026-03-01"; to NULL: it has no end */
    int state;       /* enum phase_state; -1: goes by the dates */
};
/* What it is on that day (core/when.h: when_day). */
enum phase_state phase_state(const struct phase *p, const char *day);

struct total { /* "of 106 databases of this programme 26 are done", as somebody published it */
    char *id;
    struct words name;
    struct label *labels; /* which targets are meant: those that have all of these */
    size_t n_labels;
    int64_t total, done;
    char *as_of; /* a day */
};

struct about {
    struct org *orgs;
    struct phase *phases;
    struct total *totals;
    size_t n_orgs, n_phases, n_totals;
};
const struct org *about_org(const struct about *a, const char *id);     /* NULL if absent */
const struct phase *about_phase(const struct about *a, const char *id); /* NULL if absent */
const struct total *about_total(const struct about *a, const char *id); /* NULL if absent */
void about_add_org(struct about *a, const struct org *taken);
void about_add_phase(struct about *a, const struct phase *taken);
void about_add_total(struct about *a, const struct total *taken);
void about_release(struct about *a);

#endif
