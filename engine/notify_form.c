#include "engine/notify_form.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/text.h"
#include "engine/smtp_words.h"

/* --- short messages --------------------------------------------------------------------------- */

/* In the alphabet of the telephone some characters take two places (GSM 03.38). */
static size_t units_of(uint32_t cp, bool is_ascii)
{
    if (is_ascii)
        return cp != 0 && cp < 128 && strchr("^{}\\[~]|", (int)cp) != NULL ? 2 : 1;
    return cp > 0xffff ? 2 : 1;
}

static size_t units(const char *s, bool is_ascii)
{
    size_t n = 0, len = strlen(s);
    uint32_t cp;
    for (size_t at = 0, used; (used = text_decode(s + at, len - at, &cp)) > 0; at += used)
        n += units_of(cp, is_ascii);
    return n;
}

/* Bytes of the longest head of so many units that ends with a word. */
static size_t head_of(const char *s, size_t most, bool is_ascii)
{
    size_t n = 0, at = 0, word = 0, len = strlen(s), used;
    uint32_t cp;
    while ((used = text_decode(s + at, len - at, &cp)) > 0) {
        if (n + units_of(cp, is_ascii) > most)
            break;
        if (cp == ' ')
            word = at;
        n += units_of(cp, is_ascii);
        at += used;
    }
    return at == len || s[at] == ' ' || word == 0 ? at : word;
}

void notify_cut(struct buf *out, const char *text, bool is_ascii, size_t parts)
{
    struct buf plain = BUF_INIT(0);
    size_t one = is_ascii ? 160 : 70, each = is_ascii ? 153 : 67;
    size_t most = parts == 1 ? one : parts * each;
    const char *more = is_ascii ? "..." : "…";
    if (is_ascii)
        text_ascii(&plain, text);
    else
        buf_adds(&plain, text);
    size_t all = units(buf_text(&plain), is_ascii);
    if (all <= most) {
        buf_adds(out, buf_text(&plain));
    } else {
        buf_add(out, buf_text(&plain),
                head_of(buf_text(&plain), most - units(more, is_ascii), is_ascii));
        buf_adds(out, more);
    }
    buf_release(&plain);
}

/* --- mail ------------------------------------------------------------------------------------- */

#define WORD_BYTES 45 /* of UTF-8 in one encoded word: 60 of base64, 72 with its frame */
#define LINE_MAX   75

static bool is_plain(const char *s)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < 32 || (unsigned char)*s > 126)
            return false;
    return true;
}

void mime_header(struct buf *out, const char *name, const char *text)
{
    buf_addf(out, "%s:", name);
    if (is_plain(text) && strlen(text) <= LINE_MAX && strstr(text, "=?") == NULL) {
        buf_addf(out, " %s\r\n", text);
        return;
    }
    for (size_t at = 0, len = strlen(text); at < len;) {
        size_t n = 0, used;
        uint32_t cp;
        while ((used = text_decode(text + at + n, len - at - n, &cp)) > 0 && n + used <= WORD_BYTES)
            n += used;
        buf_adds(out, at == 0 ? " =?UTF-8?B?" : "\r\n =?UTF-8?B?");
        smtp_base64(out, text + at, n);
        buf_adds(out, "?=");
        at += n;
    }
    buf_adds(out, "\r\n");
}

static void add_quoted(struct buf *out, unsigned char c, size_t *col)
{
    static const char hex[] = "0123456789ABCDEF";
    bool is_bare = c != '=' && c >= 33 && c <= 126;
    size_t cols = is_bare || c == ' ' ? 1 : 3;
    if (*col + cols > LINE_MAX) {
        buf_adds(out, "=\r\n");
        *col = 0;
    }
    if (cols == 1) {
        buf_addc(out, (char)c);
    } else {
        buf_addc(out, '=');
        buf_addc(out, hex[c >> 4]);
        buf_addc(out, hex[c & 15]);
    }
    *col += cols;
}

void mime_quoted(struct buf *out, const char *text)
{
    size_t col = 0;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\n') {
            buf_adds(out, "\r\n");
            col = 0;
        } else if (*p == ' ' && (p[1] == '\n' || p[1] == '\0')) {
            buf_adds(out, "=20"); /* a blank at the end would be lost */
            col += 3;
        } else {
            add_quoted(out, (unsigned char)*p, &col);
        }
    }
    if (col > 0)
        buf_adds(out, "\r\n");
}

void mime_date(struct buf *out, int64_t at_ms)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t at = (time_t)(at_ms / 1000);
    struct tm t;
    localtime_r(&at, &t);
    long off = t.tm_gmtoff / 60, size = off < 0 ? -off : off;
    buf_addf(out, "Date: %s, %d %s %d %02d:%02d:%02d %c%02ld%02ld\r\n", days[t.tm_wday], t.tm_mday,
             months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec, off < 0 ? '-' : '+',
             size / 60, size % 60);
}

bool mime_is_address(const char *s)
{
    size_t len = strlen(s);
    const char *at = strrchr(s, '@');
    if (at == NULL || at == s || at[1] == '\0' || len > 254)
        return false;
    for (; *s != '\0'; s++)
        if ((unsigned char)*s <= 32 || (unsigned char)*s > 126 || strchr("<>\"\\,;:()[]", *s))
            return false;
    return true;
}

const char *mime_domain(const char *address)
{
    const char *at = strrchr(address, '@');
    return at != NULL ? at + 1 : address;
}

void smtp_stuff(struct buf *out, const char *message, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (message[i] == '.' && (i == 0 || message[i - 1] == '\n'))
            buf_addc(out, '.');
        buf_addc(out, message[i]);
    }
    if (len < 2 || memcmp(message + len - 2, "\r\n", 2) != 0)
        buf_adds(out, "\r\n");
    buf_adds(out, ".\r\n");
}

void notify_taken_begin(struct notify_taken *t, const char *key)
{
    if (strcmp(t->key, key) == 0)
        return;
    memset(t, 0, sizeof *t);
    snprintf(t->key, sizeof t->key, "%s", key);
}
