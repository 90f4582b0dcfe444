/* cmd_status.c - `trucban status`: what the engine knows, a line per target.
 *
 * Exit status: that of the worst production target whose link is done (fleet_worst). */
#include "engine/cmd.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/mem.h"
#include "core/sign.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/link.h"
#include "engine/wire.h"

#define FIRST_RESULT_STEP_MS 250
#define WATCH_STEP_MS        1000
#define SUMMARY_COLS         60

static int exit_code(const struct fleet *f)
{
    return state_rows[fleet_worst(f)].exit_code;
}

/* The check that makes the target's state what it is; NULL: it has none. */
static const struct check *telling_check(const struct target *t)
{
    const struct check *worst = NULL;
    for (size_t i = 0; i < t->n_checks; i++) {
        const struct check *c = t->checks[i];
        if (worst == NULL || state_rows[check_sign(c, false).state].badness >
                                 state_rows[check_sign(worst, false).state].badness)
            worst = c;
    }
    return worst;
}

static size_t count_ok(const struct target *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n_checks; i++)
        n += check_sign(t->checks[i], false).state == STATE_OK;
    return n;
}

/* "http: HTTP 502, expected 200" of the worst check; nothing where all is well. */
static void add_summary(const struct cmd_env *env, struct buf *out, const struct target *t)
{
    const struct check *c = telling_check(t);
    if (t->is_disabled) {
        buf_adds(out, cmd_tr(env, N_("disabled")));
        return;
    }
    if (c == NULL || check_shown(c) == STATE_OK)
        return;
    struct buf words = BUF_INIT(TEXT_MAX_LISTED);
    buf_addf(&words, "%s: ", c->name);
    if (check_shown(c) == STATE_PENDING)
        buf_adds(&words, cmd_tr(env, N_("Waiting for the first check.")));
    else
        cmd_say(env, &words, c->summary != NULL ? c->summary : "");
    size_t fits = text_fit(buf_text(&words), SUMMARY_COLS, NULL);
    buf_add(out, buf_text(&words), fits);
    if (fits < words.len)
        buf_adds(out, "…");
    buf_release(&words);
}

static const char *since_text(int64_t since_ms, char out[WHEN_TEXT_MAX])
{
    return since_ms == 0 ? "-" : when_date_hm(since_ms, out);
}

static void add_row(const struct cmd_env *env, const char *lang, struct cmd_columns *table,
                    const struct target *t)
{
    struct sign sign = target_sign(t, false);
    char symbol[2] = {sign.symbol, '\0'}, since[WHEN_TEXT_MAX], ok[48];
    struct buf summary = BUF_INIT(0);
    add_summary(env, &summary, t);
    snprintf(ok, sizeof ok, "%zu/%zu", count_ok(t), t->n_checks);
    const char *const cells[] = {symbol,
                                 cmd_tr(env, sign.word),
                                 t->id,
                                 words_in(&t->name, lang, "-"),
                                 since_text(t->since_ms, since),
                                 ok,
                                 buf_text(&summary)};
    cmd_columns_add(table, cells);
    buf_release(&summary);
}

static void print_head(const struct cmd_env *env, const char *lang, const struct fleet *f, FILE *to)
{
    char targets[24], checks[24], open[24], unacked[24];
    size_t n_unacked = 0, n_open = fleet_count_open(f, &n_unacked);
    snprintf(targets, sizeof targets, "%zu", f->n_targets);
    snprintf(checks, sizeof checks, "%zu", f->n_checks);
    snprintf(open, sizeof open, "%zu", n_open);
    snprintf(unacked, sizeof unacked, "%zu", n_unacked);
    const char *site = words_in(&f->site_name, lang, f->site_id != NULL ? f->site_id : "-");
    char *head = SAY(N_("{0}: {1} targets, {2} checks, {3} open alerts ({4} unacknowledged)"), site,
                     targets, checks, open, unacked);
    struct buf b = BUF_INIT(0);
    cmd_say(env, &b, head);
    buf_addc(&b, '\n');
    if (f->is_sample) {
        buf_adds(&b, cmd_tr(env, N_("SAMPLE DATA: inventory not confirmed by the unit.")));
        buf_addc(&b, '\n');
    }
    cmd_put(env, buf_text(&b), to);
    buf_release(&b);
    free(head);
}

static void print_table(const struct cmd_env *env, struct cmd_client *c, FILE *to)
{
    const struct fleet *f = cmd_fleet(c);
    const char *lang = cmd_lang(c);
    const char *const head[] = {"",
                                cmd_tr(env, N_("STATE")),
                                cmd_tr(env, N_("TARGET")),
                                cmd_tr(env, N_("NAME")),
                                cmd_tr(env, N_("SINCE")),
                                cmd_tr(env, N_("CHECKS OK")),
                                cmd_tr(env, N_("WHAT"))};
    struct cmd_columns *table = cmd_columns_new(7);
    cmd_columns_add(table, head);
    for (size_t i = 0; i < f->n_targets; i++)
        add_row(env, lang, table, f->targets[i]);
    print_head(env, lang, f, to);
    cmd_columns_put(env, table, to);
    cmd_columns_free(table);
}

static void print_line(const struct jval *j, FILE *to)
{
    struct buf b = BUF_INIT(0);
    jval_dump(&b, j, 0);
    fprintf(to, "%s\n", buf_text(&b));
    buf_release(&b);
}

static void print_json(struct cmd_client *c, FILE *to)
{
    const struct link_hello *h = link_hello(cmd_link(c));
    const struct link_beat *b = link_beat(cmd_link(c));
    struct wire_engine engine = {.version = h->engine_version,
                                 .store = h->store,
                                 .pid = h->engine_pid,
                                 .started_at_ms = h->engine_started_at_ms,
                                 .heartbeat_at_ms = b->at_ms};
    struct jval *j = wire_status(cmd_fleet(c), &engine);
    print_line(j, to);
    jval_free(j);
}

/* --- --watch ---------------------------------------------------------------------------------- */

static void print_target_json(const struct target *t, FILE *to)
{
    struct jval *j = jval_object();
    jval_set_str(j, "schema", "trucban/status-target/1");
    jval_set(j, "target", wire_target(t, WIRE_STATIC));
    struct jval *checks = jval_array();
    for (size_t i = 0; i < t->n_checks; i++)
        jval_append(checks, wire_check(t->checks[i], WIRE_STATIC, 0));
    jval_set(j, "checks", checks);
    print_line(j, to);
    jval_free(j);
}

static void print_target_line(const struct cmd_env *env, struct cmd_client *c,
                              const struct target *t, FILE *to)
{
    char at[WHEN_TEXT_MAX];
    struct sign sign = target_sign(t, false);
    struct buf b = BUF_INIT(0);
    buf_addf(&b, "%s  %c %s  %s  ", when_hms(cmd_now_wall(c), at), sign.symbol,
             cmd_tr(env, sign.word), t->id);
    add_summary(env, &b, t);
    while (b.len > 0 && b.bytes[b.len - 1] == ' ')
        b.bytes[--b.len] = '\0';
    buf_addc(&b, '\n');
    cmd_put(env, buf_text(&b), to);
    buf_release(&b);
}

/* What was last printed of a target: its state, and which check told. */
struct printed {
    char *id;
    char symbol;
    char *what;
    struct printed *next;
};

static bool is_news(struct printed **list, const struct cmd_env *env, const struct target *t)
{
    char symbol = target_sign(t, false).symbol;
    struct buf b = BUF_INIT(0);
    add_summary(env, &b, t);
    struct printed *k = *list;
    while (k != NULL && strcmp(k->id, t->id) != 0)
        k = k->next;
    bool is_new = k == NULL;
    if (is_new) {
        k = mem_alloc(sizeof *k);
        k->id = mem_strdup(t->id);
        k->next = *list;
        *list = k;
    }
    bool is_changed = is_new || k->symbol != symbol || strcmp(k->what, buf_text(&b)) != 0;
    k->symbol = symbol;
    mem_set(&k->what, buf_text(&b));
    buf_release(&b);
    return is_changed;
}

static void told_free(struct printed *list)
{
    while (list != NULL) {
        struct printed *next = list->next;
        free(list->id);
        free(list->what);
        free(list);
        list = next;
    }
}

/* Until interrupted, or until nobody reads any more. */
static int watch(const struct cmd_env *env, struct cmd_client *c, bool is_json)
{
    struct printed *told = NULL;
    uint64_t version = 0;
    bool was_live = true;
    while (!ferror(stdout)) {
        const struct fleet *f = cmd_fleet(c);
        for (size_t i = 0; f->version != version && i < f->n_targets; i++)
            if (is_news(&told, env, f->targets[i])) {
                if (is_json)
                    print_target_json(f->targets[i], stdout);
                else
                    print_target_line(env, c, f->targets[i], stdout);
            }
        version = f->version;
        fflush(stdout);
        bool is_live = cmd_wait(c, WATCH_STEP_MS);
        if (was_live && !is_live)
            cmd_fail(env, 0, "status", "%s; trying again", link_error(cmd_link(c)));
        was_live = is_live;
    }
    told_free(told);
    return EXIT_UNAVAILABLE;
}

/* --- once ------------------------------------------------------------------------------------- */

static bool has_all_first_results(const struct fleet *f)
{
    for (size_t i = 0; i < f->n_checks; i++)
        if (target_counts(f->checks[i]->target) && check_shown(f->checks[i]) == STATE_PENDING)
            return false;
    return true;
}

static int64_t mono_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* `status --json` says when the engine last beat: so one beat is waited for. */
static void wait_for_beat(struct cmd_client *c)
{
    int64_t until_ms = mono_ms() + 2500;
    while (link_beat(cmd_link(c))->seq == 0 && mono_ms() < until_ms && cmd_wait(c, 500))
        ;
}

int status_print(const struct cmd_env *env, const struct cmd_options *o, int64_t wait_ms, FILE *to)
{
    int status = 0;
    struct cmd_client *c = cmd_connect(env, "status", o, true, &status);
    if (c == NULL)
        return status;
    int64_t until_ms = mono_ms() + wait_ms;
    while (!has_all_first_results(cmd_fleet(c)) && mono_ms() < until_ms &&
           cmd_wait(c, FIRST_RESULT_STEP_MS))
        ;
    if (o->given & OPT_JSON) {
        wait_for_beat(c);
        print_json(c, to);
    } else {
        print_table(env, c, to);
    }
    status = exit_code(cmd_fleet(c));
    if (fflush(to) != 0)
        status = cmd_fail(env, EXIT_SOFTWARE, "status", "cannot write the table");
    cmd_client_free(c);
    return status;
}

int cmd_status(const struct cmd_env *env, int argc, char **argv)
{
    struct cmd_options o;
    int status = cmd_parse(env, cmd_find("status"), argc, argv, &o);
    if (status >= 0)
        return status;
    if ((o.given & OPT_WATCH) == 0) {
        status = status_print(env, &o, 0, stdout);
    } else {
        struct cmd_client *c = cmd_connect(env, "status", &o, true, &status);
        if (c != NULL)
            status = watch(env, c, (o.given & OPT_JSON) != 0);
        cmd_client_free(c);
    }
    cmd_options_release(&o);
    return status;
}
