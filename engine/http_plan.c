/* http_plan.c - a request that is the same from run to run: checked once, kept small. */
#include "engine/http_plan.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "engine/http_words.h"
#include "engine/secret.h"

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

static bool add_header(struct http_plan *p, const char *name, const char *value, struct err *e)
{
    char *line = http_header_line(name, value, e);
    if (line == NULL)
        return false;
    p->headers = mem_grow(p->headers, p->n_headers + 1, sizeof *p->headers);
    p->headers[p->n_headers++] = line;
    return true;
}

static bool take_headers(struct http_plan *p, const struct option_pairs *h, struct err *e)
{
    for (size_t i = 0; h != NULL && i < h->n; i++)
        if (!add_header(p, h->keys[i], h->values[i], e))
            return false;
    return true;
}

static bool take_token(struct http_plan *p, const char *token, struct err *e)
{
    struct buf value = BUF_INIT(0);
    buf_addf(&value, "Bearer %s", token);
    bool ok = add_header(p, "Authorization", buf_text(&value), e);
    explicit_bzero(value.bytes, value.len);
    buf_release(&value);
    return ok;
}

static bool check_access(const struct http_access *a, struct err *e)
{
    if ((a->user == NULL) != (a->password == NULL))
        return err_set(e, "\"user\" and \"password\" go together");
    if (a->user != NULL && a->token != NULL)
        return err_set(e, "\"token\" and \"user\" exclude each other");
    if (a->user != NULL && strchr(a->user, ':') != NULL)
        return err_set(e, "\"user\": a colon cannot stand in it");
    if (a->ca_file != NULL && a->is_insecure)
        return err_set(e, "\"ca_file\" and \"insecure\" exclude each other");
    if ((a->client_cert == NULL) != (a->client_key == NULL))
        return err_set(e, "\"client_cert\" and \"client_key\" go together");
    return a->client_key == NULL || secret_is_private(a->client_key, e);
}

static bool take_access(struct http_plan *p, const struct http_access *a, struct err *e)
{
    if (a == NULL)
        return true;
    if (!check_access(a, e) || (a->token != NULL && !take_token(p, a->token, e)))
        return false;
    p->user = mem_strdup(a->user);
    p->password = mem_strdup(a->password);
    p->ca_file = mem_strdup(a->ca_file);
    p->client_cert = mem_strdup(a->client_cert);
    p->client_key = mem_strdup(a->client_key);
    p->is_insecure = a->is_insecure;
    return true;
}

struct http_plan *http_plan_new(const struct http_want *w, struct err *e)
{
    struct http_plan *p = mem_alloc(sizeof *p);
    const char *method = w->method != NULL ? w->method : w->body != NULL ? "POST" : "GET";

    if (!http_is_token(method)) {
        err_set(e, "\"%s\" is not an HTTP method", method);
    } else if (take_url(p, w->url, e) && take_headers(p, w->headers, e) &&
               take_access(p, w->access, e)) {
        p->is_head = strcmp(method, "HEAD") == 0;
        if (strcmp(method, "GET") != 0 && !p->is_head)
            p->method = mem_strdup(method);
        p->body = mem_strdup(w->body);
        p->max_body = w->max_body > 0 ? (size_t)w->max_body : HTTP_BODY_DEFAULT;
        p->connect_ms = (long)(w->connect_ms > 0 ? w->connect_ms : HTTP_CONNECT_MS);
        p->is_plain = p->n_headers == 0 && p->method == NULL && !p->is_head && p->body == NULL &&
                      p->user == NULL && p->ca_file == NULL && p->client_cert == NULL &&
                      !p->is_insecure;
        return p;
    }
    http_plan_free(p);
    return NULL;
}

static void wipe(char *s)
{
    if (s != NULL)
        explicit_bzero(s, strlen(s));
    free(s);
}

void http_plan_free(struct http_plan *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->n_headers; i++)
        wipe(p->headers[i]);
    free(p->headers);
    free(p->url);
    free(p->host);
    free(p->method);
    free(p->body);
    free(p->ca_file);
    free(p->client_cert);
    free(p->client_key);
    free(p->user);
    wipe(p->password);
    free(p);
}

const char *http_plan_host(const struct http_plan *p)
{
    return p->host;
}
