/* input.c - a byte at a time through a small machine.
 *
 *   GROUND --ESC--> ESC --[--> CSI --final--> GROUND       strings (OSC DCS APC PM SOS) end with
 *                    |--O--> SS3 --one--> GROUND           ST = ESC \, some with BEL
 *                    |--]PX^_-> STRING                     CSI 200 ~ --> PASTE until CSI 201 ~
 *                    `--letter--> Alt-letter
 */
#include "tui/input.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"

enum stage {
    GROUND,
    UTF8,    /* inside a character */
    ESCAPE,  /* after ESC */
    CHARSET, /* ESC and an intermediate: one more */
    CSI,
    CSI_LINUX, /* ESC [ [ x: function keys of the Linux console */
    CSI_X10,   /* ESC [ M: three bytes of an old mouse report */
    SS3,
    STRING,
    STRING_ESC,
    PASTE
};

struct input {
    const struct input_keys *keys;
    enum stage stage;
    int64_t at_ms;     /* of the last byte */
    int64_t esc_at_ms; /* when a lone Esc was given out; 0: long ago */
    char seq[INPUT_SEQ_MAX];
    size_t len; /* of the sequence, from its ESC; counts on beyond INPUT_SEQ_MAX */
    char utf8[4];
    size_t utf8_len, utf8_need;
    bool is_osc; /* the string may end with BEL */
    int skip;    /* bytes of CSI_X10 still to come */
    struct buf paste;
    char tail[6]; /* the last bytes of a paste: its end is ESC [ 2 0 1 ~ */
};

struct input *input_new(const struct input_keys *keys)
{
    struct input *in = mem_alloc(sizeof *in);
    in->keys = keys;
    in->paste = (struct buf)BUF_INIT(INPUT_PASTE_MAX + sizeof in->tail);
    return in;
}

void input_free(struct input *in)
{
    if (!in)
        return;
    buf_release(&in->paste);
    free(in);
}

void input_reset(struct input *in)
{
    in->stage = GROUND;
    in->len = 0;
    buf_clear(&in->paste);
}

static bool give(struct key_event *out, uint32_t key)
{
    *out = (struct key_event){.key = key};
    return true;
}

static bool end_with(struct input *in, struct key_event *out, uint32_t key)
{
    in->stage = GROUND;
    in->len = 0;
    return give(out, key);
}

static void keep(struct input *in, unsigned char byte)
{
    if (in->len < INPUT_SEQ_MAX)
        in->seq[in->len] = (char)byte;
    in->len++;
}

static void begin(struct input *in, enum stage stage, const char *head)
{
    in->stage = stage;
    in->len = strlen(head);
    memcpy(in->seq, head, in->len);
}

/* --- what a whole sequence means ------------------------------------------------------------ */

static uint32_t by_terminfo(const struct input *in)
{
    for (size_t i = 0; in->keys && i < in->keys->n; i++)
        if (strlen(in->keys->v[i].seq) == in->len && in->len <= INPUT_SEQ_MAX &&
            memcmp(in->keys->v[i].seq, in->seq, in->len) == 0)
            return in->keys->v[i].key;
    return K_NONE;
}

static uint32_t by_letter(char final)
{
    static const struct {
        char final;
        uint32_t key;
    } rows[] = {{'A', K_UP},     {'B', K_DOWN},   {'C', K_RIGHT},     {'D', K_LEFT},
                {'H', K_HOME},   {'F', K_END},    {'Z', K_SHIFT_TAB}, {'P', K_F1},
                {'Q', K_F1 + 1}, {'R', K_F1 + 2}, {'S', K_F1 + 3}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].final == final)
            return rows[i].key;
    return K_UNKNOWN;
}

static uint32_t by_number(long n)
{
    static const struct {
        long n;
        uint32_t key;
    } rows[] = {{1, K_HOME},      {2, K_INSERT},  {3, K_DELETE},  {4, K_END},      {5, K_PAGE_UP},
                {6, K_PAGE_DOWN}, {7, K_HOME},    {8, K_END},     {11, K_F1},      {12, K_F1 + 1},
                {13, K_F1 + 2},   {14, K_F1 + 3}, {15, K_F1 + 4}, {17, K_F1 + 5},  {18, K_F1 + 6},
                {19, K_F1 + 7},   {20, K_F1 + 8}, {21, K_F1 + 9}, {23, K_F1 + 10}, {24, K_F12}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].n == n)
            return rows[i].key;
    return K_UNKNOWN;
}

/* "N;M": first and second parameter, 0 where absent; false if anything else stands there. */
static bool csi_numbers(const struct input *in, size_t from, long n[3])
{
    size_t k = 0;
    n[0] = n[1] = n[2] = 0;
    for (size_t i = from; i + 1 < in->len; i++) {
        char c = in->seq[i];
        if (c == ';' && k < 2)
            k++;
        else if (c >= '0' && c <= '9' && n[k] < 100000)
            n[k] = n[k] * 10 + (c - '0');
        else
            return false;
    }
    return true;
}

static bool csi_mouse(const struct input *in, struct key_event *out)
{
    long n[3];
    char final = in->seq[in->len - 1];
    if (!csi_numbers(in, 3, n) || n[1] < 1 || n[2] < 1) /* cells are counted from 1 */
        return give(out, K_UNKNOWN);
    *out = (struct key_event){.key = K_UNKNOWN, .col = (int)n[1] - 1, .line = (int)n[2] - 1};
    long button = n[0] & ~0x1cL; /* without the modifiers */
    if (final == 'M' && button == 64)
        out->key = K_WHEEL_UP;
    else if (final == 'M' && button == 65)
        out->key = K_WHEEL_DOWN;
    else if (final == 'M' && button == 0)
        out->key = K_CLICK;
    return true;
}

static bool csi_end(struct input *in, struct key_event *out)
{
    size_t len = in->len;
    in->stage = GROUND;
    if (len > INPUT_SEQ_MAX)
        return give(out, K_UNKNOWN);
    char final = in->seq[len - 1];
    if (in->seq[2] == '<' && (final == 'M' || final == 'm'))
        return csi_mouse(in, out);
    uint32_t key = by_terminfo(in);
    long n[3];
    if (key == K_NONE && csi_numbers(in, 2, n)) {
        if (final == '~' && n[0] == 200) {
            in->stage = PASTE;
            buf_clear(&in->paste);
            memset(in->tail, 0, sizeof in->tail);
            return false;
        }
        key = final == '~' ? by_number(n[0]) : by_letter(final);
        if (final != '~' && n[0] > 1)
            key = K_UNKNOWN; /* a cursor report (ESC [ 24 ; 80 R) is no key */
        long mods = n[1] > 1 && n[1] <= 16 ? n[1] - 1 : 0;
        if (key != K_UNKNOWN)
            key |= (mods & 1 ? (uint32_t)K_SHIFT : 0) | (mods & 2 ? (uint32_t)K_ALT : 0) |
                   (mods & 4 ? (uint32_t)K_CTRL : 0);
    }
    return give(out, key == K_NONE ? (uint32_t)K_UNKNOWN : key);
}

/* --- the stages ------------------------------------------------------------------------------ */

static bool csi_byte(struct input *in, unsigned char byte, struct key_event *out)
{
    if (byte == 0x18 || byte == 0x1a) /* CAN, SUB: given up by the sender */
        return end_with(in, out, K_UNKNOWN);
    if (byte < 0x20 || byte >= 0x7f)
        return false; /* executed by terminals, meaningless from them: swallowed */
    if (in->len == 2 && byte == '[') {
        keep(in, byte);
        in->stage = CSI_LINUX;
        return false;
    }
    keep(in, byte);
    if (byte == 'M' && in->len == 3) {
        in->stage = CSI_X10;
        in->skip = 3;
        return false;
    }
    return byte >= 0x40 && csi_end(in, out);
}

static bool ss3_byte(struct input *in, unsigned char byte, struct key_event *out)
{
    keep(in, byte);
    if (byte >= '0' && byte <= '9' && in->len < 6)
        return false; /* modified: ESC O 5 P */
    uint32_t key = by_terminfo(in);
    if (key == K_NONE && in->len == 3)
        key = byte == 'M' ? (uint32_t)K_ENTER : by_letter((char)byte);
    return end_with(in, out, key == K_NONE ? (uint32_t)K_UNKNOWN : key);
}

static bool escape_byte(struct input *in, unsigned char byte, struct key_event *out)
{
    switch (byte) {
    case '[':
        begin(in, CSI, "\033[");
        return false;
    case 'O':
        begin(in, SS3, "\033O");
        return false;
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_':
        in->stage = STRING;
        in->is_osc = byte == ']';
        return false;
    default:
        break;
    }
    if (byte >= 0x20 && byte < 0x30 && byte != ' ') {
        in->stage = CHARSET;
        return false;
    }
    if (byte >= 0x80) /* Alt with a letter beyond ASCII: its other bytes are no keys either */
        return end_with(in, out, K_UNKNOWN);
    return end_with(in, out, (uint32_t)K_ALT | byte);
}

static bool string_byte(struct input *in, unsigned char byte, struct key_event *out)
{
    /* not 0x9C, the one-byte ST: it is also the tail of many a letter in UTF-8 */
    if ((byte == 0x07 && in->is_osc) || byte == 0x18 || byte == 0x1a)
        return end_with(in, out, K_UNKNOWN);
    return false;
}

static bool paste_byte(struct input *in, unsigned char byte, struct key_event *out)
{
    static const char end[] = "\033[201~";
    memmove(in->tail, in->tail + 1, sizeof in->tail - 1);
    in->tail[sizeof in->tail - 1] = (char)byte;
    if (in->paste.len < in->paste.max)
        buf_addc(&in->paste, (char)byte);
    if (memcmp(in->tail, end, sizeof in->tail) != 0)
        return false;
    size_t len = in->paste.len;
    if (len >= sizeof in->tail && memcmp(in->paste.bytes + len - sizeof in->tail, end, 6) == 0)
        len -= sizeof in->tail;
    in->stage = GROUND;
    *out = (struct key_event){.key = K_PASTE, .text = buf_text(&in->paste), .len = len};
    return true;
}

/* One byte C1 controls, as terminals in 8-bit mode send them. */
static bool c1_begin(struct input *in, uint32_t c1)
{
    if (c1 == 0x9b)
        begin(in, CSI, "\033[");
    else if (c1 == 0x8f)
        begin(in, SS3, "\033O");
    else if (c1 == 0x90 || c1 == 0x98 || c1 == 0x9d || c1 == 0x9e || c1 == 0x9f)
        in->stage = STRING;
    else
        in->stage = GROUND;
    in->is_osc = c1 == 0x9d;
    return false;
}

static bool utf8_byte(struct input *in, unsigned char byte, struct key_event *out)
{
    in->utf8[in->utf8_len++] = (char)byte;
    if (in->utf8_len < in->utf8_need)
        return false;
    uint32_t cp;
    in->stage = GROUND;
    if (text_decode(in->utf8, in->utf8_len, &cp) != in->utf8_len || cp == 0xfffd)
        return give(out, K_UNKNOWN);
    if (cp >= 0x80 && cp < 0xa0)
        return c1_begin(in, cp);
    return give(out, cp);
}

static bool ground_byte(struct input *in, unsigned char byte, int64_t now_ms, struct key_event *out)
{
    bool is_late = in->esc_at_ms && now_ms - in->esc_at_ms < INPUT_LATE_MS;
    in->esc_at_ms = 0;
    if (is_late && byte == '[') { /* the rest of a sequence that the line tore apart */
        begin(in, CSI, "\033[");
        return false;
    }
    if (byte == 0x1b) {
        in->stage = ESCAPE;
        return false;
    }
    if (byte < 0x80) /* newline and carriage return are both Enter, Ctrl-H is Backspace */
        return give(out, byte == '\n' ? K_ENTER : byte == 0x08 ? K_BACKSPACE : (uint32_t)byte);
    if (byte >= 0xc2 && byte < 0xf5) {
        in->stage = UTF8;
        in->utf8_len = 0;
        in->utf8_need = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
        return utf8_byte(in, byte, out);
    }
    return c1_begin(in, byte);
}

/* ESC inside a sequence begins a new one; inside a string it may be the string's end. */
static bool escape_inside(struct input *in, struct key_event *out)
{
    if (in->stage == STRING) {
        in->stage = STRING_ESC;
        return false;
    }
    bool was_esc = in->stage == ESCAPE;
    in->stage = ESCAPE;
    return was_esc ? give(out, K_ESC) : give(out, K_UNKNOWN);
}

bool input_byte(struct input *in, unsigned char byte, int64_t now_ms, struct key_event *out)
{
    in->at_ms = now_ms;
    if (byte == 0x1b && in->stage != GROUND && in->stage != PASTE)
        return escape_inside(in, out);
    switch (in->stage) {
    case GROUND:
        return ground_byte(in, byte, now_ms, out);
    case UTF8:
        if ((byte & 0xc0) == 0x80)
            return utf8_byte(in, byte, out);
        in->stage = GROUND; /* a broken character: dropped, this byte stands for itself */
        return ground_byte(in, byte, now_ms, out);
    case ESCAPE:
        return escape_byte(in, byte, out);
    case CHARSET:
        return byte >= 0x30 && end_with(in, out, K_UNKNOWN);
    case CSI:
        return csi_byte(in, byte, out);
    case CSI_LINUX:
        in->stage = GROUND;
        return give(out, byte >= 'A' && byte <= 'E' ? K_F1 + (uint32_t)(byte - 'A') : K_UNKNOWN);
    case CSI_X10:
        return --in->skip == 0 && end_with(in, out, K_UNKNOWN);
    case SS3:
        return ss3_byte(in, byte, out);
    case STRING:
        return string_byte(in, byte, out);
    case STRING_ESC: /* ESC \ ends it; after any other byte a new sequence has begun */
        if (byte == '\\')
            return end_with(in, out, K_UNKNOWN);
        in->stage = ESCAPE;
        return escape_byte(in, byte, out);
    case PASTE:
        return paste_byte(in, byte, out);
    }
    return false;
}

int64_t input_wait_ms(const struct input *in, int64_t now_ms)
{
    if (in->stage == GROUND)
        return -1;
    int64_t end = in->at_ms + (in->stage == ESCAPE ? INPUT_ESC_MS : INPUT_SILENCE_MS);
    return end > now_ms ? end - now_ms : 0;
}

bool input_idle(struct input *in, int64_t now_ms, struct key_event *out)
{
    if (in->stage == GROUND || input_wait_ms(in, now_ms) > 0)
        return false;
    bool was_esc = in->stage == ESCAPE;
    input_reset(in);
    if (!was_esc)
        return false;
    in->esc_at_ms = now_ms;
    return give(out, K_ESC);
}
