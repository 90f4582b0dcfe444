/* sim_sync.c - the list of databases as the Centre might publish it: one row each, with the time of
 * the last synchronisation moving on.  Links and names are the site's own; a fault `lost` takes one
 * out of the linked, `late` leaves its last synchronisation behind. */
#include "core/when.h"
#include "engine/sim_body.h"

enum { SYNC_PERIOD_MS = 300000 }; /* a linked database synchronises about every 5 minutes */

static void one_row(struct buf *b, const struct sim_ask *a, const struct target *t)
{
    struct sim_condition c = sim_condition_at(a->scenario, t->id, a->at_ms);
    enum link_state link = c.is_lost ? LINK_NONE : t->link;
    char at[WHEN_TEXT_MAX];
    buf_addf(b, "{\"id\":\"%s\",\"link\":\"%s\"", t->id, link_names[link]);
    if (t->link == LINK_DONE) {
        int age_s = sim_swing(t->id, 7, 5, SYNC_PERIOD_MS / 1000, SYNC_PERIOD_MS, a->at_ms);
        int64_t late_ms = c.late_ms + (c.is_lost ? SYNC_PERIOD_MS : 0);
        int uses = sim_swing(t->id, 11, 200, 5000, 86400000, a->at_ms);
        buf_addf(b,
                 ",\"last_sync_at\":\"%s\",\"mode\":\"realtime\",\"traffic_day\":%d,"
                 "\"fields_published\":true,\"guide_published\":true",
                 when_rfc3339(a->wall_ms - age_s * 1000LL - late_ms, at), uses);
    }
    buf_adds(b, "}");
}

int sim_sync_body(struct buf *b, const struct sim_ask *a)
{
    bool is_first = true;
    buf_adds(b, "{\"databases\":[");
    for (size_t i = 0; i < a->fleet->n_targets; i++) {
        if (a->fleet->targets[i]->kind != TARGET_DATABASE)
            continue;
        buf_adds(b, is_first ? "\n" : ",\n");
        one_row(b, a, a->fleet->targets[i]);
        is_first = false;
    }
    buf_adds(b, "\n]}\n");
    return 200;
}
