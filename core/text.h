/* text.h - text from outside: cleaned once, measured in columns, cut on characters.
 *
 * text_clean is THE sanitiser (security.md section 4): everything that comes from a peer, a plugin,
 * an operator or a file passes through it exactly once, when a result or a request is made.
 * Cleaned text is valid UTF-8 without controls, bidi overrides, zero-width or tag characters; what
 * was there is shown: invalid byte or control -> \xHH, forbidden code point -> <U+XXXX>, a third
 * combining mark likewise.  Newline (LF or CR LF) and tab become one space each, unless TEXT_LINES
 * keeps newlines.  A mark without a base stays: who draws gives it one. */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_MAX_STORED 8192 /* bytes kept of one text, at most */
#define TEXT_MAX_LISTED 512  /* bytes of a summary shown in lists */
#define TEXT_MAX_NAME   128  /* bytes of an id, a name, a login */

enum text_flags { TEXT_LINES = 1 << 0 };

/* Appends to out (a struct buf, which carries the limit; a cut one ends with "…").  True if nothing
 * had to be changed. */
struct buf;
bool text_clean(struct buf *out, const char *bytes, size_t len, int flags);
/* The same into a fresh string of at most max bytes; the caller frees it. */
char *text_cleaned(const char *bytes, size_t len, size_t max, int flags);
bool text_is_clean(const char *s);

/* Decodes one character of valid or invalid UTF-8; returns bytes used (>= 1 if *s), 0 at the end.
 * An invalid byte yields cp = 0xFFFD and 1. */
size_t text_decode(const char *s, size_t len, uint32_t *cp);
size_t text_encode(uint32_t cp, char out[4]);

/* Columns: own table (Unicode 15 East Asian Wide + combining), independent of the locale. */
int text_char_cols(uint32_t cp); /* 0 control or combining, 1, 2 */
int text_cols(const char *s);
/* Length in bytes of the longest prefix of s that fits into cols, whole characters with their
 * combining marks; *used (may be NULL) gets its columns. */
size_t text_fit(const char *s, int cols, int *used);

/* Folds for filter and search: lower case, no diacritics, đ -> d; NFC and NFD alike.  Appends. */
void text_fold(struct buf *out, const char *s);
/* True if needle (already folded) occurs in hay folded; also tries ư as w (Telex). */
bool text_matches(const char *hay, const char *folded_needle);
/* ASCII form for terminals without UTF-8, as many columns as before: diacritics stripped, the rest
 * '?'; box and block characters to + - | # . Appends. */
void text_ascii(struct buf *out, const char *s);
/* The base letter of an accented one (for keys typed through an input method); itself otherwise. */
uint32_t text_base_letter(uint32_t cp);

bool text_is_name(const char *s); /* ^[A-Za-z0-9_.:-]{1,128}$, not starting with '-' */
bool text_glob(const char *pattern, const char *s); /* * and ? only, no recursion blow-up */

#endif
