/* hub_lab.h - for tests of the hub: hub and links over a real socket, in one process; the links are
 * stepped by a timer of the loop. */
#ifndef TESTS_HUB_LAB_H
#define TESTS_HUB_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/hub.h"
#include "engine/link.h"
#include "engine/loop.h"
#include "engine/wire.h"

#define LINKS_MAX   64
#define DEADLINE_MS 10000

struct lab {
    struct loop *loop;
    struct fleet *fleet;
    struct hub *hub;
    char dir[64], path[128];
    struct link *links[LINKS_MAX];
    struct fleet *mirrors[LINKS_MAX];
    size_t n_links;
    size_t asked, refused; /* requests that came through; refusals for a role */
    struct hub_request *held[64];
    size_t n_held;
    bool is_holding;
    size_t answers_ok, answers_no;
    char last_say[512];
    size_t last_events;
    bool (*until)(struct lab *);
    int64_t deadline_ms;
    bool is_reached;
    int raw; /* a client that speaks bytes */
    struct buf raw_in;
    const char *raw_want;
    enum duty_role wanted_role;
};

static inline void on_request(void *arg, struct hub_request *q)
{
    struct lab *lab = arg;
    lab->asked++;
    if (lab->is_holding) {
        lab->held[lab->n_held++] = q;
        return;
    }
    struct alert *a = NULL;
    struct event e[2] = {{.seq = 1, .kind = EVENT_ENGINE_STARTED, .subject = (char[]){"demo"}},
                         {.seq = 2, .kind = EVENT_ENGINE_STOPPED, .subject = (char[]){"demo"}}};
    switch (q->verb) {
    case VERB_ACK: /* the first wins, as the engine's decisions do */
        a = fleet_alert(lab->fleet, (uint64_t)request_int(q->verb, &q->args, "alert", 0));
        if (a == NULL) {
            hub_refuse(q, REQUEST_CODE_USAGE, mem_strdup("no such alert"));
        } else if (a->ack.by != NULL) {
            hub_answer(q, false, SAY("already acknowledged by {0}", a->ack.by), NULL);
        } else {
            mem_set(&a->ack.by, q->actor.login);
            mem_set(&a->ack.comment, request_str(q->verb, &q->args, "text"));
            fleet_touch_alert(lab->fleet, a);
            hub_kick(lab->hub);
            hub_answer(q, true, mem_strdup("acknowledged"), NULL);
        }
        break;
    case VERB_JOURNAL:
        hub_answer_events(q, e, 2, false);
        break;
    default:
        hub_answer(q, true, mem_strdup("done"), NULL);
    }
}

static inline void on_refused(void *arg, const struct hub_request *q, const char *packed)
{
    struct lab *lab = arg;
    assert_true(!duty_may(q->role, DUTY_ACK));
    assert_non_null(strstr(packed, "l1"));
    lab->refused++;
}

static inline void on_answered(void *arg, const struct link_answer *a)
{
    struct lab *lab = arg;
    if (a->is_ok)
        lab->answers_ok++;
    else
        lab->answers_no++;
    snprintf(lab->last_say, sizeof lab->last_say, "%s", a->say);
    lab->last_events = a->n_events;
    assert_non_null(a->line);
}

static inline void add_checks(struct fleet *f, int targets, int checks, size_t summary_len)
{
    for (int t = 0; t < targets; t++) {
        char id[32];
        snprintf(id, sizeof id, "srv-%03d", t);
        struct target *target = fleet_add_target(f, id);
        for (int k = 0; k < checks; k++) {
            snprintf(id, sizeof id, "check-%d", k);
            struct check *c = fleet_add_check(f, target, id);
            mem_set(&c->probe, "http");
            free(c->summary);
            c->summary = mem_alloc(summary_len + 1);
            memset(c->summary, 'x', summary_len);
            c->at_ms = 1;
        }
    }
}

static inline void open_hub(struct lab *lab, mode_t mode)
{
    static const struct hub_calls calls = {.request = on_request, .refused = on_refused};
    struct hub_options o = {.socket_path = lab->path, .mode = mode, .store = "test"};
    struct err e = {""};
    lab->hub = hub_new(lab->loop, lab->fleet, &o, &calls, lab, &e);
    if (lab->hub == NULL)
        fail_msg("%s", e.text);
}

static inline void setup_lab(struct lab *lab)
{
    *lab = (struct lab){.raw = -1, .raw_in = BUF_INIT(0)};
    snprintf(lab->dir, sizeof lab->dir, "/tmp/trucban-hub-XXXXXX");
    assert_non_null(mkdtemp(lab->dir));
    snprintf(lab->path, sizeof lab->path, "%s/demo.sock", lab->dir);
    struct err e = {""};
    lab->loop = loop_new(&e);
    assert_non_null(lab->loop);
    lab->fleet = fleet_new();
    mem_set(&lab->fleet->site_id, "demo");
    add_checks(lab->fleet, 5, 2, 20);
    struct alert *a = fleet_add_alert(lab->fleet, 7);
    mem_set(&a->check, "srv-000/check-0");
    a->version = 1;
    fleet_touch_alert(lab->fleet, a);
    open_hub(lab, 0600);
}

static inline void teardown_lab(struct lab *lab)
{
    for (size_t i = 0; i < lab->n_links; i++) {
        link_free(lab->links[i]);
        fleet_free(lab->mirrors[i]);
    }
    if (lab->raw >= 0)
        close(lab->raw);
    buf_release(&lab->raw_in);
    hub_free(lab->hub);
    loop_free(lab->loop);
    fleet_free(lab->fleet);
    assert_int_equal(access(lab->path, F_OK), -1); /* the hub took its socket away */
    assert_int_equal(rmdir(lab->dir), 0);
}

static inline size_t add_link(struct lab *lab, bool is_quiet)
{
    struct link_calls calls = {.answered = on_answered, .is_quiet = is_quiet};
    size_t i = lab->n_links++;
    lab->mirrors[i] = fleet_new();
    lab->links[i] = link_new(lab->path, lab->mirrors[i], &calls, lab);
    return i;
}

static inline void raw_open(struct lab *lab)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof a.sun_path, "%.100s", lab->path);
    lab->raw = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(lab->raw, (struct sockaddr *)&a, sizeof a), 0);
}

static inline void on_tick(void *arg)
{
    struct lab *lab = arg;
    for (size_t i = 0; i < lab->n_links; i++)
        link_step(lab->links[i], 0, loop_mono_ms(lab->loop));
    char bytes[4096];
    ssize_t n;
    while (lab->raw >= 0 && lab->raw_want != NULL &&
           (n = recv(lab->raw, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
        buf_add(&lab->raw_in, bytes, (size_t)n);
    lab->is_reached = lab->until(lab);
    if (lab->is_reached || loop_mono_ms(lab->loop) > lab->deadline_ms)
        loop_stop(lab->loop);
}

static inline bool run_until(struct lab *lab, bool (*until)(struct lab *))
{
    struct loop_timer *t = loop_timer_new(lab->loop, on_tick, lab);
    lab->until = until;
    lab->deadline_ms = loop_mono_ms(lab->loop) + DEADLINE_MS;
    loop_timer_set(t, 0, 1);
    loop_run(lab->loop);
    loop_timer_free(t);
    return lab->is_reached;
}

static inline bool all_have_pictures(struct lab *lab)
{
    for (size_t i = 0; i < lab->n_links; i++)
        if (!link_has_picture(lab->links[i]))
            return false;
    return true;
}

static inline bool all_are_live(struct lab *lab)
{
    for (size_t i = 0; i < lab->n_links; i++)
        if (link_phase(lab->links[i]) != LINK_IS_LIVE)
            return false;
    return true;
}

static inline bool all_answered(struct lab *lab)
{
    return lab->answers_ok + lab->answers_no >= lab->n_links;
}

static inline bool raw_has(struct lab *lab)
{
    return strstr(buf_text(&lab->raw_in), lab->raw_want) != NULL;
}

static inline bool raw_wait(struct lab *lab, const char *want)
{
    lab->raw_want = want;
    return run_until(lab, raw_has);
}

static inline int setup(void **state)
{
    struct lab *lab = mem_alloc(sizeof *lab);
    setup_lab(lab);
    *state = lab;
    return 0;
}

static inline int teardown(void **state)
{
    teardown_lab(*state);
    free(*state);
    return 0;
}

#endif
