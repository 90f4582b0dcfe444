/* hub_queue.c - see hub_queue.h. */
#include "engine/hub_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "core/mem.h"

#define WRITE_BLOCKS 32 /* of one system call */

struct hub_block {
    size_t refs, len;
    char bytes[];
};

struct hub_block *hub_block_new(const char *bytes, size_t len)
{
    struct hub_block *b = mem_alloc(sizeof *b + len);
    b->refs = 1;
    b->len = len;
    if (len > 0)
        memcpy(b->bytes, bytes, len);
    return b;
}

void hub_block_drop(struct hub_block *b)
{
    if (--b->refs == 0)
        free(b);
}

void hub_queue_release(struct hub_queue *q)
{
    for (size_t i = 0; i < q->n; i++)
        hub_block_drop(q->blocks[q->head + i]);
    free(q->blocks);
    memset(q, 0, sizeof *q);
}

void hub_queue_add(struct hub_queue *q, struct hub_block *b)
{
    if (b->len == 0)
        return;
    if (q->head > 0 && q->head + q->n == q->cap) {
        memmove(q->blocks, q->blocks + q->head, q->n * sizeof *q->blocks);
        q->head = 0;
    }
    MEM_ROOM(q->blocks, q->head + q->n, q->cap);
    b->refs++;
    q->blocks[q->head + q->n++] = b;
    q->bytes += b->len;
}

static void forget_written(struct hub_queue *q, size_t written)
{
    q->bytes -= written;
    written += q->offset;
    while (q->n > 0 && written >= q->blocks[q->head]->len) {
        written -= q->blocks[q->head]->len;
        hub_block_drop(q->blocks[q->head++]);
        q->n--;
    }
    q->offset = written;
    if (q->n == 0)
        q->head = 0;
}

enum hub_written hub_queue_write(struct hub_queue *q, int fd)
{
    while (q->n > 0) {
        struct iovec v[WRITE_BLOCKS];
        size_t n = 0;
        for (; n < q->n && n < WRITE_BLOCKS; n++) {
            struct hub_block *b = q->blocks[q->head + n];
            size_t from = n == 0 ? q->offset : 0;
            v[n] = (struct iovec){b->bytes + from, b->len - from};
        }
        struct msghdr m = {.msg_iov = v, .msg_iovlen = n};
        ssize_t got = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? HUB_WRITE_FULL : HUB_WRITE_DEAD;
        forget_written(q, (size_t)got);
    }
    return HUB_WRITE_DONE;
}
