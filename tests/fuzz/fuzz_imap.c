/* fuzz_imap.c - a mail server's responses, lines and literals as they come. */
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "engine/imap_words.h"
#include "tests/fuzz/fuzz.h"

static void look_at(const struct imap_reply *r)
{
    char *text = imap_reply_text(r);
    MUST(text_is_clean(text) && strlen(text) <= IMAP_TEXT_MAX);
    free(text);
    MUST(r->n_uids <= IMAP_UIDS_MAX && r->n_uids <= r->n_found && r->n_mails <= IMAP_UIDS_MAX);
    for (size_t i = 0; i < r->n_uids; i++)
        MUST(r->uids[i] != 0);
    for (size_t i = 0; i < r->n_mails; i++) {
        char *value = imap_mail_header(&r->mails[i], "X-A");
        MUST(r->mails[i].uid != 0);
        MUST(value == NULL || text_is_clean(value));
        free(value);
    }
    imap_reply_offers(r, "UIDPLUS");
    imap_reply_has_code(r, "OVERQUOTA");
    MUST(r->quota_used >= 0 && r->quota_limit >= 0);
}

/* The next line of what there is. */
static size_t line_len(const char *bytes, size_t len)
{
    const char *end = memchr(bytes, '\n', len);
    return end != NULL ? (size_t)(end - bytes) : len;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    const char *bytes = (const char *)input;
    struct imap_response r = {0};
    struct imap_reply *reply = mem_alloc(sizeof *reply);
    const char *tag = len % 7 == 0 ? "" : "t1";

    imap_response_begin(&r);
    imap_reply_begin(reply);
    while (len > 0) {
        size_t n = line_len(bytes, len);
        enum imap_took took = imap_response_line(&r, bytes, n);
        n += n < len;
        bytes += n;
        len -= n;
        if (took == IMAP_LITERAL && r.literal <= len) {
            n = r.literal;
            imap_response_literal(&r, bytes, n);
            bytes += n;
            len -= n;
            continue;
        }
        MUST(r.bytes.len <= IMAP_RESPONSE_MAX);
        imap_read(reply, tag, buf_text(&r.bytes), r.bytes.len);
        look_at(reply);
        imap_response_begin(&r);
    }
    imap_response_release(&r);
    imap_reply_release(reply);
    free(reply);
    return 0;
}
