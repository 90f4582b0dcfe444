/* doctor.h - `trucban doctor`: what a newcomer's desk needs, looked at one by one.
 *
 * Nothing is changed, nothing is waited for longer than DOCTOR_CHILD_MS. */
#ifndef TUI_DOCTOR_H
#define TUI_DOCTOR_H

#include <stddef.h>

#include "core/remark.h"

#define DOCTOR_MAX      24
#define DOCTOR_CHILD_MS 3000

struct desk { /* what main found out by the options; NULL: not known */
    const char *socket_path, *site_file, *state_folder;
    const char *state_error; /* why there is none */
    const char *theme_folder, *locale_folder;
};

/* One remark for each row of the table at the foot of doctor.c, in its order; returns how many.
 * `say` of each is the caller's to free. */
size_t doctor_look(const struct desk *d, struct remark out[DOCTOR_MAX]);

#endif
