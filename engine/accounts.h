/* accounts.h - whose role is which: the names in a site's "roles" against the accounts of this
 * system.
 *
 * A grant gives a role to an account ("lan") or to all members of a group ("@trucban-l1").  Of
 * several the highest counts; who is admin is nothing else, since admins act on nothing.  Where a
 * site grants anything, nobody has a role without a grant, root and the engine's own account
 * included; where it grants nothing, these two are l3 and all others viewers.
 *
 * The system is asked on the caller's thread and may ask a directory server in turn: the hub asks
 * once a connection. */
#ifndef ENGINE_ACCOUNTS_H
#define ENGINE_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/duty.h"

struct grant {
    enum duty_role role;
    char *name;
    bool is_group;
};
struct grants {
    struct grant *v;
    size_t n;
};
void grants_add(struct grants *g, enum duty_role role, const char *name, bool is_group);
void grants_release(struct grants *g);

/* Is that account in the group of that name?  NULL where accounts_role is given none: the system's
 * getgrouplist. */
typedef bool accounts_member_fn(void *arg, int64_t uid, const char *login, const char *group);
enum duty_role accounts_role(const struct grants *g, int64_t uid, const char *login,
                             accounts_member_fn *is_member, void *arg);

/* Does this system know it? */
bool accounts_has(const char *name, bool is_group);

#endif
