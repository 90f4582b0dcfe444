#include "core/text.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"

#define MARKS_MAX 2 /* combining marks kept on one base */

/* --- UTF-8 ------------------------------------------------------------------------------- */

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Strict: no overlong forms, no surrogates, nothing beyond U+10FFFF.  A NUL-terminated string may
 * be given with any len: NUL is no tail byte, so nothing behind it is read. */
size_t text_decode(const char *s, size_t len, uint32_t *cp)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (len == 0 || *s == '\0')
        return 0;
    unsigned char head = (unsigned char)*s;
    *cp = head;
    if (head < 0x80)
        return 1;
    size_t n = head >= 0xF0 ? 4 : head >= 0xE0 ? 3 : 2;
    uint32_t c = head & (0x7Fu >> n);
    *cp = 0xFFFD;
    if (head < 0xC2 || head > 0xF4 || n > len)
        return 1;
    for (size_t i = 1; i < n; i++) {
        if (!is_tail(s[i]))
            return 1;
        c = c << 6 | ((unsigned char)s[i] & 0x3Fu);
    }
    if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 1;
    *cp = c;
    return n;
}

size_t text_encode(uint32_t cp, char out[4])
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, cp >>= 6)
        out[i] = (char)(0x80 | (cp & 0x3F));
    out[0] = (char)(0xF00u >> n | cp);
    return n;
}

/* --- the sanitiser ----------------------------------------------------------------------- */

/* What turns, hides or joins text without being seen (faults.md HI2), and what Unicode keeps free
 * for more of the kind. */
static bool is_forbidden(uint32_t cp)
{
    static const uint32_t ranges[][2] = {
        {0x061C, 0x061C},   {0x180E, 0x180E},    {0x200B, 0x200F},   {0x2028, 0x202E},
        {0x2060, 0x206F},   {0xE000, 0xF8FF},    {0xFDD0, 0xFDEF},   {0xFEFF, 0xFEFF},
        {0xFFF0, 0xFFFB},   {0x1BCA0, 0x1BCA3},  {0x1D173, 0x1D17A}, {0xE0000, 0xE00FF},
        {0xE01F0, 0xE0FFF}, {0xF0000, 0x10FFFF},
    };
    if (cp < ranges[0][0])
        return false;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (cp >= ranges[i][0] && cp <= ranges[i][1])
            return true;
    return (cp & 0xFFFE) == 0xFFFE;
}

static size_t ascii_run(const char *s, size_t len)
{
    size_t n = 0;
    while (n < len && s[n] >= 0x20 && s[n] < 0x7F)
        n++;
    return n;
}

/* One character as it stands in the source. */
struct seen {
    uint32_t cp; /* an invalid byte stands for itself */
    size_t len;
    bool is_byte; /* control or invalid: shown as \xHH */
};

static struct seen look(const char *s, size_t len)
{
    struct seen c = {0};
    c.len = text_decode(s, len, &c.cp);
    if (c.len <= 1) {
        c.len = 1;
        c.cp = (unsigned char)*s;
    }
    c.is_byte = c.cp < 0x20 || c.cp == 0x7F || (c.cp >= 0x80 && (c.cp < 0xA0 || c.len == 1));
    return c;
}

/* True if the character may stay; counts the marks on the present base. */
static bool may_stay(const struct seen *c, int flags, int *marks)
{
    if (c->is_byte) {
        *marks = 0;
        return c->cp == '\n' && c->len == 1 && (flags & TEXT_LINES) != 0;
    }
    if (is_forbidden(c->cp))
        return false;
    if (text_char_cols(c->cp) != 0) {
        *marks = 0;
        return true;
    }
    return (*marks)++ < MARKS_MAX;
}

/* Appends what is shown instead of c; returns how much of the source that stands for. */
static size_t replace(struct buf *out, const struct seen *c, const char *s, size_t len, int flags)
{
    const char *line_end = (flags & TEXT_LINES) != 0 ? "\n" : " ";
    if (c->cp == '\r' && len > 1 && s[1] == '\n') {
        buf_adds(out, line_end);
        return 2;
    }
    if (c->cp == '\n')
        buf_adds(out, line_end);
    else if (c->cp == '\t')
        buf_addc(out, ' ');
    else if (c->is_byte)
        buf_addf(out, "\\x%02x", (unsigned)c->cp);
    else
        buf_addf(out, "<U+%04X>", (unsigned)c->cp);
    return c->len;
}

/* A cut text ends with "…" after a whole character; nothing is left where not even that fits. */
static void mark_cut(struct buf *out, size_t start)
{
    static const char dots[] = "…";
    size_t dots_len = sizeof dots - 1;
    size_t at = out->max - start >= dots_len ? out->max - dots_len : start;
    while (at > start && is_tail(out->bytes[at]))
        at--;
    out->len = at;
    out->bytes[at] = '\0';
    if (out->max - at >= dots_len)
        buf_add(out, dots, dots_len);
}

bool text_clean(struct buf *out, const char *bytes, size_t len, int flags)
{
    size_t start = out->len, run = 0, i = 0;
    int marks = 0;
    bool was_clean = true, was_cut = out->is_cut;
    while (i < len && !out->is_cut) {
        size_t plain = ascii_run(bytes + i, len - i);
        if (plain > 0) {
            marks = 0;
            i += plain;
            continue;
        }
        struct seen c = look(bytes + i, len - i);
        if (may_stay(&c, flags, &marks)) {
            i += c.len;
            continue;
        }
        buf_add(out, bytes + run, i - run);
        i += replace(out, &c, bytes + i, len - i, flags);
        run = i;
        was_clean = false;
    }
    buf_add(out, bytes + run, i - run);
    if (out->is_cut && !was_cut)
        mark_cut(out, start);
    return was_clean && !out->is_cut;
}

char *text_cleaned(const char *bytes, size_t len, size_t max, int flags)
{
    struct buf b = BUF_INIT(max);
    text_clean(&b, bytes, len, flags);
    return buf_take(&b);
}

bool text_is_clean(const char *s)
{
    int marks = 0;
    for (size_t left = strlen(s); left > 0;) {
        struct seen c = look(s, left);
        if (!may_stay(&c, 0, &marks))
            return false;
        s += c.len;
        left -= c.len;
    }
    return true;
}

/* --- names and patterns ------------------------------------------------------------------ */

bool text_is_name(const char *s)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_.:-";
    size_t n = strspn(s, allowed);
    return n > 0 && n <= TEXT_MAX_NAME && s[n] == '\0' && s[0] != '-';
}

/* On a mismatch only the last star takes one more character: what earlier stars took is never worth
 * changing, so the cost is at most length x length. */
bool text_glob(const char *pattern, const char *s)
{
    const char *star = NULL, *star_s = NULL;
    uint32_t cp;
    while (*s != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            star_s = s;
        } else if (*pattern == '?') {
            pattern++;
            s += text_decode(s, SIZE_MAX, &cp);
        } else if (*pattern == *s) {
            pattern++;
            s++;
        } else if (star != NULL) {
            star_s += text_decode(star_s, SIZE_MAX, &cp);
            pattern = star;
            s = star_s;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}
