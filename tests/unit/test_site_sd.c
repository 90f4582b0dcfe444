/* Targets from Prometheus' file_sd lists: what a template makes of them, and what is told of bad
 * ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/mem.h"
#include "engine/site.h"
#include "tests/unit/scratch.h"

struct folder {
    struct scratch dir;
};

static int setup(void **state)
{
    struct folder *f = mem_alloc(sizeof *f);
    scratch_make(&f->dir);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct folder *f = *state;
    scratch_remove(&f->dir);
    free(f);
    return 0;
}

static void write_file(struct folder *f, const char *name, const char *text)
{
    char path[300];
    FILE *file = fopen(scratch_path(&f->dir, name, path), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* The site's "file_sd", quotes written as '. */
static struct site *load(struct folder *f, const char *file_sd, struct site_errors *errors)
{
    char path[300];
    struct buf text = BUF_INIT(0);
    buf_addf(&text, "{'site':{'id':'x'},'targets':[{'id':'own'}],'file_sd':[%s]}", file_sd);
    for (size_t i = 0; i < text.len; i++)
        if (text.bytes[i] == '\'')
            text.bytes[i] = '"';
    write_file(f, "site.json", buf_text(&text));
    buf_release(&text);
    return site_load(scratch_path(&f->dir, "site.json", path), NULL, errors);
}

static struct site *load_good(struct folder *f, const char *file_sd)
{
    struct site_errors errors = {0};
    struct site *s = load(f, file_sd, &errors);
    site_errors_print(&errors, stderr);
    assert_non_null(s);
    return s;
}

#define NODES                                                                                      \
    "{'files':['nodes-*.json'],'template':{'labels':{'role':'web'},'checks':[{'id':'node',"        \
    "'probe':'metrics','url':'http://${instance}/metrics','interval':'15s'},{'id':'ssh','probe':"  \
    "'tcp','host':'${address}','port':22,'expect':'${label.rack} ${port} $${x}'}]}}"

static void a_list_becomes_targets(void **state)
{
    struct folder *f = *state;
    write_file(f, "nodes-b.json",
               "[{\"targets\":[\"10.0.0.9:9100\"],\"labels\":{\"rack\":\"r9\",\"role\":\"db\"}}]");
    write_file(f, "nodes-a.json",
               "[{\"targets\":[\"web-1.example:9100\",\"[2001:db8::1]:9100\"],"
               "\"labels\":{\"rack\":\"r1\",\"__meta_x\":\"y\"}},{\"targets\":[]}]");
    write_file(f, "nodes-c.txt", "no JSON");
    struct site *s = load_good(f, NODES);
    assert_int_equal(s->fleet->n_targets, 4); /* in the order of names of files */
    assert_string_equal(s->fleet->targets[1]->id, "web-1.example");
    assert_string_equal(s->fleet->targets[2]->id, "2001:db8::1");
    assert_string_equal(s->fleet->targets[2]->address, "2001:db8::1");
    const struct target *t = s->fleet->targets[3];
    assert_string_equal(t->id, "10.0.0.9");
    assert_string_equal(t->address, "10.0.0.9");
    assert_string_equal(target_label(t, "role"), "web"); /* the template's own word counts */
    assert_string_equal(target_label(t, "rack"), "r9");
    assert_null(target_label(s->fleet->targets[1], "__meta_x"));
    const struct check *node = fleet_check(s->fleet, "10.0.0.9/node");
    assert_non_null(node);
    assert_int_equal(node->rule.interval_ms, 15000);
    const struct check_spec *spec = node->spec;
    assert_string_equal(spec->type->host(spec->config), "10.0.0.9");
    assert_non_null(fleet_check(s->fleet, "web-1.example/ssh"));
    site_free(s);
}

static void ids_are_made_as_asked(void **state)
{
    struct folder *f = *state;
    write_file(f, "a.json", "[{\"targets\":[\"h:1\",\"h:2\"],\"labels\":{\"job\":\"a/b\"}}]");
    struct site *s = load_good(f, "{'files':['a.json'],'id':'${label.job}-${host}-${port}',"
                                  "'template':{'kind':'endpoint','address':'127.0.0.1'}}");
    assert_non_null(fleet_target(s->fleet, "a-b-h-1"));
    assert_string_equal(fleet_target(s->fleet, "a-b-h-2")->address, "127.0.0.1");
    char first[65];
    memcpy(first, s->hash, sizeof first);
    site_free(s);
    write_file(f, "a.json", "[{\"targets\":[\"h:1\"],\"labels\":{\"job\":\"a/b\"}}]");
    s = load_good(f, "{'files':['a.json'],'id':'${label.job}-${host}-${port}',"
                     "'template':{'kind':'endpoint','address':'127.0.0.1'}}");
    assert_int_equal(s->fleet->n_targets, 2);
    assert_string_not_equal(first, s->hash); /* a reload sees that a list is another */
    site_free(s);
}

static void nothing_yet_is_a_note(void **state)
{
    struct folder *f = *state;
    struct site *s = load_good(f, NODES);
    assert_int_equal(s->fleet->n_targets, 1);
    assert_int_equal(s->notes.n, 1);
    assert_string_equal(s->notes.v[0].what, "no file has such a name yet");
    assert_non_null(strstr(s->notes.v[0].where, "site.json: /file_sd/0/files/0"));
    site_free(s);
}

/* where is the end of the place */
static void expect_error(struct folder *f, const char *file_sd, const char *where, const char *what)
{
    struct site_errors errors = {0};
    assert_null(load(f, file_sd, &errors));
    if (errors.n != 1 || strcmp(errors.v[0].what, what) != 0) {
        site_errors_print(&errors, stderr);
        fail_msg("expected one error: %s", what);
    }
    size_t len = strlen(errors.v[0].where), end = strlen(where);
    assert_true(len >= end);
    assert_string_equal(errors.v[0].where + len - end, where);
    site_errors_release(&errors);
}

#define PLAIN "{'files':['a.json'],'template':{}}"

static void bad_lists_are_told_at_their_place(void **state)
{
    static const struct {
        const char *list, *where, *what;
    } cases[] = {
        {"{}", "a.json", "found an object, expected an array"},
        {"[7]", "a.json: /0",
         "found an integer, expected {\"targets\": [\"HOST:PORT\"], \"labels\": {…}}"},
        {"[{\"targets\":\"h\"}]", "a.json: /0",
         "found an object, expected {\"targets\": [\"HOST:PORT\"], \"labels\": {…}}"},
        {"[{\"targets\":[\"h\",7]}]", "a.json: /0/targets/1",
         "found \"no string\", expected HOST, HOST:PORT or [IPV6]:PORT"},
        {"[{\"targets\":[\"http://h/x\"]}]", "a.json: /0/targets/0",
         "found \"http://h/x\", expected HOST, HOST:PORT or [IPV6]:PORT"},
        {"[{\"targets\":[\"h:99999999\"]}]", "a.json: /0/targets/0",
         "found \"h:99999999\", expected HOST, HOST:PORT or [IPV6]:PORT"},
        {"[{\"targets\":[\"[::1:9\"]}]", "a.json: /0/targets/0",
         "found \"[::1:9\", expected HOST, HOST:PORT or [IPV6]:PORT"},
        {"[{\"targets\":[\"h:1\"]},{\"targets\":[\"h:2\"]}]", "a.json: /1/targets/0",
         "found \"h:2\", which makes the id \"h\"; there is a target of that id already: let "
         "\"id\" tell them apart, such as \"${host}-${port}\""},
        {"[{\"targets\":[\"own\"]}]", "a.json: /0/targets/0",
         "found \"own\", which makes the id \"own\"; there is a target of that id already: let "
         "\"id\" tell them apart, such as \"${host}-${port}\""},
        {"[{\"targets\":[\"-h\"]}]", "a.json: /0/targets/0",
         "found \"-h\", which makes the id \"-h\"; expected a name of 1 to 128 signs that does "
         "not begin with \"-\""},
        {"[{\"targets\":[\"h\"],\"labels\":[]}]", "a.json: /0/labels",
         "found an array of 0, expected an object of at most 64 strings"},
        {"[{\"targets\":[\"h\"],\"labels\":{\"a\":1}}]", "a.json: /0/labels/a",
         "found an integer, expected a string without controls and \"${\""},
        {"[{\"targets\":[\"h\"],\"labels\":{\"a\":\"${var.x}\"}}]", "a.json: /0/labels/a",
         "found such, expected a string without controls and \"${\""},
    };
    struct folder *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_file(f, "a.json", cases[i].list);
        expect_error(f, PLAIN, cases[i].where, cases[i].what);
    }
}

/* Of a template that is wrong all targets tell the same: it is told once. */
static void bad_templates_are_told_once(void **state)
{
    struct folder *f = *state;
    write_file(f, "a.json", "[{\"targets\":[\"h1:1\",\"h2:1\",\"h3:1\"]}]");
    expect_error(f, "{'files':['a.json'],'template':{'kindd':'server'}}",
                 "site.json: /file_sd/0/template/kindd",
                 "unknown key \"kindd\"; did you mean \"kind\"?");
    expect_error(f, "{'files':['a.json'],'template':{'checks':[{'probe':'tcp'}]}}",
                 "site.json: /file_sd/0/template/checks/0", "\"port\" is missing: TCP port");
    expect_error(f, "{'files':['a.json'],'template':{'id':'x'}}", "site.json: /file_sd/0/template",
                 "found one that has an \"id\", expected an object: a target without \"id\"");
    expect_error(f, "{'files':['a.json']}", "site.json: /file_sd/0/template",
                 "found null, expected an object: a target without \"id\"");
    expect_error(f, "{'files':['a.json'],'template':{'labels':['x']}}",
                 "site.json: /file_sd/0/template/labels",
                 "found an array, expected an object of strings");
    write_file(f, "a.json", "[{\"targets\":[\"h:1\"]}]");
    expect_error(f, "{'files':['a.json'],'id':'${label.rack}','template':{}}",
                 "a.json: /0/targets/0", "the label \"rack\" is missing: \"id\" is made of it");
}

static void files_are_looked_at(void **state)
{
    struct folder *f = *state;
    expect_error(f, "{'files':['a.yml'],'template':{}}", "site.json: /file_sd/0/files/0",
                 "found \"a.yml\", expected the name of a JSON list: *.json");
    write_file(f, "a.json", "[{\"targets\": [\"h\"");
    struct site_errors errors = {0};
    assert_null(load(f, PLAIN, &errors));
    assert_int_equal(errors.n, 1);
    assert_non_null(strstr(errors.v[0].where, "a.json:2:"));
    site_errors_release(&errors);
}

static void many_targets(void **state)
{
    struct folder *f = *state;
    struct buf list = BUF_INIT(0);
    buf_adds(&list, "[{\"targets\":[");
    for (int i = 0; i < 5000; i++)
        buf_addf(&list, "%s\"h%d:9100\"", i > 0 ? "," : "", i);
    buf_adds(&list, "],\"labels\":{\"rack\":\"r1\"}}]");
    write_file(f, "nodes-a.json", buf_text(&list));
    struct site *s = load_good(f, NODES);
    assert_int_equal(s->fleet->n_targets, 5001);
    assert_int_equal(s->fleet->n_checks, 10000);
    site_free(s);
    buf_release(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_list_becomes_targets, setup, teardown),
        cmocka_unit_test_setup_teardown(ids_are_made_as_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_yet_is_a_note, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_lists_are_told_at_their_place, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_templates_are_told_once, setup, teardown),
        cmocka_unit_test_setup_teardown(files_are_looked_at, setup, teardown),
        cmocka_unit_test_setup_teardown(many_targets, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
