/* cmd_alert.c - `trucban alerts`, `ack`, `unack`, `note`. */
#include "engine/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/alert.h"
#include "core/mem.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/link.h"
#include "engine/wire.h"

#define ANSWER_WAIT_MS 15000
#define SUMMARY_COLS   60

static void add_row(const struct cmd_env *env, struct cmd_columns *table, const struct alert *a)
{
    char id[24], since[WHEN_TEXT_MAX], until[WHEN_TEXT_MAX];
    struct buf summary = BUF_INIT(0), ack = BUF_INIT(0);
    snprintf(id, sizeof id, "%llu", (unsigned long long)a->id);
    cmd_say(env, &summary, a->summary != NULL ? a->summary : "");
    size_t fits = text_fit(buf_text(&summary), SUMMARY_COLS, NULL);
    if (fits < summary.len) {
        summary.len = fits;
        buf_adds(&summary, "…");
    }
    if (a->ack.by != NULL)
        buf_addf(&ack, "%s -> %s", a->ack.by, when_date_hm(a->ack.until_ms, until));
    else
        buf_adds(&ack, "-");
    const char *const cells[] = {id,
                                 priority_name(a->priority),
                                 cmd_tr(env, state_rows[a->state].word),
                                 when_date_hm(a->opened_at_ms, since),
                                 a->check,
                                 buf_text(&ack),
                                 buf_text(&summary)};
    cmd_columns_add(table, cells);
    buf_release(&summary);
    buf_release(&ack);
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
                                cmd_tr(env, N_("ACKNOWLEDGED")),
                                cmd_tr(env, N_("WHAT"))};
    struct cmd_columns *table = cmd_columns_new(7);
    cmd_columns_add(table, head);
    struct alert **sorted = mem_alloc((f->n_alerts + 1) * sizeof(struct alert *));
    memcpy(sorted, f->alerts, f->n_alerts * sizeof(struct alert *));
    qsort(sorted, f->n_alerts, sizeof(struct alert *), alert_compare);
    for (size_t i = 0; i < f->n_alerts; i++)
        if (sorted[i]->phase == ALERT_FIRING)
            add_row(env, table, sorted[i]);
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

/* One decision has one key, so that asking again can never make two of it. */
static void make_key(char key[33])
{
    unsigned char bytes[16] = {0};
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        abort();
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(key + 2 * i, 3, "%02x", bytes[i]);
}

static int ask_one(const struct cmd_env *env, struct cmd_client *c, const char *verb,
                   const char *id, const struct cmd_options *o)
{
    char key[33];
    make_key(key);
    const char *const pairs[] = {"alert", id, "text", o->text, "for", o->for_, "key", key};
    uint64_t request = link_request_pairs(cmd_link(c), verb, pairs, 8);
    const struct cmd_answer *a = cmd_ask(c, request, ANSWER_WAIT_MS);
    if (a == NULL)
        return EXIT_UNAVAILABLE;
    struct buf b = BUF_INIT(0);
    buf_addf(&b, "#%s: %s\n", id, a->words);
    fflush(stdout);
    cmd_put(env, buf_text(&b), a->is_ok ? stdout : stderr);
    buf_release(&b);
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
    if (o->for_ != NULL && !when_parse_duration(o->for_, &for_ms, &e))
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

int cmd_note(const struct cmd_env *env, int argc, char **argv)
{
    return act(env, "note", true, argc, argv);
}
