#include "engine/smtp_words.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/mem.h"
#include "core/text.h"

void smtp_reply_begin(struct smtp_reply *r)
{
    r->code = 0;
    r->lines.max = SMTP_TEXT_MAX;
    buf_clear(&r->lines);
}

void smtp_reply_release(struct smtp_reply *r)
{
    buf_release(&r->lines);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "250-text" goes on, "250 text" and "250" end it; all lines have one code. */
enum smtp_took smtp_reply_line(struct smtp_reply *r, const char *line, size_t len)
{
    if (len < 3 || !is_digit(line[0]) || !is_digit(line[1]) || !is_digit(line[2]))
        return SMTP_NONSENSE;
    int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    char next = len > 3 ? line[3] : ' ';
    if (code < 200 || code > 599 || (next != ' ' && next != '-') ||
        (r->code != 0 && r->code != code))
        return SMTP_NONSENSE;
    r->code = code;
    if (len > 4)
        buf_add(&r->lines, line + 4, len - 4);
    buf_addc(&r->lines, '\n');
    return next == '-' ? SMTP_MORE : SMTP_WHOLE;
}

char *smtp_reply_text(const struct smtp_reply *r)
{
    const char *text = buf_text(&r->lines);
    size_t end = r->lines.len;
    struct buf out = BUF_INIT(256);

    while (end > 0 && text[end - 1] == '\n')
        end--;
    size_t from = end;
    while (from > 0 && text[from - 1] != '\n')
        from--;
    buf_addf(&out, "%d%s", r->code, end > from ? " " : "");
    text_clean(&out, text + from, end - from, 0);
    return buf_take(&out);
}

/* The next line after the first, NUL-free part; false: there is none. */
static bool next_line(const struct smtp_reply *r, size_t *at, const char **line, size_t *len)
{
    const char *text = buf_text(&r->lines);

    if (*at >= r->lines.len)
        return false;
    const char *end = memchr(text + *at, '\n', r->lines.len - *at);
    *line = text + *at;
    *len = end != NULL ? (size_t)(end - *line) : r->lines.len - *at;
    *at += *len + 1;
    return true;
}

static size_t word_len(const char *s, size_t len)
{
    size_t n = 0;
    while (n < len && s[n] != ' ' && s[n] != '=')
        n++;
    return n;
}

static bool has_value(const char *s, size_t len, const char *value)
{
    while (len > 0) {
        size_t n = word_len(s, len);
        if (n == strlen(value) && strncasecmp(s, value, n) == 0)
            return true;
        n += n < len;
        s += n;
        len -= n;
    }
    return false;
}

bool smtp_offers(const struct smtp_reply *ehlo, const char *keyword, const char *value)
{
    const char *line;
    size_t at = 0, len;

    if (!next_line(ehlo, &at, &line, &len)) /* the first one is the server's name */
        return false;
    while (next_line(ehlo, &at, &line, &len)) {
        size_t n = word_len(line, len);
        if (n != strlen(keyword) || strncasecmp(line, keyword, n) != 0)
            continue;
        if (value == NULL || has_value(line + n, len - n, value))
            return true;
    }
    return false;
}

char *smtp_keywords(const struct smtp_reply *ehlo)
{
    struct buf all = BUF_INIT(SMTP_TEXT_MAX);
    const char *line;
    size_t at = 0, len;

    if (next_line(ehlo, &at, &line, &len))
        while (next_line(ehlo, &at, &line, &len)) {
            if (all.len > 0)
                buf_addc(&all, ' ');
            buf_add(&all, line, word_len(line, len));
        }
    char *clean = text_cleaned(buf_text(&all), all.len, TEXT_MAX_NAME, 0);
    buf_release(&all);
    return clean;
}

void smtp_base64(struct buf *out, const void *bytes, size_t len)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *b = bytes;

    for (size_t i = 0; i < len; i += 3) {
        unsigned v = (unsigned)b[i] << 16 | (i + 1 < len ? (unsigned)b[i + 1] << 8 : 0) |
                     (i + 2 < len ? b[i + 2] : 0u);
        buf_addc(out, set[v >> 18]);
        buf_addc(out, set[v >> 12 & 63]);
        buf_addc(out, i + 1 < len ? set[v >> 6 & 63] : '=');
        buf_addc(out, i + 2 < len ? set[v & 63] : '=');
    }
}
