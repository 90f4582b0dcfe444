/* Windows: every tests/windows/NAME.in (results in) against NAME.out (state and sentence out), then
 * what no timeline shows: memory, the counter, long runs.
 *
 *   threshold METRIC JSON-like words: warning=500 critical=2000 below over=60 stat=p95 for=30
 *   timing INTERVAL GAP        seconds
 *   known STATE                the confirmed state of the check from here on
 *   TIME STATE [VALUE]         seconds; a result, with the metric's value if it has one */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/window.h"

#define DIR_OF_CASES "tests/windows/"

struct timeline {
    struct threshold t;
    char metric[64];
    struct windows *w;
    struct window_time at;
    enum state known;
    struct buf out;
};

static void read_threshold(struct timeline *l, char *words)
{
    char *rest = NULL, *word = strtok_r(words, " ", &rest);
    snprintf(l->metric, sizeof l->metric, "%s", word);
    l->t.metric = l->metric;
    while ((word = strtok_r(NULL, " ", &rest)) != NULL) {
        const char *value = strchr(word, '=');
        value = value != NULL ? value + 1 : "";
        if (strncmp(word, "warning=", 8) == 0) {
            l->t.has_warning = true;
            l->t.warning = strtod(value, NULL);
        } else if (strncmp(word, "critical=", 9) == 0) {
            l->t.has_critical = true;
            l->t.critical = strtod(value, NULL);
        } else if (strncmp(word, "over=", 5) == 0) {
            l->t.over_ms = strtol(value, NULL, 10) * 1000;
        } else if (strncmp(word, "for=", 4) == 0) {
            l->t.for_ms = strtol(value, NULL, 10) * 1000;
        } else if (strcmp(word, "below") == 0) {
            l->t.is_below = true;
        } else {
            int stat = 0;
            assert_true(strncmp(word, "stat=", 5) == 0);
            while (strcmp(threshold_stats[stat], value) != 0)
                assert_true(++stat < STAT_COUNT);
            l->t.stat = (enum threshold_stat)stat;
        }
    }
    l->w = windows_new(&l->t, 1);
    assert_non_null(l->w);
}

static void show(struct timeline *l, const char *time, const struct result *r)
{
    buf_addf(&l->out, "%s %s ", time, state_rows[r->state].name);
    say_text(&l->out, r->summary, NULL);
    buf_addc(&l->out, '\n');
}

static void take_result(struct timeline *l, const char *time, const char *words)
{
    struct result r = {.latency_ms = -1, .summary = mem_strdup("as the probe has it")};
    char name[16] = "";
    double value = 0;
    int n = sscanf(words, "%15s %lf", name, &value);
    assert_true(n >= 1 && state_parse(name, &r.state));
    if (n == 2 && strcmp(l->metric, "latency_ms") == 0)
        r.latency_ms = value;
    else if (n == 2)
        result_metric(&r, l->metric, value, "");
    l->at.now_ms = (int64_t)(strtod(time, NULL) * 1000);
    windows_judge(l->w, &r, &l->t, 1, &l->at, l->known);
    show(l, time, &r);
    result_release(&r);
}

static void take_line(struct timeline *l, char *line)
{
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '\0' || line[0] == ';')
        return;
    char *words = line + strcspn(line, " ");
    if (*words != '\0')
        *words++ = '\0';
    if (strcmp(line, "threshold") == 0) {
        read_threshold(l, words);
    } else if (strcmp(line, "timing") == 0) {
        char *gap;
        l->at.interval_ms = strtol(words, &gap, 10) * 1000;
        l->at.gap_ms = strtol(gap, NULL, 10) * 1000;
    } else if (strcmp(line, "known") == 0) {
        assert_true(state_parse(words, &l->known));
    } else {
        take_result(l, line, words);
    }
}

static void play(const char *name)
{
    char path[300], line[200];
    struct timeline l = {.known = STATE_OK, .out = BUF_INIT(0)};
    snprintf(path, sizeof path, DIR_OF_CASES "%s.in", name);
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    while (fgets(line, sizeof line, in) != NULL)
        take_line(&l, line);
    fclose(in);
    struct buf wanted = BUF_INIT(0);
    snprintf(path, sizeof path, DIR_OF_CASES "%s.out", name);
    FILE *out = fopen(path, "r");
    while (out != NULL && fgets(line, sizeof line, out) != NULL)
        buf_adds(&wanted, line);
    if (out != NULL)
        fclose(out);
    if (strcmp(buf_text(&l.out), buf_text(&wanted)) != 0)
        fail_msg("%s: found\n%s", name, buf_text(&l.out));
    buf_release(&wanted);
    buf_release(&l.out);
    windows_free(l.w);
}

static void timelines(void **state)
{
    (void)state;
    DIR *dir = opendir(DIR_OF_CASES);
    const struct dirent *e;
    size_t n = 0;
    assert_non_null(dir);
    while ((e = readdir(dir)) != NULL) {
        char name[256];
        size_t len = strlen(e->d_name);
        if (len < 4 || strcmp(e->d_name + len - 3, ".in") != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(len - 3), e->d_name);
        play(name);
        n++;
    }
    closedir(dir);
    assert_true(n >= 10);
}

static void a_check_without_windows_pays_nothing(void **state)
{
    (void)state;
    struct threshold t = {.metric = (char[]){"x"}, .has_warning = true, .warning = 1};
    assert_null(windows_new(&t, 1));
    assert_null(windows_new(NULL, 0));
    assert_int_equal(windows_bytes(NULL), 0);
    windows_free(NULL);
}

/* A week at ten results a second would be six million: it stays at its slots, and its figures are
 * those of all results. */
static void memory_is_bounded(void **state)
{
    (void)state;
    struct threshold t = {.metric = (char[]){"x"},
                          .has_warning = true,
                          .warning = 1e9,
                          .stat = STAT_MEAN,
                          .over_ms = 7LL * 24 * 3600 * 1000};
    struct window_time at = {.interval_ms = 100, .gap_ms = 5000};
    struct windows *w = windows_new(&t, 1);
    struct result r = {.latency_ms = -1};
    result_metric(&r, "x", 1, "");
    for (int64_t i = 0; i < 1000000; i++) {
        at.now_ms = i * 1500;
        r.metrics[0].value = (double)(i % 2);
        windows_judge(w, &r, &t, 1, &at, STATE_OK);
        r.state = STATE_OK;
    }
    print_message("one window: %zu bytes at most\n", windows_bytes(w));
    assert_true(windows_bytes(w) <= 24 * 1024);
    t.warning = 0.49;
    windows_judge(w, &r, &t, 1, &at, STATE_OK);
    assert_int_equal(r.state, STATE_WARNING); /* the mean is 0.5, over more than 400,000 */
    r.state = STATE_OK;
    t.warning = 0.51;
    windows_judge(w, &r, &t, 1, &at, STATE_OK);
    assert_int_equal(r.state, STATE_OK);
    result_release(&r);
    windows_free(w);
}

static void the_usual_window_is_small(void **state)
{
    (void)state;
    struct threshold t = {.metric = (char[]){"x"},
                          .has_warning = true,
                          .warning = 1e9,
                          .stat = STAT_P95,
                          .over_ms = 15LL * 60 * 1000};
    struct window_time at = {.interval_ms = 30000, .gap_ms = 65000};
    struct windows *w = windows_new(&t, 1);
    struct result r = {.latency_ms = -1};
    result_metric(&r, "x", 1, "");
    for (int64_t i = 0; i < 10000; i++) {
        at.now_ms = i * 30000;
        windows_judge(w, &r, &t, 1, &at, STATE_OK);
    }
    print_message("15 min at 30 s: %zu bytes\n", windows_bytes(w));
    assert_true(windows_bytes(w) <= 5 * 1024);
    result_release(&r);
    windows_free(w);
}

static void how_many_results_a_verdict_needs(void **state)
{
    (void)state;
    assert_int_equal(window_needs(15 * 60000, 30000), WINDOW_RESULTS);
    assert_int_equal(window_needs(60000, 30000), 2);
    assert_int_equal(window_needs(90000, 30000), 3);
    assert_int_equal(window_needs(1000, 30000), 2);
    assert_int_equal(window_needs(1000, 0), WINDOW_RESULTS);
}

/* Outside its hours a threshold is not there: what lasted until then begins anew. */
static void has_hours(void **state)
{
    (void)state;
    struct recur hours = {.v = {{.days = 0x7f, .start = 420, .end = 1140}}, .n = 1};
    struct threshold t = {.metric = (char[]){"x"},
                          .has_warning = true,
                          .warning = 10,
                          .for_ms = 60000,
                          .hours = &hours};
    struct window_time at = {.interval_ms = 30000, .gap_ms = 65000};
    struct windows *w = windows_new(&t, 1);
    static const struct {
        int minute; /* of the day, UTC */
        enum state then;
    } steps[] = {{419, STATE_OK},      {420, STATE_OK},        {421, STATE_WARNING},
                 {422, STATE_WARNING}, {1139, STATE_OK},       {1140, STATE_OK},
                 {1141, STATE_OK},     {1440 + 420, STATE_OK}, {1440 + 421, STATE_WARNING}};

    setenv("TZ", "UTC0", 1);
    tzset();
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct result r = {.latency_ms = -1, .at_ms = steps[i].minute * 60000LL};
        at.now_ms = r.at_ms;
        result_metric(&r, "x", 11, "");
        windows_judge(w, &r, &t, 1, &at, STATE_OK);
        if (r.state != steps[i].then)
            fail_msg("minute %d: %s", steps[i].minute, state_rows[r.state].name);
        result_release(&r);
    }
    windows_free(w);
}

/* Alone, too: a value that is not there is no fault outside of them. */
static void has_hours_without_a_window(void **state)
{
    (void)state;
    struct recur hours = {.v = {{.days = 0x7f, .start = 420, .end = 1140}}, .n = 1};
    struct threshold t = {
        .metric = (char[]){"x"}, .has_warning = true, .warning = 10, .hours = &hours};
    struct result r = {.latency_ms = -1, .at_ms = 1140 * 60000LL};

    result_judge(&r, &t, 1);
    assert_int_equal(r.state, STATE_OK);
    r.at_ms -= 1;
    result_judge(&r, &t, 1);
    assert_int_equal(r.state, STATE_UNKNOWN);
    result_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timelines),
        cmocka_unit_test(a_check_without_windows_pays_nothing),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(the_usual_window_is_small),
        cmocka_unit_test(how_many_results_a_verdict_needs),
        cmocka_unit_test(has_hours),
        cmocka_unit_test(has_hours_without_a_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
