/* tellone.c: one notice through the receivers of a site file, as the engine hands it over.
 *
 *   tellone SITE RECEIVER problem|recovery KEY
 *
 * The notice is of the site's first check, alert 1077.  Prints "taken", or "failed for good: WHY",
 * "failed for now: WHY"; exits 0, 1, 2. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/notice.h"
#include "engine/loop.h"
#include "engine/receiver.h"
#include "engine/site.h"

struct telling {
    struct loop *loop;
    int status;
};

static void on_answer(void *arg, const struct notice_answer *a)
{
    struct telling *t = arg;
    struct buf words = BUF_INIT(0);
    if (a->say != NULL)
        say_text(&words, a->say, NULL);
    if (a->is_ok)
        puts("taken");
    else
        printf("failed for %s: %s\n", a->is_transient ? "now" : "good", buf_text(&words));
    t->status = a->is_ok ? 0 : a->is_transient ? 2 : 1;
    buf_release(&words);
    loop_stop(t->loop);
}

static void add_alert(struct site *s, struct notice *n, int64_t now_ms)
{
    struct alert *a = fleet_add_alert(s->fleet, 1077);
    mem_set(&a->check, s->fleet->checks[0]->id);
    mem_set(&a->summary, "cổng dịch vụ công không trả lời");
    a->state = STATE_CRITICAL;
    a->priority = s->fleet->checks[0]->priority;
    a->level = 1;
    a->opened_at_ms = now_ms - 60000;
    if (n->what == NOTICE_RECOVERY) {
        a->phase = ALERT_RESOLVED;
        a->resolved_at_ms = now_ms;
    }
    ids_add(&n->alerts, a->id);
}

int main(int argc, char **argv)
{
    struct site_errors errors = {0};
    struct probe_env env;
    struct err e;
    struct notice n = {0};
    if (argc != 5 || !notice_what_parse(argv[3], &n.what)) {
        fputs("usage: tellone SITE RECEIVER problem|recovery KEY\n", stderr);
        return 64;
    }
    struct site *s = site_load(argv[1], NULL, &errors);
    if (s == NULL) {
        site_errors_print(&errors, stderr);
        return 65;
    }
    struct telling t = {.loop = loop_new(&e)};
    if (t.loop == NULL || !probe_env_open(&env, t.loop, &e))
        return 70;
    env.fleet = s->fleet;
    struct receivers *all = receivers_new(&(struct receivers_want){.env = &env});
    for (size_t i = 0; i < s->n_receivers; i++)
        if (strcmp(s->receivers[i].id, argv[2]) == 0)
            n.to = &s->receivers[i];
    if (n.to == NULL)
        return 64;
    n.at_ms = loop_wall_ms(t.loop);
    snprintf(n.key, sizeof n.key, "%s", argv[4]);
    add_alert(s, &n, n.at_ms);
    notice_words(&n, s->fleet);
    receivers_send(all, &n, s->fleet, on_answer, &t);
    loop_run(t.loop);
    receivers_free(all);
    notice_release(&n);
    probe_env_close(&env);
    loop_free(t.loop);
    site_free(s);
    return t.status;
}
