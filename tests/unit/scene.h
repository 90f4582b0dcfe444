/* scene.h - a console without a link, a headless terminal, clocks set by hand: for tests of rows.
 */
#ifndef TESTS_UNIT_SCENE_H
#define TESTS_UNIT_SCENE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "tui/console_private.h"
#include "tui/lang.h"

#define NOW_WALL 1772692920000LL /* 2026-03-05T06:42:00Z, a whole bucket */

struct scene {
    struct fleet *fleet;
    struct console *c;
    int64_t wall, mono;
};
struct asked { /* the newest request */
    int n;
    char text[400];
};
static struct asked asked;

static inline int64_t scene_wall(void *arg)
{
    return ((struct scene *)arg)->wall;
}

static inline int64_t scene_mono(void *arg)
{
    return ((struct scene *)arg)->mono;
}

static inline uint64_t scene_send(struct console *c, const char *verb, const char *const *pairs,
                                  size_t n)
{
    struct buf b = BUF_INIT(sizeof asked.text - 1);

    (void)c;
    buf_adds(&b, verb);
    for (size_t i = 0; i < n; i++)
        buf_addf(&b, " %s=%s", pairs[2 * i], pairs[2 * i + 1]);
    snprintf(asked.text, sizeof asked.text, "%s", buf_text(&b));
    buf_release(&b);
    return (uint64_t)++asked.n;
}

static inline int scene_begin(void **state)
{
    struct scene *s = mem_alloc(sizeof *s);
    struct console_opts opts = {.lang = "en",
                                .theme_folder = "themes",
                                .theme = "mono",
                                .wall_ms = scene_wall,
                                .mono_ms = scene_mono,
                                .clock_arg = s};

    asked = (struct asked){0};
    setenv("TZ", "UTC", 1);
    lang_start("/nonexistent");
    s->wall = NOW_WALL;
    s->mono = 1000000;
    s->fleet = fleet_new();
    s->c = console_new(term_headless_open(24, 80, true), s->fleet, &opts);
    s->c->send = scene_send;
    s->c->phase = LINK_IS_LIVE;
    s->c->beat.changed_mono_ms = s->mono;
    *state = s;
    return 0;
}

static inline int scene_end(void **state)
{
    struct scene *s = *state;

    console_free(s->c);
    fleet_free(s->fleet);
    free(s);
    return 0;
}

static inline struct check *add_server(struct scene *s, const char *id, const char *group,
                                       const char *role, enum state state)
{
    struct target *t = fleet_add_target(s->fleet, id);
    struct check *k = fleet_add_check(s->fleet, t, "http");

    t->kind = TARGET_SERVER;
    mem_set(&t->group, group);
    if (role) {
        t->labels = mem_alloc(sizeof *t->labels);
        t->labels[0] = (struct label){mem_strdup("role"), mem_strdup(role)};
        t->n_labels = 1;
    }
    k->live.state = k->live.hard_state = state;
    k->live.is_hard = true;
    k->at_ms = s->wall - 1000;
    k->seen_ms = s->mono - 1000;
    k->latency_ms = 12;
    fleet_touch_check(s->fleet, k);
    return k;
}

/* A metric of a check, as a result would leave it. */
static inline void add_metric(struct check *k, const char *name, double value, const char *unit)
{
    k->metrics = realloc(k->metrics, (k->n_metrics + 1) * sizeof *k->metrics);
    k->metrics[k->n_metrics++] = (struct metric){mem_strdup(name), mem_strdup(unit), value};
}

static inline struct alert *add_alert(struct scene *s, uint64_t id, struct check *k,
                                      enum priority p)
{
    struct alert *a = fleet_add_alert(s->fleet, id);

    mem_set(&a->check, k->id);
    mem_set(&a->summary, "connection refused");
    a->phase = ALERT_FIRING;
    a->state = STATE_CRITICAL;
    a->priority = p;
    a->level = 1;
    a->version = 1;
    a->opened_at_ms = s->wall - 60000 - (int64_t)id;
    k->alert = id;
    return a;
}

/* True if the picture shows the text. */
static inline bool shows(const struct scene *s, const char *text)
{
    struct buf b = BUF_INIT(0);
    bool is_there;

    console_draw(s->c, true);
    surface_text(s->c->picture, &b);
    is_there = strstr(buf_text(&b), text) != NULL;
    buf_release(&b);
    return is_there;
}

#endif
