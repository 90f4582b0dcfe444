#include "core/duty.h"

#include <string.h>

#define CAN(right) (1u << DUTY_##right)

const struct duty_row duty_rows[DUTY_ROLE_COUNT] = {
    [DUTY_VIEWER] = {"viewer", 0, CAN(SEE)},
    [DUTY_L1] = {"l1", 1, CAN(SEE) | CAN(ACK) | CAN(ESCALATE) | CAN(PLAN)},
    [DUTY_L2] = {"l2", 2,
                 CAN(SEE) | CAN(ACK) | CAN(ESCALATE) | CAN(SILENCE) | CAN(PLAN) | CAN(APPROVE)},
    [DUTY_L3] = {"l3", 3,
                 CAN(SEE) | CAN(ACK) | CAN(ESCALATE) | CAN(SILENCE) | CAN(PLAN) | CAN(APPROVE)},
    [DUTY_LEAD] = {"lead", 3,
                   CAN(SEE) | CAN(ACK) | CAN(ESCALATE) | CAN(SILENCE) | CAN(PLAN) | CAN(APPROVE) |
                       CAN(PROMOTE)},
    [DUTY_ADMIN] = {"admin", 0, CAN(SEE) | CAN(CONFIGURE) | CAN(PROMOTE)},
};

bool duty_may(enum duty_role role, enum duty_right right)
{
    return (duty_rows[role].rights & 1u << right) != 0;
}

bool duty_reaches(enum duty_role role, enum duty_role min)
{
    if (role == DUTY_ADMIN || min == DUTY_ADMIN)
        return role == min || min == DUTY_VIEWER;
    return role >= min;
}

enum duty_role duty_least(enum duty_right right)
{
    int role = DUTY_VIEWER;
    while (role < DUTY_ADMIN && !duty_may((enum duty_role)role, right))
        role++;
    return (enum duty_role)role;
}

bool duty_parse(const char *name, enum duty_role *out)
{
    for (int role = 0; role < DUTY_ROLE_COUNT; role++)
        if (strcmp(duty_rows[role].name, name) == 0) {
            *out = (enum duty_role)role;
            return true;
        }
    return false;
}
