#include "engine/sim_body.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/map.h"

/* A figure that swings between low and high once a period, each target and figure in its own phase.
 */
static int swing(const char *target, int which, int low, int high, int64_t period_ms, int64_t at_ms)
{
    uint64_t phase = map_hash(target) * 2654435761u + (uint64_t)which * 7919;
    int64_t at = (at_ms + (int64_t)(phase % (uint64_t)period_ms)) % period_ms;
    int64_t half = period_ms / 2;
    int64_t up = at < half ? at : period_ms - at;
    return low + (int)((high - low) * up / half);
}

int64_t sim_delay_ms(const char *target, int64_t since_start_ms)
{
    return swing(target, 0, 1, 6, 6100, since_start_ms) +
           swing(target, 1, 0, 34, 97000, since_start_ms);
}

/* --- the request ---------------------------------------------------------------------------- */

static bool line_is(const char *line, const char *end, const char *wanted)
{
    size_t len = strlen(wanted);
    return (size_t)(end - line) >= len && strncasecmp(line, wanted, len) == 0;
}

enum sim_request_kind sim_request_parse(const char *bytes, size_t len, struct sim_request *out)
{
    const char *end = memmem(bytes, len, "\r\n\r\n", 4);
    if (end == NULL)
        return len >= SIM_REQUEST_MAX ? SIM_REQUEST_BAD : SIM_REQUEST_PARTIAL;
    *out = (struct sim_request){.len = (size_t)(end - bytes) + 4};
    char method[16] = "", version[16] = "", first[512];
    size_t first_len = (size_t)((const char *)memchr(bytes, '\r', len) - bytes);
    if (first_len >= sizeof first)
        return SIM_REQUEST_BAD;
    memcpy(first, bytes, first_len);
    first[first_len] = '\0';
    if (sscanf(first, "%15s %255s %15s", method, out->path, version) != 3 ||
        strncmp(version, "HTTP/1.", 7) != 0)
        return SIM_REQUEST_BAD;
    out->path[strcspn(out->path, "?#")] = '\0';
    out->is_head = strcmp(method, "HEAD") == 0;
    out->is_kept = (out->is_head || strcmp(method, "GET") == 0) && version[7] == '1';
    for (const char *line = bytes + first_len + 2; line < end;) {
        const char *next = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
        if (line_is(line, next, "connection: close"))
            out->is_kept = false;
        line = next + 2;
    }
    return SIM_REQUEST_WHOLE;
}

/* --- the answer ----------------------------------------------------------------------------- */

static int health(struct buf *b, const char *target, const struct sim_condition *c, int64_t at)
{
    int load = swing(target, 2, 12, 58, 61000, at), memory = swing(target, 3, 35, 70, 241000, at);
    if (c->busy_pct > 0 || c->is_degraded)
        load = memory = c->busy_pct > 0 ? c->busy_pct : 97;
    buf_addf(b,
             "{\"status\":\"%s\",\"server\":\"%s\",\"version\":\"1.4.2\",\"load\":%d,"
             "\"memory\":%d,\"disk\":%d,\"sessions\":%d}\n",
             c->is_degraded ? "DEGRADED" : "UP", target, load, memory,
             swing(target, 4, 30, 62, 3600000, at), swing(target, 5, 40, 900, 127000, at));
    return 200;
}

static int ready(struct buf *b, const char *target, const struct sim_condition *c, int64_t at)
{
    (void)target;
    (void)at;
    buf_addf(b, "{\"ready\":%s}\n", c->is_degraded ? "false" : "true");
    return c->is_degraded ? 503 : 200;
}

static int version(struct buf *b, const char *target, const struct sim_condition *c, int64_t at)
{
    (void)c;
    (void)at;
    buf_addf(b, "{\"server\":\"%s\",\"version\":\"1.4.2\",\"build\":\"2026-03-01\"}\n", target);
    return 200;
}

static int page(struct buf *b, const char *target, const struct sim_condition *c, int64_t at)
{
    (void)c;
    (void)at;
    buf_addf(b,
             "<!doctype html><html lang=\"vi\"><meta charset=\"utf-8\"><title>Cổng Dịch vụ công "
             "quốc gia</title><p>%s: dữ liệu mẫu, sample data</p></html>\n",
             target);
    return 200;
}

static const struct route {
    const char *path, *type;
    int (*body)(struct buf *b, const char *target, const struct sim_condition *c, int64_t at);
} routes[] = {
    {"/health", "application/json", health},      {"/ready", "application/json", ready},
    {"/version", "application/json", version},    {"/", "text/html; charset=utf-8", page},
    {"/login", "text/html; charset=utf-8", page}, {"/pay", "text/html; charset=utf-8", page},
};

static const char *reason(int code)
{
    static const struct {
        int code;
        const char *text;
    } rows[] = {{200, "OK"},          {404, "Not Found"},           {500, "Internal Server Error"},
                {502, "Bad Gateway"}, {503, "Service Unavailable"}, {504, "Gateway Timeout"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].code == code)
            return rows[i].text;
    return "Simulated";
}

void sim_answer(struct buf *out, const struct sim_request *q, const char *target,
                const struct sim_condition *c, int64_t since_start_ms)
{
    struct buf body = BUF_INIT(4096);
    const char *type = "text/plain";
    int code = 404;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (strcmp(routes[i].path, q->path) != 0)
            continue;
        type = routes[i].type;
        code = routes[i].body(&body, target, c, since_start_ms);
    }
    if (c->is_wrong || c->error_code > 0) {
        code = c->error_code > 0 ? c->error_code : 200;
        type = "text/html";
        buf_clear(&body);
        buf_addf(&body, "<html><h1>%s</h1></html>\n", c->is_wrong ? "It works!" : reason(code));
    } else if (code == 404) {
        buf_adds(&body, "there is no such page\n");
    }
    buf_addf(out,
             "HTTP/1.1 %d %s\r\nServer: trucban-sim\r\nContent-Type: %s\r\n"
             "Content-Length: %zu\r\nConnection: %s\r\n\r\n",
             code, reason(code), type, body.len, q->is_kept ? "keep-alive" : "close");
    if (!q->is_head)
        buf_adds(out, buf_text(&body));
    buf_release(&body);
}
