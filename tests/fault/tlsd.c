/* tlsd.c: TLS, SMTP and IMAP servers that misbehave on purpose, one way a port.
 *
 *   tlsd CA-FILE [NOT-AFTER …]
 *
 * Makes an authority and certificates, writes the authority to CA-FILE, prints "NAME PORT" for each
 * of the modes below (and "at-N PORT" for each NOT-AFTER, seconds since the epoch), then an empty
 * line, and serves 127.0.0.1 until its standard input ends.  One thread a connection.  Whoever
 * logs in is "lab" with the password "right".  Lines that it is told without TLS stand in
 * CA-FILE.clear. */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DAY     86400L
#define MAX_AT  4
#define HOSTILE "ev\x1b[31mil\xc2\x9b\xe2\x80\xae"

enum cert { GOOD, EXPIRED, FUTURE, WRONG_NAME, SELF_SIGNED, NO_CHAIN, CHAIN, EVIL, AT, CERTS };
enum kind { TLS, TLS_OLD, TLS_STALL, TLS_PLAIN, SMTP, IMAP };
enum smtp {
    S_STARTTLS = 1 << 0, /* offers it */
    S_AUTH = 1 << 1,     /* offers it, without TLS too */
    S_FIRST = 1 << 2,    /* TLS from the first byte */
    S_REFUSE_TLS = 1 << 3,
    S_INJECT = 1 << 4, /* words in the clear after the go-ahead for TLS */
    S_ENDLESS = 1 << 5,
    S_554 = 1 << 6,
    S_TARPIT = 1 << 7,
    S_454 = 1 << 8, /* logging in is not possible now */
    S_HANG = 1 << 9,
    S_EVIL = 1 << 10,
    S_SLAM = 1 << 11,  /* hangs up after the banner */
    S_CLEAR = 1 << 12, /* offers AUTH in the clear, no STARTTLS: stripped by somebody between */
    S_GIBBERISH = 1 << 13,
    S_LOGIN = 1 << 14, /* has only that mechanism */
    S_MUTUAL = 1 << 15 /* asks for a certificate of the client's; TLS too */
};
struct mode {
    const char *name;
    enum kind kind;
    enum cert cert;
    int smtp;
};
static const struct mode modes[] = {
    {"good", TLS, GOOD, 0},
    {"expired", TLS, EXPIRED, 0},
    {"future", TLS, FUTURE, 0},
    {"wrong-name", TLS, WRONG_NAME, 0},
    {"self-signed", TLS, SELF_SIGNED, 0},
    {"no-chain", TLS, NO_CHAIN, 0},
    {"chain", TLS, CHAIN, 0},
    {"evil", TLS, EVIL, 0},
    {"old", TLS_OLD, GOOD, 0},
    {"stall", TLS_STALL, GOOD, 0},
    {"plain", TLS_PLAIN, GOOD, 0},
    {"smtp", SMTP, GOOD, S_STARTTLS | S_AUTH},
    {"smtp-login", SMTP, GOOD, S_STARTTLS | S_AUTH | S_LOGIN},
    {"smtp-first", SMTP, GOOD, S_FIRST | S_AUTH},
    {"smtp-expired", SMTP, EXPIRED, S_STARTTLS | S_AUTH},
    {"mutual", TLS, GOOD, S_MUTUAL},
    {"smtp-mutual", SMTP, GOOD, S_STARTTLS | S_MUTUAL},
    {"smtp-wrong-name", SMTP, WRONG_NAME, S_STARTTLS | S_AUTH},
    {"smtp-self-signed", SMTP, SELF_SIGNED, S_STARTTLS | S_AUTH},
    {"smtp-stripped", SMTP, GOOD, S_CLEAR | S_AUTH},
    {"smtp-refuses-tls", SMTP, GOOD, S_STARTTLS | S_AUTH | S_REFUSE_TLS},
    {"smtp-inject", SMTP, GOOD, S_STARTTLS | S_AUTH | S_INJECT},
    {"smtp-endless", SMTP, GOOD, S_ENDLESS},
    {"smtp-554", SMTP, GOOD, S_554},
    {"smtp-tarpit", SMTP, GOOD, S_TARPIT},
    {"smtp-454", SMTP, GOOD, S_STARTTLS | S_AUTH | S_454},
    {"smtp-hang", SMTP, GOOD, S_HANG},
    {"smtp-evil", SMTP, GOOD, S_EVIL},
    {"smtp-slam", SMTP, GOOD, S_SLAM},
    {"smtp-gibberish", SMTP, GOOD, S_GIBBERISH},
    {"imap", IMAP, GOOD, S_STARTTLS},
    {"imap-first", IMAP, GOOD, S_FIRST},
    {"imap-expired", IMAP, EXPIRED, S_FIRST},
    {"imap-stripped", IMAP, GOOD, S_CLEAR},
    {"imap-refuses-tls", IMAP, GOOD, S_STARTTLS | S_REFUSE_TLS},
};
enum { MODES = sizeof modes / sizeof modes[0] };

struct pair {
    X509 *cert, *above; /* above: sent with it */
    EVP_PKEY *key;
};
static struct pair authority, middle, pairs[CERTS], at[MAX_AT];

/* --- certificates --- */

static void add_ext(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    if (ext == NULL || X509_add_ext(cert, ext, -1) != 1)
        abort();
    X509_EXTENSION_free(ext);
}

/* by NULL: signs itself. */
static struct pair make(const char *cn, const struct pair *by, time_t from, time_t until,
                        const char *names)
{
    static long serial = 1000;
    struct pair p = {.cert = X509_new(), .key = EVP_EC_gen("P-256")};
    X509_NAME *name = X509_get_subject_name(p.cert);

    X509_set_version(p.cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(p.cert), serial++);
    ASN1_TIME_set(X509_getm_notBefore(p.cert), from);
    ASN1_TIME_set(X509_getm_notAfter(p.cert), until);
    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)"Lab", -1, -1, 0);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
    X509_set_issuer_name(p.cert, by != NULL ? X509_get_subject_name(by->cert) : name);
    X509_set_pubkey(p.cert, p.key);
    X509 *issuer = by != NULL ? by->cert : p.cert;
    add_ext(p.cert, issuer, NID_basic_constraints, names != NULL ? "CA:FALSE" : "critical,CA:TRUE");
    if (names != NULL)
        add_ext(p.cert, issuer, NID_subject_alt_name, names);
    else
        add_ext(p.cert, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    if (X509_sign(p.cert, by != NULL ? by->key : p.key, EVP_sha256()) == 0)
        abort();
    return p;
}

static void make_all(const char *ca_file)
{
    const char *here = "IP:127.0.0.1,DNS:localhost";
    time_t now = time(NULL), then = now + 812 * DAY + DAY / 2;
    FILE *f = fopen(ca_file, "w");

    authority = make("Lab CA", NULL, now - DAY, now + 3650 * DAY, NULL);
    middle = make("Lab Middle", &authority, now - DAY, now + 3650 * DAY, NULL);
    pairs[GOOD] = make("good.lab", &authority, now - DAY, then, here);
    pairs[EXPIRED] = make("good.lab", &authority, now - 33 * DAY, now - 3 * DAY - 60, here);
    pairs[FUTURE] = make("good.lab", &authority, now + 5 * DAY + 60, then, here);
    pairs[WRONG_NAME] = make("other.lab", &authority, now - DAY, then, "DNS:other.lab");
    pairs[SELF_SIGNED] = make("good.lab", NULL, now - DAY, then, here);
    pairs[NO_CHAIN] = make("good.lab", &middle, now - DAY, then, here);
    pairs[CHAIN] = make("good.lab", &middle, now - DAY, then, here);
    pairs[CHAIN].above = middle.cert;
    pairs[EVIL] = make(HOSTILE, NULL, now - DAY, then, here);
    if (f == NULL || PEM_write_X509(f, authority.cert) != 1)
        exit(1);
    fclose(f);
}

static SSL_CTX *context(const struct pair *p, int is_old)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (is_old) {
        SSL_CTX_set_security_level(ctx, 0);
        SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
        SSL_CTX_set_max_proto_version(ctx, TLS1_1_VERSION);
    }
    SSL_CTX_use_certificate(ctx, p->cert);
    SSL_CTX_use_PrivateKey(ctx, p->key);
    if (p->above != NULL)
        SSL_CTX_add1_chain_cert(ctx, p->above);
    return ctx;
}

/* --- a connection --- */

struct job {
    const struct mode *mode;
    SSL_CTX *ctx;
    int fd;
    SSL *ssl; /* once there is one */
};

static int secure(struct job *j)
{
    j->ssl = SSL_new(j->ctx);
    SSL_set_fd(j->ssl, j->fd);
    if (SSL_accept(j->ssl) == 1)
        return 1;
    ERR_clear_error();
    if (j->mode->smtp & S_MUTUAL) { /* what it sends meanwhile is read, lest our alert be lost */
        char rest[512];
        shutdown(j->fd, SHUT_WR);
        while (recv(j->fd, rest, sizeof rest, 0) > 0)
            ;
    }
    return 0;
}

static int say(const struct job *j, const char *text)
{
    int len = (int)strlen(text);
    if (j->ssl != NULL)
        return SSL_write(j->ssl, text, len) > 0;
    return send(j->fd, text, (size_t)len, MSG_NOSIGNAL) == len;
}

static int hear_byte(const struct job *j, char *c)
{
    return j->ssl != NULL ? SSL_read(j->ssl, c, 1) == 1 : recv(j->fd, c, 1, 0) == 1;
}

static FILE *clear; /* what was told in the clear */

/* A line without its end; 0: there is none any more. */
static int hear(const struct job *j, char *line, size_t max)
{
    size_t len = 0;
    char c;
    while (hear_byte(j, &c)) {
        if (c == '\n') {
            while (len > 0 && line[len - 1] == '\r')
                len--;
            line[len] = '\0';
            if (j->ssl == NULL)
                fprintf(clear, "%s\n", line);
            return 1;
        }
        if (len < max - 1)
            line[len++] = c;
    }
    return 0;
}

static void wait_for_end(const struct job *j)
{
    char c;
    while (hear_byte(j, &c))
        ;
}

/* Does the base64 text stand for these bytes? */
static int is_right(const char *base64, const char *want, size_t len)
{
    unsigned char out[512];
    size_t n = strlen(base64);

    if (n != (len + 2) / 3 * 4 || n > 600)
        return 0;
    return EVP_DecodeBlock(out, (const unsigned char *)base64, (int)n) >= (int)len &&
           memcmp(out, want, len) == 0;
}

static void log_in(const struct job *j, const char *line)
{
    char answer[700];
    int is_good;

    if (j->mode->smtp & S_454) {
        say(j, "454 4.7.0 Temporary authentication failure\r\n");
        return;
    }
    if (strncasecmp(line, "AUTH PLAIN ", 11) == 0 && !(j->mode->smtp & S_LOGIN)) {
        is_good = is_right(line + 11, "\0lab\0right", 10);
    } else if (strcasecmp(line, "AUTH LOGIN") == 0) {
        say(j, "334 VXNlcm5hbWU6\r\n");
        is_good = hear(j, answer, sizeof answer) && is_right(answer, "lab", 3);
        say(j, "334 UGFzc3dvcmQ6\r\n");
        is_good = hear(j, answer, sizeof answer) && is_right(answer, "right", 5) && is_good;
    } else {
        say(j, "504 5.5.4 Unrecognized authentication type\r\n");
        return;
    }
    say(j, is_good ? "235 2.7.0 Authentication successful\r\n"
                   : "535 5.7.8 Error: authentication failed\r\n");
}

static void hello(const struct job *j)
{
    int how = j->mode->smtp;

    say(j, "250-mail.lab\r\n250-SIZE 10240000\r\n");
    if ((how & S_STARTTLS) && j->ssl == NULL)
        say(j, "250-STARTTLS\r\n");
    if ((how & S_AUTH) && (j->ssl != NULL || (how & S_CLEAR)))
        say(j, how & S_LOGIN ? "250-AUTH LOGIN\r\n" : "250-AUTH PLAIN LOGIN\r\n");
    say(j, "250 8BITMIME\r\n");
}

static void talk(struct job *j)
{
    char line[700];

    while (hear(j, line, sizeof line)) {
        if (strncasecmp(line, "EHLO ", 5) == 0) {
            hello(j);
        } else if (strcasecmp(line, "STARTTLS") == 0 && (j->mode->smtp & S_REFUSE_TLS)) {
            say(j, "454 4.7.0 TLS not available due to local problem\r\n");
        } else if (strcasecmp(line, "STARTTLS") == 0) {
            say(j, j->mode->smtp & S_INJECT ? "220 go\r\n250 anybody's words\r\n" : "220 go\r\n");
            if (!secure(j))
                return;
        } else if (strncasecmp(line, "AUTH ", 5) == 0) {
            log_in(j, line);
        } else if (strcasecmp(line, "NOOP") == 0) {
            say(j, "250 2.0.0 Ok\r\n");
        } else if (strcasecmp(line, "QUIT") == 0) {
            say(j, "221 2.0.0 Bye\r\n");
            return;
        } else {
            say(j, "502 5.5.2 Error: command not recognized\r\n");
        }
    }
}

static void serve_smtp(struct job *j)
{
    int how = j->mode->smtp;

    if (how & S_ENDLESS) {
        while (say(j, "220-one more line of a greeting that does not end\r\n"))
            ;
    } else if (how & S_554) {
        say(j, "554 5.7.1 no service for you\r\n");
        wait_for_end(j);
    } else if (how & S_TARPIT) {
        while (say(j, "2"))
            usleep(300000);
    } else if (how & S_HANG) {
        wait_for_end(j);
    } else if (how & S_EVIL) {
        say(j, "220 " HOSTILE "\r\n");
        talk(j);
    } else if (how & S_SLAM) {
        say(j, "220 mail.lab ESMTP\r\n");
    } else if (how & S_GIBBERISH) {
        say(j, "SSH-2.0-OpenSSH_9.2\r\n");
        wait_for_end(j);
    } else if (!(how & S_FIRST) || secure(j)) {
        say(j, "220 mail.lab ESMTP lab\r\n");
        talk(j);
    }
}

/* --- IMAP: just enough to get in --- */

static void imap_log_in(const struct job *j, const char *tag)
{
    char answer[700], line[96];
    say(j, "+ \r\n");
    int is_good = hear(j, answer, sizeof answer) && is_right(answer, "\0lab\0right", 10);
    snprintf(line, sizeof line, "%s %s\r\n", tag,
             is_good ? "OK in" : "NO [AUTHENTICATIONFAILED] Authentication failed.");
    say(j, line);
}

static void imap_capability(const struct job *j)
{
    if (j->ssl != NULL || (j->mode->smtp & S_CLEAR))
        say(j, "* CAPABILITY IMAP4rev1 AUTH=PLAIN UIDPLUS\r\n");
    else
        say(j, "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\n");
}

static void serve_imap(struct job *j)
{
    char line[700], tag[16], command[16], answer[64];

    if ((j->mode->smtp & S_FIRST) && !secure(j))
        return;
    say(j, "* OK IMAP4rev1 lab\r\n");
    while (hear(j, line, sizeof line) && sscanf(line, "%15s %15s", tag, command) == 2) {
        if (strcmp(command, "AUTHENTICATE") == 0) {
            imap_log_in(j, tag);
            continue;
        }
        if (strcmp(command, "CAPABILITY") == 0)
            imap_capability(j);
        snprintf(answer, sizeof answer, "%s %s done\r\n", tag,
                 strcmp(command, "STARTTLS") == 0 && (j->mode->smtp & S_REFUSE_TLS) ? "NO" : "OK");
        say(j, answer);
        if (strcmp(command, "STARTTLS") == 0 && !(j->mode->smtp & S_REFUSE_TLS) && !secure(j))
            return;
    }
}

static void *serve(void *arg)
{
    struct job j = *(struct job *)arg;
    free(arg);
    if (j.mode->kind == TLS_PLAIN) {
        say(&j, "220 this is no TLS\r\n");
        wait_for_end(&j);
    } else if (j.mode->kind == TLS_STALL) {
        wait_for_end(&j);
    } else if (j.mode->kind == SMTP) {
        serve_smtp(&j);
    } else if (j.mode->kind == IMAP) {
        serve_imap(&j);
    } else if (secure(&j)) {
        wait_for_end(&j);
    }
    if (j.ssl != NULL && SSL_is_init_finished(j.ssl))
        SSL_shutdown(j.ssl);
    SSL_free(j.ssl);
    shutdown(j.fd, SHUT_WR);
    close(j.fd);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct job *listener = arg;
    for (;;) {
        struct job *j = malloc(sizeof *j);
        pthread_t t;
        *j = *listener;
        j->fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
        if (j->fd < 0 || pthread_create(&t, NULL, serve, j) != 0)
            return NULL;
        pthread_detach(t);
    }
}

static void open_port(struct job *j, const struct mode *mode, const struct pair *pair)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    pthread_t t;

    j->mode = mode;
    j->ctx = context(pair, mode->kind == TLS_OLD);
    if (mode->smtp & S_MUTUAL)
        SSL_CTX_set_verify(j->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    j->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(j->fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(j->fd, 64) != 0)
        exit(1);
    getsockname(j->fd, (struct sockaddr *)&a, &len);
    printf("%s %d\n", mode->name, ntohs(a.sin_port));
    pthread_create(&t, NULL, accept_all, j);
}

int main(int argc, char **argv)
{
    static struct job jobs[MODES + MAX_AT];
    static struct mode at_modes[MAX_AT];
    static const char *const at_names[MAX_AT] = {"at-1", "at-2", "at-3", "at-4"};
    char c, clear_path[4096];

    if (argc < 2 || argc > 2 + MAX_AT)
        return 64;
    signal(SIGPIPE, SIG_IGN);
    make_all(argv[1]);
    snprintf(clear_path, sizeof clear_path, "%s.clear", argv[1]);
    clear = fopen(clear_path, "a");
    if (clear == NULL)
        return 1;
    setvbuf(clear, NULL, _IOLBF, 0);
    for (int i = 0; i < MODES; i++)
        open_port(&jobs[i], &modes[i], &pairs[modes[i].cert]);
    for (int i = 0; i < argc - 2; i++) {
        at[i] = make("good.lab", &authority, time(NULL) - DAY, (time_t)atoll(argv[i + 2]),
                     "IP:127.0.0.1");
        at_modes[i] = (struct mode){at_names[i], TLS, AT, 0};
        open_port(&jobs[MODES + i], &at_modes[i], &at[i]);
    }
    printf("\n");
    fflush(stdout);
    while (read(STDIN_FILENO, &c, 1) > 0)
        ;
    return 0;
}
