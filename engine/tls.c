/* tls.c - OpenSSL behind engine/tls.h.
 *
 *   ca file -> SSL_CTX (once) -> session: handshake -> on_verify collects all faults -> peer
 *
 * Verification runs to its end: on_verify notes each fault and lets the handshake go on. */
#include "engine/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/buf.h"
#include "core/mem.h"

#define CA_BUNDLE "/etc/ssl/certs/ca-certificates.crt"
#define NAMES_MAX 256 /* bytes of the list of a certificate's names */

struct authorities { /* one CA file */
    char *path;
    struct stat seen;
    SSL_CTX *ctx;
    struct authorities *next;
};
struct tls {
    struct authorities *all;
    size_t loads;
};

struct tls_session {
    SSL *ssl;
    struct tls_peer peer;
    enum tls_stop stop;
    int error;
    const char *text; /* the library's, static */
};

/* --- the certificate --- */

static char *name_text(const X509_NAME *name)
{
    const unsigned long how =
        (XN_FLAG_ONELINE | ASN1_STRFLGS_UTF8_CONVERT) & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
    BIO *out = BIO_new(BIO_s_mem());
    char *bytes = NULL, *copy;

    if (out == NULL || X509_NAME_print_ex(out, name, 0, how) < 0)
        bytes = NULL;
    long len = out != NULL ? BIO_get_mem_data(out, &bytes) : 0;
    copy = mem_strndup(len > 0 ? bytes : "?", len > 0 ? (size_t)len : 1);
    BIO_free(out);
    return copy;
}

static void add_name(struct buf *names, const GENERAL_NAME *n)
{
    char text[INET6_ADDRSTRLEN];
    const ASN1_OCTET_STRING *ip = n->type == GEN_IPADD ? n->d.iPAddress : NULL;

    if (n->type != GEN_DNS && ip == NULL)
        return;
    if (names->len > 0)
        buf_adds(names, ", ");
    if (n->type == GEN_DNS)
        buf_add(names, ASN1_STRING_get0_data(n->d.dNSName),
                (size_t)ASN1_STRING_length(n->d.dNSName));
    else if (inet_ntop(ASN1_STRING_length(ip) == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(ip),
                       text, sizeof text) != NULL)
        buf_adds(names, text);
}

/* The names that it is for; where it has none of the kind that counts, its subject. */
static char *names_text(X509 *cert, const char *subject)
{
    struct buf names = BUF_INIT(NAMES_MAX);
    GENERAL_NAMES *all = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);

    for (int i = 0; i < sk_GENERAL_NAME_num(all) && !names.is_cut; i++)
        add_name(&names, sk_GENERAL_NAME_value(all, i));
    GENERAL_NAMES_free(all);
    if (names.len == 0)
        buf_adds(&names, subject);
    for (size_t i = 0; i < names.len; i++)
        if (names.bytes[i] == '\0')
            names.bytes[i] = '\x01'; /* to be shown, not to end the text */
    return buf_take(&names);
}

static int64_t time_ms(const ASN1_TIME *t)
{
    struct tm tm;
    if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1)
        return 0;
    return (int64_t)timegm(&tm) * 1000;
}

static void take_certificate(struct tls_peer *p, X509 *cert)
{
    if (cert == NULL || p->is_seen)
        return;
    p->is_seen = true;
    p->subject = name_text(X509_get_subject_name(cert));
    p->issuer = name_text(X509_get_issuer_name(cert));
    p->names = names_text(cert, p->subject);
    p->not_before_ms = time_ms(X509_get0_notBefore(cert));
    p->not_after_ms = time_ms(X509_get0_notAfter(cert));
}

static enum tls_fault fault_of(int error, int depth)
{
    switch (error) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return TLS_FAULT_SELF_SIGNED;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
        return TLS_FAULT_NO_CHAIN;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return depth == 0 ? TLS_FAULT_EXPIRED : TLS_FAULT_AUTHORITY;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return depth == 0 ? TLS_FAULT_NOT_YET : TLS_FAULT_AUTHORITY;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return TLS_FAULT_NAME;
    default:
        return depth == 0 ? TLS_FAULT_OTHER : TLS_FAULT_AUTHORITY;
    }
}

static void note_fault(struct tls_peer *p, int error, int depth)
{
    const char *text = X509_verify_cert_error_string(error);
    enum tls_fault fault = fault_of(error, depth);

    if (p->fault == TLS_FAULT_NONE || fault < p->fault)
        p->fault = fault;
    if (p->words != NULL && strstr(p->words, text) != NULL)
        return;
    struct buf words = BUF_INIT(NAMES_MAX);
    if (p->words != NULL)
        buf_addf(&words, "%s, ", p->words);
    buf_adds(&words, text);
    free(p->words);
    p->words = buf_take(&words);
}

static int on_verify(int is_ok, X509_STORE_CTX *ctx)
{
    const SSL *ssl = X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls_session *s = ssl != NULL ? SSL_get_app_data(ssl) : NULL;

    if (s == NULL)
        return is_ok;
    take_certificate(&s->peer, X509_STORE_CTX_get0_cert(ctx));
    if (!is_ok)
        note_fault(&s->peer, X509_STORE_CTX_get_error(ctx), X509_STORE_CTX_get_error_depth(ctx));
    return 1;
}

/* --- authorities --- */

static SSL_CTX *load(const char *path, struct err *e)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    ERR_clear_error();
    if (ctx == NULL || SSL_CTX_load_verify_file(ctx, path) != 1) {
        SSL_CTX_free(ctx);
        ERR_clear_error();
        err_set(e, "%s", path);
        return NULL;
    }
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, on_verify);
    return ctx;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Sessions hold on to their own: an old one goes with the last of them. */
static SSL_CTX *authorities_of(struct tls *t, const char *path, struct err *e)
{
    struct authorities *a = t->all;
    struct stat now = {0};

    while (a != NULL && strcmp(a->path, path) != 0)
        a = a->next;
    bool is_there = stat(path, &now) == 0;
    if (a != NULL && (!is_there || is_same_file(&a->seen, &now)))
        return a->ctx; /* one that is being replaced serves on */
    SSL_CTX *ctx = load(path, e);
    if (ctx == NULL)
        return NULL;
    t->loads++;
    if (a == NULL) {
        a = mem_alloc(sizeof *a);
        a->path = mem_strdup(path);
        a->next = t->all;
        t->all = a;
    }
    SSL_CTX_free(a->ctx);
    a->ctx = ctx;
    a->seen = now;
    return ctx;
}

struct tls *tls_new(void)
{
    return mem_alloc(sizeof(struct tls));
}

void tls_free(struct tls *t)
{
    if (t == NULL)
        return;
    while (t->all != NULL) {
        struct authorities *a = t->all;
        t->all = a->next;
        SSL_CTX_free(a->ctx);
        free(a->path);
        free(a);
    }
    free(t);
}

size_t tls_loads(const struct tls *t)
{
    return t->loads;
}

/* --- a session --- */

/* An address is looked for among the certificate's addresses, and never sent as a name (SNI). */
static bool set_host(SSL *ssl, const char *host)
{
    struct in6_addr any;

    if (inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

struct tls_session *tls_session_new(struct tls *t, int fd, const struct tls_want *w, struct err *e)
{
    SSL_CTX *ctx = authorities_of(t, w->ca_file != NULL ? w->ca_file : CA_BUNDLE, e);
    if (ctx == NULL)
        return NULL;
    struct tls_session *s = mem_alloc(sizeof *s);
    s->ssl = SSL_new(ctx);
    if (s->ssl == NULL || SSL_set_fd(s->ssl, fd) != 1 || !set_host(s->ssl, w->host)) {
        ERR_clear_error();
        err_set(e, "%s", w->host);
        tls_session_free(s);
        return NULL;
    }
    SSL_set_app_data(s->ssl, s);
    SSL_set_connect_state(s->ssl);
    return s;
}

void tls_session_free(struct tls_session *s)
{
    if (s == NULL)
        return;
    SSL_free(s->ssl);
    free(s->peer.words);
    free(s->peer.subject);
    free(s->peer.issuer);
    free(s->peer.names);
    free(s);
}

static enum tls_stop stop_of(unsigned long error)
{
    switch (ERR_GET_REASON(error)) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        return TLS_STOP_TOO_OLD;
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        return TLS_STOP_CERT_WANTED;
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
        return TLS_STOP_NO_TLS;
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
        return TLS_STOP_CLOSED;
    default:
        return TLS_STOP_PROTOCOL;
    }
}

/* What a call that did not succeed means; ERR's queue was empty before it. */
static enum tls_turn turn_of(struct tls_session *s, int rc)
{
    int os = errno;

    switch (SSL_get_error(s->ssl, rc)) {
    case SSL_ERROR_WANT_READ:
        return TLS_READ;
    case SSL_ERROR_WANT_WRITE:
        return TLS_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        s->stop = TLS_STOP_CLOSED;
        return TLS_CLOSED;
    case SSL_ERROR_SYSCALL:
        s->stop = os != 0 ? TLS_STOP_SYSTEM : TLS_STOP_CLOSED;
        s->error = os;
        return os != 0 ? TLS_FAILED : TLS_CLOSED;
    default:
        break;
    }
    unsigned long error = ERR_get_error();
    s->stop = stop_of(error);
    s->text = ERR_reason_error_string(error);
    ERR_clear_error();
    return s->stop == TLS_STOP_CLOSED ? TLS_CLOSED : TLS_FAILED;
}

enum tls_turn tls_handshake(struct tls_session *s)
{
    ERR_clear_error();
    errno = 0;
    int rc = SSL_do_handshake(s->ssl);
    if (rc != 1)
        return turn_of(s, rc);
    take_certificate(&s->peer, SSL_get0_peer_certificate(s->ssl));
    s->peer.protocol = SSL_get_version(s->ssl);
    s->peer.cipher = SSL_get_cipher_name(s->ssl);
    return TLS_DONE;
}

enum tls_turn tls_read(struct tls_session *s, void *bytes, size_t max, size_t *got)
{
    ERR_clear_error();
    errno = 0;
    *got = 0;
    int rc = SSL_read_ex(s->ssl, bytes, max, got);
    return rc == 1 ? TLS_DONE : turn_of(s, rc);
}

enum tls_turn tls_write(struct tls_session *s, const void *bytes, size_t len, size_t *sent)
{
    ERR_clear_error();
    errno = 0;
    *sent = 0;
    int rc = SSL_write_ex(s->ssl, bytes, len, sent);
    return rc == 1 ? TLS_DONE : turn_of(s, rc);
}

void tls_bye(struct tls_session *s)
{
    if (SSL_is_init_finished(s->ssl))
        SSL_shutdown(s->ssl);
    ERR_clear_error();
}

const struct tls_peer *tls_peer(const struct tls_session *s)
{
    return &s->peer;
}

char *tls_say(const struct tls_session *s, bool *is_self)
{
    return tls_stop_say(s->stop, s->error, s->text, is_self);
}

bool tls_is_refused(const struct tls_session *s)
{
    return s->stop == TLS_STOP_CERT_WANTED;
}
