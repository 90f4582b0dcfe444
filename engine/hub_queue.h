/* hub_queue.h - what waits to be written to one client: shared blocks of whole lines.
 *
 * A block is encoded once and counted; queues hold references.  hub_block_new gives the first
 * reference to its caller, who drops it after the last hub_queue_add. */
#ifndef ENGINE_HUB_QUEUE_H
#define ENGINE_HUB_QUEUE_H

#include <stddef.h>

struct hub_block;
struct hub_block *hub_block_new(const char *bytes, size_t len);
void hub_block_drop(struct hub_block *b);

struct hub_queue {
    struct hub_block **blocks;
    size_t head, n, cap; /* the live ones are blocks[head … head + n) */
    size_t offset;       /* bytes of the first that are written already */
    size_t bytes;        /* left to write in all */
};
void hub_queue_release(struct hub_queue *q);
void hub_queue_add(struct hub_queue *q, struct hub_block *b); /* takes a reference of its own */

enum hub_written { HUB_WRITE_DONE, HUB_WRITE_FULL, HUB_WRITE_DEAD };
/* Writes to the socket what it takes without waiting; never raises SIGPIPE. */
enum hub_written hub_queue_write(struct hub_queue *q, int fd);

#endif
