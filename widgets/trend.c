/* trend.c - values to glyphs. */
#include "widgets/trend.h"

int trend_height(float value, float top)
{
    if (!(value > 0) || !(top > 0))
        return 0;
    float share = value / top;
    return share >= 1 ? 7 : (int)(share * 8);
}

static float largest(const struct trend_view *v, int from)
{
    float top = 0;
    for (int i = from; i < v->n; i++)
        if (v->values[i] > top)
            top = v->values[i];
    return top;
}

static enum role value_role(const struct trend_view *v, int i)
{
    if (!v->states || v->states[i] == STATE_OK || v->states[i] >= STATE_PENDING)
        return ROLE_TREND;
    return role_of_state((enum state)v->states[i]);
}

int trend_draw(struct surface *s, struct area a, int line, int col, int cols,
               const struct trend_view *v)
{
    static const char ascii[] = "..--==##";
    int shown = v->n < cols ? v->n : cols, from = v->n - shown;
    float top = v->top > 0 ? v->top : largest(v, from);
    for (int i = 0; i < shown; i++) {
        float value = v->values[from + i];
        int at = col + cols - shown + i;
        bool is_bad = v->states && v->states[from + i] == STATE_CRITICAL;
        if (value < 0 && is_bad)
            surface_putc(s, a, line, at, 'X', ROLE_STATE_CRITICAL, 0);
        if (value < 0)
            continue;
        int height = trend_height(value, top);
        uint32_t glyph = s->is_ascii ? (uint32_t)ascii[height] : 0x2581u + (uint32_t)height;
        surface_putc(s, a, line, at, glyph, value_role(v, from + i), 0);
    }
    return cols;
}
