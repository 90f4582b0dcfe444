/* message.c - a ring. */
#include "tui/message.h"

#include <stdlib.h>

#include "core/mem.h"

void message_add(struct message_log *m, int64_t at_wall_ms, const char *text)
{
    struct log_line *l = &m->v[m->next];
    mem_set(&l->text, text);
    l->at_wall_ms = at_wall_ms;
    m->next = (m->next + 1) % MESSAGE_MAX;
    if (m->n < MESSAGE_MAX)
        m->n++;
}

const struct log_line *message_at(const struct message_log *m, size_t i)
{
    return i < m->n ? &m->v[(m->next + MESSAGE_MAX - m->n + i) % MESSAGE_MAX] : NULL;
}

void message_release(struct message_log *m)
{
    for (size_t i = 0; i < MESSAGE_MAX; i++)
        free(m->v[i].text);
    *m = (struct message_log){0};
}
