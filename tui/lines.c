/* lines.c - small configuration files of people. */
#include "tui/lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* A `;` begins a comment at the start of the line or between blanks. */
static bool is_comment(const char *line, const char *p)
{
    bool blank_before = p == line || p[-1] == ' ' || p[-1] == '\t';
    bool blank_after = p[1] == '\0' || p[1] == ' ' || p[1] == '\t';
    return *p == ';' && (p == line || (blank_before && blank_after));
}

/* Cuts a comment and the blanks at both ends; returns the start. */
static char *trimmed(char *s)
{
    for (char *p = s; *p; p++)
        if (is_comment(s, p)) {
            *p = '\0';
            break;
        }
    while (*s == ' ' || *s == '\t')
        s++;
    size_t len = strlen(s);
    while (len > 0 && strchr(" \t\r", s[len - 1]))
        s[--len] = '\0';
    return s;
}

static bool parse_line(char *line, lines_fn *fn, void *arg, struct err *e)
{
    char *text = trimmed(line);
    if (*text == '\0')
        return true;
    char *eq = strchr(text + 1, '='); /* from 1: '=' itself is a key that can be bound */
    if (!eq)
        return err_set(e, "expected `name = value`, found '%.60s'", text);
    *eq = '\0';
    char *name = trimmed(text), *value = eq + 1;
    while (*value == ' ' || *value == '\t')
        value++;
    return fn(arg, name, value, e);
}

bool lines_parse(const char *path, const char *text, lines_fn *fn, void *arg, struct err *e)
{
    bool is_ok = true;
    for (int n = 1; *text && is_ok; n++) {
        size_t len = strcspn(text, "\n");
        char *line = mem_strndup(text, len);
        is_ok = parse_line(line, fn, arg, e);
        if (!is_ok)
            err_prefix(e, "%s:%d", path, n);
        free(line);
        text += len + (text[len] == '\n' ? 1 : 0);
    }
    return is_ok;
}

char *lines_read(const char *path, struct err *e)
{
    FILE *f = fopen(path, "re");
    if (!f) {
        err_set(e, "cannot read '%s': %s", path, strerror(errno));
        return NULL;
    }
    char *text = mem_alloc(LINES_FILE_MAX + 1);
    size_t n = fread(text, 1, LINES_FILE_MAX + 1, f);
    bool is_bad = ferror(f) != 0;
    fclose(f);
    if (is_bad || n > LINES_FILE_MAX) {
        err_set(e, "%s '%s'",
                is_bad ? "cannot read" : "over 64 KiB, not a theme or key file:", path);
        free(text);
        return NULL;
    }
    text[n] = '\0';
    return text;
}
