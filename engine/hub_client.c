/* hub_client.c - one client: bytes out, lines in; see hub_client.h. */
#include "engine/hub_client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/event_json.h"
#include "engine/wire.h"

#define READ_BYTES 16384

void line_add(struct buf *b, const struct jval *j)
{
    jval_dump(b, j, 0);
    buf_addc(b, '\n');
}

/* {"KEY":j}, taking j. */
void line_add_as(struct buf *b, const char *key, struct jval *j)
{
    struct jval *o = jval_object();
    jval_set(o, key, j);
    line_add(b, o);
    jval_free(o);
}

bool client_is_paused(const struct client *c)
{
    return c->is_closing || c->n_requests >= HUB_PENDING_MAX || c->out.bytes > HUB_QUEUE_MAX;
}

void client_mark_dead(struct client *c)
{
    c->is_dead = true;
    loop_fd_set(c->handle, 0);
    loop_timer_set(c->hub->tend, 0, 0);
}

void client_interest(struct client *c)
{
    if (c->is_dead)
        return;
    int events = client_is_paused(c) ? 0 : LOOP_READ;
    if (c->out.bytes > 0 || c->watch == WATCH_SNAPSHOT || c->watch == WATCH_BEHIND)
        events |= LOOP_WRITE;
    loop_fd_set(c->handle, events);
}

void client_write(struct client *c)
{
    if (c->is_dead)
        return;
    if (hub_queue_write(&c->out, c->fd) == HUB_WRITE_DEAD)
        client_mark_dead(c);
    else if (c->is_closing && c->out.bytes == 0 && c->n_requests == 0)
        client_mark_dead(c);
    else if (c->in.len > 0 && !client_is_paused(c))
        loop_timer_set(c->hub->tend, 0, 0); /* lines that waited until it had read its answers */
    client_interest(c);
}

void client_send_buf(struct client *c, struct buf *b)
{
    struct hub_block *block = hub_block_new(buf_text(b), b->len);
    hub_queue_add(&c->out, block);
    hub_block_drop(block);
    buf_release(b);
    client_write(c);
}

static void client_send_as(struct client *c, const char *key, struct jval *j)
{
    struct buf b = BUF_INIT(0);
    line_add_as(&b, key, j);
    client_send_buf(c, &b);
}

/* The last words to somebody who does not speak the protocol. */
void client_refuse_protocol(struct client *c, char *packed)
{
    struct jval *j = jval_object();
    event_json_set_say(j, "text", "say", packed);
    free(packed);
    c->is_closing = true;
    client_send_as(c, "error", j);
}

static void client_hello(struct client *c, const struct jval *j)
{
    if (jval_get_int(j, "trucban", 0) != WIRE_PROTOCOL) {
        client_refuse_protocol(
            c, SAY(N_("this engine ({0}) speaks protocol 1 only; use a client of its version"),
                   TRUCBAN_VERSION));
        return;
    }
    const char *from = jval_get_str(jval_get(j, "hello"), "from");
    if (from != NULL) {
        free(c->actor.from);
        c->actor.from = text_cleaned(from, strlen(from), TEXT_MAX_NAME, 0);
    }
}

/* jansson's words may quote the line. */
static char *not_json(const struct jval *j, const struct err *e)
{
    const char *why = j == NULL ? e->text : jval_type_name(jval_type(j));
    char *clean = text_cleaned(why, strlen(why), TEXT_MAX_LISTED, 0);
    char *packed = SAY(N_("not a JSON object on one line: {0}"), clean);
    free(clean);
    return packed;
}

static void client_line(struct client *c, const char *line, size_t len)
{
    struct err e;
    if (len > 0 && line[len - 1] == '\r')
        len--;
    if (len == 0)
        return;
    struct jval *j = jval_parse(line, len, &e);
    if (jval_type(j) != JVAL_OBJECT)
        client_refuse_protocol(c, not_json(j, &e));
    else if (jval_get(j, "trucban") != NULL)
        client_hello(c, j);
    else if (jval_get(j, "request") != NULL)
        client_request(c, j);
    else
        client_refuse_protocol(c,
                               mem_strdup(N_("neither \"request\" nor \"trucban\" in the object")));
    jval_free(j);
}

/* Works through the whole lines that were read, as far as the client may ask more. */
void client_lines(struct client *c)
{
    size_t at = 0;
    while (at < c->in.len && !c->is_dead && !client_is_paused(c)) {
        const char *from = c->in.bytes + at;
        const char *end = memchr(from, '\n', c->in.len - at);
        size_t len = end != NULL ? (size_t)(end - from) : c->in.len - at;
        if (len > HUB_LINE_MAX) {
            client_refuse_protocol(c, SAY(N_("a line is longer than {0} bytes"), "65536"));
            break;
        }
        if (end == NULL)
            break;
        at += len + 1;
        client_line(c, from, len);
    }
    if (at > 0)
        buf_drop(&c->in, at);
}

void client_read(struct client *c)
{
    char bytes[READ_BYTES];
    ssize_t n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        buf_add(&c->in, bytes, (size_t)n);
        client_lines(c);
        return;
    }
    /* Its end: who asked and shut its half still gets its answers. */
    c->is_closing = true;
    if (n < 0 || c->watch != WATCH_NONE || (c->out.bytes == 0 && c->n_requests == 0))
        client_mark_dead(c);
}
