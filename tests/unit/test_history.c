/* History: minutes and hours add up, silence leaves no rows, a foreign file is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/mem.h"
#include "core/when.h"
#include "engine/db.h"
#include "engine/history.h"
#include "engine/loop.h"
#include "tests/unit/scratch.h"

#define NOON_MS 1700049600000LL /* a full hour */

struct world {
    struct scratch tmp;
    char path[300];
    struct loop *loop;
    struct loop_timer *limit;
    struct history *history;
    struct fleet *fleet;
    struct check *check;
    struct history_row rows[200];
    size_t n;
    bool has_error;
};

static void too_late(void *arg)
{
    (void)arg;
    fprintf(stderr, "no answer within 20 s\n");
    abort();
}

static int setup(void **state)
{
    struct world *w = mem_alloc(sizeof *w);
    scratch_make(&w->tmp);
    scratch_path(&w->tmp, "t-history.db", w->path);
    w->loop = loop_new(NULL);
    w->limit = loop_timer_new(w->loop, too_late, NULL);
    loop_timer_set(w->limit, 20000, 0);
    w->history = history_new(w->loop, w->path, NULL);
    w->fleet = fleet_new();
    w->check = fleet_add_check(w->fleet, fleet_add_target(w->fleet, "web-01"), "http");
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    assert_true(history_free(w->history, 5000));
    fleet_free(w->fleet);
    loop_timer_free(w->limit);
    loop_free(w->loop);
    scratch_remove(&w->tmp);
    free(w);
    return 0;
}

static void got(void *arg, const struct history_row *rows, size_t n, const char *error)
{
    struct world *w = arg;
    w->has_error = error != NULL;
    w->n = n < 200 ? n : 200;
    for (size_t i = 0; i < w->n; i++)
        w->rows[i] = rows[i];
    loop_stop(w->loop);
}

static size_t ask(struct world *w, const char *check, bool per_hour)
{
    history_query(w->history, check, per_hour, NOON_MS - WHEN_DAY_MS, NOON_MS + WHEN_DAY_MS, got,
                  w);
    loop_run(w->loop);
    return w->n;
}

static void test_minutes_and_hours(void **state)
{
    struct world *w = *state;
    /* 90 minutes, a result every 10 s, latency 1 to 6 ms; the fourth of each minute fails. */
    for (int i = 0; i < 540; i++) {
        bool is_bad = i % 6 == 3;
        history_add(w->history, w->check, NOON_MS + i * 10000LL, is_bad ? STATE_CRITICAL : STATE_OK,
                    is_bad ? -1 : 1 + i % 6);
    }
    history_flush(w->history);
    assert_int_equal(ask(w, "web-01/http", false), 90);
    assert_false(w->has_error);
    for (size_t i = 0; i < 90; i++) {
        const struct history_row *r = &w->rows[i];
        assert_int_equal(r->at_ms, NOON_MS + (int64_t)i * 60000);
        assert_int_equal(r->n, 6);
        assert_int_equal(r->n_ok, 5);
        assert_int_equal(r->n_latency, 5);
        assert_true(r->min_ms > 0.99 && r->min_ms < 1.01);
        assert_true(r->max_ms > 5.99 && r->max_ms < 6.01);
        assert_true(r->mean_ms > 3.39 && r->mean_ms < 3.41);
    }
    assert_int_equal(ask(w, "web-01/http", true), 2);
    assert_int_equal(w->rows[0].n, 360);
    assert_int_equal(w->rows[1].n, 180);
    assert_int_equal(ask(w, "web-01/other", false), 0);
    struct stat st;
    assert_int_equal(stat(w->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* A minute that is written in two parts is one row. */
static void test_parts_add_up(void **state)
{
    struct world *w = *state;
    history_add(w->history, w->check, NOON_MS, STATE_OK, 5);
    history_flush(w->history);
    history_add(w->history, w->check, NOON_MS + 1000, STATE_CRITICAL, -1);
    history_flush(w->history);
    history_add(w->history, w->check, NOON_MS + 2000, STATE_OK, 3);
    history_flush(w->history);
    assert_int_equal(ask(w, "web-01/http", false), 1);
    assert_int_equal(w->rows[0].n, 3);
    assert_int_equal(w->rows[0].n_ok, 2);
    assert_int_equal(w->rows[0].n_latency, 2);
    assert_true(w->rows[0].min_ms == 3 && w->rows[0].max_ms == 5 && w->rows[0].mean_ms == 4);
}

static void test_no_latency(void **state)
{
    struct world *w = *state;
    history_add(w->history, w->check, NOON_MS, STATE_CRITICAL, -1);
    history_flush(w->history);
    assert_int_equal(ask(w, "web-01/http", false), 1);
    assert_int_equal(w->rows[0].n_latency, 0);
    assert_true(w->rows[0].min_ms < 0 && w->rows[0].mean_ms < 0 && w->rows[0].max_ms < 0);
}

static void test_kept_over_restart(void **state)
{
    struct world *w = *state;
    history_add(w->history, w->check, NOON_MS, STATE_OK, 5);
    assert_true(history_free(w->history, 5000)); /* the unfinished minute too */
    w->history = history_new(w->loop, w->path, NULL);
    assert_int_equal(ask(w, "web-01/http", false), 1);
}

/* A fault here stops nothing, and is told. */
static void test_unusable_file(void **state)
{
    struct world *w = *state;
    static const char words[] = "these are the notes of somebody else, in a file of that name; "
                                "nobody shall write over them, whatever the name says.\n";
    FILE *f = fopen(w->path, "w");
    assert_non_null(f);
    fputs(words, f);
    fclose(f);
    history_add(w->history, w->check, NOON_MS, STATE_OK, 5);
    history_flush(w->history);
    ask(w, "web-01/http", false);
    assert_true(w->has_error);
    assert_non_null(history_error(w->history));
    assert_non_null(strstr(history_error(w->history), w->path));
    struct stat st;
    assert_int_equal(stat(w->path, &st), 0);
    assert_int_equal(st.st_size, sizeof words - 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_minutes_and_hours), T(test_parts_add_up),  T(test_no_latency),
        T(test_kept_over_restart), T(test_unusable_file),
    };
    return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
