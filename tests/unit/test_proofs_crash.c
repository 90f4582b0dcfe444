/* Crashes and cuts around a synthetic message: an engine's parts (journal, store, proofs, the kind
 * sms) in a process of their own that is killed at every failpoint, by the gateway at every stage
 * of a request, or meets a gateway that cuts, keeps silent, refuses.  The gateway counts: no key
 * twice, none that the journal does not know, none called refused that was taken.
 *
 * PROOF_CRASHES=1000 for the figure; without it a few, each way at least twice. */
#include "tests/unit/proofs_lab.h"

#include "tests/unit/canned.h"

#define ROUND 250 /* crashes of one journal: a day's cap of messages holds for it */

enum fault {
    KILL_AT,         /* the failpoint `name`, armed at the start … */
    KILL_AT_LATER,   /* … when the gateway has the request … */
    KILL_AT_LAST,    /* … when the receipt is asked for */
    KILL_ON_REQUEST, /* the gateway has it, nothing is answered */
    KILL_ON_REPLY,   /* it has been answered */
    KILL_ON_RECEIPT, /* the receipt is asked for */
    CUT_SILENT,      /* taken, never answered */
    CUT_RESET,       /* taken, connection broken */
    CUT_REFUSED,     /* no gateway there */
    CUT_BUSY,        /* 429 twice, then taken */
    CUT_GARBAGE      /* taken, half an answer */
};
static const struct way {
    enum fault fault;
    const char *name;
} ways[] = {
    {KILL_AT, "proof.intent"},
    {KILL_AT, "journal.append"},
    {KILL_AT, "store.inserted"},
    {KILL_AT, "store.before_commit"},
    {KILL_AT, "store.after_commit"},
    {KILL_AT, "proof.intended"},
    {KILL_AT, "proof.sending"},
    {KILL_AT, "proof.sent"},
    {KILL_AT, "proof.ended"},
    {KILL_AT_LATER, "journal.append"},
    {KILL_AT_LATER, "store.inserted"},
    {KILL_AT_LATER, "store.before_commit"},
    {KILL_AT_LATER, "store.after_commit"},
    {KILL_AT_LAST, "journal.append"},
    {KILL_AT_LAST, "store.inserted"},
    {KILL_AT_LAST, "store.before_commit"},
    {KILL_AT_LAST, "store.after_commit"},
    {KILL_ON_REQUEST, NULL},
    {KILL_ON_REPLY, NULL},
    {KILL_ON_RECEIPT, NULL},
    {CUT_SILENT, NULL},
    {CUT_RESET, NULL},
    {CUT_REFUSED, NULL},
    {CUT_BUSY, NULL},
    {CUT_GARBAGE, NULL},
};
#define N_WAYS (sizeof ways / sizeof ways[0])

struct taken {
    char key[PROOF_KEY_LEN + 1];
    int n;
};
struct gateway {
    struct loop *loop;
    struct canned server;
    const struct way *way; /* NULL: all is well */
    pid_t child;
    int busy; /* answers of 429 that are left */
    char arm[300], whole[512];
    struct taken *taken;
    size_t n_taken, cap_taken;
    int n_kills, n_cuts, status;
};

/* --- the child: what an engine is, as far as such a message goes ---------------------------- */

static int child(const char *path, const char *port, int messages)
{
    struct lab *lab = lab_new(false);
    struct proofs_lab p = {0};
    char json[600];
    snprintf(p.path, sizeof p.path, "%s", path);
    proofs_lab_start(&p, lab);
    snprintf(
        json, sizeof json,
        "{\"url\":\"http://127.0.0.1:%s/send\",\"to\":\"0912345678\",\"deadline\":\"1500ms\","
        "\"late\":\"0s\",\"daily\":1440,\"receipt\":{\"url\":\"http://127.0.0.1:%s/r?k={key}\","
        "\"delivered\":{\"/status\":\"ok\"},\"every\":\"200ms\"}}",
        port, port);
    for (int i = 0; i < messages; i++)
        lab_probe_text(lab, "sms", json, 300);
    proofs_lab_stop(&p, lab);
    lab_free(lab);
    return 0;
}

/* --- the gateway ---------------------------------------------------------------------------- */

static struct taken *taken_of(struct gateway *g, const char *key)
{
    for (size_t i = 0; i < g->n_taken; i++)
        if (strncmp(g->taken[i].key, key, PROOF_KEY_LEN) == 0)
            return &g->taken[i];
    return NULL;
}

static void take(struct gateway *g, const char *key)
{
    struct taken *t = taken_of(g, key);
    if (t == NULL) {
        MEM_ROOM(g->taken, g->n_taken, g->cap_taken);
        t = &g->taken[g->n_taken++];
        *t = (struct taken){.n = 0};
        memcpy(t->key, key, PROOF_KEY_LEN);
    }
    t->n++;
}

static const char *reply(struct gateway *g, const char *status, const char *body)
{
    snprintf(g->whole, sizeof g->whole, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status,
             strlen(body), body);
    return g->whole;
}

static bool is_way(const struct gateway *g, enum fault fault)
{
    return g->way != NULL && g->way->fault == fault;
}

static void arm(struct gateway *g)
{
    FILE *f = fopen(g->arm, "w");
    assert_non_null(f);
    fclose(f);
}

static const char *answer_receipt(struct gateway *g, const char *request)
{
    if (is_way(g, KILL_ON_RECEIPT)) {
        kill(g->child, SIGKILL);
        return CANNED_SILENT;
    }
    if (is_way(g, KILL_AT_LAST))
        arm(g);
    return taken_of(g, request + strlen("GET /r?k=")) != NULL
               ? reply(g, "200 OK", "{\"status\":\"ok\"}")
               : reply(g, "404 Not Found", "");
}

static const char *answer(void *arg, const char *request)
{
    struct gateway *g = arg;
    if (strstr(request, "\r\n\r\n") == NULL)
        return NULL;
    if (strncmp(request, "GET /r", 6) == 0)
        return answer_receipt(g, request);
    const char *at = strstr(request, "text=trucban%20");
    assert_non_null(at);
    if (is_way(g, CUT_BUSY) && g->busy-- > 0)
        return reply(g, "429 Too Many", "slow down");
    take(g, at + strlen("text=trucban%20"));
    if (is_way(g, KILL_AT_LATER))
        arm(g);
    if (is_way(g, KILL_ON_REQUEST))
        kill(g->child, SIGKILL);
    if (is_way(g, CUT_SILENT) || is_way(g, KILL_ON_REQUEST))
        return CANNED_SILENT;
    if (is_way(g, CUT_RESET))
        return CANNED_RESET;
    if (is_way(g, CUT_GARBAGE))
        return "HTTP/1.1 202 Acc";
    return reply(g, "202 Accepted", "0: Accepted for delivery");
}

/* --- one life of the child ------------------------------------------------------------------ */

static void look_after(void *arg)
{
    struct gateway *g = arg;
    if (is_way(g, KILL_ON_REPLY) && g->n_taken > 0)
        kill(g->child, SIGKILL); /* some milliseconds after its answer, or before */
    if (waitpid(g->child, &g->status, WNOHANG) == g->child)
        loop_stop(g->loop);
}

static void live(struct gateway *g, const char *path, int messages)
{
    char port[12], n[12], fp[400], self[400];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(len > 0);
    self[len] = '\0';
    unlink(g->arm);
    g->busy = 1;
    snprintf(port, sizeof port, "%d", is_way(g, CUT_REFUSED) ? 1 : g->server.port);
    snprintf(n, sizeof n, "%d", messages);
    snprintf(fp, sizeof fp, "%s:kill9@%s", g->way != NULL && g->way->name ? g->way->name : "none",
             g->arm);
    if (is_way(g, KILL_AT))
        arm(g);
    g->child = fork();
    if (g->child == 0) {
        setenv("FP", fp, 1);
        execl(self, self, "--child", path, port, n, (char *)NULL);
        _exit(127);
    }
    struct loop_timer *t = loop_timer_new(g->loop, look_after, g);
    loop_timer_set(t, is_way(g, KILL_ON_REPLY) ? 150 : 3, 3);
    loop_run(g->loop);
    loop_timer_free(t);
    if (WIFSIGNALED(g->status))
        g->n_kills++;
    else if (WEXITSTATUS(g->status) != 0)
        fail_msg("the child ended with %d", WEXITSTATUS(g->status));
    else if (g->way != NULL && g->way->fault >= CUT_SILENT)
        g->n_cuts++;
}

/* --- the sum --------------------------------------------------------------------------------- */

struct sum {
    size_t intents, taken, arrived, lost, unknown, refused, doubled, unaccounted;
};

static void add_up(struct gateway *g, const char *path, struct sum *s)
{
    struct lab *lab = lab_new(false);
    struct proofs_lab p = {0};
    snprintf(p.path, sizeof p.path, "%s", path);
    proofs_lab_start(&p, lab);
    const struct proof_log *l = proof_log_of(p.fleet, "t/c");
    assert_non_null(l);
    s->intents += l->n;
    s->taken += g->n_taken;
    for (size_t i = 0; i < l->n; i++) {
        const struct taken *t = taken_of(g, l->v[i].key);
        s->arrived += l->v[i].phase == PROOF_ARRIVED;
        s->lost += l->v[i].phase == PROOF_LOST;
        s->unknown += l->v[i].phase == PROOF_UNKNOWN;
        s->refused += l->v[i].phase == PROOF_REFUSED;
        /* said to have arrived or to be refused, and the gateway says the contrary; or no end */
        s->unaccounted += (l->v[i].phase == PROOF_ARRIVED && t == NULL) ||
                          (l->v[i].phase == PROOF_REFUSED && t != NULL) ||
                          !proof_is_over(l->v[i].phase);
    }
    for (size_t i = 0; i < g->n_taken; i++) {
        s->doubled += g->taken[i].n > 1;
        s->unaccounted += proof_find(l, g->taken[i].key) == NULL;
    }
    proofs_lab_stop(&p, lab);
    lab_free(lab);
}

static void round_of(struct gateway *g, int crashes, struct sum *s)
{
    struct scratch tmp;
    char path[300];
    int until = g->n_kills + g->n_cuts + crashes;
    scratch_make(&tmp);
    scratch_path(&tmp, "t.db", path);
    scratch_path(&tmp, "arm", g->arm);
    g->n_taken = 0;
    g->way = NULL;
    live(g, path, 1); /* the store is made in peace */
    for (size_t i = 0; g->n_kills + g->n_cuts < until; i++) {
        g->way = &ways[i % N_WAYS];
        live(g, path, g->way->fault >= CUT_SILENT ? 1 : 2);
    }
    g->way = NULL;
    live(g, path, 2); /* whatever is under way comes to its end */
    add_up(g, path, s);
    scratch_remove(&tmp);
}

static void no_key_twice_and_none_lost(void **state)
{
    (void)state;
    const char *wanted = getenv("PROOF_CRASHES");
    int left = wanted != NULL ? (int)strtol(wanted, NULL, 10) : 2 * (int)N_WAYS;
    struct gateway g = {.loop = loop_new(NULL)};
    struct sum s = {0};
    canned_open(&g.server, g.loop, "127.0.0.1", answer, &g);
    for (; left > 0; left -= ROUND)
        round_of(&g, left < ROUND ? left : ROUND, &s);
    printf("%d crashes, %d cuts: %zu intents, %zu taken by the gateway, %zu arrived, %zu lost, "
           "%zu unknown, %zu refused; %zu doubled, %zu unaccounted for\n",
           g.n_kills, g.n_cuts, s.intents, s.taken, s.arrived, s.lost, s.unknown, s.refused,
           s.doubled, s.unaccounted);
    assert_int_equal(s.doubled, 0);
    assert_int_equal(s.unaccounted, 0);
    assert_true(s.taken > 10 && s.arrived > 10 && g.n_kills > g.n_cuts);
    canned_close(&g.server);
    loop_free(g.loop);
    free(g.taken);
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "--child") == 0)
        return child(argv[2], argv[3], (int)strtol(argv[4], NULL, 10));
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_key_twice_and_none_lost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
