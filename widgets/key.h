/* key.h - a key as one number: a Unicode scalar, or a name from K_NAMED on, with modifier bits.
 *
 * Control characters stand for themselves (Ctrl-L is 0x0C); Enter, Tab, Esc, Backspace are the four
 * that have names.  A letter after Esc in one burst carries K_ALT: it is never a plain letter. */
#ifndef WIDGETS_KEY_H
#define WIDGETS_KEY_H

#include <stdint.h>

enum key {
    K_NONE = 0,
    K_TAB = 0x09,
    K_ENTER = 0x0d,
    K_ESC = 0x1b,
    K_BACKSPACE = 0x7f,
    K_NAMED = 0x110000,
    K_UP,
    K_DOWN,
    K_LEFT,
    K_RIGHT,
    K_HOME,
    K_END,
    K_PAGE_UP,
    K_PAGE_DOWN,
    K_INSERT,
    K_DELETE,
    K_SHIFT_TAB,
    K_F1, /* K_F1 + n - 1 up to F12 */
    K_F12 = K_F1 + 11,
    K_PASTE,    /* bracketed paste: the text is in the event */
    K_WHEEL_UP, /* mouse: line and column are in the event */
    K_WHEEL_DOWN,
    K_CLICK,
    K_UNKNOWN, /* a whole sequence that means nothing to us: swallowed */
    K_ALT = 1 << 24,
    K_CTRL = 1 << 25,
    K_SHIFT = 1 << 26
};
#define K_CTRL_OF(letter) ((uint32_t)(letter)&0x1fu)

#endif
