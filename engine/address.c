/* address.c - the half of resolve.h that needs no name server: addresses as values. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "core/say.h"
#include "engine/resolve.h"

bool resolve_numeric(const char *host, struct resolve_answer *out)
{
    char bare[INET6_ADDRSTRLEN];
    size_t len = strlen(host);
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    memset(out, 0, sizeof *out);
    if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
        host++;
        len -= 2;
    }
    if (len >= sizeof bare)
        return false;
    memcpy(bare, host, len);
    bare[len] = '\0';
    if (inet_pton(AF_INET, bare, &v4.sin_addr) == 1)
        memcpy(&out->address[0], &v4, sizeof v4);
    else if (inet_pton(AF_INET6, bare, &v6.sin6_addr) == 1)
        memcpy(&out->address[0], &v6, sizeof v6);
    else
        return false;
    out->outcome = RESOLVE_OK;
    out->is_local = true;
    out->n = 1;
    return true;
}

socklen_t resolve_len(const struct sockaddr_storage *a)
{
    return a->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

void resolve_set_port(struct sockaddr_storage *a, uint16_t port)
{
    if (a->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)(void *)a)->sin6_port = htons(port);
    else
        ((struct sockaddr_in *)(void *)a)->sin_port = htons(port);
}

const char *resolve_text(const struct sockaddr_storage *a, char *out, size_t size)
{
    const void *bytes =
        a->ss_family == AF_INET6
            ? (const void *)&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr
            : (const void *)&((const struct sockaddr_in *)(const void *)a)->sin_addr;
    if (inet_ntop(a->ss_family, bytes, out, (socklen_t)size) == NULL)
        out[0] = '\0';
    return out;
}

static bool is_forbidden_v4(uint32_t a)
{
    return (a >> 24) == 0 || (a >> 24) == 127 || (a >> 16) == 0xa9fe || (a >> 28) >= 0xe;
}

bool resolve_is_forbidden(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET)
        return is_forbidden_v4(
            ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr));
    if (a->sa_family != AF_INET6)
        return true;
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(v6)) {
        uint32_t v4;
        memcpy(&v4, &v6->s6_addr[12], sizeof v4);
        return is_forbidden_v4(ntohl(v4));
    }
    return IN6_IS_ADDR_LOOPBACK(v6) || IN6_IS_ADDR_UNSPECIFIED(v6) || IN6_IS_ADDR_LINKLOCAL(v6) ||
           IN6_IS_ADDR_MULTICAST(v6);
}

char *resolve_say(const struct resolve_answer *a, const char *host, bool *is_self)
{
    *is_self = a->outcome == RESOLVE_SILENT && a->is_blind;
    if (*is_self)
        return SAY(N_("no name server answers; asked for {0}"), host);
    if (a->outcome == RESOLVE_SILENT)
        return SAY(N_("the name servers gave no answer for {0}"), host);
    return SAY(N_("name not found: {0}"), host);
}
