#include "core/gsm.h"

#include <stdint.h>
#include <string.h>

#include "core/text.h"

/* Letters beyond ASCII, and those of ASCII that are missing or take two places. */
static const char beyond[] = "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
static const char twice[] = "^{}\\[~]|€\f";

static bool has(const char *set, uint32_t cp)
{
    uint32_t one;
    for (size_t at = 0, used; (used = text_decode(set + at, strlen(set + at), &one)) > 0;
         at += used)
        if (one == cp)
            return true;
    return false;
}

/* 0: it has none. */
static size_t places_of(uint32_t cp)
{
    if (has(twice, cp))
        return 2;
    if (cp < 128)
        return (cp >= ' ' && cp != '`' && cp != 127) || cp == '\n' || cp == '\r';
    return has(beyond, cp);
}

bool gsm_places(const char *s, size_t *places, char foreign[5])
{
    size_t n = 0, units = 0, len = strlen(s);
    uint32_t cp;
    foreign[0] = '\0';
    for (size_t at = 0, used; (used = text_decode(s + at, len - at, &cp)) > 0; at += used) {
        size_t one = places_of(cp);
        if (one == 0 && foreign[0] == '\0')
            foreign[text_encode(cp, foreign)] = '\0';
        n += one;
        units += cp > 0xffff ? 2 : 1;
    }
    *places = foreign[0] == '\0' ? n : units;
    return foreign[0] == '\0';
}
