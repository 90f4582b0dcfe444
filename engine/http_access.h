/* http_access.h - the options of who we are to an HTTP peer: the same rows in every kind that asks
 * one.  HTTP_ACCESS_ROWS(AT(access)) stands among a kind's rows; HTTP_TLS_ROWS where
 * the kind's login is of another sort; HTTP_CONNECT_ROW(AT(connect_ms)) is how long connecting may
 * take. */
#ifndef ENGINE_HTTP_ACCESS_H
#define ENGINE_HTTP_ACCESS_H

#include <stddef.h>

#include "core/option.h"
#include "core/say.h"
#include "engine/http.h"

#define HTTP_ACCESS_AT(at, member) ((at) + offsetof(struct http_access, member))

/* clang-format off */
#define HTTP_TLS_ROWS(at)                                                                          \
    {.name = "ca_file",                                                                            \
     .type = OPTION_STRING,                                                                        \
     .offset = HTTP_ACCESS_AT(at, ca_file),                                                        \
     .help = N_("PEM file of the authorities that may have signed the certificate")},              \
    {.name = "client_cert",                                                                        \
     .type = OPTION_STRING,                                                                        \
     .offset = HTTP_ACCESS_AT(at, client_cert),                                                    \
     .help = N_("PEM file of our own certificate, for servers that ask for one")},                 \
    {.name = "client_key",                                                                         \
     .type = OPTION_STRING,                                                                        \
     .offset = HTTP_ACCESS_AT(at, client_key),                                                     \
     .help = N_("PEM file of its key; refused where others can read it")},                         \
    {.name = "insecure",                                                                           \
     .type = OPTION_BOOL,                                                                          \
     .offset = HTTP_ACCESS_AT(at, is_insecure),                                                    \
     .help = N_("accept any certificate; says nothing about who answers")}
#define HTTP_ACCESS_ROWS(at)                                                                       \
    {.name = "user",                                                                               \
     .type = OPTION_STRING,                                                                        \
     .offset = HTTP_ACCESS_AT(at, user),                                                           \
     .help = N_("name for basic authentication; goes with password")},                             \
    {.name = "password",                                                                           \
     .type = OPTION_SECRET,                                                                        \
     .offset = HTTP_ACCESS_AT(at, password),                                                       \
     .help = N_("password for basic authentication")},                                             \
    {.name = "token",                                                                              \
     .type = OPTION_SECRET,                                                                        \
     .offset = HTTP_ACCESS_AT(at, token),                                                          \
     .help = N_("bearer token, sent as the header Authorization")},                                \
    HTTP_TLS_ROWS(at)
/* A lost request for a connection is sent again after 1 and after 3 seconds (PF16). */
#define HTTP_CONNECT_ROW(at)                                                                       \
    {.name = "connect_timeout",                                                                    \
     .type = OPTION_DURATION,                                                                      \
     .offset = (at),                                                                               \
     .min = 10,                                                                                    \
     .max = 60000,                                                                                 \
     .fallback = "\"4s\"",                                                                         \
     .help = N_("limit for connecting, TLS included")}
/* clang-format on */

#endif
