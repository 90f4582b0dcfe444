#include "core/shift.h"

#include <stdlib.h>

#include "core/day.h"
#include "core/fleet.h"

void shifts_free(struct shift *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(v[i].id);
        words_release(&v[i].name);
    }
    free(v);
}

const struct shift *shift_now(const struct fleet *f, int64_t now_wall_ms, int64_t *end_ms)
{
    const struct shift *on = NULL;
    int64_t today = day_of(now_wall_ms, NULL), began_ms = INT64_MIN;
    for (size_t i = 0; i < f->n_shifts; i++) {
        const struct shift *s = &f->shifts[i];
        for (int64_t day = today - 1; day <= today; day++) {
            int64_t from_ms = day_instant(day, s->start, DAY_FIRST);
            int64_t to_ms = day_instant(s->end <= s->start ? day + 1 : day, s->end, DAY_LAST);
            if (from_ms > now_wall_ms || now_wall_ms >= to_ms || from_ms <= began_ms)
                continue;
            on = s;
            began_ms = from_ms;
            if (end_ms != NULL)
                *end_ms = to_ms;
        }
    }
    return on;
}

int64_t shift_end_ms(const struct fleet *f, int64_t now_wall_ms)
{
    int64_t end_ms = 0;
    return shift_now(f, now_wall_ms, &end_ms) != NULL ? end_ms : 0;
}
