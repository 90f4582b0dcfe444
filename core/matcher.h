/* matcher.h - which checks are meant: `silence 'srv-a-* role=web' …`.
 *
 * Terms divided by blanks; all must hold.
 *   srv-a-*          target id, with * and ?
 *   srv-a-x/http    target and check
 *   key=GLOB         key: target check kind group env org priority probe tag, or any label
 *   key!=GLOB        the contrary
 *   …A,B,C           any of them, in each of these places
 * No regular expressions, and nothing that matches everything: a matcher whose terms are all empty,
 * only stars, or only contraries is refused when it is parsed.  Pure. */
#ifndef CORE_MATCHER_H
#define CORE_MATCHER_H

#include <stdbool.h>
#include <stddef.h>

#define MATCHER_TEXT_MAX  512 /* bytes */
#define MATCHER_TERMS_MAX 16
#define MATCHER_SHARE_MAX 30 /* per cent of the checks that a silence may match */

struct check;
struct fleet;
struct matcher; /* parsed */

/* NULL and *refusal (packed, the caller frees): which term, what was expected. */
struct matcher *matcher_parse(const char *text, char **refusal);
void matcher_free(struct matcher *m); /* NULL is fine */
bool matcher_has(const struct matcher *m, const struct check *c);

/* What it matches now, for previews and limits. */
struct matcher_count {
    size_t checks, all; /* matched, in the fleet */
    size_t alerts;      /* open ones among the matched */
};
struct matcher_count matcher_count(const struct matcher *m, const struct fleet *f);
/* More than MATCHER_SHARE_MAX per cent, and more than one check. */
bool matcher_is_too_wide(const struct matcher_count *n);

#endif
