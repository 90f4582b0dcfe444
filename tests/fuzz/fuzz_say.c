/* fuzz_say.c - packed sentences, also such as no one of ours packed. */
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "tests/fuzz/fuzz.h"

static const char *reversed(const char *msgid)
{
    return strcmp(msgid, "{0} of {1}") == 0 ? "{1}: {0} {9} {" : msgid;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *packed = mem_strndup((const char *)bytes, len);
    struct buf out = BUF_INIT(TEXT_MAX_STORED);
    say_text(&out, packed, NULL);
    say_text(&out, packed, reversed);
    MUST(out.len <= TEXT_MAX_STORED);
    const char *part[10];
    size_t part_len[10];
    size_t n = say_parts(packed, part, part_len, 10);
    for (size_t i = 0; i < n && i < 10; i++)
        MUST(part[i] >= packed && part[i] + part_len[i] <= packed + strlen(packed));
    char *again = SAY("{0} of {1}", packed, "x");
    MUST(strlen(again) <= TEXT_MAX_STORED);
    free(again);
    buf_release(&out);
    free(packed);
    return 0;
}
