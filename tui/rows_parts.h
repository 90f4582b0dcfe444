/* rows_parts.h - a list in parts: each has a heading and columns of its own, one pick goes through
 * them all.
 *
 *      Chính thức            Phản hồi  Chứng thư      the heading of the part at the top stays in
 *      + OK  plat-ndxp          41 ms       44 d      sight, and says what its columns are
 *      X LỖI svc-bank                       12 d
 *      Thử nghiệm
 *      + OK  int-btp            95 ms       90 d
 *
 *     parts_begin(&p);
 *     parts_heading(&p, kind, title);  for … parts_add(&p, key, item, matches);   again for each
 * part parts_settle(&p, lines); A heading without rows is not there.  Items are borrowed and keyed
 * as in rows.h. */
#ifndef TUI_ROWS_PARTS_H
#define TUI_ROWS_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/rows.h"
#include "widgets/list.h"
#include "widgets/table.h"

struct part {
    char *title;
    size_t kind;
};
struct part_line {
    size_t part, row; /* row SIZE_MAX: the heading */
};
struct parts {
    struct rows rows;
    struct filter filter;
    struct list_state list; /* over the lines, headings included */
    struct part *v;
    size_t n, cap;
    struct part_line *line;
    size_t n_lines, cap_lines;
    bool has_heading; /* of the part being filled */
    int height;       /* lines that fit, the heading at the top included */
    int first_line;   /* of the list in the screen, for clicks; set by the screen */
};

struct part_kind {
    const struct column *columns;
    size_t n;
    size_t titled; /* the heading takes the room of the columns before this one */
    void (*cell)(void *arg, const void *item, size_t column, struct table_cell *out);
    int (*flags)(void *arg, const void *item); /* cell_flags of a row; may be NULL */
};

void parts_release(struct parts *p);
void parts_begin(struct parts *p);
void parts_heading(struct parts *p, size_t kind, const char *title);
/* False: the filter keeps it out. */
bool parts_add(struct parts *p, uint64_t key, const void *item, bool matches);
void parts_settle(struct parts *p, int lines);

/* Motions, click, filter; false: not one of them. */
bool parts_command(struct parts *p, const char *name, const char *arg);
void parts_draw(struct surface *s, struct area a, const struct parts *p,
                const struct part_kind kinds[], void *arg);
/* "/web · " and the words: what the screen's frame says at its right. */
const char *parts_note(const struct parts *p, const char *words, char out[160]);

#endif
