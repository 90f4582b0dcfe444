/* rows_doc.h - a page to read: labelled values, paragraphs, headings; wrapped once, then scrolled.
 *
 * Filled in a screen's update() for the width it will be drawn in (doc_begin … doc_end), drawn by
 * doc_draw.  Owns its text; trends are borrowed from the fleet. */
#ifndef TUI_ROWS_DOC_H
#define TUI_ROWS_DOC_H

#include <stdbool.h>
#include <stddef.h>

#include "core/fleet.h"
#include "tui/console.h"
#include "widgets/list.h"

struct doc_line {
    char *label; /* NULL: none */
    char *text;
    int indent; /* columns before the text */
    enum role role;
    int flags;
    const struct trend *trend; /* drawn after the text, NULL: none */
    char *link;                /* what Enter opens from here, NULL: nothing */
};
struct doc {
    struct doc_line *v;
    size_t n, cap;
    size_t top; /* first line shown */
    int cols, label_cols;
    char *picked;     /* of the links, the one that Enter opens; NULL: none is in sight */
    size_t picked_at; /* its line */
};

void doc_release(struct doc *d);
void doc_begin(struct doc *d, int cols);
void doc_heading(struct doc *d, const char *text); /* with a blank line before it */
void doc_text(struct doc *d, int indent, const char *text, enum role role);
/* "Label   value"; an empty value leaves the line out.  Newlines in text begin a line. */
void doc_pair(struct doc *d, const char *label, const char *text, enum role role);
/* The same, and a place to go to from: Left and Right pick one of the page's. */
void doc_link(struct doc *d, const char *label, const char *text, enum role role, const char *link);
void doc_trend(struct doc *d, const char *label, const struct trend *t);
/* Keeps top inside, and what is picked in sight: it stays picked while it is, then the first is. */
void doc_end(struct doc *d, int lines);
/* Scrolls; false: not a motion. */
bool doc_command(struct doc *d, const char *name, int lines);
void doc_draw(const struct console *c, const struct doc *d, struct surface *s, struct area a);

#endif
