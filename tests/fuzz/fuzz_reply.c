/* fuzz_reply.c - the body of an HTTP reply through the JSON comparisons of a check. */
#include <math.h>
#include <stdlib.h>

#include "probes/jsontest.h"
#include "tests/fuzz/fuzz.h"

static struct option_test rows[] = {
    {.pointer = (char *)"/status", .op = TEST_EQ, .type = TEST_STRING, .text = (char *)"UP"},
    {.pointer = (char *)"/queue", .op = TEST_LT, .type = TEST_NUMBER, .number = 100},
    {.pointer = (char *)"/name",
     .op = TEST_MATCHES,
     .type = TEST_STRING,
     .text = (char *)"^(a+)+$"},
    {.pointer = (char *)"/list/0", .op = TEST_EXISTS, .type = TEST_BOOL, .flag = true},
};
static char *names[] = {(char *)"queue", (char *)"up"};
static char *pointers[] = {(char *)"/queue", (char *)"/up"};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct err e;
    struct jval *j = jval_parse((const char *)bytes, len, &e);
    if (j == NULL)
        return 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct option_tests t = {&rows[i], 1};
        char *say = NULL;
        MUST(jsontest_run(&t, j, &say) == (say == NULL));
        free(say);
    }
    struct result r = {0};
    const struct option_pairs p = {names, pointers, 2};
    jsontest_metrics(&p, j, &r);
    for (size_t i = 0; i < r.n_metrics; i++)
        MUST(isfinite(r.metrics[i].value));
    result_release(&r);
    jval_free(j);
    return 0;
}
