/* http_plan.c - a request that is the same from run to run: checked once, kept small. */
#include "engine/http_plan.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
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

static void wipe(char *s)
{
    if (s != NULL)
        explicit_bzero(s, strlen(s));
    free(s);
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

/* "?NAME=SECRET" is put on after the URL was judged: no message of ours holds it. */
static void add_secret(struct http_plan *p, const struct http_want *w)
{
    struct buf url = BUF_INIT(0);
    if (w->secret == NULL)
        return;
    char *value = http_url_escaped(w->secret);
    buf_addf(&url, "%s%c%s=%s", p->url, strchr(p->url, '?') != NULL ? '&' : '?', w->secret_name,
             value);
    wipe(value);
    free(p->url);
    p->url = mem_strdup(buf_text(&url));
    explicit_bzero(url.bytes, url.len);
    buf_release(&url);
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

static bool take_redirects(struct http_plan *p, const struct http_want *w, const char *method,
                           struct err *e)
{
    const struct option_strings *hosts = w->redirect_hosts;
    bool is_get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;

    if (w->max_redirects > 0 && (!is_get || w->body != NULL))
        return err_set(e, "\"redirects\" are followed with GET and HEAD only");
    if (w->max_redirects > 0 && w->secret != NULL)
        return err_set(e, "\"redirects\" would carry the secret of the URL away");
    p->max_redirects = (int)w->max_redirects;
    p->is_redirect_http = w->is_redirect_http;
    p->is_reuse = w->is_reuse;
    if (hosts == NULL || hosts->n == 0)
        return true;
    p->redirect_hosts = mem_alloc(hosts->n * sizeof *p->redirect_hosts);
    for (size_t i = 0; i < hosts->n; i++)
        p->redirect_hosts[p->n_redirect_hosts++] = mem_strdup(hosts->v[i]);
    return true;
}

struct http_plan *http_plan_new(const struct http_want *w, struct err *e)
{
    struct http_plan *p = mem_alloc(sizeof *p);
    const char *method = w->method != NULL ? w->method : w->body != NULL ? "POST" : "GET";

    if (!http_is_token(method)) {
        err_set(e, "\"%s\" is not an HTTP method", method);
    } else if (take_url(p, w->url, e) && take_headers(p, w->headers, e) &&
               take_access(p, w->access, e) && take_redirects(p, w, method, e)) {
        add_secret(p, w);
        p->is_head = strcmp(method, "HEAD") == 0;
        if (strcmp(method, "GET") != 0 && !p->is_head)
            p->method = mem_strdup(method);
        p->body = mem_strdup(w->body);
        p->max_body = w->max_body > 0 ? (size_t)w->max_body : HTTP_BODY_DEFAULT;
        p->connect_ms = (long)(w->connect_ms > 0 ? w->connect_ms : HTTP_CONNECT_MS);
        p->is_plain = p->n_headers == 0 && p->method == NULL && !p->is_head && p->body == NULL &&
                      p->user == NULL && p->ca_file == NULL && p->client_cert == NULL &&
                      !p->is_insecure && !p->is_reuse;
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
        wipe(p->headers[i]);
    free(p->headers);
    for (size_t i = 0; i < p->n_redirect_hosts; i++)
        free(p->redirect_hosts[i]);
    free(p->redirect_hosts);
    wipe(p->url);
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

/* --- where a reply sends us --- */

static bool is_allowed_host(const struct http_plan *first, const char *host)
{
    if (strcasecmp(host, first->host) == 0)
        return true;
    for (size_t i = 0; i < first->n_redirect_hosts; i++)
        if (strcasecmp(host, first->redirect_hosts[i]) == 0)
            return true;
    return false;
}

/* The same origin gets what the first was told; any other gets a bare question. */
static struct http_plan *plan_towards(const struct http_plan *first, const char *url)
{
    struct http_access bare = {.ca_file = first->ca_file, .is_insecure = first->is_insecure};
    struct http_want w = {.url = url,
                          .method = first->is_head ? "HEAD" : NULL,
                          .access = &bare,
                          .max_body = (int64_t)first->max_body,
                          .connect_ms = first->connect_ms};
    struct http_plan *p = http_plan_new(&w, NULL);

    if (p == NULL || p->is_tls != first->is_tls || p->port != first->port ||
        strcasecmp(p->host, first->host) != 0)
        return p;
    for (size_t i = 0; i < first->n_headers; i++) {
        p->headers = mem_grow(p->headers, p->n_headers + 1, sizeof *p->headers);
        p->headers[p->n_headers++] = mem_strdup(first->headers[i]);
    }
    p->user = mem_strdup(first->user);
    p->password = mem_strdup(first->password);
    p->client_cert = mem_strdup(first->client_cert);
    p->client_key = mem_strdup(first->client_key);
    p->is_plain = first->is_plain;
    return p;
}

static bool is_web(const char *url)
{
    return strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0;
}

struct http_plan *http_plan_redirect(const struct http_plan *first, const char *url, char **say)
{
    static const char no_url[] = N_("redirect refused, no URL that could be followed: {0}");
    static const char no_https[] = N_("redirect refused, not https: {0}");
    struct http_url parts;
    const char *refusal = is_web(url) ? no_url : no_https;
    struct http_plan *p = NULL;

    if (is_web(url) && http_url_split(url, &parts, NULL)) {
        if (parts.user != NULL) { /* what stands there may be a secret */
            *say = mem_strdup(N_("redirect refused, a user name in it"));
            http_url_release(&parts);
            return NULL;
        }
        if (strcmp(parts.scheme, "https") != 0 && !first->is_redirect_http)
            refusal = no_https;
        else if (!is_allowed_host(first, parts.host))
            refusal = N_("redirect refused, not among the hosts that are allowed: {0}");
        else
            p = plan_towards(first, url);
        http_url_release(&parts);
    }
    if (p != NULL)
        return p;
    char *clean = text_cleaned(url, strcspn(url, "?#"), TEXT_MAX_NAME, 0); /* no query: tokens */
    *say = SAY(refusal, clean);
    free(clean);
    return NULL;
}
