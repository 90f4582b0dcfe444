#include "engine/expand.h"

#include <string.h>

#include "core/buf.h"

enum { EXPAND_NAME_MAX = 128 };

struct names {
    expand_fn *find;
    const void *arg;
    bool is_early; /* what comes out is filled in again */
};

/* The site's own, whether it has one of that name or not. */
static bool is_sites(const char *name)
{
    static const char *const names[] = {"address", "id", "target"};
    static const char *const families[] = {"var.", "label.", "address."};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (strncmp(name, families[i], strlen(families[i])) == 0)
            return true;
    return false;
}

static void add_value(struct buf *out, const struct names *n, const char *value)
{
    for (; *value != '\0'; value++) {
        if (n->is_early && strncmp(value, "${", 2) == 0)
            buf_addc(out, '$');
        buf_addc(out, *value);
    }
}

/* Appends the value of the name that starts at s (behind "${"); returns what follows "}" or NULL.
 */
static const char *one_name(struct buf *out, const char *s, const struct names *n, struct err *e)
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
    if (n->is_early && !is_sites(name)) {
        buf_addf(out, "${%s}", name);
        return end + 1;
    }
    const char *value = n->find(n->arg, name, e);
    if (value == NULL)
        return NULL;
    add_value(out, n, value);
    return end + 1;
}

static char *expand(const char *s, const struct names *n, struct err *e)
{
    struct buf out = BUF_INIT(EXPAND_MAX);
    while (s != NULL && *s != '\0') {
        if (strncmp(s, "$${", 3) == 0) {
            buf_adds(&out, n->is_early ? "$${" : "${");
            s += 3;
        } else if (strncmp(s, "${", 2) == 0) {
            s = one_name(&out, s + 2, n, e);
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

char *expand_text(const char *s, expand_fn *find, const void *arg, struct err *e)
{
    struct names n = {.find = find, .arg = arg};
    return expand(s, &n, e);
}

char *expand_early(const char *s, expand_fn *find, const void *arg, struct err *e)
{
    struct names n = {.find = find, .arg = arg, .is_early = true};
    return expand(s, &n, e);
}

bool expand_has_names(const char *s)
{
    return strstr(s, "${") != NULL;
}
