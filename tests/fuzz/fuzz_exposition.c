/* fuzz_exposition.c - a page of series through the parser, a selector and the folding of groups. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probes/gather.h"
#include "tests/fuzz/fuzz.h"

struct page {
    struct gather gather;
    const char *end; /* of the text */
    size_t n;
};

static void on_series(void *arg, const struct exposition_sample *s)
{
    struct page *p = arg;
    size_t len;
    MUST(s->name_len > 0 && s->name + s->name_len < p->end);
    MUST(s->n_labels <= EXPOSITION_LABELS_MAX);
    for (size_t i = 0; i < s->n_labels; i++) {
        MUST(s->labels[i].name_len > 0 && s->labels[i].value_len <= EXPOSITION_LINE_MAX);
        MUST(memchr(s->labels[i].name, '\n', s->labels[i].name_len) == NULL);
    }
    MUST(exposition_value(s, "x", &len) != NULL && len <= EXPOSITION_LINE_MAX);
    gather_take(&p->gather, s);
    p->n++;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static char *labels[] = {(char *)"x", (char *)"y"};
    const struct option_strings by = {labels, 2};
    struct selector selector;
    struct exposition_tally tally;
    struct page page = {.n = 0};
    char *text = malloc(len + 1);
    if (text == NULL || !selector_parse(&selector, "a{x!~'b+',y!=\"q\"}", NULL, NULL))
        return 0;
    memcpy(text, bytes, len);
    text[len] = '\0';
    page.end = text + len;
    page.gather = (struct gather){.selector = &selector, .by = &by};
    exposition_read(text, len, on_series, &page, &tally);
    MUST(tally.samples == page.n);
    MUST((tally.odd > 0) == (tally.odd_words != NULL));
    for (size_t i = 0; i < page.gather.n; i++)
        MUST(page.gather.v[i].n > 0 && isfinite(page.gather.v[i].max));
    gather_release(&page.gather);
    selector_release(&selector);
    /* and as a selector from a site file */
    if (selector_parse(&selector, text, NULL, NULL))
        MUST(selector.name_len > 0);
    selector_release(&selector);
    free(text);
    return 0;
}
