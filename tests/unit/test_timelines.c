/* Alerts as plain files: tests/timelines/NAME.in is a small site and what happens to it, NAME.out
 * which events come of that and how the alerts then stand.  The engine's loop, without an engine:
 * results are applied, time is looked at every second, core/alert.h decides, events are folded.
 *
 *   # the sentence that the file holds
 *   target far parents=rt-1|rt-2 [env=test]
 *   check far/http [host] [probe=icmp] [priority=P1 interval=30s retry=10s timeout=5s attempts=3
 *                   ok_confirm=2 freshness=1m]
 *   policy ops [match=srv*] priority=P2 l1=0s l2=10m l3=never ack=15m repeat=15m [tiered]
 *
 *   receiver duty levels=12 [recoveries] [cap=10] [watchdog=1m]   who is told what those levels are
 * told
 *
 *   5s far/http CRITICAL [started=2s]   a result, five seconds after the beginning; UNKNOWN self: a
 *                                      fault of our own
 *   +10s far/http answers CRITICAL     ten seconds later; from now on at each poll (or: nothing)
 *   +1m wait                            time passes, second by second
 *   +0s lan/l1 ack 1 for=2h: on it      also unack extend take escalate(level=3) note; 1,2: each
 *   +0s lan/l2 silence far* for=2h: why also maintenance assessment; #1: of alert 1; from=+5m
 *                                      every=Sun_02:00-04:00;daily_22:00-23:30, in Hanoi's time
 *   +0s minh/lead end 1, approve 1      a period
 *   +0s asleep 10m                      the process is stopped; both clocks go on
 *   +0s clock -1h                       the wall clock is moved
 *   +0s restart 5m                      away for so long; the journal and the flap rings stay
 *   +0s duty fails                      from now on no notice to that receiver arrives; or: works
 *   +0s gone far/http                   another site file, without that check
 *   +0s show                            every alert that fires
 *
 * TIMELINES_WRITE=1 writes the .out files instead of comparing (then read the diff). */
#include "tests/unit/pairs.h"
#include "tests/unit/timeline.h"

#define PAIRS_MIN 110

/* The value of "key=value"; NULL where word is another. */
static const char *value_of(const char *word, const char *key)
{
    size_t len = strlen(key);
    return strncmp(word, key, len) == 0 && word[len] == '=' ? word + len + 1 : NULL;
}

/* --- the head ----------------------------------------------------------------------------- */

static void read_target(struct play *p, char *words)
{
    struct target *t = fleet_add_target(p->f, strtok(words, " "));
    t->link = LINK_DONE;
    for (char *w; (w = strtok(NULL, " ")) != NULL;) {
        const char *v;
        if ((v = value_of(w, "parents")) != NULL) {
            t->parents = mem_grow(t->parents, t->n_parents + 1, sizeof *t->parents);
            t->parents[t->n_parents++] = mem_strdup(v);
        } else if ((v = value_of(w, "env")) != NULL) {
            t->is_test = strcmp(v, "test") == 0;
        } else {
            WRONG(p, "unknown word \"%s\" of a target\n", w);
        }
    }
}

static void set_rule(struct play *p, struct check *c, const char *w)
{
    const char *v;
    if ((v = value_of(w, "interval")) != NULL)
        c->rule.interval_ms = duration(p, v);
    else if ((v = value_of(w, "retry")) != NULL)
        c->rule.retry_ms = duration(p, v);
    else if ((v = value_of(w, "timeout")) != NULL)
        c->rule.timeout_ms = duration(p, v);
    else if ((v = value_of(w, "freshness")) != NULL)
        c->rule.freshness_ms = duration(p, v);
    else if ((v = value_of(w, "attempts")) != NULL)
        c->rule.attempts = atoi(v);
    else if ((v = value_of(w, "ok_confirm")) != NULL)
        c->rule.ok_confirm = atoi(v);
    else
        WRONG(p, "unknown word \"%s\" of a check\n", w);
}

static void read_check(struct play *p, char *words)
{
    char *id = strtok(words, " "), *slash = strchr(id, '/');
    assert_non_null(slash);
    *slash = '\0';
    struct target *t = fleet_add_target(p->f, id);
    struct check *c = fleet_add_check(p->f, t, slash + 1);
    t->link = LINK_DONE;
    c->priority = PRIORITY_P2;
    c->rule = (struct rule_config){.interval_ms = 30000,
                                   .retry_ms = 10000,
                                   .timeout_ms = 5000,
                                   .attempts = 3,
                                   .ok_confirm = 2};
    for (char *w; (w = strtok(NULL, " ")) != NULL;) {
        const char *v;
        if (strcmp(w, "host") == 0)
            c->is_host = true;
        else if ((v = value_of(w, "probe")) != NULL)
            mem_set(&c->probe, v);
        else if ((v = value_of(w, "priority")) != NULL)
            assert_true(priority_parse(v, &c->priority));
        else
            set_rule(p, c, w);
    }
}

static void read_policy(struct play *p, char *words)
{
    struct policy to = {.id = mem_strdup(strtok(words, " ")), .repeat_ms = POLICY_NEVER};
    to.ack_within_ms = to.to_ms[0] = to.to_ms[1] = to.to_ms[2] = POLICY_NEVER;
    for (char *w; (w = strtok(NULL, " ")) != NULL;) {
        const char *v;
        char *refusal = NULL;
        if (strcmp(w, "tiered") == 0)
            to.is_tiered = true;
        else if ((v = value_of(w, "match")) != NULL)
            assert_non_null(to.match = matcher_parse(v, &refusal));
        else if ((v = value_of(w, "priority")) != NULL)
            assert_true(priority_parse(v, &to.priority));
        else if ((v = value_of(w, "ack")) != NULL)
            to.ack_within_ms = duration(p, v);
        else if ((v = value_of(w, "repeat")) != NULL)
            to.repeat_ms = duration(p, v);
        else if (w[0] == 'l' && w[1] >= '1' && w[1] <= '3' && w[2] == '=')
            to.to_ms[w[1] - '1'] = duration(p, w + 3);
        else
            WRONG(p, "unknown word \"%s\" of a policy\n", w);
    }
    p->f->policies = mem_grow(p->f->policies, p->f->n_policies + 1, sizeof to);
    p->f->policies[p->f->n_policies++] = to;
}

static void read_receiver(struct play *p, char *words)
{
    struct receiver *r = mem_alloc(sizeof *r);
    *r = (struct receiver){.id = mem_strdup(strtok(words, " ")),
                           .priorities = ~0u,
                           .group_ms = -1,
                           .cap_ms = RECEIVER_SMS_CAP_MS};
    for (char *w; (w = strtok(NULL, " ")) != NULL;) {
        const char *v;
        if (strcmp(w, "recoveries") == 0)
            r->wants_recoveries = true;
        else if ((v = value_of(w, "cap")) != NULL)
            r->cap = atoi(v);
        else if ((v = value_of(w, "watchdog")) != NULL)
            r->every_ms = duration(p, v);
        else if ((v = value_of(w, "levels")) != NULL)
            for (; *v >= '1' && *v <= '3'; v++)
                r->levels |= RECEIVER_LEVEL(*v - '0');
        else
            WRONG(p, "unknown word \"%s\" of a receiver\n", w);
    }
    p->desks = mem_grow(p->desks, p->n_desks + 1, sizeof *p->desks);
    p->desks[p->n_desks++] = (struct desk){r, outbox_new(r), false};
}

/* True if the line belongs to the head. */
static bool read_head(struct play *p, const char *line)
{
    char *words = mem_strdup(line), *rest = strchr(words, ' ');
    bool is_head = true;
    if (strncmp(words, "target ", 7) == 0)
        read_target(p, rest + 1);
    else if (strncmp(words, "check ", 6) == 0)
        read_check(p, rest + 1);
    else if (strncmp(words, "policy ", 7) == 0)
        read_policy(p, rest + 1);
    else if (strncmp(words, "receiver ", 9) == 0)
        read_receiver(p, rest + 1);
    else
        is_head = false;
    free(words);
    return is_head;
}

/* --- a restart ---------------------------------------------------------------------------- */

static void read_site(struct play *p)
{
    char *lines = mem_strdup(p->site), *save = NULL;
    for (char *l = strtok_r(lines, "\n", &save); l != NULL; l = strtok_r(NULL, "\n", &save))
        assert_true(read_head(p, l));
    free(lines);
    fleet_link(p->f);
}

static void restart(struct play *p, int64_t away_ms)
{
    struct fleet *old = p->f;
    p->f = fleet_new();
    desks_free(p);
    read_site(p);
    p->now_ms += away_ms;
    p->started_ms = p->now_ms;
    for (size_t i = 0; i < p->n_log; i++)
        fleet_fold(p->f, &p->log[i]);
    for (size_t i = 0; i < p->f->n_checks; i++)
        p->f->checks[i]->flap = fleet_check(old, p->f->checks[i]->id)->flap;
    for (size_t i = 0; i < p->f->n_alerts; i++)
        alert_anchor(p->f, p->f->alerts[i], now_is(p));
    for (size_t i = 0; i < p->n_polls; i++)
        p->polls[i].due_ms = p->now_ms + 1000 * (int64_t)(i + 1);
    fleet_free(old);
    decide(p);
}

/* Another site file, which leaves one check out. */
static void leave_out(struct play *p, const char *check)
{
    struct buf kept = BUF_INIT(0), head = BUF_INIT(0);
    buf_addf(&head, "check %s", check);
    for (const char *l = p->site; *l != '\0'; l = strchr(l, '\n') + 1)
        if (strncmp(l, buf_text(&head), head.len) != 0 || strchr(" \n", l[head.len]) == NULL)
            buf_add(&kept, l, strcspn(l, "\n") + 1);
    buf_release(&head);
    free(p->site);
    p->site = buf_take(&kept);
    restart(p, 0);
}

/* --- what operators ask ------------------------------------------------------------------- */

static void tell_refusal(struct play *p, char *refusal)
{
    tell_time(p, "refused: ");
    say_text(&p->out, refusal, NULL);
    buf_addc(&p->out, '\n');
    free(refusal);
}

static void ask_about_alerts(struct play *p, struct request *q, const char *list)
{
    struct ids ids = {0};
    struct err e;
    assert_true(ids_read(list, &ids, &e));
    for (size_t i = 0; i < ids.n; i++) {
        struct event out;
        char *refusal;
        q->alert = ids.v[i];
        if (!alert_decide(p->f, q, now_is(p), &out, &refusal))
            tell_refusal(p, refusal);
        else if (out.kind != EVENT_KIND_COUNT)
            commit(p, &out);
    }
    ids_release(&ids);
}

static void ask_about_period(struct play *p, struct period_request *q)
{
    struct event out;
    char *refusal;
    if (!period_decide(p->f, q, now_is(p).wall_ms, &out, &refusal))
        tell_refusal(p, refusal);
    else if (out.kind != EVENT_KIND_COUNT)
        commit(p, &out);
}

struct asked { /* of a request: "for=2h", "level=3", "seen=12" … */
    int64_t for_ms, from_ms;
    const char *every;
    int level;
    int64_t version;
};

/* "every=daily_22:00-23:30" */
static const char *with_blanks(char *w)
{
    for (char *blank; (blank = strchr(w, '_')) != NULL;)
        *blank = ' ';
    return w;
}

static struct asked read_words(struct play *p)
{
    struct asked to = {0};
    for (char *w; (w = strtok(NULL, " ")) != NULL;) {
        const char *v;
        if ((v = value_of(w, "for")) != NULL)
            to.for_ms = duration(p, v);
        else if ((v = value_of(w, "from")) != NULL)
            to.from_ms = now_is(p).wall_ms + duration(p, v + (v[0] == '+'));
        else if ((v = value_of(w, "every")) != NULL)
            to.every = with_blanks(w) + (v - w);
        else if ((v = value_of(w, "level")) != NULL)
            to.level = atoi(v);
        else if ((v = value_of(w, "version")) != NULL)
            to.version = atoll(v);
        else
            WRONG(p, "unknown word \"%s\" of a request\n", w);
    }
    return to;
}

static bool ask_period(struct play *p, const char *verb, const char *about, struct asked *w,
                       enum duty_role role, const struct actor *actor, const char *text)
{
    struct period_request q = {.act = PERIOD_CREATE, .role = role, .actor = actor, .text = text};
    bool is_end = strcmp(verb, "end") == 0, is_approval = strcmp(verb, "approve") == 0;
    int kind = 0;
    while (kind < PERIOD_KIND_COUNT && strcmp(period_kind_names[kind], verb) != 0)
        kind++;
    if (kind == PERIOD_KIND_COUNT && !is_end && !is_approval)
        return false;
    if (is_end || is_approval) {
        q.act = is_end ? PERIOD_END : PERIOD_APPROVE;
        q.period = strtoull(about, NULL, 10);
    } else {
        q.kind = (enum period_kind)kind;
        q.alert = about[0] == '#' ? strtoull(about + 1, NULL, 10) : 0;
        q.match = about[0] == '#' ? NULL : about;
        q.for_ms = w->for_ms;
        q.from_ms = w->from_ms;
        q.every = w->every;
    }
    ask_about_period(p, &q);
    return true;
}

/* "lan/l1 ack 1 for=2h: looking into it" */
static void ask(struct play *p, char *line)
{
    char *text = strstr(line, ": "), *login = strtok(line, " "), *as = strchr(login, '/');
    enum duty_role role;
    int kind = 0;
    if (text != NULL)
        *text = '\0';
    *as++ = '\0';
    if (!duty_parse(as, &role))
        WRONG(p, "unknown role \"%s\"\n", as);
    const char *verb = strtok(NULL, " "), *about = strtok(NULL, " ");
    struct asked w = read_words(p);
    struct actor actor = {login, 1000, (char *)""};
    const char *say = text != NULL ? text + 2 : "";
    tell_time(p, login);
    buf_addf(&p->out, " asks: %s %s\n", verb, about);
    if (!ask_period(p, verb, about, &w, role, &actor, say)) {
        while (kind < REQUEST_KIND_COUNT && strcmp(request_rows[kind].name, verb) != 0)
            kind++;
        if (kind == REQUEST_KIND_COUNT)
            WRONG(p, "unknown request \"%s\"\n", verb);
        struct request q = {.kind = (enum request_kind)kind,
                            .role_level = duty_rows[role].level,
                            .level = w.level,
                            .version = w.version,
                            .text = say,
                            .until_ms = w.for_ms != 0 ? now_is(p).wall_ms + w.for_ms : 0,
                            .actor = &actor};
        ask_about_alerts(p, &q, about);
    }
    decide(p);
}

/* --- lines -------------------------------------------------------------------------------- */

static void play_check(struct play *p, struct check *c, char *words)
{
    char first[24] = "", other[24] = "", *started = strstr(words, "started=");
    bool is_self = strstr(words, " self") != NULL;
    sscanf(words, "%23s %23s", first, other);
    enum state s = STATE_UNKNOWN;
    bool is_answer = strcmp(first, "answers") == 0, is_nothing = strcmp(other, "nothing") == 0;
    if (!is_nothing && !state_parse(is_answer ? other : first, &s))
        WRONG(p, "no state in \"%s\"\n", words);
    if (is_answer) {
        struct poll *q = poll_of(p, c->id);
        q->answer = s;
        q->is_self = is_self;
        q->is_asked = !is_nothing;
        if (q->due_ms < p->now_ms)
            q->due_ms = p->now_ms;
        second(p);
        return;
    }
    take_result(p, c, s, is_self,
                started != NULL ? duration(p, started + strlen("started=")) : p->now_ms);
}

static struct desk *find_desk(struct play *p, const char *id)
{
    for (size_t i = 0; i < p->n_desks; i++)
        if (strcmp(p->desks[i].receiver->id, id) == 0)
            return &p->desks[i];
    return NULL;
}

static void play_event(struct play *p, char *words)
{
    char *rest = words + strcspn(words, " ");
    size_t len = (size_t)(rest - words);
    char *first = mem_strndup(words, len);
    struct check *c = fleet_check(p->f, first);
    rest += *rest != '\0';
    struct desk *d = find_desk(p, first);
    if (c != NULL) {
        play_check(p, c, rest);
    } else if (d != NULL) {
        d->is_failing = strcmp(rest, "fails") == 0;
    } else if (strcmp(first, "show") == 0) {
        tell_all(p);
    } else if (strcmp(first, "gone") == 0) {
        tell_time(p, "gone ");
        buf_addf(&p->out, "%s\n", rest);
        leave_out(p, rest);
    } else if (strcmp(first, "asleep") == 0) {
        p->now_ms += duration(p, rest);
        for (size_t i = 0; i < p->n_polls; i++) /* spread, as the scheduler does */
            p->polls[i].due_ms = p->now_ms + 1000 * (int64_t)(i + 1);
        second(p);
    } else if (strcmp(first, "clock") == 0) {
        p->moved_ms += rest[0] == '-' ? -duration(p, rest + 1) : duration(p, rest + 1);
        second(p);
    } else if (strcmp(first, "restart") == 0) {
        tell_time(p, "restart\n");
        restart(p, duration(p, rest));
    } else if (strcmp(first, "wait") != 0) {
        ask(p, words);
    }
    free(first);
}

static void play_line(struct play *p, char *line)
{
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '#' || line[0] == '\0')
        return;
    if (read_head(p, line)) {
        struct buf b = BUF_INIT(0);
        buf_addf(&b, "%s%s\n", p->site != NULL ? p->site : "", line);
        free(p->site);
        p->site = buf_take(&b);
        fleet_link(p->f);
        return;
    }
    char *words = strchr(line, ' ');
    if (words == NULL)
        WRONG(p, "cannot read \"%s\"\n", line);
    *words++ = '\0';
    pass_until(p, line[0] == '+' ? p->now_ms + duration(p, line + 1) : duration(p, line));
    play_event(p, words);
}

static char *play_file(const char *path)
{
    struct play p = {
        .f = fleet_new(), .started_ms = -WHEN_HOUR_MS, .out = BUF_INIT(0), .path = path};
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    char line[512];
    while (fgets(line, sizeof line, in) != NULL) {
        p.line++;
        play_line(&p, line);
    }
    fclose(in);
    for (size_t i = 0; i < p.n_log; i++)
        event_release(&p.log[i]);
    for (size_t i = 0; i < p.n_polls; i++)
        free(p.polls[i].check);
    free(p.log);
    free(p.polls);
    free(p.site);
    desks_free(&p);
    fleet_free(p.f);
    return buf_take(&p.out);
}

static void test_every_pair(void **state)
{
    (void)state;
    pairs_test(&(struct pairs){"timelines", PAIRS_MIN, "TIMELINES_WRITE", play_file});
}

int main(void)
{
    setenv("TZ", "Asia/Ho_Chi_Minh", 1);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_pair)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
