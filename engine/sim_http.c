#include "engine/sim_http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- the request ---------------------------------------------------------------------------- */

static bool line_is(const char *line, const char *end, const char *wanted)
{
    size_t len = strlen(wanted);
    return (size_t)(end - line) >= len && strncasecmp(line, wanted, len) == 0;
}

/* The first line; false if it is not one of HTTP/1. */
static bool parse_first(const char *line, size_t len, struct sim_request *out)
{
    char first[sizeof out->path + sizeof out->query], version[16] = "";
    char target[sizeof first];
    if (len >= sizeof first)
        return false;
    memcpy(first, line, len);
    first[len] = '\0';
    if (sscanf(first, "%15s %2559s %15s", out->method, target, version) != 3 ||
        strncmp(version, "HTTP/1.", 7) != 0)
        return false;
    size_t path_len = strcspn(target, "?#");
    if (path_len >= sizeof out->path)
        return false;
    memcpy(out->path, target, path_len);
    if (target[path_len] == '?')
        snprintf(out->query, sizeof out->query, "%.*s", (int)sizeof out->query - 1,
                 target + path_len + 1);
    out->is_head = strcmp(out->method, "HEAD") == 0;
    out->is_kept = version[7] == '1';
    return true;
}

enum sim_request_kind sim_request_parse(const char *bytes, size_t len, struct sim_request *out)
{
    const char *end = memmem(bytes, len, "\r\n\r\n", 4);
    enum sim_request_kind more = len >= SIM_REQUEST_MAX ? SIM_REQUEST_BAD : SIM_REQUEST_PARTIAL;
    unsigned long body_len = 0;
    *out = (struct sim_request){0};
    if (end == NULL)
        return more;
    size_t first_len = (size_t)((const char *)memchr(bytes, '\r', len) - bytes);
    if (!parse_first(bytes, first_len, out))
        return SIM_REQUEST_BAD;
    for (const char *line = bytes + first_len + 2; line < end;) {
        const char *next = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
        if (line_is(line, next, "connection: close"))
            out->is_kept = false;
        if (line_is(line, next, "content-length:"))
            body_len = strtoul(line + 15, NULL, 10);
        if (line_is(line, next, "authorization: "))
            snprintf(out->authorization, sizeof out->authorization, "%.*s", (int)(next - line) - 15,
                     line + 15);
        line = next + 2;
    }
    out->body = end + 4;
    size_t head_len = (size_t)(out->body - bytes);
    if (body_len > SIM_REQUEST_MAX - head_len)
        return SIM_REQUEST_BAD;
    out->body_len = body_len;
    out->len = head_len + body_len;
    return len >= out->len ? SIM_REQUEST_WHOLE : more;
}

/* --- the answer ----------------------------------------------------------------------------- */

const char *sim_http_reason(int code)
{
    static const struct {
        int code;
        const char *text;
    } rows[] = {{200, "OK"},
                {400, "Bad Request"},
                {401, "Unauthorized"},
                {404, "Not Found"},
                {405, "Method Not Allowed"},
                {412, "Precondition Failed"},
                {500, "Internal Server Error"},
                {502, "Bad Gateway"},
                {503, "Service Unavailable"},
                {504, "Gateway Timeout"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].code == code)
            return rows[i].text;
    return "Simulated";
}

void sim_http_answer(struct buf *out, const struct sim_request *q, int code, const char *type,
                     const char *body)
{
    buf_addf(out,
             "HTTP/1.1 %d %s\r\nServer: trucban-sim\r\nContent-Type: %s\r\n"
             "Content-Length: %zu\r\nConnection: %s\r\n\r\n",
             code, sim_http_reason(code), type, strlen(body), q->is_kept ? "keep-alive" : "close");
    if (!q->is_head)
        buf_adds(out, body);
}
