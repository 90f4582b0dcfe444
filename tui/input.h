/* input.h - bytes from a terminal into keys, and nothing else into anything else (finding F4).
 *
 * Every escape sequence is taken whole: known ones become named keys, unknown CSI, SS3, OSC, DCS,
 * APC, PM and SOS sequences become one K_UNKNOWN, so that no letter inside a terminal's reply can
 * ever be a command.  A bracketed paste becomes one K_PASTE with its text.  Esc alone is known by
 * silence: INPUT_ESC_MS after it.  Pure but for the time passed in; memory is bounded. */
#ifndef TUI_INPUT_H
#define TUI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "widgets/key.h"

#define INPUT_ESC_MS     40           /* silence after which Esc was the key */
#define INPUT_LATE_MS    300          /* a '[' this soon after Esc still begins a sequence */
#define INPUT_SILENCE_MS 1000         /* silence that ends an unfinished sequence */
#define INPUT_PASTE_MAX  (64u * 1024) /* of a paste, the rest is dropped */
#define INPUT_SEQ_MAX    32

/* What this terminal's function keys send, by its terminfo entry (term_ncurses.c fills it). */
struct input_keys {
    struct {
        char seq[INPUT_SEQ_MAX];
        uint32_t key;
    } v[48];
    size_t n;
};

struct key_event {
    uint32_t key;     /* widgets/key.h */
    int line, col;    /* of the mouse, from 0 */
    const char *text; /* of K_PASTE: raw bytes, borrowed until the next call */
    size_t len;
};

struct input;
struct input *input_new(const struct input_keys *keys); /* keys borrowed, may be NULL */
void input_free(struct input *in);
/* Takes one byte; true: *out is a key. */
bool input_byte(struct input *in, unsigned char byte, int64_t now_ms, struct key_event *out);
/* To be called when nothing came for input_wait_ms; true: *out is a key (Esc). */
bool input_idle(struct input *in, int64_t now_ms, struct key_event *out);
/* Milliseconds until input_idle has something to do; -1: for ever. */
int64_t input_wait_ms(const struct input *in, int64_t now_ms);
/* Forgets what is half read (type-ahead before a confirm dialog). */
void input_reset(struct input *in);

#endif
