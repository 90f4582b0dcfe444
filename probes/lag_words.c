#include "probes/lag_words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"

double lag_not_below_0(double v)
{
    return v < 0 ? 0 : v;
}

const char *lag_seconds(double s, char out[LAG_TEXT_MAX])
{
    if (isnan(s) || s > 1e9)
        return "?";
    if (s < 10) {
        snprintf(out, LAG_TEXT_MAX, s > 0 && s < 9.95 ? "%.1f s" : "%.0f s", s);
        return out;
    }
    return when_duration((int64_t)s * 1000, out);
}

const char *lag_bytes(double b, char out[LAG_TEXT_MAX])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t u = 0;
    if (isnan(b))
        return "?";
    for (; b >= 1024 && u < sizeof units / sizeof *units - 1; u++)
        b /= 1024;
    snprintf(out, LAG_TEXT_MAX, b < 10 && u > 0 ? "%.1f %s" : "%.0f %s", b, units[u]);
    return out;
}

enum state lag_beyond(double value, double warning, double critical)
{
    if (isnan(value))
        return STATE_OK;
    return value >= critical ? STATE_CRITICAL : value >= warning ? STATE_WARNING : STATE_OK;
}

void lag_raise(struct result *r, enum state state, char *packed)
{
    if (r->summary == NULL || state_worse(r->state, state) != r->state)
        result_say(r, state, packed);
    else
        free(packed);
}

void lag_no_right(struct result *r, const char *role, const char *view)
{
    char *clean = text_cleaned(role, strlen(role), TEXT_MAX_NAME, 0);
    lag_raise(
        r, STATE_UNKNOWN,
        SAY(N_("the role {0} may not see {1}: GRANT pg_monitor TO {0} shows it"), clean, view));
    free(clean);
}

void lag_sum_rows(struct result *r, const struct probe_fed *fed, size_t n_fed)
{
    for (size_t i = 0; i < r->n_rows; i++)
        if (r->rows[i].result.state != STATE_OK &&
            probe_fed_find(fed, n_fed, r->rows[i].id) == NULL)
            lag_raise(r, r->rows[i].result.state, mem_strdup(r->rows[i].result.summary));
}
