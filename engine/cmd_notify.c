/* cmd_notify.c - `trucban notify`: the receivers of notices, and tests of the ways to them. */
#include "engine/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/when.h"
#include "engine/jval.h"
#include "engine/link.h"

#define ANSWER_WAIT_MS 40000 /* a test may take as long as a notice may */
#define ROW_HEAD       "notify-"

static bool is_receiver(const struct target *t)
{
    const char *class = target_label(t, "class");
    return class != NULL && strcmp(class, "receiver") == 0 && t->n_checks == 1 &&
           strncmp(t->id, ROW_HEAD, strlen(ROW_HEAD)) == 0;
}

static struct jval *receiver_json(const struct target *t)
{
    const struct check *c = t->checks[0];
    struct jval *o = jval_object();
    struct buf words = BUF_INIT(0);
    say_text(&words, c->summary != NULL ? c->summary : "", NULL);
    jval_set_str(o, "id", t->id + strlen(ROW_HEAD));
    jval_set_str(o, "kind", target_label(t, "channel"));
    jval_set_str(o, "to", target_label(t, "to"));
    jval_set_str(o, "state", state_rows[check_shown(c)].name);
    jval_set_str(o, "summary", buf_text(&words));
    jval_set_time(o, "at", c->at_ms);
    buf_release(&words);
    return o;
}

static void print_json(const struct fleet *f)
{
    struct jval *doc = jval_object(), *list = jval_array();
    struct buf b = BUF_INIT(0);
    for (size_t i = 0; i < f->n_targets; i++)
        if (is_receiver(f->targets[i]))
            jval_append(list, receiver_json(f->targets[i]));
    jval_set_str(doc, "schema", "trucban/receivers/1");
    jval_set(doc, "receivers", list);
    jval_dump(&b, doc, 0);
    printf("%s\n", buf_text(&b));
    buf_release(&b);
    jval_free(doc);
}

static void print_table(const struct cmd_env *env, struct cmd_client *client)
{
    const struct fleet *f = cmd_fleet(client);
    const char *const head[] = {cmd_tr(env, N_("RECEIVER")), cmd_tr(env, N_("KIND")),
                                cmd_tr(env, N_("STATE")), cmd_tr(env, N_("TO")),
                                cmd_tr(env, N_("WHAT"))};
    struct cmd_columns *t = cmd_columns_new(5);
    size_t n = 0;
    cmd_columns_add(t, head);
    for (size_t i = 0; i < f->n_targets; i++) {
        const struct target *r = f->targets[i];
        struct buf words = BUF_INIT(0);
        if (!is_receiver(r))
            continue;
        const struct check *c = r->checks[0];
        const char *kind = target_label(r, "channel"), *to = target_label(r, "to");
        cmd_say(env, &words, c->summary != NULL ? c->summary : "");
        const char *const cells[] = {r->id + strlen(ROW_HEAD), kind != NULL ? kind : "-",
                                     cmd_tr(env, state_rows[check_shown(c)].word),
                                     to != NULL ? to : "-", buf_text(&words)};
        cmd_columns_add(t, cells);
        buf_release(&words);
        n++;
    }
    if (n > 0) {
        cmd_columns_put(env, t, stdout);
    } else {
        cmd_put(env, cmd_tr(env, N_("The site file has no receivers.")), stdout);
        fputc('\n', stdout);
    }
    cmd_columns_free(t);
}

static int test(const struct cmd_env *env, struct cmd_client *c, const char *id)
{
    const char *const pairs[] = {"receiver", id};
    uint64_t request = link_request_pairs(cmd_link(c), "notify-test", pairs, 2);
    const struct cmd_answer *a = cmd_ask(c, request, ANSWER_WAIT_MS);
    if (a == NULL)
        return EXIT_UNAVAILABLE;
    if (!a->is_ok)
        return cmd_fail(env, a->status, "notify", "%s: %s", id, a->words);
    cmd_put(env, a->words, stdout);
    fputc('\n', stdout);
    return 0;
}

int cmd_notify(const struct cmd_env *env, int argc, char **argv)
{
    struct cmd_options o;
    int status = cmd_parse(env, cmd_find("notify"), argc, argv, &o);
    if (status >= 0)
        return status;
    bool is_list = strcmp(o.args[0], "list") == 0 && o.n_args == 1;
    bool is_test = strcmp(o.args[0], "test") == 0 && o.n_args == 2;
    struct cmd_client *c = NULL;
    if (!is_list && !is_test)
        status = cmd_fail_say(env, EXIT_USAGE, "notify",
                              mem_strdup(N_("expected: list, or test RECEIVER")));
    else
        c = cmd_connect(env, "notify", &o, is_list, &status);
    if (c != NULL && is_test) {
        status = test(env, c, o.args[1]);
    } else if (c != NULL) {
        status = 0;
        if (o.given & OPT_JSON)
            print_json(cmd_fleet(c));
        else
            print_table(env, c);
    }
    cmd_client_free(c);
    cmd_options_release(&o);
    return status;
}
