/* hub_watch.c - a client's picture: snapshot and deltas.
 *
 *   WATCH_NONE --watch--> WATCH_SNAPSHOT --all sent--> WATCH_LIVE --queue too long--> WATCH_BEHIND
 *                              ^                                                          |
 *                              +------------------- queue written out --------------------+
 *
 * A snapshot is encoded piece by piece as the client reads.  Deltas that pass meanwhile are not
 * queued for it: at its end every object with a version above the snapshot's first is sent again.
 */
#include "engine/hub_client.h"

#include "engine/period_json.h"
#include "engine/wire.h"

#define SNAPSHOT_CHUNK 32768 /* bytes encoded at a time */

void client_set_watch(struct client *c, enum watch w)
{
    struct hub *h = c->hub;
    size_t before = h->n_watchers;
    h->n_watchers += (w != WATCH_NONE);
    h->n_watchers -= (c->watch != WATCH_NONE);
    c->watch = w;
    if (h->n_watchers != before && h->calls.watchers != NULL)
        h->calls.watchers(h->arg, h->n_watchers);
}

static void add_version(struct buf *b, const struct fleet *f)
{
    struct jval *j = jval_object();
    jval_set_int(j, "version", (int64_t)f->version);
    jval_set_int(j, "seq", (int64_t)f->seq);
    line_add_as(b, "delta_end", j);
}

static void snapshot_begin(struct client *c, struct buf *b)
{
    c->next_target = c->next_check = 0;
    c->last_alert = 0;
    c->first_version = c->hub->fleet->version;
    client_set_watch(c, WATCH_SNAPSHOT);
    line_add_as(b, "snapshot", wire_snapshot(c->hub->fleet));
}

/* The objects that changed while the snapshot was on its way. */
static void add_changed_since(struct buf *b, const struct fleet *f, uint64_t version,
                              int64_t now_ms)
{
    for (size_t i = 0; i < f->n_targets; i++)
        if (f->targets[i]->version > version)
            line_add_as(b, "target", wire_target(f->targets[i], WIRE_DELTA));
    for (size_t i = 0; i < f->n_checks; i++)
        if (f->checks[i]->version > version)
            line_add_as(b, "check", wire_check(f->checks[i], WIRE_DELTA, now_ms));
    for (size_t i = 0; i < f->n_alerts; i++)
        if (f->alerts[i]->fleet_version > version)
            line_add_as(b, "alert", wire_alert(f, f->alerts[i], now_ms));
    for (size_t i = 0; i < f->n_periods; i++)
        if (f->periods[i]->version > version)
            line_add_as(b, "period", period_json(f->periods[i]));
    for (size_t i = 0; i < f->n_fogs; i++)
        if (f->fogs[i]->version > version)
            line_add_as(b, "fog", wire_fog(f->fogs[i], WIRE_DELTA));
    for (size_t i = 0; i < f->n_runs; i++)
        if (f->runs[i]->version > version)
            line_add_as(b, "run", wire_run(f->runs[i]));
}

/* Alerts are sent by id: the list may lose old ones at its head between two pieces. */
static const struct alert *next_alert(const struct fleet *f, uint64_t after)
{
    for (size_t i = 0; i < f->n_alerts; i++)
        if (f->alerts[i]->id > after)
            return f->alerts[i];
    return NULL;
}

static void add_few(struct buf *b, const struct fleet *f)
{
    for (size_t i = 0; i < f->n_periods; i++)
        line_add_as(b, "period", period_json(f->periods[i]));
    for (size_t i = 0; i < f->n_fogs; i++)
        line_add_as(b, "fog", wire_fog(f->fogs[i], WIRE_SNAPSHOT));
    for (size_t i = 0; i < f->n_runs; i++)
        line_add_as(b, "run", wire_run(f->runs[i]));
}

static void add_piece(struct client *c, struct buf *b)
{
    const struct fleet *f = c->hub->fleet;
    int64_t now_ms = loop_mono_ms(c->hub->loop);
    const struct alert *a;
    while (b->len < SNAPSHOT_CHUNK && c->next_target < f->n_targets)
        line_add_as(b, "target", wire_target(f->targets[c->next_target++], WIRE_SNAPSHOT));
    while (b->len < SNAPSHOT_CHUNK && c->next_check < f->n_checks)
        line_add_as(b, "check", wire_check(f->checks[c->next_check++], WIRE_SNAPSHOT, now_ms));
    while (b->len < SNAPSHOT_CHUNK && (a = next_alert(f, c->last_alert)) != NULL) {
        c->last_alert = a->id;
        line_add_as(b, "alert", wire_alert(f, a, now_ms));
    }
    if (b->len >= SNAPSHOT_CHUNK)
        return;
    add_few(b, f); /* few and small: in one piece */
    add_changed_since(b, f, c->first_version, now_ms);
    struct jval *end = jval_object();
    jval_set_int(end, "version", (int64_t)f->version);
    jval_set_int(end, "seq", (int64_t)f->seq);
    line_add_as(b, "snapshot_end", end);
    client_set_watch(c, WATCH_LIVE);
}

void client_watch(struct client *c)
{
    struct buf b = BUF_INIT(0);
    snapshot_begin(c, &b);
    client_send_buf(c, &b);
}

/* Pieces of the old picture end with the new one's head: a client folds them aside. */
void client_rewatch(struct client *c)
{
    if (c->is_dead || c->watch == WATCH_NONE)
        return;
    if (c->out.bytes > HUB_QUEUE_MAX)
        client_set_watch(c, WATCH_BEHIND);
    else
        client_watch(c);
}

void client_pump(struct client *c)
{
    if (c->is_dead || c->out.bytes > 0 || c->is_closing)
        return;
    struct buf b = BUF_INIT(0);
    if (c->watch == WATCH_BEHIND)
        snapshot_begin(c, &b);
    if (c->watch == WATCH_SNAPSHOT) {
        add_piece(c, &b);
        client_send_buf(c, &b);
    }
    buf_release(&b);
}

static struct hub_block *delta_block(const struct hub *h)
{
    struct buf b = BUF_INIT(0);
    const struct fleet *f = h->fleet;
    int64_t now_ms = loop_mono_ms(h->loop);
    for (size_t i = 0; i < f->n_dirty_targets; i++)
        line_add_as(&b, "target", wire_target(f->dirty_targets[i], WIRE_DELTA));
    for (size_t i = 0; i < f->n_dirty_checks; i++)
        line_add_as(&b, "check", wire_check(f->dirty_checks[i], WIRE_DELTA, now_ms));
    for (size_t i = 0; i < f->n_dirty_alerts; i++)
        line_add_as(&b, "alert", wire_alert(f, f->dirty_alerts[i], now_ms));
    for (size_t i = 0; f->has_dirty_periods && i < f->n_periods; i++)
        if (f->periods[i]->is_dirty)
            line_add_as(&b, "period", period_json(f->periods[i]));
    for (size_t i = 0; f->has_dirty_runs && i < f->n_fogs; i++)
        if (f->fogs[i]->is_dirty)
            line_add_as(&b, "fog", wire_fog(f->fogs[i], WIRE_DELTA));
    for (size_t i = 0; f->has_dirty_runs && i < f->n_runs; i++)
        if (f->runs[i]->is_dirty)
            line_add_as(&b, "run", wire_run(f->runs[i]));
    add_version(&b, f);
    struct hub_block *block = hub_block_new(buf_text(&b), b.len);
    buf_release(&b);
    return block;
}

/* To everyone who is live; who has too much unread already falls behind instead. */
static void send_to_live(struct hub *h, struct hub_block *block)
{
    for (struct client *c = h->clients; c != NULL; c = c->next) {
        if (c->is_dead || c->watch != WATCH_LIVE)
            continue;
        if (c->out.bytes > HUB_QUEUE_MAX)
            client_set_watch(c, WATCH_BEHIND);
        else
            hub_queue_add(&c->out, block);
        client_write(c);
    }
}

void watch_flush(struct hub *h)
{
    const struct fleet *f = h->fleet;
    if (h->n_watchers > 0 && (f->version != h->sent_version || f->seq != h->sent_seq)) {
        struct hub_block *block = delta_block(h);
        send_to_live(h, block);
        hub_block_drop(block);
    }
    h->sent_version = f->version;
    h->sent_seq = f->seq;
    fleet_clean(h->fleet);
}
