/* notify_text.c - see notify_text.h. */
#include "tui/notify_text.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/text.h"

static const char *const urgency_names[NOTIFY_URGENCY_COUNT] = {"low", "normal", "critical"};

static void add_field(struct buf *out, const char *text)
{
    struct buf clean = BUF_INIT(NOTIFY_LINE_MAX / 4); /* three of them are a line */

    text_clean(&clean, text, strlen(text), 0);
    buf_addc(out, '\t');
    buf_adds(out, buf_text(&clean));
    buf_release(&clean);
}

void notify_write(struct buf *out, enum notify_urgency urgency, const char *key,
                  const char *summary, const char *body)
{
    buf_adds(out, urgency_names[urgency]);
    add_field(out, key);
    add_field(out, summary);
    add_field(out, body);
    buf_addc(out, '\n');
}

static const char *entity_of(uint32_t cp)
{
    switch (cp) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void notify_escape(struct buf *out, const char *text, size_t max)
{
    size_t len = strlen(text), used = 0, n;
    uint32_t cp;

    for (; (n = text_decode(text, len, &cp)) > 0; text += n, len -= n) {
        const char *entity = entity_of(cp);
        const char *add = entity ? entity : text;
        size_t add_len = entity ? strlen(entity) : n;
        if (used + add_len > max)
            return;
        buf_add(out, add, add_len);
        used += add_len;
    }
}

/* The next field, cleaned; *at moves behind its tab. */
static void take_field(struct buf *out, const char **at, const char *end)
{
    const char *tab = memchr(*at, '\t', (size_t)(end - *at));
    const char *field_end = tab ? tab : end;

    text_clean(out, *at, (size_t)(field_end - *at), 0);
    *at = tab ? tab + 1 : end;
}

static bool read_urgency(const char *name, enum notify_urgency *out, struct err *e)
{
    for (int i = 0; i < NOTIFY_URGENCY_COUNT; i++)
        if (strcmp(urgency_names[i], name) == 0) {
            *out = (enum notify_urgency)i;
            return true;
        }
    return err_set(e, "no such urgency '%.40s': low, normal, critical", name);
}

bool notify_read(struct notify_notice *n, const char *line, size_t len, struct err *e)
{
    const char *at = line, *end = line + len;
    struct buf urgency = BUF_INIT(16), key = BUF_INIT(NOTIFY_KEY_MAX - 1),
               summary = BUF_INIT(NOTIFY_BODY_MAX), body = BUF_INIT(TEXT_MAX_STORED),
               escaped = BUF_INIT(0);

    take_field(&urgency, &at, end);
    take_field(&key, &at, end);
    take_field(&summary, &at, end);
    text_clean(&body, at, (size_t)(end - at), 0); /* a tab in it is a blank */
    notify_escape(&escaped, buf_text(&body), NOTIFY_BODY_MAX);
    snprintf(n->key, sizeof n->key, "%s", buf_text(&key));
    snprintf(n->summary, sizeof n->summary, "%s", buf_text(&summary));
    snprintf(n->body, sizeof n->body, "%s", buf_text(&escaped));
    bool is_ok = read_urgency(buf_text(&urgency), &n->urgency, e) &&
                 (summary.len > 0 || err_set(e, "a notice without a summary"));
    buf_release(&urgency);
    buf_release(&key);
    buf_release(&summary);
    buf_release(&body);
    buf_release(&escaped);
    return is_ok;
}
