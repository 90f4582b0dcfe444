/* The roster of a site: {"shifts": [{"id": "s1", "name": …, "start": "06:00", "end": "14:00"}]}. */
#include <stdio.h>
#include <string.h>

#include "core/day.h"
#include "core/mem.h"
#include "core/recur.h"
#include "core/text.h"
#include "engine/site_load.h"

#define SHIFTS_MAX 24

struct shift_row {
    char *id, *start, *end;
    struct words name;
};
#define ROW(field) .offset = offsetof(struct shift_row, field)

const struct option site_shift_options[] = {
    {.name = "id",
     .type = OPTION_STRING,
     ROW(id),
     .flags = OPTION_REQUIRED,
     .help = "the short name of the shift"},
    {.name = "name", .type = OPTION_WORDS, ROW(name), .help = "the name on the screen"},
    {.name = "start",
     .type = OPTION_STRING,
     ROW(start),
     .flags = OPTION_REQUIRED,
     .help = "when it begins, such as 06:00"},
    {.name = "end",
     .type = OPTION_STRING,
     ROW(end),
     .flags = OPTION_REQUIRED,
     .help = "when it ends; where that is not after its start, on the next day"},
    {0}};

static bool read_clock(struct site_loader *l, const struct place *shift, const char *key,
                       const char *text, int *minute)
{
    struct place at = PLACE_KEY(shift, key);
    const char *end = text != NULL ? recur_clock(text, minute) : NULL;
    if (text != NULL && (end == NULL || *end != '\0' || *minute == DAY_MINUTES))
        site_errorf(l, &at, "found \"%.64s\", expected a time of the day from 00:00 to 23:59",
                    text);
    return end != NULL && *end == '\0' && *minute < DAY_MINUTES;
}

static bool check_id(struct site_loader *l, const struct place *shift, const char *id)
{
    const struct fleet *f = l->site->fleet;
    struct place at = PLACE_KEY(shift, "id");
    if (!text_is_name(id)) {
        site_errorf(l, &at,
                    "found \"%.128s\", expected a name: letters, digits, \"_.:-\", at most 128",
                    id);
        return false;
    }
    for (size_t i = 0; i < f->n_shifts; i++)
        if (strcmp(f->shifts[i].id, id) == 0) {
            site_errorf(l, &at, "found \"%s\" a second time, expected each once", id);
            return false;
        }
    return true;
}

static void take_shift(struct site_loader *l, struct shift_row *row, const struct place *at)
{
    struct fleet *f = l->site->fleet;
    struct shift s = {0};
    bool is_ok = row->id != NULL && check_id(l, at, row->id);
    is_ok = read_clock(l, at, "start", row->start, &s.start) && is_ok;
    is_ok = read_clock(l, at, "end", row->end, &s.end) && is_ok;
    if (is_ok && s.start == s.end) {
        struct place end = PLACE_KEY(at, "end");
        site_errorf(l, &end, "found \"%s\", which is its start as well", row->end);
        is_ok = false;
    }
    if (is_ok && f->n_shifts == SHIFTS_MAX) {
        site_errorf(l, at, "found more than %d shifts", SHIFTS_MAX);
        is_ok = false;
    }
    if (!is_ok)
        return;
    s.id = mem_strdup(row->id);
    s.name = row->name;
    row->name = (struct words){0};
    f->shifts = mem_grow(f->shifts, f->n_shifts + 1, sizeof *f->shifts);
    f->shifts[f->n_shifts++] = s;
}

void site_read_shifts(struct site_loader *l, const struct site_doc *doc)
{
    static const struct option *const tables[] = {site_shift_options};
    const struct jval *list = jval_get(doc->root, "shifts");
    struct place at = PLACE_KEY(&doc->at, "shifts");
    struct site_names names = {.loader = l};
    struct option_reader r = site_reader(l, &names, true);
    for (size_t i = 0; jval_type(list) == JVAL_ARRAY && i < jval_len(list); i++) {
        struct place item = PLACE_INDEX(&at, i);
        struct option_layer layer = {jval_at(list, i), &item};
        struct shift_row row = {0};
        if (!option_check_keys(&r, &layer, tables, 1) && jval_type(layer.object) != JVAL_OBJECT)
            continue;
        option_fill(&r, site_shift_options, &row, &layer, 1);
        take_shift(l, &row, &item);
        option_release(site_shift_options, &row);
    }
}

/* --- gaps and overlaps ---------------------------------------------------------------------- */

static int on_duty(const struct fleet *f, int minute)
{
    int n = 0;
    for (size_t i = 0; i < f->n_shifts; i++) {
        const struct shift *s = &f->shifts[i];
        n += s->start < s->end ? s->start <= minute && minute < s->end
                               : s->start <= minute || minute < s->end;
    }
    return n;
}

static void note(struct site_loader *l, int from, int to, int n)
{
    struct buf where = BUF_INIT(TEXT_MAX_STORED), what = BUF_INIT(TEXT_MAX_STORED);
    buf_addf(&where, "%s: /shifts", l->site->path);
    buf_addf(&what, "from %02d:%02d to %02d:%02d %s", from / 60, from % 60, to / 60, to % 60,
             n == 0 ? "nobody is on duty" : "more than one shift is on duty");
    site_error(&l->site->notes, buf_text(&where), buf_text(&what));
    buf_release(&where);
    buf_release(&what);
}

/* No mistakes: desks that close at night have gaps, a handover may overlap. */
void site_check_shifts(struct site_loader *l)
{
    const struct fleet *f = l->site->fleet;
    for (int from = 0, to; f->n_shifts > 0 && from < DAY_MINUTES; from = to) {
        int n = on_duty(f, from);
        for (to = from + 1; to < DAY_MINUTES && on_duty(f, to) == n; to++)
            ;
        if (n != 1)
            note(l, from, to, n);
    }
}
