/* cmd_failover_run.c - `trucban failover run`: plan shown, warnings ticked, code asked, run
 * watched.
 *
 * Only on a terminal: what a script could type is no confirmation.  Type-ahead is thrown away
 * before each question, and an answer is those characters and nothing else. */
#include "engine/cmd_failover.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "core/mem.h"
#include "engine/jval.h"

#define WAIT_STEP_MS 200

enum { EXIT_OTHER = 1, EXIT_FAILED = 2, EXIT_UNKNOWN = 3 };

bool failover_has_terminal(const struct cmd_env *env)
{
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        return true;
    cmd_fail_say(env, EXIT_USAGE, "failover",
                 mem_strdup(N_("run needs a terminal: a person has to read the plan and type its "
                               "code")));
    return false;
}

/* One line, typed from now on, within the limit; NULL: none. */
static char *typed(int64_t limit_ms)
{
    char line[64];
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&p, 1, (int)limit_ms) <= 0)
        return NULL;
    ssize_t n = read(STDIN_FILENO, line, sizeof line - 1);
    if (n <= 0)
        return NULL;
    line[n] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    return mem_strdup(line);
}

static void ask(const struct cmd_env *env, char *packed)
{
    struct buf b = BUF_INIT(0);
    cmd_say(env, &b, packed);
    buf_addc(&b, ' ');
    tcflush(STDIN_FILENO, TCIFLUSH);
    cmd_put(env, buf_text(&b), stdout);
    fflush(stdout);
    buf_release(&b);
    free(packed);
}

static bool said_yes(void)
{
    char *line = typed(PLAN_CODE_MS);
    bool is_yes = line != NULL && line[0] != '\0' && line[1] == '\0' && strchr("yYcC", line[0]);
    free(line);
    return is_yes;
}

/* Each warning is ticked by itself; false: one was not. */
static bool tick_all(const struct cmd_env *env, const struct plan *p, struct buf *ticks)
{
    for (size_t i = 0; i < p->checks.n; i++) {
        if (p->checks.v[i].kind != FINDING_WARN)
            continue;
        ask(env, SAY(N_("Go on all the same ({0})? (y/n)"), p->checks.v[i].code));
        if (!said_yes())
            return false;
        buf_addf(ticks, "%s%s", ticks->len > 0 ? "," : "", p->checks.v[i].code);
    }
    return true;
}

static int exit_of(enum run_state s)
{
    switch (s) {
    case RUN_SUCCEEDED:
        return 0;
    case RUN_SUCCEEDED_OTHER:
        return EXIT_OTHER;
    case RUN_FAILED_SAFE:
    case RUN_FAILED_PARTIAL:
    case RUN_ABANDONED:
        return EXIT_FAILED;
    default:
        return EXIT_UNKNOWN;
    }
}

/* Says each step that is over once; true while the run is active. */
static bool follow(const struct cmd_env *env, const struct run *r, size_t *told)
{
    if (r == NULL)
        return true; /* its first news is still on the way */
    while (*told < r->n_steps && r->steps[*told].state > STEP_SENT)
        failover_print_step(env, r, (*told)++);
    fflush(stdout);
    return run_is_active(r);
}

/* The run is the engine's: whatever becomes of us, it goes on. */
static int watch_run(struct failover_cmd *c, const char *id)
{
    size_t told = 0;
    const struct run *r;
    while (follow(c->env, r = fleet_run(cmd_fleet(c->client), id), &told))
        cmd_wait(c->client, WAIT_STEP_MS);
    struct buf b = BUF_INIT(0);
    buf_addf(&b, "%s: ", cmd_tr(c->env, run_state_rows[r->state].word));
    cmd_say(c->env, &b, r->outcome != NULL ? r->outcome : "");
    buf_addc(&b, '\n');
    cmd_put(c->env, buf_text(&b), stdout);
    buf_release(&b);
    return exit_of(r->state == RUN_CLOSED ? r->ended_as : r->state);
}

static int start_run(struct failover_cmd *c, const struct plan *p, const char *code,
                     const char *ticks)
{
    const char *const pairs[] = {
        "plan",       p->id,    "code",       code,    "reason",
        c->o->reason, "ticket", c->o->ticket, "ticks", ticks[0] != '\0' ? ticks : NULL};
    const struct cmd_answer *a = cmd_ask(
        c->client, link_request_pairs(cmd_link(c->client), "run", pairs, 10), ANSWER_WAIT_MS);
    if (a == NULL)
        return EXIT_UNAVAILABLE;
    if (!a->is_ok)
        return cmd_fail(c->env, a->status, "failover", "%s", a->words);
    struct jval *j = jval_parse(a->line, strlen(a->line), NULL);
    char *id = mem_strdup(jval_get_str(j, "run"));
    jval_free(j);
    failover_line(c->env, stdout, mem_strdup(a->words));
    int status = id != NULL ? watch_run(c, id) : EXIT_UNKNOWN;
    free(id);
    return status;
}

static int confirm(struct failover_cmd *c, const struct plan *p)
{
    struct buf ticks = BUF_INIT(256);
    int status = EXIT_NOPERM;
    if (tick_all(c->env, p, &ticks)) {
        ask(c->env, SAY(N_("Type code {0} to confirm the switchover:"), p->code));
        char *code = typed(PLAN_CODE_MS);
        if (code != NULL)
            status = start_run(c, p, code, buf_text(&ticks));
        else
            failover_line(c->env, stderr,
                          mem_strdup(N_("R21 Not confirmed: the code was valid for 60 s. Make a "
                                        "new plan.")));
        free(code);
    } else {
        failover_line(c->env, stderr, mem_strdup(N_("Not confirmed. Nothing was changed.")));
    }
    buf_release(&ticks);
    return status;
}

int failover_do_run(struct failover_cmd *c)
{
    struct plan p;
    int status = EXIT_NOPERM;
    if (!failover_ask_plan(c, c->o->args[1], c->o->to, &p, false)) {
        status = c->status;
    } else {
        failover_print_plan(c->env, &p);
        if (!plan_is_blocked(&p))
            status = confirm(c, &p);
    }
    plan_release(&p);
    return status;
}
