#include "core/text.h"
#include "core/text_table.h"

static bool is_in(const struct text_range *r, size_t n, uint32_t cp)
{
    size_t low = 0;
    while (low < n) {
        size_t mid = (low + n) / 2;
        if (cp > r[mid].last)
            low = mid + 1;
        else if (cp < r[mid].first)
            n = mid;
        else
            return true;
    }
    return false;
}

int text_char_cols(uint32_t cp)
{
    if (cp < 0x300)
        return cp >= 0x20 && (cp < 0x7F || cp >= 0xA0);
    if (cp >= 0x1E00 && cp <= 0x1FFF) /* Vietnamese and Greek */
        return 1;
    if (is_in(text_zero_ranges, text_zero_ranges_len, cp))
        return 0;
    return cp >= 0x1100 && is_in(text_wide_ranges, text_wide_ranges_len, cp) ? 2 : 1;
}

int text_cols(const char *s)
{
    int cols = 0;
    uint32_t cp;
    for (; *s >= ' ' && *s < 0x7F; s++)
        cols++;
    for (size_t n; (n = text_decode(s, SIZE_MAX, &cp)) > 0; s += n)
        cols += text_char_cols(cp);
    return cols;
}

size_t text_fit(const char *s, int cols, int *used)
{
    size_t at = 0;
    int taken = 0;
    uint32_t cp;
    for (; taken < cols && s[at] >= ' ' && s[at] < 0x7F; at++)
        taken++;
    for (size_t n; (n = text_decode(s + at, SIZE_MAX - at, &cp)) > 0; at += n) {
        int wide = text_char_cols(cp);
        if (taken + wide > cols)
            break;
        taken += wide;
    }
    if (used != NULL)
        *used = taken;
    return at;
}
