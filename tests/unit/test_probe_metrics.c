/* The kinds metrics and metric: a page over HTTP, read once, its series judged by the checks of a
 * site. */
#include "core/when.h"
#include "probes/metric.h"
#include "tests/unit/scrape_lab.h"

/* checks: {"id":"a","of":"load"}, one a line, each with "probe" and "from" filled in. */
static char *site_of(const char *checks)
{
    struct buf text = BUF_INIT(0);
    buf_adds(&text,
             "{\"site\":{\"id\":\"x\"},\"targets\":[{\"id\":\"s\",\"checks\":[{\"id\":\"page\","
             "\"probe\":\"metrics\",\"url\":\"http://127.0.0.1:PORT/metrics\"}");
    for (const char *p = checks; *p != '\0'; p++) {
        if (*p == '{' && (p == checks || p[-1] == '\n'))
            buf_adds(&text, ",{\"probe\":\"metric\",\"from\":\"s/page\",");
        else if (*p != '\n')
            buf_addc(&text, *p);
    }
    buf_adds(&text, "]}]}");
    return buf_take(&text);
}

static void open_site(struct field *f, const char *checks)
{
    char *text = site_of(checks);
    field_open(f, text);
    free(text);
}

static void look_at(struct field *f, const char *status, const char *body)
{
    field_look(f, "s/page", status, body);
}

static void look(struct field *f, const char *body)
{
    look_at(f, "200 OK", body);
}

static void expect(const struct field *f, const char *name, enum state state, const char *words)
{
    char id[64];
    snprintf(id, sizeof id, "s/%s", name);
    field_expect(f, id, state, words);
}

static const char *which(const struct field *f, const char *id)
{
    return field_fact(f, id, RESULT_WHICH);
}

/* What node_exporter says, as far as the presets ask. */
static const char node[] =
    "# HELP node_load5 5m load average.\n# TYPE node_load5 gauge\n"
    "node_load5 3\n"
    "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 100\n"
    "node_cpu_seconds_total{cpu=\"0\",mode=\"user\"} 100\n"
    "node_cpu_seconds_total{cpu=\"1\",mode=\"idle\"} 100\n"
    "node_cpu_seconds_total{cpu=\"1\",mode=\"user\"} 100\n"
    "node_memory_MemTotal_bytes 8e+09\n"
    "node_memory_MemAvailable_bytes 2e+09\n"
    "node_filesystem_size_bytes{device=\"a\",fstype=\"ext4\",mountpoint=\"/\"} 100\n"
    "node_filesystem_size_bytes{device=\"b\",fstype=\"xfs\",mountpoint=\"/var\"} 1000\n"
    "node_filesystem_size_bytes{device=\"t\",fstype=\"tmpfs\",mountpoint=\"/run\"} 10\n"
    "node_filesystem_size_bytes{device=\"c\",fstype=\"xfs\",mountpoint=\"/mnt/usb\"} 10\n"
    "node_filesystem_avail_bytes{device=\"a\",fstype=\"ext4\",mountpoint=\"/\"} 60\n"
    "node_filesystem_avail_bytes{device=\"b\",fstype=\"xfs\",mountpoint=\"/var\"} 85\n"
    "node_filesystem_avail_bytes{device=\"t\",fstype=\"tmpfs\",mountpoint=\"/run\"} 0\n"
    "node_filesystem_avail_bytes{device=\"c\",fstype=\"xfs\",mountpoint=\"/mnt/usb\"} 0\n"
    "node_timex_offset_seconds -0.25\n"
    "node_timex_sync_status 1\n"
    "node_systemd_unit_state{name=\"nginx.service\",state=\"failed\"} 1\n"
    "node_systemd_unit_state{name=\"nginx.service\",state=\"active\"} 0\n"
    "node_systemd_unit_state{name=\"cron.service\",state=\"failed\"} 0\n"
    "node_systemd_unit_state{name=\"cron.service\",state=\"active\"} 1\n"
    "node_systemd_unit_state{name=\"sync.timer\",state=\"failed\"} 1\n";

static void presets_say_what_a_duty_asks(void **state)
{
    struct field *f = *state;
    open_site(f,
              "{\"id\":\"load\",\"of\":\"load\"}\n"
              "{\"id\":\"memory\",\"of\":\"memory\"}\n"
              "{\"id\":\"disk\",\"of\":\"disk\",\"where\":\"mountpoint!~'/mnt/.*'\","
              "\"thresholds\":{\"disk\":{\"warning\":80,\"critical\":90}}}\n"
              "{\"id\":\"clock\",\"of\":\"clock\","
              "\"thresholds\":{\"offset_ms\":{\"warning\":100,\"critical\":1000}}}\n"
              "{\"id\":\"sync\",\"of\":\"clock_sync\"}\n"
              "{\"id\":\"units\",\"of\":\"units\",\"thresholds\":{\"failed\":{\"critical\":1}}}\n"
              "{\"id\":\"readonly\",\"of\":\"readonly\"}\n");
    look(f, node);
    expect(f, "page", STATE_OK, "22 series");
    expect(f, "load", STATE_OK, "load: 1.5");
    expect(f, "memory", STATE_OK, "memory: 75 %");
    expect(f, "disk", STATE_CRITICAL, "disk (/var) 91.5 %, critical from 90");
    assert_string_equal(which(f, "s/disk"), "/var");
    expect(f, "clock", STATE_WARNING, "offset_ms 250 ms, warning from 100");
    expect(f, "sync", STATE_OK, "synchronised: 1");
    expect(f, "units", STATE_CRITICAL, "failed (nginx.service, sync.timer) 2, critical from 1");
    expect(f, "readonly", STATE_UNKNOWN,
           "no series node_filesystem_readonly{fstype!~'tmpfs|devtmpfs|ramfs|rootfs|overlay|"
           "squashfs|iso9660|nsfs|autofs|fuse.lxcfs|proc|sysfs|cgroup.*'}");
    assert_int_equal(f->server.connections, 1);
    const struct check *memory = fleet_check(f->site->fleet, "s/memory");
    assert_true(memory->trend.is_value && memory->trend.latency_ms[TREND_LEN - 1] == 75);
    assert_false(fleet_check(f->site->fleet, "s/page")->trend.is_value);
}

/* Each has a name, a metric and series that can be read, and stands among the choices. */
static void presets_are_sound(void **state)
{
    struct field *f = *state;
    struct buf checks = BUF_INIT(0);
    for (size_t i = 0; metric_presets[i].name != NULL; i++) {
        assert_string_equal(metric_preset_names[i + 1], metric_presets[i].name);
        buf_addf(&checks, "{\"id\":\"%s\",\"of\":\"%s\"}\n", metric_presets[i].name,
                 metric_presets[i].name);
    }
    open_site(f, buf_text(&checks));
    look(f, "a 1\n");
    for (size_t i = 0; metric_presets[i].name != NULL; i++) {
        struct buf words = BUF_INIT(0);
        buf_addf(&words, "no series %s", metric_presets[i].series);
        expect(f, metric_presets[i].name, STATE_UNKNOWN, buf_text(&words));
        buf_release(&words);
    }
    buf_release(&checks);
}

static void groups_folds_and_picks(void **state)
{
    struct field *f = *state;
    open_site(f, "{\"id\":\"sum\",\"series\":\"q\",\"pick\":\"sum\",\"by\":\"a\"}\n"
                 "{\"id\":\"max\",\"series\":\"q\",\"by\":[\"a\",\"b\"]}\n"
                 "{\"id\":\"min\",\"series\":\"q\",\"by\":\"a\",\"pick\":\"min\"}\n"
                 "{\"id\":\"mean\",\"series\":\"q\",\"group\":\"mean\"}\n"
                 "{\"id\":\"most\",\"series\":\"q\",\"group\":\"max\",\"metric\":\"most\","
                 "\"unit\":\"jobs\",\"scale\":10}\n"
                 "{\"id\":\"n\",\"series\":\"q\",\"group\":\"count\"}\n"
                 "{\"id\":\"groups\",\"series\":\"q\",\"by\":\"a\",\"pick\":\"count\"}\n"
                 "{\"id\":\"over\",\"series\":\"q\",\"by\":\"b\",\"pick\":\"count\","
                 "\"only\":\">=3\"}\n"
                 "{\"id\":\"share\",\"series\":\"q{b='1'}\",\"per\":\"q\",\"as\":\"percent\"}\n"
                 "{\"id\":\"rest\",\"series\":\"q{b='1'}\",\"per\":\"q\",\"by\":\"a\","
                 "\"as\":\"rest\"}\n");
    look(
        f,
        "q{a=\"x\",b=\"1\"} 1\nq{a=\"x\",b=\"2\"} 2\nq{a=\"y\",b=\"1\"} 3\nq{a=\"y\",b=\"3\"} 4\n");
    expect(f, "sum", STATE_OK, "value: 10");
    expect(f, "max", STATE_OK, "value (y, 3): 4");
    expect(f, "min", STATE_OK, "value (x): 3");
    expect(f, "mean", STATE_OK, "value: 2.5");
    expect(f, "most", STATE_OK, "most: 40 jobs");
    expect(f, "n", STATE_OK, "value: 4");
    expect(f, "groups", STATE_OK, "value: 2");
    expect(f, "over", STATE_OK, "value (1, 3): 2");
    expect(f, "share", STATE_OK, "value: 40 %");
    expect(f, "rest", STATE_OK, "value (x): 0.6667");
}

/* A counter says nothing at the first look, nor when it began anew: then the state before stays. */
static void rates_need_two_looks(void **state)
{
    struct field *f = *state;
    open_site(f, "{\"id\":\"cpu\",\"of\":\"cpu\","
                 "\"thresholds\":{\"cpu\":{\"warning\":80,\"critical\":95}}}\n"
                 "{\"id\":\"rx\",\"series\":\"rx\",\"by\":\"d\",\"rate\":true,\"unit\":\"B/s\"}\n");
    look(f, node);
    expect(f, "cpu", STATE_PENDING, "");
    look(f, "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 101\n"
            "node_cpu_seconds_total{cpu=\"0\",mode=\"user\"} 109\n"
            "node_cpu_seconds_total{cpu=\"1\",mode=\"idle\"} 101\n"
            "node_cpu_seconds_total{cpu=\"1\",mode=\"user\"} 109\n"
            "rx{d=\"a\"} 10\nrx{d=\"b\"} 10\n");
    expect(f, "cpu", STATE_WARNING, "cpu 90 %, warning from 80");
    expect(f, "rx", STATE_UNKNOWN, "no series rx"); /* of the look before: this one says nothing */
    look(f, "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 1\n"
            "node_cpu_seconds_total{cpu=\"0\",mode=\"user\"} 1\n"
            "rx{d=\"a\"} 10\nrx{d=\"b\"} 1e9\nrx{d=\"c\"} 1e12\n");
    expect(f, "cpu", STATE_WARNING, "cpu 90 %, warning from 80");
    assert_string_equal(which(f, "s/rx"), "b");
    assert_true(field_metric(f, "s/rx", "value") > 0);
}

static void ages_and_stamps(void **state)
{
    struct field *f = *state;
    char page[256];
    long long now_s = loop_wall_ms(NULL) / 1000;
    open_site(f, "{\"id\":\"text\",\"of\":\"textfile\","
                 "\"thresholds\":{\"age_s\":{\"critical\":3600}}}\n"
                 "{\"id\":\"old\",\"series\":\"old\"}\n{\"id\":\"new\",\"series\":\"new\"}\n"
                 "{\"id\":\"job\",\"series\":\"job\",\"as\":\"age\"}\n");
    snprintf(page, sizeof page,
             "node_textfile_mtime_seconds{file=\"a.prom\"} %lld\n"
             "node_textfile_mtime_seconds{file=\"b.prom\"} %lld\n"
             "old 1 %lld000\nnew 1 %lld\njob %lld\n",
             now_s - 60, now_s - 7200, now_s - 600, now_s - 10, now_s - 300);
    look(f, page);
    const struct check *text = fleet_check(f->site->fleet, "s/text");
    assert_int_equal(text->live.state, STATE_CRITICAL);
    assert_string_equal(which(f, "s/text"), "b.prom");
    assert_true(field_metric(f, "s/text", "age_s") >= 7200 &&
                field_metric(f, "s/text", "age_s") < 7300);
    expect(f, "old", STATE_UNKNOWN, "the value of old is old, by its time stamp");
    expect(f, "new", STATE_OK, "value: 1");
    expect(f, "job", STATE_OK, "age_s: 5m");
}

static void what_is_not_there_is_told(void **state)
{
    struct field *f = *state;
    open_site(f, "{\"id\":\"a\",\"series\":\"a\"}\n"
                 "{\"id\":\"c\",\"series\":\"a\",\"absent\":\"critical\"}\n"
                 "{\"id\":\"o\",\"series\":\"a\",\"absent\":\"ok\"}\n"
                 "{\"id\":\"nan\",\"series\":\"b\"}\n"
                 "{\"id\":\"zero\",\"series\":\"d\",\"per\":\"z\"}\n"
                 "{\"id\":\"per\",\"series\":\"d\",\"per\":\"a\"}\n"
                 "{\"id\":\"alone\",\"series\":\"d\",\"per\":\"e\",\"by\":\"x\"}\n"
                 "{\"id\":\"slow\",\"series\":\"e{x=~'(a+)+'}\"}\n");
    look(f, "b NaN\nd 1\nz 0\ne{x=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"} 1\n");
    expect(f, "a", STATE_UNKNOWN, "no series a");
    expect(f, "c", STATE_CRITICAL, "no series a");
    expect(f, "o", STATE_OK, "no series a");
    expect(f, "nan", STATE_UNKNOWN, "b is no number (NaN, Inf)");
    expect(f, "zero", STATE_UNKNOWN, "z is 0, nothing can be a share of it");
    expect(f, "per", STATE_UNKNOWN, "no series a");
    expect(f, "alone", STATE_UNKNOWN, "no series of e goes with one of d");
    expect(f, "slow", STATE_UNKNOWN, "a pattern of e{x=~'(a+)+'} takes too long");
}

static void too_many_groups(void **state)
{
    struct field *f = *state;
    struct buf page = BUF_INIT(0);
    open_site(f, "{\"id\":\"n\",\"series\":\"q\",\"by\":\"i\"}\n");
    for (int i = 0; i <= GATHER_GROUPS_MAX; i++)
        buf_addf(&page, "q{i=\"%d\"} 1\n", i);
    look(f, buf_text(&page));
    expect(f, "n", STATE_UNKNOWN, "q has more than 1024 groups");
    buf_release(&page);
}

/* A page that is none feeds nobody; one careless line is told, and the others count. */
static void a_bad_page_is_the_sources(void **state)
{
    struct field *f = *state;
    open_site(f, "{\"id\":\"a\",\"series\":\"a\"}\n");
    look(f, "<html>Sign in</html>");
    expect(f, "page", STATE_CRITICAL, "line 1 of the page: expected the name of a series");
    look(f, "");
    expect(f, "page", STATE_CRITICAL, "the page has no series");
    look_at(f, "401 Unauthorized", "a 1\n");
    expect(f, "page", STATE_CRITICAL, "HTTP 401, expected 200");
    expect(f, "a", STATE_PENDING, "");
    look(f, "a 1\nb one\n");
    expect(f, "page", STATE_WARNING, "line 2 of the page: expected a number");
    expect(f, "a", STATE_OK, "value: 1");
    look(f, "a 1\na 7\n");
    expect(f, "page", STATE_WARNING, "line 2 of the page: that series stands there already");
    expect(f, "a", STATE_OK, "value: 1");
}

static void hostile_labels_are_cleaned(void **state)
{
    struct field *f = *state;
    open_site(f, "{\"id\":\"a\",\"series\":\"a\",\"by\":\"x\"}\n");
    look(f, "a{x=\"\x1b[31m\xff\xe2\x80\xae\"} 1\n");
    expect(f, "a", STATE_OK, "value (\\x1b[31m\\xff<U+202E>): 1");
}

static void expect_refused(struct field *f, const char *checks, const char *words)
{
    char *text = site_of(checks);
    field_refuses(f, text, words);
    free(text);
}

static void refuses_what_makes_no_sense(void **state)
{
    struct field *f = *state;
    expect_refused(f, "{\"id\":\"a\"}\n",
                   "expected \"series\", or \"of\" with the name of a preset");
    expect_refused(f, "{\"id\":\"a\",\"of\":\"load\",\"rate\":true}\n",
                   "\"of\" is \"load\", which says what to take; \"where\", \"scale\", \"metric\" "
                   "and \"unit\" can go with it, no more");
    expect_refused(f, "{\"id\":\"a\",\"series\":\"a\",\"only\":\">0\"}\n",
                   "\"only\" goes with \"pick\": \"count\"");
    expect_refused(f, "{\"id\":\"a\",\"series\":\"a\",\"pick\":\"count\",\"only\":\"many\"}\n",
                   "only: found \"many\", expected a comparison such as \">0\"");
    expect_refused(f, "{\"id\":\"a\",\"series\":\"a{\"}\n",
                   "series: found \"\", expected a condition such as job=\"x\" (=, !=, =~, !~)");
    expect_refused(f, "{\"id\":\"a\",\"series\":\"a\",\"metric\":\"x y\"}\n",
                   "metric: found \"x y\", expected a name: letters, digits, \"_.:-\"");
    expect_refused(f, "{\"id\":\"a\",\"series\":\"a\",\"unit\":\"\\u001f\"}\n",
                   "unit: found control signs in it, expected plain text");
    expect_refused(f, ",{\"id\":\"a\",\"probe\":\"row\",\"from\":\"s/page\"}",
                   "check \"a\" of kind row is fed by \"s/page\" of kind metrics, which feeds kind "
                   "metric only");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(presets_say_what_a_duty_asks, field_setup, field_teardown),
        cmocka_unit_test_setup_teardown(presets_are_sound, field_setup, field_teardown),
        cmocka_unit_test_setup_teardown(groups_folds_and_picks, field_setup, field_teardown),
        cmocka_unit_test_setup_teardown(rates_need_two_looks, field_setup, field_teardown),
        cmocka_unit_test_setup_teardown(ages_and_stamps, field_setup, field_teardown),
        cmocka_unit_test_setup_teardown(what_is_not_there_is_told, field_setup, field_teardown),
        cmocka_unit_test_setup_teardown(too_many_groups, field_setup, field_teardown),
        cmocka_unit_test_setup_teardown(a_bad_page_is_the_sources, field_setup, field_teardown),
        cmocka_unit_test_setup_teardown(hostile_labels_are_cleaned, field_setup, field_teardown),
        cmocka_unit_test_setup_teardown(refuses_what_makes_no_sense, field_setup, field_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
