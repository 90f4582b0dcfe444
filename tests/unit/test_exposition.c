/* Prometheus' text exposition, series by series; which of them a selector takes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "probes/exposition.h"
#include "probes/selector.h"

struct page {
    struct buf seen; /* "name{a=b,c=d} value@time\n" each */
    struct exposition_tally tally;
    const struct selector *only; /* NULL: all */
    bool is_costly;
};

static void on_series(void *arg, const struct exposition_sample *s)
{
    struct page *p = arg;
    if (p->only != NULL && !selector_takes(p->only, s, &p->is_costly))
        return;
    buf_add(&p->seen, s->name, s->name_len);
    for (size_t i = 0; i < s->n_labels; i++) {
        buf_adds(&p->seen, i == 0 ? "{" : ",");
        buf_add(&p->seen, s->labels[i].name, s->labels[i].name_len);
        buf_addc(&p->seen, '=');
        buf_add(&p->seen, s->labels[i].value, s->labels[i].value_len);
    }
    buf_addf(&p->seen, "%s %g", s->n_labels > 0 ? "}" : "", s->value);
    if (s->at_ms != 0)
        buf_addf(&p->seen, "@%lld", (long long)s->at_ms);
    buf_addc(&p->seen, '\n');
}

static void read_page(struct page *p, const char *text, size_t len)
{
    exposition_read(text, len, on_series, p, &p->tally);
}

static void expect(const char *text, const char *series)
{
    struct page p = {.only = NULL};
    read_page(&p, text, strlen(text));
    assert_string_equal(buf_text(&p.seen), series);
    if (p.tally.odd > 0)
        fail_msg("line %zu: %s", p.tally.odd_line, p.tally.odd_words);
    buf_release(&p.seen);
}

static void expect_odd(const char *line, const char *words)
{
    struct page p = {.only = NULL};
    struct buf text = BUF_INIT(0);
    buf_addf(&text, "# HELP a A\n\n%s\na 1\n", line);
    read_page(&p, buf_text(&text), text.len);
    assert_string_equal(buf_text(&p.seen), "a 1\n");
    assert_int_equal(p.tally.odd, 1);
    assert_int_equal(p.tally.odd_line, 3);
    assert_string_equal(p.tally.odd_words, words);
    buf_release(&p.seen);
    buf_release(&text);
}

static void reads_what_exporters_write(void **state)
{
    (void)state;
    expect("# HELP up whether it is up\n# TYPE up gauge\nup 1\n", "up 1\n");
    expect("up 1", "up 1\n"); /* no newline at the end */
    expect("up 1\r\nb 2\r\n", "up 1\nb 2\n");
    expect("  up\t1  \n", "up 1\n");
    expect("a{} 1\nb{x=\"\"} 2\nc{x=\"1\",y=\"2\",} 3\nd { x = \"1\" , y=\"2\" } 4\n",
           "a 1\nb{x=} 2\nc{x=1,y=2} 3\nd{x=1,y=2} 4\n");
    expect("a:b_c9 1.5e3\n_x -0.25\n", "a:b_c9 1500\n_x -0.25\n");
    expect("a NaN\nb +Inf\nc -Inf\nd Inf\n", "a nan\nb inf\nc -inf\nd inf\n");
    expect("a{x=\"q\\\"b\\\\n\\nl\\t\"} 1\n", "a{x=q\"b\\n\nl\\t} 1\n");
    expect("a{x=\"}{,#=\"} 1\n", "a{x=}{,#=} 1\n");
    expect("a 1 1700000000123\nb 1 1700000000.5\nc 1 1700000000\n",
           "a 1@1700000000123\nb 1@1700000000500\nc 1@1700000000000\n");
    expect("a_bucket{le=\"1\"} 5 # {trace_id=\"x\"} 0.5 1700000000.5\nb 1 17 # {} 1\n# EOF\n",
           "a_bucket{le=1} 5\nb 1@17000\n");
    expect("a{x=\"\xff\xfe\"} 1\n", "a{x=\xff\xfe} 1\n"); /* cleaned where it is shown */
}

static void passes_over_what_it_cannot_read(void **state)
{
    (void)state;
    const char *number = "line {0} of the page: expected a number";
    const char *label = "line {0} of the page: expected the name of a label and \"=\"";
    const char *value = "line {0} of the page: expected the value of a label in quotes";
    expect_odd("<html>", "line {0} of the page: expected the name of a series");
    expect_odd("9a 1", "line {0} of the page: expected the name of a series");
    expect_odd("b", number);
    expect_odd("b{x=\"1\"}", number);
    expect_odd("b one", number);
    expect_odd("b 1,5", number);
    expect_odd("b{x} 1", label);
    expect_odd("b{9=\"1\"} 1", label);
    expect_odd("b{x=1} 1", value);
    expect_odd("b{x=\"1} 1", value);
    expect_odd("b{x=\"1\\\"} 1", value);
    expect_odd("b{x=\"1\"y=\"2\"} 1",
               "line {0} of the page: expected \",\" or \"}\" after a label");
    expect_odd("b{x=\"1\"", "line {0} of the page: expected \",\" or \"}\" after a label");
    expect_odd("b 1 soon", "line {0} of the page: expected a time stamp after the number");
    expect_odd("b 1 1e300", "line {0} of the page: expected a time stamp after the number");
    expect_odd("b 1 1 1", "line {0} of the page: more than a time stamp after the number");
}

static void names_the_first_of_two(void **state)
{
    struct page p = {.only = NULL};
    const char *text = "a{x=\"1\",y=\"2\"} 1\nb 1\na{y=\"2\",x=\"1\"} 9\nb 2\n";
    (void)state;
    read_page(&p, text, strlen(text));
    assert_string_equal(buf_text(&p.seen), "a{x=1,y=2} 1\nb 1\n");
    assert_int_equal(p.tally.twice, 2);
    assert_int_equal(p.tally.twice_line, 3);
    buf_release(&p.seen);
}

/* A label of 1 MB, 65 labels, NUL, and a page of 100,000 series. */
static void has_limits(void **state)
{
    struct page p = {.only = NULL};
    struct buf text = BUF_INIT(0);
    (void)state;
    buf_adds(&text, "a{x=\"");
    for (int i = 0; i < 1 << 20; i++)
        buf_addc(&text, 'x');
    buf_adds(&text, "\"} 1\nb{");
    for (int i = 0; i <= EXPOSITION_LABELS_MAX; i++)
        buf_addf(&text, "l%d=\"\",", i);
    buf_adds(&text, "} 1\nc ");
    buf_add(&text, "1\0", 2);
    buf_adds(&text, "1\n");
    for (int i = 0; i < 100000; i++)
        buf_addf(&text, "s{i=\"%d\"} 1\n", i);
    read_page(&p, buf_text(&text), text.len);
    assert_int_equal(p.tally.odd, 3);
    assert_int_equal(p.tally.odd_line, 1);
    assert_string_equal(p.tally.odd_words, "line {0} of the page: longer than 16 KiB");
    assert_int_equal(p.tally.samples, 100000);
    assert_int_equal(p.tally.twice, 0);
    buf_release(&p.seen);
    buf_release(&text);
}

/* --- selectors --- */

static void expect_taken(const char *selector, const char *series)
{
    static const char text[] =
        "fs{dev=\"sda1\",type=\"ext4\"} 1\nfs{dev=\"sda2\",type=\"tmpfs\"} 2\n"
        "fs{dev=\"b\\\"q\"} 3\nother{dev=\"sda1\"} 4\n";
    struct selector s;
    struct err e;
    struct page p = {.only = &s};
    if (!selector_parse(&s, selector, NULL, &e))
        fail_msg("%s: %s", selector, e.text);
    read_page(&p, text, sizeof text - 1);
    assert_string_equal(buf_text(&p.seen), series);
    assert_false(p.is_costly);
    buf_release(&p.seen);
    selector_release(&s);
}

static void takes_as_promql_does(void **state)
{
    (void)state;
    expect_taken("other", "other{dev=sda1} 4\n");
    expect_taken("fs{}", "fs{dev=sda1,type=ext4} 1\nfs{dev=sda2,type=tmpfs} 2\nfs{dev=b\"q} 3\n");
    expect_taken(" fs { type = \"ext4\" , } ", "fs{dev=sda1,type=ext4} 1\n");
    expect_taken("fs{type!='ext4'}", "fs{dev=sda2,type=tmpfs} 2\nfs{dev=b\"q} 3\n");
    expect_taken("fs{type=''}", "fs{dev=b\"q} 3\n"); /* what is not there is empty */
    expect_taken("fs{dev=~'sda.'}", "fs{dev=sda1,type=ext4} 1\nfs{dev=sda2,type=tmpfs} 2\n");
    expect_taken("fs{dev=~'sda'}", ""); /* the whole value */
    expect_taken("fs{dev=~'b|sda1'}", "fs{dev=sda1,type=ext4} 1\n");
    expect_taken("fs{type!~'tmpfs|overlay',dev!=''}", "fs{dev=sda1,type=ext4} 1\nfs{dev=b\"q} 3\n");
    expect_taken("fs{dev=\"b\\\"q\"}", "fs{dev=b\"q} 3\n");
    expect_taken("fs{dev=~'\\w+',type=~'\\D+\\d'}", "fs{dev=sda1,type=ext4} 1\n");
}

static void expect_refused(const char *selector, const char *more, const char *words)
{
    struct selector s;
    struct err e;
    assert_false(selector_parse(&s, selector, more, &e));
    assert_string_equal(e.text, words);
    selector_release(&s);
}

static void refuses_what_it_does_not_know(void **state)
{
    (void)state;
    expect_refused("", NULL, "found \"\", expected the name of a series such as node_load1");
    expect_refused("a{b=\"\x1f\"}", NULL, "found control signs in it, expected plain text");
    expect_refused("a", "b=\"\x1b[31m\"", "found control signs in it, expected plain text");
    expect_refused("rate(x[5m])", NULL,
                   "found \"(x[5m])\" after the series, expected nothing more");
    expect_refused("a{b}", NULL,
                   "found \"b}\", expected a condition such as job=\"x\" (=, !=, =~, !~)");
    expect_refused("a{b=\"1\"", NULL, "found \"\", expected \",\" or the end of the conditions");
    expect_refused("a{b=\"1\" c=\"2\"}", NULL,
                   "found \"c=\"2\"}\", expected \",\" or the end of the conditions");
    expect_refused("a{b=~\"(\"}", NULL,
                   "\"(\" is not a regular expression: missing closing parenthesis at character 2");
    expect_refused("a", "b=1",
                   "found \"b=1\", expected a condition such as job=\"x\" (=, !=, =~, !~)");
}

/* A pattern that backtracks for ever is no match, and told. */
static void a_costly_pattern_is_told(void **state)
{
    struct selector s;
    struct err e;
    struct page p = {.only = &s};
    const char *text = "a{x=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"} 1\n";
    (void)state;
    assert_true(selector_parse(&s, "a{x=~'(a+)+'}", NULL, &e));
    read_page(&p, text, strlen(text));
    assert_string_equal(buf_text(&p.seen), "");
    assert_true(p.is_costly);
    buf_release(&p.seen);
    selector_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_exporters_write),
        cmocka_unit_test(passes_over_what_it_cannot_read),
        cmocka_unit_test(names_the_first_of_two),
        cmocka_unit_test(has_limits),
        cmocka_unit_test(takes_as_promql_does),
        cmocka_unit_test(refuses_what_it_does_not_know),
        cmocka_unit_test(a_costly_pattern_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
