/* request.c - see request.h. */
#include "engine/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ids.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/state.h"
#include "core/text.h"
#include "core/when.h"

/* clang-format off */
/* Of every verb that may be about one alert or many. */
#define ABOUT_ALERTS                                                                               \
    {"alert", ARG_ID, false},                                                                      \
    {"alerts", ARG_IDS, false},                                                                    \
    {"version", ARG_ID, false},                                                                    \
    {"seen", ARG_ID, false}
/* clang-format on */

const struct request_verb_row request_verbs[VERB_COUNT] = {
    [VERB_WATCH] = {"watch", DUTY_SEE, {{NULL, ARG_ID, false}}},
    [VERB_STATUS] = {"status", DUTY_SEE, {{NULL, ARG_ID, false}}},
    [VERB_ALERTS] = {"alerts", DUTY_SEE, {{NULL, ARG_ID, false}}},
    [VERB_ACK] = {"ack",
                  DUTY_ACK,
                  {ABOUT_ALERTS,
                   {"behind", ARG_ID, false},
                   {"text", ARG_TEXT, true},
                   {"for", ARG_DURATION, false},
                   {"key", ARG_NAME, false}}},
    [VERB_UNACK] = {"unack",
                    DUTY_ACK,
                    {ABOUT_ALERTS, {"text", ARG_TEXT, false}, {"key", ARG_NAME, false}}},
    [VERB_EXTEND] = {"extend",
                     DUTY_ACK,
                     {ABOUT_ALERTS,
                      {"text", ARG_TEXT, false},
                      {"for", ARG_DURATION, false},
                      {"key", ARG_NAME, false}}},
    [VERB_TAKE] = {"take",
                   DUTY_ACK,
                   {ABOUT_ALERTS,
                    {"text", ARG_TEXT, false},
                    {"for", ARG_DURATION, false},
                    {"key", ARG_NAME, false}}},
    [VERB_ESCALATE] = {"escalate",
                       DUTY_ESCALATE,
                       {ABOUT_ALERTS,
                        {"level", ARG_ID, false},
                        {"text", ARG_TEXT, true},
                        {"key", ARG_NAME, false}}},
    [VERB_NOTE] = {"note",
                   DUTY_ACK,
                   {{"alert", ARG_ID, true},
                    {"version", ARG_ID, false},
                    {"text", ARG_TEXT, true},
                    {"key", ARG_NAME, false}}},
    [VERB_SILENCE] = {"silence",
                      DUTY_ESCALATE,
                      {{"match", ARG_TEXT, false},
                       {"alert", ARG_ID, false},
                       {"for", ARG_DURATION, false},
                       {"until", ARG_TIME, false},
                       {"text", ARG_TEXT, true},
                       {"key", ARG_NAME, false}}},
    [VERB_MAINTENANCE] = {"maintenance",
                          DUTY_SILENCE,
                          {{"match", ARG_TEXT, true},
                           {"as", ARG_NAME, false},
                           {"from", ARG_TIME, false},
                           {"until", ARG_TIME, false},
                           {"for", ARG_DURATION, false},
                           {"every", ARG_TEXT, false},
                           {"text", ARG_TEXT, true},
                           {"key", ARG_NAME, false}}},
    [VERB_PERIOD_END] = {"period-end",
                         DUTY_ESCALATE,
                         {{"period", ARG_ID, true},
                          {"text", ARG_TEXT, false},
                          {"key", ARG_NAME, false}}},
    [VERB_PERIOD_APPROVE] = {"period-approve",
                             DUTY_APPROVE,
                             {{"period", ARG_ID, true},
                              {"text", ARG_TEXT, false},
                              {"key", ARG_NAME, false}}},
    [VERB_MATCH] = {"match", DUTY_SEE, {{"match", ARG_TEXT, true}}},
    [VERB_NOTIFY_TEST] = {"notify-test", DUTY_ESCALATE, {{"receiver", ARG_NAME, true}}},
    [VERB_PROMOTE] = {"promote",
                      DUTY_PROMOTE,
                      {{"target", ARG_NAME, true},
                       {"env", ARG_NAME, false},
                       {"text", ARG_TEXT, true},
                       {"key", ARG_NAME, false}}},
    [VERB_SUBMIT] = {"submit",
                     DUTY_ACK,
                     {{"check", ARG_NAME, true},
                      {"state", ARG_STATE, true},
                      {"text", ARG_TEXT, true},
                      {"perfdata", ARG_TEXT, false},
                      {"key", ARG_NAME, false}}},
    [VERB_PROBE] = {"probe", DUTY_ACK, {{"check", ARG_NAME, false}, {"target", ARG_NAME, false}}},
    [VERB_PLAN] = {"plan", DUTY_PLAN, {{"group", ARG_NAME, true}, {"to", ARG_NAME, true}}},
    [VERB_RUN] = {"run",
                  DUTY_PLAN,
                  {{"plan", ARG_NAME, true},
                   {"code", ARG_NAME, true},
                   {"reason", ARG_TEXT, true},
                   {"ticket", ARG_NAME, true},
                   {"ticks", ARG_NAME, false}}},
    [VERB_ABORT] = {"abort", DUTY_PLAN, {{"run", ARG_NAME, true}}},
    [VERB_RESOLVE] = {"resolve",
                      DUTY_PLAN,
                      {{"run", ARG_NAME, true},
                       {"verdict", ARG_NAME, true},
                       {"text", ARG_TEXT, true}}},
    [VERB_CLOSE] = {"close", DUTY_PLAN, {{"run", ARG_NAME, true}, {"text", ARG_TEXT, true}}},
    [VERB_RUNS] = {"runs", DUTY_SEE, {{"group", ARG_NAME, false}}},
    [VERB_JOURNAL] = {"journal",
                      DUTY_SEE,
                      {{"since", ARG_TIME, false},
                       {"until", ARG_TIME, false},
                       {"subject", ARG_NAME, false},
                       {"kind", ARG_NAME, false},
                       {"before", ARG_ID, false},
                       {"after", ARG_ID, false},
                       {"limit", ARG_ID, false}}},
    [VERB_VERIFY] = {"verify", DUTY_SEE, {{"from", ARG_ID, false}}},
};

static const struct {
    const char *code;
    int status;
} codes[] = {
    {REQUEST_CODE_REFUSED, 77}, {REQUEST_CODE_USAGE, 64},       {REQUEST_CODE_NOT_SAVED, 75},
    {REQUEST_CODE_BROKEN, 65},  {REQUEST_CODE_UNDELIVERED, 74}, {REQUEST_CODE_LOST, 69},
};

int request_exit_code(const char *code)
{
    for (size_t i = 0; code != NULL && i < sizeof codes / sizeof codes[0]; i++)
        if (strcmp(codes[i].code, code) == 0)
            return codes[i].status;
    return 77;
}

bool request_verb_parse(const char *name, enum request_verb *out)
{
    for (int v = 0; v < VERB_COUNT; v++)
        if (strcmp(request_verbs[v].name, name) == 0) {
            *out = (enum request_verb)v;
            return true;
        }
    return false;
}

static int arg_index(const struct request_verb_row *row, const char *name)
{
    for (int i = 0; row->args[i].name != NULL; i++)
        if (strcmp(row->args[i].name, name) == 0)
            return i;
    return -1;
}

/* Digits only, so that "-1", "1e3" and " 7" are refused. */
static bool parse_id(const char *s, int64_t *out)
{
    if (*s == '\0' || strspn(s, "0123456789") != strlen(s))
        return false;
    errno = 0;
    *out = strtoll(s, NULL, 10);
    return errno == 0;
}

/* *out: how many. */
static bool parse_ids(const char *s, int64_t *out)
{
    struct ids all = {0};
    bool is_ok = *s != '\0' && ids_read(s, &all, NULL);
    *out = (int64_t)all.n;
    ids_release(&all);
    return is_ok;
}

static bool parse_as(enum request_arg_type type, const char *s, int64_t *out)
{
    enum state state;
    switch (type) {
    case ARG_ID:
        return parse_id(s, out);
    case ARG_IDS:
        return parse_ids(s, out);
    case ARG_STATE:
        if (!state_parse(s, &state) || state > STATE_UNKNOWN)
            return false;
        *out = state;
        return true;
    case ARG_DURATION:
        return parse_id(s, out) || when_parse_duration(s, out, NULL);
    case ARG_TIME:
        return parse_id(s, out) || when_parse_rfc3339(s, out);
    case ARG_NAME:
    case ARG_TEXT:
        break;
    }
    *out = 0;
    return true;
}

static const char *expected(enum request_arg_type type)
{
    switch (type) {
    case ARG_ID:
        return N_("a whole number");
    case ARG_IDS:
        return N_("numbers such as 1077,1080-1200");
    case ARG_STATE:
        return N_("OK, WARNING, CRITICAL or UNKNOWN");
    case ARG_DURATION:
        return N_("a duration such as \"2h\"");
    case ARG_TIME:
        return N_("a time as RFC 3339");
    case ARG_NAME:
        return N_("a name of at most 128 bytes");
    case ARG_TEXT:
        break;
    }
    return N_("text");
}

/* The member's value as cleaned text; NULL if it is neither a string nor a whole number. */
static char *value_text(const struct request_arg *row, const struct jval *value)
{
    const char *s = jval_str(value);
    char number[32];
    if (s == NULL && jval_type(value) == JVAL_INT) {
        snprintf(number, sizeof number, "%lld", (long long)jval_int(value, 0));
        s = number;
    }
    if (s == NULL)
        return NULL;
    size_t max = row->type == ARG_TEXT || row->type == ARG_IDS ? TEXT_MAX_STORED : TEXT_MAX_NAME;
    if (row->type != ARG_TEXT && strlen(s) > max)
        return NULL; /* a name that had to be cut is another name */
    return text_cleaned(s, strlen(s), max, row->type == ARG_TEXT ? TEXT_LINES : 0);
}

static char *wrong_form(const char *verb, const struct request_arg *row)
{
    return SAY(N_("{0}: argument \"{1}\" must be {2}"), verb, row->name, expected(row->type));
}

static char *unknown_arg(const char *verb, const char *name)
{
    char *clean = text_cleaned(name, strlen(name), TEXT_MAX_NAME, 0);
    char *packed = SAY(N_("{0}: unknown argument \"{1}\""), verb, clean);
    free(clean);
    return packed;
}

bool request_parse(enum request_verb verb, const struct jval *args, struct request_args *out,
                   char **refusal)
{
    const struct request_verb_row *row = &request_verbs[verb];
    memset(out, 0, sizeof *out);
    *refusal = NULL;
    for (void *it = jval_first(args); it != NULL; it = jval_next(args, it)) {
        int i = arg_index(row, jval_key(it));
        if (i < 0) {
            *refusal = unknown_arg(row->name, jval_key(it));
            return false;
        }
        if (jval_type(jval_value(it)) == JVAL_NULL)
            continue;
        int64_t ignored;
        out->values[i] = value_text(&row->args[i], jval_value(it));
        if (out->values[i] == NULL || !parse_as(row->args[i].type, out->values[i], &ignored)) {
            *refusal = wrong_form(row->name, &row->args[i]);
            return false;
        }
    }
    for (size_t i = 0; row->args[i].name != NULL; i++)
        if (row->args[i].is_required && out->values[i] == NULL) {
            *refusal = SAY(N_("{0}: argument \"{1}\" is missing"), row->name, row->args[i].name);
            return false;
        }
    return true;
}

void request_args_release(struct request_args *a)
{
    for (size_t i = 0; i < REQUEST_ARGS_MAX; i++)
        free(a->values[i]);
    memset(a, 0, sizeof *a);
}

static size_t must_index(enum request_verb verb, const char *name)
{
    int i = arg_index(&request_verbs[verb], name);
    if (i < 0)
        abort(); /* a mistake of ours: the row has no such argument */
    return (size_t)i;
}

const char *request_str(enum request_verb verb, const struct request_args *a, const char *name)
{
    return a->values[must_index(verb, name)];
}

int64_t request_int(enum request_verb verb, const struct request_args *a, const char *name,
                    int64_t fallback)
{
    size_t i = must_index(verb, name);
    int64_t value = fallback;
    if (a->values[i] == NULL || !parse_as(request_verbs[verb].args[i].type, a->values[i], &value))
        return fallback;
    return value;
}
