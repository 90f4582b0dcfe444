#include "engine/sim_scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/text.h"
#include "core/when.h"

enum { SCENARIO_BYTES_MAX = 256 * 1024, WORDS_MAX = 6 };

const struct sim_fault_row sim_fault_rows[SIM_FAULT_COUNT] = {
    [SIM_REFUSE] = {"refuse", SIM_VALUE_NONE, 0, 0},
    [SIM_SLOW] = {"slow", SIM_VALUE_DURATION, 1, 60000},
    [SIM_HANG] = {"hang", SIM_VALUE_NONE, 0, 0},
    [SIM_ERROR] = {"error", SIM_VALUE_NUMBER, 100, 599},
    [SIM_WRONG] = {"wrong", SIM_VALUE_NONE, 0, 0},
    [SIM_DEGRADED] = {"degraded", SIM_VALUE_NONE, 0, 0},
    [SIM_BUSY] = {"busy", SIM_VALUE_NUMBER, 1, 100},
    [SIM_FLAP] = {"flap", SIM_VALUE_DURATION, 200, 3600000},
    [SIM_LOST] = {"lost", SIM_VALUE_NONE, 0, 0},
    [SIM_LATE] = {"late", SIM_VALUE_DURATION, 1, 1000000000},
    [SIM_LAG] = {"lag", SIM_VALUE_NUMBER, 1, 100000},
};

/* --- reading -------------------------------------------------------------------------------- */

struct parse {
    struct sim_scenario *to;
    const char *path;
    size_t line;
    struct site_errors *errors;
};

static bool tell(struct parse *p, const struct err *e)
{
    struct buf where = BUF_INIT(4096);
    buf_addf(&where, "%s:%zu", p->path, p->line);
    MEM_ROOM(p->errors->v, p->errors->n, p->errors->cap);
    p->errors->v[p->errors->n++] =
        (struct site_error){buf_take(&where), text_cleaned(e->text, strlen(e->text), ERR_MAX, 0)};
    return false;
}

static bool fault_parse(const char *name, enum sim_fault *out, struct err *e)
{
    struct buf known = BUF_INIT(256);
    for (int i = 0; i < SIM_FAULT_COUNT; i++) {
        buf_addf(&known, "%s%s", i > 0 ? ", " : "", sim_fault_rows[i].name);
        if (strcmp(sim_fault_rows[i].name, name) == 0) {
            *out = (enum sim_fault)i;
            buf_release(&known);
            return true;
        }
    }
    err_set(e, "unknown fault \"%.40s\"; there are: %s", name, buf_text(&known));
    buf_release(&known);
    return false;
}

static bool value_parse(const struct sim_fault_row *row, const char *text, int64_t *out,
                        struct err *e)
{
    if (row->value == SIM_VALUE_NONE)
        return text == NULL ||
               err_set(e, "found \"%.40s\" behind \"%s\", which takes no value", text, row->name);
    if (text == NULL)
        return err_set(e, "\"%s\" needs a value: %s", row->name,
                       row->value == SIM_VALUE_DURATION ? "a duration such as 800ms" : "a number");
    char *end = NULL;
    if (row->value == SIM_VALUE_NUMBER) {
        *out = strtoll(text, &end, 10);
        if (end == text || *end != '\0')
            return err_set(e, "found \"%.40s\", expected a number", text);
    } else if (!when_parse_duration(text, out, e)) {
        return false;
    }
    return (*out >= row->min && *out <= row->max) ||
           err_set(e, "found \"%.40s\" behind \"%s\", expected %lld to %lld%s", text, row->name,
                   (long long)row->min, (long long)row->max,
                   row->value == SIM_VALUE_DURATION ? " ms" : "");
}

static bool fault_line(struct parse *p, char *const words[], size_t n, struct err *e)
{
    struct sim_line line = {0};
    if (n < 4 || n > 5)
        return err_set(e, "found %zu words, expected FROM TO TARGET-GLOB FAULT [VALUE]", n);
    if (!when_parse_duration(words[0], &line.from_ms, e) ||
        !when_parse_duration(words[1], &line.to_ms, e) || !fault_parse(words[3], &line.fault, e) ||
        !value_parse(&sim_fault_rows[line.fault], n == 5 ? words[4] : NULL, &line.value, e))
        return false;
    if (line.to_ms <= line.from_ms)
        return err_set(e, "found \"%s\" to \"%s\", expected an end after the beginning", words[0],
                       words[1]);
    if (p->to->n >= SIM_LINES_MAX)
        return err_set(e, "found more than %d lines", SIM_LINES_MAX);
    line.glob = mem_strdup(words[2]);
    MEM_ROOM(p->to->lines, p->to->n, p->to->cap);
    p->to->lines[p->to->n++] = line;
    return true;
}

static void one_line(struct parse *p, char *line)
{
    char *words[WORDS_MAX], *rest = NULL;
    size_t n = 0;
    struct err e;
    for (char *w = strtok_r(line, " \t\r", &rest); w != NULL && n < WORDS_MAX;
         w = strtok_r(NULL, " \t\r", &rest))
        words[n++] = w;
    if (n == 0 || words[0][0] == ';' || words[0][0] == '#')
        return;
    bool is_ok = true;
    if (strcmp(words[0], "repeat") == 0)
        is_ok = n == 2 ? when_parse_duration(words[1], &p->to->repeat_ms, &e)
                       : err_set(&e, "found %zu words, expected \"repeat DURATION\"", n);
    else
        is_ok = fault_line(p, words, n, &e);
    if (!is_ok)
        tell(p, &e);
}

bool sim_scenario_parse(struct sim_scenario *s, const char *path, const char *text,
                        struct site_errors *errors)
{
    struct parse p = {.to = s, .path = path, .errors = errors};
    size_t before = errors->n;
    *s = (struct sim_scenario){0};
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        char *line = mem_strndup(text, len);
        p.line++;
        one_line(&p, line);
        free(line);
        text += len + (text[len] == '\n');
    }
    return errors->n == before;
}

bool sim_scenario_load(struct sim_scenario *s, const char *path, struct site_errors *errors)
{
    struct parse p = {.to = s, .path = path, .errors = errors};
    struct buf text = BUF_INIT(SCENARIO_BYTES_MAX);
    char chunk[4096];
    ssize_t n = -1;
    struct err e;
    *s = (struct sim_scenario){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && (n = read(fd, chunk, sizeof chunk)) > 0 && !text.is_cut)
        buf_add(&text, chunk, (size_t)n);
    bool is_ok = n == 0 && !text.is_cut;
    if (is_ok) {
        is_ok = sim_scenario_parse(s, path, buf_text(&text), errors);
    } else {
        err_set(&e, "cannot read the scenario: %s",
                text.is_cut ? "it is too long" : strerror(errno));
        tell(&p, &e);
    }
    if (fd >= 0)
        close(fd);
    buf_release(&text);
    return is_ok;
}

void sim_scenario_release(struct sim_scenario *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->lines[i].glob);
    free(s->lines);
    *s = (struct sim_scenario){0};
}

/* --- asking --------------------------------------------------------------------------------- */

static void apply(struct sim_condition *c, const struct sim_line *line, int64_t since_from_ms)
{
    switch (line->fault) {
    case SIM_REFUSE:
        c->is_refusing = true;
        break;
    case SIM_SLOW:
        c->slow_ms = line->value;
        break;
    case SIM_HANG:
        c->is_hanging = true;
        break;
    case SIM_ERROR:
        c->error_code = (int)line->value;
        break;
    case SIM_WRONG:
        c->is_wrong = true;
        break;
    case SIM_DEGRADED:
        c->is_degraded = true;
        break;
    case SIM_BUSY:
        c->busy_pct = (int)line->value;
        break;
    case SIM_FLAP:
        if (since_from_ms % line->value < line->value / 2)
            c->is_refusing = true;
        break;
    case SIM_LOST:
        c->is_lost = true;
        break;
    case SIM_LATE:
        c->late_ms = line->value;
        break;
    case SIM_LAG:
        c->lag_mib = line->value;
        break;
    case SIM_FAULT_COUNT:
        break;
    }
}

struct sim_condition sim_condition_at(const struct sim_scenario *s, const char *target,
                                      int64_t since_start_ms)
{
    struct sim_condition c = {0};
    int64_t at = s->repeat_ms > 0 ? since_start_ms % s->repeat_ms : since_start_ms;
    for (size_t i = 0; i < s->n; i++) {
        const struct sim_line *line = &s->lines[i];
        if (at >= line->from_ms && at < line->to_ms && text_glob(line->glob, target))
            apply(&c, line, at - line->from_ms);
    }
    return c;
}
