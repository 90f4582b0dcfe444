/* Alerts and the two clocks: what counts is monotonic, what is agreed is wall time (TI1). */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/clock.h"
#include "tests/unit/alert_world.h"

static void anchor(struct world *w)
{
    alert_anchor(w->f, fleet_alert(w->f, 1), now(w));
}

/* As an engine lives it: each event is tied to its clock, and the wall clock may be moved. */
static void test_clocks(void **state)
{
    (void)state;
    struct world w;
    struct event e;
    begin(&w);
    see(&w, STATE_OK);
    reconcile(&w);
    see(&w, STATE_WARNING);
    reconcile(&w);
    anchor(&w);
    const struct alert *a = fleet_alert(w.f, 1);
    struct request ack = ask(REQUEST_ACK, 1, "seen it"), extend = ask(REQUEST_EXTEND, 1, NULL);
    ack.until_ms = now(&w).wall_ms + 3600000;
    check_granted(&w, &ack);
    anchor(&w);
    struct moment later = now(&w), moved = now(&w);
    moved.wall_ms += 2 * 3600000; /* a clock that is moved ends nothing */
    assert_false(alert_expire(w.f, a, moved, &e));
    assert_int_equal(alert_age_ms(a, moved), alert_age_ms(a, now(&w))); /* nor is anything older */
    assert_int_equal(alert_age_ms(a, now(&w)), now(&w).wall_ms - a->opened_at_ms);
    moved.mono_ms += 90000;
    assert_int_equal(alert_age_ms(a, moved), alert_age_ms(a, now(&w)) + 90000);
    extend.until_ms = now(&w).wall_ms + 2 * 3600000;
    check_granted(&w, &extend);
    anchor(&w);
    later.mono_ms += 3600000;
    assert_false(alert_expire(w.f, a, later, &e));
    later.mono_ms += 3600000;
    assert_true(alert_expire(w.f, a, later, &e));
    event_release(&e);

    w.s += 600; /* ten minutes in somebody's hands do not count */
    see(&w, STATE_CRITICAL);
    reconcile(&w); /* worse: the acknowledgement has ended */
    anchor(&w);
    assert_null(a->ack.by);
    assert_true(clock_counted(w.f, a, now(&w).mono_ms) < 60000);
    w.s += 60;
    assert_true(clock_counted(w.f, a, now(&w).mono_ms) >= 60000);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_clocks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
