/* textfile.h - the engine's own figures as a page of Prometheus' text exposition, in a file for the
 * textfile collector of node_exporter: no port is opened for it.
 *
 * The file is replaced in one step, so that whoever reads it sees a whole page, and its age
 * (node_textfile_mtime_seconds) tells that the engine writes no more. */
#ifndef ENGINE_TEXTFILE_H
#define ENGINE_TEXTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/fleet.h"
#include "engine/scheduler.h"

struct textfile_figures { /* borrowed */
    const struct fleet *fleet;
    struct scheduler_figures scheduler;
    size_t http_made, http_in_use, clients;
    uint64_t seq, uncovered;      /* of the journal */
    bool is_saving, has_history;  /* decisions are saved; measurements are */
    bool has_config_error;        /* the last site file was not taken */
    int64_t started_at_ms, at_ms; /* wall */
    double cpu_s;
    int64_t rss_bytes;
};

/* Appends the page. */
void textfile_text(struct buf *out, const struct textfile_figures *f);
/* Writes it beside `path` and renames it; blocks. */
bool textfile_write(const char *path, const struct buf *page, struct err *e);

#endif
