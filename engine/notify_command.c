/* notify_command.c - a program of the site's own: the notice as JSON on its standard input.
 *
 * Exit code 0: told.  75 (EX_TEMPFAIL) or an end by a signal or our limit: try again later; any
 * other: it refuses.  Never a shell. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "engine/child.h"
#include "engine/net.h"
#include "engine/notify_words.h"

#define EX_TEMPFAIL 75
#define WORDS_MAX   200

struct config {
    struct option_strings command;
    struct option_pairs environment;
};

struct sending {
    struct child *child;
    int64_t timeout_ms;
    notice_answer_fn *fn;
    void *arg;
};

/* The last words of the program, of what it complained about or said. */
static char *words_of(const struct child_reply *r)
{
    const char *text = r->err_len > 0 ? r->err : r->out;
    size_t len = r->err_len > 0 ? r->err_len : r->out_len;
    while (len > 0 && strchr(" \r\n", text[len - 1]) != NULL)
        len--;
    return text_cleaned(text, len, WORDS_MAX, 0);
}

static char *judge(const struct sending *run, struct child_reply *r, bool *is_transient)
{
    char code[16], span[24], *words = words_of(r), *say = NULL;
    snprintf(code, sizeof code, "%d", r->code);
    *is_transient = true;
    switch (r->outcome) {
    case CHILD_NOT_STARTED:
        say = r->say;
        r->say = NULL;
        break;
    case CHILD_TIMED_OUT:
        say = SAY(N_("the program did not end within {0}"), net_span(run->timeout_ms, span));
        break;
    case CHILD_KILLED:
        say = SAY(N_("the program was killed by signal {0}: {1}"), code, words);
        break;
    case CHILD_EXITED:
        *is_transient = r->code == EX_TEMPFAIL;
        if (r->code != 0)
            say = SAY(N_("the program ended with exit code {0}: {1}"), code, words);
        break;
    }
    free(words);
    return say;
}

static void on_end(void *arg, struct child_reply *r)
{
    struct sending *run = arg;
    bool is_transient, may = r->outcome == CHILD_TIMED_OUT || r->outcome == CHILD_KILLED;
    char *say = judge(run, r, &is_transient);
    notify_answer(run->fn, run->arg, say, is_transient, may);
    free(run);
}

static void *send_notice(const struct receiver_job *job, notice_answer_fn *fn, void *arg)
{
    const struct config *c = job->config;
    struct sending *run = mem_alloc(sizeof *run);
    struct jval *doc = notify_json(job);
    struct buf body = BUF_INIT(0);
    jval_dump(&body, doc, 0);
    jval_free(doc);
    buf_addc(&body, '\n');
    const struct child_want want = {&c->command, &c->environment, job->timeout_ms, buf_text(&body)};
    run->timeout_ms = job->timeout_ms;
    run->fn = fn;
    run->arg = arg;
    run->child = child_start(job->env->children, &want, on_end, run);
    buf_release(&body);
    return run;
}

static void cancel(void *arg)
{
    struct sending *run = arg;
    child_cancel(run->child);
    free(run);
}

static bool configure(void *config, struct err *e)
{
    const struct config *c = config;
    return child_command_check(&c->command, e) && child_env_check(&c->environment, e);
}

static void whereto(const void *config, struct buf *out)
{
    buf_adds(out, ((const struct config *)config)->command.v[0]);
}

#define AT(field) offsetof(struct config, field)
static const struct option rows[] = {
    {.name = "command",
     .type = OPTION_STRINGS,
     .offset = AT(command),
     .flags = OPTION_REQUIRED,
     .help = N_("program and arguments; no shell, the program's path absolute")},
    {.name = "environment",
     .type = OPTION_PAIRS,
     .offset = AT(environment),
     .help = N_("variables beside the few that every program gets")},
    {.name = NULL}};

const struct receiver_type notify_command = {
    .name = "command",
    .summary = N_("runs a program with the notice on its standard input"),
    .options = rows,
    .config_size = sizeof(struct config),
    .configure = configure,
    .send = send_notice,
    .cancel = cancel,
    .whereto = whereto,
};
