/* imap_words.h - the part of IMAP that needs no connection: responses put together of lines and
 * literals, and what they say.
 *
 *   imap_response_line (-> imap_response_literal -> imap_response_line) … WHOLE -> imap_read
 *
 * All is capped: what a server sends beyond that is counted or dropped, never kept. */
#ifndef ENGINE_IMAP_WORDS_H
#define ENGINE_IMAP_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

#define IMAP_RESPONSE_MAX (32 * 1024) /* bytes of one response, its literals counted */
#define IMAP_LITERAL_MAX  (16 * 1024)
#define IMAP_TEXT_MAX     512 /* bytes kept of what a status says */
#define IMAP_UIDS_MAX     256 /* mails of one search or fetch that are kept, the newest */
#define IMAP_HEADER_MAX   2048

/* --- one response, as it comes --- */

struct imap_response { /* zeroed: empty */
    struct buf bytes; /* lines without their ends; a literal stands after its "{n}" and a newline */
    size_t literal;   /* bytes that come next as they are */
};
enum imap_took { IMAP_LITERAL, IMAP_WHOLE, IMAP_TOO_LONG };
void imap_response_begin(struct imap_response *r);
void imap_response_release(struct imap_response *r);
enum imap_took imap_response_line(struct imap_response *r, const char *line, size_t len);
void imap_response_literal(struct imap_response *r, const char *bytes, size_t len);

/* --- what the responses to one command have said so far --- */

struct imap_mail {
    uint32_t uid;       /* 0: the server did not say */
    int64_t arrived_ms; /* by the server's clock; 0: it did not say */
    char *header;       /* as it came, raw; NULL: none */
};
enum imap_status { IMAP_NONE, IMAP_OK, IMAP_NO, IMAP_BAD };
struct imap_reply {          /* zeroed: empty */
    enum imap_status status; /* of the command; NONE: not there yet */
    struct buf text;         /* what it said, raw; of BYE what that said */
    struct buf capabilities; /* of the newest CAPABILITY, a space between; raw */
    uint32_t uids[IMAP_UIDS_MAX];
    size_t n_uids, n_found; /* found: all that the server named */
    struct imap_mail mails[IMAP_UIDS_MAX];
    size_t n_mails;
    int64_t quota_used, quota_limit; /* KiB; limit 0: none was told */
};
enum imap_said { IMAP_UNTAGGED, IMAP_GO_ON, IMAP_DONE, IMAP_GREETING, IMAP_BYE, IMAP_NONSENSE };

void imap_reply_begin(struct imap_reply *r); /* forgets what was there but for the capabilities */
void imap_reply_release(struct imap_reply *r);
/* tag: of the command under way; "" before the greeting, which is a status of its own. */
enum imap_said imap_read(struct imap_reply *r, const char *tag, const char *bytes, size_t len);
/* "NO [AUTHENTICATIONFAILED] Authentication failed.", cleaned; the caller frees. */
char *imap_reply_text(const struct imap_reply *r);
bool imap_reply_has_code(const struct imap_reply *r, const char *code); /* "[CODE" heads the text */
bool imap_reply_offers(const struct imap_reply *r, const char *capability);
/* The value of that header, unfolded and cleaned; the caller frees.  NULL: it is not there. */
char *imap_mail_header(const struct imap_mail *m, const char *name);

/* --- what is sent --- */

bool imap_can_quote(const char *s); /* printable ASCII, so it may stand in a quoted string */
void imap_quote(struct buf *out, const char *s); /* appends "…" with what needs it escaped */

#endif
