/* notify_text.h - one notice on its way from the console to trucban-notify, a line each way.
 *
 *     URGENCY <tab> KEY <tab> SUMMARY <tab> BODY <newline>     to it; urgency low|normal|critical
 *     ok <newline>   or   failed <tab> WHY <newline>           from it, one for each line
 *
 * A notice of the same key takes the place of the one before it; an empty key stands alone. */
#ifndef TUI_NOTIFY_TEXT_H
#define TUI_NOTIFY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

struct buf;

#define NOTIFY_BODY_MAX 512 /* bytes of a body or a summary that a daemon is given */
#define NOTIFY_LINE_MAX 4096
#define NOTIFY_KEY_MAX  64
#define NOTIFY_KEYS_MAX 16 /* notices that can be replaced at the same time */

enum notify_urgency { NOTIFY_LOW, NOTIFY_NORMAL, NOTIFY_CRITICAL, NOTIFY_URGENCY_COUNT };

struct notify_notice {
    enum notify_urgency urgency;
    char key[NOTIFY_KEY_MAX];
    char summary[NOTIFY_BODY_MAX + 1]; /* plain text */
    char body[NOTIFY_BODY_MAX + 1];    /* markup in which nothing is marked up */
};

/* The line that says it, fields cleaned. */
void notify_write(struct buf *out, enum notify_urgency urgency, const char *key,
                  const char *summary, const char *body);
/* Reads such a line (without its end), whatever bytes it has. */
bool notify_read(struct notify_notice *n, const char *line, size_t len, struct err *e);
/* Appends text so that a daemon that knows markup shows it as it is, at most max bytes of it, cut
 * between two characters and never inside an entity. */
void notify_escape(struct buf *out, const char *text, size_t max);

#endif
