/* imap.h - a conversation with a mailbox: greeting, STARTTLS, login, SELECT; then whatever the
 * owner sends, one command at a time.
 *
 *   imap_start -> READY -> imap_send -> REPLY -> imap_send … -> imap_free
 *
 * Where TLS is required nothing goes on without it.  A password never goes over a line that is not
 * encrypted to a server whose certificate is good, but for "none" on this machine's own loopback.
 * What happened is told by one function of the owner's, never from inside a call of the owner's;
 * from there the owner may call anything, imap_free too.  After FAILED nothing more is told. */
#ifndef ENGINE_IMAP_H
#define ENGINE_IMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/option.h"
#include "core/say.h"
#include "engine/imap_words.h"
#include "engine/loop.h"
#include "engine/net.h"
#include "engine/resolve.h"
#include "engine/talk.h"
#include "engine/tls.h"

/* Which mailbox, and who we are to it: a part of a kind's own struct. */
struct imap_access {
    char *host, *server_name, *user, *password, *ca_file, *mailbox;
    int64_t port, connect_ms;
    int starttls;
};
/* What its table cannot refuse. */
bool imap_access_check(const struct imap_access *a, struct err *e);

enum imap_what {
    IMAP_READY, /* logged in, and the mailbox is selected */
    IMAP_REPLY, /* imap_reply_of, whatever its status */
    IMAP_FAILED /* also where the server refused something before READY */
};
struct imap_news {
    enum imap_what what;
    char *say; /* FAILED: packed; the callee may take it (and set it to NULL) */
    bool is_self;
    bool is_transient; /* it may be otherwise in a minute */
};
typedef void imap_fn(void *arg, struct imap_news *n);

struct imap_want {
    const struct imap_access *access; /* borrowed until imap_free */
    const char *host;                 /* where access has none; borrowed likewise */
    int64_t timeout_ms;               /* limit for all of it */
    size_t max_bytes;                 /* of all responses together */
};
struct imap;
struct imap *imap_start(struct loop *l, struct resolver *r, struct tls *tls,
                        const struct imap_want *w, imap_fn *fn, void *arg);
void imap_free(struct imap *m); /* hangs up; NULL is allowed */

/* Without tag and line end; command is what sentences call it, a constant. */
void imap_send(struct imap *m, const char *command, const char *line);
const struct imap_reply *imap_reply_of(const struct imap *m); /* the newest, whole in REPLY */
/* "{0} refused: {1}" of the newest reply; packed, the caller frees. */
char *imap_refusal(const struct imap *m, const char *command);

const struct tls_peer *imap_peer(const struct imap *m); /* NULL: no handshake yet */
void imap_times(const struct imap *m, struct talk_times *out);

#define IMAP_ACCESS_AT(at, member) ((at) + offsetof(struct imap_access, member))
/* clang-format off */
#define IMAP_ACCESS_ROWS(at)                                                                       \
    {.name = "host",                                                                               \
     .type = OPTION_STRING,                                                                        \
     .offset = IMAP_ACCESS_AT(at, host),                                                           \
     .help = N_("name or address; without it the target's address")},                              \
    {.name = "port",                                                                               \
     .type = OPTION_INT,                                                                           \
     .offset = IMAP_ACCESS_AT(at, port),                                                           \
     .min = 1,                                                                                     \
     .max = 65535,                                                                                 \
     .fallback = "993",                                                                            \
     .help = N_("TCP port")},                                                                      \
    {.name = "starttls",                                                                           \
     .type = OPTION_CHOICE,                                                                        \
     .offset = IMAP_ACCESS_AT(at, starttls),                                                       \
     .choices = starttls_names,                                                                    \
     .fallback = "\"implicit\"",                                                                   \
     .help = N_("whether the connection must be encrypted; implicit: from the first byte on")},    \
    {.name = "server_name",                                                                        \
     .type = OPTION_STRING,                                                                        \
     .offset = IMAP_ACCESS_AT(at, server_name),                                                    \
     .help = N_(                                                                                   \
         "name that is asked for and that the certificate must be for; without it the host")},     \
    {.name = "ca_file",                                                                            \
     .type = OPTION_STRING,                                                                        \
     .offset = IMAP_ACCESS_AT(at, ca_file),                                                        \
     .help = N_("PEM file of the authorities that may have signed the certificate")},              \
    {.name = "user",                                                                               \
     .type = OPTION_STRING,                                                                        \
     .offset = IMAP_ACCESS_AT(at, user),                                                           \
     .flags = OPTION_REQUIRED,                                                                     \
     .help = N_("account that the mailbox belongs to")},                                           \
    {.name = "password",                                                                           \
     .type = OPTION_SECRET,                                                                        \
     .offset = IMAP_ACCESS_AT(at, password),                                                       \
     .flags = OPTION_REQUIRED,                                                                     \
     .help = N_("its password; only ever sent encrypted, but for \"none\" on loopback")},          \
    {.name = "mailbox",                                                                            \
     .type = OPTION_STRING,                                                                        \
     .offset = IMAP_ACCESS_AT(at, mailbox),                                                        \
     .fallback = "\"INBOX\"",                                                                      \
     .help = N_("mailbox that is looked into")},                                                   \
    NET_CONNECT_ROW(IMAP_ACCESS_AT(at, connect_ms))
/* clang-format on */

#endif
