/* hosts.h - /etc/hosts (or a file like it), read again when it changes. */
#ifndef ENGINE_HOSTS_H
#define ENGINE_HOSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/resolve.h"

#define HOSTS_FILE_MAX (1 << 20)
#define HOSTS_LOOK_MS  5000 /* how often the file's time is looked at */

struct hosts;
struct hosts *hosts_new(const char *path);
void hosts_free(struct hosts *h);
/* Fills out and returns true if the name stands in the file; "localhost" always has an address. */
bool hosts_find(struct hosts *h, const char *name, int64_t now_ms, struct resolve_answer *out);

#endif
