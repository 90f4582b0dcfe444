/* Site files: a good one resolved; every bad one in tests/site against its exact list of mistakes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/mem.h"
#include "engine/site.h"

#define DIR_OF_CASES "tests/site/"

/* Kinds of our own, so that the lists of mistakes do not move with the real ones. */
struct web {
    char *url, *password;
    int method;
    struct option_ints status;
    char *body;
    struct option_tests json;
    struct option_pairs metrics, headers;
    int64_t max_body;
};
#define ROW(field) .offset = offsetof(struct web, field)
static const char *const methods[] = {"GET", "POST", NULL};
static const struct option expect_options[] = {{.name = "status",
                                                .type = OPTION_INTS,
                                                ROW(status),
                                                .min = 100,
                                                .max = 599,
                                                .fallback = "[200]"},
                                               {.name = "body", .type = OPTION_STRING, ROW(body)},
                                               {.name = "json", .type = OPTION_TESTS, ROW(json)},
                                               {0}};
static const struct option web_options[] = {
    {.name = "url",
     .type = OPTION_STRING,
     ROW(url),
     .flags = OPTION_REQUIRED,
     .help = "what to ask for"},
    {.name = "method", .type = OPTION_CHOICE, ROW(method), .choices = methods},
    {.name = "expect", .type = OPTION_GROUP, .rows = expect_options},
    {.name = "metrics", .type = OPTION_POINTERS, ROW(metrics)},
    {.name = "headers", .type = OPTION_PAIRS, ROW(headers)},
    {.name = "password", .type = OPTION_SECRET, ROW(password)},
    {.name = "max_body",
     .type = OPTION_SIZE,
     ROW(max_body),
     .min = 1,
     .max = 1 << 20,
     .fallback = "\"64KiB\""},
    {0}};
static bool web_configure(void *config, struct err *e)
{
    struct web *w = config;
    return strstr(w->url, "://") != NULL || err_set(e, "url \"%s\" has no scheme", w->url);
}
static const struct probe_type web_type = {.name = "http",
                                           .options = web_options,
                                           .config_size = sizeof(struct web),
                                           .configure = web_configure};

struct port {
    char *host;
    int64_t port;
};
static const struct option port_options[] = {{.name = "host",
                                              .type = OPTION_STRING,
                                              .offset = offsetof(struct port, host),
                                              .fallback = "\"x\""},
                                             {.name = "port",
                                              .type = OPTION_INT,
                                              .offset = offsetof(struct port, port),
                                              .flags = OPTION_REQUIRED,
                                              .min = 1,
                                              .max = 65535},
                                             {0}};
static const struct probe_type port_type = {
    .name = "tcp", .options = port_options, .config_size = sizeof(struct port)};

const struct probe_type *const probe_types[] = {&web_type, &port_type, NULL};
const struct probe_type *probe_find(const char *name)
{
    for (size_t i = 0; probe_types[i] != NULL; i++)
        if (strcmp(probe_types[i]->name, name) == 0)
            return probe_types[i];
    return NULL;
}

/* --- helpers -------------------------------------------------------------------------------- */

static struct site *load(const char *path, const struct site_vars *set)
{
    struct site_errors errors = {0};
    struct site *s = site_load(path, set, &errors);
    site_errors_print(&errors, stderr);
    assert_int_equal(errors.n, 0);
    assert_non_null(s);
    site_errors_release(&errors);
    return s;
}

static const struct web *web_of(const struct site *s, const char *check)
{
    const struct check *c = fleet_check(s->fleet, check);
    assert_non_null(c);
    const struct check_spec *spec = c->spec;
    assert_ptr_equal(spec->type, &web_type);
    assert_ptr_equal(spec->check, c);
    return spec->config;
}

/* A file of our own in a fresh folder; the text is written as it stands. */
static char *write_file(const char *dir, const char *name, const char *text, mode_t mode)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
    return mem_strdup(path);
}

/* --- good files ----------------------------------------------------------------------------- */

static void a_good_file_is_resolved(void **state)
{
    (void)state;
    struct site *s = load(DIR_OF_CASES "good.json", NULL);
    const struct fleet *f = s->fleet;
    assert_string_equal(s->id, "demo");
    assert_string_equal(s->store, "sqlite:demo.db");
    assert_string_equal(f->site_name.vi, "Cổng mẫu");
    assert_string_equal(f->language, "vi");
    assert_true(f->is_sample);
    assert_int_equal(f->n_groups, 2);
    assert_int_equal(f->n_targets, 6);
    assert_string_equal(f->targets[1]->id, "web-02");
    const struct target *t = fleet_target(f, "web-03");
    assert_string_equal(t->address, "127.9.0.3");
    assert_string_equal(t->group, "half-a");
    assert_string_equal(target_label(t, "role"), "web");
    assert_string_equal(target_label(t, "half"), "a"); /* from the group */
    assert_int_equal(t->n_parents, 1);
    assert_string_equal(t->parents[0], "sw-a");
    assert_string_equal(t->name.en, "Web web-03");
    assert_int_equal(t->n_checks, 3); /* two of its own, one of the group */
    const struct web *w = web_of(s, "web-03/http");
    assert_string_equal(w->url, "http://127.9.0.3:8080/health?role=web&id=web-03&x=${y}");
    assert_int_equal(w->status.n, 2);
    assert_int_equal(w->json.n, 3);
    assert_int_equal(w->json.v[1].op, TEST_GE);
    assert_int_equal(w->max_body, 2048);
    assert_int_equal(w->headers.n, 1);
    site_free(s);
}

static void timing_is_inherited(void **state)
{
    (void)state;
    struct site *s = load(DIR_OF_CASES "good.json", NULL);
    const struct check *own = fleet_check(s->fleet, "web-01/http");
    assert_int_equal(own->rule.interval_ms, 5000); /* the check */
    assert_int_equal(own->rule.retry_ms, 1000);    /* the target */
    assert_int_equal(own->rule.timeout_ms, 2500);  /* the group */
    assert_int_equal(own->rule.attempts, 4);       /* the defaults */
    assert_int_equal(own->rule.ok_confirm, 2);     /* nobody */
    assert_int_equal(own->priority, PRIORITY_P2);
    const struct check *other = fleet_check(s->fleet, "sw-a/tcp");
    assert_int_equal(other->rule.interval_ms, 8000);
    assert_int_equal(other->rule.retry_ms, 8000); /* not longer than the interval */
    assert_int_equal(other->rule.timeout_ms, 5000);
    assert_int_equal(other->priority, PRIORITY_P3);
    const struct check_spec *spec = own->spec;
    assert_int_equal(spec->thresholds.n, 2);
    assert_string_equal(spec->thresholds.v[0].metric, "latency_ms");
    assert_true(spec->thresholds.v[1].is_below);
    assert_null(spec->windows); /* each result by itself */
    const struct check_spec *windowed = fleet_check(s->fleet, "sw-a/tcp")->spec;
    assert_int_equal(windowed->thresholds.v[0].over_ms, 15 * 60 * 1000);
    assert_int_equal(windowed->thresholds.v[0].stat, STAT_P95);
    assert_int_equal(windowed->thresholds.v[0].for_ms, 5 * 60 * 1000);
    assert_non_null(windowed->windows);
    site_free(s);
}

static void what_a_site_says_of_itself_is_kept(void **state)
{
    (void)state;
    struct site *s = load(DIR_OF_CASES "good.json", NULL);
    const struct about *a = &s->fleet->about;
    assert_int_equal(s->fleet->n_shifts, 1);
    assert_string_equal(s->fleet->shifts[0].name.en, "Shift 1");
    assert_int_equal(s->fleet->shifts[0].start, 22 * 60);
    assert_int_equal(s->fleet->shifts[0].end, 6 * 60);
    assert_int_equal(s->notes.n, 1); /* 06:00 to 22:00 */
    assert_string_equal(s->notes.v[0].what, "from 06:00 to 22:00 nobody is on duty");
    assert_int_equal(a->n_orgs, 2);
    const struct org *org = about_org(a, "btp");
    assert_string_equal(org->abbr, "BTP");
    assert_string_equal(org->name.vi, "Bộ Tư pháp");
    assert_int_equal(org->kind, ORG_MINISTRY);
    assert_null(about_org(a, "ttdl")->abbr);
    assert_null(about_org(a, "bt"));
    assert_string_equal(fleet_target(s->fleet, "sw-a")->org, "ttdl");
    assert_int_equal(a->n_phases, 2);
    assert_int_equal(phase_state(&a->phases[0], "2026-03-05"), PHASE_DONE); /* it is said */
    assert_int_equal(phase_state(&a->phases[1], "2026-03-31"), PHASE_PLANNED);
    assert_int_equal(phase_state(&a->phases[1], "2026-04-01"), PHASE_RUNNING);
    assert_int_equal(phase_state(&a->phases[1], "2031-01-01"), PHASE_RUNNING); /* no end */
    size_t done, all = fleet_count_total(s->fleet, &a->totals[0], &done);
    assert_int_equal(a->totals[0].total, 5);
    assert_int_equal(all, 4); /* web-01 to web-04; db has another half */
    assert_int_equal(done, 4);
    fleet_target(s->fleet, "web-02")->link = LINK_TESTING;
    assert_int_equal(fleet_count_total(s->fleet, &a->totals[0], &done), 4);
    assert_int_equal(done, 3);
    site_free(s);
}

static void overlay_and_set_win(void **state)
{
    (void)state;
    struct site_vars set = {0};
    struct err e;
    assert_true(site_vars_add(&set, "port=19999", &e));
    struct site *s = load(DIR_OF_CASES "overlay.json", &set);
    assert_string_equal(fleet_target(s->fleet, "web-02")->address, "127.8.8.12");
    assert_string_equal(web_of(s, "web-02/http")->url,
                        "http://127.8.8.12:19999/health?role=web&id=web-02&x=${y}");
    assert_int_equal(fleet_check(s->fleet, "web-02/http")->rule.interval_ms, 2000);
    assert_int_equal(fleet_check(s->fleet, "db/http")->rule.interval_ms, 2000);
    assert_string_equal(fleet_target(s->fleet, "db")->address, "db.example");
    assert_true(fleet_target(s->fleet, "db")->is_test);
    /* a name may stand for what is said of another target, and for other names */
    assert_string_equal(web_of(s, "lb/http")->url, "http://127.8.8.12:19999/v2");
    assert_null(fleet_check(s->fleet, "web-03/port"));
    assert_non_null(fleet_check(s->fleet, "web-03/http"));
    assert_non_null(fleet_check(s->fleet, "web-02/port"));
    site_free(s);
    assert_false(site_vars_add(&set, "no value", &e));
    site_vars_release(&set);
}

static void the_hash_follows_the_content(void **state)
{
    (void)state;
    struct site_vars set = {0};
    struct site *a = load(DIR_OF_CASES "good.json", NULL),
                *b = load(DIR_OF_CASES "good.json", NULL);
    assert_true(site_vars_add(&set, "port=8081", NULL));
    struct site *c = load(DIR_OF_CASES "good.json", &set);
    assert_string_equal(a->hash, b->hash);
    assert_string_not_equal(a->hash, c->hash);
    assert_int_equal(strlen(a->hash), 64);
    site_free(a);
    site_free(b);
    site_free(c);
    site_vars_release(&set);
}

static void site_json_has_the_promised_shape(void **state)
{
    (void)state;
    struct site *s = load(DIR_OF_CASES "good.json", NULL);
    struct jval *doc = site_json(s);
    assert_string_equal(jval_get_str(doc, "schema"), "trucban/site-resolved/1");
    assert_string_equal(jval_str(jval_pointer(doc, "/site/id")), "demo");
    assert_string_equal(jval_str(jval_pointer(doc, "/targets/0/kind")), "server");
    assert_string_equal(jval_str(jval_pointer(doc, "/targets/0/labels/role")), "web");
    assert_string_equal(jval_str(jval_pointer(doc, "/targets/0/checks/0/id")), "web-01/port");
    assert_string_equal(jval_str(jval_pointer(doc, "/targets/0/checks/1/probe")), "http");
    assert_int_equal(jval_len(jval_get(doc, "targets")), 6);
    assert_string_equal(jval_str(jval_pointer(doc, "/orgs/0/name/en")), "Ministry of Justice");
    assert_int_equal(jval_type(jval_pointer(doc, "/phases/1/state")), JVAL_NULL);
    assert_string_equal(jval_str(jval_pointer(doc, "/totals/0/labels/role")), "web");
    jval_free(doc);
    site_free(s);
}

static void the_schema_knows_every_key(void **state)
{
    (void)state;
    struct jval *doc = site_schema();
    const struct jval *web = jval_pointer(doc, "/$defs/check/allOf/0/then");
    assert_string_equal(
        jval_str(jval_pointer(doc, "/$defs/check/allOf/0/if/properties/probe/const")), "http");
    assert_string_equal(jval_str(jval_pointer(doc, "/$defs/check/properties/probe/enum/0")),
                        "http");
    assert_string_equal(jval_str(jval_pointer(web, "/properties/url/description")),
                        "what to ask for");
    assert_string_equal(jval_str(jval_pointer(web, "/properties/interval/default")), "30s");
    assert_int_equal(jval_len(jval_get(web, "required")), 2); /* probe, url */
    assert_non_null(jval_pointer(web, "/properties/expect/properties/status"));
    assert_non_null(jval_pointer(doc, "/$defs/target/properties/checks"));
    assert_null(jval_pointer(doc, "/$defs/overlay/properties/checks"));
    assert_int_equal(jval_len(jval_pointer(doc, "/$defs/total/required")), 5);
    assert_string_equal(jval_str(jval_pointer(doc, "/properties/orgs/items/$ref")), "#/$defs/org");
    jval_free(doc);
}

/* --- bad files ------------------------------------------------------------------------------ */

static char *read_text(const char *path)
{
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    char *text = mem_alloc(65536);
    size_t n = fread(text, 1, 65535, f);
    text[n] = '\0';
    fclose(f);
    return text;
}

/* NAME.json must give exactly the lines of NAME.txt. */
static void bad(const char *name)
{
    char path[256], *told = NULL;
    size_t len = 0;
    struct site_errors errors = {0};
    snprintf(path, sizeof path, DIR_OF_CASES "%s.json", name);
    assert_null(site_load(path, NULL, &errors));
    FILE *f = open_memstream(&told, &len);
    site_errors_print(&errors, f);
    fclose(f);
    snprintf(path, sizeof path, DIR_OF_CASES "%s.txt", name);
    char *wanted = read_text(path);
    assert_string_equal(told, wanted);
    free(told);
    free(wanted);
    site_errors_release(&errors);
}

static void bad_files_tell_all_their_mistakes(void **state)
{
    (void)state;
    static const char *const names[] = {
        "bad-syntax",   "bad-keys",       "bad-values",    "bad-ranges",      "bad-names",
        "bad-parents",  "bad-include",    "bad-duplicate", "bad-overlay",     "bad-secret",
        "bad-json-key", "bad-deep",       "bad-about",     "bad-about-lists", "bad-failover",
        "bad-roles",    "bad-escalation", "bad-shifts"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        bad(names[i]);
}

static void told(const char *path, const char *part)
{
    struct site_errors errors = {0};
    assert_null(site_load(path, NULL, &errors));
    assert_int_equal(errors.n, 1);
    if (strstr(errors.v[0].what, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", errors.v[0].what, part);
    site_errors_release(&errors);
}

static void files_that_others_can_write_are_refused(void **state)
{
    (void)state;
    char dir[] = "/tmp/trucban-test-site-XXXXXX";
    assert_non_null(mkdtemp(dir));
    char *path = write_file(dir, "s.json", "{\"site\":{\"id\":\"x\"}}", 0666);
    told(path, "found mode 0666");
    assert_int_equal(chmod(path, 0644), 0);
    struct site *s = load(path, NULL);
    site_free(s);
    unlink(path);
    told(path, "No such file");
    told(dir, "not a regular file");
    free(path);
    rmdir(dir);
}

static void secrets_come_from_private_files(void **state)
{
    (void)state;
    char dir[] = "/tmp/trucban-test-site-XXXXXX";
    assert_non_null(mkdtemp(dir));
    char *secret = write_file(dir, "word", "s3cret\n", 0600), text[1024];
    snprintf(text, sizeof text,
             "{\"site\":{\"id\":\"x\"},\"targets\":[{\"id\":\"t\",\"checks\":[{\"probe\":\"http\","
             "\"url\":\"http://t/\",\"password\":{\"file\":\"%s\"}}]}]}",
             secret);
    char *path = write_file(dir, "s.json", text, 0644);
    struct site *s = load(path, NULL);
    assert_string_equal(web_of(s, "t/http")->password, "s3cret");
    struct jval *doc = site_json(s);
    struct buf out = BUF_INIT(0);
    jval_dump(&out, doc, 0);
    assert_null(strstr(buf_text(&out), "s3cret"));
    buf_release(&out);
    jval_free(doc);
    site_free(s);
    assert_int_equal(chmod(secret, 0644), 0);
    told(path, "others must have no right");
    unlink(secret); /* not there yet: no mistake, and the check knows */
    s = load(path, NULL);
    assert_int_equal(s->notes.n, 1);
    assert_non_null(strstr(s->notes.v[0].where, "/targets/0/checks/0/password/file"));
    assert_non_null(strstr(s->specs->absent, "No such file or directory"));
    site_free(s);
    unlink(path);
    rmdir(dir);
    free(secret);
    free(path);
}

/* HI8: what is deep, huge or not finite is refused, and costs nothing much. */
static void hostile_json_is_refused(void **state)
{
    (void)state;
    char dir[] = "/tmp/trucban-test-site-XXXXXX";
    assert_non_null(mkdtemp(dir));
    char *deep = mem_alloc(1000001);
    memset(deep, '[', 1000000);
    char *path = write_file(dir, "deep.json", deep, 0644);
    told(path, "nested deeper");
    unlink(path);
    free(path);
    free(deep);
    static const char *const texts[] = {"{\"site\":{\"id\":\"x\"},\"vars\":{\"a\":1e999}}",
                                        "{\"site\":{\"id\":\"x\",\"id\":\"y\"}}",
                                        "{\"vars\":{\"a\":12345678901234567890123}}",
                                        "{\"site\":{\"id\":\"a\\u0000b\"}}",
                                        "\xff",
                                        ""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        path = write_file(dir, "one.json", texts[i], 0644);
        told(path, "not JSON");
        unlink(path);
        free(path);
    }
    rmdir(dir);
}

/* Each further check may cost 3 kB in the whole engine; the site's share stays well below. */
static void many_targets_load(void **state)
{
    (void)state;
    char dir[] = "/tmp/trucban-test-site-XXXXXX";
    assert_non_null(mkdtemp(dir));
    char *path =
        write_file(dir, "s.json",
                   "{\"site\":{\"id\":\"x\"},\"targets\":[{\"id\":\"s[0001-5000]\",\"address\":"
                   "\"10.1.[1-50].[1-100]\",\"checks\":[{\"probe\":\"http\",\"url\":"
                   "\"http://${address}/\"},{\"probe\":\"tcp\",\"port\":80}]}]}",
                   0644);
    struct site *s = load(path, NULL);
    assert_int_equal(s->fleet->n_checks, 10000);
    assert_string_equal(web_of(s, "s5000/http")->url, "http://10.1.50.100/");
    site_free(s);
    unlink(path);
    free(path);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_file_is_resolved),
        cmocka_unit_test(timing_is_inherited),
        cmocka_unit_test(what_a_site_says_of_itself_is_kept),
        cmocka_unit_test(overlay_and_set_win),
        cmocka_unit_test(the_hash_follows_the_content),
        cmocka_unit_test(site_json_has_the_promised_shape),
        cmocka_unit_test(the_schema_knows_every_key),
        cmocka_unit_test(bad_files_tell_all_their_mistakes),
        cmocka_unit_test(files_that_others_can_write_are_refused),
        cmocka_unit_test(secrets_come_from_private_files),
        cmocka_unit_test(hostile_json_is_refused),
        cmocka_unit_test(many_targets_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
