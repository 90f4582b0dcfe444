/* keymap.c - a table of keys. */
#include "tui/keymap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "tui/lines.h"
#include "widgets/key.h"

/* tui/default.keys as it stands, ended by NUL. */
__asm__(".pushsection .rodata\n"
        "default_keys_text:\n"
        ".incbin \"tui/default.keys\"\n"
        ".byte 0\n"
        ".popsection\n");
extern const char default_keys_text[] __attribute__((visibility("hidden")));

struct binding {
    uint32_t key;
    char *line;
};
struct keymap {
    struct binding *v;
    size_t n, cap;
};

static const struct {
    const char *name;
    uint32_t key;
} named[] = {
    {"Enter", K_ENTER},     {"Esc", K_ESC},       {"Tab", K_TAB},
    {"S-Tab", K_SHIFT_TAB}, {"Space", ' '},       {"Backspace", K_BACKSPACE},
    {"Insert", K_INSERT},   {"Delete", K_DELETE}, {"Up", K_UP},
    {"Down", K_DOWN},       {"Left", K_LEFT},     {"Right", K_RIGHT},
    {"Home", K_HOME},       {"End", K_END},       {"PgUp", K_PAGE_UP},
    {"PgDn", K_PAGE_DOWN},  {"semicolon", ';'},
};
#define N_NAMED (sizeof named / sizeof *named)

static bool plain_parse(const char *name, uint32_t *key)
{
    for (size_t i = 0; i < N_NAMED; i++)
        if (strcmp(named[i].name, name) == 0) {
            *key = named[i].key;
            return true;
        }
    char *end;
    if (name[0] == 'F' && name[1] >= '1' && name[1] <= '9') {
        long n = strtol(name + 1, &end, 10);
        *key = K_F1 + (uint32_t)(n - 1);
        return *end == '\0' && n <= 12;
    }
    size_t len = strlen(name), used = text_decode(name, len, key);
    return len > 0 && used == len && *key > ' ' && *key != 0xfffd;
}

bool key_parse(const char *name, uint32_t *key)
{
    if (strncmp(name, "C-", 2) == 0 && name[2]) {
        if (!plain_parse(name + 2, key))
            return false;
        bool is_letter = (*key >= 'a' && *key <= 'z') || (*key >= 'A' && *key <= 'Z');
        *key = is_letter ? K_CTRL_OF(*key) : *key | K_CTRL;
        return is_letter || *key > K_NAMED;
    }
    if (strncmp(name, "M-", 2) == 0 && name[2]) {
        if (!plain_parse(name + 2, key))
            return false;
        *key |= K_ALT;
        return true;
    }
    return plain_parse(name, key);
}

const char *key_name(uint32_t key, char out[KEY_NAME_MAX])
{
    const char *prefix = key & K_ALT ? "M-" : key & K_CTRL ? "C-" : "";
    uint32_t plain = key & ~(uint32_t)(K_ALT | K_CTRL | K_SHIFT);
    for (size_t i = 0; i < N_NAMED; i++)
        if (named[i].key == plain) {
            snprintf(out, KEY_NAME_MAX, "%s%s", prefix, plain == ';' ? ";" : named[i].name);
            return out;
        }
    char bytes[5] = {0};
    if (plain >= K_F1 && plain <= K_F12)
        snprintf(out, KEY_NAME_MAX, "%sF%u", prefix, (unsigned)(plain - K_F1 + 1) % 100);
    else if (plain < ' ')
        snprintf(out, KEY_NAME_MAX, "C-%c", (char)(plain + 'a' - 1));
    else if (plain < K_NAMED && text_encode(plain, bytes))
        snprintf(out, KEY_NAME_MAX, "%s%s", prefix, bytes);
    else
        out[0] = '\0';
    return out;
}

static void unbind(struct keymap *m, uint32_t key)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->v[i].key == key) {
            free(m->v[i].line);
            memmove(&m->v[i], &m->v[i + 1], (m->n - i - 1) * sizeof *m->v);
            m->n--;
            return;
        }
}

struct parsing {
    struct keymap *map;
    bool (*is_command)(const char *name);
};

static bool take_line(void *arg, const char *name, const char *value, struct err *e)
{
    struct parsing *p = arg;
    uint32_t key;
    if (!key_parse(name, &key))
        return err_set(e, "no such key '%.40s'", name);
    if (*value == '\0')
        return err_set(e, "key '%s' has no command; `none` takes a binding away", name);
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(value, " "), value);
    bool is_none = strcmp(word, "none") == 0;
    if (!is_none && p->is_command && !p->is_command(word))
        return err_set(e, "no such command '%s'", word);
    unbind(p->map, key);
    if (is_none)
        return true;
    MEM_ROOM(p->map->v, p->map->n, p->map->cap);
    p->map->v[p->map->n++] = (struct binding){key, mem_strdup(value)};
    return true;
}

bool keymap_parse(struct keymap *m, const char *path, const char *text,
                  bool (*is_command)(const char *name), struct err *e)
{
    struct parsing p = {m, is_command};
    return lines_parse(path, text, take_line, &p, e);
}

struct keymap *keymap_new(void)
{
    struct keymap *m = mem_alloc(sizeof *m);
    keymap_parse(m, "default.keys", default_keys_text, NULL, NULL);
    return m;
}

void keymap_free(struct keymap *m)
{
    for (size_t i = 0; m && i < m->n; i++)
        free(m->v[i].line);
    if (m)
        free(m->v);
    free(m);
}

static const char *find_exact(const struct keymap *m, uint32_t key)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->v[i].key == key)
            return m->v[i].line;
    return NULL;
}

const char *keymap_find(const struct keymap *m, uint32_t key)
{
    const char *line = find_exact(m, key);
    if (line || key < 0x80 || key >= K_NAMED)
        return line;
    uint32_t base = text_base_letter(key);
    return base != key ? find_exact(m, base) : NULL;
}

const char *keymap_keys_of(const struct keymap *m, const char *line, char out[64])
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < m->n && len < 64; i++) {
        char name[KEY_NAME_MAX];
        if (strcmp(m->v[i].line, line) == 0)
            len += (size_t)snprintf(out + len, 64 - len, "%s%s", len ? ", " : "",
                                    key_name(m->v[i].key, name));
    }
    return out;
}

const char *keymap_key_of(const struct keymap *m, const char *line, char out[KEY_NAME_MAX])
{
    out[0] = '\0';
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->v[i].line, line) == 0)
            return key_name(m->v[i].key, out);
    return out;
}
