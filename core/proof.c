#include "core/proof.h"

#include <stdlib.h>
#include <string.h>

#include "core/event.h"
#include "core/fleet.h"
#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"

const char *const proof_phase_names[PROOF_PHASE_COUNT] = {
    "sending", "sent", "arrived", "refused", "undelivered", "lost", "unknown",
};

bool proof_is_over(enum proof_phase p)
{
    return p > PROOF_SENT;
}

bool proof_phase_parse(const char *name, enum proof_phase *out)
{
    for (int p = 0; name != NULL && p < PROOF_PHASE_COUNT; p++)
        if (strcmp(name, proof_phase_names[p]) == 0) {
            *out = (enum proof_phase)p;
            return true;
        }
    return false;
}

/* --- the log ------------------------------------------------------------------------------ */

void proof_log_free(struct proof_log *l)
{
    if (l == NULL)
        return;
    free(l->check);
    free(l->v);
    free(l);
}

/* A site has few such checks: they cost messages. */
struct proof_log *proof_log_of(const struct fleet *f, const char *check)
{
    for (size_t i = 0; i < f->n_proofs; i++)
        if (strcmp(f->proofs[i]->check, check) == 0)
            return f->proofs[i];
    return NULL;
}

struct proof_log *proof_log_add(struct fleet *f, const char *check)
{
    struct proof_log *l = proof_log_of(f, check);
    if (l != NULL)
        return l;
    l = mem_alloc(sizeof *l);
    l->check = mem_strdup(check);
    f->proofs = mem_grow(f->proofs, f->n_proofs + 1, sizeof(struct proof_log *));
    f->proofs[f->n_proofs++] = l;
    return l;
}

/* Makes room: what is older than a day counts for nothing any more. */
static void forget_old(struct proof_log *l, int64_t now_ms)
{
    size_t old = 0;
    while (old < l->n && l->v[old].at_ms <= now_ms - PROOF_DAY_MS)
        old++;
    if (l->n - old >= PROOF_CAP_MAX)
        old = l->n - PROOF_CAP_MAX + 1;
    if (old == 0)
        return;
    l->n -= old;
    memmove(l->v, l->v + old, l->n * sizeof *l->v);
}

void proof_log_put(struct proof_log *l, const struct proof *p)
{
    forget_old(l, p->at_ms);
    MEM_ROOM(l->v, l->n, l->cap);
    l->v[l->n++] = *p;
}

struct proof *proof_find(const struct proof_log *l, const char *key)
{
    for (size_t i = l != NULL ? l->n : 0; i-- > 0;)
        if (strcmp(l->v[i].key, key) == 0)
            return &l->v[i];
    return NULL;
}

struct proof *proof_open(const struct proof_log *l)
{
    struct proof *newest = l != NULL && l->n > 0 ? &l->v[l->n - 1] : NULL;
    return newest != NULL && !proof_is_over(newest->phase) ? newest : NULL;
}

size_t proof_count(const struct proof_log *l, int64_t now_ms)
{
    size_t n = 0;
    for (size_t i = l != NULL ? l->n : 0; i-- > 0;)
        n += l->v[i].at_ms > now_ms - PROOF_DAY_MS;
    return n;
}

void proof_key(const unsigned char random[PROOF_KEY_LEN], char key[PROOF_KEY_LEN + 1])
{
    static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"; /* 32; no I O 0 1 */
    for (size_t i = 0; i < PROOF_KEY_LEN; i++)
        key[i] = letters[random[i] % 32];
    key[PROOF_KEY_LEN] = '\0';
}

/* --- the fold ----------------------------------------------------------------------------- */

static void fold_sending(struct fleet *f, const struct event *e)
{
    struct proof_log *l = proof_log_add(f, e->subject);
    if (strlen(e->key) != PROOF_KEY_LEN || proof_find(l, e->key) != NULL)
        return;
    struct proof p = {.phase = PROOF_SENDING, .at_ms = e->at_ms, .until_ms = e->until_ms};
    memcpy(p.key, e->key, PROOF_KEY_LEN);
    proof_log_put(l, &p);
}

void fleet_fold_proof(struct fleet *f, const struct event *e)
{
    if (e->subject == NULL || e->key == NULL)
        return;
    if (e->kind == EVENT_PROOF_SENDING) {
        fold_sending(f, e);
        return;
    }
    struct proof *p = proof_find(proof_log_of(f, e->subject), e->key);
    if (p == NULL || proof_is_over(p->phase))
        return; /* what it was it remains */
    if (e->kind == EVENT_PROOF_ENDED) {
        proof_phase_parse(e->what, &p->phase);
        p->was_taken = p->was_taken || p->phase == PROOF_UNDELIVERED;
        return;
    }
    p->was_taken = true;
    p->phase = e->kind == EVENT_PROOF_ARRIVED ? PROOF_ARRIVED : PROOF_SENT;
    p->delay_ms = e->delay_ms;
}

/* --- judging ------------------------------------------------------------------------------ */

int64_t proof_wait_ms(int tries)
{
    static const int64_t waits[PROOF_TRIES - 1] = {1000, 5000};
    return tries < 1 || tries >= PROOF_TRIES ? -1 : waits[tries - 1];
}

enum state proof_judge(int64_t delay_ms, int64_t late_ms)
{
    return late_ms > 0 && delay_ms > late_ms ? STATE_WARNING : STATE_OK;
}

struct proof_shares proof_shares_of(const struct proof_log *l, int64_t since_ms)
{
    struct proof_shares s = {0};
    double sum_ms = 0;
    for (size_t i = l != NULL ? l->n : 0; i-- > 0 && l->v[i].at_ms >= since_ms;) {
        const struct proof *p = &l->v[i];
        if (!proof_is_over(p->phase) || p->phase == PROOF_UNKNOWN)
            continue;
        s.n++;
        s.accepted += p->was_taken;
        if (p->phase != PROOF_ARRIVED)
            continue;
        s.arrived++;
        sum_ms += (double)p->delay_ms;
    }
    s.mean_ms = s.arrived > 0 ? sum_ms / (double)s.arrived : 0;
    return s;
}

/* --- receipts ----------------------------------------------------------------------------- */

static enum receipt_what receipt_of_over(const struct proof *p, bool is_delivered)
{
    switch (p->phase) {
    case PROOF_ARRIVED:
        return is_delivered ? RECEIPT_AGAIN : RECEIPT_CONTRADICTS;
    case PROOF_UNDELIVERED:
        return is_delivered ? RECEIPT_CONTRADICTS : RECEIPT_AGAIN;
    case PROOF_REFUSED:
        return RECEIPT_REFUSED;
    default:
        return RECEIPT_LATE;
    }
}

enum receipt_what proof_receipt(const struct fleet *f, const char *check, const char *key,
                                bool is_delivered, int64_t now_ms, const struct proof **p,
                                const char **owner)
{
    *p = NULL;
    *owner = NULL;
    if (key == NULL || key[0] == '\0')
        return RECEIPT_NO_KEY;
    for (size_t i = 0; i < f->n_proofs && *p == NULL; i++) {
        *p = proof_find(f->proofs[i], key);
        *owner = *p != NULL ? f->proofs[i]->check : NULL;
    }
    if (*p == NULL)
        return RECEIPT_NEVER_SENT;
    if (strcmp(*owner, check) != 0)
        return RECEIPT_OTHER_CHECK;
    if (proof_is_over((*p)->phase))
        return receipt_of_over(*p, is_delivered);
    return now_ms > (*p)->until_ms ? RECEIPT_LATE : RECEIPT_COUNTS;
}

char *proof_receipt_say(enum receipt_what w, const char *check, const char *key, const char *owner)
{
    char *shown = text_cleaned(key != NULL ? key : "", key != NULL ? strlen(key) : 0, 40, 0);
    char *say = NULL;
    switch (w) {
    case RECEIPT_COUNTS:
        say = SAY(N_("receipt of {0} taken for {1}"), shown, check);
        break;
    case RECEIPT_NO_KEY:
        say = SAY(N_("{0} takes receipts only: --key has to say of which message"), check);
        break;
    case RECEIPT_NEVER_SENT:
        say = SAY(N_("no message with the key {0} was sent in the last day"), shown);
        break;
    case RECEIPT_OTHER_CHECK:
        say = SAY(N_("the message {0} is one of {1}, not of {2}"), shown,
                  owner != NULL ? owner : "?", check);
        break;
    case RECEIPT_AGAIN:
        say = SAY(N_("the receipt of {0} is known already"), shown);
        break;
    case RECEIPT_CONTRADICTS:
        say = SAY(N_("an earlier receipt of {0} says the contrary: that one counts"), shown);
        break;
    case RECEIPT_LATE:
        say = SAY(N_("the receipt of {0} comes after its deadline and does not count"), shown);
        break;
    case RECEIPT_REFUSED:
        say = SAY(N_("the message {0} was refused when it was sent: a receipt cannot be"), shown);
        break;
    }
    free(shown);
    return say;
}
