#include "engine/shift_json.h"

#include <stdio.h>

#include "core/mem.h"
#include "core/recur.h"
#include "engine/about_json.h"

static void set_clock(struct jval *j, const char *key, int minute)
{
    char text[24];
    snprintf(text, sizeof text, "%02d:%02d", minute / 60, minute % 60);
    jval_set_str(j, key, text);
}

struct jval *shifts_json(const struct fleet *f)
{
    struct jval *list = jval_array();
    for (size_t i = 0; i < f->n_shifts; i++) {
        struct jval *j = jval_object();
        jval_set_str(j, "id", f->shifts[i].id);
        jval_set(j, "name", words_json(&f->shifts[i].name));
        set_clock(j, "start", f->shifts[i].start);
        set_clock(j, "end", f->shifts[i].end);
        jval_append(list, j);
    }
    return list;
}

static bool read_clock(const struct jval *j, const char *key, int *minute)
{
    const char *text = jval_get_str(j, key);
    return text != NULL && recur_clock(text, minute) != NULL;
}

void shifts_json_read(struct fleet *f, const struct jval *o)
{
    const struct jval *list = jval_get(o, "shifts");
    for (size_t i = 0; jval_type(list) == JVAL_ARRAY && i < jval_len(list); i++) {
        const struct jval *j = jval_at(list, i);
        struct shift s = {0};
        if (jval_get_str(j, "id") == NULL || !read_clock(j, "start", &s.start) ||
            !read_clock(j, "end", &s.end))
            continue;
        s.id = mem_strdup(jval_get_str(j, "id"));
        words_json_read(&s.name, j, "name");
        f->shifts = mem_grow(f->shifts, f->n_shifts + 1, sizeof *f->shifts);
        f->shifts[f->n_shifts++] = s;
    }
}
