/* buf.h - text that grows, up to a maximum it is born with.
 *
 * `struct buf b = BUF_INIT(max)`; bytes stays NUL-terminated once anything was added (bytes is NULL
 * before).  What would pass `max` is cut and `is_cut` set: the writer never has to check.
 * The owner calls buf_release. */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *bytes;
    size_t len, cap, max; /* max 0: no limit */
    bool is_cut;
};

/* clang-format off */
#define BUF_INIT(limit) {NULL, 0, 0, (limit), false}
/* clang-format on */

void buf_release(struct buf *b);
void buf_clear(struct buf *b); /* keeps the memory */
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_drop(struct buf *b, size_t len);  /* removes len bytes at the head */
char *buf_take(struct buf *b);             /* the text is the caller's now; "" if there is none */
const char *buf_text(const struct buf *b); /* never NULL */

#endif
