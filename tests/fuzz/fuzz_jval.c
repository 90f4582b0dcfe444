/* fuzz_jval.c - JSON: what was read and printed is read again, and printed the same. */
#include <string.h>

#include "engine/jval.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct err e;
    struct jval *j = jval_parse((const char *)bytes, len, &e);
    if (j == NULL) {
        MUST(e.text[0] != '\0');
        return 0;
    }
    struct buf one = BUF_INIT(0), two = BUF_INIT(0);
    jval_dump(&one, j, JVAL_SORTED);
    struct jval *again = jval_parse(buf_text(&one), one.len, &e);
    MUST(again != NULL);
    jval_dump(&two, again, JVAL_SORTED);
    MUST(strcmp(buf_text(&one), buf_text(&two)) == 0);
    (void)jval_pointer(j, "/a/0/b~1c");
    jval_free(again);
    jval_free(j);
    buf_release(&one);
    buf_release(&two);
    return 0;
}
