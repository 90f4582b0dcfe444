/* flow_text.c - a template, piece by piece: literal text and names, and where each name stands. */
#include <string.h>
#include <strings.h>

#include "probes/flow.h"

struct flow_scan flow_scan(const char *template, enum flow_form form)
{
    return (struct flow_scan){.at = template, .form = form};
}

static void pass_json(struct flow_scan *s, char c)
{
    if (s->is_escaped)
        s->is_escaped = false;
    else if (s->is_string && c == '\\')
        s->is_escaped = true;
    else if (c == '"')
        s->is_string = !s->is_string;
}

/* What begins with "<" and is no element; NULL: it is one. */
static const char *end_of_special(const char *at)
{
    static const char *const kinds[][2] = {
        {"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(at, kinds[i][0], strlen(kinds[i][0])) == 0)
            return kinds[i][1];
    return NULL;
}

static void pass_xml(struct flow_scan *s, const char *at)
{
    if (s->until != NULL) {
        size_t len = strlen(s->until);
        if (*at == '>' && strncmp(at + 1 - len, s->until, len) == 0)
            s->until = NULL;
    } else if (s->quote != '\0') {
        if (*at == s->quote)
            s->quote = '\0';
    } else if (s->is_tag) {
        if (*at == '>')
            s->is_tag = false;
        else if (*at == '"' || *at == '\'')
            s->quote = *at;
    } else if (*at == '<') {
        s->until = end_of_special(at);
        s->is_tag = s->until == NULL;
    }
}

static void pass(struct flow_scan *s, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s->form == FLOW_JSON)
            pass_json(s, text[i]);
        else if (s->form == FLOW_XML)
            pass_xml(s, text + i);
}

static enum flow_place place_of(const struct flow_scan *s)
{
    switch (s->form) {
    case FLOW_URL:
        return FLOW_AT_URL;
    case FLOW_HEADER:
        return FLOW_AT_HEADER;
    case FLOW_JSON:
        return s->is_escaped ? FLOW_AT_NOWHERE : s->is_string ? FLOW_AT_JSON_STRING : FLOW_AT_JSON;
    case FLOW_XML:
        return s->until != NULL || (s->is_tag && s->quote == '\0') ? FLOW_AT_NOWHERE : FLOW_AT_XML;
    case FLOW_FIELDS:
        return FLOW_AT_FIELD;
    case FLOW_OTHER:
    case FLOW_WORDS:
        break;
    }
    return FLOW_AT_NOWHERE;
}

bool flow_scan_next(struct flow_scan *s, struct flow_piece *out)
{
    const char *at = s->at, *end;
    *out = (struct flow_piece){.text = at, .place = FLOW_AT_NOWHERE};
    if (*at == '\0')
        return false;
    if (strncmp(at, "$${", 3) == 0) { /* a literal "${" */
        out->text = at + 1;
        out->len = 2;
        s->at = at + 3;
    } else if (strncmp(at, "${", 2) == 0 && (end = strchr(at, '}')) != NULL) {
        out->text = at + 2;
        out->len = (size_t)(end - at) - 2;
        out->is_name = true;
        out->place = place_of(s);
        s->at = end + 1;
        return true;
    } else {
        for (end = at + 1; *end != '\0'; end++)
            if (strncmp(end, "${", 2) == 0 || strncmp(end, "$${", 3) == 0)
                break;
        out->len = (size_t)(end - at);
        s->at = end;
    }
    pass(s, out->text, out->len);
    return true;
}

enum flow_form flow_body_form(const struct flow_step *s)
{
    const char *type = s->content_type;
    if (type == NULL)
        return s->reply == FLOW_REPLY_XML ? FLOW_XML : FLOW_JSON;
    if (strcasestr(type, "json") != NULL)
        return FLOW_JSON;
    if (strcasestr(type, "xml") != NULL)
        return FLOW_XML;
    return strcasestr(type, "x-www-form-urlencoded") != NULL ? FLOW_FIELDS : FLOW_OTHER;
}
