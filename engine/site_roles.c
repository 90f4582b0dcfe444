/* The roles of a site: {"l1": ["@group", "account"], …}. */
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "engine/accounts.h"
#include "engine/nearest.h"
#include "engine/site_load.h"

#define ACCOUNT_NAME_MAX 64

static void tell_unknown_role(struct site_loader *l, const struct place *at)
{
    struct nearest close = NEAREST_INIT(at->key);
    for (int role = 0; role < DUTY_ROLE_COUNT; role++)
        nearest_try(&close, duty_rows[role].name);
    if (close.best != NULL)
        site_errorf(l, at, "unknown role \"%.64s\"; did you mean \"%s\"?", at->key, close.best);
    else
        site_errorf(l, at, "unknown role \"%.64s\"; there are: viewer, l1, l2, l3, lead, admin",
                    at->key);
}

/* As account databases have them; nothing that could be an option or a path. */
static bool is_account_name(const char *s)
{
    return text_is_name(s) && strlen(s) <= ACCOUNT_NAME_MAX && s[0] != '-';
}

static bool is_granted_already(const struct grants *g, enum duty_role role, const char *name,
                               bool is_group)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->v[i].role == role && g->v[i].is_group == is_group && strcmp(g->v[i].name, name) == 0)
            return true;
    return false;
}

/* A group that this system does not know gives nobody a role: worth a word, and no mistake, since
 * the file may be checked elsewhere. */
static void note_unknown(struct site_loader *l, const struct place *at, const char *name,
                         bool is_group)
{
    struct buf where = BUF_INIT(TEXT_MAX_STORED), what = BUF_INIT(TEXT_MAX_STORED);
    if (!accounts_has(name, is_group)) {
        place_text(at, &where);
        buf_addf(&what, "this system has no %s \"%s\", so nobody gets the role by it",
                 is_group ? "group" : "account", name);
        site_error(&l->site->notes, buf_text(&where), buf_text(&what));
    }
    buf_release(&where);
    buf_release(&what);
}

static void read_grant(struct site_loader *l, enum duty_role role, const struct jval *v,
                       const struct place *at)
{
    const char *text = jval_str(v);
    bool is_group = text != NULL && text[0] == '@';
    if (text == NULL)
        site_errorf(l, at, "found %s, expected a string", jval_type_name(jval_type(v)));
    else if (!is_account_name(text + is_group))
        site_errorf(l, at, "found \"%.64s\", expected an account, or \"@\" and a group", text);
    else if (is_granted_already(&l->site->roles, role, text + is_group, is_group))
        site_errorf(l, at, "found \"%.64s\" a second time, expected each once", text);
    else {
        grants_add(&l->site->roles, role, text + is_group, is_group);
        note_unknown(l, at, text + is_group, is_group);
    }
}

static void read_role(struct site_loader *l, const struct jval *list, const struct place *at)
{
    enum duty_role role;
    if (!duty_parse(at->key, &role))
        tell_unknown_role(l, at);
    else if (jval_type(list) != JVAL_ARRAY)
        site_errorf(l, at, "found %s, expected an array of accounts and groups",
                    jval_type_name(jval_type(list)));
    else if (jval_len(list) == 0)
        site_errorf(l, at, "found an empty array, expected accounts and groups");
    for (size_t i = 0; jval_type(list) == JVAL_ARRAY && i < jval_len(list); i++) {
        struct place item = PLACE_INDEX(at, i);
        if (duty_parse(at->key, &role))
            read_grant(l, role, jval_at(list, i), &item);
    }
}

void site_read_roles(struct site_loader *l, const struct site_doc *doc)
{
    const struct jval *roles = jval_get(doc->root, "roles");
    struct place at = PLACE_KEY(&doc->at, "roles");
    if (jval_type(roles) != JVAL_OBJECT)
        return; /* told by the table of keys */
    for (void *it = jval_first(roles); it != NULL; it = jval_next(roles, it)) {
        struct place role = PLACE_KEY(&at, jval_key(it));
        read_role(l, jval_value(it), &role);
    }
}
