/* message.h - the console's own log: each request, answer and notice, kept for `@`.
 *
 * A ring of MESSAGE_MAX lines; the newest also stands on the message line until the next. */
#ifndef TUI_MESSAGE_H
#define TUI_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#define MESSAGE_MAX 500

struct log_line {
    int64_t at_wall_ms;
    char *text; /* translated, clean */
};
struct message_log {
    struct log_line v[MESSAGE_MAX];
    size_t n, next; /* lines held, slot of the next */
};

void message_add(struct message_log *m, int64_t at_wall_ms, const char *text);
const struct log_line *message_at(const struct message_log *m, size_t i); /* 0 = oldest */
void message_release(struct message_log *m);

struct console;
size_t console_log_count(const struct console *c);
const struct log_line *console_log_line(const struct console *c, size_t i); /* 0 = oldest */

#endif
