/* The journal: its thread, what happens when the disk fails (ST2, ST3), restart, verification. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "engine/checkpoint.h"
#include "engine/db.h"
#include "engine/journal.h"
#include "engine/loop.h"
#include "tests/unit/scratch.h"

struct world {
    struct scratch tmp;
    char path[300], flag[300], fp[700];
    struct loop *loop;
    struct loop_timer *limit;
    struct journal *journal;
    struct fleet *fleet;
    /* what came back */
    int n_done, n_errors, n_found, n_changed, awaited;
    char error[600], seen[600];
    int n_seen;
    uint64_t last_seq;
    size_t n_events;
    struct journal_verdict verdict;
};

static void too_late(void *arg)
{
    (void)arg;
    fprintf(stderr, "no answer within 20 s\n");
    abort();
}

static void found(void *arg, const struct event *events, size_t n)
{
    struct world *w = arg;
    w->n_found += (int)n;
    for (size_t i = 0; i < n; i++)
        fleet_fold(w->fleet, &events[i]);
}

static void changed(void *arg)
{
    struct world *w = arg;
    w->n_changed++;
    if (w->awaited == -1 && !journal_error(w->journal))
        loop_stop(w->loop);
}

static struct fleet *make_fleet(void)
{
    struct fleet *f = fleet_new();
    struct target *t = fleet_add_target(f, "web-01");
    fleet_add_check(f, t, "http");
    fleet_add_check(f, t, "disk");
    return f;
}

static void open_journal(struct world *w)
{
    struct journal_calls calls = {found, changed};
    char *say = NULL;
    w->fleet = make_fleet();
    w->journal = journal_new(w->loop, &store_sqlite, w->path, &calls, w, &say);
    if (say)
        print_message("%s\n", say);
    assert_non_null(w->journal);
    journal_load(w->journal, w->fleet);
}

static void close_journal(struct world *w)
{
    assert_true(journal_free(w->journal, 5000));
    fleet_free(w->fleet);
    w->journal = NULL;
    w->fleet = NULL;
}

static int setup(void **state)
{
    struct world *w = mem_alloc(sizeof *w);
    scratch_make(&w->tmp);
    scratch_path(&w->tmp, "t.db", w->path);
    scratch_path(&w->tmp, "flag", w->flag);
    w->loop = loop_new(NULL);
    w->limit = loop_timer_new(w->loop, too_late, NULL);
    loop_timer_set(w->limit, 20000, 0);
    open_journal(w);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    unsetenv("FP");
    if (w->journal)
        close_journal(w);
    loop_timer_free(w->limit);
    loop_free(w->loop);
    scratch_remove(&w->tmp);
    free(w);
    return 0;
}

static void failpoint(struct world *w, const char *name, bool is_on)
{
    snprintf(w->fp, sizeof w->fp, "%s:err@%s", name, w->flag);
    setenv("FP", w->fp, 1);
    if (is_on)
        close(open(w->flag, O_CREAT | O_WRONLY, 0600));
    else
        unlink(w->flag);
}

static void one_done(struct world *w)
{
    w->n_done++;
    if (w->n_done == w->awaited)
        loop_stop(w->loop);
}

static void await(struct world *w, int n)
{
    w->awaited = w->n_done + n;
    loop_run(w->loop);
}

/* Until the journal is well again. */
static void await_well(struct world *w)
{
    w->awaited = -1;
    if (journal_error(w->journal))
        loop_run(w->loop);
}

static void appended(void *arg, const struct event *events, size_t n, const char *error)
{
    struct world *w = arg;
    if (error) {
        w->n_errors++;
        snprintf(w->error, sizeof w->error, "%s", error);
    } else {
        for (size_t i = 0; i < n; i++)
            fleet_fold(w->fleet, &events[i]);
        w->last_seq = events[n - 1].seq;
    }
    one_done(w);
}

static struct event opened(uint64_t id)
{
    char subject[40];
    snprintf(subject, sizeof subject, "alert/%llu", (unsigned long long)id);
    return (struct event){.kind = EVENT_ALERT_OPENED,
                          .at_ms = 1700000000000,
                          .subject = mem_strdup(subject),
                          .actor = {mem_strdup("trucban"), -1, mem_strdup("")},
                          .alert = id,
                          .version = 1,
                          .state = STATE_CRITICAL,
                          .priority = PRIORITY_P2,
                          .text = mem_strdup("connection refused"),
                          .check = mem_strdup("web-01/http"),
                          .since_ms = 1699999999000};
}

static void append(struct world *w, size_t n)
{
    struct event *batch = mem_alloc(n * sizeof *batch);
    for (size_t i = 0; i < n; i++)
        batch[i] = opened(w->fleet->next_alert + i);
    journal_append(w->journal, batch, n, appended, w);
    await(w, 1);
}

static void queried(void *arg, const struct event *events, size_t n, const char *error)
{
    struct world *w = arg;
    w->n_events = n;
    w->n_errors += error != NULL;
    for (size_t i = 1; i < n; i++)
        assert_int_equal(events[i].seq, events[i - 1].seq + 1);
    one_done(w);
}

static void verified(void *arg, const struct journal_verdict *v)
{
    struct world *w = arg;
    w->verdict = *v;
    snprintf(w->error, sizeof w->error, "%s", v->error ? v->error : "");
    one_done(w);
}

static void test_append_and_restart(void **state)
{
    struct world *w = *state;
    append(w, 3);
    append(w, 2);
    assert_int_equal(w->last_seq, 5);
    assert_int_equal(journal_seq(w->journal), 5);
    assert_null(journal_error(w->journal));
    close_journal(w);
    open_journal(w);
    assert_int_equal(w->fleet->seq, 5);
    assert_int_equal(w->fleet->next_alert, 6);
    assert_non_null(fleet_alert(w->fleet, 5));
    assert_string_equal(fleet_alert(w->fleet, 5)->summary, "connection refused");
    append(w, 1);
    assert_int_equal(w->last_seq, 6);
}

static void saved(void *arg, const char *error)
{
    struct world *w = arg;
    w->n_errors += error != NULL;
    one_done(w);
}

static void test_restart_from_checkpoint(void **state)
{
    struct world *w = *state;
    append(w, 3);
    assert_int_equal(journal_uncovered(w->journal), 3);
    journal_checkpoint(w->journal, checkpoint_write(w->fleet), saved, w);
    assert_int_equal(journal_uncovered(w->journal), 0);
    await(w, 1);
    append(w, 2);
    close_journal(w);
    open_journal(w);
    assert_int_equal(w->n_errors, 0);
    assert_int_equal(journal_uncovered(w->journal), 2);
    assert_int_equal(w->fleet->seq, 5);
    assert_int_equal(w->fleet->n_alerts, 5);
    assert_int_equal(fleet_alert(w->fleet, 2)->since_ms, 1699999999000);
    assert_int_equal(fleet_alert(w->fleet, 2)->priority, PRIORITY_P2);
}

static void test_query_is_oldest_first(void **state)
{
    struct world *w = *state;
    append(w, 9);
    journal_query(w->journal, &(struct store_filter){.limit = 4}, queried, w);
    await(w, 1);
    assert_int_equal(w->n_events, 4);
    journal_query(w->journal, &(struct store_filter){.after_seq = 2}, queried, w);
    await(w, 1);
    assert_int_equal(w->n_events, 7);
    assert_int_equal(w->n_errors, 0);
}

/* ST2, ST3: told at once, nothing folded, well again by itself, numbers without a gap. */
static void refuse_and_recover(struct world *w, const char *name)
{
    append(w, 1);
    failpoint(w, name, true);
    append(w, 2);
    append(w, 2);
    assert_int_equal(w->n_errors, 2);
    assert_non_null(journal_error(w->journal));
    assert_non_null(strstr(journal_error(w->journal), w->path));
    assert_int_equal(w->fleet->n_alerts, 1);
    journal_query(w->journal, &(struct store_filter){.limit = 9}, queried, w);
    await(w, 1);
    assert_int_equal(w->n_events, 1); /* reading goes on */
    failpoint(w, name, false);
    await_well(w);
    append(w, 2);
    assert_int_equal(w->n_errors, 2);
    assert_int_equal(w->last_seq, 3);
    assert_int_equal(w->n_found, 0);
    close_journal(w);
    open_journal(w);
    assert_int_equal(w->fleet->seq, 3);
}

static void test_commit_fails(void **state)
{
    refuse_and_recover(*state, "store.commit");
}

static void test_disk_full(void **state)
{
    refuse_and_recover(*state, "store.full");
}

/* The commit went through and only its report failed: the file is asked, and that is the truth. */
static void test_commit_reported_wrongly(void **state)
{
    struct world *w = *state;
    append(w, 1);
    snprintf(w->fp, sizeof w->fp, "store.report:once@%s", w->flag);
    setenv("FP", w->fp, 1);
    close(open(w->flag, O_CREAT | O_WRONLY, 0600));
    append(w, 1);
    assert_int_equal(w->n_errors, 0);
    assert_int_equal(w->last_seq, 2);
    assert_int_equal(w->fleet->n_alerts, 2);
    assert_int_equal(w->n_found, 0);
}

/* The same, but the file could not even be asked: said to be lost, found again later. */
static void test_lost_batch_is_found(void **state)
{
    struct world *w = *state;
    append(w, 1);
    snprintf(w->fp, sizeof w->fp, "store.report:err@%s,store.open:err@%s", w->flag, w->flag);
    setenv("FP", w->fp, 1);
    close(open(w->flag, O_CREAT | O_WRONLY, 0600));
    append(w, 2);
    assert_int_equal(w->n_errors, 1);
    assert_int_equal(w->fleet->n_alerts, 1);
    unlink(w->flag);
    await_well(w);
    assert_int_equal(w->n_found, 2);
    assert_int_equal(w->fleet->n_alerts, 3);
    append(w, 1);
    assert_int_equal(w->last_seq, 4);
}

static void beat(void *arg)
{
    struct world *w = arg;
    journal_beat(w->journal);
    if (journal_error(w->journal) && w->n_seen++ == 0)
        snprintf(w->seen, sizeof w->seen, "%s", journal_error(w->journal));
}

/* A disk that neither writes nor fails: said after some seconds; then all is well again. */
static void test_hanging_disk(void **state)
{
    struct world *w = *state;
    append(w, 1);
    struct loop_timer *t = loop_timer_new(w->loop, beat, w);
    loop_timer_set(t, 200, 200);
    setenv("FP", "store.before_commit:sleep4500", 1);
    append(w, 1);
    unsetenv("FP");
    loop_timer_free(t);
    assert_int_equal(w->n_errors, 0);
    assert_non_null(strstr(w->seen, "does not answer"));
    assert_int_equal(w->last_seq, 2);
    append(w, 1);
    assert_null(journal_error(w->journal));
}

static void test_exchanged_file_is_not_written(void **state)
{
    struct world *w = *state;
    append(w, 2);
    close_journal(w);
    char old[320];
    snprintf(old, sizeof old, "%s.old", w->path);
    assert_int_equal(rename(w->path, old), 0);
    open_journal(w);
    w->fleet->next_alert = 50; /* other events than the first time */
    append(w, 1);
    failpoint(w, "store.commit", true);
    append(w, 1); /* the connection is given up … */
    failpoint(w, "store.commit", false);
    assert_int_equal(rename(old, w->path), 0); /* … and another history lies there */
    append(w, 1);
    assert_int_equal(w->n_errors, 2);
    assert_non_null(strstr(journal_error(w->journal), "not the file that was open before"));
    append(w, 1);
    assert_int_equal(w->n_errors, 3);
}

static void tamper(struct world *w, const char *sql)
{
    struct store_error e = {0};
    struct db *d = db_open(w->path, DB_FULL, NULL, 0, &e);
    assert_non_null(d);
    assert_true(db_script(d, "DROP TRIGGER events_no_update", &e));
    assert_true(db_script(d, sql, &e));
    db_close(d);
}

static void test_verify(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 6; i++)
        append(w, 200);
    journal_verify(w->journal, 0, verified, w);
    await(w, 1);
    assert_true(w->verdict.is_whole);
    assert_int_equal(w->verdict.records, 1200);
    tamper(w, "UPDATE events SET json = replace(json, 'refused', 'fine') WHERE seq = 1101");
    journal_verify(w->journal, 0, verified, w);
    await(w, 1);
    assert_false(w->verdict.is_whole);
    assert_true(w->verdict.is_damaged);
    assert_non_null(strstr(w->error, "record 1101 "));
    assert_non_null(journal_error(w->journal)); /* and nothing more is written to it */
    append(w, 1);
    assert_int_equal(w->n_errors, 1);
}

static void test_damage_found_at_start(void **state)
{
    struct world *w = *state;
    append(w, 5);
    close_journal(w);
    tamper(w, "UPDATE events SET json = replace(json, 'refused', 'fine') WHERE seq = 4");
    open_journal(w);
    assert_non_null(journal_error(w->journal));
    assert_non_null(strstr(journal_error(w->journal), "record 4 "));
    assert_int_equal(w->fleet->seq, 3); /* what is whole is shown */
    append(w, 1);
    assert_int_equal(w->n_errors, 1);
}

/* What lies before the checkpoint is looked at in the background. */
static void test_damage_found_in_the_background(void **state)
{
    struct world *w = *state;
    append(w, 5);
    journal_checkpoint(w->journal, checkpoint_write(w->fleet), saved, w);
    await(w, 1);
    close_journal(w);
    tamper(w, "UPDATE events SET json = replace(json, 'refused', 'fine') WHERE seq = 2");
    open_journal(w);
    assert_int_equal(w->fleet->seq, 5);
    journal_verify(w->journal, 0, verified, w); /* behind the one in the background */
    await(w, 1);
    assert_non_null(strstr(w->error, "record 2 "));
    assert_non_null(strstr(journal_error(w->journal), "record 2 "));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_append_and_restart),
        T(test_restart_from_checkpoint),
        T(test_query_is_oldest_first),
#ifdef TRUCBAN_FAILPOINTS
        T(test_commit_fails),
        T(test_disk_full),
        T(test_commit_reported_wrongly),
        T(test_lost_batch_is_found),
        T(test_exchanged_file_is_not_written),
        T(test_hanging_disk),
#endif
        T(test_verify),
        T(test_damage_found_at_start),
        T(test_damage_found_in_the_background),
    };
    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
