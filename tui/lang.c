/* lang.c - GNU gettext. */
#include "tui/lang.h"

#include <libintl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN "trucban"

extern int _nl_msg_cat_cntr; /* gettext's documented way to say that LANGUAGE has changed */

void lang_start(const char *locale_folder)
{
    setlocale(LC_CTYPE, "");
    /* gettext translates nothing in the locale "C"; in this one it goes by LANGUAGE */
    setlocale(LC_MESSAGES, "C.UTF-8");
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
    return true;
}

const char *lang_spoken(void)
{
    const char *lang = getenv("LANGUAGE");
    return lang ? lang : "en";
}

const char *lang_get(const char *msgid)
{
    return *msgid ? dgettext(DOMAIN, msgid) : msgid;
}
