/* mail_send.h - one mail to one address, and whether it was taken: surely, surely not, or nobody
 * knows (the server was silent after the last line). */
#ifndef ENGINE_MAIL_SEND_H
#define ENGINE_MAIL_SEND_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/smtp.h"

struct mail_letter { /* copied; all but text clean ASCII */
    const char *from, *to, *subject;
    const char *id;      /* of Message-ID, left of its "@" */
    const char *headers; /* further lines, each ended by CR LF */
    const char *text;
    int64_t at_ms;
};
enum mail_answer {
    MAIL_TAKEN,
    MAIL_NOT_NOW,   /* surely not, and it may be otherwise in a minute */
    MAIL_REFUSED,   /* surely not */
    MAIL_OURSELVES, /* nor has it left: our own fault */
    MAIL_MAY_BE
};
/* say: packed, NULL with TAKEN; the callee may take it (and set it to NULL). */
typedef void mail_send_fn(void *arg, enum mail_answer a, char **say, const struct smtp_seen *seen);

struct mail_send;
/* Exactly one fn, never from inside, unless cancelled. */
struct mail_send *mail_send_start(struct loop *l, struct resolver *r, struct tls *tls,
                                  const struct smtp_want *w, const struct mail_letter *letter,
                                  mail_send_fn *fn, void *arg);
bool mail_is_address(const char *s);
/* Whom a mail goes to, as the journal may say it: "p…@example.org". */
#define MAIL_MASKED_MAX 300
const char *mail_masked(const char *address, char out[MAIL_MASKED_MAX]);
void mail_send_cancel(struct mail_send *m); /* NULL is allowed */

#endif
