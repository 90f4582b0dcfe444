#include "engine/environment.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"

/* Whose it is, in families where that can be said of all of it. */
static const char *const gone[] = {
    /* the loader and libc */
    "LD_*",
    "GCONV_PATH",
    "GLIBC_TUNABLES",
    "HOSTALIASES",
    "LOCALDOMAIN",
    "LOCPATH",
    "MALLOC_*",
    "NLSPATH",
    "RESOLV_*",
    "RES_OPTIONS",
    /* OpenSSL and GnuTLS: whom to trust, where keys are written */
    "CTLOG_FILE",
    "GNUTLS_*",
    "OPENSSL_*",
    "SSLKEYLOGFILE",
    "SSL_CERT_*",
    /* libcurl: ways round, and names and passwords */
    "*_PROXY",
    "*_proxy",
    "CURL_*",
    "NETRC",
    /* libpq, Kerberos, LDAP: PGHOST, PGSERVICEFILE, PGOPTIONS, PGSSLCERT, … */
    "KRB5*",
    "LDAP*",
    "PG*",
    /* SQLite, libuv, shells */
    "BASH_ENV",
    "ENV",
    "IFS",
    "SQLITE_TMPDIR",
    "UV_*",
};

static bool is_gone(const char *variable)
{
    const char *end = strchr(variable, '=');
    char name[256];
    size_t len = end != NULL ? (size_t)(end - variable) : 0;
    if (len == 0 || len >= sizeof name)
        return false; /* no variable, or nobody's */
    memcpy(name, variable, len);
    name[len] = '\0';
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        if (fnmatch(gone[i], name, 0) == 0)
            return true;
    return false;
}

void environment_clean(void)
{
    for (char **at = environ; at != NULL && *at != NULL;) {
        if (!is_gone(*at)) {
            at++;
            continue;
        }
        char *name = mem_strndup(*at, strcspn(*at, "="));
        unsetenv(name); /* moves the next one here */
        free(name);
    }
}
