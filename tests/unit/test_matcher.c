/* Which checks are meant: each key, contraries, what matches everything, the share. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fleet.h"
#include "core/matcher.h"
#include "core/mem.h"

static struct target *add(struct fleet *f, const char *id, const char *group, const char *role)
{
    struct target *t = fleet_add_target(f, id);
    t->group = mem_strdup(group);
    t->kind = TARGET_SERVER;
    t->labels = mem_alloc(sizeof *t->labels);
    t->labels[0] = (struct label){mem_strdup("role"), mem_strdup(role)};
    t->n_labels = 1;
    struct check *http = fleet_add_check(f, t, "http"), *ssh = fleet_add_check(f, t, "ssh");
    http->probe = mem_strdup("http");
    http->priority = PRIORITY_P1;
    ssh->probe = mem_strdup("tcp");
    ssh->priority = PRIORITY_P3;
    return t;
}

static struct fleet *fleet(void)
{
    struct fleet *f = fleet_new();
    add(f, "srv-a-web-01", "half-a", "web")->org = mem_strdup("btp");
    add(f, "srv-a-db-01", "half-a", "db");
    add(f, "srv-b-web-01", "half-b", "web")->is_test = true;
    struct target *t = add(f, "bank", NULL, "pay");
    t->kind = TARGET_ENDPOINT;
    t->tags = mem_alloc(2 * sizeof(char *));
    t->tags[0] = mem_strdup("standby");
    t->tags[1] = mem_strdup("not-confirmed");
    t->n_tags = 2;
    return f;
}

/* The ids of what is matched, one after the other. */
static void check_matches(const struct fleet *f, const char *text, const char *wanted)
{
    char got[600] = "", *refusal = NULL;
    struct matcher *m = matcher_parse(text, &refusal);
    if (m == NULL)
        fail_msg("\"%s\": %s", text, refusal);
    for (size_t i = 0; i < f->n_checks; i++) {
        size_t len = strlen(got);
        if (matcher_has(m, f->checks[i]))
            snprintf(got + len, sizeof got - len, "%s%s", len > 0 ? " " : "", f->checks[i]->id);
    }
    matcher_free(m);
    if (strcmp(got, wanted) != 0)
        fail_msg("\"%s\" matches \"%s\", expected \"%s\"", text, got, wanted);
}

static void test_keys(void **state)
{
    (void)state;
    struct fleet *f = fleet();
    static const struct {
        const char *text, *wanted;
    } v[] = {
        {"bank", "bank/http bank/ssh"},
        {"srv-?-web-01", "srv-a-web-01/http srv-a-web-01/ssh srv-b-web-01/http srv-b-web-01/ssh"},
        {"srv-a-*/ssh", "srv-a-web-01/ssh srv-a-db-01/ssh"},
        {"bank/*", "bank/http bank/ssh"},
        {"target=srv-b-*", "srv-b-web-01/http srv-b-web-01/ssh"},
        {"check=ssh group=half-a", "srv-a-web-01/ssh srv-a-db-01/ssh"},
        {"kind=endpoint", "bank/http bank/ssh"},
        {"group=half-b", "srv-b-web-01/http srv-b-web-01/ssh"},
        {"env=test check=http", "srv-b-web-01/http"},
        {"env=production check=http", "srv-a-web-01/http srv-a-db-01/http bank/http"},
        {"org=btp", "srv-a-web-01/http srv-a-web-01/ssh"},
        {"priority=P3 org=*", "srv-a-web-01/ssh"},
        {"probe=tcp tag=standby", "bank/ssh"},
        {"tag=not-*", "bank/http bank/ssh"},
        {"role=db", "srv-a-db-01/http srv-a-db-01/ssh"},
        {"role=web env!=test check=http", "srv-a-web-01/http"},
        {"kind=server role!=web", "srv-a-db-01/http srv-a-db-01/ssh"},
        {"kind=server tag!=standby check=ssh", "srv-a-web-01/ssh srv-a-db-01/ssh srv-b-web-01/ssh"},
        {"check=http nosuch!=x", "srv-a-web-01/http srv-a-db-01/http srv-b-web-01/http bank/http"},
        {"nosuch=x", ""},
        {"bank,srv-a-db-*/ssh", "srv-a-db-01/ssh bank/http bank/ssh"},
        {"role=db,pay check=ssh", "srv-a-db-01/ssh bank/ssh"},
        {"tag=nothing,standby check=ssh", "bank/ssh"},
        {"check=ssh role!=web,db", "bank/ssh"},
        {"  bank   check=ssh ", "bank/ssh"},
    };
    for (size_t i = 0; i < sizeof v / sizeof *v; i++)
        check_matches(f, v[i].text, v[i].wanted);
    fleet_free(f);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",           "   ",    "*",    "**",     "*/*",        "target=*", "* check=*", "group!=a",
        "* group!=a", "org!=*", "=x",   "group=", "group!=",    "!=x",      "gro up=",   "a\"b=c",
        "a,",         ",a",     "a,,b", "bank,*", "role=web,*", "role=,",   "a/b=c",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char *refusal = NULL;
        struct matcher *m = matcher_parse(bad[i], &refusal);
        if (m != NULL)
            fail_msg("taken: \"%s\"", bad[i]);
        assert_non_null(refusal);
        free(refusal);
    }
}

static void test_limits(void **state)
{
    (void)state;
    char many[200] = "", *refusal = NULL, wide[MATCHER_TEXT_MAX + 8];
    for (int i = 0; i < MATCHER_TERMS_MAX; i++)
        strncat(many, "a=b ", sizeof many - strlen(many) - 1);
    struct matcher *m = matcher_parse(many, &refusal);
    assert_non_null(m);
    matcher_free(m);
    strncat(many, "a=b", sizeof many - strlen(many) - 1);
    assert_null(matcher_parse(many, &refusal));
    assert_non_null(strstr(refusal, "at most {0} terms"));
    free(refusal);
    memset(wide, 'x', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    assert_null(matcher_parse(wide, &refusal));
    assert_non_null(strstr(refusal, "bytes long"));
    free(refusal);
}

static struct matcher_count count(const struct fleet *f, const char *text)
{
    char *refusal = NULL;
    struct matcher *m = matcher_parse(text, &refusal);
    assert_non_null(m);
    struct matcher_count n = matcher_count(m, f);
    matcher_free(m);
    return n;
}

/* 30 % of 10 checks are 3; one check alone is never too much. */
static void test_share(void **state)
{
    (void)state;
    struct fleet *f = fleet_new();
    char id[16];
    for (int i = 0; i < 10; i++) {
        snprintf(id, sizeof id, "%c-%d", i < 3 ? 'a' : i < 7 ? 'b' : 'c', i);
        fleet_add_check(f, fleet_add_target(f, id), "x")->alert = i == 1 ? 7 : 0;
    }
    struct matcher_count n = count(f, "a-*");
    assert_int_equal(n.checks, 3);
    assert_int_equal(n.all, 10);
    assert_int_equal(n.alerts, 1);
    assert_false(matcher_is_too_wide(&n));
    n = count(f, "b-*");
    assert_int_equal(n.checks, 4);
    assert_int_equal(n.alerts, 0);
    assert_true(matcher_is_too_wide(&n));
    fleet_free(f);
    f = fleet_new();
    fleet_add_check(f, fleet_add_target(f, "only"), "x");
    n = count(f, "only");
    assert_false(matcher_is_too_wide(&n));
    fleet_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
