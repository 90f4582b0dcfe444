/* say.h - a sentence that can still be translated after it was made.
 *
 * The engine says things ("HTTP {0}, expected {1}") that a console shows in its own language.
 * A *packed* sentence is the English template, then each argument, separated by 0x1F (which cleaned
 * text never holds).  Text without 0x1F is itself a packed sentence without arguments, and is
 * looked up as well (a plugin's own words are simply not found and stay).
 * Templates are N_()-marked where they stand, so that translators see them.  Placeholders {0}-{9}
 * may be reordered by a translation.  No printf: nothing from outside is ever a format.
 * An argument may be a sentence itself ("step {0}: {1}", where {1} is why a request failed): such a
 * one begins with 0x1E, which also parts it; one level deep. */
#ifndef CORE_SAY_H
#define CORE_SAY_H

#include <stddef.h>

#define SAY_SEP '\x1f'
#define SAY_SUB '\x1e'
#define N_(s)   s

struct buf;
/* Packs a template and n arguments (each cleaned by the caller or of our own making) into a fresh
 * string of at most TEXT_MAX_STORED bytes; the caller frees it. */
char *say_pack(const char *template, size_t n, const char *const *args);
/* The same with arguments as they come, or none (the NULL keeps the array from being empty). */
#define SAY(template, ...)                                                                         \
    say_pack((template), sizeof((const char *const[]){NULL, __VA_ARGS__}) / sizeof(char *) - 1,    \
             (const char *const[]){NULL, __VA_ARGS__} + 1)
/* A packed sentence as an argument of another; the caller frees. */
char *say_nested(const char *packed);
typedef const char *say_translate_fn(const char *msgid);
/* Appends the sentence in words; translate NULL: English. */
void say_text(struct buf *out, const char *packed, say_translate_fn *translate);
/* Number of arguments and the parts, borrowed from packed (part 0 is the template). */
size_t say_parts(const char *packed, const char *part[], size_t len[], size_t max);

#endif
