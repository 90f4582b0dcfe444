/* Days until a registration runs out, as the duty room's calendar counts them. */
#include "tests/unit/probe_lab.h"

#include <time.h>

#include "core/when.h"

static void look(struct lab *lab, int days)
{
    char json[100], day[40];
    time_t at = time(NULL) + (time_t)days * 86400;
    struct tm tm;
    localtime_r(&at, &tm);
    strftime(day, sizeof day, "%Y-%m-%d", &tm);
    snprintf(json, sizeof json, "{\"date\":\"%s\"}", day);
    lab_probe_text(lab, "expiry", json, 1000);
}

static void counts_days(void **state)
{
    struct lab *lab = *state;
    look(lab, 100);
    assert_int_equal(lab->seen.state, STATE_OK);
    assert_non_null(strstr(lab->words, "100 days left"));
    assert_true(lab_metric(lab, "registration_days_left")->value == 100);
    look(lab, 0);
    assert_int_equal(lab->seen.state, STATE_OK); /* its last day; the threshold has long spoken */
    look(lab, -3);
    assert_int_equal(lab->seen.state, STATE_CRITICAL);
    assert_non_null(strstr(lab->words, "3 days ago"));
}

static void warns_from_60_and_14_days(void **state)
{
    (void)state;
    const struct threshold *t = probe_find("expiry")->thresholds;
    assert_int_equal(threshold_state(t, 61), STATE_OK);
    assert_int_equal(threshold_state(t, 60), STATE_WARNING);
    assert_int_equal(threshold_state(t, 14), STATE_CRITICAL);
}

static void no_day(void **state)
{
    (void)state;
    struct err e = {""};
    assert_null(lab_config("expiry", "{\"date\":\"soon\"}", &e));
    assert_non_null(strstr(e.text, "expected a day such as 2029-03-01"));
}

static int setup(void **state)
{
    setenv("TZ", "UTC", 1);
    tzset();
    *state = lab_new(false);
    return 0;
}

static int teardown(void **state)
{
    lab_free(*state);
    return 0;
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(counts_days),
        TEST(warns_from_60_and_14_days),
        TEST(no_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
