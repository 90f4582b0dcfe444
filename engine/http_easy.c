/* http_easy.c - what is set on one handle of libcurl, and what is read from it at the end.
 *
 * The fixed options are those of security.md section 3; what only one plan has is undone after it,
 * so that a pooled handle never carries another check's header, key or name. */
#include <errno.h>
#include <string.h>

#include "core/mem.h"
#include "engine/http_private.h"
#include "engine/http_words.h"

#define CA_BUNDLE  "/etc/ssl/certs/ca-certificates.crt"
#define KEPT_S     3600L
#define USER_AGENT "trucban/" TRUCBAN_VERSION

/* --- URLs --- */

char *http_url_escaped(const char *s)
{
    char *escaped = curl_easy_escape(NULL, s, (int)strlen(s));
    char *copy = mem_strdup(escaped != NULL ? escaped : "");
    if (escaped != NULL)
        explicit_bzero(escaped, strlen(escaped));
    curl_free(escaped);
    return copy;
}

static char *url_part(CURLU *u, CURLUPart part, unsigned flags)
{
    char *text = NULL, *copy;
    if (curl_url_get(u, part, &text, flags) != CURLUE_OK)
        return NULL;
    copy = mem_strdup(text);
    curl_free(text);
    return copy;
}

bool http_url_split(const char *url, struct http_url *out, struct err *e)
{
    CURLU *u = curl_url();
    CURLUcode rc = curl_url_set(u, CURLUPART_URL, url, 0);

    memset(out, 0, sizeof *out);
    if (rc == CURLUE_OK) {
        out->scheme = url_part(u, CURLUPART_SCHEME, 0);
        out->host = url_part(u, CURLUPART_HOST, CURLU_PUNYCODE);
        out->port = url_part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
        out->user = url_part(u, CURLUPART_USER, 0);
    }
    curl_url_cleanup(u);
    if (out->scheme != NULL && out->host != NULL)
        return true;
    http_url_release(out);
    return err_set(e, "\"%s\" is not a URL: %s", url,
                   rc != CURLUE_OK ? curl_url_strerror(rc) : "no host");
}

#define SET(option, value) curl_easy_setopt(c->easy, option, value)

void http_easy_set_fixed(struct http_call *c)
{
    SET(CURLOPT_PRIVATE, c);
    SET(CURLOPT_ERRORBUFFER, c->error);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_REDIR_PROTOCOLS_STR, "https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_MAXREDIRS, 3L);
    SET(CURLOPT_UNRESTRICTED_AUTH, 0L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_USERAGENT, USER_AGENT);
    SET(CURLOPT_BUFFERSIZE, 16384L);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_MAXLIFETIME_CONN, KEPT_S); /* then a fresh one shows its certificate */
    SET(CURLOPT_MAXAGE_CONN, KEPT_S);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L); /* a resumed session hides an expired certificate */
    SET(CURLOPT_CAPATH, NULL);            /* else the CA cache is off (finding F22) */
    SET(CURLOPT_CAINFO, CA_BUNDLE);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    c->is_plain = true;
}

void http_easy_set_special(struct http_call *c)
{
    const struct http_plan *p = c->plan;

    if (p->is_plain)
        return;
    c->is_plain = false;
    for (size_t i = 0; i < p->n_headers; i++)
        c->headers = curl_slist_append(c->headers, p->headers[i]);
    if (c->headers != NULL)
        SET(CURLOPT_HTTPHEADER, c->headers);
    if (p->is_head)
        SET(CURLOPT_NOBODY, 1L);
    if (p->body != NULL) {
        SET(CURLOPT_POSTFIELDS, p->body);
        SET(CURLOPT_POSTFIELDSIZE, (long)strlen(p->body));
    }
    if (p->method != NULL)
        SET(CURLOPT_CUSTOMREQUEST, p->method);
    else if (p->body != NULL)
        SET(CURLOPT_CUSTOMREQUEST, "GET");
    if (p->user != NULL) {
        SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        SET(CURLOPT_USERNAME, p->user);
        SET(CURLOPT_PASSWORD, p->password);
    }
    if (p->ca_file != NULL)
        SET(CURLOPT_CAINFO, p->ca_file);
    if (p->client_cert != NULL) {
        SET(CURLOPT_SSLCERT, p->client_cert);
        SET(CURLOPT_SSLKEY, p->client_key);
    }
    if (p->is_reuse) {
        SET(CURLOPT_FRESH_CONNECT, 0L);
        SET(CURLOPT_FORBID_REUSE, 0L);
    }
    if (p->is_insecure) {
        SET(CURLOPT_SSL_VERIFYPEER, 0L);
        SET(CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

void http_easy_undo_special(struct http_call *c)
{
    if (c->easy == NULL || c->is_plain)
        return;
    SET(CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(c->headers);
    c->headers = NULL;
    SET(CURLOPT_CUSTOMREQUEST, NULL);
    SET(CURLOPT_POSTFIELDS, NULL);
    SET(CURLOPT_HTTPGET, 1L);
    SET(CURLOPT_USERNAME, NULL);
    SET(CURLOPT_PASSWORD, NULL);
    SET(CURLOPT_CAINFO, CA_BUNDLE);
    SET(CURLOPT_SSLCERT, NULL);
    SET(CURLOPT_SSLKEY, NULL);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    c->is_plain = true;
}

/* --- the reply --- */

/* Not CURLINFO_REDIRECT_URL: that one holds the user name and password of the request. */
char *http_easy_redirect(const struct http_call *c)
{
    struct curl_header *h = NULL;
    long status = 0;
    char *url = NULL;

    if (c->first->max_redirects == 0)
        return NULL;
    curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308)
        return NULL;
    if (curl_easy_header(c->easy, "Location", 0, CURLH_HEADER, -1, &h) != CURLHE_OK)
        return NULL;
    CURLU *u = curl_url();
    if (curl_url_set(u, CURLUPART_URL, c->plan->url, 0) == CURLUE_OK &&
        curl_url_set(u, CURLUPART_URL, h->value, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK)
        url = url_part(u, CURLUPART_URL, 0);
    curl_url_cleanup(u);
    return url != NULL ? url : mem_strdup(h->value);
}

/* The peer's clock when it made the reply, by its own word; 0: it says none. */
static int64_t date_of(const struct http_call *c)
{
    struct curl_header *h = NULL;
    if (curl_easy_header(c->easy, "Date", 0, CURLH_HEADER, -1, &h) != CURLHE_OK)
        return 0;
    time_t at = curl_getdate(h->value, NULL);
    return at > 0 ? (int64_t)at * 1000 : 0;
}

static double info_ms(const struct http_call *c, CURLINFO what)
{
    curl_off_t us = 0;
    curl_easy_getinfo(c->easy, what, &us);
    return (double)us / 1e3;
}

static void fill_times(const struct http_call *c, struct http_reply *r)
{
    double lookup = info_ms(c, CURLINFO_NAMELOOKUP_TIME_T);
    double connected = info_ms(c, CURLINFO_CONNECT_TIME_T);
    double secured = c->plan->is_tls ? info_ms(c, CURLINFO_APPCONNECT_TIME_T) : 0;
    double first = info_ms(c, CURLINFO_STARTTRANSFER_TIME_T);
    double ready = secured > connected ? secured : connected;

    r->name_ms = c->name_ms;
    r->is_connected = connected > 0;
    r->connect_ms = connected > lookup ? connected - lookup : 0;
    r->tls_ms = secured > connected ? secured - connected : 0;
    r->first_byte_ms = first > ready ? first - ready : 0;
    r->total_ms = c->before_ms + c->name_ms + info_ms(c, CURLINFO_TOTAL_TIME_T);
}

/* Which limit was it that ran out? */
static struct http_fault timeout_of(const struct http_call *c, const struct http_reply *r)
{
    struct http_fault f = {.kind = HTTP_FAULT_NOT_COMPLETE, .limit_ms = c->timeout_ms};

    if (!r->is_kept && info_ms(c, CURLINFO_CONNECT_TIME_T) <= 0) {
        f.kind = HTTP_FAULT_NO_CONNECTION;
        if (c->set_connect_ms < c->timeout_ms)
            f.limit_ms = c->set_connect_ms;
    } else if (!r->is_kept && r->is_tls && r->tls_ms <= 0) {
        f.kind = HTTP_FAULT_NO_HANDSHAKE;
        f.limit_ms = (int64_t)(r->total_ms + 50) / 100 * 100;
    } else if (c->slow_seconds >= HTTP_SLOW_S) {
        f = (struct http_fault){
            .kind = HTTP_FAULT_TOO_SLOW, .limit_ms = HTTP_SLOW_S * 1000, .bytes = HTTP_SLOW_BYTES};
    } else if (c->header_bytes == 0) {
        f.kind = HTTP_FAULT_NO_ANSWER;
    }
    return f;
}

static struct http_fault connect_fault_of(const struct http_call *c)
{
    struct http_fault f = {.kind = HTTP_FAULT_CONNECT, .error = c->sock_errno};
    long os_errno = 0;

    if (c->is_forbidden)
        return (struct http_fault){.kind = HTTP_FAULT_FORBIDDEN, .text = c->plan->host};
    curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os_errno);
    if (f.error == 0)
        f.error = (int)os_errno;
    return f;
}

static enum http_fault_kind kind_of(CURLcode code, const char *words)
{
    switch (code) {
    case CURLE_GOT_NOTHING:
        return HTTP_FAULT_CLOSED;
    case CURLE_PARTIAL_FILE:
        return HTTP_FAULT_SHORT;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR: /* the same codes for a bad chunk, and for TLS 1.3's late refusal */
        if (strstr(words, "certificate required") != NULL)
            return HTTP_FAULT_CERT_WANTED;
        return strstr(words, "chunk") != NULL ? HTTP_FAULT_MALFORMED : HTTP_FAULT_RESET;
    case CURLE_PEER_FAILED_VERIFICATION:
        return HTTP_FAULT_CERTIFICATE;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
        return HTTP_FAULT_TLS;
    case CURLE_SSL_CACERT_BADFILE:
        return HTTP_FAULT_CA_FILE;
    case CURLE_SSL_CERTPROBLEM:
        return HTTP_FAULT_CLIENT_CERT;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9: bytes without a header */
    case CURLE_OUT_OF_MEMORY:        /* what libcurl says of a header over 100 KiB (PF6) */
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WRITE_ERROR: /* not from us: chunks that cannot be decoded */
        return HTTP_FAULT_MALFORMED;
    default:
        return HTTP_FAULT_OTHER;
    }
}

static struct http_fault fault_of(const struct http_call *c, CURLcode code,
                                  const struct http_reply *r)
{
    struct http_fault f = {.text = c->error[0] != '\0' ? c->error : curl_easy_strerror(code)};

    if (c->is_big) {
        f.kind = HTTP_FAULT_BIG;
        f.bytes = (int64_t)c->plan->max_body;
    } else if (c->is_headers_big) {
        f.kind = HTTP_FAULT_HEADERS_BIG;
        f.bytes = HTTP_HEADERS_MAX;
    } else if (code == CURLE_COULDNT_CONNECT) {
        f = connect_fault_of(c);
    } else if (code == CURLE_OPERATION_TIMEDOUT) {
        f = timeout_of(c, r);
    } else {
        f.kind = kind_of(code, f.text);
    }
    if (f.kind == HTTP_FAULT_CA_FILE)
        f.text = c->plan->ca_file != NULL ? c->plan->ca_file : CA_BUNDLE;
    else if (f.kind == HTTP_FAULT_CLIENT_CERT)
        f.text = c->plan->client_cert;
    else if (f.kind == HTTP_FAULT_OTHER)
        f.text = curl_easy_strerror(code);
    return f;
}

const char *http_reply_header(const struct http_reply *r, const char *name)
{
    struct curl_header *h = NULL;

    if (r->call == NULL || r->call->easy == NULL ||
        curl_easy_header(r->call->easy, name, 0, CURLH_HEADER, -1, &h) != CURLHE_OK)
        return NULL;
    if (h->amount > 1 &&
        curl_easy_header(r->call->easy, name, h->amount - 1, CURLH_HEADER, -1, &h) != CURLHE_OK)
        return NULL;
    return h->value;
}

void http_easy_read(const struct http_call *c, CURLcode code, struct http_reply *r)
{
    long status = 0, connects = 1;

    r->is_tls = c->plan->is_tls;
    if (c->plan->is_reuse)
        curl_easy_getinfo(c->easy, CURLINFO_NUM_CONNECTS, &connects);
    r->is_kept = connects == 0;
    fill_times(c, r);
    if (code == CURLE_OK) {
        curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
        r->is_ok = true;
        r->status = (int)status;
        r->date_ms = date_of(c);
    } else {
        struct http_fault f = fault_of(c, code, r);
        r->say = http_fault_say(&f, &r->is_self);
    }
    r->body = buf_text(&c->body);
    r->len = c->body.len;
}
