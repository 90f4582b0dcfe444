#define PCRE2_CODE_UNIT_WIDTH 8
#include "probes/regex.h"

#include <pcre2.h>
#include <stdlib.h>

#include "core/mem.h"

#define MATCH_LIMIT 200000 /* steps of backtracking: some milliseconds */
#define DEPTH_LIMIT 1000
#define HEAP_KIB    4096

struct regex {
    pcre2_code *code;
};

struct regex *regex_new(const char *pattern, struct err *e)
{
    int error;
    PCRE2_SIZE offset;
    PCRE2_UCHAR text[256];
    uint32_t flags = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, flags, &error, &offset, NULL);

    if (code == NULL) {
        pcre2_get_error_message(error, text, sizeof text);
        err_set(e, "\"%s\" is not a regular expression: %s at character %zu", pattern,
                (const char *)text, offset + 1);
        return NULL;
    }
    struct regex *x = mem_alloc(sizeof *x);
    x->code = code;
    return x;
}

void regex_free(struct regex *x)
{
    if (x == NULL)
        return;
    pcre2_code_free(x->code);
    free(x);
}

enum regex_outcome regex_search(const struct regex *x, const char *text, size_t len)
{
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    int rc = PCRE2_ERROR_NOMEMORY;

    if (limits != NULL && data != NULL) {
        pcre2_set_match_limit(limits, MATCH_LIMIT);
        pcre2_set_depth_limit(limits, DEPTH_LIMIT);
        pcre2_set_heap_limit(limits, HEAP_KIB);
        rc = pcre2_match(x->code, (PCRE2_SPTR)text, len, 0, 0, data, limits);
    }
    pcre2_match_data_free(data);
    pcre2_match_context_free(limits);
    if (rc >= 0)
        return REGEX_FOUND;
    return rc == PCRE2_ERROR_NOMATCH ? REGEX_ABSENT : REGEX_TOO_COSTLY;
}
