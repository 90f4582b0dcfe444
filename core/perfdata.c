#include "core/perfdata.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"

/* Numbers are copied out first: strtod needs an end, and would take hex and "nan". */
static size_t take_number(const char *s, size_t len, double *value)
{
    char text[64], *end;
    size_t n = 0;

    while (n < len && n < sizeof text - 1 && s[n] != '\0' && strchr("+-.0123456789eE", s[n])) {
        text[n] = s[n];
        n++;
    }
    text[n] = '\0';
    *value = strtod(text, &end);
    return (size_t)(end - text);
}

static bool is_unit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '%';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* One item at s; returns its length. */
static size_t take_item(struct result *r, const char *s, size_t len)
{
    char name[TEXT_MAX_NAME + 1], unit[16];
    size_t at = 0, n = 0, n_unit = 0;
    bool is_quoted = s[0] == '\'';
    double value;

    for (at = is_quoted; at < len; at++) {
        if (is_quoted && s[at] == '\'') {
            if (at + 1 == len || s[at + 1] != '\'')
                break;
            at++; /* '' stands for ' */
        } else if (!is_quoted && (s[at] == '=' || is_space(s[at]))) {
            break;
        }
        if (n < TEXT_MAX_NAME)
            name[n++] = s[at];
    }
    name[n] = '\0';
    at += is_quoted && at < len;
    if (n > 0 && memchr(name, '\0', n) == NULL && at < len && s[at] == '=') {
        at++;
        size_t digits = take_number(s + at, len - at, &value);
        for (size_t u = at + digits; u < len && is_unit(s[u]) && n_unit < sizeof unit - 1; u++)
            unit[n_unit++] = s[u];
        unit[n_unit] = '\0';
        if (digits > 0)
            result_metric(r, name, value, unit);
    }
    while (at < len && !is_space(s[at]))
        at++;
    return at > 0 ? at : 1;
}

void perfdata_parse(struct result *r, const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        if (is_space(text[at]))
            at++;
        else
            at += take_item(r, text + at, len - at);
    }
}

char *perfdata_output(struct result *r, const char *out, size_t len)
{
    const char *line_end = memchr(out, '\n', len);
    size_t line = line_end != NULL ? (size_t)(line_end - out) : len;
    const char *bar = memchr(out, '|', line);
    size_t text = bar != NULL ? (size_t)(bar - out) : line;

    if (bar != NULL)
        perfdata_parse(r, bar + 1, line - text - 1);
    if (line_end != NULL) {
        bar = memchr(line_end, '|', len - line);
        if (bar != NULL)
            perfdata_parse(r, bar + 1, len - (size_t)(bar + 1 - out));
    }
    while (text > 0 && is_space(out[text - 1]))
        text--;
    while (text > 0 && is_space(out[0])) {
        out++;
        text--;
    }
    return text > 0 ? text_cleaned(out, text, TEXT_MAX_LISTED, 0) : NULL;
}
