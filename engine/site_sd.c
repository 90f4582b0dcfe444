/* Targets from Prometheus' file_sd lists: [{"targets": ["HOST:PORT"], "labels": {…}}], each made of
 * a template.
 *
 *   file_sd[i].files -> lists -> groups -> one object a target, as "targets" would hold it
 *
 * In the template's strings ${host}, ${port} and ${instance} stand for what the list says; all
 * other names are those of any target.  What is wrong with a list is told at its place, what is
 * wrong with the template once, at the template's. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "engine/site_load.h"

#define SD_FILES_MAX  1000 /* that one pattern may match */
#define SD_LABELS_MAX 64   /* of one group */
#define HOST_MAX      253

struct sd_row {
    struct option_strings files;
    char *id;
};
const struct option site_sd_options[] = {
    {.name = "files",
     .type = OPTION_STRINGS,
     .offset = offsetof(struct sd_row, files),
     .flags = OPTION_REQUIRED,
     .help = "JSON lists of Prometheus' file_sd, relative to this file; * in the last part"},
    {.name = "id",
     .type = OPTION_STRING,
     .offset = offsetof(struct sd_row, id),
     .flags = OPTION_RAW,
     .fallback = "\"${host}\"",
     .help = "the id of each target: ${host}, ${port}, ${instance}, ${label.NAME}"},
    {0}};
const struct option site_template_key[] = {{.name = "template"}, {0}};

struct sd { /* one element of "file_sd" */
    struct site_loader *l;
    const struct jval *template;
    const struct place *template_at;
    const char *id;
};
struct sd_target { /* one of a list */
    char host[HOST_MAX + 1], port[8];
    const char *instance; /* as the list has it */
    const struct jval *labels;
};

/* --- names in strings ------------------------------------------------------------------------- */

static const char *token_value(const struct sd_target *t, const char *name, size_t len)
{
    if (len == 4 && memcmp(name, "host", len) == 0)
        return t->host;
    if (len == 4 && memcmp(name, "port", len) == 0)
        return t->port;
    return len == 8 && memcmp(name, "instance", len) == 0 ? t->instance : NULL;
}

/* What the list says is put in; other names stay for the target's own turn. */
static char *fill_text(const struct sd_target *t, const char *s)
{
    struct buf out = BUF_INIT(EXPAND_MAX);
    while (*s != '\0') {
        size_t len = strcspn(s, "$");
        buf_add(&out, s, len);
        s += len;
        len = s[0] == '$' && s[1] == '{' ? strcspn(s + 2, "}") : 0;
        const char *value = len > 0 && s[len + 2] == '}' ? token_value(t, s + 2, len) : NULL;
        if (value != NULL) {
            buf_adds(&out, value);
            s += len + 3;
        } else if (strncmp(s, "$${", 3) == 0) {
            buf_adds(&out, "$${");
            s += 3;
        } else if (*s == '$') {
            buf_addc(&out, *s++);
        }
    }
    return buf_take(&out);
}

static struct jval *fill(const struct sd_target *t, const struct jval *j);

static struct jval *fill_object(const struct sd_target *t, const struct jval *j)
{
    struct jval *o = jval_object();
    for (void *it = jval_first(j); it != NULL; it = jval_next(j, it))
        jval_set(o, jval_key(it), fill(t, jval_value(it)));
    return o;
}

static struct jval *fill_array(const struct sd_target *t, const struct jval *j)
{
    struct jval *a = jval_array();
    for (size_t i = 0; i < jval_len(j); i++)
        jval_append(a, fill(t, jval_at(j, i)));
    return a;
}

static struct jval *fill_string(const struct sd_target *t, const struct jval *j)
{
    char *text = fill_text(t, jval_str(j));
    struct jval *s = jval_new_str(text);
    free(text);
    return s;
}

/* A copy of the template, or a part of it, with the names put in. */
static struct jval *fill(const struct sd_target *t, const struct jval *j)
{
    switch (jval_type(j)) {
    case JVAL_OBJECT:
        return fill_object(t, j);
    case JVAL_ARRAY:
        return fill_array(t, j);
    case JVAL_STRING:
        return fill_string(t, j);
    case JVAL_INT:
        return jval_new_int(jval_int(j, 0));
    case JVAL_REAL:
        return jval_new_num(jval_num(j, 0));
    case JVAL_BOOL:
        return jval_new_bool(jval_bool(j, false));
    case JVAL_NULL:
        break;
    }
    return jval_new_null();
}

/* --- the id: the same for the same words of the list, whatever else stands there -------------- */

static bool add_label(const struct sd *sd, const struct sd_target *t, const struct place *at,
                      const char *name, struct buf *out)
{
    const char *value = jval_get_str(t->labels, name);
    if (value == NULL)
        value = jval_get_str(jval_get(sd->template, "labels"), name);
    if (value != NULL)
        buf_adds(out, value);
    else
        site_errorf(sd->l, at, "the label \"%.64s\" is missing: \"id\" is made of it", name);
    return value != NULL;
}

/* Signs that no name has become "-".  NULL after it was told what is wrong. */
static char *make_id(const struct sd *sd, const struct sd_target *t, const struct place *at)
{
    char *filled = fill_text(t, sd->id);
    struct buf id = BUF_INIT(EXPAND_MAX);
    bool is_ok = true;
    for (const char *p = filled; is_ok && *p != '\0';) {
        size_t len = strncmp(p, "${label.", 8) == 0 ? strcspn(p + 8, "}") : 0;
        if (len > 0 && len < TEXT_MAX_NAME) {
            char name[TEXT_MAX_NAME];
            snprintf(name, sizeof name, "%.*s", (int)len, p + 8);
            is_ok = add_label(sd, t, at, name, &id);
            p += 8 + len + (p[8 + len] == '}');
        } else {
            buf_addc(&id, *p++);
        }
    }
    free(filled);
    for (size_t i = 0; i < id.len; i++)
        if (!isalnum((unsigned char)id.bytes[i]) && strchr("_.:-", id.bytes[i]) == NULL)
            id.bytes[i] = '-';
    if (is_ok && !text_is_name(buf_text(&id))) {
        site_errorf(sd->l, at,
                    "found \"%.128s\", which makes the id \"%.140s\"; expected a name of "
                    "1 to 128 signs that does not begin with \"-\"",
                    t->instance, buf_text(&id));
        is_ok = false;
    }
    if (is_ok && fleet_target(sd->l->site->fleet, buf_text(&id)) != NULL) {
        site_errorf(sd->l, at,
                    "found \"%.128s\", which makes the id \"%s\"; there is a target of that id "
                    "already: let \"id\" tell them apart, such as \"${host}-${port}\"",
                    t->instance, buf_text(&id));
        is_ok = false;
    }
    if (is_ok)
        return buf_take(&id);
    buf_release(&id);
    return NULL;
}

/* --- one target ------------------------------------------------------------------------------- */

/* HOST, HOST:PORT, [V6]:PORT. */
static bool split(const char *text, struct sd_target *t)
{
    const char *port = strrchr(text, ':'), *host = text;
    size_t len = port != NULL ? (size_t)(port - text) : strlen(text);
    if (text[0] == '[') {
        const char *end = strchr(text, ']');
        host = text + 1;
        len = end != NULL ? (size_t)(end - host) : 0;
        port = end != NULL && end[1] == ':' ? end + 1 : NULL;
        if (end == NULL || (port == NULL && end[1] != '\0'))
            return false;
    }
    if (len == 0 || len > HOST_MAX || (text[0] != '[' && memchr(host, ':', len) != NULL))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)host[i]) && strchr(".-_:", host[i]) == NULL)
            return false;
    snprintf(t->host, sizeof t->host, "%.*s", (int)len, host);
    t->port[0] = '\0';
    if (port == NULL)
        return true;
    size_t digits = strspn(port + 1, "0123456789");
    snprintf(t->port, sizeof t->port, "%.5s", port + 1);
    return digits > 0 && digits <= 5 && port[digits + 1] == '\0';
}

/* The list's labels below the template's own; those that begin with "__" are Prometheus' affair. */
static void set_labels(struct jval *object, const struct jval *labels)
{
    const struct jval *own = jval_get(object, "labels");
    struct jval *all = jval_object();
    for (void *it = labels != NULL ? jval_first(labels) : NULL; it != NULL;
         it = jval_next(labels, it))
        if (strncmp(jval_key(it), "__", 2) != 0)
            jval_set_str(all, jval_key(it), jval_str(jval_value(it)));
    for (void *it = jval_type(own) == JVAL_OBJECT ? jval_first(own) : NULL; it != NULL;
         it = jval_next(own, it))
        jval_set_str(all, jval_key(it), jval_str(jval_value(it)));
    jval_set(object, "labels", all);
}

static void add_target(const struct sd *sd, const char *text, const struct jval *labels,
                       const struct place *at)
{
    struct sd_target t = {.instance = text, .labels = labels};
    if (text == NULL || !split(text, &t)) {
        site_errorf(sd->l, at, "found \"%.128s\", expected HOST, HOST:PORT or [IPV6]:PORT",
                    text != NULL ? text : "no string");
        return;
    }
    char *id = make_id(sd, &t, at);
    if (id == NULL)
        return;
    struct jval *object = fill(&t, sd->template);
    jval_set_str(object, "id", id);
    if (jval_get(object, "address") == NULL)
        jval_set_str(object, "address", t.host);
    set_labels(object, labels);
    MEM_ROOM(sd->l->made, sd->l->n_made, sd->l->cap_made);
    sd->l->made[sd->l->n_made++] = object;
    site_add_target(sd->l, object, sd->template_at);
    free(id);
}

/* --- lists ------------------------------------------------------------------------------------ */

static bool labels_are_sound(const struct sd *sd, const struct jval *labels,
                             const struct place *group)
{
    struct place at = PLACE_KEY(group, "labels");
    if (labels == NULL)
        return true;
    if (jval_type(labels) != JVAL_OBJECT || jval_len(labels) > SD_LABELS_MAX) {
        site_errorf(sd->l, &at, "found %s of %zu, expected an object of at most %d strings",
                    jval_type_name(jval_type(labels)), jval_len(labels), SD_LABELS_MAX);
        return false;
    }
    for (void *it = jval_first(labels); it != NULL; it = jval_next(labels, it)) {
        const char *value = jval_str(jval_value(it));
        struct place one = PLACE_KEY(&at, jval_key(it));
        if (value != NULL && text_is_clean(value) && strstr(value, "${") == NULL)
            continue;
        site_errorf(sd->l, &one, "found %s, expected a string without controls and \"${\"",
                    value != NULL ? "such" : jval_type_name(jval_type(jval_value(it))));
        return false;
    }
    return true;
}

static void read_group(const struct sd *sd, const struct jval *group, const struct place *at)
{
    const struct jval *targets = jval_get(group, "targets"), *labels = jval_get(group, "labels");
    struct place list = PLACE_KEY(at, "targets");
    if (jval_type(group) != JVAL_OBJECT || jval_type(targets) != JVAL_ARRAY) {
        site_errorf(sd->l, at, "found %s, expected {\"targets\": [\"HOST:PORT\"], \"labels\": {…}}",
                    jval_type_name(jval_type(group)));
        return;
    }
    if (!labels_are_sound(sd, labels, at))
        return;
    size_t before = sd->l->errors->n;
    for (size_t i = 0; i < jval_len(targets) && sd->l->errors->n < before + 20; i++) {
        struct place item = PLACE_INDEX(&list, i);
        if (sd->l->site->fleet->n_targets >= SITE_TARGETS_MAX) {
            site_errorf(sd->l, &item, "found more than %d targets", SITE_TARGETS_MAX);
            return;
        }
        add_target(sd, jval_str(jval_at(targets, i)), labels, &item);
    }
}

static void read_list(const struct sd *sd, const char *path, const struct place *asked)
{
    char *kept = mem_strdup(path);
    struct jval *root = site_read_list(sd->l, path, asked);
    struct place at = PLACE_FILE(kept);
    for (size_t i = 0; i < jval_len(root); i++) {
        struct place item = PLACE_INDEX(&at, i);
        read_group(sd, jval_at(root, i), &item);
    }
    jval_free(root);
    free(kept);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in the folder of `pattern` that its last part matches, sorted. */
static bool match_files(const char *pattern, struct names *out, struct err *e)
{
    const char *slash = strrchr(pattern, '/');
    char *folder =
        slash != NULL ? mem_strndup(pattern, (size_t)(slash - pattern)) : mem_strdup(".");
    DIR *d = opendir(folder[0] != '\0' ? folder : "/");
    const struct dirent *entry;
    bool is_ok =
        d != NULL || err_set(e, "cannot look into \"%.256s\": %s", folder, strerror(errno));
    while (is_ok && (entry = readdir(d)) != NULL) {
        struct buf path = BUF_INIT(PATH_MAX);
        if (entry->d_name[0] == '.' ||
            !text_glob(slash != NULL ? slash + 1 : pattern, entry->d_name))
            continue;
        if (out->n == SD_FILES_MAX) {
            is_ok = err_set(e, "found more than %d files", SD_FILES_MAX);
            break;
        }
        if (slash != NULL)
            buf_add(&path, pattern, (size_t)(slash - pattern) + 1);
        buf_adds(&path, entry->d_name);
        names_add(out, buf_text(&path));
        buf_release(&path);
    }
    if (d != NULL)
        closedir(d);
    free(folder);
    if (out->n > 0)
        qsort(out->v, out->n, sizeof *out->v, by_name);
    return is_ok;
}

/* A pattern may match nothing yet: a note.  A name must be there. */
static void read_files(const struct sd *sd, const struct site_doc *doc, const char *name,
                       const struct place *at)
{
    size_t len = strlen(name);
    const char *slash = strrchr(name, '/');
    const char *last = slash != NULL ? slash + 1 : name;
    struct names paths = {0};
    struct err e;
    char *path = site_beside(doc->path, name);
    if (len < 5 || strcmp(name + len - 5, ".json") != 0) {
        site_errorf(sd->l, at, "found \"%.128s\", expected the name of a JSON list: *.json", name);
    } else if (strpbrk(last, "*?") == NULL) {
        names_add(&paths, path);
    } else if (!match_files(path, &paths, &e)) {
        site_error_at(sd->l, at, e.text);
    } else if (paths.n == 0) {
        struct buf where = BUF_INIT(TEXT_MAX_STORED);
        place_text(at, &where);
        site_error(&sd->l->site->notes, buf_text(&where), "no file has such a name yet");
        buf_release(&where);
    }
    for (size_t i = 0; i < paths.n; i++)
        read_list(sd, paths.v[i], at);
    names_release(&paths);
    free(path);
}

/* --- the key "file_sd" ------------------------------------------------------------------------ */

static void read_one(struct site_loader *l, const struct site_doc *doc, const struct jval *object,
                     const struct place *at)
{
    static const struct option *const tables[] = {site_sd_options, site_template_key};
    struct site_names names = {.loader = l};
    struct option_reader r = site_reader(l, &names, true);
    struct option_layer layer = {object, at};
    struct place template = PLACE_KEY(at, "template"), files = PLACE_KEY(at, "files");
    struct sd_row row = {0};
    struct sd sd = {.l = l, .template = jval_get(object, "template")};
    if (!option_check_keys(&r, &layer, tables, 2) && jval_type(object) != JVAL_OBJECT)
        return;
    if (jval_type(sd.template) != JVAL_OBJECT || jval_get(sd.template, "id") != NULL) {
        site_errorf(l, &template, "found %s, expected an object: a target without \"id\"",
                    jval_type(sd.template) == JVAL_OBJECT ? "one that has an \"id\""
                                                          : jval_type_name(jval_type(sd.template)));
        return;
    }
    sd.template_at = site_place_keep(l, &template);
    const struct jval *labels = jval_get(sd.template, "labels");
    struct place labels_at = PLACE_KEY(&template, "labels");
    if (labels != NULL && jval_type(labels) != JVAL_OBJECT) {
        site_errorf(l, &labels_at, "found %s, expected an object of strings",
                    jval_type_name(jval_type(labels)));
        return;
    }
    bool is_ok = option_fill(&r, site_sd_options, &row, &layer, 1);
    sd.id = row.id;
    for (size_t i = 0; is_ok && i < row.files.n; i++) {
        struct place item = PLACE_INDEX(&files, i);
        read_files(&sd, doc, row.files.v[i], &item);
    }
    option_release(site_sd_options, &row);
}

void site_read_sd(struct site_loader *l)
{
    for (size_t d = 0; d < l->n_docs; d++) {
        const struct jval *list = jval_get(l->docs[d]->root, "file_sd");
        struct place in_doc = PLACE_KEY(&l->docs[d]->at, "file_sd");
        const struct place *at = site_place_keep(l, &in_doc);
        for (size_t i = 0; jval_type(list) == JVAL_ARRAY && i < jval_len(list); i++) {
            struct place item = PLACE_INDEX(at, i);
            read_one(l, l->docs[d], jval_at(list, i), site_place_keep(l, &item));
        }
    }
}

void site_sd_release(struct site_loader *l)
{
    for (size_t i = 0; i < l->n_made; i++)
        jval_free(l->made[i]);
    free(l->made);
}
