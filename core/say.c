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

size_t say_parts(const char *packed, const char *part[], size_t len[], size_t max)
{
    size_t n = 0;
    while (n < max) {
        const char *end = strchr(packed, SAY_SEP);
        part[n] = packed;
        len[n++] = end != NULL ? (size_t)(end - packed) : strlen(packed);
        if (end == NULL)
            break;
        packed = end + 1;
    }
    return n;
}

/* Copies the template, each {digit} that has an argument replaced by it. */
static void fill(struct buf *out, const char *s, const char *const part[], const size_t len[],
                 size_t n)
{
    while (*s != '\0') {
        size_t plain = strcspn(s, "{");
        buf_add(out, s, plain);
        s += plain;
        if (*s == '\0')
            break;
        size_t arg = s[1] >= '0' && s[1] <= '9' && s[2] == '}' ? (size_t)(s[1] - '0') + 1 : n;
        if (arg < n) {
            buf_add(out, part[arg], len[arg]);
            s += 3;
        } else {
            buf_addc(out, *s++);
        }
    }
}

void say_text(struct buf *out, const char *packed, say_translate_fn *translate)
{
    const char *part[SAY_PARTS_MAX];
    size_t len[SAY_PARTS_MAX];
    size_t n = say_parts(packed, part, len, SAY_PARTS_MAX);
    if (len[0] == 0)
        return; /* gettext would answer with its header */
    char *msgid = mem_strndup(part[0], len[0]);
    const char *words = translate != NULL ? translate(msgid) : NULL;
    fill(out, words != NULL ? words : msgid, part, len, n);
    free(msgid);
}
