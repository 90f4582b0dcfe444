/* Reads the root file and what it includes: size, rights, syntax, cycles; and lists of targets. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"
#include "engine/hash.h"
#include "engine/site_load.h"
#include "engine/site_trust.h"

static bool read_all(int fd, struct buf *out, struct err *e)
{
    char chunk[16384];
    ssize_t n;
    while ((n = read(fd, chunk, sizeof chunk)) > 0 && !out->is_cut)
        buf_add(out, chunk, (size_t)n);
    if (n < 0)
        return err_set(e, "cannot read it: %s", strerror(errno));
    return !out->is_cut || err_set(e, "found more than %u bytes", SITE_FILE_MAX);
}

static bool file_read(const char *path, struct stat *st, struct buf *out, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return err_set(e, "cannot open it: %s", strerror(errno));
    bool is_ok = fstat(fd, st) == 0 || err_set(e, "cannot look at it: %s", strerror(errno));
    is_ok = is_ok && site_trust_file(st, e) && read_all(fd, out, e);
    close(fd);
    return is_ok;
}

/* "line 3 column 7: text" of the parser becomes "FILE:3:7" and the text. */
static void tell_syntax(struct site_loader *l, const char *path, const char *text)
{
    struct buf where = BUF_INIT(2 * PATH_MAX);
    int line = 0, column = 0, used = 0;
    buf_adds(&where, path);
    if (sscanf(text, "line %d column %d: %n", &line, &column, &used) == 2 && used > 0)
        buf_addf(&where, ":%d:%d", line, column);
    struct err e;
    err_set(&e, "not JSON: %s", text + used);
    site_error(l->errors, buf_text(&where), e.text);
    buf_release(&where);
}

static struct site_doc *doc_seen(const struct site_loader *l, const struct stat *st)
{
    for (size_t i = 0; i < l->n_docs; i++)
        if (l->docs[i]->dev == (uint64_t)st->st_dev && l->docs[i]->ino == (uint64_t)st->st_ino)
            return l->docs[i];
    return NULL;
}

static struct site_doc *doc_add(struct site_loader *l, const char *path, struct jval *root,
                                const struct stat *st)
{
    struct site_doc *d = mem_alloc(sizeof *d);
    d->path = mem_strdup(path);
    d->root = root;
    d->at = (struct place)PLACE_FILE(d->path);
    d->dev = (uint64_t)st->st_dev;
    d->ino = (uint64_t)st->st_ino;
    MEM_ROOM(l->docs, l->n_docs, l->cap_docs);
    l->docs[l->n_docs++] = d;
    return d;
}

/* The digest of all files so far and this one. */
static void hash_on(struct site *s, const char *bytes, size_t len)
{
    char hex[HASH_HEX];
    struct buf both = BUF_INIT(0);
    hash_sha256(bytes, len, hex);
    buf_adds(&both, s->hash);
    buf_adds(&both, hex);
    hash_sha256(both.bytes, both.len, s->hash);
    buf_release(&both);
}

/* Reads and parses one file that stands at `at` in its includer (NULL: the root itself). */
static struct site_doc *read_doc(struct site_loader *l, const char *path, const struct place *at)
{
    struct buf text = BUF_INIT(SITE_FILE_MAX + 1);
    struct stat st;
    struct err e;
    struct place whole = PLACE_FILE(path);
    struct site_doc *doc = NULL;
    if (!file_read(path, &st, &text, &e)) {
        if (at != NULL)
            err_prefix(&e, "\"%s\"", path);
        site_errorf(l, at != NULL ? at : &whole, "%s", e.text);
    } else if (doc_seen(l, &st) != NULL) {
        site_errorf(l, at,
                    doc_seen(l, &st)->is_open ? "\"%s\" includes itself: found a circle"
                                              : "\"%s\" is included twice",
                    path);
    } else {
        hash_on(l->site, buf_text(&text), text.len);
        buf_addc(&text, '\n'); /* so that the parser always tells line and column */
        struct jval *root = jval_parse(text.bytes, text.len, &e);
        if (root == NULL)
            tell_syntax(l, path, e.text);
        else if (jval_type(root) != JVAL_OBJECT)
            site_errorf(l, &whole, "found %s, expected an object", jval_type_name(jval_type(root)));
        if (jval_type(root) == JVAL_OBJECT)
            doc = doc_add(l, path, root, &st);
        else
            jval_free(root);
    }
    buf_release(&text);
    return doc;
}

struct jval *site_read_list(struct site_loader *l, const char *path, const struct place *at)
{
    struct buf text = BUF_INIT(SITE_FILE_MAX + 1);
    struct place whole = PLACE_FILE(path);
    struct jval *root = NULL;
    struct stat st;
    struct err e;
    if (!file_read(path, &st, &text, &e)) {
        err_prefix(&e, "\"%s\"", path);
        site_error_at(l, at, e.text);
    } else {
        hash_on(l->site, buf_text(&text), text.len);
        buf_addc(&text, '\n');
        root = jval_parse(text.bytes, text.len, &e);
        if (root == NULL)
            tell_syntax(l, path, e.text);
        else if (jval_type(root) != JVAL_ARRAY)
            site_errorf(l, &whole, "found %s, expected an array", jval_type_name(jval_type(root)));
    }
    buf_release(&text);
    if (jval_type(root) == JVAL_ARRAY)
        return root;
    jval_free(root);
    return NULL;
}

char *site_beside(const char *includer, const char *name)
{
    if (name[0] == '/')
        return mem_strdup(name);
    const char *slash = strrchr(includer, '/');
    struct buf path = BUF_INIT(PATH_MAX);
    if (slash != NULL)
        buf_add(&path, includer, (size_t)(slash - includer) + 1);
    buf_adds(&path, name);
    return buf_take(&path);
}

static void read_includes(struct site_loader *l, struct site_doc *doc, int depth)
{
    const struct jval *list = jval_get(doc->root, "include");
    struct place at = PLACE_KEY(&doc->at, "include");
    if (list != NULL && jval_type(list) != JVAL_ARRAY)
        site_errorf(l, &at, "found %s, expected an array of file names",
                    jval_type_name(jval_type(list)));
    doc->is_open = true;
    for (size_t i = 0; jval_type(list) == JVAL_ARRAY && i < jval_len(list); i++) {
        struct place item = PLACE_INDEX(&at, i);
        const char *name = jval_str(jval_at(list, i));
        if (name == NULL || name[0] == '\0') {
            site_errorf(l, &item, "found %s, expected a file name",
                        jval_type_name(jval_type(jval_at(list, i))));
            continue;
        }
        if (l->n_docs >= SITE_FILES_MAX || depth >= SITE_DEPTH_MAX) {
            site_errorf(l, &item, "found more than %d files or %d levels of include",
                        SITE_FILES_MAX, SITE_DEPTH_MAX);
            break;
        }
        char *path = site_beside(doc->path, name);
        struct site_doc *inner = read_doc(l, path, &item);
        if (inner != NULL)
            read_includes(l, inner, depth + 1);
        free(path);
    }
    doc->is_open = false;
}

void site_read_all(struct site_loader *l, const char *path)
{
    struct site_doc *root = read_doc(l, path, NULL);
    if (root != NULL)
        read_includes(l, root, 0);
    for (size_t i = 0; l->set != NULL && i < l->set->n; i++) {
        hash_on(l->site, l->set->keys[i], strlen(l->set->keys[i]));
        hash_on(l->site, l->set->values[i], strlen(l->set->values[i]));
    }
}
