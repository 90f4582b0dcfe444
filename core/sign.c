#include "core/sign.h"

#include <string.h>

#include "core/fleet.h"
#include "core/say.h"

static const struct {
    char symbol;
    const char *word;
} rows[SIGN_KIND_COUNT] = {
    [SIGN_OFF] = {'-', N_("OFF")},           [SIGN_NOT_CONNECTED] = {'-', N_("NOT CONN")},
    [SIGN_MAINTENANCE] = {'M', N_("MAINT")}, [SIGN_TEST] = {'T', N_("TEST")},
    [SIGN_FLAPPING] = {'F', N_("FLAPPING")},
};

/* What is seen of all checks of a target, or of one. */
struct seen {
    size_t n, maintained;
    enum state worst, worst_free; /* of all; of those that are not in maintenance */
    bool is_behind;               /* the worst of them stands behind something that is down */
    bool is_flapping;
};

static enum state state_of(const struct check *c)
{
    enum state s = check_shown(c);

    return c->is_unreachable && s == STATE_OK ? STATE_UNKNOWN : s;
}

static void see(struct seen *seen, const struct check *c)
{
    enum state s = state_of(c);
    bool is_maintained = (c->periods & 1U << PERIOD_MAINTENANCE) != 0;
    bool is_worse = state_rows[s].badness > state_rows[seen->worst].badness;

    if (seen->n == 0 || is_worse)
        seen->is_behind = c->is_unreachable;
    else if (s == seen->worst)
        seen->is_behind = seen->is_behind && c->is_unreachable;
    seen->worst = seen->n == 0 ? s : state_worse(seen->worst, s);
    if (!is_maintained)
        seen->worst_free = state_worse(seen->worst_free, s);
    seen->maintained += is_maintained;
    seen->is_flapping = seen->is_flapping || c->live.is_flapping;
    seen->n++;
}

static bool is_maintained(const struct seen *seen)
{
    return seen->maintained > 0 && (seen->maintained == seen->n ||
                                    (seen->worst != STATE_OK && seen->worst_free == STATE_OK));
}

static enum sign_kind kind_of(const struct seen *seen, bool is_testing)
{
    if (is_maintained(seen))
        return SIGN_MAINTENANCE;
    if (is_testing)
        return SIGN_TEST;
    return seen->is_flapping && seen->worst == STATE_OK ? SIGN_FLAPPING : SIGN_STATE;
}

static bool is_standby(const struct target *t)
{
    for (size_t i = 0; i < t->n_tags; i++)
        if (strcmp(t->tags[i], "standby") == 0)
            return true;
    return false;
}

static char tag_of(const struct seen *seen, const struct target *t, enum sign_kind kind)
{
    if (seen->maintained > 0 && kind != SIGN_MAINTENANCE)
        return 'M';
    if (seen->is_behind)
        return '^';
    if (seen->is_flapping && kind != SIGN_FLAPPING)
        return 'F';
    if (t && is_standby(t))
        return '=';
    return t && (t->is_test || t->link == LINK_TESTING) && kind != SIGN_TEST ? 'T' : '\0';
}

static struct sign sign_of(const struct seen *seen, enum sign_kind kind, const struct target *t)
{
    bool is_state = kind == SIGN_STATE;

    return (struct sign){
        .kind = kind,
        .state = seen->worst,
        .symbol = is_state ? state_rows[seen->worst].symbol : rows[kind].symbol,
        .word = is_state ? state_rows[seen->worst].word : rows[kind].word,
        .tag = tag_of(seen, t, kind),
        .is_aside = seen->is_behind || kind == SIGN_MAINTENANCE || kind == SIGN_OFF ||
                    kind == SIGN_NOT_CONNECTED,
    };
}

/* What was seen before all of it was old; nobody knows whether it is in maintenance still. */
static struct seen seen_old(enum state before)
{
    return (struct seen){.worst = before == STATE_PENDING ? before : STATE_STALE};
}

struct sign check_sign(const struct check *c, bool is_old)
{
    struct seen seen = {0};

    if (is_old)
        seen = seen_old(check_shown(c));
    else
        see(&seen, c);
    return sign_of(&seen, kind_of(&seen, false), NULL);
}

struct sign target_sign(const struct target *t, bool is_old)
{
    struct seen seen = {.worst = t->state};
    enum sign_kind kind;

    for (size_t i = 0; i < t->n_checks && !is_old; i++)
        see(&seen, t->checks[i]);
    if (is_old)
        seen = seen_old(t->state);
    kind = kind_of(&seen, t->link == LINK_TESTING);
    if (t->is_disabled || t->link == LINK_NONE)
        kind = t->is_disabled ? SIGN_OFF : SIGN_NOT_CONNECTED;
    return sign_of(&seen, kind, t);
}
