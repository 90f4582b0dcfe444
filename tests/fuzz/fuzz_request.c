/* fuzz_request.c - a line of a client: refused in words, or arguments that are clean. */
#include <string.h>

#include "core/text.h"
#include "engine/request.h"
#include "tests/fuzz/fuzz.h"

static void check(enum request_verb verb, const struct request_args *a)
{
    const struct request_arg *row = request_verbs[verb].args;
    for (size_t i = 0; row[i].name != NULL; i++) {
        const char *v = a->values[i];
        MUST(v != NULL || !row[i].is_required);
        if (v == NULL)
            continue;
        struct buf clean = BUF_INIT(0);
        MUST(text_clean(&clean, v, strlen(v), row[i].type == ARG_TEXT ? TEXT_LINES : 0));
        buf_release(&clean);
        MUST(strlen(v) <= TEXT_MAX_STORED);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct err e;
    struct jval *j = jval_parse((const char *)bytes, len, &e);
    const char *name = jval_get_str(j, "request");
    enum request_verb verb;
    if (name != NULL && request_verb_parse(name, &verb)) {
        struct request_args args = {0};
        char *refusal = NULL;
        if (request_parse(verb, jval_get(j, "args"), &args, &refusal))
            check(verb, &args);
        else
            MUST(refusal != NULL && refusal[0] != '\0');
        free(refusal);
        request_args_release(&args);
    }
    jval_free(j);
    return 0;
}
