/* text_table.h - what Unicode says, as far as text.h needs it.  Data only; the .c tells whence. */
#ifndef CORE_TEXT_TABLE_H
#define CORE_TEXT_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct text_range { /* both ends are in it; ranges ascend and do not touch */
    uint32_t first, last;
};
extern const struct text_range text_zero_ranges[], text_wide_ranges[];
extern const size_t text_zero_ranges_len, text_wide_ranges_len;

/* The ASCII letter under each accented one, ' ' where there is none. */
#define TEXT_LATIN_00C0_LAST 0x24F
#define TEXT_LATIN_1E00_LAST 0x1EFF
extern const char text_latin_00c0[], text_latin_1e00[];

#endif
