/* cmd_submit.c - `trucban submit`: a passive check's result, or a receipt, from outside. */
#include "engine/cmd.h"

#include <stdlib.h>

#include "core/mem.h"
#include "engine/link.h"

#define ANSWER_WAIT_MS 15000

static int submit(const struct cmd_env *env, struct cmd_client *c, const struct cmd_options *o)
{
    const char *const pairs[] = {"check", o->args[0], "state",    o->args[1],
                                 "text",  o->args[2], "perfdata", o->n_args > 3 ? o->args[3] : NULL,
                                 "key",   o->key};
    uint64_t id = link_request_pairs(cmd_link(c), "submit", pairs, 10);
    const struct cmd_answer *a = cmd_ask(c, id, ANSWER_WAIT_MS);
    if (a == NULL)
        return EXIT_UNAVAILABLE;
    if (!a->is_ok)
        return cmd_fail(env, a->status, "submit", "%s", a->words);
    return 0; /* scripts call this every minute: no news is good news */
}

int cmd_submit(const struct cmd_env *env, int argc, char **argv)
{
    struct cmd_options o;
    enum state s;
    int status = cmd_parse(env, cmd_find("submit"), argc, argv, &o);
    if (status >= 0)
        return status;
    if (!state_parse(o.args[1], &s) || s > STATE_UNKNOWN) {
        status = cmd_fail_say(env, EXIT_USAGE, "submit",
                              SAY(N_("state is \"{0}\", expected OK, WARNING, CRITICAL, UNKNOWN or "
                                     "0-3"),
                                  o.args[1]));
    } else {
        struct cmd_client *c = cmd_connect(env, "submit", &o, false, &status);
        if (c != NULL)
            status = submit(env, c, &o);
        cmd_client_free(c);
    }
    cmd_options_release(&o);
    return status;
}
