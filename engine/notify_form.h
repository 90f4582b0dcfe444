/* notify_form.h - texts as telephones and mail programs want them.  Pure. */
#ifndef ENGINE_NOTIFY_FORM_H
#define ENGINE_NOTIFY_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/notice.h"

/* As much as fits into so many short messages, whole words, "…" where something is left out.
 * is_ascii: without diacritics, 160 characters in one, 153 in each of several; else 70 and 67. */
void notify_cut(struct buf *out, const char *text, bool is_ascii, size_t parts);

/* --- mail (RFC 5322, 2047, 2045); all append lines ended by CR LF ----------------------------- */

/* "Subject: …", encoded where it is not ASCII, folded. */
void mime_header(struct buf *out, const char *name, const char *text);
/* A body as UTF-8 in quoted-printable: 7 bit, lines of at most 76. */
void mime_quoted(struct buf *out, const char *text);
/* "Date: Tue, 24 Nov 2026 14:02:11 +0700" in local time */
void mime_date(struct buf *out, int64_t at_ms);
/* May it stand between < and > of a command, without being another command? */
bool mime_is_address(const char *s);
const char *mime_domain(const char *address); /* borrowed: what stands after the "@" */
/* The message as it goes over the wire: dots at the head of a line doubled, the end marked. */
void smtp_stuff(struct buf *out, const char *message, size_t len);

/* --- who took what ---------------------------------------------------------------------------- */

#define NOTIFY_TO_MAX 50
struct notify_taken { /* of the newest notice, whose further tries are for the others */
    char key[NOTICE_KEY_LEN + 1];
    bool is_taken[NOTIFY_TO_MAX];
};
void notify_taken_begin(struct notify_taken *t, const char *key);

#endif
