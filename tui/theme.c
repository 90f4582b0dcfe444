/* theme.c - theme files into styles. */
#include "tui/theme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/lines.h"
#include "widgets/surface.h"

/* What a file said of one name, by depth; a depth without a line of its own takes the next lower.
 */
struct draft {
    struct style style[DEPTH_COUNT];
    bool has[DEPTH_COUNT];
};
struct reading {
    struct draft roles[ROLE_COUNT], dim;
};

static const char *const depth_names[DEPTH_COUNT] = {"mono", "8", "16", "256", "direct"};

static bool colour_parse(const char *word, int *out)
{
    static const char *const names[] = {"black", "red",     "green", "yellow",
                                        "blue",  "magenta", "cyan",  "white"};
    if (strcmp(word, "default") == 0) {
        *out = COLOUR_DEFAULT;
        return true;
    }
    int bright = strncmp(word, "bright-", 7) == 0 ? 8 : 0;
    for (int i = 0; i < 8; i++)
        if (strcmp(word + (bright ? 7 : 0), names[i]) == 0) {
            *out = i + bright;
            return true;
        }
    char *end;
    if (*word == '#' && strlen(word) == 7) {
        *out = (int)strtol(word + 1, &end, 16);
        return *end == '\0';
    }
    if (*word < '0' || *word > '9')
        return false;
    *out = (int)strtol(word, &end, 10);
    return *end == '\0' && *out >= 0 && *out <= 255;
}

static int attr_parse(const char *word)
{
    static const char *const names[] = {"bold", "dim", "italic", "underline", "reverse"};
    for (int i = 0; i < 5; i++)
        if (strcmp(word, names[i]) == 0)
            return 1 << i;
    return 0;
}

static bool style_parse(const char *value, struct style *out, struct err *e)
{
    char copy[128];
    *out = (struct style){COLOUR_DEFAULT, COLOUR_DEFAULT, 0};
    if (snprintf(copy, sizeof copy, "%s", value) >= (int)sizeof copy)
        return err_set(e, "value is too long");
    bool is_bg = false;
    char *save = NULL;
    for (char *w = strtok_r(copy, " \t", &save); w; w = strtok_r(NULL, " \t", &save)) {
        int attr = attr_parse(w);
        if (strcmp(w, "on") == 0)
            is_bg = true;
        else if (attr)
            out->attrs |= attr;
        else if (!colour_parse(w, is_bg ? &out->bg : &out->fg))
            return err_set(e, "'%s' is neither a colour nor an attribute", w);
    }
    return true;
}

static struct draft *draft_find(struct reading *r, const char *name)
{
    if (strcmp(name, "dim") == 0)
        return &r->dim;
    for (int i = 0; i < ROLE_COUNT; i++)
        if (strcmp(name, role_names[i]) == 0)
            return &r->roles[i];
    return NULL;
}

static bool take_line(void *arg, const char *name, const char *value, struct err *e)
{
    struct reading *r = arg;
    char role[64];
    const char *at = strchr(name, '@');
    size_t len = at ? (size_t)(at - name) : strlen(name);
    snprintf(role, sizeof role, "%.*s", (int)(len < sizeof role ? len : sizeof role - 1), name);
    struct draft *d = draft_find(r, role);
    if (!d)
        return err_set(e, "no such role '%s'", role);
    int depth = at ? 0 : DEPTH_8;
    while (at && depth < DEPTH_COUNT && strcmp(depth_names[depth], at + 1) != 0)
        depth++;
    if (depth == DEPTH_COUNT)
        return err_set(e, "'%s' is no number of colours, expected mono, 8, 16, 256 or direct",
                       at + 1);
    if (!style_parse(value, &d->style[depth], e))
        return false;
    bool is_rgb = d->style[depth].fg > 255 || d->style[depth].bg > 255 || strchr(value, '#');
    if (is_rgb && depth != DEPTH_DIRECT)
        return err_set(e, "#rrggbb is only for NAME@direct");
    d->has[depth] = true;
    return true;
}

/* Palette numbers mean nothing to a direct-colour terminal: they become the xterm palette's RGB. */
static int to_rgb(int colour)
{
    static const int base[16] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
                                 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
                                 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};
    static const int level[6] = {0, 95, 135, 175, 215, 255};
    if (colour < 0)
        return colour;
    if (colour < 16)
        return base[colour];
    if (colour >= 232) {
        int grey = 8 + (colour - 232) * 10;
        return grey << 16 | grey << 8 | grey;
    }
    int n = colour - 16;
    return level[n / 36] << 16 | level[n / 6 % 6] << 8 | level[n % 6];
}

static struct style resolve(const struct draft *d, enum theme_depth depth)
{
    struct style none = {COLOUR_DEFAULT, COLOUR_DEFAULT, 0};
    int from = (int)depth;
    while (from > DEPTH_MONO && !d->has[from])
        from--;
    if (!d->has[from]) {
        if (depth != DEPTH_MONO || !d->has[DEPTH_8])
            return none;
        none.attrs = d->style[DEPTH_8].attrs; /* without colours the attributes stay */
        return none;
    }
    struct style s = d->style[from];
    if (depth == DEPTH_DIRECT && from != DEPTH_DIRECT) {
        s.fg = to_rgb(s.fg);
        s.bg = to_rgb(s.bg);
    }
    if (depth == DEPTH_8 && s.fg >= 8 && s.fg < 16) { /* eight colours: bright is bold */
        s.fg -= 8;
        s.attrs |= ATTR_BOLD;
    }
    if (depth == DEPTH_8 && s.bg >= 8)
        s.bg = s.bg < 16 ? s.bg - 8 : COLOUR_DEFAULT;
    return s;
}

bool theme_parse(struct theme *t, const char *path, const char *text, enum theme_depth depth,
                 struct err *e)
{
    struct reading r;
    memset(&r, 0, sizeof r);
    if (!lines_parse(path, text, take_line, &r, e))
        return false;
    t->depth = depth;
    for (int i = 0; i < ROLE_COUNT; i++)
        t->roles[i] = resolve(&r.roles[i], depth);
    t->dim = resolve(&r.dim, depth);
    return true;
}

bool theme_load(struct theme *t, const char *folder, const char *name, enum theme_depth depth,
                struct err *e)
{
    char path[4096];
    int n = strchr(name, '/') ? snprintf(path, sizeof path, "%s", name)
                              : snprintf(path, sizeof path, "%s/%s.theme", folder, name);
    if (n < 0 || n >= (int)sizeof path)
        return err_set(e, "theme name is too long");
    char *text = lines_read(path, e);
    if (!text)
        return false;
    bool is_ok = theme_parse(t, path, text, depth, e);
    if (is_ok)
        snprintf(t->name, sizeof t->name, "%s", name);
    free(text);
    return is_ok;
}

void theme_builtin(struct theme *t)
{
    static const char text[] = "normal@mono = default\n"
                               "title@mono = reverse\n"
                               "tab.current@mono = bold underline\n"
                               "heading@mono = bold\n"
                               "key@mono = bold\n"
                               "input@mono = underline\n"
                               "banner@mono = reverse bold\n"
                               "sample@mono = reverse\n"
                               "error@mono = bold\n"
                               "match@mono = underline\n"
                               "state.warning@mono = bold\n"
                               "state.critical@mono = reverse bold\n"
                               "state.unknown@mono = bold\n"
                               "priority.1@mono = reverse bold\n"
                               "priority.2@mono = bold\n"
                               "row.selected@mono = reverse\n"
                               "row.marked@mono = underline\n"
                               "dim@mono = dim\n";
    memset(t, 0, sizeof *t);
    theme_parse(t, "built-in", text, DEPTH_MONO, NULL);
    snprintf(t->name, sizeof t->name, "built-in");
}

/* Puts what `over` says on top of s: colours that it names, attributes besides. */
static void overlay(struct style *s, const struct style *over)
{
    if (over->fg != COLOUR_DEFAULT)
        s->fg = over->fg;
    if (over->bg != COLOUR_DEFAULT)
        s->bg = over->bg;
    s->attrs |= over->attrs;
}

struct style theme_style(const struct theme *t, enum role role, int flags)
{
    struct style s = t->roles[ROLE_NORMAL];
    if ((unsigned)role < ROLE_COUNT && role != ROLE_NORMAL)
        overlay(&s, &t->roles[role]);
    if (flags & CELL_BOLD)
        s.attrs |= ATTR_BOLD;
    if (flags & CELL_DIM) { /* one grey for all: an old picture must not look alive */
        s = t->roles[ROLE_NORMAL];
        /* where the cursor stands the ground is grey, too: there the lighter grey of the two */
        overlay(&s, flags & CELL_SELECTED ? &t->roles[ROLE_FAINT] : &t->dim);
    }
    bool has_ground = role != ROLE_NORMAL && s.bg != t->roles[ROLE_NORMAL].bg;
    int ground = s.bg;
    if (flags & CELL_MARKED)
        overlay(&s, &t->roles[ROLE_ROW_MARKED]);
    if (flags & CELL_SELECTED) {
        const struct style *row = &t->roles[ROLE_ROW_SELECTED];
        bool is_reverse = s.attrs & row->attrs & ATTR_REVERSE;
        overlay(&s, row);
        if (is_reverse) /* a reversed word in a reversed row would be lost */
            s.attrs |= ATTR_BOLD | ATTR_UNDERLINE;
    }
    if (has_ground) /* a red word stays red on the selected row */
        s.bg = ground;
    return s;
}
