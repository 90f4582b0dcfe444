/* gsm.h - what a short message has room for: GSM 03.38's alphabet, 160 places; else 70 of UTF-16.
 */
#ifndef CORE_GSM_H
#define CORE_GSM_H

#include <stdbool.h>
#include <stddef.h>

#define GSM_PLACES     160
#define GSM_PLACES_UCS 70

/* True if the telephone's own alphabet has every letter; then *places is what they take there (some
 * take two), else what they take in UTF-16, and `foreign` is the first that it lacks. */
bool gsm_places(const char *s, size_t *places, char foreign[5]);

#endif
