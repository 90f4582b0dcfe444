/* rows_cells.c - see rows_cells.h. */
#include "tui/rows_cells.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alert.h"
#include "core/text.h"
#include "core/when.h"

const char *cells_symbol(enum state s, char out[CELL_TEXT_MAX])
{
    out[0] = state_rows[s].symbol;
    out[1] = '\0';
    return out;
}

const char *cells_word(enum state s)
{
    return _(state_rows[s].word);
}

const char *cells_state(enum state s, char out[CELL_TEXT_MAX])
{
    snprintf(out, CELL_TEXT_MAX, "%c %s", state_rows[s].symbol, cells_word(s));
    return out;
}

/* The newest bucket still moves with each result; it counts once its 30 s are over. */
static int whole_buckets(const struct trend *t, int64_t now_wall_ms)
{
    return now_wall_ms / TREND_BUCKET_MS > t->bucket ? TREND_LEN : TREND_LEN - 1;
}

double cells_calm_latency(const struct trend *t, int64_t now_wall_ms)
{
    if (t->bucket == 0)
        return -1;
    for (int i = whole_buckets(t, now_wall_ms) - 1; i >= 0; i--)
        if (t->worst[i] != STATE_PENDING) /* slow checks leave buckets empty */
            return (double)t->latency_ms[i];
    return -1;
}

const char *cells_latency(const struct console *c, const struct check *k, char out[CELL_TEXT_MAX])
{
    double ms = cells_calm_latency(&k->trend, console_now_wall(c));

    out[0] = '\0';
    if (k->trend.is_value)
        return out;
    if (ms < 0)
        ms = k->trend.bucket != 0 ? (double)k->trend.latency_ms[TREND_LEN - 1] : k->latency_ms;
    return ms < 0 ? out : cells_ms(console_lang(c), ms, 2, out);
}

const struct check *cells_speed_check(const struct target *t)
{
    for (size_t i = 0; i < t->n_checks; i++)
        if (t->checks[i]->latency_ms >= 0 ||
            (t->checks[i]->trend.bucket != 0 && !t->checks[i]->trend.is_value))
            return t->checks[i];
    return t->n_checks ? t->checks[0] : NULL;
}

const struct check *cells_worst_check(const struct console *c, const struct target *t)
{
    const struct check *worst = NULL;

    for (size_t i = 0; i < t->n_checks; i++) {
        enum state s = console_shown(c, t->checks[i]);

        if (!worst || state_rows[s].badness > state_rows[console_shown(c, worst)].badness)
            worst = t->checks[i];
    }
    return worst;
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static float median_of(const float *values, int n)
{
    float sorted[TREND_LEN];
    size_t m = 0;

    for (int i = 0; i < n; i++)
        if (values[i] > 0)
            sorted[m++] = values[i];
    if (m == 0)
        return 0;
    qsort(sorted, m, sizeof *sorted, compare_floats);
    return sorted[m / 2];
}

/* From the least to the greatest that is shown: what creeps is seen, and a page says these two
 * beside it.  What hardly moves (a twentieth of itself) is a flat line. */
static void fill_values(const struct trend *t, int n, struct cell_trend *room)
{
    float low = INFINITY, high = 0;

    for (int i = 0; i < n; i++)
        if (t->latency_ms[i] >= 0) {
            low = fminf(low, t->latency_ms[i]);
            high = fmaxf(high, t->latency_ms[i]);
        }
    bool is_flat = !(high - low > high / 20);
    for (int i = 0; i < n; i++) {
        float v = t->latency_ms[i];
        float level = is_flat ? 2.5f : 0.5f + 7 * (v - low) / (high - low);

        room->values[i] = v < 0 ? -1 : level;
        room->states[i] = t->worst[i];
    }
    room->view = (struct trend_view){room->values, room->states, n, 8};
}

/* Heights count doublings from the row's own median (second step): what jitters stays one flat
 * line, what became twice as slow shows.  Other numbers than latencies: fill_values. */
const struct trend_view *cells_trend(const struct console *c, const struct trend *t,
                                     struct cell_trend *room)
{
    int n = whole_buckets(t, console_now_wall(c));
    float median = median_of(t->latency_ms, n);

    if (t->is_value) {
        fill_values(t, n, room);
        return &room->view;
    }

    for (int i = 0; i < n; i++) {
        float ms = t->latency_ms[i];
        float level = ms > 0 && median > 0 ? 1 + truncf(log2f(ms / median)) : 0;

        level = level < 0 ? 0 : level > 7 ? 7 : level;
        room->values[i] = ms < 0 ? -1 : level + 0.5f;
        room->states[i] = t->worst[i];
    }
    room->view = (struct trend_view){room->values, room->states, n, 8};
    return &room->view;
}

const char *cells_number(const char *lang, double value, int digits, char out[CELL_TEXT_MAX])
{
    double size = fabs(value), power = 1;
    int decimals = digits - 1;

    for (double limit = 10; decimals > 0 && size >= limit * 0.9995; limit *= 10)
        decimals--;
    if (size < 0.95 && size > 0 && digits > 1)
        decimals++;
    for (int i = 0; i < digits; i++)
        power *= 10;
    if (size >= power) { /* 1234 to two digits: 1200 */
        double unit = pow(10, floor(log10(size)) - digits + 1);
        value = round(value / unit) * unit;
    }
    snprintf(out, CELL_TEXT_MAX, "%.*f", decimals, value);
    if (strchr(out, '.')) { /* 2.0 says no more than 2 */
        char *end = out + strlen(out) - 1;
        while (*end == '0')
            *end-- = '\0';
        if (*end == '.')
            *end = '\0';
    }
    if (strcmp(lang, "vi") == 0 && strchr(out, '.'))
        *strchr(out, '.') = ',';
    return out;
}

const char *cells_ms(const char *lang, double ms, int digits, char out[CELL_TEXT_MAX])
{
    bool is_s = ms >= 995;
    size_t len;

    cells_number(lang, is_s ? ms / 1000 : ms, digits, out);
    len = strlen(out);
    if (len + sizeof " ms" <= CELL_TEXT_MAX)
        snprintf(out + len, CELL_TEXT_MAX - len, "%s", is_s ? " s" : " ms");
    return out;
}

const char *cells_unit(const struct metric *m)
{
    static const struct {
        const char *end, *unit;
    } ends[] = {{"_pct", "%"}, {"_ms", "ms"}, {"_s", "s"}, {"_bytes", "B"}};
    size_t len = m->name ? strlen(m->name) : 0;

    if (m->unit && *m->unit)
        return m->unit;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (len > strlen(ends[i].end) &&
            strcmp(m->name + len - strlen(ends[i].end), ends[i].end) == 0)
            return ends[i].unit;
    return "";
}

const char *cells_metric(const char *lang, const struct metric *m, int digits,
                         char out[CELL_TEXT_MAX])
{
    static const char *const steps[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    double value = m->value;
    const char *unit = cells_unit(m);
    size_t len, step = 0;

    if (strcmp(unit, "ms") == 0)
        return cells_ms(lang, value, digits, out);
    if (strcmp(unit, "B") == 0) {
        while (fabs(value) >= 1000 && step < sizeof steps / sizeof *steps - 1) {
            value /= 1000;
            step++;
        }
        unit = steps[step];
    }
    cells_number(lang, value, digits, out);
    len = strlen(out);
    if (*unit)
        snprintf(out + len, CELL_TEXT_MAX - len, " %.20s", unit);
    return out;
}

/* Asked of every metric of every target in every frame: most differ in their first letter. */
static bool is_same(const char *a, const char *b)
{
    return *a == *b && strcmp(a, b) == 0;
}

const struct metric *cells_find_metric(const struct target *t, const char *const names[])
{
    for (; *names; names++)
        for (size_t i = 0; i < t->n_checks; i++)
            for (size_t m = 0; m < t->checks[i]->n_metrics; m++)
                if (is_same(t->checks[i]->metrics[m].name, *names))
                    return &t->checks[i]->metrics[m];
    return NULL;
}

const char *cells_period_kind(enum period_kind k)
{
    static const char *const words[PERIOD_KIND_COUNT] = {
        [PERIOD_SILENCE] = N_("silence"),
        [PERIOD_MAINTENANCE] = N_("maintenance"),
        [PERIOD_ASSESSMENT] = N_("security assessment"),
    };

    return _(words[k]);
}

const char *cells_kind(enum target_kind k)
{
    static const char *const words[TARGET_KIND_COUNT] = {
        [TARGET_SERVER] = N_("server"),     [TARGET_COMPONENT] = N_("component"),
        [TARGET_ENDPOINT] = N_("endpoint"), [TARGET_FLOW] = N_("business flow"),
        [TARGET_CHANNEL] = N_("channel"),   [TARGET_DATABASE] = N_("database"),
        [TARGET_CLUSTER] = N_("cluster"),   [TARGET_HOTLINE] = N_("hotline"),
        [TARGET_OTHER] = N_("other"),
    };
    return _(words[k]);
}

const char *cells_role_id(const struct target *t)
{
    const char *role = target_label(t, "role");

    return role ? role : target_kind_names[t->kind];
}

const char *cells_role_name(const char *role)
{
    static const struct {
        const char *role, *words;
    } known[] = {
        {"lb", N_("Load balancer")},
        {"web", N_("Web")},
        {"app", N_("Application")},
        {"db", N_("Database")},
        {"cache", N_("Cache")},
        {"mq", N_("Message queue")},
        {"queue", N_("Message queue")},
        {"sto", N_("Storage")},
        {"storage", N_("Storage")},
        {"int", N_("Integration gateway")},
        {"gateway", N_("Integration gateway")},
        {"dvc", N_("Portal app")},
        {"pakn", N_("Feedback app")},
        {"tt", N_("Payment app")},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].role, role) == 0)
            return _(known[i].words);
    for (int k = 0; k < TARGET_KIND_COUNT; k++)
        if (strcmp(target_kind_names[k], role) == 0)
            return cells_kind((enum target_kind)k);
    return role;
}

const char *cells_role(const struct target *t)
{
    return cells_role_name(cells_role_id(t));
}

const char *cells_name(const struct console *c, const struct target *t)
{
    return console_words(c, &t->name, t->id);
}

const char *cells_group(const struct console *c, const struct target *t)
{
    const struct fleet *f = console_fleet(c);

    if (!t->group)
        return "";
    for (size_t i = 0; i < f->n_groups; i++)
        if (strcmp(f->groups[i].id, t->group) == 0)
            return console_words(c, &f->groups[i].name, t->group);
    return t->group;
}

enum frame cells_frame_for(struct area screen)
{
    if (screen.lines < 12 || screen.cols < 56)
        return FRAME_NONE;
    return screen.cols < 100 ? FRAME_TIGHT : FRAME_ROOMY;
}

struct area cells_frame(struct surface *s, struct area a, enum frame kind, const char *title,
                        const char *note)
{
    int air = kind == FRAME_ROOMY ? 2 : 1, used = 0;

    if (kind != FRAME_NONE && s)
        surface_box(s, a, title, note && *note ? note : NULL, ROLE_BORDER);
    if (kind != FRAME_NONE)
        return (struct area){a.line + 1, a.col + air, a.lines - 2, a.cols - 2 * air};
    if (s && note && *note) {
        used = text_cols(note) < a.cols / 2 ? text_cols(note) : a.cols / 2;
        surface_put_right(s, a, 0, a.cols - used, used, note, ROLE_FAINT, 0);
        used++;
    }
    if (s)
        surface_put(s, a, 0, 0, a.cols - used, title, ROLE_HEADING, 0);
    return (struct area){a.line + 1, a.col, a.lines - 1, a.cols};
}

bool cells_click(const char *arg, int *line, int *col)
{
    return arg && sscanf(arg, "%9d %9d", line, col) == 2;
}

const char *cells_say(const struct console *c, char *packed, char *out, size_t size)
{
    struct buf words = BUF_INIT(size - 1);

    console_say(c, &words, packed);
    snprintf(out, size, "%s", buf_text(&words));
    buf_release(&words);
    free(packed);
    return out;
}

const char *cells_alert_sentence(const struct console *c, const struct alert *a)
{
    const struct check *k = fleet_check(console_fleet(c), a->check);

    if (a->phase == ALERT_FIRING && k && k->alert == a->id && k->live.state != STATE_OK &&
        k->summary && *k->summary)
        return k->summary;
    return a->summary ? a->summary : "";
}

int64_t cells_alert_age(const struct console *c, const struct alert *a)
{
    return alert_age_ms(a, (struct moment){console_now_wall(c), console_now_mono(c)});
}

const char *cells_level(const struct console *c, int level, char out[CELL_TEXT_MAX])
{
    char number[24];

    snprintf(number, sizeof number, "%d", level);
    return cells_say(c, SAY(N_("L{0}"), number), out, CELL_TEXT_MAX);
}

bool cells_is_waiting(const struct fleet *f)
{
    for (size_t i = 0; i < f->n_checks; i++)
        if (f->checks[i]->at_ms != 0)
            return false;
    return f->n_checks > 0;
}
