/* keybar.c - whole items, left to right. */
#include "widgets/keybar.h"

#include "core/text.h"

static int item_cols(const struct keybar_item *k)
{
    return text_cols(k->key) + 1 + text_cols(k->words);
}

void keybar_draw(struct surface *s, struct area a, int line, const struct keybar_item *items,
                 size_t n, const char *right)
{
    int col = 1, end = a.cols - 1, right_cols = right ? text_cols(right) : 0;
    if (right_cols > 0 && n > 0 && right_cols + 3 + item_cols(&items[0]) > a.cols - 2)
        right_cols = 0;
    if (right_cols > 0) {
        end -= right_cols + 2;
        surface_put(s, a, line, end + 2, right_cols, right, ROLE_FAINT, 0);
    }
    for (size_t i = 0; i < n; i++) {
        int cols = item_cols(&items[i]);
        if (col + cols > end)
            break;
        bool is_off = items[i].is_off;
        int key = surface_put(s, a, line, col, end - col, items[i].key,
                              is_off ? ROLE_FAINT : ROLE_KEY, 0);
        surface_put(s, a, line, col + key + 1, end - col, items[i].words,
                    is_off ? ROLE_FAINT : ROLE_NORMAL, 0);
        col += cols + 2;
    }
}
