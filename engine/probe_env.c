/* probe_env.c - what probes borrow: made together, undone together. */
#include "engine/probe.h"

#include <string.h>

#include "engine/child.h"
#include "engine/http.h"
#include "engine/loop.h"
#include "engine/pgconn.h"
#include "engine/resolve.h"
#include "engine/tls.h"

bool probe_env_open(struct probe_env *env, struct loop *l, struct err *e)
{
    memset(env, 0, sizeof *env);
    env->loop = l;
    env->children = children_new(l);
    env->tls = tls_new();
    env->resolver = resolver_new(l, NULL, e);
    if (env->resolver != NULL)
        env->pg = pgpool_new(l, env->resolver);
    if (env->resolver != NULL)
        env->http = http_new(l, env->resolver, e);
    if (env->http != NULL)
        return true;
    probe_env_close(env);
    return false;
}

const struct probe_fed *probe_fed_find(const struct probe_fed *fed, size_t n, const char *row)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (strcmp(fed[mid].row, row) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low < n && strcmp(fed[low].row, row) == 0 ? &fed[low] : NULL;
}

void probe_env_close(struct probe_env *env)
{
    http_free(env->http);
    pgpool_free(env->pg);
    resolver_free(env->resolver);
    children_free(env->children);
    tls_free(env->tls);
    memset(env, 0, sizeof *env);
}
