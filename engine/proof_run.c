/* proof_run.c - one synthetic message, from its intent to what is told of it. */
#include "engine/proofs_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/failpoint.h"

/* A sentence that becomes part of another. */
static char *in_words(const char *packed)
{
    struct buf words = BUF_INIT(TEXT_MAX_LISTED);
    say_text(&words, packed, NULL);
    return buf_take(&words);
}

static char *say_with(const char *msgid, const char *packed)
{
    char *words = in_words(packed), *say = SAY(msgid, words);
    free(words);
    return say;
}

/* --- the end ------------------------------------------------------------------------------ */

static void let_go(struct proof_run *r)
{
    struct proof_run **at = r->all != NULL ? &r->all->runs : NULL;
    while (at != NULL && *at != NULL && *at != r)
        at = &(*at)->next;
    if (at != NULL && *at == r)
        *at = r->next;
    for (size_t i = 0; r->all != NULL && i < r->all->n; i++)
        if (r->all->entries[i].run == r)
            r->all->entries[i].run = NULL;
    loop_forget(r->loop, r);
    loop_timer_free(r->deadline);
    loop_timer_free(r->pause);
    loop_timer_free(r->look);
    result_release(&r->result);
    free(r->why);
    free(r->blind);
    free(r->check);
    free(r->to);
    free(r);
}

static void stop_timers(struct proof_run *r)
{
    loop_timer_stop(r->deadline);
    loop_timer_stop(r->pause);
    loop_timer_stop(r->look);
}

static double percent(size_t n, size_t of)
{
    return round(1000.0 * (double)n / (double)of) / 10;
}

static double seconds(double ms)
{
    return round(ms / 10) / 100;
}

static void add_figures(struct proof_run *r)
{
    const struct proof_log *l = proof_log_of(r->all->fleet, r->check);
    int64_t now_ms = loop_wall_ms(r->loop);
    struct proof_shares s = proof_shares_of(l, now_ms - r->want.window_ms);
    char at[WHEN_TEXT_MAX];
    if (s.n > 0) {
        result_metric(&r->result, "accepted_pct", percent(s.accepted, s.n), "%");
        result_metric(&r->result, "delivered_pct", percent(s.arrived, s.n), "%");
    }
    if (s.arrived > 0)
        result_metric(&r->result, "mean_delay_s", seconds(s.mean_ms), "s");
    result_metric(&r->result, "proofs", (double)s.n, "");
    result_metric(&r->result, "messages_day", (double)proof_count(l, now_ms), "");
    for (size_t i = l != NULL ? l->n : 0; i-- > 0;)
        if (l->v[i].phase == PROOF_ARRIVED) {
            result_fact(&r->result, "last_proof_at",
                        when_rfc3339(l->v[i].at_ms + l->v[i].delay_ms, at));
            break;
        }
    result_fact(&r->result, "to", r->to);
}

static void tell(void *arg)
{
    struct proof_run *r = arg;
    struct proof_calls calls = r->calls;
    struct result result = r->result;
    void *kind = r->arg;
    r->result = (struct result){0};
    let_go(r);
    calls.done(kind, &result);
    result_release(&result);
}

void proof_run_ended(struct proof_run *r)
{
    FP("proof.ended");
    add_figures(r);
    tell(r);
}

/* Nothing has left, and nothing is written of it. */
static void give_up(struct proof_run *r, char *say)
{
    r->stage = STAGE_ENDING;
    stop_timers(r);
    r->result.is_self = true;
    result_say(&r->result, STATE_UNKNOWN, say);
    if (r->all != NULL)
        add_figures(r);
    loop_soon(r->loop, tell, r);
}

struct entry *proof_run_end(struct proof_run *r, enum proof_phase phase, enum state state,
                            char *say, int64_t delay_ms)
{
    struct event e = proofs_event(
        r->all, phase == PROOF_ARRIVED ? EVENT_PROOF_ARRIVED : EVENT_PROOF_ENDED, r->check, r->key);
    e.text = mem_strdup(say);
    e.delay_ms = delay_ms;
    if (phase != PROOF_ARRIVED)
        e.what = mem_strdup(proof_phase_names[phase]);
    r->stage = STAGE_ENDING;
    stop_timers(r);
    result_say(&r->result, state, say);
    if (phase == PROOF_ARRIVED) {
        r->result.latency_ms = (double)delay_ms;
        result_metric(&r->result, "delay_s", seconds((double)delay_ms), "s");
    }
    result_metric(&r->result, "tries", r->tries, "");
    return proofs_write(r->all, ENTRY_END, &e, r);
}

/* "12.3s", "2m5s" */
static const char *span(int64_t ms, char out[WHEN_TEXT_MAX])
{
    if (ms < 60000 && ms % 1000 != 0)
        snprintf(out, WHEN_TEXT_MAX, "%.1fs", (double)ms / 1000);
    else
        when_duration((ms + 500) / 1000 * 1000, out);
    return out;
}

struct entry *proof_run_arrive(struct proof_run *r, bool is_delivered, int64_t delay_ms, char *say)
{
    char took[WHEN_TEXT_MAX], most[WHEN_TEXT_MAX];
    if (delay_ms < 0)
        delay_ms = loop_mono_ms(r->loop) - r->begun_ms;
    if (!is_delivered)
        return proof_run_end(r, PROOF_UNDELIVERED, STATE_CRITICAL, say, 0);
    enum state state = proof_judge(delay_ms, r->want.late_ms);
    span(delay_ms, took);
    span(r->want.late_ms, most);
    free(say);
    say = state == STATE_OK ? SAY(N_("arrived after {0}"), took)
                            : SAY(N_("arrived late: after {0}, expected within {1}"), took, most);
    return proof_run_end(r, PROOF_ARRIVED, state, say, delay_ms);
}

static void too_late(void *arg)
{
    struct proof_run *r = arg;
    char most[WHEN_TEXT_MAX];
    span(r->want.deadline_ms, most);
    if (r->is_cut) {
        r->result.is_self = true;
        proof_run_end(
            r, PROOF_UNKNOWN, STATE_UNKNOWN,
            mem_strdup(N_("begun before the engine stopped, and no receipt has come: that "
                          "says nothing of the way")),
            0);
    } else if (r->stage == STAGE_PAUSING) {
        proof_run_end(r, PROOF_REFUSED, STATE_CRITICAL, mem_strdup(r->why), 0);
    } else if (r->blind != NULL) {
        proof_run_end(r, PROOF_UNKNOWN, STATE_UNKNOWN,
                      say_with(N_("whether it arrived could not be asked: {0}"), r->blind), 0);
    } else if (r->is_unsure) {
        char *why = in_words(r->why);
        proof_run_end(r, PROOF_LOST, STATE_CRITICAL,
                      SAY(N_("not arrived within {0}; it may not have left: {1}"), most, why), 0);
        free(why);
    } else if (r->stage == STAGE_SENDING) {
        proof_run_end(r, PROOF_LOST, STATE_CRITICAL,
                      SAY(N_("not arrived within {0}, and still not taken for delivery"), most), 0);
    } else {
        proof_run_end(r, PROOF_LOST, STATE_CRITICAL,
                      SAY(N_("taken for delivery, but not arrived within {0}"), most), 0);
    }
}

/* --- on its way --------------------------------------------------------------------------- */

static void send_now(void *arg)
{
    struct proof_run *r = arg;
    r->stage = STAGE_SENDING;
    r->tries++;
    FP("proof.sending");
    r->calls.send(r->arg, r->key);
}

static void look_now(void *arg)
{
    struct proof_run *r = arg;
    if (r->is_looking || r->stage != STAGE_WAITING)
        return;
    r->is_looking = true;
    r->calls.look(r->arg, r->key);
}

static void start_clocks(struct proof_run *r, int64_t left_ms)
{
    loop_timer_set(r->deadline, left_ms > 1 ? left_ms : 1, 0);
    if (r->want.look_ms > 0 && r->calls.look != NULL)
        loop_timer_set(r->look, r->want.look_ms, r->want.look_ms);
}

void proof_run_intended(struct proof_run *r, const char *error)
{
    if (error != NULL) {
        give_up(r, say_with(N_("no message was sent: {0}"), error));
        return;
    }
    FP("proof.intended");
    start_clocks(r, r->want.deadline_ms);
    send_now(r);
}

void proof_sent(struct proof_run *r, enum proof_answer a, char *say)
{
    FP("proof.sent");
    if (r->stage != STAGE_SENDING) {
        free(say);
        return;
    }
    free(r->why);
    r->why = say != NULL ? say : mem_strdup(N_("no reason was given"));
    int64_t wait_ms = a == PROOF_NOT_TAKEN ? proof_wait_ms(r->tries) : -1;
    if (a == PROOF_TAKEN) {
        struct event e = proofs_event(r->all, EVENT_PROOF_SENT, r->check, r->key);
        proofs_write(r->all, ENTRY_NOTE, &e, NULL);
    }
    if (wait_ms >= 0) {
        r->stage = STAGE_PAUSING;
        loop_timer_set(r->pause, wait_ms, 0);
    } else if (a == PROOF_TAKEN || a == PROOF_MAY_BE) {
        r->stage = STAGE_WAITING;
        r->is_unsure = a == PROOF_MAY_BE;
    } else if (a == PROOF_SELF) {
        r->result.is_self = true;
        proof_run_end(r, PROOF_UNKNOWN, STATE_UNKNOWN, mem_strdup(r->why), 0);
    } else {
        proof_run_end(r, PROOF_REFUSED, STATE_CRITICAL, mem_strdup(r->why), 0);
    }
}

void proof_not_seen(struct proof_run *r, char *why)
{
    r->is_looking = false;
    free(r->blind);
    r->blind = why;
}

void proof_seen(struct proof_run *r, bool is_delivered, int64_t delay_ms, char *say)
{
    r->is_looking = false;
    if (r->stage == STAGE_ENDING)
        free(say);
    else
        proof_run_arrive(r, is_delivered, delay_ms,
                         say != NULL || is_delivered
                             ? say
                             : mem_strdup(N_("not delivered: no reason was given")));
}

/* --- the begin ---------------------------------------------------------------------------- */

static void intend(struct proof_run *r)
{
    unsigned char random[PROOF_KEY_LEN];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        abort();
    proof_key(random, r->key);
    struct event e = proofs_event(r->all, EVENT_PROOF_SENDING, r->check, r->key);
    e.what = mem_strdup(r->to);
    e.until_ms = e.at_ms + r->want.deadline_ms;
    r->begun_ms = loop_mono_ms(r->loop);
    FP("proof.intent");
    proofs_write(r->all, ENTRY_INTENT, &e, r);
}

void proof_run_anew(struct proof_run *r)
{
    char n[24];
    const struct proof_log *l = proof_log_of(r->all->fleet, r->check);
    snprintf(n, sizeof n, "%lld", (long long)r->want.cap);
    if (r->all->is_stopped)
        give_up(r, mem_strdup(N_("no message was sent: the engine is ending")));
    else if (proof_count(l, loop_wall_ms(r->loop)) >= (size_t)r->want.cap)
        give_up(r, SAY(N_("no message was sent: the {0} of a day are used up"), n));
    else
        intend(r);
}

/* Sends nothing: what an engine, or a run, before us began is waited for. */
static void take_over(struct proof_run *r, const struct proof *open, int64_t now_ms)
{
    int64_t left_ms = open->until_ms - now_ms, gone_ms = now_ms - open->at_ms;
    memcpy(r->key, open->key, sizeof r->key);
    r->begun_ms = loop_mono_ms(r->loop) - (gone_ms > 0 ? gone_ms : 0);
    r->stage = STAGE_WAITING;
    r->tries = 1;
    r->is_cut = open->phase == PROOF_SENDING || open->at_ms < r->all->started_ms;
    start_clocks(r, left_ms < r->want.deadline_ms ? left_ms : r->want.deadline_ms);
}

static void give_up_found(struct proof_run *r, const struct proof *open)
{
    struct event e = proofs_event(r->all, EVENT_PROOF_ENDED, r->check, open->key);
    e.what = mem_strdup(proof_phase_names[PROOF_UNKNOWN]);
    e.text = mem_strdup(N_("its deadline passed while nobody watched"));
    proofs_write(r->all, ENTRY_GIVEN_UP, &e, r);
}

static void begin(void *arg)
{
    struct proof_run *r = arg;
    const struct proof *open = proof_open(proof_log_of(r->all->fleet, r->check));
    int64_t now_ms = loop_wall_ms(r->loop);
    if (proofs_has_unwritten(r->all, r->check))
        give_up(r, say_with(N_("no message was sent: {0}"),
                            r->all->error != NULL ? r->all->error
                                                  : N_("the one before is not written down yet")));
    else if (open != NULL && now_ms < open->until_ms)
        take_over(r, open, now_ms);
    else if (open != NULL)
        give_up_found(r, open);
    else
        proof_run_anew(r);
}

static void without_engine(void *arg)
{
    struct proof_run *r = arg;
    give_up(r, mem_strdup(N_("only an engine sends such a message: it is journalled before")));
}

struct proof_run *proof_begin(const struct probe_env *env, const struct proof_want *w,
                              const struct proof_calls *calls, void *arg)
{
    struct proof_run *r = mem_alloc(sizeof *r);
    r->all = env->proofs;
    r->loop = env->loop;
    r->want = *w;
    r->check = mem_strdup(w->check);
    r->to = mem_strdup(w->to);
    r->calls = *calls;
    r->arg = arg;
    r->result.latency_ms = -1;
    r->deadline = loop_timer_new(r->loop, too_late, r);
    r->pause = loop_timer_new(r->loop, send_now, r);
    r->look = loop_timer_new(r->loop, look_now, r);
    if (r->all != NULL) {
        r->next = r->all->runs;
        r->all->runs = r;
    }
    loop_soon(r->loop, r->all != NULL ? begin : without_engine, r);
    return r;
}

void proof_cancel(struct proof_run *r)
{
    if (r != NULL)
        let_go(r);
}
