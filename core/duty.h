/* duty.h - who may do what: roles, the rights that each has, and whose role is which.
 *
 * The table is security.md's.  Roles of the duty stand in the order viewer < l1 < l2 < l3 < lead;
 * admin is beside them: it configures, and acts on nothing.  Nobody's role is claimed: the engine
 * compares what the kernel says of a connection with the numbers that the site's names stand for
 * here (engine/accounts.h). */
#ifndef CORE_DUTY_H
#define CORE_DUTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum duty_role { DUTY_VIEWER, DUTY_L1, DUTY_L2, DUTY_L3, DUTY_LEAD, DUTY_ADMIN, DUTY_ROLE_COUNT };
enum duty_right {
    DUTY_SEE,       /* all but secrets */
    DUTY_ACK,       /* acknowledge, take back, note; bring a result, ask a check now */
    DUTY_ESCALATE,  /* and silence for at most 4 h */
    DUTY_SILENCE,   /* for longer; maintenance */
    DUTY_PLAN,      /* plan and confirm a failover: also the group's min_role must be reached */
    DUTY_APPROVE,   /* as the second person */
    DUTY_CONFIGURE, /* site file, users */
    DUTY_PROMOTE,   /* from test to production, and back */
    DUTY_RIGHT_COUNT
};

struct duty_row {
    const char *name;    /* "l1": in site files, hello, answers */
    int level;           /* support level that it acts as: 1-3; 0: none */
    unsigned int rights; /* 1 << enum duty_right */
};
extern const struct duty_row duty_rows[DUTY_ROLE_COUNT];

bool duty_may(enum duty_role role, enum duty_right right);
/* Is it that role or one above?  admin is above nobody, and nobody is above it. */
bool duty_reaches(enum duty_role role, enum duty_role min);
/* The lowest that has the right: what "This action needs role {0}" names. */
enum duty_role duty_least(enum duty_right right);
bool duty_parse(const char *name, enum duty_role *out);

#endif
