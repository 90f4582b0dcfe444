/* wrap.c - where lines break. */
#include "widgets/wrap.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"

struct wrap wrap_start(const char *text, int cols)
{
    return (struct wrap){.rest = text ? text : "", .width = cols > 0 ? cols : 1};
}

static size_t skip_blanks(const char *s)
{
    return strspn(s, " ");
}

bool wrap_next(struct wrap *w)
{
    if (!*w->rest)
        return false;
    size_t paragraph = strcspn(w->rest, "\n"), fit = text_fit(w->rest, w->width, NULL), next;
    if (fit >= paragraph) {
        fit = paragraph;
        next = paragraph + (w->rest[paragraph] == '\n' ? 1 : 0);
    } else {
        size_t at = fit;
        while (at > 0 && w->rest[at] != ' ')
            at--;
        if (at > 0)
            fit = at;
        if (fit == 0) { /* not even one character fits: take it whole all the same */
            uint32_t cp;
            fit = text_decode(w->rest, strlen(w->rest), &cp);
        }
        next = fit + skip_blanks(w->rest + fit);
    }
    w->line = w->rest;
    w->len = fit;
    while (w->len > 0 && w->line[w->len - 1] == ' ')
        w->len--;
    w->rest += next;
    char *line = mem_strndup(w->line, w->len);
    w->cols = text_cols(line);
    free(line);
    return true;
}

int wrap_count(const char *text, int cols)
{
    struct wrap w = wrap_start(text, cols);
    int lines = 0;
    while (wrap_next(&w))
        lines++;
    return lines;
}

int wrap_draw(struct surface *s, struct area a, int line, int col, int cols, int max_lines,
              const char *text, enum role role, int flags)
{
    struct wrap w = wrap_start(text, cols);
    int used = 0;
    while (used < max_lines && wrap_next(&w)) {
        /* the last line that may be drawn shows by its ellipsis that there is more */
        bool is_last = used + 1 == max_lines && *w.rest;
        char *piece = is_last ? mem_strdup(w.line) : mem_strndup(w.line, w.len);
        for (char *newline = piece; (newline = strchr(newline, '\n')) != NULL;)
            *newline = ' ';
        surface_put(s, a, line + used, col, cols, piece, role, flags);
        free(piece);
        used++;
    }
    return used;
}
