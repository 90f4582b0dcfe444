/* notify_words.h - a notice in the words of the site's language, and as JSON: what the kinds of
 * receivers share. */
#ifndef ENGINE_NOTIFY_WORDS_H
#define ENGINE_NOTIFY_WORDS_H

#include "core/buf.h"
#include "engine/jval.h"
#include "engine/receiver.h"

#define NOTIFY_ALERTS_MAX 500 /* told one by one in a document; the others are counted */

/* All append. */
void notify_say(const struct receiver_job *job, struct buf *out, const char *packed);
void notify_title(const struct receiver_job *job, struct buf *out);
/* Title, a line an alert, what else; lines ended by a newline. */
void notify_text(const struct receiver_job *job, struct buf *out);
/* All in one line, for a telephone. */
void notify_short(const struct receiver_job *job, struct buf *out);
/* The document "trucban/notice/1" (docs/protocol.md); the caller frees. */
struct jval *notify_json(const struct receiver_job *job);

/* Answers; say is packed and taken, NULL: it went well. */
void notify_answer(notice_answer_fn *fn, void *arg, char *say, bool is_transient,
                   bool may_have_arrived);

#endif
