/* fuzz_haproxy.c - HAProxy's answers: a table of clean servers, or a clean sentence. */
#include <string.h>

#include "core/text.h"
#include "engine/haproxy.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct haproxy_stat s;
    char *say = NULL;
    char *text = malloc(len + 1); /* as a reply stands in a struct buf */
    memcpy(text, bytes, len);
    text[len] = '\0';
    if (haproxy_read_stat(&s, text, len, &say)) {
        MUST(say == NULL && s.n <= HAPROXY_SERVERS_MAX);
        for (size_t i = 0; i < s.n; i++) {
            MUST(text_is_clean(s.v[i].name) && text_is_clean(s.v[i].backend));
            MUST(text_is_clean(s.v[i].status) && text_is_clean(s.v[i].check));
            MUST(s.v[i].weight >= -1 && s.v[i].sessions >= -1);
            MUST(haproxy_find(&s, s.v[i].backend, s.v[i].name) != NULL);
        }
        haproxy_stat_release(&s);
    }
    free(say);
    say = NULL;
    MUST(haproxy_is_done(text, len, &say) == (say == NULL));
    free(say);
    /* no name becomes a second command */
    char command[HAPROXY_COMMAND_MAX];
    if (haproxy_set_state(command, "bk", text, HAPROXY_DRAIN, NULL))
        MUST(strpbrk(command, ";\n\r\"'<") == NULL && strlen(text) <= HAPROXY_NAME_MAX);
    free(text);
    return 0;
}
