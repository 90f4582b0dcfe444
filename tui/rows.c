/* rows.c - see rows.h. */
#include "tui/rows.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"

void rows_release(struct rows *r)
{
    free(r->v);
    free(r->marks);
    *r = (struct rows){0};
}

void rows_begin(struct rows *r)
{
    r->n = 0;
}

bool rows_wants(const struct rows *r, uint64_t key, bool matches)
{
    return matches || (!r->is_narrowed && r->picked != 0 && key == r->picked);
}

void rows_add(struct rows *r, uint64_t key, const void *item)
{
    MEM_ROOM(r->v, r->n, r->cap);
    r->v[r->n++] = (struct row){key, item};
}

void rows_settle(struct rows *r)
{
    if (r->n == 0) {
        r->at = 0; /* the pick is kept: the item may come back with the next picture; but what the
                      filter keeps out stays out */
        return;
    }
    r->is_narrowed = false;
    for (size_t i = 0; i < r->n; i++)
        if (r->v[i].key == r->picked) {
            r->at = i;
            return;
        }
    rows_pick(r, r->at);
}

void rows_pick(struct rows *r, size_t at)
{
    if (r->n == 0)
        return;
    r->at = at < r->n ? at : r->n - 1;
    r->picked = r->v[r->at].key;
}

const void *rows_item(const struct rows *r)
{
    return r->n ? r->v[r->at].item : NULL;
}

/* Marks are kept in ascending order: ten thousand are looked up with each row that is drawn. */
static size_t mark_index(const struct rows *r, uint64_t key)
{
    size_t low = 0, high = r->n_marks;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->marks[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool rows_is_marked(const struct rows *r, uint64_t key)
{
    size_t i = mark_index(r, key);

    return i < r->n_marks && r->marks[i] == key;
}

void rows_mark(struct rows *r, uint64_t key)
{
    size_t i = mark_index(r, key);

    if (rows_is_marked(r, key)) {
        r->n_marks--;
        memmove(&r->marks[i], &r->marks[i + 1], (r->n_marks - i) * sizeof *r->marks);
        return;
    }
    MEM_ROOM(r->marks, r->n_marks, r->cap_marks);
    memmove(&r->marks[i + 1], &r->marks[i], (r->n_marks - i) * sizeof *r->marks);
    r->marks[i] = key;
    r->n_marks++;
}

static int by_key(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

void rows_mark_all(struct rows *r)
{
    size_t n = 0;

    for (size_t i = 0; i < r->n; i++) {
        MEM_ROOM(r->marks, r->n_marks, r->cap_marks);
        r->marks[r->n_marks++] = r->v[i].key;
    }
    if (r->n_marks)
        qsort(r->marks, r->n_marks, sizeof *r->marks, by_key);
    for (size_t i = 0; i < r->n_marks; i++)
        if (n == 0 || r->marks[n - 1] != r->marks[i])
            r->marks[n++] = r->marks[i];
    r->n_marks = n;
}

void rows_mark_clear(struct rows *r)
{
    r->n_marks = 0;
}

void filter_release(struct filter *f)
{
    for (size_t i = 0; i < f->n; i++)
        free(f->v[i].folded);
    free(f->v);
    free(f->preview.folded);
    *f = (struct filter){0};
}

/* False if nothing is left of the text. */
static bool term_parse(const char *text, struct filter_term *out)
{
    struct buf folded = BUF_INIT(TEXT_MAX_LISTED);

    while (*text == ' ')
        text++;
    out->is_not = *text == '!';
    text_fold(&folded, text + (out->is_not ? 1 : 0));
    while (folded.len > 0 && folded.bytes[folded.len - 1] == ' ')
        folded.bytes[--folded.len] = '\0';
    out->folded = folded.len > 0 ? buf_take(&folded) : NULL;
    buf_release(&folded);
    return out->folded != NULL;
}

void filter_push(struct filter *f, const char *text)
{
    struct filter_term term;

    filter_preview(f, NULL);
    if (!term_parse(text, &term)) {
        if (f->n > 0)
            free(f->v[--f->n].folded);
        return;
    }
    MEM_ROOM(f->v, f->n, f->cap);
    f->v[f->n++] = term;
}

void filter_preview(struct filter *f, const char *text)
{
    free(f->preview.folded);
    f->preview.folded = NULL;
    if (text)
        (void)term_parse(text, &f->preview);
}

static bool term_occurs(const char *folded, const char *const fields[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fields[i] && text_matches(fields[i], folded))
            return true;
    return false;
}

bool filter_is_empty(const struct filter *f)
{
    return f->n == 0 && !f->preview.folded;
}

bool filter_passes(const struct filter *f, const char *const fields[], size_t n)
{
    const struct filter_term *p = &f->preview;

    for (size_t i = 0; i < f->n; i++)
        if (term_occurs(f->v[i].folded, fields, n) == f->v[i].is_not)
            return false;
    return !p->folded || term_occurs(p->folded, fields, n) != p->is_not;
}

static void term_text(const struct filter_term *t, struct buf *out)
{
    if (out->len > 0)
        buf_addc(out, ' ');
    if (t->is_not)
        buf_addc(out, '!');
    buf_adds(out, t->folded);
}

void filter_text(const struct filter *f, struct buf *out)
{
    for (size_t i = 0; i < f->n; i++)
        term_text(&f->v[i], out);
    if (f->preview.folded)
        term_text(&f->preview, out);
}
