#include "probes/xml.h"

#include <ctype.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/text.h"

struct xml {
    char *name;
    struct buf text;
    struct xml *parent, *first, *last, *next;
};

struct reader {
    XML_Parser parser;
    struct xml *root, *at;
    size_t depth, elements;
    const char *refused; /* why we stopped the parser */
};

static void refuse(struct reader *r, const char *why)
{
    r->refused = why;
    XML_StopParser(r->parser, XML_FALSE);
}

static void on_start(void *arg, const char *name, const char **attributes)
{
    struct reader *r = arg;
    (void)attributes;
    if (r->refused != NULL)
        return;
    if (++r->depth > XML_DEPTH_MAX || ++r->elements > XML_ELEMENTS_MAX) {
        refuse(r, r->depth > XML_DEPTH_MAX ? "nested too deep" : "too many elements");
        return;
    }
    struct xml *x = mem_alloc(sizeof *x);
    x->name = mem_strdup(name);
    x->text = (struct buf)BUF_INIT(XML_TEXT_MAX);
    x->parent = r->at;
    if (r->at == NULL)
        r->root = x;
    else if (r->at->last == NULL)
        r->at->first = r->at->last = x;
    else
        r->at->last = r->at->last->next = x;
    r->at = x;
}

static void on_end(void *arg, const char *name)
{
    struct reader *r = arg;
    (void)name;
    if (r->refused != NULL || r->at == NULL)
        return;
    struct buf *t = &r->at->text;
    while (t->len > 0 && isspace((unsigned char)t->bytes[t->len - 1]))
        t->bytes[--t->len] = '\0';
    r->depth--;
    r->at = r->at->parent;
}

static void on_text(void *arg, const char *text, int len)
{
    struct reader *r = arg;
    size_t n = (size_t)len;
    if (r->refused != NULL || r->at == NULL)
        return;
    while (r->at->text.len == 0 && n > 0 && isspace((unsigned char)*text)) {
        text++;
        n--;
    }
    if (n > 0)
        buf_add(&r->at->text, text, n);
}

static void on_doctype(void *arg, const char *name, const char *system, const char *public,
                       int has_subset)
{
    (void)name;
    (void)system;
    (void)public;
    (void)has_subset;
    refuse(arg, "a document type is not taken");
}

struct xml *xml_parse(const char *bytes, size_t len, struct err *e)
{
    struct reader r = {.parser = XML_ParserCreate(NULL)};
    bool ok = false;

    if (r.parser == NULL) {
        err_set(e, "out of memory");
        return NULL;
    }
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, on_start, on_end);
    XML_SetCharacterDataHandler(r.parser, on_text);
    XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
    if (len <= INT32_MAX)
        ok = XML_Parse(r.parser, bytes, (int)len, 1) == XML_STATUS_OK;
    if (!ok) {
        const char *why =
            r.refused != NULL ? r.refused : XML_ErrorString(XML_GetErrorCode(r.parser));
        err_set(e, "line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(r.parser),
                why != NULL ? why : "too long");
        xml_free(r.root);
        r.root = NULL;
    }
    XML_ParserFree(r.parser);
    return r.root;
}

void xml_free(struct xml *x)
{
    while (x != NULL) { /* children are freed first; depth is capped */
        struct xml *next = x->next;
        xml_free(x->first);
        free(x->name);
        buf_release(&x->text);
        free(x);
        x = next;
    }
}

const char *xml_name(const struct xml *x)
{
    return x != NULL ? x->name : NULL;
}

const char *xml_text(const struct xml *x)
{
    return x != NULL ? buf_text(&x->text) : "";
}

static const struct xml *named(const struct xml *x, const char *name, size_t len)
{
    while (x != NULL && (strncmp(x->name, name, len) != 0 || x->name[len] != '\0'))
        x = x->next;
    return x;
}

const struct xml *xml_child(const struct xml *x, const char *name)
{
    return x != NULL ? named(x->first, name, strlen(name)) : NULL;
}

const struct xml *xml_next(const struct xml *x)
{
    return x != NULL ? named(x->next, x->name, strlen(x->name)) : NULL;
}

const struct xml *xml_path(const struct xml *x, const char *path)
{
    while (x != NULL && *path != '\0') {
        size_t len = strcspn(path, "/");
        x = named(x->first, path, len);
        path += len + (path[len] == '/');
    }
    return x;
}

bool xml_is_cut(const struct xml *x)
{
    return x != NULL && x->text.is_cut;
}

static bool is_local_name(const struct xml *x, const char *name, size_t len)
{
    const char *colon = strchr(x->name, ':'), *local = colon != NULL ? colon + 1 : x->name;
    return strncmp(local, name, len) == 0 && local[len] == '\0';
}

/* Among x and its siblings; the depth of a document is capped. */
static const struct xml *find(const struct xml *x, const char *path, bool is_deep)
{
    size_t len = strcspn(path, "/");
    for (; x != NULL; x = x->next) {
        const struct xml *found = NULL;
        if (is_local_name(x, path, len))
            found = path[len] == '\0' ? x : find(x->first, path + len + 1, false);
        if (found == NULL && is_deep)
            found = find(x->first, path, true);
        if (found != NULL)
            return found;
    }
    return NULL;
}

const struct xml *xml_find(const struct xml *root, const char *path)
{
    bool is_deep = path[0] == '/' && path[1] == '/';
    return find(root, path + (is_deep ? 2 : path[0] == '/'), is_deep);
}

int64_t xml_int(const struct xml *x, int64_t fallback)
{
    const char *text = xml_text(x);
    bool is_negative = *text == '-';
    int64_t n = 0;

    text += is_negative;
    if (*text == '\0' || strlen(text) > 15)
        return fallback;
    for (; *text != '\0'; text++) {
        if (!isdigit((unsigned char)*text))
            return fallback;
        n = n * 10 + (*text - '0');
    }
    return is_negative ? -n : n;
}
