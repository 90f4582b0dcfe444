/* pg_access.h - the options of a PostgreSQL server and who we are to it: the same rows in every
 * kind that asks one.  PG_ACCESS_ROWS(AT(access)) stands among a kind's rows. */
#ifndef PROBES_PG_ACCESS_H
#define PROBES_PG_ACCESS_H

#include <stddef.h>

#include "core/option.h"
#include "core/say.h"
#include "engine/pgconn.h"

#define PG_ACCESS_AT(at, member) ((at) + offsetof(struct pg_access, member))

/* clang-format off */
#define PG_ACCESS_ROWS(at)                                                                         \
    {.name = "host",                                                                               \
     .type = OPTION_STRING,                                                                        \
     .offset = PG_ACCESS_AT(at, host),                                                             \
     .help = N_("name or address of the server; without it the target's address")},               \
    {.name = "port",                                                                               \
     .type = OPTION_INT,                                                                           \
     .offset = PG_ACCESS_AT(at, port),                                                             \
     .min = 1,                                                                                     \
     .max = 65535,                                                                                 \
     .fallback = "5432",                                                                           \
     .help = N_("port of the server")},                                                            \
    {.name = "database",                                                                           \
     .type = OPTION_STRING,                                                                        \
     .offset = PG_ACCESS_AT(at, database),                                                         \
     .fallback = "\"postgres\"",                                                                   \
     .help = N_("database to log in to")},                                                         \
    {.name = "user",                                                                               \
     .type = OPTION_STRING,                                                                        \
     .offset = PG_ACCESS_AT(at, user),                                                             \
     .flags = OPTION_REQUIRED,                                                                     \
     .help = N_("role to log in as; give it no more rights than it needs")},                       \
    {.name = "password",                                                                           \
     .type = OPTION_SECRET,                                                                        \
     .offset = PG_ACCESS_AT(at, password),                                                         \
     .help = N_("its password")},                                                                  \
    {.name = "sslmode",                                                                            \
     .type = OPTION_CHOICE,                                                                        \
     .offset = PG_ACCESS_AT(at, sslmode),                                                          \
     .choices = pg_sslmode_names,                                                                  \
     .fallback = "\"verify-full\"",                                                                \
     .help = N_("verify-full: encrypted, and the certificate must be the server's; disable: in the clear")}, \
    {.name = "ca_file",                                                                            \
     .type = OPTION_STRING,                                                                        \
     .offset = PG_ACCESS_AT(at, ca_file),                                                          \
     .help = N_("PEM file of the authorities that may have signed the certificate")}
/* clang-format on */

#endif
