/* http_plan.c - a request that is the same from run to run: checked once, kept small. */
#include "engine/http_plan.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "engine/http_words.h"

void http_url_release(struct http_url *u)
{
    free(u->scheme);
    free(u->host);
    free(u->port);
    free(u->user);
    memset(u, 0, sizeof *u);
}

static bool take_url(struct http_plan *p, const char *url, struct err *e)
{
    struct http_url parts;
    struct resolve_answer a;
    bool ok = false;

    if (!http_url_split(url, &parts, e))
        return false;
    if (strcmp(parts.scheme, "http") != 0 && strcmp(parts.scheme, "https") != 0) {
        err_set(e, "\"%s\": the scheme is \"%s\", expected http or https", url, parts.scheme);
    } else if (parts.user != NULL) {
        err_set(e, "the URL holds a user name; use a header instead");
    } else {
        p->url = mem_strdup(url);
        p->host = mem_strdup(parts.host);
        p->port = (uint16_t)strtoul(parts.port, NULL, 10);
        p->is_tls = strcmp(parts.scheme, "https") == 0;
        p->is_numeric = resolve_numeric(p->host, &a);
        ok = true;
    }
    http_url_release(&parts);
    return ok;
}

static bool take_headers(struct http_plan *p, const struct option_pairs *h, struct err *e)
{
    if (h == NULL || h->n == 0)
        return true;
    p->headers = mem_alloc(h->n * sizeof *p->headers);
    for (size_t i = 0; i < h->n; i++) {
        p->headers[i] = http_header_line(h->keys[i], h->values[i], e);
        if (p->headers[i] == NULL)
            return false;
        p->n_headers++;
    }
    return true;
}

struct http_plan *http_plan_new(const struct http_want *w, struct err *e)
{
    struct http_plan *p = mem_alloc(sizeof *p);
    const char *method = w->method != NULL ? w->method : w->body != NULL ? "POST" : "GET";

    if (!http_is_token(method)) {
        err_set(e, "\"%s\" is not an HTTP method", method);
    } else if (take_url(p, w->url, e) && take_headers(p, w->headers, e)) {
        p->is_head = strcmp(method, "HEAD") == 0;
        if (strcmp(method, "GET") != 0 && !p->is_head)
            p->method = mem_strdup(method);
        p->body = mem_strdup(w->body);
        p->ca_file = mem_strdup(w->ca_file);
        p->is_insecure = w->is_insecure;
        p->max_body = w->max_body > 0 ? (size_t)w->max_body : HTTP_BODY_DEFAULT;
        p->connect_ms = (long)(w->connect_ms > 0 ? w->connect_ms : HTTP_CONNECT_MS);
        return p;
    }
    http_plan_free(p);
    return NULL;
}

void http_plan_free(struct http_plan *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->n_headers; i++)
        free(p->headers[i]);
    free(p->headers);
    free(p->url);
    free(p->host);
    free(p->method);
    free(p->body);
    free(p->ca_file);
    free(p);
}

const char *http_plan_host(const struct http_plan *p)
{
    return p->host;
}
