/* accounts.c - see accounts.h. */
#include "engine/accounts.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"

#define SPACE_BYTES 16384 /* for one entry of the account database */
#define GROUPS_MAX  1024  /* of one account */

void grants_add(struct grants *g, enum duty_role role, const char *name, bool is_group)
{
    g->v = mem_grow(g->v, g->n + 1, sizeof *g->v);
    g->v[g->n++] = (struct grant){role, mem_strdup(name), is_group};
}

void grants_release(struct grants *g)
{
    for (size_t i = 0; i < g->n; i++)
        free(g->v[i].name);
    free(g->v);
    *g = (struct grants){0};
}

static bool group_id(const char *name, gid_t *out)
{
    char space[SPACE_BYTES];
    struct group group, *found = NULL;
    if (getgrnam_r(name, &group, space, sizeof space, &found) != 0 || found == NULL)
        return false;
    *out = found->gr_gid;
    return true;
}

/* The groups that the account has by the database, its own among them: not those that the peer's
 * process happens to carry. */
static bool is_system_member(void *arg, int64_t uid, const char *login, const char *group)
{
    char space[SPACE_BYTES];
    struct passwd account, *found = NULL;
    gid_t wanted, groups[GROUPS_MAX];
    int n = GROUPS_MAX;
    (void)arg;
    (void)login;
    if (getpwuid_r((uid_t)uid, &account, space, sizeof space, &found) != 0 || found == NULL ||
        !group_id(group, &wanted))
        return false;
    if (getgrouplist(found->pw_name, found->pw_gid, groups, &n) < 0)
        n = GROUPS_MAX; /* more than we look at */
    for (int i = 0; i < n; i++)
        if (groups[i] == wanted)
            return true;
    return false;
}

static bool is_granted(const struct grant *g, int64_t uid, const char *login,
                       accounts_member_fn *is_member, void *arg)
{
    return g->is_group ? is_member(arg, uid, login, g->name) : strcmp(g->name, login) == 0;
}

enum duty_role accounts_role(const struct grants *g, int64_t uid, const char *login,
                             accounts_member_fn *is_member, void *arg)
{
    enum duty_role role = DUTY_VIEWER;
    if (g == NULL || g->n == 0)
        return uid == 0 || uid == (int64_t)geteuid() ? DUTY_L3 : DUTY_VIEWER;
    for (size_t i = 0; i < g->n; i++)
        if (g->v[i].role > role && /* admin is the last of them */
            is_granted(&g->v[i], uid, login, is_member != NULL ? is_member : is_system_member, arg))
            role = g->v[i].role;
    return role;
}

bool accounts_has(const char *name, bool is_group)
{
    char space[SPACE_BYTES];
    struct passwd account, *found = NULL;
    gid_t id;
    if (is_group)
        return group_id(name, &id);
    return getpwnam_r(name, &account, space, sizeof space, &found) == 0 && found != NULL;
}
