/* cmd_alert.c - `trucban alerts`, `ack`, `unack`, `extend`, `take`, `escalate`, `note`. */
#include "engine/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/alert.h"
#include "core/clock.h"
#include "core/ids.h"
#include "core/mem.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/event_json.h"
#include "engine/link.h"
#include "engine/wire.h"

#define ANSWER_WAIT_MS 15000
#define SUMMARY_COLS   60

/* "lan -> 05/03 22:00", or "-" and why nobody is asked to. */
static void add_owner(const struct cmd_env *env, const struct alert *a, struct buf *out)
{
    char until[WHEN_TEXT_MAX];
    if (a->ack.by != NULL)
        buf_addf(out, "%s -> %s", a->ack.by, when_date_hm(a->ack.until_ms, until));
    else
        buf_adds(out, "-");
    for (unsigned int i = 0; i < MARK_COUNT; i++)
        if (a->marks & 1u << i)
            buf_addf(out, " (%s)", cmd_tr(env, mark_names[i]));
}

/* "L1 -> L2 9m": the level that has been told, and when the next one will be. */
static void add_level(const struct fleet *f, const struct alert *a, struct buf *out)
{
    char in[WHEN_TEXT_MAX];
    struct clock_next next = clock_next(f, a, cmd_now_mono());
    buf_addf(out, "L%d", a->level);
    if (next.runs && next.level != 0)
        buf_addf(out, " -> L%d %s", next.level,
                 when_age(next.level_ms > 0 ? next.level_ms : 0, in));
}

static void add_row(const struct cmd_env *env, const struct fleet *f, struct cmd_columns *table,
                    const struct alert *a)
{
    char id[24], since[WHEN_TEXT_MAX];
    struct buf summary = BUF_INIT(0), owner = BUF_INIT(0), level = BUF_INIT(0);
    snprintf(id, sizeof id, "%llu", (unsigned long long)a->id);
    cmd_say(env, &summary, a->summary != NULL ? a->summary : "");
    size_t fits = text_fit(buf_text(&summary), SUMMARY_COLS, NULL);
    if (fits < summary.len) {
        summary.len = fits;
        buf_adds(&summary, "…");
    }
    add_owner(env, a, &owner);
    add_level(f, a, &level);
    const char *const cells[] = {id,
                                 priority_name(a->priority),
                                 cmd_tr(env, state_rows[a->state].word),
                                 when_date_hm(a->opened_at_ms, since),
                                 a->check,
                                 buf_text(&level),
                                 buf_text(&owner),
                                 buf_text(&summary)};
    cmd_columns_add(table, cells);
    buf_release(&summary);
    buf_release(&owner);
    buf_release(&level);
}

static void print_alerts(const struct cmd_env *env, const struct fleet *f)
{
    if (fleet_count_open(f, NULL) == 0) {
        cmd_put(env, cmd_tr(env, N_("No open alerts.")), stdout);
        fputc('\n', stdout);
        return;
    }
    const char *const head[] = {"ID",
                                cmd_tr(env, N_("PRIORITY")),
                                cmd_tr(env, N_("STATE")),
                                cmd_tr(env, N_("SINCE")),
                                cmd_tr(env, N_("CHECK")),
                                cmd_tr(env, N_("LEVEL")),
                                cmd_tr(env, N_("ACKNOWLEDGED")),
                                cmd_tr(env, N_("WHAT"))};
    struct cmd_columns *table = cmd_columns_new(8);
    cmd_columns_add(table, head);
    struct alert **sorted = mem_alloc((f->n_alerts + 1) * sizeof(struct alert *));
    memcpy(sorted, f->alerts, f->n_alerts * sizeof(struct alert *));
    qsort(sorted, f->n_alerts, sizeof(struct alert *), alert_compare);
    for (size_t i = 0; i < f->n_alerts; i++)
        if (sorted[i]->phase == ALERT_FIRING)
            add_row(env, f, table, sorted[i]);
    cmd_columns_put(env, table, stdout);
    cmd_columns_free(table);
    free(sorted);
}

int cmd_alerts(const struct cmd_env *env, int argc, char **argv)
{
    struct cmd_options o;
    int status = cmd_parse(env, cmd_find("alerts"), argc, argv, &o);
    if (status >= 0)
        return status;
    struct cmd_client *c = cmd_connect(env, "alerts", &o, true, &status);
    if (c != NULL && (o.given & OPT_JSON)) {
        struct jval *j = wire_alerts(cmd_fleet(c), cmd_now_mono());
        struct buf b = BUF_INIT(0);
        jval_dump(&b, j, 0);
        printf("%s\n", buf_text(&b));
        buf_release(&b);
        jval_free(j);
        status = 0;
    } else if (c != NULL) {
        print_alerts(env, cmd_fleet(c));
        status = 0;
    }
    cmd_client_free(c);
    cmd_options_release(&o);
    return status;
}

/* --- acts ------------------------------------------------------------------------------------- */

/* "1077", "#1077", "alert/1077" or ranges such as "1077,1080-1200" as the request has them; NULL:
 * none of these. */
static const char *id_text(const char *arg)
{
    struct ids ids = {0};
    if (strncmp(arg, "alert/", 6) == 0)
        arg += 6;
    else if (arg[0] == '#')
        arg++;
    bool is_sound = arg[0] != '\0' && ids_read(arg, &ids, NULL);
    ids_release(&ids);
    return is_sound ? arg : NULL;
}

void cmd_make_key(char key[33])
{
    unsigned char bytes[16] = {0};
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        abort();
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(key + 2 * i, 3, "%02x", bytes[i]);
}

/* Of a request about many: which were refused, and why. */
static void put_refusals(const struct cmd_env *env, const struct cmd_answer *a)
{
    struct jval *j = jval_parse(a->line, strlen(a->line), NULL);
    const struct jval *list = jval_get(j, "refusals");
    for (size_t i = 0; i < jval_len(list); i++) {
        const struct jval *one = jval_at(list, i);
        struct buf b = BUF_INIT(0);
        char *say = event_json_get_say(one, "text", "say");
        buf_addf(&b, "#%lld: ", (long long)jval_get_int(one, "alert", 0));
        cmd_say(env, &b, say != NULL ? say : "");
        buf_addc(&b, '\n');
        cmd_put(env, buf_text(&b), stderr);
        buf_release(&b);
        free(say);
    }
    jval_free(j);
}

static bool is_many(const char *id, const struct cmd_options *o)
{
    return strpbrk(id, ",-") != NULL || (o->given & OPT_BEHIND) != 0;
}

/* "shift" is what the engine takes where no end is given. */
static const char *for_text(const struct cmd_options *o)
{
    return o->for_ != NULL && strcmp(o->for_, "shift") == 0 ? NULL : o->for_;
}

static int ask_one(const struct cmd_env *env, struct cmd_client *c, const char *verb,
                   const char *id, const struct cmd_options *o)
{
    char key[33];
    cmd_make_key(key);
    const char *const pairs[] = {is_many(id, o) ? "alerts" : "alert",
                                 id,
                                 "text",
                                 o->text,
                                 "for",
                                 for_text(o),
                                 "level",
                                 o->level,
                                 "behind",
                                 o->given & OPT_BEHIND ? "1" : NULL,
                                 "key",
                                 key};
    uint64_t request = link_request_pairs(cmd_link(c), verb, pairs, sizeof pairs / sizeof pairs[0]);
    const struct cmd_answer *a = cmd_ask(c, request, ANSWER_WAIT_MS);
    if (a == NULL)
        return EXIT_UNAVAILABLE;
    struct buf b = BUF_INIT(0);
    buf_addf(&b, "#%s: %s\n", id, a->words);
    fflush(stdout);
    cmd_put(env, buf_text(&b), a->is_ok ? stdout : stderr);
    buf_release(&b);
    if (is_many(id, o))
        put_refusals(env, a);
    return a->status;
}

static int check_act(const struct cmd_env *env, const char *verb, const struct cmd_options *o,
                     bool needs_text)
{
    struct err e = {""};
    int64_t for_ms = 0;
    for (size_t i = 0; i < o->n_args; i++)
        if (id_text(o->args[i]) == NULL)
            return cmd_fail_say(env, EXIT_USAGE, verb,
                                SAY(N_("\"{0}\" is no alert's number"), o->args[i]));
    if (needs_text && o->text == NULL)
        return cmd_fail_say(env, EXIT_USAGE, verb,
                            mem_strdup(N_("-m TEXT is missing: tell the others what you know")));
    if (o->level != NULL && (strlen(o->level) != 1 || strchr("123", o->level[0]) == NULL))
        return cmd_fail_say(env, EXIT_USAGE, verb, mem_strdup(N_("the levels are 1, 2 and 3")));
    if (for_text(o) != NULL && !when_parse_duration(for_text(o), &for_ms, &e))
        return cmd_fail(env, EXIT_USAGE, verb, "--for: %s", e.text);
    return -1;
}

/* Asks for each alert in turn; the exit status is the first that was not 0. */
static int act(const struct cmd_env *env, const char *verb, bool needs_text, int argc, char **argv)
{
    struct cmd_options o;
    int status = cmd_parse(env, cmd_find(verb), argc, argv, &o);
    if (status >= 0)
        return status;
    status = check_act(env, verb, &o, needs_text);
    struct cmd_client *c = status < 0 ? cmd_connect(env, verb, &o, false, &status) : NULL;
    if (c != NULL) {
        status = 0;
        for (size_t i = 0; i < o.n_args; i++) {
            int one = ask_one(env, c, verb, id_text(o.args[i]), &o);
            status = status == 0 ? one : status;
        }
    }
    cmd_client_free(c);
    cmd_options_release(&o);
    return status;
}

int cmd_ack(const struct cmd_env *env, int argc, char **argv)
{
    return act(env, "ack", true, argc, argv);
}

int cmd_unack(const struct cmd_env *env, int argc, char **argv)
{
    return act(env, "unack", false, argc, argv);
}

int cmd_extend(const struct cmd_env *env, int argc, char **argv)
{
    return act(env, "extend", false, argc, argv);
}

int cmd_take(const struct cmd_env *env, int argc, char **argv)
{
    return act(env, "take", false, argc, argv);
}

int cmd_escalate(const struct cmd_env *env, int argc, char **argv)
{
    return act(env, "escalate", true, argc, argv);
}

int cmd_note(const struct cmd_env *env, int argc, char **argv)
{
    return act(env, "note", true, argc, argv);
}
