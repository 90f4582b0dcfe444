/* pgaccess.c - whose session a kept one is; see pgconn.h. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "engine/pgconn.h"

static bool is_same(const char *a, const char *b)
{
    return (a == NULL && b == NULL) || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool pg_access_equal(const struct pg_access *kept, const struct pg_access *a, const char *host)
{
    return is_same(kept->host, host) && kept->port == a->port && kept->sslmode == a->sslmode &&
           is_same(kept->database, a->database) && is_same(kept->user, a->user) &&
           is_same(kept->password, a->password) && is_same(kept->ca_file, a->ca_file);
}

void pg_access_copy(struct pg_access *out, const struct pg_access *a, const char *host)
{
    *out = *a;
    out->host = mem_strdup(host);
    out->database = mem_strdup(a->database);
    out->user = mem_strdup(a->user);
    out->password = mem_strdup(a->password);
    out->ca_file = mem_strdup(a->ca_file);
}

void pg_access_release(struct pg_access *a)
{
    free(a->host);
    free(a->database);
    free(a->user);
    if (a->password != NULL)
        explicit_bzero(a->password, strlen(a->password));
    free(a->password);
    free(a->ca_file);
}
