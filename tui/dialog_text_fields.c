/* dialog_text_fields.c - what is typed into a form: defaults, mistakes, arguments, preview. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alert.h"
#include "core/matcher.h"
#include "core/say.h"
#include "core/shift.h"
#include "core/when.h"
#include "tui/dialog_text_private.h"

static const char *typed(const struct form *f, enum form_field field)
{
    return input_line_text(&f->fields[field]);
}

/* To the end of the shift where the site has a roster, else 8 h. */
static const char *default_for(const struct form *f, char out[WHEN_TEXT_MAX])
{
    int64_t now = console_now_wall(f->console), end = shift_end_ms(console_fleet(f->console), now);
    int64_t ms = end > now ? (end - now + WHEN_MINUTE_MS - 1) / WHEN_MINUTE_MS * WHEN_MINUTE_MS
                           : ALERT_ACK_DEFAULT_MS;

    return when_duration(ms < ALERT_ACK_MAX_MS ? ms : ALERT_ACK_MAX_MS, out);
}

void form_prefill(struct form *f)
{
    char text[WHEN_TEXT_MAX];
    const struct alert *a =
        f->alerts.n ? fleet_alert(console_fleet(f->console), f->alerts.v[0]) : NULL;

    input_line_set(&f->fields[FIELD_FOR], f->kind == FORM_SILENCE ? "2h" : default_for(f, text));
    snprintf(text, sizeof text, "%d", a && a->level < 3 ? a->level + 1 : 3);
    input_line_set(&f->fields[FIELD_LEVEL], text);
    input_line_set(&f->fields[FIELD_UNTIL], "2h");
}

/* --- mistakes -------------------------------------------------------------------------------- */

static bool refuse(struct form *f, enum form_field field, char *packed)
{
    f->focus = field;
    form_status(f, packed, true);
    return false;
}

static bool is_comment_sound(struct form *f)
{
    size_t chars = 0;

    for (const char *p = typed(f, FIELD_COMMENT); *p; p++)
        chars += ((unsigned char)*p & 0xc0) != 0x80 && *p != ' ';
    if (chars >= form_rows[f->kind].min_chars)
        return true;
    return refuse(f, FIELD_COMMENT, SAY(N_("The comment needs at least {0} characters."), "3"));
}

static bool is_for_sound(struct form *f)
{
    int64_t ms;
    bool is_free = f->kind == FORM_SILENCE; /* the engine knows how long needs whom */

    if (!when_parse_duration(typed(f, FIELD_FOR), &ms, NULL))
        return refuse(f, FIELD_FOR, SAY(N_("For how long? For example {0}"), "30m, 8h, 1h30m"));
    if (ms < WHEN_MINUTE_MS || (ms > ALERT_ACK_MAX_MS && !is_free))
        return refuse(f, FIELD_FOR, SAY(N_("Between {0} and {1}."), "1m", "24h"));
    return true;
}

/* How long from now, or a time ahead as when.h has them. */
static bool parse_instant(const struct form *f, enum form_field field, int64_t *at_ms)
{
    int64_t now = console_now_wall(f->console), ms;

    if (when_parse_duration(typed(f, field), &ms, NULL)) {
        *at_ms = now + ms;
        return true;
    }
    return when_parse_ahead(typed(f, field), now, at_ms, NULL);
}

static bool is_instant_sound(struct form *f, enum form_field field)
{
    int64_t at;

    if (field == FIELD_FROM && !*typed(f, field))
        return true;
    return parse_instant(f, field, &at) ||
           refuse(f, field, SAY(N_("When? For example {0}"), "14:30, 2h, 2026-03-08T02:00+07:00"));
}

bool form_is_sound(struct form *f)
{
    if (form_has(f, FIELD_MATCH)) {
        char *refusal = NULL;
        struct matcher *m = matcher_parse(typed(f, FIELD_MATCH), &refusal);

        if (!m)
            return refuse(f, FIELD_MATCH, refusal);
        matcher_free(m);
    }
    if (form_has(f, FIELD_LEVEL) &&
        (strlen(typed(f, FIELD_LEVEL)) != 1 || !strchr("123", *typed(f, FIELD_LEVEL))))
        return refuse(f, FIELD_LEVEL, SAY(N_("The level is {0}, {1} or {2}."), "1", "2", "3"));
    return is_comment_sound(f) && (!form_has(f, FIELD_FOR) || is_for_sound(f)) &&
           (!form_has(f, FIELD_FROM) || is_instant_sound(f, FIELD_FROM)) &&
           (!form_has(f, FIELD_UNTIL) || is_instant_sound(f, FIELD_UNTIL));
}

/* --- arguments ------------------------------------------------------------------------------- */

size_t form_pairs(const struct form *f, const char *pairs[], char room[2][40])
{
    static const char *const names[FIELD_COUNT] = {
        [FIELD_COMMENT] = "text", [FIELD_FOR] = "for",   [FIELD_LEVEL] = "level",
        [FIELD_MATCH] = "match",  [FIELD_FROM] = "from", [FIELD_UNTIL] = "until",
        [FIELD_EVERY] = "every"};
    const enum form_field *field = form_rows[f->kind].fields;
    size_t n = 0, made = 0;
    int64_t at;

    for (; *field != FIELD_NONE; field++) {
        const char *value = typed(f, *field);
        if (!*value)
            continue;
        if ((*field == FIELD_FROM || *field == FIELD_UNTIL) && parse_instant(f, *field, &at))
            value = when_rfc3339(at, room[made++]);
        pairs[n++] = names[*field];
        pairs[n++] = value;
    }
    return n;
}

void form_preview(struct form *f)
{
    char *refusal = NULL, checks[24], share[24], alerts[24];
    struct matcher *m = matcher_parse(typed(f, FIELD_MATCH), &refusal);
    struct matcher_count n = {0};
    struct buf words = BUF_INIT(sizeof f->preview - 1);

    if (m) {
        n = matcher_count(m, console_fleet(f->console));
        snprintf(checks, sizeof checks, "%zu", n.checks);
        snprintf(share, sizeof share, "%zu", n.all ? (n.checks * 100 + n.all / 2) / n.all : 0);
        snprintf(alerts, sizeof alerts, "%zu", n.alerts);
        refusal = SAY(N_("checks: {0} ({1} %), open alerts: {2}"), checks, share, alerts);
    }
    console_say(f->console, &words, refusal);
    snprintf(f->preview, sizeof f->preview, "%s", buf_text(&words));
    f->preview_is_bad = !m || n.checks == 0 || matcher_is_too_wide(&n);
    buf_release(&words);
    free(refusal);
    matcher_free(m);
}
