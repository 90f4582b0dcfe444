#include "engine/http_words.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/http.h"
#include "engine/net.h"

#define QUOTE_MAX  200
#define SECRET_MIN 4 /* shorter ones are found in any text */

/* The TLS library's words, cleaned, without what our sentence says already. */
static char *say_tls(const char *msgid, const char *text)
{
    static const char *const heads[] = {"SSL certificate problem: ", "SSL: "};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        if (strncmp(text, heads[i], strlen(heads[i])) == 0)
            text += strlen(heads[i]);
    char *clean = text_cleaned(text, strlen(text), TEXT_MAX_LISTED, 0);
    char *say = SAY(msgid, clean);
    free(clean);
    return say;
}

char *http_fault_say(const struct http_fault *f, bool *is_self)
{
    char text[24], rate[24];

    switch (f->kind) {
    case HTTP_FAULT_CONNECT:
        return net_say_errno(f->error, is_self);
    case HTTP_FAULT_FORBIDDEN:
        return SAY(N_("the name {0} leads to an address that is not allowed"), f->text);
    case HTTP_FAULT_NO_CONNECTION:
        return SAY(N_("no connection within {0}"), net_span(f->limit_ms, text));
    case HTTP_FAULT_NO_HANDSHAKE:
        return SAY(N_("TLS handshake not done within {0}"), net_span(f->limit_ms, text));
    case HTTP_FAULT_NO_ANSWER:
        return SAY(N_("no answer within {0}"), net_span(f->limit_ms, text));
    case HTTP_FAULT_NOT_COMPLETE:
        return SAY(N_("reply not complete within {0}"), net_span(f->limit_ms, text));
    case HTTP_FAULT_TOO_SLOW:
        snprintf(rate, sizeof rate, "%lld", (long long)f->bytes);
        return SAY(N_("reply too slow: under {0} B/s for {1}"), rate, net_span(f->limit_ms, text));
    case HTTP_FAULT_BIG:
        return SAY(N_("reply over {0}"), net_size(f->bytes, text));
    case HTTP_FAULT_HEADERS_BIG:
        return SAY(N_("malformed reply: headers over {0}"), net_size(f->bytes, text));
    case HTTP_FAULT_CLOSED:
        return mem_strdup(N_("connection closed without a reply"));
    case HTTP_FAULT_RESET:
        return mem_strdup(N_("connection reset"));
    case HTTP_FAULT_SHORT:
        return mem_strdup(N_("reply ended early"));
    case HTTP_FAULT_MALFORMED:
        return mem_strdup(N_("malformed reply"));
    case HTTP_FAULT_CERTIFICATE:
        return say_tls(N_("certificate refused: {0}"), f->text);
    case HTTP_FAULT_TLS:
        return say_tls(N_("TLS handshake failed: {0}"), f->text);
    case HTTP_FAULT_CERT_WANTED:
        return mem_strdup(N_("the server wants a client certificate"));
    case HTTP_FAULT_CLIENT_CERT:
        *is_self = true;
        return SAY(N_("cannot use the client certificate {0} with its key"), f->text);
    case HTTP_FAULT_CA_FILE:
        *is_self = true;
        return SAY(N_("cannot read the CA file {0}"), f->text);
    case HTTP_FAULT_OTHER:
        break;
    }
    *is_self = true;
    return SAY(N_("request failed: {0}"), f->text);
}

bool http_is_token(const char *s)
{
    if (*s == '\0')
        return false;
    for (; *s != '\0'; s++)
        if (!isalnum((unsigned char)*s) && strchr("!#$%&'*+-.^_`|~", *s) == NULL)
            return false;
    return true;
}

static bool has_control(const char *s)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return true;
    return false;
}

char *http_header_line(const char *name, const char *value, struct err *e)
{
    struct buf line = BUF_INIT(0);

    if (!http_is_token(name)) {
        err_set(e, "\"%s\" is not the name of a header", name);
        return NULL;
    }
    if (has_control(value)) {
        err_set(e, "the value of header \"%s\" holds a control character", name);
        return NULL;
    }
    buf_adds(&line, name); /* "Name;" is libcurl's form of an empty value */
    buf_adds(&line, value[0] != '\0' ? ": " : ";");
    buf_adds(&line, value);
    return buf_take(&line);
}

static const char *find_secret(const char *at, const char *const secrets[], size_t *len)
{
    const char *first = NULL;
    for (size_t i = 0; secrets[i] != NULL; i++) {
        size_t n = strlen(secrets[i]);
        const char *here = n >= SECRET_MIN ? strstr(at, secrets[i]) : NULL;
        if (here != NULL && (first == NULL || here < first)) {
            first = here;
            *len = n;
        }
    }
    return first;
}

char *http_quote(const char *body, size_t len, const char *const secrets[])
{
    struct buf bare = BUF_INIT(0);
    char *whole = mem_strndup(body, strnlen(body, len));
    const char *at = whole, *secret;
    size_t n = 0;
    while ((secret = find_secret(at, secrets, &n)) != NULL) {
        buf_add(&bare, at, (size_t)(secret - at));
        buf_adds(&bare, "***");
        at = secret + n;
    }
    buf_adds(&bare, at);
    while (bare.len > 0 && strchr(" \t\r\n", bare.bytes[bare.len - 1]) != NULL)
        bare.bytes[--bare.len] = '\0';
    char *clean = text_cleaned(buf_text(&bare), bare.len, QUOTE_MAX, 0);
    explicit_bzero(whole, strlen(whole));
    free(whole);
    buf_release(&bare);
    return clean;
}
