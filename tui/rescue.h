/* rescue.h - the terminal as it was, whatever kills us (test TM4).
 *
 * Signal handlers have no arguments of their own, so what they need is the one static thing of the
 * console: armed once the terminal is ours, disarmed when it is given back. */
#ifndef TUI_RESCUE_H
#define TUI_RESCUE_H

#include <termios.h>

/* From now on SIGHUP, TERM, INT, QUIT, SEGV, BUS, FPE, ILL and ABRT write `bytes` to fd, set the
 * modes and end the process with status 128 + signal; nothing else is called, no core is left.
 * exit and _exit, whoever calls them (a library, mem.c without memory), do the same first. */
void rescue_arm(int fd, const struct termios *modes, const char *bytes);
void rescue_disarm(void);

#endif
