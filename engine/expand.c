#include "engine/expand.h"

#include <string.h>

#include "core/buf.h"

enum { EXPAND_NAME_MAX = 128 };

/* Appends the value of the name that starts at s (behind "${"); returns what follows "}" or NULL.
 */
static const char *one_name(struct buf *out, const char *s, expand_fn *find, const void *arg,
                            struct err *e)
{
    char name[EXPAND_NAME_MAX + 1];
    const char *end = strchr(s, '}');
    if (end == NULL) {
        err_set(e, "found \"${\" without \"}\"; a literal one is written \"$${\"");
        return NULL;
    }
    size_t len = (size_t)(end - s);
    if (len == 0 || len > EXPAND_NAME_MAX) {
        err_set(e, "found ${} with %s, expected a name such as ${address}",
                len == 0 ? "nothing in it" : "more than 128 bytes in it");
        return NULL;
    }
    memcpy(name, s, len);
    name[len] = '\0';
    const char *value = find(arg, name, e);
    if (value == NULL)
        return NULL;
    buf_adds(out, value);
    return end + 1;
}

char *expand_text(const char *s, expand_fn *find, const void *arg, struct err *e)
{
    struct buf out = BUF_INIT(EXPAND_MAX);
    while (s != NULL && *s != '\0') {
        if (strncmp(s, "$${", 3) == 0) {
            buf_adds(&out, "${");
            s += 3;
        } else if (strncmp(s, "${", 2) == 0) {
            s = one_name(&out, s + 2, find, arg, e);
        } else {
            buf_addc(&out, *s++);
        }
    }
    if (s != NULL && out.is_cut) {
        err_set(e, "the text is longer than %u bytes once its ${…} are replaced", EXPAND_MAX);
        s = NULL;
    }
    if (s == NULL) {
        buf_release(&out);
        return NULL;
    }
    return buf_take(&out);
}

bool expand_has_names(const char *s)
{
    return strstr(s, "${") != NULL;
}
