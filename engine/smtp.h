/* smtp.h - a conversation with a mail server: greeting, EHLO, STARTTLS, EHLO, login; then whatever
 * the owner sends, a reply each.
 *
 *   smtp_start -> READY -> smtp_send -> REPLY -> smtp_send … -> smtp_free
 *
 * Where TLS is required nothing goes on without it, and a password never goes over a line that is
 * not encrypted to a server whose certificate is good.  What happened is told by one function of
 * the owner's, never from inside a call of the owner's; from there the owner may call anything,
 * smtp_free too.  After FAILED nothing more is told. */
#ifndef ENGINE_SMTP_H
#define ENGINE_SMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/option.h"
#include "core/say.h"
#include "engine/loop.h"
#include "engine/net.h"
#include "engine/resolve.h"
#include "engine/smtp_words.h"
#include "engine/talk.h"
#include "engine/tls.h"

/* Who we are to a mail server, and whom we take it for: a part of a kind's own struct. */
struct smtp_access {
    char *host, *server_name, *helo, *user, *password, *ca_file;
    int64_t port, connect_ms;
    int starttls;
};
/* What its table cannot refuse: names that are none, one of two that go together. */
bool smtp_access_check(const struct smtp_access *a, struct err *e);

struct smtp_seen {                         /* of the server, so far */
    char *banner, *extensions;             /* cleaned; NULL: not seen */
    double greeting_ms, ehlo_ms, login_ms; /* < 0: not seen */
    bool is_secured;
};

enum smtp_what {
    SMTP_READY, /* everything that access asks for is done */
    SMTP_REPLY, /* smtp_reply_of */
    SMTP_FAILED /* also where the server refused something before READY */
};
struct smtp_news {
    enum smtp_what what;
    char *say; /* FAILED: packed; the callee may take it (and set it to NULL) */
    bool is_self;
    bool is_transient; /* it may be otherwise in a minute */
};
typedef void smtp_fn(void *arg, struct smtp_news *n);

struct smtp_want {
    const struct smtp_access *access; /* borrowed until smtp_free */
    const char *host;                 /* where access has none; borrowed likewise */
    int64_t timeout_ms;               /* limit for all of it */
    size_t max_bytes;                 /* of all replies together */
};
struct smtp;
struct smtp *smtp_start(struct loop *l, struct resolver *r, struct tls *tls,
                        const struct smtp_want *w, smtp_fn *fn, void *arg);
void smtp_free(struct smtp *s); /* hangs up; NULL is allowed */

/* Bytes, line ends included; command is what sentences call it, a constant. */
void smtp_send(struct smtp *s, const char *command, const char *bytes, size_t len);
const struct smtp_reply *smtp_reply_of(const struct smtp *s); /* the newest, whole in REPLY */
/* "{0} refused: {1}" of the newest reply; packed, the caller frees. */
char *smtp_refusal(const struct smtp *s, const char *command);

const struct smtp_seen *smtp_seen(const struct smtp *s);
const struct tls_peer *smtp_peer(const struct smtp *s); /* NULL: no handshake yet */
void smtp_times(const struct smtp *s, struct talk_times *out);

#define SMTP_ACCESS_AT(at, member) ((at) + offsetof(struct smtp_access, member))
/* clang-format off */
#define SMTP_ACCESS_ROWS(at)                                                                       \
    {.name = "host",                                                                               \
     .type = OPTION_STRING,                                                                        \
     .offset = SMTP_ACCESS_AT(at, host),                                                           \
     .help = N_("name or address; without it the target's address")},                              \
    {.name = "port",                                                                               \
     .type = OPTION_INT,                                                                           \
     .offset = SMTP_ACCESS_AT(at, port),                                                           \
     .min = 1,                                                                                     \
     .max = 65535,                                                                                 \
     .fallback = "25",                                                                             \
     .help = N_("TCP port")},                                                                      \
    {.name = "helo",                                                                               \
     .type = OPTION_STRING,                                                                        \
     .offset = SMTP_ACCESS_AT(at, helo),                                                           \
     .fallback = "\"[127.0.0.1]\"",                                                                \
     .help = N_("name by which we introduce ourselves")},                                          \
    {.name = "starttls",                                                                           \
     .type = OPTION_CHOICE,                                                                        \
     .offset = SMTP_ACCESS_AT(at, starttls),                                                       \
     .choices = starttls_names,                                                                    \
     .fallback = "\"required\"",                                                                   \
     .help = N_("whether the connection must be encrypted; implicit: from the first byte on")},    \
    {.name = "server_name",                                                                        \
     .type = OPTION_STRING,                                                                        \
     .offset = SMTP_ACCESS_AT(at, server_name),                                                    \
     .help = N_(                                                                                   \
         "name that is asked for and that the certificate must be for; without it the host")},     \
    {.name = "ca_file",                                                                            \
     .type = OPTION_STRING,                                                                        \
     .offset = SMTP_ACCESS_AT(at, ca_file),                                                        \
     .help = N_("PEM file of the authorities that may have signed the certificate")},              \
    {.name = "user",                                                                               \
     .type = OPTION_STRING,                                                                        \
     .offset = SMTP_ACCESS_AT(at, user),                                                           \
     .help = N_("account to log in with; without it nobody logs in")},                             \
    {.name = "password",                                                                           \
     .type = OPTION_SECRET,                                                                        \
     .offset = SMTP_ACCESS_AT(at, password),                                                       \
     .help = N_("its password; only ever sent encrypted")},                                        \
    NET_CONNECT_ROW(SMTP_ACCESS_AT(at, connect_ms))
/* clang-format on */

#endif
