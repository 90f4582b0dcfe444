/* mail_find.h - one look into a mailbox for mails of our own, and their deletion.
 *
 *   mail_find_start -> [there] -> done
 *
 * Ours are those whose header MAIL_PROOF_HEADER says "OWNER KEY" with our owner, to the letter: a
 * server's search is only where we look.  Deleted are the one that is looked for and those that the
 * owner calls old; anybody else's mail is never touched, not even by EXPUNGE. */
#ifndef ENGINE_MAIL_FIND_H
#define ENGINE_MAIL_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/imap.h"

#define MAIL_PROOF_HEADER "X-Trucban-Proof"

struct mail_found {
    bool is_ok, is_self;
    char *say;          /* not OK: packed, the callee may take it (and set it to NULL) */
    size_t n_copies;    /* with the key that is looked for */
    int64_t arrived_ms; /* of the first copy, by the server's clock; 0: not told */
    size_t n_other;     /* ours, with other keys */
    size_t n_deleted;
    char *undeleted; /* packed: why what was to be deleted is still there; likewise */
    int64_t quota_used, quota_limit; /* KiB; limit 0: not told */
};
struct mail_find_calls {
    bool (*is_old)(void *arg, const char *key, int64_t arrived_ms);
    void (*there)(void *arg, const struct mail_found *f); /* copies are seen, not yet deleted */
    void (*done)(void *arg, struct mail_found *f);        /* the last; the look is gone */
};

struct mail_find;
/* owner: without blanks; key NULL: none is looked for.  Both are copied.  No call from inside. */
struct mail_find *mail_find_start(struct loop *l, struct resolver *r, struct tls *tls,
                                  const struct imap_want *w, const char *owner, const char *key,
                                  const struct mail_find_calls *calls, void *arg);
void mail_find_cancel(struct mail_find *m); /* NULL is allowed */

#endif
