/* rows_words.c - see rows_words.h. */
#include "tui/rows_words.h"

#include <stdio.h>
#include <string.h>

#include "tui/console.h"

static const struct {
    enum word_family family;
    const char *code, *words;
} known[] = {
    {WORD_LINK, "done", N_("connected")},
    {WORD_LINK, "testing", N_("under test")},
    {WORD_LINK, "none", N_("not connected yet")},
    {WORD_LINK, "lost", N_("connection lost")},
    {WORD_MODE, "realtime", N_("real time")},
    {WORD_MODE, "hourly", N_("hourly")},
    {WORD_MODE, "daily", N_("daily")},
    {WORD_BLOCKER, "kp_dk_chua_cap", N_("registered, not funded")},
    {WORD_BLOCKER, "kp_khong_dk", N_("funding not registered")},
    {WORD_BLOCKER, "hs_thieu", N_("dossier incomplete")},
    {WORD_BLOCKER, "kp_cap_muon", N_("funded late")},
    {WORD_BLOCKER, "mua_sam", N_("procurement")},
    {WORD_BLOCKER, "ky_thuat", N_("technical")},
    {WORD_BLOCKER, "khac", N_("something else")},
    {WORD_FLOW, "tiepnhan", N_("Receive")},
    {WORD_FLOW, "trangthai", N_("Status")},
    {WORD_FLOW, "dongbo", N_("Sync")},
    {WORD_FLOW, "thanhtoan", N_("Payment")},
    {WORD_FLOW, "receive", N_("Receive")},
    {WORD_FLOW, "status", N_("Status")},
    {WORD_FLOW, "sync", N_("Sync")},
    {WORD_FLOW, "payment", N_("Payment")},
    {WORD_BLAME, "inside", N_("inside")},
    {WORD_BLAME, "outside", N_("outside")},
    {WORD_ROLLOUT, "unconfirmed", N_("roll-out not confirmed")},
};

const char *words_of_code(enum word_family family, const char *code)
{
    for (size_t i = 0; code && i < sizeof known / sizeof *known; i++)
        if (known[i].family == family && strcmp(known[i].code, code) == 0)
            return _(known[i].words);
    return code ? code : "";
}

const char *words_find(const struct target *t, const char *key)
{
    const char *value = target_label(t, key);
    size_t len = strlen(key);

    for (size_t i = 0; !value && i < t->n_checks; i++)
        value = fact_value(t->checks[i]->facts, t->checks[i]->n_facts, key);
    for (size_t i = 0; !value && i < t->n_tags; i++)
        if (strncmp(t->tags[i], key, len) == 0 && t->tags[i][len] == '=')
            value = t->tags[i] + len + 1;
    return value;
}

static void add(char out[CELL_TEXT_MAX * 2], const char *words)
{
    size_t len = strlen(out);

    snprintf(out + len, CELL_TEXT_MAX * 2 - len, "%s%s", len ? ", " : "", words);
}

const char *words_tags(const struct target *t, char out[CELL_TEXT_MAX * 2])
{
    const char *rollout = words_find(t, "rollout");

    out[0] = '\0';
    if (rollout)
        add(out, words_of_code(WORD_ROLLOUT, rollout));
    for (size_t i = 0; i < t->n_tags; i++)
        if (!strchr(t->tags[i], '=') && strcmp(t->tags[i], "standby") != 0 &&
            strcmp(t->tags[i], "test") != 0)
            add(out, t->tags[i]);
    return out;
}
