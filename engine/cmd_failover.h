/* cmd_failover.h - what cmd_failover.c and cmd_failover_run.c share. */
#ifndef ENGINE_CMD_FAILOVER_H
#define ENGINE_CMD_FAILOVER_H

#include <stdio.h>

#include "core/failover.h"
#include "engine/cmd.h"
#include "engine/link.h"

#define ANSWER_WAIT_MS 15000

struct failover_cmd {
    const struct cmd_env *env;
    const struct cmd_options *o;
    struct cmd_client *client;
    int status;
};

void failover_line(const struct cmd_env *env, FILE *to, char *packed); /* taken */
void failover_print_plan(const struct cmd_env *env, const struct plan *p);
void failover_print_step(const struct cmd_env *env, const struct run *r, size_t i);
/* False: said, and c->status filled.  Release out in any case. */
bool failover_ask_plan(struct failover_cmd *c, const char *group, const char *to, struct plan *out,
                       bool is_json);
const char *failover_default_to(const struct fleet *f, const char *group);

bool failover_has_terminal(const struct cmd_env *env); /* else said */
int failover_do_run(struct failover_cmd *c);

#endif
