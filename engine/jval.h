/* jval.h - the door to jansson: JSON in with limits, JSON out in one order.
 *
 * `struct jval` is one reference; jval_free drops it.  Functions named jval_set_* and jval_append
 * take what they are given.  Getters borrow.  Reading is strict: duplicate keys, NUL, invalid
 * UTF-8, depth over JVAL_DEPTH_MAX (jansson itself stops at 2048) and non-finite numbers are
 * errors; the caller caps the length before parsing. */
#ifndef ENGINE_JVAL_H
#define ENGINE_JVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

#define JVAL_DEPTH_MAX 64

struct jval;
enum jval_type { JVAL_NULL, JVAL_BOOL, JVAL_INT, JVAL_REAL, JVAL_STRING, JVAL_ARRAY, JVAL_OBJECT };

/* On failure e says "line L column C: what" (for one-line input only what). */
struct jval *jval_parse(const char *bytes, size_t len, struct err *e);
void jval_free(struct jval *j); /* NULL is fine */

enum jval_type jval_type(const struct jval *j); /* NULL counts as JVAL_NULL */
const char *jval_type_name(enum jval_type t);   /* "a string", "an object" … for messages */
/* Borrowed; NULL if absent or of another type. */
struct jval *jval_get(const struct jval *object, const char *key);
struct jval *jval_at(const struct jval *array, size_t i);
size_t jval_len(const struct jval *array_or_object);
const char *jval_str(const struct jval *j); /* NULL unless a string */
double jval_num(const struct jval *j, double fallback);
int64_t jval_int(const struct jval *j, int64_t fallback);
bool jval_bool(const struct jval *j, bool fallback);
/* Shorthands of jval_get + the above. */
const char *jval_get_str(const struct jval *o, const char *key);
int64_t jval_get_int(const struct jval *o, const char *key, int64_t fallback);
double jval_get_num(const struct jval *o, const char *key, double fallback);
bool jval_get_bool(const struct jval *o, const char *key, bool fallback);
/* RFC 6901; "" is the whole. NULL if nothing is there. */
struct jval *jval_pointer(const struct jval *j, const char *pointer);
/* Walks an object in file order: for (it = jval_first(o); it; it = jval_next(o, it)). */
void *jval_first(const struct jval *o);
void *jval_next(const struct jval *o, void *it);
const char *jval_key(void *it);
struct jval *jval_value(void *it);

struct jval *jval_object(void);
struct jval *jval_array(void);
struct jval *jval_new_str(const char *s); /* NULL becomes null; s must be clean UTF-8 */
struct jval *jval_new_int(int64_t i);
struct jval *
jval_new_num(double d); /* non-finite becomes null; integral values print as 1, not 1.0 */
struct jval *jval_new_bool(bool b);
struct jval *jval_new_null(void);
void jval_set(struct jval *o, const char *key, struct jval *taken);
void jval_set_str(struct jval *o, const char *key, const char *s);
void jval_set_int(struct jval *o, const char *key, int64_t i);
void jval_set_num(struct jval *o, const char *key, double d);
void jval_set_bool(struct jval *o, const char *key, bool b);
void jval_set_time(struct jval *o, const char *key, int64_t at_ms); /* RFC 3339; 0 becomes null */
void jval_append(struct jval *array, struct jval *taken);

enum { JVAL_SORTED = 1 << 0, JVAL_PRETTY = 1 << 1 };
/* Appends compact text (sorted: the form that is hashed). */
void jval_dump(struct buf *out, const struct jval *j, int flags);

#endif
