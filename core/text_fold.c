#include "core/text.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/text_table.h"

uint32_t text_base_letter(uint32_t cp)
{
    char base = ' ';
    if (cp >= 0xC0 && cp <= TEXT_LATIN_00C0_LAST)
        base = text_latin_00c0[cp - 0xC0];
    else if (cp >= 0x1E00 && cp <= TEXT_LATIN_1E00_LAST)
        base = text_latin_1e00[cp - 0x1E00];
    return base != ' ' ? (uint32_t)base : cp;
}

static bool is_diacritic(uint32_t cp)
{
    return (cp >= 0x300 && cp <= 0x36F) || (cp >= 0x1AB0 && cp <= 0x1AFF) ||
           (cp >= 0x1DC0 && cp <= 0x1DFF) || (cp >= 0x20D0 && cp <= 0x20FF) ||
           (cp >= 0xFE20 && cp <= 0xFE2F);
}

/* Latin after its accents are gone; Greek and Cyrillic capitals stand at fixed distances. */
static uint32_t lower(uint32_t cp)
{
    if ((cp >= 'A' && cp <= 'Z') || (cp >= 0x391 && cp <= 0x3A9) || (cp >= 0x410 && cp <= 0x42F))
        return cp + 32;
    return cp >= 0x400 && cp <= 0x40F ? cp + 80 : cp;
}

/* ư and Ư, bare or with a tone mark. */
static bool is_horned_u(uint32_t cp)
{
    return cp == 0x1AF || cp == 0x1B0 || (cp >= 0x1EE8 && cp <= 0x1EF1);
}

#define HORN 0x31B

static void fold(struct buf *out, const char *s, bool is_telex)
{
    uint32_t cp, next = 0;
    for (size_t n; (n = text_decode(s, SIZE_MAX, &cp)) > 0; s += n) {
        char bytes[4];
        if (is_diacritic(cp))
            continue;
        bool has_horn =
            is_horned_u(cp) ||
            ((cp == 'u' || cp == 'U') && text_decode(s + n, SIZE_MAX, &next) > 0 && next == HORN);
        cp = is_telex && has_horn ? 'w' : lower(text_base_letter(cp));
        buf_add(out, bytes, text_encode(cp, bytes));
    }
}

void text_fold(struct buf *out, const char *s)
{
    fold(out, s, false);
}

static bool has_folded(const char *hay, const char *needle, bool is_telex)
{
    struct buf b = BUF_INIT(0);
    fold(&b, hay, is_telex);
    bool found = strstr(buf_text(&b), needle) != NULL;
    buf_release(&b);
    return found;
}

static bool is_plain(const char *s)
{
    while (*s != '\0' && (unsigned char)*s < 0x80)
        s++;
    return *s == '\0';
}

/* Plain ASCII is folded where it stands: ten thousand rows are asked at each letter of a filter. */
static bool has_plain(const char *hay, const char *needle)
{
    for (;; hay++) {
        size_t i = 0;
        while (needle[i] != '\0' && lower((unsigned char)hay[i]) == (unsigned char)needle[i])
            i++;
        if (needle[i] == '\0' || *hay == '\0')
            return needle[i] == '\0';
    }
}

bool text_matches(const char *hay, const char *folded_needle)
{
    if (is_plain(hay))
        return has_plain(hay, folded_needle);
    return has_folded(hay, folded_needle, false) ||
           (strchr(folded_needle, 'w') != NULL && has_folded(hay, folded_needle, true));
}

/* What a line of a frame or a bar looks like on a terminal that has ASCII only. */
static char ascii_drawing(uint32_t cp)
{
    static const char eighths[] = "#..--++###"; /* U+2580: upper half; then one to eight eighths */
    if (cp == 0x2500 || cp == 0x2501 || cp == 0x2504 || cp == 0x2505 || cp == 0x2508 ||
        cp == 0x2509 || cp == 0x254C || cp == 0x254D || cp == 0x2550)
        return '-';
    if (cp == 0x2502 || cp == 0x2503 || cp == 0x2506 || cp == 0x2507 || cp == 0x250A ||
        cp == 0x250B || cp == 0x254E || cp == 0x254F || cp == 0x2551)
        return '|';
    if (cp >= 0x2500 && cp <= 0x257F)
        return '+';
    if (cp == 0x25A0 || cp == 0x25A1) /* a bar: taken, free */
        return cp == 0x25A0 ? '#' : '.';
    if (cp >= 0x2580 && cp <= 0x2588)
        return eighths[cp - 0x2580];
    if (cp == 0x2591)
        return '.';
    return cp > 0x2588 && cp <= 0x259F ? '#' : '\0';
}

static char ascii_sign(uint32_t cp)
{
    static const struct {
        uint16_t cp;
        char c;
    } signs[] = {
        {0x00A0, ' '},  {0x00AB, '<'}, {0x00B0, 'o'}, {0x00B7, '.'}, {0x00BB, '>'}, {0x00D7, 'x'},
        {0x2010, '-'},  {0x2011, '-'}, {0x2012, '-'}, {0x2013, '-'}, {0x2014, '-'}, {0x2018, '\''},
        {0x2019, '\''}, {0x201C, '"'}, {0x201D, '"'}, {0x2022, '*'}, {0x2026, '.'}, {0x2190, '<'},
        {0x2191, '^'},  {0x2192, '>'}, {0x2193, 'v'}, {0x2212, '-'}, {0x25B2, '^'}, {0x25B6, '>'},
        {0x25B8, '>'},  {0x25BC, 'v'}, {0x25C0, '<'}, {0x25CF, '*'},
    };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (signs[i].cp == cp)
            return signs[i].c;
    return ascii_drawing(cp);
}

void text_ascii(struct buf *out, const char *s)
{
    uint32_t cp;
    for (size_t n; (n = text_decode(s, SIZE_MAX, &cp)) > 0; s += n) {
        uint32_t base = text_base_letter(cp);
        char sign = base < 0x80 ? (char)base : ascii_sign(cp);
        int cols = text_char_cols(cp);
        if (base < 0x80 || sign != '\0')
            buf_addc(out, sign);
        else if (cols > 0) /* as many columns as before */
            buf_add(out, "??", (size_t)cols);
    }
}
