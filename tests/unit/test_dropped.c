/* PF2: packets that are dropped: who sent them ends at its limit, and nobody else waits for it.
 *
 * The kernel drops the handshake of a listener whose queue is full, as a firewall would: no answer,
 * no refusal.  Forty addresses lead to it, 160 others to one that accepts. */
#include "core/fleet.h"
#include "engine/scheduler.h"
#include "engine/spec.h"
#include "tests/unit/canned.h"
#include "tests/unit/probe_lab.h"

#define N_DROPPED  40
#define N_GOOD     160
#define TIMEOUT_MS 800
#define SLACK_MS   (200 + 300) /* the figure, and a busy machine */
#define ROUNDS     3
#define FILLERS    8

struct field {
    struct lab *lab;
    struct fleet *fleet;
    struct check_spec specs[N_DROPPED + N_GOOD];
    struct canned good;
    int full, full_port, fillers[FILLERS];
    size_t n_dropped, n_good;
    int64_t shortest_ms, longest_ms;
};

static const char *no_answer(void *arg, const char *request)
{
    (void)arg;
    (void)request;
    return NULL;
}

/* A queue of one, and more who wait than it holds. */
static void open_full(struct field *f)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t len = sizeof a;
    f->full = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(f->full, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(f->full, 0), 0);
    getsockname(f->full, (struct sockaddr *)&a, &len);
    f->full_port = ntohs(a.sin_port);
    inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
    for (int i = 0; i < FILLERS; i++) {
        f->fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(f->fillers[i], (struct sockaddr *)&a, sizeof a);
    }
}

static void add_check(struct field *f, size_t i, int port)
{
    struct check_spec *s = &f->specs[i];
    struct err e;
    char json[128], id[32];
    snprintf(id, sizeof id, "t%zu", i);
    snprintf(json, sizeof json, "{\"host\":\"127.7.%zu.%zu\",\"port\":%d}", 1 + i / 200,
             1 + i % 200, port);
    s->type = probe_find("tcp");
    s->config = lab_config("tcp", json, &e);
    assert_non_null(s->config);
    s->check = fleet_add_check(f->fleet, fleet_add_target(f->fleet, id), "tcp");
    s->check->rule = (struct rule_config){.interval_ms = 1000,
                                          .retry_ms = 1000,
                                          .timeout_ms = TIMEOUT_MS,
                                          .attempts = 3,
                                          .ok_confirm = 2};
    s->check->spec = s;
    mem_set(&s->check->probe, "tcp");
    s->next = i + 1 < N_DROPPED + N_GOOD ? s + 1 : NULL;
}

static void on_result(void *arg, struct check *c, const struct result *r)
{
    struct field *f = arg;
    int64_t took = loop_mono_ms(f->lab->loop) - r->started_mono_ms;
    bool is_dropped = (const struct check_spec *)c->spec < f->specs + N_DROPPED;
    fleet_apply_result(f->fleet, c, r, loop_mono_ms(f->lab->loop));
    fleet_clean(f->fleet);
    assert_int_equal(r->state, is_dropped ? STATE_CRITICAL : STATE_OK);
    assert_false(r->is_self);
    if (is_dropped) {
        f->shortest_ms = f->n_dropped == 0 || took < f->shortest_ms ? took : f->shortest_ms;
        f->longest_ms = took > f->longest_ms ? took : f->longest_ms;
        f->n_dropped++;
    } else {
        f->n_good++;
    }
    if (f->n_dropped >= (size_t)ROUNDS * N_DROPPED && f->n_good >= (size_t)ROUNDS * N_GOOD)
        loop_stop(f->lab->loop);
}

static void others_do_not_wait(void **state)
{
    struct field *f = *state;
    struct scheduler_figures figures;
    for (size_t i = 0; i < N_DROPPED + N_GOOD; i++)
        add_check(f, i, i < N_DROPPED ? f->full_port : f->good.port);
    struct scheduler *s = scheduler_new(&f->lab->env, f->specs, on_result, f);
    scheduler_start(s);
    loop_run(f->lab->loop);
    scheduler_figures(s, &figures);
    scheduler_free(s);
    print_message("dropped: ended after %lld to %lld ms; worst delay of a start %lld ms\n",
                  (long long)f->shortest_ms, (long long)f->longest_ms,
                  (long long)figures.late_max_ms);
    assert_true(f->shortest_ms >= TIMEOUT_MS - 200);
    assert_true(f->longest_ms <= TIMEOUT_MS + SLACK_MS);
    assert_true(figures.late_max_ms <= 250 + 500);
    for (size_t i = 0; i < N_DROPPED + N_GOOD; i++)
        lab_config_free("tcp", f->specs[i].config);
}

static int setup(void **state)
{
    struct field *f = mem_alloc(sizeof *f);
    f->lab = lab_new(false);
    f->fleet = fleet_new();
    canned_open(&f->good, f->lab->loop, "0.0.0.0", no_answer, NULL);
    open_full(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct field *f = *state;
    for (int i = 0; i < FILLERS; i++)
        close(f->fillers[i]);
    close(f->full);
    canned_close(&f->good);
    lab_free(f->lab);
    fleet_free(f->fleet);
    free(f);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(others_do_not_wait)};
    return cmocka_run_group_tests_name("dropped", tests, setup, teardown);
}
