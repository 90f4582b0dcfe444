/* cmd_promote.c - `trucban promote TARGET -m REASON [--back]`. */
#include "engine/cmd.h"

#include "core/mem.h"
#include "core/promotion.h"
#include "core/say.h"
#include "engine/link.h"

#define ANSWER_WAIT_MS 15000

static int promote(const struct cmd_env *env, struct cmd_client *c, const struct cmd_options *o)
{
    char key[33];
    bool is_back = (o->given & OPT_BACK) != 0;
    cmd_make_key(key);
    const char *const pairs[] = {"target", o->args[0],         "text", o->text,
                                 "env",    env_names[is_back], "key",  key};
    const struct cmd_answer *a =
        cmd_ask(c, link_request_pairs(cmd_link(c), "promote", pairs, 8), ANSWER_WAIT_MS);
    if (a == NULL)
        return EXIT_UNAVAILABLE;
    if (!a->is_ok)
        return cmd_fail(env, a->status, "promote", "%s", a->words);
    struct buf b = BUF_INIT(0);
    buf_addf(&b, "%s\n", a->words);
    cmd_put(env, buf_text(&b), stdout);
    buf_release(&b);
    return 0;
}

int cmd_promote(const struct cmd_env *env, int argc, char **argv)
{
    struct cmd_options o;
    int status = cmd_parse(env, cmd_find("promote"), argc, argv, &o);
    if (status >= 0)
        return status;
    if (o.text == NULL)
        status = cmd_fail_say(env, EXIT_USAGE, "promote",
                              mem_strdup(N_("-m REASON is missing: it stands in the journal")));
    struct cmd_client *c = status < 0 ? cmd_connect(env, "promote", &o, false, &status) : NULL;
    if (c != NULL)
        status = promote(env, c, &o);
    cmd_client_free(c);
    cmd_options_release(&o);
    return status;
}
