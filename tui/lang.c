/* lang.c - GNU gettext. */
#include "tui/lang.h"

#include <libintl.h>
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN   "trucban"
#define KEPT_LEN 256 /* a power of two */
#define KEPT_MAX 40  /* longer ones are sentences: rare */

/* gettext takes a lock, reads the environment and walks a tree each time (2,000 instructions); a
 * picture asks for some hundred words.  So the last answers are kept, each at the place that its
 * msgid's address gives; what stands there counts only for the very same text. */
static struct {
    char msgid[KEPT_MAX];
    const char *text; /* in the catalogue, which stays; NULL: not translated */
} kept[KEPT_LEN];

static locale_t spoken; /* made at the start */

extern int _nl_msg_cat_cntr; /* gettext's documented way to say that LANGUAGE has changed */

void lang_start(const char *locale_folder)
{
    setlocale(LC_CTYPE, "");
    /* gettext translates nothing in the locale "C"; in this one it goes by LANGUAGE.  The process
     * itself stays in "C": what libc and libpq say is read by programs, and goes into sentences
     * that consoles of any language show. */
    if (spoken)
        freelocale(spoken); /* a test starts more than once */
    spoken = newlocale(LC_MESSAGES_MASK, "C.UTF-8", duplocale(LC_GLOBAL_LOCALE));
    bindtextdomain(DOMAIN, locale_folder);
    bind_textdomain_codeset(DOMAIN, "UTF-8"); /* surfaces strip diacritics where that is needed */
    lang_set("en");
}

bool lang_set(const char *lang)
{
    if (!lang || (strcmp(lang, "vi") != 0 && strcmp(lang, "en") != 0))
        return false;
    setenv("LANGUAGE", lang, 1);
    ++_nl_msg_cat_cntr;
    memset(kept, 0, sizeof kept);
    return true;
}

const char *lang_spoken(void)
{
    const char *lang = getenv("LANGUAGE");
    return lang ? lang : "en";
}

const char *lang_get(const char *msgid)
{
    uintptr_t at = (uintptr_t)msgid;
    size_t i = (at ^ at >> 8) % KEPT_LEN;
    if (!*msgid)
        return msgid;
    if (strcmp(kept[i].msgid, msgid) == 0)
        return kept[i].text ? kept[i].text : msgid;
    locale_t before = spoken ? uselocale(spoken) : NULL;
    const char *text = dgettext(DOMAIN, msgid);
    if (before)
        uselocale(before);
    size_t len = strlen(msgid);
    if (len < KEPT_MAX) {
        memcpy(kept[i].msgid, msgid, len + 1);
        kept[i].text = text == msgid ? NULL : text;
    }
    return text;
}
