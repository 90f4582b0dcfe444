/* The manual pages name every command, every key of a site file and every kind of probe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/cmd.h"
#include "engine/manual.h"
#include "engine/site_load.h"

static void has_item(const char *page, const char *name)
{
    char wanted[128];
    snprintf(wanted, sizeof wanted, ".TP\n\\fB%s\\fR", name);
    if (strstr(page, wanted) == NULL)
        fail_msg("no item for \"%s\"", name);
}

static void test_commands(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(0);
    manual_commands(&b);
    for (const struct cmd_row *r = cmd_rows; r->name != NULL; r++) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, ".SS \"trucban %s", r->name);
        wanted[strlen(wanted) - (r->name[0] == '\0')] = '\0';
        assert_non_null(strstr(buf_text(&b), wanted));
    }
    has_item(buf_text(&b), "\\-m, \\-\\-message");
    has_item(buf_text(&b), "SIGHUP");
    buf_release(&b);
}

/* Every option of a kind in a row of its own, also those within an object; a bar ends no cell. */
static void test_kind(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(0);
    manual_kind(&b, probe_find("sync"));
    assert_non_null(strstr(buf_text(&b), "| `url` | text | "));
    assert_non_null(
        strstr(buf_text(&b), "| `realtime.warning` | duration, \"10s\", default \"15m\" | "));
    buf_clear(&b);
    manual_kind(&b, probe_find("kannel"));
    for (const struct threshold *t = probe_find("kannel")->thresholds; t != NULL && t->metric;
         t++) {
        char wanted[128];
        snprintf(wanted, sizeof wanted, "\n- `%s`:", t->metric);
        assert_non_null(strstr(buf_text(&b), wanted));
    }
    for (const char *line = buf_text(&b); line != NULL && *line == '|';) {
        int bars = 0;
        for (const char *c = line; *c != '\n'; c++)
            bars += *c == '|' && (c == line || c[-1] != '\\');
        assert_int_equal(bars, 4);
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    buf_release(&b);
}

static void test_site(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(0);
    manual_site(&b);
    for (const struct option *row = site_check_options; row->name != NULL; row++)
        has_item(buf_text(&b), row->name);
    for (const struct option *row = site_failover_options; row->name != NULL; row++)
        has_item(buf_text(&b), row->name);
    has_item(buf_text(&b), "as_of");
    has_item(buf_text(&b), "lead");
    for (size_t i = 0; probe_types[i] != NULL; i++) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, ".SH \"PROBE %s\"", probe_types[i]->name);
        assert_non_null(strstr(buf_text(&b), wanted));
        for (const struct option *row = probe_types[i]->options; row->name != NULL; row++)
            if (strpbrk(row->name, "-.\\") == NULL)
                has_item(buf_text(&b), row->name);
    }
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_commands), cmocka_unit_test(test_site),
                                       cmocka_unit_test(test_kind)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
