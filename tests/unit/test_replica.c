/* replica.h: no two states of a standby look alike, and what is not known is never shown as zero.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "probes/replica.h"

static const struct replica_limits limits = {10, 60, 40, 60};

/* Nothing wrong, an idle primary: its last transaction is a day old. */
static struct replica_view well(void)
{
    return (struct replica_view){
        .standby = {.is_linked = true,
                    .status = "streaming",
                    .timeline = "1",
                    .received_b = 83886176,
                    .replayed_b = 83886176,
                    .known_b = 83886176,
                    .replay_age_s = 86400,
                    .message_age_s = 2.4},
        .primary = {.has_sender = true,
                    .state = "streaming",
                    .sync_state = "async",
                    .written_b = 83886176,
                    .reply_age_s = 0.8},
        .has_primary = true,
        .standby_role = "console",
        .primary_role = "console",
    };
}

struct expected {
    enum state state;
    const char *words;
    double bytes, seconds; /* NAN: left out */
};

static double metric(const struct result *r, const char *name)
{
    for (size_t i = 0; i < r->n_metrics; i++)
        if (strcmp(r->metrics[i].name, name) == 0)
            return r->metrics[i].value;
    return NAN;
}

static bool is_same(double a, double b)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) < 1e-6;
}

static void expect(struct replica_view v, struct expected e, const char *link, const char *replay)
{
    struct result r = {.latency_ms = -1};
    struct buf words = BUF_INIT(TEXT_MAX_STORED);
    replica_judge(&v, &limits, &r);
    say_text(&words, r.summary, NULL);
    if (r.state != e.state || strcmp(buf_text(&words), e.words) != 0)
        fail_msg("found %s \"%s\", expected %s \"%s\"", state_rows[r.state].name, buf_text(&words),
                 state_rows[e.state].name, e.words);
    if (!is_same(metric(&r, "lag_bytes"), e.bytes) || !is_same(metric(&r, "lag_s"), e.seconds))
        fail_msg("\"%s\": lag_bytes %g, lag_s %g, expected %g, %g", e.words,
                 metric(&r, "lag_bytes"), metric(&r, "lag_s"), e.bytes, e.seconds);
    if (link != NULL) {
        assert_string_equal(result_fact_value(&r, "link"), link);
        assert_string_equal(result_fact_value(&r, "replay"), replay);
    }
    buf_release(&words);
    result_release(&r);
}

static void an_idle_pair_is_well(void **state)
{
    struct replica_view v = well();
    (void)state;
    expect(v, (struct expected){STATE_OK, "streaming; 0 B and 0 s behind", 0, 0}, "streaming",
           "running");
    v.has_primary = false; /* asked alone */
    expect(v, (struct expected){STATE_OK, "streaming; 0 B and 0 s behind", 0, 0}, "streaming",
           "running");
}

/* It has replayed all that it received, and that says nothing. */
static void a_broken_link_is_not_idle(void **state)
{
    struct replica_view v = well();
    (void)state;
    v.standby.is_linked = false;
    v.standby.status = NULL;
    v.standby.known_b = v.standby.message_age_s = NAN;
    v.primary.has_sender = false;
    v.primary.written_b += 3 << 20;
    expect(
        v,
        (struct expected){STATE_CRITICAL,
                          "disconnected from its primary; last transaction 1d ago, 3.0 MiB behind",
                          3 << 20, NAN},
        "disconnected", "running");
    v.has_primary = false;
    v.primary_failure = "connection refused";
    expect(v,
           (struct expected){STATE_CRITICAL,
                             "disconnected from its primary; last transaction 1d ago, ? behind",
                             NAN, NAN},
           "disconnected", "running");
}

/* The primary stands still: its link is there, what was received is replayed. */
static void a_silent_primary_is_not_idle(void **state)
{
    struct replica_view v = well();
    (void)state;
    v.has_primary = false;
    v.standby.message_age_s = 45;
    expect(v,
           (struct expected){STATE_WARNING,
                             "nothing from the primary for 45s: what is behind is not known", NAN,
                             NAN},
           "streaming", "running");
    v.standby.message_age_s = 61;
    expect(v,
           (struct expected){STATE_CRITICAL,
                             "nothing from the primary for 1m1s: what is behind is not known", NAN,
                             NAN},
           "streaming", "running");
}

static void a_silent_standby_is_said_by_the_primary(void **state)
{
    struct replica_view v = well();
    (void)state;
    v.primary.reply_age_s = 50;
    expect(v,
           (struct expected){STATE_WARNING, "the primary has not heard from this standby for 50s",
                             0, 0},
           "streaming", "running");
}

static void a_pause_is_told_with_what_is_behind(void **state)
{
    struct replica_view v = well();
    (void)state;
    v.standby.is_paused = true;
    expect(v, (struct expected){STATE_WARNING, "replay is paused; 0 B and 0 s behind", 0, 0},
           "streaming", "paused");
    v.standby.received_b = v.standby.known_b = v.primary.written_b += 20 << 20;
    v.standby.replay_age_s = 4.1;
    expect(v,
           (struct expected){STATE_WARNING, "replay is paused; 20 MiB and 4.1 s behind", 20 << 20,
                             4.1},
           "streaming", "paused");
    v.standby.replay_age_s = 75;
    expect(v,
           (struct expected){STATE_CRITICAL, "replay is paused; 20 MiB and 1m15s behind", 20 << 20,
                             75},
           "streaming", "paused");
}

static void a_slow_replay_is_late(void **state)
{
    struct replica_view v = well();
    (void)state;
    v.standby.received_b = v.standby.known_b = v.primary.written_b += 1000;
    v.standby.replay_age_s = 12;
    expect(v,
           (struct expected){STATE_WARNING, "1000 B and 12s behind; link streaming, replay running",
                             1000, 12},
           "streaming", "running");
    v.standby.replay_age_s = 60;
    expect(v,
           (struct expected){STATE_CRITICAL, "1000 B and 1m behind; link streaming, replay running",
                             1000, 60},
           "streaming", "running");
}

/* NULL columns are a missing right, and never zero lag. */
static void a_role_that_may_not_see_is_named(void **state)
{
    struct replica_view v = well();
    (void)state;
    v.standby.status = v.standby.timeline = NULL;
    v.standby.known_b = v.standby.message_age_s = NAN;
    v.standby_role = "plain";
    v.has_primary = false;
    expect(v,
           (struct expected){STATE_UNKNOWN,
                             "the role plain may not see pg_stat_wal_receiver: GRANT pg_monitor "
                             "TO plain shows it",
                             NAN, NAN},
           "?", "running");
    v = well();
    v.primary.state = v.primary.sync_state = NULL;
    v.primary.reply_age_s = NAN;
    v.primary_role = "plain";
    expect(v,
           (struct expected){STATE_UNKNOWN,
                             "the role plain may not see pg_stat_replication: GRANT pg_monitor TO "
                             "plain shows it",
                             0, 0},
           "streaming", "running");
}

static void roles_are_not_mixed(void **state)
{
    struct replica_view v = well();
    (void)state;
    v.standby.is_primary = true;
    expect(v, (struct expected){STATE_CRITICAL, "both are primaries: it follows nobody", NAN, NAN},
           NULL, NULL);
    v.has_primary = false;
    expect(v, (struct expected){STATE_CRITICAL, "it is a primary, expected a standby", NAN, NAN},
           NULL, NULL);
    v = well();
    v.primary.is_standby = true;
    expect(v, (struct expected){STATE_CRITICAL, "what is given as its primary is a standby", 0, 0},
           "streaming", "running");
    v = well();
    v.primary.has_sender = false;
    expect(v, (struct expected){STATE_CRITICAL, "the primary sends nothing to this standby", 0, 0},
           "streaming", "running");
}

static void a_primary_that_is_gone_is_said(void **state)
{
    struct replica_view v = well();
    (void)state;
    v.has_primary = false;
    v.primary_failure = "connection refused";
    expect(v,
           (struct expected){STATE_WARNING,
                             "its primary cannot be asked; by the standby 0 B and 0 s behind, link "
                             "streaming",
                             0, 0},
           "streaming", "running");
    v = well();
    v.standby.status = "stop\x1b[31mping";
    expect(v,
           (struct expected){STATE_WARNING, "the receiver is stop\\x1b[31mping; 0 B and 0 s behind",
                             0, 0},
           "stop\\x1b[31mping", "running");
    v = well();
    v.primary.state = "catchup";
    expect(v, (struct expected){STATE_WARNING, "the primary's sender is in state catchup", 0, 0},
           "streaming", "running");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_pair_is_well),
        cmocka_unit_test(a_broken_link_is_not_idle),
        cmocka_unit_test(a_silent_primary_is_not_idle),
        cmocka_unit_test(a_silent_standby_is_said_by_the_primary),
        cmocka_unit_test(a_pause_is_told_with_what_is_behind),
        cmocka_unit_test(a_slow_replay_is_late),
        cmocka_unit_test(a_role_that_may_not_see_is_named),
        cmocka_unit_test(roles_are_not_mixed),
        cmocka_unit_test(a_primary_that_is_gone_is_said),
    };
    return cmocka_run_group_tests_name("replica", tests, NULL, NULL);
}
