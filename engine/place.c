#include "engine/place.h"

static void pointer_text(const struct place *p, struct buf *out)
{
    if (p->up == NULL)
        return;
    pointer_text(p->up, out);
    buf_addc(out, '/');
    if (p->key == NULL)
        buf_addf(out, "%zu", p->index);
    for (const char *c = p->key; c != NULL && *c != '\0'; c++) {
        if (*c == '~' || *c == '/')
            buf_adds(out, *c == '~' ? "~0" : "~1");
        else
            buf_addc(out, *c);
    }
}

void place_text(const struct place *p, struct buf *out)
{
    const struct place *top = p;
    while (top->up != NULL)
        top = top->up;
    buf_adds(out, top->file);
    if (p != top)
        buf_adds(out, ": ");
    pointer_text(p, out);
}
