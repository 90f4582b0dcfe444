#include "tests/pty/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vterm.h>

enum phase { GROUND, ESC, ESC_ONE /* ESC ( B */, CSI, STRING, STRING_ESC };

struct screen {
    VTerm *vt;
    VTermScreen *vs;
    int lines, cols;
    struct scan scan;
    enum phase phase;
    char seq[128]; /* the sequence being read, from ESC */
    size_t seq_len;
    char last[5]; /* last printed character, for REP */
    size_t last_len, utf8_left;
};

struct screen *screen_new(int lines, int cols)
{
    struct screen *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->lines = lines > 0 ? lines : 1;
    s->cols = cols > 0 ? cols : 1;
    s->vt = vterm_new(s->lines, s->cols);
    vterm_set_utf8(s->vt, 1);
    s->vs = vterm_obtain_screen(s->vt);
    vterm_screen_enable_altscreen(s->vs, 1);
    vterm_screen_reset(s->vs, 1);
    return s;
}

void screen_free(struct screen *s)
{
    if (s)
        vterm_free(s->vt);
    free(s);
}

void screen_resize(struct screen *s, int lines, int cols)
{
    s->lines = lines > 0 ? lines : 1;
    s->cols = cols > 0 ? cols : 1;
    vterm_set_size(s->vt, s->lines, s->cols);
}

void screen_size(const struct screen *s, int *lines, int *cols)
{
    *lines = s->lines;
    *cols = s->cols;
}

size_t screen_reply(struct screen *s, char *out, size_t max)
{
    return vterm_output_read(s->vt, out, max);
}

struct scan *screen_scan(struct screen *s)
{
    return &s->scan;
}

/* --- the scan -------------------------------------------------------------------------------- */

static void scan_odd(struct screen *s, const char *bytes, size_t n)
{
    char *out = s->scan.first_odd;
    size_t max = sizeof s->scan.first_odd, at = 0;
    if (out[0])
        return;
    for (size_t i = 0; i < n && at + 5 < max; i++) {
        unsigned char c = (unsigned char)bytes[i];
        at += (size_t)snprintf(out + at, max - at, c < 32 || c > 126 ? "\\x%02x" : "%c", c);
    }
}

static void scan_mode(struct scan *c, int mode, bool is_on)
{
    if (mode == 1049 || mode == 1047 || mode == 47) {
        c->is_alt = is_on;
        c->ever_alt = c->ever_alt || is_on;
    }
    if (mode == 25)
        c->is_cursor_hidden = !is_on;
    if (mode == 1000 || mode == 1002 || mode == 1003)
        c->is_mouse = is_on;
    if (mode == 2004)
        c->is_paste = is_on;
    if (mode == 1004)
        c->is_focus = is_on;
}

static void scan_modes(struct scan *c, const char *seq, size_t n)
{
    for (size_t i = 3; i < n;) { /* after ESC [ ? */
        int mode = atoi(seq + i);
        scan_mode(c, mode, seq[n - 1] == 'h');
        while (i < n && seq[i] != ';')
            i++;
        i++;
    }
}

static void feed_vterm(struct screen *s, const char *bytes, size_t n)
{
    vterm_input_write(s->vt, bytes, n);
}

/* A whole control sequence; REP is unknown to libvterm and is spelt out here. */
static void csi_end(struct screen *s)
{
    char final = s->seq[s->seq_len - 1];
    s->seq[s->seq_len] = 0;
    if (final == 'b') {
        int times = atoi(s->seq + 2);
        for (int i = 0; i < (times > 0 ? times : 1) && i < 4096; i++)
            feed_vterm(s, s->last, s->last_len);
        return;
    }
    if (strchr("hl", final) && s->seq[2] == '?')
        scan_modes(&s->scan, s->seq, s->seq_len);
    bool is_title_stack =
        final == 't' && (!strncmp(s->seq + 2, "22;", 3) || !strncmp(s->seq + 2, "23;", 3));
    if (strchr("cn", final) || (final == 't' && !is_title_stack) || strstr(s->seq, "$p")) {
        s->scan.queries++;
        scan_odd(s, s->seq, s->seq_len);
    } else if (!strchr("@ABCDEFGHIJKLMPSTXZdfhlmrt", final)) {
        s->scan.unknown++;
        scan_odd(s, s->seq, s->seq_len);
    }
    feed_vterm(s, s->seq, s->seq_len);
}

static void scan_ground(struct screen *s, unsigned char c)
{
    char ch = (char)c;
    if (c == 27) {
        s->seq[0] = 27;
        s->seq_len = 1;
        s->phase = ESC;
        return;
    }
    if (c == 7)
        s->scan.bells++;
    if (c == 127 || (c < 32 && !strchr("\r\n\b\t\a\016\017", c))) {
        s->scan.controls++;
        scan_odd(s, &ch, 1);
    }
    if (c >= 32 && (c & 0xC0) != 0x80) {
        s->last_len = 0;
        s->utf8_left = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
        s->last[s->last_len++] = ch;
    } else if ((c & 0xC0) == 0x80 && s->utf8_left > 0 && s->last_len < sizeof s->last) {
        s->last[s->last_len++] = ch;
        s->utf8_left--;
        if (s->last_len == 2 && (unsigned char)s->last[0] == 0xC2 && c < 0xA0) {
            s->scan.controls++; /* a C1 control, spelt in UTF-8 */
            scan_odd(s, s->last, 2);
        }
    } else if (c >= 0x80) {
        s->scan.controls++;
        scan_odd(s, &ch, 1);
    }
    feed_vterm(s, &ch, 1);
}

static void scan_escape(struct screen *s, unsigned char c)
{
    if (c == '[') {
        s->phase = CSI;
    } else if (c && strchr("]PX^_", c)) {
        s->scan.strings++;
        scan_odd(s, s->seq, s->seq_len);
        s->phase = STRING;
    } else if (c && strchr("()*+", c)) {
        s->phase = ESC_ONE;
    } else {
        if (!c || !strchr("78=>MDEHc\\", c)) {
            s->scan.unknown++;
            scan_odd(s, s->seq, s->seq_len);
        }
        feed_vterm(s, s->seq, s->seq_len);
        s->phase = GROUND;
    }
}

static void scan_byte(struct screen *s, unsigned char c)
{
    bool is_cut = c == 27 && s->phase != STRING && s->phase != STRING_ESC;
    if (s->phase == GROUND || is_cut) { /* ESC begins anew, as terminals do: a write may be cut */
        scan_ground(s, c);
        return;
    }
    if (s->seq_len + 1 < sizeof s->seq)
        s->seq[s->seq_len++] = (char)c;
    switch (s->phase) {
    case ESC:
        scan_escape(s, c);
        break;
    case ESC_ONE:
        feed_vterm(s, s->seq, s->seq_len);
        s->phase = GROUND;
        break;
    case CSI:
        if (c >= 0x40 && c <= 0x7e) {
            s->phase = GROUND;
            csi_end(s);
        }
        break;
    case STRING: /* not fed: the model need not know */
        s->phase = c == 7 ? GROUND : c == 27 ? STRING_ESC : STRING;
        break;
    case STRING_ESC:
        s->phase = c == '\\' ? GROUND : STRING;
        break;
    case GROUND:
        break;
    }
}

void screen_feed(struct screen *s, const char *bytes, size_t n)
{
    s->scan.bytes += n;
    s->scan.writes++;
    for (size_t i = 0; i < n; i++)
        scan_byte(s, (unsigned char)bytes[i]);
}

/* --- the picture ----------------------------------------------------------------------------- */

static size_t put_char(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | (c >> 6));
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | (c >> 12));
        out[1] = (char)(0x80 | ((c >> 6) & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xF0 | (c >> 18));
    out[1] = (char)(0x80 | ((c >> 12) & 63));
    out[2] = (char)(0x80 | ((c >> 6) & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

static size_t cell_text(const VTermScreenCell *cell, char *out, size_t max)
{
    size_t n = 0;
    if (cell->chars[0] == 0)
        out[n++] = ' ';
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i] && n + 4 < max; i++)
        if (cell->chars[i] != (uint32_t)-1)
            n += put_char(out + n, cell->chars[i]);
    out[n] = 0;
    return n;
}

void screen_row(const struct screen *s, int row, char *out, size_t max)
{
    size_t n = 0;
    for (int col = 0; col < s->cols && n + 32 < max;) {
        VTermScreenCell cell;
        vterm_screen_get_cell(s->vs, (VTermPos){.row = row, .col = col}, &cell);
        n += cell_text(&cell, out + n, max - n);
        col += cell.width > 1 ? cell.width : 1;
    }
    while (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = 0;
}

void screen_cell(const struct screen *s, int row, int col, char *out, size_t max, char attrs[8])
{
    VTermScreenCell cell;
    vterm_screen_get_cell(s->vs, (VTermPos){.row = row, .col = col}, &cell);
    cell_text(&cell, out, max);
    size_t n = 0;
    if (cell.attrs.bold)
        attrs[n++] = 'b';
    if (cell.attrs.italic)
        attrs[n++] = 'i';
    if (cell.attrs.underline)
        attrs[n++] = 'u';
    if (cell.attrs.reverse)
        attrs[n++] = 'r';
    attrs[n] = 0;
}
