/* cmd_period.c - `trucban silence`, `maintenance`, `silences`, `match`. */
#include "engine/cmd.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/mem.h"
#include "core/when.h"
#include "engine/jval.h"
#include "engine/link.h"
#include "engine/wire.h"

#define ANSWER_WAIT_MS 15000
#define TIME_MAX       24

/* --- asking ----------------------------------------------------------------------------------- */

static int ask(const struct cmd_env *env, struct cmd_client *c, const char *name, const char *verb,
               const char *const *pairs, size_t n)
{
    const struct cmd_answer *a =
        cmd_ask(c, link_request_pairs(cmd_link(c), verb, pairs, n), ANSWER_WAIT_MS);
    if (a == NULL)
        return EXIT_UNAVAILABLE;
    if (!a->is_ok)
        return cmd_fail(env, a->status, name, "%s", a->words);
    struct buf b = BUF_INIT(0);
    buf_addf(&b, "%s\n", a->words);
    cmd_put(env, buf_text(&b), stdout);
    buf_release(&b);
    return 0;
}

/* The terms as they were typed, one shell word each or all in one. */
static char *join(const struct cmd_options *o)
{
    struct buf b = BUF_INIT(0);
    for (size_t i = 0; i < o->n_args; i++)
        buf_addf(&b, "%s%s", i > 0 ? " " : "", o->args[i]);
    return buf_take(&b);
}

/* "1077", "#1077" or "alert/1077" as decimal text; NULL: none of these. */
static const char *id_text(const char *arg)
{
    if (strncmp(arg, "alert/", 6) == 0)
        arg += 6;
    else if (arg[0] == '#')
        arg++;
    size_t len = strlen(arg);
    return len > 0 && len < 19 && strspn(arg, "0123456789") == len ? arg : NULL;
}

/* text NULL stays "": not given. */
static bool read_time(const struct cmd_env *env, struct cmd_client *c, const char *name,
                      const char *option, const char *text, char out[TIME_MAX])
{
    struct err e = {""};
    int64_t at_ms = 0;
    out[0] = '\0';
    if (text == NULL)
        return true;
    if (!when_parse_ahead(text, cmd_now_wall(c), &at_ms, &e)) {
        cmd_fail(env, EXIT_USAGE, name, "--%s: %s", option, e.text);
        return false;
    }
    snprintf(out, TIME_MAX, "%" PRId64, at_ms);
    return true;
}

static bool read_for(const struct cmd_env *env, const char *name, const char *text)
{
    struct err e = {""};
    int64_t ms;
    if (text == NULL || when_parse_duration(text, &ms, &e))
        return true;
    cmd_fail(env, EXIT_USAGE, name, "--for: %s", e.text);
    return false;
}

static const char *or_null(const char *s)
{
    return s[0] != '\0' ? s : NULL;
}

/* Times are read once the site's zone is known. */
static int create(const struct cmd_env *env, struct cmd_client *c, const char *verb,
                  const struct cmd_options *o)
{
    char from[TIME_MAX], until[TIME_MAX], key[33];
    const char *alert = strcmp(verb, "silence") == 0 && o->n_args == 1 ? id_text(o->args[0]) : NULL;
    if (!read_time(env, c, verb, "from", o->begin, from) ||
        !read_time(env, c, verb, "to", o->end, until) || !read_for(env, verb, o->for_))
        return EXIT_USAGE;
    char *match = join(o);
    cmd_make_key(key);
    const char *const pairs[] = {"text",
                                 o->text,
                                 "key",
                                 key,
                                 "until",
                                 or_null(until),
                                 "for",
                                 o->for_,
                                 "match",
                                 alert != NULL ? NULL : match,
                                 alert != NULL ? "alert" : "from",
                                 alert != NULL ? alert : or_null(from),
                                 "every",
                                 o->every,
                                 "as",
                                 o->as};
    size_t n = strcmp(verb, "silence") == 0 ? (alert != NULL ? 12 : 10) : 16;
    int status = ask(env, c, verb, verb, pairs, n);
    free(match);
    return status;
}

static int act(const struct cmd_env *env, const char *verb, int argc, char **argv)
{
    struct cmd_options o;
    int status = cmd_parse(env, cmd_find(verb), argc, argv, &o);
    if (status >= 0)
        return status;
    if (o.text == NULL)
        status = cmd_fail_say(env, EXIT_USAGE, verb,
                              mem_strdup(N_("-m TEXT is missing: tell the others what you know")));
    else if (o.for_ == NULL && o.end == NULL)
        status = cmd_fail_say(env, EXIT_USAGE, verb,
                              mem_strdup(N_("say when it ends: --for DURATION or --to TIME")));
    struct cmd_client *c = status < 0 ? cmd_connect(env, verb, &o, false, &status) : NULL;
    if (c != NULL)
        status = create(env, c, verb, &o);
    cmd_client_free(c);
    cmd_options_release(&o);
    return status;
}

int cmd_silence(const struct cmd_env *env, int argc, char **argv)
{
    return act(env, "silence", argc, argv);
}

int cmd_maintenance(const struct cmd_env *env, int argc, char **argv)
{
    return act(env, "maintenance", argc, argv);
}

/* --- previews --------------------------------------------------------------------------------- */

/* trucban/match/1 */
static struct jval *match_json(const struct jval *answer)
{
    static const char *const counts[] = {"checks", "all", "share", "alerts"};
    const struct jval *first = jval_get(answer, "first");
    struct jval *out = jval_object(), *list = jval_array();
    jval_set_str(out, "schema", "trucban/match/1");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        jval_set_int(out, counts[i], jval_get_int(answer, counts[i], 0));
    jval_set_bool(out, "too_wide", jval_get_bool(answer, "too_wide", false));
    for (size_t i = 0; i < jval_len(first); i++)
        jval_append(list, jval_new_str(jval_str(jval_at(first, i))));
    jval_set(out, "first", list);
    return out;
}

static void print_match(const struct cmd_env *env, const struct cmd_answer *a, bool is_json)
{
    struct err e = {""};
    struct jval *j = jval_parse(a->line, strlen(a->line), &e);
    struct buf b = BUF_INIT(0);
    if (is_json) {
        struct jval *out = match_json(j);
        jval_dump(&b, out, 0);
        jval_free(out);
        buf_addc(&b, '\n');
    } else {
        const struct jval *first = jval_get(j, "first");
        int64_t more = jval_get_int(j, "checks", 0) - (int64_t)jval_len(first);
        buf_addf(&b, "%s\n", a->words);
        for (size_t i = 0; i < jval_len(first); i++)
            buf_addf(&b, "  %s\n", jval_str(jval_at(first, i)));
        if (more > 0)
            buf_addf(&b, "  … +%lld\n", (long long)more);
    }
    cmd_put(env, buf_text(&b), stdout);
    buf_release(&b);
    jval_free(j);
}

int cmd_match(const struct cmd_env *env, int argc, char **argv)
{
    struct cmd_options o;
    int status = cmd_parse(env, cmd_find("match"), argc, argv, &o);
    if (status >= 0)
        return status;
    struct cmd_client *c = cmd_connect(env, "match", &o, false, &status);
    if (c != NULL) {
        char *match = join(&o);
        const char *const pairs[] = {"match", match};
        const struct cmd_answer *a =
            cmd_ask(c, link_request_pairs(cmd_link(c), "match", pairs, 2), ANSWER_WAIT_MS);
        status = a == NULL ? EXIT_UNAVAILABLE : a->status;
        if (a != NULL && a->is_ok)
            print_match(env, a, (o.given & OPT_JSON) != 0);
        else if (a != NULL)
            cmd_fail(env, a->status, "match", "%s", a->words);
        free(match);
    }
    cmd_client_free(c);
    cmd_options_release(&o);
    return status;
}

/* --- the list --------------------------------------------------------------------------------- */

static const char *state_word(const struct period *p)
{
    if (p->state == PERIOD_PROPOSED)
        return N_("proposed");
    return p->is_on ? N_("on") : N_("planned");
}

static void add_row(const struct cmd_env *env, struct cmd_columns *t, const struct period *p)
{
    char id[24], from[WHEN_TEXT_MAX], until[WHEN_TEXT_MAX];
    struct buf what = BUF_INIT(0);
    snprintf(id, sizeof id, "%" PRIu64, p->id);
    if (p->alert != 0)
        buf_addf(&what, "#%" PRIu64, p->alert);
    else
        buf_adds(&what, p->match != NULL ? p->match : "");
    const char *const cells[] = {id,
                                 cmd_tr(env, period_kind_words[p->kind]),
                                 cmd_tr(env, state_word(p)),
                                 when_date_hm(p->from_ms, from),
                                 when_date_hm(p->until_ms, until),
                                 p->every != NULL ? p->every : "-",
                                 buf_text(&what),
                                 p->by,
                                 p->comment};
    cmd_columns_add(t, cells);
    buf_release(&what);
}

static void print_list(const struct cmd_env *env, const struct fleet *f)
{
    size_t n = 0;
    const char *const head[] = {"ID",
                                cmd_tr(env, N_("KIND")),
                                cmd_tr(env, N_("STATE")),
                                cmd_tr(env, N_("FROM")),
                                cmd_tr(env, N_("UNTIL")),
                                cmd_tr(env, N_("EVERY")),
                                cmd_tr(env, N_("MATCHES")),
                                cmd_tr(env, N_("BY")),
                                cmd_tr(env, N_("WHY"))};
    struct cmd_columns *t = cmd_columns_new(9);
    cmd_columns_add(t, head);
    for (size_t i = 0; i < f->n_periods; i++)
        if (f->periods[i]->state != PERIOD_ENDED) {
            add_row(env, t, f->periods[i]);
            n++;
        }
    if (n > 0) {
        cmd_columns_put(env, t, stdout);
    } else {
        cmd_put(env, cmd_tr(env, N_("Nothing is silenced, no maintenance is planned.")), stdout);
        fputc('\n', stdout);
    }
    cmd_columns_free(t);
}

static int do_list(const struct cmd_env *env, struct cmd_client *c, const struct cmd_options *o)
{
    if ((o->given & OPT_JSON) == 0) {
        print_list(env, cmd_fleet(c));
        return 0;
    }
    struct jval *j = wire_periods(cmd_fleet(c));
    struct buf b = BUF_INIT(0);
    jval_dump(&b, j, 0);
    printf("%s\n", buf_text(&b));
    buf_release(&b);
    jval_free(j);
    return 0;
}

/* "end 7", "approve 7". */
static int do_one(const struct cmd_env *env, struct cmd_client *c, const struct cmd_options *o)
{
    char key[33];
    cmd_make_key(key);
    const char *const pairs[] = {"period", o->args[1], "text", o->text, "key", key};
    return ask(env, c, "silences", strcmp(o->args[0], "end") == 0 ? "period-end" : "period-approve",
               pairs, 6);
}

static int check_words(const struct cmd_env *env, const struct cmd_options *o)
{
    const char *word = o->n_args > 0 ? o->args[0] : "list";
    bool is_list = strcmp(word, "list") == 0;
    if (!is_list && strcmp(word, "end") != 0 && strcmp(word, "approve") != 0)
        return cmd_fail_say(
            env, EXIT_USAGE, "silences",
            SAY(N_("unknown word \"{0}\"; expected {1}"), word, "list, end ID, approve ID"));
    if (is_list ? o->n_args > 1 : o->n_args != 2)
        return cmd_fail_say(
            env, EXIT_USAGE, "silences",
            SAY(N_("something is missing; expected {0}"), "[list] | end ID | approve ID"));
    if (!is_list && id_text(o->args[1]) != o->args[1])
        return cmd_fail_say(
            env, EXIT_USAGE, "silences",
            SAY(N_("\"{0}\" is no number of a silence or maintenance"), o->args[1]));
    return -1;
}

int cmd_silences(const struct cmd_env *env, int argc, char **argv)
{
    struct cmd_options o;
    int status = cmd_parse(env, cmd_find("silences"), argc, argv, &o);
    if (status >= 0)
        return status;
    bool is_list = o.n_args == 0 || strcmp(o.args[0], "list") == 0;
    status = check_words(env, &o);
    struct cmd_client *c = status < 0 ? cmd_connect(env, "silences", &o, is_list, &status) : NULL;
    if (c != NULL)
        status = is_list ? do_list(env, c, &o) : do_one(env, c, &o);
    cmd_client_free(c);
    cmd_options_release(&o);
    return status;
}
