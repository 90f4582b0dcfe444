#include "engine/sim_body.h"

#include <string.h>

#include "core/map.h"
#include "core/when.h"

int sim_swing(const char *target, int which, int low, int high, int64_t period_ms, int64_t at_ms)
{
    uint64_t phase = map_hash(target) * 2654435761u + (uint64_t)which * 7919;
    int64_t at = (at_ms + (int64_t)(phase % (uint64_t)period_ms)) % period_ms;
    int64_t half = period_ms / 2;
    int64_t up = at < half ? at : period_ms - at;
    return low + (int)((high - low) * up / half);
}

int64_t sim_delay_ms(const char *target, int64_t at_ms)
{
    return sim_swing(target, 0, 1, 6, 6100, at_ms) + sim_swing(target, 1, 0, 34, 97000, at_ms);
}

static int swing(const struct sim_ask *a, int which, int low, int high, int64_t period_ms)
{
    return sim_swing(a->target->id, which, low, high, period_ms, a->at_ms);
}

/* --- servers -------------------------------------------------------------------------------- */

/* What its condition says, else what it swings to. */
static int in_use(const struct sim_ask *a, int calm)
{
    if (a->now.busy_pct > 0)
        return a->now.busy_pct;
    return a->now.is_degraded ? 97 : calm;
}

int sim_load_pct(const struct sim_ask *a)
{
    return in_use(a, swing(a, 2, 12, 58, 61000));
}

int sim_memory_pct(const struct sim_ask *a)
{
    return in_use(a, swing(a, 3, 35, 70, 241000));
}

int sim_disk_pct(const struct sim_ask *a)
{
    return swing(a, 4, 30, 62, 3600000);
}

static int health(struct buf *b, const struct sim_ask *a)
{
    buf_addf(b,
             "{\"status\":\"%s\",\"server\":\"%s\",\"version\":\"1.4.2\",\"load\":%d,"
             "\"memory\":%d,\"disk\":%d,\"sessions\":%d,\"success_pct\":%d.%d}\n",
             a->now.is_degraded ? "DEGRADED" : "UP", a->target->id, sim_load_pct(a),
             sim_memory_pct(a), sim_disk_pct(a), swing(a, 5, 40, 900, 127000),
             a->now.is_degraded ? 93 : 99, swing(a, 6, 0, 9, 83000));
    return 200;
}

static int ready(struct buf *b, const struct sim_ask *a)
{
    buf_addf(b, "{\"ready\":%s}\n", a->now.is_degraded ? "false" : "true");
    return a->now.is_degraded ? 503 : 200;
}

static int version(struct buf *b, const struct sim_ask *a)
{
    buf_addf(b, "{\"server\":\"%s\",\"version\":\"1.4.2\",\"build\":\"2026-03-01\"}\n",
             a->target->id);
    return 200;
}

static int page(struct buf *b, const struct sim_ask *a)
{
    buf_addf(b,
             "<!doctype html><html lang=\"vi\"><meta charset=\"utf-8\"><title>Cổng Dịch vụ công "
             "quốc gia</title><p>%s: dữ liệu mẫu, sample data</p></html>\n",
             a->target->id);
    return 200;
}

/* --- services ------------------------------------------------------------------------------- */

/* Of the day that was closed: none is left over unless something is wrong. */
static int closing(struct buf *b, const struct sim_ask *a)
{
    buf_addf(b, "{\"status\":\"UP\",\"unreconciled\":%d,\"unreconciled_pct\":%s}\n",
             a->now.is_degraded ? 42 : 0, a->now.is_degraded ? "0.14" : "0");
    return 200;
}

/* The mail server's queue, and what of a quarter of an hour came back. */
static int mail_queue(struct buf *b, const struct sim_ask *a)
{
    buf_addf(b, "{\"queued\":%d,\"oldest_s\":%lld,\"bounce_pct\":%d.%d}\n",
             a->now.is_degraded ? 2100 : swing(a, 2, 3, 60, 67000),
             swing(a, 3, 2, 50, 97000) + (long long)a->now.late_ms / 1000,
             a->now.is_degraded ? 12 : swing(a, 4, 0, 2, 127000), swing(a, 5, 0, 9, 83000));
    return 200;
}

static int payments(struct buf *b, const struct sim_ask *a)
{
    buf_addf(b,
             "{\"status\":\"UP\",\"success_pct\":%d.%d,\"callbacks_pending\":%d,"
             "\"oldest_callback_s\":%d}\n",
             a->now.is_degraded ? 94 : 99, swing(a, 2, 0, 9, 83000), swing(a, 3, 0, 9, 41000),
             a->now.is_degraded ? 640 : swing(a, 4, 4, 80, 113000));
    return 200;
}

static int webhook(struct buf *b, const struct sim_ask *a)
{
    int64_t silent_ms = swing(a, 2, 5, 400, 307000) * 1000LL + a->now.late_ms;
    char at[WHEN_TEXT_MAX];
    buf_addf(b, "{\"status\":\"UP\",\"last_at\":\"%s\"}\n",
             when_rfc3339(a->wall_ms - silent_ms, at));
    return 200;
}

/* --- hotline -------------------------------------------------------------------------------- */

static bool is_line(const struct target *t)
{
    const char *class = target_label(t, "class");
    return class != NULL && strcmp(class, "line") == 0;
}

static bool is_line_busy(const struct sim_ask *a, const struct target *line)
{
    return sim_condition_at(a->scenario, line->id, a->at_ms).busy_pct > 0 ||
           sim_swing(line->id, 2, 0, 100, 47000, a->at_ms) > 62;
}

static const char *line_state(const struct sim_ask *a, const struct target *line)
{
    if (sim_condition_at(a->scenario, line->id, a->at_ms).is_lost)
        return "out";
    return is_line_busy(a, line) ? "busy" : "idle";
}

static int lines(struct buf *b, const struct sim_ask *a)
{
    int n = 0, busy = 0;
    buf_adds(b, "{\"lines\":[");
    for (size_t i = 0; i < a->fleet->n_targets; i++) {
        const struct target *t = a->fleet->targets[i];
        if (!is_line(t))
            continue;
        const char *state = line_state(a, t);
        buf_addf(b, "%s{\"id\":\"%s\",\"state\":\"%s\"}", n++ > 0 ? "," : "", t->id, state);
        busy += strcmp(state, "busy") == 0;
    }
    bool is_full = n > 0 && busy == n;
    buf_addf(b, "],\"waiting\":%d,\"wait_s\":%d,\"abandoned_pct\":%d}\n",
             is_full ? swing(a, 3, 2, 9, 23000) : 0,
             is_full ? swing(a, 4, 20, 95, 31000) : swing(a, 4, 0, 9, 31000),
             is_full ? swing(a, 5, 6, 14, 61000) : swing(a, 5, 0, 4, 61000));
    return 200;
}

/* --- routes --------------------------------------------------------------------------------- */

#define JSON "application/json"
#define HTML "text/html; charset=utf-8"
/* Where the drill's webhook posts what it has to tell. */
static int notices(struct buf *b, const struct sim_ask *a)
{
    if (strcmp(a->request->method, "POST") != 0)
        return 405;
    buf_adds(b, "{\"taken\":true}\n");
    return 200;
}

static const struct route {
    const char *path; /* ending in a star: all below it */
    const char *type;
    int (*body)(struct buf *b, const struct sim_ask *a);
} routes[] = {
    {"/health", JSON, health},
    {"/metrics", "text/plain; version=0.0.4", sim_node_body},
    {"/ready", JSON, ready},
    {"/version", JSON, version},
    {"/", HTML, page},
    {"/login", HTML, page},
    {"/pay", HTML, page},
    {"/payments/status", JSON, payments},
    {"/payments/closing", JSON, closing},
    {"/queue", JSON, mail_queue},
    {"/webhook/status", JSON, webhook},
    {"/lines", JSON, lines},
    {"/databases", JSON, sim_sync_body},
    {"/status.xml", "text/xml", sim_kannel_body},
    {"/cgi-bin/sendsms", "text/plain", sim_sendsms_body},
    {"/receipts", JSON, sim_receipt_body},
    {"/quota", JSON, sim_quota_body},
    {"/notices", JSON, notices},
};

static const struct route *route_find(const char *path)
{
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        size_t len = strcspn(routes[i].path, "*");
        bool is_all = routes[i].path[len] == '*';
        if (is_all ? strncmp(path, routes[i].path, len) == 0 && path[len] != '\0'
                   : strcmp(path, routes[i].path) == 0)
            return &routes[i];
    }
    return NULL;
}

void sim_answer(struct buf *out, const struct sim_ask *ask)
{
    struct buf body = BUF_INIT(0);
    const struct route *r = route_find(ask->request->path);
    const char *type = r != NULL ? r->type : "text/plain";
    int code = r != NULL ? r->body(&body, ask) : 404;
    if (ask->now.is_wrong || ask->now.error_code > 0) {
        code = ask->now.error_code > 0 ? ask->now.error_code : 200;
        type = "text/html";
        buf_clear(&body);
        buf_addf(&body, "<html><h1>%s</h1></html>\n",
                 ask->now.is_wrong ? "It works!" : sim_http_reason(code));
    } else if (code >= 400 && body.len == 0) {
        type = "text/plain";
        buf_addf(&body, "%s\n", sim_http_reason(code));
    }
    sim_http_answer(out, ask->request, code, type, buf_text(&body));
    buf_release(&body);
}
