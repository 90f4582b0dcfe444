/* dialog_text_draw.c - the picture of a form. */
#include <stdio.h>
#include <stdlib.h>

#include "core/say.h"
#include "tui/dialog_text_private.h"
#include "widgets/wrap.h"

#define STATUS_LINES_MAX 4

static void draw_alert(const struct console *c, struct surface *s, struct area in, int line,
                       uint64_t id)
{
    const struct alert *a = fleet_alert(console_fleet(c), id);
    struct buf words = BUF_INIT(TEXT_MAX_LISTED);
    char head[8];
    if (!a)
        return;
    const char *p = priority_name(a->priority);
    int col = 1 + surface_put(s, in, line, 1, 3, p, role_of_priority(a->priority), 0) + 1;
    snprintf(head, sizeof head, "%c", state_rows[a->state].symbol);
    col += surface_put(s, in, line, col, 1, head, role_of_state(a->state), 0) + 1;
    col += surface_put(s, in, line, col, in.cols / 2, a->check, ROLE_NORMAL, CELL_BOLD) + 2;
    console_say(c, &words, a->summary ? a->summary : "");
    surface_put(s, in, line, col, in.cols - col - 1, buf_text(&words), ROLE_NORMAL, 0);
    buf_release(&words);
}

static int draw_alerts(const struct console *c, const struct form *f, struct surface *s,
                       struct area in, int room)
{
    int shown = 0, fits = room < FORM_SHOWN_MAX ? room : FORM_SHOWN_MAX;
    bool has_more = f->alerts.n > (size_t)fits;
    while (shown < fits - (has_more ? 1 : 0) && (size_t)shown < f->alerts.n) {
        draw_alert(c, s, in, shown, f->alerts.v[shown]);
        shown++;
    }
    if (has_more && shown < fits) {
        char n[24];
        struct buf words = BUF_INIT(128);
        snprintf(n, sizeof n, "%zu", f->alerts.n - (size_t)shown);
        char *packed = SAY(shown ? N_("and {0} more") : N_("{0} alerts"), n);
        console_say(c, &words, packed);
        surface_put(s, in, shown++, 1, in.cols - 2, buf_text(&words), ROLE_FAINT, 0);
        free(packed);
        buf_release(&words);
    }
    return shown;
}

static void draw_field(struct surface *s, struct area in, int line, const char *label,
                       int label_cols, const struct input_line *l, int cols, bool has_focus)
{
    surface_put(s, in, line, 1, label_cols, label, ROLE_HEADING, 0);
    input_line_draw(l, s, in, line, label_cols + 2, cols, has_focus);
}

static int field_count(const struct form *f)
{
    int n = 0;

    while (form_rows[f->kind].fields[n] != FIELD_NONE)
        n++;
    return n + form_has(f, FIELD_MATCH); /* the preview has a line, too */
}

static int head_lines(const struct form *f)
{
    return f->alerts.n < FORM_SHOWN_MAX ? (int)f->alerts.n : FORM_SHOWN_MAX;
}

/* A mistake is told in full, where there is room for it. */
static int status_lines(const struct form *f, int cols)
{
    int lines = wrap_count(f->status, cols - 4);
    return lines < 1 ? 1 : lines > STATUS_LINES_MAX ? STATUS_LINES_MAX : lines;
}

static struct area form_area(const struct form *f, struct area a)
{
    int cols = a.cols > 82 ? 78 : a.cols - 4;
    int lines = 2 + head_lines(f) + field_count(f) + status_lines(f, cols);
    if (a.lines >= lines + 3)
        lines += head_lines(f) ? 2 : 1; /* air */
    if (lines > a.lines)
        lines = a.lines;
    return (struct area){a.line + (a.lines - lines) / 2, a.col + (a.cols - cols) / 2, lines, cols};
}

const char *form_label(enum form_field field)
{
    static const char *const labels[FIELD_COUNT] = {
        [FIELD_NONE] = "",           [FIELD_COMMENT] = N_("Comment"), [FIELD_FOR] = N_("For"),
        [FIELD_LEVEL] = N_("Level"), [FIELD_MATCH] = N_("Checks"),    [FIELD_FROM] = N_("From"),
        [FIELD_UNTIL] = N_("Until"), [FIELD_EVERY] = N_("Every")};

    return *labels[field] ? _(labels[field]) : "";
}

/* What may be typed, beside a short field. */
static const char *form_example(enum form_field field)
{
    return field == FIELD_FROM    ? _("empty: now; 22:00, or 30m from now")
           : field == FIELD_UNTIL ? _("02:00, or 2h from now")
           : field == FIELD_EVERY ? _("empty: once")
           : field == FIELD_LEVEL ? _("1, 2 or 3")
                                  : "";
}

static int draw_fields(const struct form *f, struct surface *s, struct area in, int line)
{
    const enum form_field *fields = form_rows[f->kind].fields;
    int label_cols = 0;

    for (size_t i = 0; fields[i] != FIELD_NONE; i++)
        if (text_cols(form_label(fields[i])) > label_cols)
            label_cols = text_cols(form_label(fields[i]));
    for (size_t i = 0; fields[i] != FIELD_NONE; i++) {
        bool is_long = fields[i] == FIELD_COMMENT || fields[i] == FIELD_MATCH;
        int cols = is_long                                              ? in.cols - label_cols - 3
                   : fields[i] == FIELD_EVERY                           ? 30
                   : fields[i] == FIELD_FOR || fields[i] == FIELD_LEVEL ? 10
                                                                        : 26;
        if (cols > in.cols - label_cols - 3) /* a narrow form */
            cols = in.cols - label_cols - 3;
        draw_field(s, in, line, form_label(fields[i]), label_cols, &f->fields[fields[i]], cols,
                   f->focus == fields[i]);
        if (!is_long)
            surface_put(s, in, line, label_cols + cols + 4, in.cols - label_cols - cols - 5,
                        form_example(fields[i]), ROLE_FAINT, 0);
        line++;
        if (fields[i] == FIELD_MATCH)
            surface_put(s, in, line++, label_cols + 2, in.cols - label_cols - 3, f->preview,
                        f->preview_is_bad ? ROLE_ERROR : ROLE_FAINT, 0);
    }
    return line;
}

void form_draw(const struct console *c, const void *self, struct surface *s, struct area a)
{
    const struct form *f = self;
    struct area box = form_area(f, a);
    surface_fill(s, box, ' ', ROLE_NORMAL, 0);
    struct area in = surface_box(s, box, _(form_rows[f->kind].title), NULL, ROLE_KEY);
    int air = box.lines > 2 + head_lines(f) + field_count(f) + status_lines(f, box.cols) ? 1 : 0;
    int line = head_lines(f) ? draw_alerts(c, f, s, in, in.lines - field_count(f) - 1) + air : 0;
    line = draw_fields(f, s, in, line);
    line += air;
    wrap_draw(s, in, line, 1, in.cols - 2, in.lines - line, f->status,
              f->is_error ? ROLE_ERROR : ROLE_FAINT, 0);
}
