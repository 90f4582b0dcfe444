#include "core/say.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/text.h"

#define SAY_PARTS_MAX 11 /* the template and {0} … {9} */

/* Arguments are clean, so a separator in one means a packed sentence was passed whole: its own
 * arguments must not become ours. */
static void add_part(struct buf *b, const char *s)
{
    for (size_t n; *s != '\0'; s += n) {
        n = strcspn(s, "\x1f");
        buf_add(b, s, n);
        if (s[n] == SAY_SEP) {
            buf_addc(b, ' ');
            n++;
        }
    }
}

/* Drops the beginning of a character that the limit cut in two. */
static void drop_cut_character(struct buf *b)
{
    size_t head = b->len;
    uint32_t cp;
    while (head > 0 && ((unsigned char)b->bytes[--head] & 0xC0) == 0x80)
        continue;
    if (head < b->len && text_decode(b->bytes + head, b->len - head, &cp) > 0 && cp == 0xFFFD) {
        b->len = head;
        b->bytes[head] = '\0';
    }
}

char *say_pack(const char *template, size_t n, const char *const *args)
{
    struct buf b = BUF_INIT(TEXT_MAX_STORED);
    add_part(&b, template);
    for (size_t i = 0; i < n; i++) {
        buf_addc(&b, SAY_SEP);
        add_part(&b, args[i] != NULL ? args[i] : "");
    }
    if (b.is_cut)
        drop_cut_character(&b);
    return buf_take(&b);
}

char *say_nested(const char *packed)
{
    struct buf b = BUF_INIT(TEXT_MAX_STORED);
    buf_addc(&b, SAY_SUB);
    for (; *packed != '\0'; packed++) /* what was nested already is only joined on */
        buf_addc(&b, *packed == SAY_SEP ? SAY_SUB : *packed == SAY_SUB ? ' ' : *packed);
    return buf_take(&b);
}

struct sentence {
    const char *part[SAY_PARTS_MAX];
    size_t len[SAY_PARTS_MAX], n;
};

static size_t split(const char *s, size_t len, char separator, struct sentence *out)
{
    out->n = 0;
    while (out->n < SAY_PARTS_MAX) {
        const char *end = len > 0 ? memchr(s, separator, len) : NULL;
        size_t part_len = end != NULL ? (size_t)(end - s) : len;
        out->part[out->n] = s;
        out->len[out->n++] = part_len;
        if (end == NULL)
            break;
        s = end + 1;
        len -= part_len + 1;
    }
    return out->n;
}

static void put_sentence(struct buf *out, const struct sentence *s, say_translate_fn *translate,
                         bool is_nested);

static void put_argument(struct buf *out, const char *s, size_t len, say_translate_fn *translate,
                         bool is_nested)
{
    struct sentence inner;
    if (is_nested || len == 0 || *s != SAY_SUB) {
        buf_add(out, s, len);
        return;
    }
    split(s + 1, len - 1, SAY_SUB, &inner);
    put_sentence(out, &inner, translate, true);
}

/* Copies the words, each {digit} that has an argument replaced by it. */
static void fill(struct buf *out, const char *s, const struct sentence *from,
                 say_translate_fn *translate, bool is_nested)
{
    while (*s != '\0') {
        size_t plain = strcspn(s, "{");
        buf_add(out, s, plain);
        s += plain;
        if (*s == '\0')
            break;
        size_t arg = s[1] >= '0' && s[1] <= '9' && s[2] == '}' ? (size_t)(s[1] - '0') + 1 : from->n;
        if (arg < from->n) {
            put_argument(out, from->part[arg], from->len[arg], translate, is_nested);
            s += 3;
        } else {
            buf_addc(out, *s++);
        }
    }
}

static void put_sentence(struct buf *out, const struct sentence *s, say_translate_fn *translate,
                         bool is_nested)
{
    if (s->len[0] == 0)
        return; /* gettext would answer with its header */
    char *msgid = mem_strndup(s->part[0], s->len[0]);
    const char *words = translate != NULL ? translate(msgid) : NULL;
    fill(out, words != NULL ? words : msgid, s, translate, is_nested);
    free(msgid);
}

void say_text(struct buf *out, const char *packed, say_translate_fn *translate)
{
    struct sentence s;
    split(packed, strlen(packed), SAY_SEP, &s);
    put_sentence(out, &s, translate, false);
}

size_t say_parts(const char *packed, const char *part[], size_t len[], size_t max)
{
    struct sentence s;
    split(packed, strlen(packed), SAY_SEP, &s);
    size_t n = s.n < max ? s.n : max;
    memcpy(part, s.part, n * sizeof *part);
    memcpy(len, s.len, n * sizeof *len);
    return n;
}
