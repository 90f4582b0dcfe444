/* Hub and link over a real socket, in one process: the links are stepped by a timer of the loop. */
#include "tests/unit/hub_lab.h"

static bool mirror_follows(struct lab *lab)
{
    const struct check *c = fleet_check(lab->mirrors[0], "srv-004/check-1");
    return c != NULL && c->live.state == STATE_CRITICAL && lab->mirrors[0]->seq == lab->fleet->seq;
}

static void a_snapshot_then_deltas(void **state)
{
    struct lab *lab = *state;
    size_t i = add_link(lab, false);
    assert_true(run_until(lab, all_have_pictures));
    assert_int_equal(lab->mirrors[i]->n_targets, 5);
    assert_int_equal(lab->mirrors[i]->n_checks, 10);
    assert_int_equal(lab->mirrors[i]->n_alerts, 1);
    const struct link_hello *h = link_hello(lab->links[i]);
    assert_true(h->can_act);
    assert_int_equal(h->uid, geteuid());
    assert_int_equal(h->engine_pid, getpid());
    assert_string_equal(h->store, "test");

    uint64_t version = lab->mirrors[i]->version;
    struct check *c = fleet_check(lab->fleet, "srv-004/check-1");
    c->live.state = STATE_CRITICAL;
    c->at_ms = 1772719331042LL;
    lab->fleet->seq = 12;
    fleet_touch_check(lab->fleet, c);
    hub_kick(lab->hub);
    assert_true(run_until(lab, mirror_follows));
    assert_true(lab->mirrors[i]->version > version);
    assert_int_equal(fleet_target(lab->mirrors[i], "srv-004")->state, c->target->state);
    assert_int_equal(lab->fleet->n_dirty_checks, 0); /* the hub has emptied the lists */
}

static bool beat_arrived(struct lab *lab)
{
    return link_beat(lab->links[0])->seq == 1;
}

static void a_beat_tells_of_the_journal(void **state)
{
    struct lab *lab = *state;
    add_link(lab, false);
    assert_true(run_until(lab, all_have_pictures));
    char *why = SAY("cannot write \"{0}\"", "x.db");
    struct hub_beat beat = {.results_10s = 42,
                            .journal_error = why,
                            .journal_fault = "silent",
                            .history_error = "history full"};
    hub_beat(lab->hub, &beat);
    assert_true(run_until(lab, beat_arrived));
    const struct link_beat *b = link_beat(lab->links[0]);
    assert_int_equal(b->results_10s, 42);
    assert_false(b->is_journal_ok);
    assert_string_equal(b->journal_error, why);
    assert_true(b->is_disk_silent);
    assert_string_equal(b->history_error, "history full");
    assert_true(b->changed_mono_ms > 0);
    free(why);
}

static void one_of_fifty_wins(void **state)
{
    struct lab *lab = *state;
    for (int i = 0; i < 50; i++)
        add_link(lab, i % 2 == 0);
    assert_true(run_until(lab, all_are_live));
    for (size_t i = 0; i < 50; i++)
        link_request(lab->links[i], "ack", "alert", "7", "version", "1", "text", "mine", NULL);
    assert_true(run_until(lab, all_answered));
    assert_int_equal(lab->answers_ok, 1);
    assert_int_equal(lab->answers_no, 49);
    assert_non_null(strstr(lab->last_say, "already acknowledged by {0}"));
}

/* The slow client asks to watch and then reads nothing, while the fleet changes without end. */
static void change_all(struct lab *lab)
{
    for (size_t i = 0; i < lab->fleet->n_checks; i++) {
        lab->fleet->checks[i]->at_ms++;
        lab->fleet->checks[i]->live.attempt++;
        fleet_touch_check(lab->fleet, lab->fleet->checks[i]);
    }
    hub_kick(lab->hub);
}

static bool forty_ticks(struct lab *lab)
{
    return loop_mono_ms(lab->loop) > lab->deadline_ms - DEADLINE_MS + 40;
}

static size_t count_of(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, what)) != NULL; p++)
        n++;
    return n;
}

static void the_slow_get_a_fresh_snapshot(void **state)
{
    struct lab *lab = *state;
    add_checks(lab->fleet, 20, 10, 2000); /* about 400 kB a round of changes */
    raw_open(lab);
    const char *ask = "{\"id\":1,\"request\":\"watch\"}\n";
    assert_true(send(lab->raw, ask, strlen(ask), 0) > 0);
    assert_true(raw_wait(lab, "snapshot_end"));
    buf_clear(&lab->raw_in);
    lab->raw_want = NULL; /* reads no more */
    int rounds = 0;
    for (; rounds < 10; rounds++) {
        change_all(lab);
        run_until(lab, forty_ticks);
    }
    assert_true(raw_wait(lab, "snapshot_end"));
    const char *text = buf_text(&lab->raw_in);
    assert_int_equal(count_of(text, "{\"snapshot\":"), 1);
    assert_true(count_of(text, "delta_end") < 10); /* and not all that it missed */
    /* what it ends up with is the newest */
    const char *end = strstr(text, "{\"snapshot\":");
    assert_non_null(strstr(end, "\"attempt\":10"));
    change_all(lab); /* and it is live again */
    buf_clear(&lab->raw_in);
    assert_true(raw_wait(lab, "delta_end"));
}

static void garbage_is_answered_and_shown_out(void **state)
{
    struct lab *lab = *state;
    static const char *const bad[] = {"\x01\xff{{{\n", "[1,2]\n", "{\"a\":1}\n",
                                      "{\"trucban\":9}\n",
                                      "{\"request\":\"watch\",\"request\":\"ack\"}\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        raw_open(lab);
        assert_true(send(lab->raw, bad[i], strlen(bad[i]), 0) > 0);
        assert_true(raw_wait(lab, "{\"error\":{\"text\":"));
        close(lab->raw);
        lab->raw = -1;
        buf_clear(&lab->raw_in);
    }
    run_until(lab, forty_ticks);
    assert_int_equal(hub_client_count(lab->hub), 0);
}

static void a_line_has_a_limit(void **state)
{
    struct lab *lab = *state;
    raw_open(lab);
    char *big = mem_alloc(HUB_LINE_MAX + 4096);
    memset(big, 'a', HUB_LINE_MAX + 4096);
    int size = HUB_LINE_MAX * 4;
    setsockopt(lab->raw, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    assert_true(send(lab->raw, big, HUB_LINE_MAX + 4096, 0) > HUB_LINE_MAX);
    free(big);
    assert_true(raw_wait(lab, "longer than"));
    assert_int_equal(lab->asked, 0);
}

static void wrong_requests_are_told_why(void **state)
{
    struct lab *lab = *state;
    static const char *const pairs[][2] = {
        {"{\"id\":1,\"request\":\"fly\"}\n", "unknown request"},
        {"{\"id\":2,\"request\":\"ack\"}\n", "is missing"},
        {"{\"id\":3,\"request\":\"ack\",\"args\":{\"alert\":-1,\"text\":\"x\"}}\n", "must be"},
        {"{\"id\":4,\"request\":\"ack\",\"args\":{\"alert\":1,\"text\":\"x\",\"q\":1}}\n",
         "unknown argument"},
        {"{\"id\":5,\"request\":\"ack\",\"args\":{\"alert\":1.5,\"text\":\"x\"}}\n", "must be"},
        {"{\"id\":6,\"request\":\"ack\",\"args\":[]}\n", "must be an object"},
        {"{\"id\":7,\"request\":\"submit\",\"args\":{\"check\":\"a/b\",\"state\":\"BLUE\",\"text\":"
         "\"x\"}}\n",
         "must be OK, WARNING"},
    };
    raw_open(lab);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_true(send(lab->raw, pairs[i][0], strlen(pairs[i][0]), 0) > 0);
        assert_true(raw_wait(lab, pairs[i][1]));
        assert_non_null(strstr(buf_text(&lab->raw_in), "\"code\":\"usage\""));
        buf_clear(&lab->raw_in);
    }
    assert_int_equal(lab->asked, 0);
}

static void texts_are_cleaned_on_the_way_in(void **state)
{
    struct lab *lab = *state;
    raw_open(lab);
    const char *ask = "{\"id\":1,\"request\":\"ack\",\"args\":{\"alert\":7,\"text\":\"a\\u001b[31mb"
                      "\\u202ec\"}}\n";
    assert_true(send(lab->raw, ask, strlen(ask), 0) > 0);
    assert_true(raw_wait(lab, "\"answer\":1,\"ok\":true"));
    assert_string_equal(fleet_alert(lab->fleet, 7)->ack.comment, "a\\x1b[31mb<U+202E>c");
}

static void who_shuts_its_half_gets_its_answer(void **state)
{
    struct lab *lab = *state;
    raw_open(lab);
    lab->is_holding = true;
    const char *ask = "{\"id\":9,\"request\":\"verify\"}\n";
    assert_true(send(lab->raw, ask, strlen(ask), 0) > 0);
    shutdown(lab->raw, SHUT_WR);
    run_until(lab, forty_ticks);
    assert_int_equal(lab->n_held, 1);
    hub_answer(lab->held[0], true, mem_strdup("holds"), NULL);
    assert_true(raw_wait(lab, "{\"answer\":9,\"ok\":true,\"text\":\"holds\"}\n"));
    run_until(lab, forty_ticks);
    assert_int_equal(hub_client_count(lab->hub), 0);
}

/* Its next lines wait while an answer is longer than the queue: nothing else may be needed to wake
 * them than that it reads. */
static void large_answers_follow_each_other(void **state)
{
    struct lab *lab = *state;
    add_checks(lab->fleet, 40, 10, 1000);
    raw_open(lab);
    const char *ask = "{\"id\":1,\"request\":\"status\"}\n{\"id\":2,\"request\":\"status\"}\n"
                      "{\"id\":3,\"request\":\"probe\",\"args\":{\"target\":\"srv-000\"}}\n";
    assert_true(send(lab->raw, ask, strlen(ask), 0) > 0);
    shutdown(lab->raw, SHUT_WR);
    run_until(lab, forty_ticks);
    assert_true(raw_wait(lab, "\"answer\":1,\"ok\":true"));
    assert_true(raw_wait(lab, "\"answer\":2,\"ok\":true"));
    assert_true(raw_wait(lab, "\"answer\":3,\"ok\":true"));
}

static void an_answer_to_nobody_is_harmless(void **state)
{
    struct lab *lab = *state;
    size_t i = add_link(lab, false);
    assert_true(run_until(lab, all_have_pictures));
    lab->is_holding = true;
    link_request(lab->links[i], "verify", NULL);
    link_request(lab->links[i], "probe", "target", "srv-000", NULL);
    run_until(lab, forty_ticks);
    assert_int_equal(lab->n_held, 2);
    link_free(lab->links[i]);
    lab->links[i] = link_new(lab->path, lab->mirrors[i], NULL, NULL);
    run_until(lab, forty_ticks);
    hub_answer(lab->held[0], true, mem_strdup("late"), NULL);
    hub_free(lab->hub);
    hub_answer(lab->held[1], true, mem_strdup("later"), NULL);
    lab->hub = NULL;
}

static void a_flood_of_requests_waits(void **state)
{
    struct lab *lab = *state;
    raw_open(lab);
    lab->is_holding = true;
    struct buf many = BUF_INIT(0);
    for (int i = 1; i <= HUB_PENDING_MAX + 10; i++)
        buf_addf(&many, "{\"id\":%d,\"request\":\"verify\"}\n", i);
    assert_true(send(lab->raw, many.bytes, many.len, 0) == (ssize_t)many.len);
    buf_release(&many);
    run_until(lab, forty_ticks);
    assert_int_equal(lab->n_held, HUB_PENDING_MAX); /* it is not read any further … */
    lab->is_holding = false;
    for (size_t i = 0; i < lab->n_held; i++)
        hub_answer(lab->held[i], true, mem_strdup("x"), NULL);
    assert_true(raw_wait(lab, "\"answer\":74,")); /* … until it has answers */
    assert_int_equal(lab->asked, HUB_PENDING_MAX + 10);
}

static void events_come_with_answers(void **state)
{
    struct lab *lab = *state;
    size_t i = add_link(lab, true);
    assert_true(run_until(lab, all_are_live));
    link_request(lab->links[i], "journal", "limit", "2", NULL);
    assert_true(run_until(lab, all_answered));
    assert_int_equal(lab->last_events, 2);
    link_request(lab->links[i], "status", NULL);
    lab->answers_ok = lab->answers_no = 0;
    assert_true(run_until(lab, all_answered));
    assert_int_equal(lab->answers_ok, 1);
}

static bool link_is_lost(struct lab *lab)
{
    return link_phase(lab->links[0]) == LINK_IS_LOST;
}

static bool link_is_live_again(struct lab *lab)
{
    return link_phase(lab->links[0]) == LINK_IS_LIVE && lab->mirrors[0]->n_targets == 6;
}

static void a_lost_engine_is_found_again(void **state)
{
    struct lab *lab = *state;
    size_t i = add_link(lab, false);
    assert_true(run_until(lab, all_have_pictures));
    lab->is_holding = true;
    link_request(lab->links[i], "verify", NULL);
    run_until(lab, forty_ticks);
    hub_free(lab->hub);
    hub_answer(lab->held[0], true, mem_strdup("nobody hears"), NULL);
    assert_true(run_until(lab, link_is_lost));
    assert_true(link_error(lab->links[i])[0] != '\0');
    run_until(lab, forty_ticks);
    assert_int_equal(lab->answers_no, 1);            /* exactly one answer, and it says no */
    assert_int_equal(lab->mirrors[i]->n_targets, 5); /* the last picture stays */
    link_request(lab->links[i], "verify", NULL);     /* while lost: refused at once */
    run_until(lab, forty_ticks);
    assert_int_equal(lab->answers_no, 2);
    fleet_add_target(lab->fleet, "srv-new");
    open_hub(lab, 0600);
    assert_true(run_until(lab, link_is_live_again));
}

static void the_second_engine_is_refused_the_dead_replaced(void **state)
{
    struct lab *lab = *state;
    static const struct hub_calls calls = {.request = on_request};
    struct hub_options o = {.socket_path = lab->path, .mode = 0600};
    struct err e = {""};
    assert_null(hub_new(lab->loop, lab->fleet, &o, &calls, lab, &e));
    assert_non_null(strstr(e.text, "another engine"));
    char pid[32];
    snprintf(pid, sizeof pid, "pid %d", (int)getpid());
    assert_non_null(strstr(e.text, pid));

    char dead[160], file[160];
    snprintf(dead, sizeof dead, "%s.dead", lab->path);
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof a.sun_path, "%.100s", dead);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(fd, 1), 0);
    close(fd); /* the file stays, as after a SIGKILL */
    o.socket_path = dead;
    struct hub *h = hub_new(lab->loop, lab->fleet, &o, &calls, lab, &e);
    assert_non_null(h);
    struct stat st;
    assert_int_equal(stat(dead, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    hub_free(h);

    snprintf(file, sizeof file, "%s.file", lab->path);
    fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    close(fd);
    o.socket_path = file;
    assert_null(hub_new(lab->loop, lab->fleet, &o, &calls, lab, &e));
    assert_non_null(strstr(e.text, "no socket"));
    assert_int_equal(unlink(file), 0); /* it was left alone */
}

/* Another account may look, not act: needs root to become another. */
static void others_only_look(void **state)
{
    struct lab *lab = *state;
    if (geteuid() != 0) {
        print_message("skipped: needs root to connect as another account\n");
        skip();
    }
    hub_free(lab->hub);
    assert_int_equal(chmod(lab->dir, 0755), 0);
    open_hub(lab, 0666);
    pid_t pid = fork();
    if (pid == 0) {
        char bytes[8192] = "";
        if (setgid(65534) != 0 || setuid(65534) != 0)
            _exit(2);
        raw_open(lab);
        const char *ask = "{\"id\":3,\"request\":\"ack\",\"args\":{\"alert\":7,\"text\":\"me\"}}\n";
        if (send(lab->raw, ask, strlen(ask), 0) < 0)
            _exit(3);
        size_t n = 0;
        while (strstr(bytes, "\"answer\":3") == NULL && n < sizeof bytes - 1) {
            ssize_t got = recv(lab->raw, bytes + n, sizeof bytes - 1 - n, 0);
            if (got <= 0)
                _exit(4);
            n += (size_t)got;
            bytes[n] = '\0';
        }
        bool is_right = strstr(bytes, "\"role\":\"viewer\"") != NULL &&
                        strstr(bytes, "\"code\":\"refused\"") != NULL &&
                        strstr(bytes, "Not permitted") != NULL;
        _exit(is_right ? 0 : 5);
    }
    for (int i = 0; i < 100 && lab->refused == 0; i++)
        run_until(lab, forty_ticks);
    int status = -1;
    run_until(lab, forty_ticks);
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(lab->refused, 1);
    assert_int_equal(lab->asked, 0);
    assert_null(fleet_alert(lab->fleet, 7)->ack.by);
}

static void too_many_are_told_so(void **state)
{
    struct lab *lab = *state;
    for (size_t i = 0; i < HUB_CLIENTS_MAX; i++)
        add_link(lab, true);
    run_until(lab, forty_ticks);
    assert_int_equal(hub_client_count(lab->hub), HUB_CLIENTS_MAX);
    raw_open(lab);
    assert_true(raw_wait(lab, "too many clients"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_snapshot_then_deltas),
        T(a_beat_tells_of_the_journal),
        T(one_of_fifty_wins),
        T(the_slow_get_a_fresh_snapshot),
        T(garbage_is_answered_and_shown_out),
        T(a_line_has_a_limit),
        T(wrong_requests_are_told_why),
        T(texts_are_cleaned_on_the_way_in),
        T(who_shuts_its_half_gets_its_answer),
        T(large_answers_follow_each_other),
        T(an_answer_to_nobody_is_harmless),
        T(a_flood_of_requests_waits),
        T(events_come_with_answers),
        T(a_lost_engine_is_found_again),
        T(the_second_engine_is_refused_the_dead_replaced),
        T(others_only_look),
        T(too_many_are_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
