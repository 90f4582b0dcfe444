/* engine_textfile.c - the engine's own figures, each 10 s into the file that the site file names
 * ("textfile" of "site").  A disk that hangs holds up no more than the next page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/engine_private.h"
#include "engine/http.h"
#include "engine/textfile.h"

#define EVERY_S 10

struct engine_textfile {   /* one page on its way, or the memory of how it went */
    struct engine *engine; /* NULL: it has ended meanwhile */
    char *path;
    struct buf page;
    struct err error;
    bool is_written, is_busy, was_bad;
};

static int64_t resident_bytes(void)
{
    long all = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f != NULL && fscanf(f, "%ld %ld", &all, &resident) != 2)
        resident = 0;
    if (f != NULL)
        fclose(f);
    return (int64_t)resident * sysconf(_SC_PAGESIZE);
}

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void make_page(struct engine *e, struct buf *page)
{
    struct textfile_figures f = {.fleet = e->fleet,
                                 .clients = hub_client_count(e->hub),
                                 .seq = journal_seq(e->journal),
                                 .uncovered = journal_uncovered(e->journal),
                                 .is_saving = journal_error(e->journal) == NULL,
                                 .has_history = history_error(e->history) == NULL,
                                 .has_config_error = e->has_config_error,
                                 .started_at_ms = e->started_at_ms,
                                 .at_ms = loop_wall_ms(e->loop),
                                 .cpu_s = cpu_s(),
                                 .rss_bytes = resident_bytes()};
    scheduler_figures(e->scheduler, &f.scheduler);
    http_figures(e->env.http, &f.http_made, &f.http_in_use);
    textfile_text(page, &f);
}

static void work(void *arg)
{
    struct engine_textfile *t = arg;
    t->is_written = textfile_write(t->path, &t->page, &t->error);
}

static void release(struct engine_textfile *t)
{
    free(t->path);
    buf_release(&t->page);
    free(t);
}

/* The log is told when it fails first, and when it works again. */
static void done(void *arg)
{
    struct engine_textfile *t = arg;
    t->is_busy = false;
    if (t->engine == NULL) {
        release(t);
        return;
    }
    if (t->is_written == t->was_bad) {
        char *text = text_cleaned(t->error.text, strlen(t->error.text), TEXT_MAX_LISTED, 0);
        engine_log("textfile: ", t->is_written ? N_("figures are written again") : text);
        free(text);
    }
    t->was_bad = !t->is_written;
}

void engine_textfile_second(struct engine *e)
{
    struct engine_textfile *t = e->textfile;
    if (e->site->textfile == NULL || e->seconds % EVERY_S != 1 || (t != NULL && t->is_busy))
        return;
    if (t == NULL) {
        t = e->textfile = mem_alloc(sizeof *t);
        t->engine = e;
    }
    mem_set(&t->path, e->site->textfile);
    buf_clear(&t->page);
    t->error.text[0] = '\0';
    make_page(e, &t->page);
    t->is_busy = true;
    loop_work(e->loop, work, done, t);
}

void engine_textfile_close(struct engine *e)
{
    if (e->textfile == NULL)
        return;
    e->textfile->engine = NULL;
    if (!e->textfile->is_busy)
        release(e->textfile);
    e->textfile = NULL;
}
