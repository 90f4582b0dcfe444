/* fuzz_text.c - the sanitiser: whatever comes in, clean text comes out, and stays what it is. */
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/text.h"
#include "tests/fuzz/fuzz.h"
#include "widgets/wrap.h"

static void check_clean(const char *s, int cols)
{
    MUST(text_is_clean(s));
    struct buf again = BUF_INIT(0), ascii = BUF_INIT(0), folded = BUF_INIT(0);
    MUST(text_clean(&again, s, strlen(s), 0));
    MUST(strcmp(buf_text(&again), s) == 0);
    text_ascii(&ascii, s);
    for (size_t i = 0; i < ascii.len; i++)
        MUST((signed char)ascii.bytes[i] >= ' ');
    text_fold(&folded, s);
    if (folded.len > 0)
        MUST(text_matches(s, buf_text(&folded)));
    int used = 0;
    size_t fits = text_fit(s, cols, &used);
    MUST(fits <= strlen(s) && used <= cols);
    struct wrap w = wrap_start(s, cols > 0 ? cols : 1);
    while (wrap_next(&w))
        MUST(w.line >= s && w.line + w.len <= s + strlen(s));
    buf_release(&again);
    buf_release(&ascii);
    buf_release(&folded);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return 0;
    const char *text = (const char *)bytes + 1;
    size_t max = 4 + bytes[0]; /* an ellipsis takes three */
    char *clean = text_cleaned(text, len - 1, max, 0);
    MUST(strlen(clean) <= max);
    check_clean(clean, bytes[0] % 40);
    char *lines = text_cleaned(text, len - 1, TEXT_MAX_STORED, TEXT_LINES);
    char *copy = mem_strndup(text, len - 1);
    (void)text_is_name(copy);
    (void)text_cols(copy);
    (void)text_glob(copy, clean);
    (void)text_glob(clean, copy);
    free(copy);
    free(lines);
    free(clean);
    return 0;
}
