/* hosts.c - /etc/hosts in memory. */
#include "engine/hosts.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/map.h"
#include "core/mem.h"

struct entry {
    char *name;
    struct resolve_answer answer;
};
struct hosts {
    char *path;
    struct timespec changed;
    int64_t looked_ms;
    bool is_read;
    struct entry **entries;
    size_t n, cap;
    struct map by_name;
};

struct hosts *hosts_new(const char *path)
{
    struct hosts *h = mem_alloc(sizeof *h);
    h->path = mem_strdup(path);
    return h;
}

static void empty(struct hosts *h)
{
    map_release(&h->by_name);
    for (size_t i = 0; i < h->n; i++) {
        free(h->entries[i]->name);
        free(h->entries[i]);
    }
    free(h->entries);
    h->entries = NULL;
    h->n = h->cap = 0;
}

void hosts_free(struct hosts *h)
{
    if (h == NULL)
        return;
    empty(h);
    free(h->path);
    free(h);
}

static void lower(char *s)
{
    for (; *s != '\0'; s++)
        *s = (char)tolower((unsigned char)*s);
}

static void add(struct hosts *h, char *name, const struct resolve_answer *one)
{
    lower(name);
    struct entry *e = map_get(&h->by_name, name);
    if (e == NULL) {
        e = mem_alloc(sizeof *e);
        e->name = mem_strdup(name);
        e->answer.is_local = true;
        MEM_ROOM(h->entries, h->n, h->cap);
        h->entries[h->n++] = e;
        map_put(&h->by_name, e->name, e);
    }
    if (e->answer.n < RESOLVE_MAX)
        e->answer.address[e->answer.n++] = one->address[0];
}

static void add_line(struct hosts *h, char *line)
{
    char *save = NULL;
    struct resolve_answer one;

    line[strcspn(line, "#\r")] = '\0';
    char *word = strtok_r(line, " \t", &save);
    if (word == NULL || !resolve_numeric(word, &one))
        return;
    while ((word = strtok_r(NULL, " \t", &save)) != NULL)
        add(h, word, &one);
}

static void read_file(struct hosts *h)
{
    struct buf b = BUF_INIT(HOSTS_FILE_MAX);
    char chunk[4096], *save = NULL;
    ssize_t got;
    int fd = open(h->path, O_RDONLY | O_CLOEXEC);

    empty(h);
    if (fd < 0)
        return;
    while ((got = read(fd, chunk, sizeof chunk)) > 0 && !b.is_cut)
        buf_add(&b, chunk, (size_t)got);
    close(fd);
    if (b.len > 0)
        for (char *l = strtok_r(b.bytes, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
            add_line(h, l);
    buf_release(&b);
}

static void refresh(struct hosts *h, int64_t now_ms)
{
    struct stat st;
    if (h->is_read && now_ms - h->looked_ms < HOSTS_LOOK_MS)
        return;
    h->looked_ms = now_ms;
    if (stat(h->path, &st) != 0)
        memset(&st, 0, sizeof st);
    if (h->is_read && st.st_mtim.tv_sec == h->changed.tv_sec &&
        st.st_mtim.tv_nsec == h->changed.tv_nsec)
        return;
    h->changed = st.st_mtim;
    h->is_read = true;
    read_file(h);
}

bool hosts_find(struct hosts *h, const char *name, int64_t now_ms, struct resolve_answer *out)
{
    char low[256];
    size_t len = strlen(name);

    if (len >= sizeof low)
        return false;
    memcpy(low, name, len + 1);
    lower(low);
    refresh(h, now_ms);
    const struct entry *e = map_get(&h->by_name, low);
    if (e != NULL) {
        *out = e->answer;
        return true;
    }
    return strcmp(low, "localhost") == 0 && resolve_numeric("127.0.0.1", out);
}
