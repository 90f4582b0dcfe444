#include "engine/site_trust.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

/* Whoever owns the program that runs could change what it does anyway: their site file adds no
 * power.  (Root in a container that works on somebody's checkout.) */
static bool is_trusted_uid(uid_t uid)
{
    struct stat self;
    return uid == 0 || uid == geteuid() ||
           (stat("/proc/self/exe", &self) == 0 && self.st_uid == uid);
}

/* The group that has our account's own name and no other member ("user private group"). */
static bool is_private_group(gid_t gid)
{
    const struct group *g = getgrgid(gid);
    const struct passwd *p = getpwuid(geteuid());
    return g != NULL && p != NULL && strcmp(g->gr_name, p->pw_name) == 0 && p->pw_gid == gid &&
           (g->gr_mem == NULL || g->gr_mem[0] == NULL);
}

bool site_trust_file(const struct stat *st, struct err *e)
{
    if (!S_ISREG(st->st_mode))
        return err_set(e, "found something that is not a regular file, expected a site file");
    if (!is_trusted_uid(st->st_uid))
        return err_set(e,
                       "found a file of uid %u, expected one of root or of this account: what it "
                       "names is run and asked in this account's name (chown it)",
                       (unsigned)st->st_uid);
    bool is_open_group =
        (st->st_mode & S_IWGRP) != 0 && st->st_gid != 0 && !is_private_group(st->st_gid);
    if (is_open_group || (st->st_mode & S_IWOTH) != 0)
        return err_set(e,
                       "found mode %04o, expected a file that nobody else can write to (chmod "
                       "go-w it)",
                       (unsigned)(st->st_mode & 07777));
    return true;
}
