/* rows_codes.c - see rows_codes.h. */
#include "tui/rows_codes.h"

#include <stdio.h>
#include <string.h>

#include "tui/console.h"

static const struct {
    enum code_family family;
    const char *code, *words;
} known[] = {
    {CODE_LINK, "done", N_("connected")},
    {CODE_LINK, "testing", N_("under test")},
    {CODE_LINK, "none", N_("not connected yet")},
    {CODE_LINK, "lost", N_("connection lost")},
    {CODE_MODE, "realtime", N_("real time")},
    {CODE_MODE, "hourly", N_("hourly")},
    {CODE_MODE, "daily", N_("daily")},
    {CODE_BLOCKER, "kp_dk_chua_cap", N_("registered, not funded")},
    {CODE_BLOCKER, "kp_khong_dk", N_("funding not registered")},
    {CODE_BLOCKER, "hs_thieu", N_("dossier incomplete")},
    {CODE_BLOCKER, "kp_cap_muon", N_("funded late")},
    {CODE_BLOCKER, "mua_sam", N_("procurement")},
    {CODE_BLOCKER, "ky_thuat", N_("technical")},
    {CODE_BLOCKER, "khac", N_("something else")},
    {CODE_FLOW, "tiepnhan", N_("Receive")},
    {CODE_FLOW, "trangthai", N_("Status")},
    {CODE_FLOW, "dongbo", N_("Sync")},
    {CODE_FLOW, "thanhtoan", N_("Payment")},
    {CODE_FLOW, "receive", N_("Receive")},
    {CODE_FLOW, "status", N_("Status")},
    {CODE_FLOW, "sync", N_("Sync")},
    {CODE_FLOW, "payment", N_("Payment")},
    {CODE_BLAME, "inside", N_("inside")},
    {CODE_BLAME, "outside", N_("outside")},
    {CODE_ROLLOUT, "unconfirmed", N_("roll-out not confirmed")},
};

const char *codes_word(enum code_family family, const char *code)
{
    for (size_t i = 0; code && i < sizeof known / sizeof *known; i++)
        if (known[i].family == family && strcmp(known[i].code, code) == 0)
            return _(known[i].words);
    return code ? code : "";
}

/* "?" in a site file says that nobody knows: whoever does counts. */
static bool is_known(const char *value)
{
    return value && strcmp(value, "?") != 0;
}

const char *codes_find(const struct target *t, const char *key)
{
    const char *label = target_label(t, key), *value = label;
    size_t len = strlen(key);

    for (size_t i = 0; !is_known(value) && i < t->n_checks; i++)
        value = fact_value(t->checks[i]->facts, t->checks[i]->n_facts, key);
    for (size_t i = 0; !is_known(value) && i < t->n_tags; i++)
        if (strncmp(t->tags[i], key, len) == 0 && t->tags[i][len] == '=')
            value = t->tags[i] + len + 1;
    return is_known(value) ? value : label;
}

static void add(char out[CELL_TEXT_MAX * 2], const char *words)
{
    size_t len = strlen(out);

    snprintf(out + len, CELL_TEXT_MAX * 2 - len, "%s%s", len ? ", " : "", words);
}

const char *codes_tags(const struct target *t, char out[CELL_TEXT_MAX * 2])
{
    const char *rollout = codes_find(t, "rollout");

    out[0] = '\0';
    if (rollout)
        add(out, codes_word(CODE_ROLLOUT, rollout));
    for (size_t i = 0; i < t->n_tags; i++)
        if (!strchr(t->tags[i], '=') && strcmp(t->tags[i], "standby") != 0 &&
            strcmp(t->tags[i], "test") != 0)
            add(out, t->tags[i]);
    return out;
}
