/* option_json.h - fills a struct from JSON by an option table (core/option.h).
 *
 * Values come from layers, nearest first: an overlay, the object itself, its group's defaults, the
 * site's.  For each row the nearest layer that has the key decides; objects of strings (labels,
 * headers) are merged key by key.  Every mistake is told to `error`, none ends the work, so that a
 * file's author sees them all at once.  What was filled is released by option_release, also after
 * mistakes. */
#ifndef ENGINE_OPTION_JSON_H
#define ENGINE_OPTION_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "core/option.h"
#include "engine/expand.h"
#include "engine/jval.h"
#include "engine/place.h"

#define OPTION_LAYERS_MAX 32

struct option_layer {
    const struct jval *object; /* borrowed */
    const struct place *at;
};

struct option_reader {
    void (*error)(void *arg, const struct place *at, const char *what);
    void *error_arg;
    /* A secret that is not there (yet): the value is a word that is none, so that what is made of
     * it can be judged, and must not be used.  NULL: that is an error as others. */
    void (*absent)(void *arg, const struct place *at, const char *what);
    expand_fn *find; /* names in strings; NULL: strings stay as they are */
    const void *find_arg;
    bool is_shown; /* what is read is shown to operators: it must be clean text (core/text.h) */
};

/* base: zeroed memory of the table's struct.  False if anything was wrong. */
bool option_fill(const struct option_reader *r, const struct option *rows, void *base,
                 const struct option_layer *layers, size_t n);
/* Every key of the layer must be in one of the tables; false and one error for each that is not. */
bool option_check_keys(const struct option_reader *r, const struct option_layer *layer,
                       const struct option *const tables[], size_t n);
/* A string with its names filled in, which the caller frees; NULL after telling r->error. */
char *option_text(const struct option_reader *r, const struct jval *v, const struct place *at,
                  const char *expected);
/* A value as messages quote it: 5, "abc", an array.  At most 60 bytes; appends. */
void option_describe(struct buf *out, const struct jval *v);

#endif
