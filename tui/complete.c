/* complete.c - what a half-typed command line may become. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/range.h"
#include "tui/command.h"
#include "tui/console_private.h"

#define CANDIDATES_MAX 4000

static void offer(struct names *found, const char *candidate, const char *word)
{
    if (found->n < CANDIDATES_MAX && strncmp(candidate, word, strlen(word)) == 0)
        names_add(found, candidate);
}

static void offer_commands(struct names *found, const char *word)
{
    for (const struct command *k = commands; k->name; k++)
        offer(found, k->name, word);
}

static void offer_screens(struct names *found, const char *word)
{
    for (size_t i = 0; screens[i]; i++)
        offer(found, screens[i]->name, word);
}

static void offer_themes(const struct console *c, struct names *found, const char *word)
{
    DIR *d = c->opts.theme_folder ? opendir(c->opts.theme_folder) : NULL;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        char *dot = strrchr(e->d_name, '.');
        if (!dot || strcmp(dot, ".theme") != 0)
            continue;
        *dot = '\0';
        offer(found, e->d_name, word);
    }
    if (d)
        closedir(d);
}

/* Targets; their checks too once a target's name and the slash are there. */
static void offer_ids(const struct console *c, struct names *found, const char *word)
{
    const struct fleet *f = console_fleet(c);
    for (size_t i = 0; i < f->n_targets; i++)
        offer(found, f->targets[i]->id, word);
    for (size_t i = 0; strchr(word, '/') && i < f->n_checks; i++)
        offer(found, f->checks[i]->id, word);
}

static void offer_groups(const struct console *c, struct names *found, const char *line,
                         const char *word)
{
    const struct fleet *f = console_fleet(c);
    const char *group = strchr(line, ' ') + 1;
    size_t len = strcspn(group, " ");
    for (size_t i = 0; i < f->n_fogs; i++) {
        const struct fog *g = f->fogs[i];
        if (word == group)
            offer(found, g->id, word);
        for (size_t k = 0; word != group && k < g->n_candidates; k++)
            if (strlen(g->id) == len && strncmp(g->id, group, len) == 0)
                offer(found, g->candidates[k], word);
    }
}

static void offer_arguments(const struct console *c, struct names *found, const char *line,
                            const char *word)
{
    size_t len = strcspn(line, " ");
    char *name = mem_strndup(line, len);
    if (strcmp(name, "theme") == 0)
        offer_themes(c, found, word);
    else if (strcmp(name, "lang") == 0) {
        offer(found, "en", word);
        offer(found, "vi", word);
    } else if (strcmp(name, "plan") == 0)
        offer_groups(c, found, line, word);
    else if (strcmp(name, "open") == 0 && word == line + len + 1)
        offer_screens(found, word);
    else if (strcmp(name, "open") == 0 || strcmp(name, "detail") == 0)
        offer_ids(c, found, word);
    free(name);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t common(const struct names *found)
{
    size_t len = strlen(found->v[0]);
    for (size_t i = 1; i < found->n; i++)
        while (strncmp(found->v[0], found->v[i], len) != 0)
            len--;
    return len;
}

bool complete(const struct console *c, const char *line, struct buf *out, struct buf *list)
{
    const char *space = strrchr(line, ' '), *word = space ? space + 1 : line;
    struct names found = {0};
    if (space)
        offer_arguments(c, &found, line, word);
    else {
        offer_commands(&found, word);
        offer_screens(&found, word);
    }
    if (found.n == 0)
        return false;
    qsort(found.v, found.n, sizeof *found.v, by_name);
    buf_add(out, line, (size_t)(word - line));
    buf_add(out, found.v[0], common(&found));
    if (found.n == 1)
        buf_addc(out, ' ');
    for (size_t i = 0; found.n > 1 && i < found.n; i++)
        if (i == 0 || strcmp(found.v[i], found.v[i - 1]) != 0)
            buf_addf(list, "%s  ", found.v[i]);
    names_release(&found);
    return true;
}
