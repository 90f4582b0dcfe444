/* fuzz_lines.c - key and theme files of users. */
#include <string.h>

#include "core/mem.h"
#include "tests/fuzz/fuzz.h"
#include "tui/keymap.h"
#include "tui/theme.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *text = mem_strndup((const char *)bytes, len);
    struct err e = {""};
    struct keymap *m = keymap_new();
    if (!keymap_parse(m, "keys", text, NULL, &e))
        MUST(strncmp(e.text, "keys:", 5) == 0);
    char names[64];
    (void)keymap_keys_of(m, "ack", names);
    keymap_free(m);
    for (int depth = 0; depth < DEPTH_COUNT; depth++) {
        struct theme t;
        theme_builtin(&t);
        if (!theme_parse(&t, "own.theme", text, (enum theme_depth)depth, &e))
            MUST(strncmp(e.text, "own.theme:", 10) == 0);
        (void)theme_style(&t, 0, 0);
    }
    free(text);
    return 0;
}
