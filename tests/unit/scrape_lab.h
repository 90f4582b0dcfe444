/* scrape_lab.h - for tests of kinds that read one reply for many checks: a server that answers what
 * the test says, a site, the real scheduler. */
#ifndef TESTS_SCRAPE_LAB_H
#define TESTS_SCRAPE_LAB_H

#include "core/fleet.h"
#include "core/say.h"
#include "core/text.h"
#include "engine/probe.h"
#include "engine/scheduler.h"
#include "engine/site.h"
#include "tests/unit/canned.h"
#include "tests/unit/scratch.h"

struct field {
    struct scratch dir;
    struct loop *loop;
    struct canned server;
    struct probe_env env;
    struct site *site;
    struct scheduler *scheduler;
    struct buf reply, asked; /* asked: the last request */
};

static inline const char *field_answer(void *arg, const char *request)
{
    struct field *f = arg;
    const char *end = strstr(request, "\r\n\r\n"), *length = strstr(request, "Content-Length: ");
    if (end == NULL || (length != NULL && strlen(end + 4) < strtoul(length + 16, NULL, 10)))
        return NULL;
    buf_clear(&f->asked);
    buf_adds(&f->asked, request);
    return buf_text(&f->reply);
}

/* The text with the server's port for each "PORT". */
static inline struct site *field_load(struct field *f, const char *text, struct site_errors *errors)
{
    char path[300];
    FILE *file = fopen(scratch_path(&f->dir, "site.json", path), "w");
    for (const char *p = text; *p != '\0'; p++) {
        if (strncmp(p, "PORT", 4) == 0) {
            fprintf(file, "%d", f->server.port);
            p += 3;
        } else {
            fputc(*p, file);
        }
    }
    fclose(file);
    return site_load(path, NULL, errors);
}

static inline void field_open(struct field *f, const char *text)
{
    struct site_errors errors = {0};
    f->site = field_load(f, text, &errors);
    site_errors_print(&errors, stderr);
    assert_non_null(f->site);
}

static inline void field_refuses(struct field *f, const char *text, const char *words)
{
    struct site_errors errors = {0};
    assert_null(field_load(f, text, &errors));
    assert_int_equal(errors.n, 1);
    assert_string_equal(errors.v[0].what, words);
    site_errors_release(&errors);
}

static inline void field_on_result(void *arg, struct check *c, const struct result *r)
{
    struct field *f = arg;
    fleet_apply_result(f->site->fleet, c, r, loop_mono_ms(f->loop));
    loop_stop(f->loop);
}

static inline int field_setup(void **state)
{
    struct field *f = mem_alloc(sizeof *f);
    struct err e;
    scratch_make(&f->dir);
    f->loop = loop_new(NULL);
    canned_open(&f->server, f->loop, "127.0.0.1", field_answer, f);
    assert_true(probe_env_open(&f->env, f->loop, &e));
    *state = f;
    return 0;
}

static inline int field_teardown(void **state)
{
    struct field *f = *state;
    scheduler_free(f->scheduler);
    probe_env_close(&f->env);
    canned_close(&f->server);
    site_free(f->site);
    loop_free(f->loop);
    scratch_remove(&f->dir);
    buf_release(&f->reply);
    buf_release(&f->asked);
    free(f);
    return 0;
}

/* The check looks once, and is answered so. */
static inline void field_look(struct field *f, const char *check, const char *status,
                              const char *body)
{
    struct err e;
    buf_clear(&f->reply);
    buf_addf(&f->reply, "HTTP/1.0 %s\r\nContent-Length: %zu\r\n\r\n", status, strlen(body));
    buf_adds(&f->reply, body);
    if (f->scheduler == NULL) {
        f->env.fleet = f->site->fleet;
        f->scheduler = scheduler_new(&f->env, f->site->specs, field_on_result, f);
        scheduler_start_once(f->scheduler);
    }
    if (!scheduler_run_now(f->scheduler, fleet_check(f->site->fleet, check), &e))
        fail_msg("%s", e.text);
    loop_run(f->loop);
}

static inline void field_expect(const struct field *f, const char *id, enum state state,
                                const char *words)
{
    struct buf text = BUF_INIT(TEXT_MAX_STORED);
    const struct check *c = fleet_check(f->site->fleet, id);
    if (c->summary != NULL)
        say_text(&text, c->summary, NULL);
    if (c->live.state != state || strcmp(buf_text(&text), words) != 0)
        fail_msg("%s: found %s \"%s\", expected %s \"%s\"", id, state_rows[c->live.state].name,
                 buf_text(&text), state_rows[state].name, words);
    buf_release(&text);
}

static inline const char *field_fact(const struct field *f, const char *id, const char *key)
{
    const struct check *c = fleet_check(f->site->fleet, id);
    const char *value = fact_value(c->facts, c->n_facts, key);
    return value != NULL ? value : "";
}

/* -1 where there is none. */
static inline double field_metric(const struct field *f, const char *id, const char *name)
{
    const struct check *c = fleet_check(f->site->fleet, id);
    for (size_t i = 0; i < c->n_metrics; i++)
        if (strcmp(c->metrics[i].name, name) == 0)
            return c->metrics[i].value;
    return -1;
}

#endif
