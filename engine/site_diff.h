/* site_diff.h - two site files compared, for a reload: how much of it is another. */
#ifndef ENGINE_SITE_DIFF_H
#define ENGINE_SITE_DIFF_H

#include "engine/site.h"

struct site_changes {
    size_t targets, targets_new, targets_gone, targets_changed;
    size_t checks, checks_new, checks_gone, checks_changed;
    size_t receivers, receivers_other; /* other: new, gone or changed */
};

/* Compares by ids and by all that the files say of each, secrets as they were read; a target has
 * changed where its own facts or the number of its checks have.  Sets is_same of the specs of `s`,
 * and moves what windows have seen (core/window.h) to those that are.
 */
void site_diff(const struct site *was, struct site *s, struct site_changes *out);
/* The numbers in a template: {0} targets, {1} new, {2} gone, {3} changed, {4} to {7} the same of
 * checks, {8} receivers, {9} of them new, gone or changed.  Packed; the caller frees. */
char *site_changes_say(const struct site_changes *c, const char *template);
/* "50 targets, 120 checks", packed; the caller frees. */
char *site_say(const struct site *s);

#endif
