/* smtp_words.h - the part of SMTP that needs no connection: replies put together of their lines,
 * what a server says it can, how a password is put. */
#ifndef ENGINE_SMTP_WORDS_H
#define ENGINE_SMTP_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

#define SMTP_TEXT_MAX 2048 /* bytes kept of one reply's text; what comes after is dropped */

struct smtp_reply {   /* of one or more lines with one code; zeroed: empty */
    int code;         /* 0: nothing yet */
    struct buf lines; /* their texts without the code, each ended by a newline; raw */
};
enum smtp_took { SMTP_MORE, SMTP_WHOLE, SMTP_NONSENSE };

void smtp_reply_begin(struct smtp_reply *r); /* forgets what was there */
void smtp_reply_release(struct smtp_reply *r);
enum smtp_took smtp_reply_line(struct smtp_reply *r, const char *line, size_t len);
/* "535 5.7.8 Error: authentication failed", cleaned; of several lines the last.  The caller frees.
 */
char *smtp_reply_text(const struct smtp_reply *r);

/* Of a reply to EHLO.  Has it that keyword (in capitals), and among its values that one (NULL:
 * any)? */
bool smtp_offers(const struct smtp_reply *ehlo, const char *keyword, const char *value);
/* The keywords, a space between; cleaned.  The caller frees. */
char *smtp_keywords(const struct smtp_reply *ehlo);

/* Appends. */
void smtp_base64(struct buf *out, const void *bytes, size_t len);

#endif
