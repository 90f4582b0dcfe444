/* Rules as plain files: tests/rules/NAME.in is what happens, NAME.out what must come of it.
 *
 *   config interval=30s retry=10s timeout=5s attempts=3 ok_confirm=2 [freshness=1m]
 *   0s OK                  a result at that time, started then
 *   +10s CRITICAL          ten seconds after the line before
 *   +1s OK started=12s     a result of an older run
 *   age 70s                the clock is looked at
 *   restart 80s            the process dies; the journal knows the hard state
 *
 * RULES_WRITE=1 writes the .out files instead of comparing (then read the diff). */
#include "tests/unit/pairs.h"

#include "core/rule.h"
#include "core/when.h"

#define PAIRS_MIN 20
#define BASE_MS   1000000 /* time 0 of the files on the monotonic clock, which never reads 0 */

struct play {
    struct rule_config config;
    struct rule_state state;
    int64_t now_ms;
    struct buf out;
};

static int64_t duration(const char *s)
{
    int64_t ms = 0;
    struct err e;
    if (!when_parse_duration(s, &ms, &e))
        fail_msg("%s", e.text);
    return ms;
}

static int64_t moment(const struct play *p, const char *s)
{
    return s[0] == '+' ? p->now_ms + duration(s + 1) : duration(s);
}

static void configure(struct play *p, char *words)
{
    struct rule_config *c = &p->config;
    for (char *w = strtok(words, " \n"); w != NULL; w = strtok(NULL, " \n")) {
        char *value = strchr(w, '=');
        assert_non_null(value);
        *value++ = '\0';
        if (strcmp(w, "attempts") == 0)
            c->attempts = atoi(value);
        else if (strcmp(w, "ok_confirm") == 0)
            c->ok_confirm = atoi(value);
        else if (strcmp(w, "interval") == 0)
            c->interval_ms = duration(value);
        else if (strcmp(w, "retry") == 0)
            c->retry_ms = duration(value);
        else if (strcmp(w, "timeout") == 0)
            c->timeout_ms = duration(value);
        else if (strcmp(w, "freshness") == 0)
            c->freshness_ms = duration(value);
        else
            fail_msg("unknown setting \"%s\"", w);
    }
}

static const char *how(const struct play *p, char out[24])
{
    const struct rule_state *s = &p->state;
    if (rule_is_soft(s))
        snprintf(out, 24, "soft %d/%d", s->attempt, p->config.attempts);
    else if (s->oks > 0)
        snprintf(out, 24, "ok %d/%d", s->oks, p->config.ok_confirm);
    else
        snprintf(out, 24, "%s", s->is_hard ? "hard" : "-");
    return out;
}

/* "time event | shown standing how episode | next run | what changed" */
static void note(struct play *p, const char *what, int changes)
{
    static const char *const names[] = {"dropped", "soft", "hard", "stale"};
    char time[WHEN_TEXT_MAX], next[WHEN_TEXT_MAX], words[24];
    enum state shown = p->state.is_stale ? STATE_STALE : p->state.state;
    buf_addf(&p->out, "%-7s %-9s| %-9s %-9s %-9s %u | %-5s|", when_duration(p->now_ms, time), what,
             state_rows[shown].name, state_rows[p->state.hard_state].name, how(p, words),
             p->state.episode, when_duration(rule_delay_ms(&p->config, &p->state), next));
    for (size_t i = 0; i < 4; i++)
        if (changes & (1 << i))
            buf_addf(&p->out, " %s", names[i]);
    buf_addc(&p->out, '\n');
}

static void play_result(struct play *p, const char *state, const char *started)
{
    enum state s;
    if (!state_parse(state, &s))
        fail_msg("\"%s\" is neither a state nor an instruction", state);
    int64_t from_ms = started != NULL ? duration(started) : p->now_ms;
    note(p, state, rule_accept(&p->config, &p->state, s, BASE_MS + from_ms, BASE_MS + p->now_ms));
}

static void play_line(struct play *p, char *line)
{
    char first[32], second[32], third[64] = "";
    if (strncmp(line, "config ", 7) == 0) {
        configure(p, line + 7);
        return;
    }
    if (sscanf(line, "%31s %31s %63s", first, second, third) < 2)
        fail_msg("cannot read the line \"%s\"", line);
    bool is_age = strcmp(first, "age") == 0, is_restart = strcmp(first, "restart") == 0;
    p->now_ms = moment(p, is_age || is_restart ? second : first);
    if (is_age) {
        note(p, "age", rule_age(&p->config, &p->state, BASE_MS + p->now_ms));
    } else if (is_restart) {
        rule_restore(&p->state, p->state.hard_state);
        note(p, "restart", 0);
    } else {
        play_result(p, second, strncmp(third, "started=", 8) == 0 ? third + 8 : NULL);
    }
}

static char *play_file(const char *path)
{
    struct play p = {
        .config = {.interval_ms = 30000,
                   .retry_ms = 10000,
                   .timeout_ms = 5000,
                   .attempts = 3,
                   .ok_confirm = 2},
        .out = BUF_INIT(0),
    };
    rule_init(&p.state, BASE_MS);
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    char line[256];
    while (fgets(line, sizeof line, in) != NULL)
        if (line[0] != '#' && line[0] != '\n')
            play_line(&p, line);
    fclose(in);
    return buf_take(&p.out);
}

static void test_every_pair(void **state)
{
    (void)state;
    pairs_test(&(struct pairs){"rules", PAIRS_MIN, "RULES_WRITE", play_file});
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_pair)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
