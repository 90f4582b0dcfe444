#include "engine/sim_world.h"

#include <string.h>

#include "engine/sim_body.h"

enum { LINE_BYTES_MAX = 1000 };

void sim_world_init(struct sim_world *w, const struct fleet *f, const struct sim_scenario *s)
{
    *w = (struct sim_world){.fleet = f, .scenario = s};
    w->patroni = sim_patroni_new(f);
    w->haproxy = sim_haproxy_new(f);
    w->flow = sim_flow_new(f);
}

void sim_world_release(struct sim_world *w)
{
    sim_patroni_free(w->patroni);
    sim_haproxy_free(w->haproxy);
    sim_flow_free(w->flow);
    *w = (struct sim_world){0};
}

void sim_world_tick(struct sim_world *w, int64_t at_ms)
{
    sim_patroni_tick(w->patroni, w->scenario, at_ms);
    sim_haproxy_tick(w->haproxy, w->scenario, at_ms);
}

static bool is_mail(const struct target *t)
{
    for (size_t i = 0; i < t->n_checks; i++)
        if (t->checks[i]->probe != NULL && strcmp(t->checks[i]->probe, "smtp") == 0)
            return true;
    return false;
}

bool sim_world_greet(const struct sim_world *w, const struct target *t, const struct sim_moment *at,
                     struct sim_turn *turn)
{
    (void)w;
    if (!is_mail(t))
        return false;
    sim_smtp_greet(t->id, &at->now, turn->out, &turn->is_kept);
    return true;
}

/* The first line without its end; false: it is not whole yet, or too long (*took says which). */
static bool first_line(const char *bytes, size_t len, char line[LINE_BYTES_MAX + 1],
                       struct sim_turn *turn, enum sim_took *took)
{
    const char *end = len > 0 ? memchr(bytes, '\n', len) : NULL;
    size_t line_len = end != NULL ? (size_t)(end - bytes) : len;
    *took = line_len > LINE_BYTES_MAX ? SIM_TOOK_BAD : SIM_TOOK_NOTHING;
    if (end == NULL || line_len > LINE_BYTES_MAX)
        return false;
    turn->used = line_len + 1;
    line_len -= line_len > 0 && bytes[line_len - 1] == '\r';
    memcpy(line, bytes, line_len);
    line[line_len] = '\0';
    return true;
}

static enum sim_took take_http(struct sim_world *w, const struct target *t, const char *bytes,
                               size_t len, const struct sim_moment *at, struct sim_turn *turn)
{
    struct sim_request request;
    enum sim_request_kind kind = sim_request_parse(bytes, len, &request);
    if (kind != SIM_REQUEST_WHOLE)
        return kind == SIM_REQUEST_BAD ? SIM_TOOK_BAD : SIM_TOOK_NOTHING;
    struct sim_ask ask = {.fleet = w->fleet,
                          .scenario = w->scenario,
                          .target = t,
                          .request = &request,
                          .port = w->port,
                          .at_ms = at->at_ms,
                          .wall_ms = at->wall_ms,
                          .now = at->now};
    if (!sim_patroni_answer(w->patroni, turn->out, &ask, &turn->delay_ms) &&
        !sim_flow_answer(w->flow, turn->out, &ask))
        sim_answer(turn->out, &ask);
    turn->used = request.len;
    turn->is_kept = request.is_kept;
    return SIM_TOOK_ALL;
}

/* Of a message all lines that are there: they are one turn. */
static void take_mail(struct sim_world *w, const struct target *t, const char *bytes, size_t len,
                      char line[LINE_BYTES_MAX + 1], struct sim_turn *turn)
{
    size_t used = 0;
    enum sim_took took;
    do {
        used += turn->used;
        sim_smtp_line(t->id, turn->mail, &w->mailbox, line, turn->out, &turn->is_kept);
    } while (turn->mail->is_message && turn->out->len == 0 &&
             first_line(bytes + used, len - used, line, turn, &took));
    turn->used = used;
}

enum sim_took sim_world_take(struct sim_world *w, const struct target *t, const char *bytes,
                             size_t len, const struct sim_moment *at, struct sim_turn *turn)
{
    char line[LINE_BYTES_MAX + 1];
    enum sim_took took;
    bool is_balancer = sim_haproxy_is_balancer(w->haproxy, t), is_mail_server = is_mail(t);
    if (!is_balancer && !is_mail_server)
        return take_http(w, t, bytes, len, at, turn);
    if (!first_line(bytes, len, line, turn, &took))
        return took;
    if (is_mail_server) {
        take_mail(w, t, bytes, len, line, turn);
        return SIM_TOOK_ALL;
    }
    if (strstr(line, " HTTP/1.") != NULL)
        return take_http(w, t, bytes, len, at, turn);
    turn->is_kept = false;
    sim_haproxy_command(w->haproxy, t, line, at->at_ms, turn->out);
    return SIM_TOOK_ALL;
}
