/* The link alone, against an engine that is a script of lines. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/mem.h"
#include "engine/link.h"

#define HELLO                                                                                      \
    "{\"trucban\":1,\"hello\":{\"engine\":\"9.9\",\"pid\":42,\"login\":\"lan\",\"uid\":1000,"      \
    "\"role\":\"l3\",\"can_act\":true,\"language\":\"vi\",\"site\":\"demo\"}}\n"
#define SNAPSHOT(state)                                                                            \
    "{\"snapshot\":{\"version\":1,\"seq\":3,\"site\":{\"id\":\"demo\"},\"groups\":[]}}\n"          \
    "{\"target\":{\"id\":\"a\",\"kind\":\"server\",\"state\":\"OK\"}}\n"                           \
    "{\"check\":{\"check\":\"a/http\",\"state\":\"" state "\",\"last_state\":\"" state             \
    "\",\"at\":\"2026-03-05T14:02:11.042Z\",\"age_ms\":250}}\n"                                    \
    "{\"snapshot_end\":{\"version\":1,\"seq\":3}}\n"

struct desk {
    char dir[64], path[96];
    int listener, peer;
    struct fleet *mirror;
    struct link *link;
    size_t answers;
    char say[256], code[32], refused[256]; /* "7: no X; 9: no Y" */
    size_t refused_all;
};

static void on_answered(void *arg, const struct link_answer *a)
{
    struct desk *d = arg;
    d->refused[0] = '\0';
    for (size_t i = 0; i < a->n_refused; i++) {
        size_t len = strlen(d->refused);
        snprintf(d->refused + len, sizeof d->refused - len, "%s%llu: %s", len > 0 ? "; " : "",
                 (unsigned long long)a->refused[i].alert, a->refused[i].say);
    }
    d->refused_all = a->n_refused_all;
    d->answers++;
    snprintf(d->say, sizeof d->say, "%s", a->say);
    snprintf(d->code, sizeof d->code, "%s", a->code);
}

static int setup(void **state)
{
    struct desk *d = mem_alloc(sizeof *d);
    struct link_calls calls = {.answered = on_answered};
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(d->dir, sizeof d->dir, "/tmp/trucban-link-XXXXXX");
    assert_non_null(mkdtemp(d->dir));
    snprintf(d->path, sizeof d->path, "%s/s.sock", d->dir);
    snprintf(a.sun_path, sizeof a.sun_path, "%s", d->path);
    d->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(d->listener, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(d->listener, 4), 0);
    d->mirror = fleet_new();
    d->link = link_new(d->path, d->mirror, &calls, d);
    link_step(d->link, 0, 1000);
    d->peer = accept(d->listener, NULL, NULL);
    *state = d;
    return 0;
}

static int teardown(void **state)
{
    struct desk *d = *state;
    link_free(d->link);
    fleet_free(d->mirror);
    if (d->peer >= 0)
        close(d->peer);
    if (d->listener >= 0)
        close(d->listener);
    unlink(d->path);
    rmdir(d->dir);
    free(d);
    return 0;
}

static void tell(struct desk *d, const char *text, int64_t now_ms)
{
    assert_int_equal(send(d->peer, text, strlen(text), MSG_NOSIGNAL), strlen(text));
    link_step(d->link, 0, now_ms);
}

static void hello_then_picture(void **state)
{
    struct desk *d = *state;
    assert_int_equal(link_phase(d->link), LINK_IS_CONNECTING);
    tell(d, HELLO, 1100);
    assert_int_equal(link_phase(d->link), LINK_IS_LIVE);
    assert_int_equal(link_hello(d->link)->engine_pid, 42);
    assert_string_equal(link_hello(d->link)->language, "vi");
    assert_false(link_has_picture(d->link));
    tell(d, SNAPSHOT("OK"), 1200);
    assert_true(link_has_picture(d->link));
    const struct check *c = fleet_check(d->mirror, "a/http");
    assert_non_null(c);
    assert_int_equal(c->seen_ms, 1200 - 250);
    assert_int_equal(d->mirror->seq, 3);
    assert_int_equal(d->mirror->n_dirty_checks, 0);
}

static void lines_may_come_in_pieces(void **state)
{
    struct desk *d = *state;
    const char *text = HELLO SNAPSHOT("WARNING");
    for (size_t i = 0; text[i] != '\0'; i++) {
        assert_int_equal(send(d->peer, text + i, 1, MSG_NOSIGNAL), 1);
        link_step(d->link, 0, 2000);
    }
    assert_true(link_has_picture(d->link));
    assert_int_equal(fleet_check(d->mirror, "a/http")->live.state, STATE_WARNING);
}

static void half_a_snapshot_is_never_seen(void **state)
{
    struct desk *d = *state;
    tell(d, HELLO SNAPSHOT("CRITICAL"), 1100);
    uint64_t version = d->mirror->version;
    tell(d, "{\"snapshot\":{\"site\":{\"id\":\"demo\"}}}\n{\"target\":{\"id\":\"b\"}}\n", 1200);
    assert_non_null(fleet_target(d->mirror, "a")); /* still the old one, whole */
    assert_null(fleet_target(d->mirror, "b"));
    tell(d, "{\"snapshot_end\":{\"seq\":9}}\n", 1300);
    assert_null(fleet_target(d->mirror, "a"));
    assert_non_null(fleet_target(d->mirror, "b"));
    assert_true(d->mirror->version > version); /* a new picture is always a newer version */
    assert_int_equal(d->mirror->seq, 9);
}

static void a_beat_counts_on_our_own_clock(void **state)
{
    struct desk *d = *state;
    tell(d, HELLO "{\"beat\":{\"n\":5,\"results_10s\":8,\"journal_ok\":true}}\n", 1100);
    assert_int_equal(link_beat(d->link)->changed_mono_ms, 1100);
    assert_true(link_beat(d->link)->is_journal_ok);
    tell(d, "{\"beat\":{\"n\":5,\"results_10s\":8,\"journal_ok\":true}}\n", 9100);
    assert_int_equal(link_beat(d->link)->changed_mono_ms, 1100); /* the same beat is no life */
    tell(d, "{\"beat\":{\"n\":6,\"results_10s\":0,\"journal_ok\":false,\"journal_error\":\"x\"}}\n",
         9200);
    assert_int_equal(link_beat(d->link)->changed_mono_ms, 9200);
    assert_string_equal(link_beat(d->link)->journal_error, "x");
}

static void another_protocol_is_told_in_words(void **state)
{
    struct desk *d = *state;
    tell(d, "{\"trucban\":2,\"hello\":{}}\n", 1100);
    assert_int_equal(link_phase(d->link), LINK_IS_LOST);
    assert_non_null(strstr(link_error(d->link), "protocol 2"));
    assert_int_equal(link_fd(d->link), -1);
}

static void nonsense_loses_the_link_not_the_picture(void **state)
{
    struct desk *d = *state;
    tell(d, HELLO SNAPSHOT("OK"), 1100);
    tell(d, "}{\n", 1200);
    assert_int_equal(link_phase(d->link), LINK_IS_LOST);
    assert_non_null(fleet_check(d->mirror, "a/http"));
    assert_true(link_has_picture(d->link));
}

static void who_says_no_hello_is_no_engine(void **state)
{
    struct desk *d = *state;
    tell(d, "{\"beat\":{\"n\":1}}\n", 1100);
    assert_int_equal(link_phase(d->link), LINK_IS_LOST);
    assert_non_null(strstr(link_error(d->link), "no hello"));
}

static void silence_instead_of_hello_ends(void **state)
{
    struct desk *d = *state;
    assert_int_equal(link_wait_ms(d->link, 1000), 5000);
    link_step(d->link, 0, 6001);
    assert_int_equal(link_phase(d->link), LINK_IS_LOST);
    assert_non_null(strstr(link_error(d->link), "does not answer"));
}

static void attempts_grow_rarer(void **state)
{
    struct desk *d = *state;
    static const int64_t pauses[] = {200, 400, 800, 1600, 3200, 5000, 5000};
    close(d->peer);
    d->peer = -1;
    close(d->listener);
    int64_t now = 2000;
    for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++) {
        link_step(d->link, 0, now);
        assert_int_equal(link_phase(d->link), LINK_IS_LOST);
        assert_int_equal(link_wait_ms(d->link, now), pauses[i]);
        now += pauses[i];
    }
    assert_non_null(strstr(link_error(d->link), "nobody answers"));
}

static void each_request_has_one_answer(void **state)
{
    struct desk *d = *state;
    char bytes[2048] = "";
    tell(d, HELLO SNAPSHOT("OK"), 1100);
    uint64_t id = link_request(d->link, "ack", "alert", "7", "text", "line\xff end\x1b", NULL);
    link_step(d->link, 0, 1150);
    ssize_t n = recv(d->peer, bytes, sizeof bytes - 1, 0);
    assert_true(n > 0);
    assert_non_null(strstr(bytes, "\"request\":\"watch\""));
    assert_non_null(strstr(bytes, "\"request\":\"ack\",\"args\":{\"alert\":\"7\""));
    assert_non_null(strstr(bytes, "line\\\\xff end\\\\x1b"));
    char answer[256];
    snprintf(answer, sizeof answer,
             "{\"answer\":%llu,\"ok\":false,\"code\":\"not-saved\",\"text\":\"no {0}\"}\n",
             (unsigned long long)id);
    tell(d, answer, 1200);
    assert_int_equal(d->answers, 1);
    assert_string_equal(d->code, "not-saved");
    tell(d, answer, 1300); /* a second one is ignored */
    tell(d, "{\"answer\":99,\"ok\":true,\"text\":\"\"}\n", 1300);
    assert_int_equal(d->answers, 1);
    link_request(d->link, "verify", NULL);
    link_request(d->link, "verify", NULL);
    close(d->peer);
    d->peer = -1;
    link_step(d->link, 0, 1400);
    assert_int_equal(link_wait_ms(d->link, 1400), 0);
    link_step(d->link, 0, 1401);
    assert_int_equal(d->answers, 3);
    assert_string_equal(d->code, "lost");
}

/* Of many at once each that is refused is told in words, as far as the answer has them. */
static void refusals_come_one_by_one(void **state)
{
    struct desk *d = *state;
    char answer[512];
    tell(d, HELLO SNAPSHOT("OK"), 1100);
    uint64_t id = link_request(d->link, "ack", "alerts", "7-11", "text", "cabling", NULL);
    snprintf(
        answer, sizeof answer,
        "{\"answer\":%llu,\"ok\":true,\"text\":\"done\",\"done\":2,\"refused\":3,\"refusals\":["
        "{\"alert\":8,\"text\":\"no\"},{\"alert\":9,\"text\":\"nor\"},{\"alert\":10}]}\n",
        (unsigned long long)id);
    tell(d, answer, 1200);
    assert_int_equal(d->answers, 1);
    assert_string_equal(d->refused, "8: no; 9: nor");
    assert_int_equal(d->refused_all, 3);
    id = link_request(d->link, "verify", NULL);
    snprintf(answer, sizeof answer, "{\"answer\":%llu,\"ok\":true,\"text\":\"\"}\n",
             (unsigned long long)id);
    tell(d, answer, 1300);
    assert_string_equal(d->refused, "");
    assert_int_equal(d->refused_all, 0);
}

/* An engine of its own process: says hello, then ends when it is told to. */
static pid_t fork_engine(struct desk *d)
{
    close(d->peer);
    close(d->listener);
    unlink(d->path);
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct sockaddr_un a = {.sun_family = AF_UNIX};
        char hello[200];
        snprintf(a.sun_path, sizeof a.sun_path, "%s", d->path);
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        bool is_up = bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 4) == 0;
        int n = snprintf(hello, sizeof hello, "{\"trucban\":1,\"hello\":{\"pid\":%ld}}\n",
                         (long)getpid());
        if (is_up && write(ready[1], "", 1) == 1)
            send(accept(fd, NULL, NULL), hello, (size_t)n, MSG_NOSIGNAL);
        pause();
        _exit(0);
    }
    char byte;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    d->listener = d->peer = -1;
    return pid;
}

static void wait_phase(struct desk *d, enum link_phase phase, int64_t *now)
{
    for (int i = 0; i < 500 && link_phase(d->link) != phase; i++) {
        link_step(d->link, 0, *now += 10);
        usleep(10000);
    }
    assert_int_equal(link_phase(d->link), phase);
}

static void an_end_is_told_from_a_cut(void **state)
{
    struct desk *d = *state;
    int64_t now = 2000;
    tell(d, HELLO, 1100); /* 42 is not the process that listens: a relay, say */
    assert_false(link_engine_has_ended(d->link));
    close(d->peer);
    d->peer = -1;
    wait_phase(d, LINK_IS_LOST, &now);
    assert_false(link_engine_has_ended(d->link));
    pid_t pid = fork_engine(d);
    wait_phase(d, LINK_IS_LIVE, &now);
    assert_false(link_engine_has_ended(d->link));
    kill(pid, SIGKILL);
    wait_phase(d, LINK_IS_LOST, &now);
    for (int i = 0; i < 200 && !link_engine_has_ended(d->link); i++)
        usleep(10000);                           /* its descriptors go before it does */
    assert_true(link_engine_has_ended(d->link)); /* though nobody has waited for it */
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(link_engine_has_ended(d->link));
}

/* Whatever an engine sends: refused in words or folded, never a crash. */
static void mutated_lines_do_no_harm(void **state)
{
    (void)state;
    static const char text[] =
        HELLO SNAPSHOT("OK") "{\"alert\":{\"id\":7,\"check\":\"a/http\",\"state\":\"CRITICAL\","
                             "\"priority\":\"P1\",\"ack\":{\"by\":\"lan\"},\"notes\":[{\"by\":"
                             "\"an\",\"text\":\"x\"}],\"say\":[\"a {0}\",\"b\"],\"summary\":\"a "
                             "b\"}}\n"
                             "{\"check\":{\"check\":\"a/http\",\"metrics\":[{\"name\":\"l\","
                             "\"value\":1}],\"trend\":{\"bucket\":3,\"n\":1,\"worst\":\"+X\","
                             "\"latency_ms\":[1,null]}}}\n"
                             "{\"beat\":{\"n\":1}}\n{\"delta_end\":{\"seq\":4}}\n";
    static const char *const bits[] = {"null", "[]",   "{}", "-1", "\"\"",
                                       "1e3",  "true", ":",  ",",  "{"};
    char bytes[sizeof text + 16];
    uint32_t seed = 12345;
    for (int round = 0; round < 5000; round++) {
        struct fleet *mirror = fleet_new();
        struct link *l = link_new("/nowhere", mirror, NULL, NULL);
        struct err e = {""};
        memcpy(bytes, text, sizeof text);
        for (int k = 0; k < 1 + round % 3; k++) {
            seed = seed * 1664525u + 1013904223u;
            const char *bit = bits[(seed >> 8) % (sizeof bits / sizeof bits[0])];
            memcpy(bytes + (seed >> 12) % (sizeof text - 8), bit, strlen(bit));
        }
        if (!link_feed(l, bytes, sizeof text - 1, 1000, &e))
            assert_true(e.text[0] != '\0');
        link_free(l);
        fleet_free(mirror);
    }
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(hello_then_picture),
        T(lines_may_come_in_pieces),
        T(half_a_snapshot_is_never_seen),
        T(a_beat_counts_on_our_own_clock),
        T(another_protocol_is_told_in_words),
        T(nonsense_loses_the_link_not_the_picture),
        T(who_says_no_hello_is_no_engine),
        T(silence_instead_of_hello_ends),
        T(attempts_grow_rarer),
        T(each_request_has_one_answer),
        T(refusals_come_one_by_one),
        T(an_end_is_told_from_a_cut),
        cmocka_unit_test(mutated_lines_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
