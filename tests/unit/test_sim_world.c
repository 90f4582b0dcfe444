/* The peers that the simulated fleet plays: Patroni, HAProxy, a mail server, an SMS gateway, the
 * list of databases.  What they answer is compared with what the real ones were seen to answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "engine/jval.h"
#include "engine/sim_world.h"

/* --- a small fleet -------------------------------------------------------------------------- */

static struct target *add(struct fleet *f, const char *id, const char *labels[], size_t n)
{
    struct target *t = fleet_add_target(f, id);
    t->address = mem_strdup("127.0.0.9");
    t->labels = mem_alloc((n / 2) * sizeof *t->labels);
    for (size_t i = 0; i + 1 < n; i += 2)
        t->labels[t->n_labels++] = (struct label){mem_strdup(labels[i]), mem_strdup(labels[i + 1])};
    return t;
}
#define ADD(f, id, ...)                                                                            \
    add(f, id, (const char *[]){__VA_ARGS__},                                                      \
        sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *))

static void tag(struct target *t, const char *word)
{
    t->tags = mem_alloc(sizeof *t->tags);
    t->tags[t->n_tags++] = mem_strdup(word);
}

static struct fleet *peers(void)
{
    struct fleet *f = fleet_new();
    ADD(f, "lb1", "role", "lb");
    ADD(f, "lb2", "role", "lb");
    ADD(f, "web1", "role", "web", "backend", "be_web");
    ADD(f, "web2", "role", "web", "backend", "be_web");
    ADD(f, "pay1", "role", "tt", "backend", "be_tt");
    tag(ADD(f, "pay2", "role", "tt", "backend", "be_tt"), "standby");
    ADD(f, "n1", "role", "db", "fog", "fog-a");
    ADD(f, "n2", "role", "db", "fog", "fog-a");
    ADD(f, "m1", "role", "db", "fog", "fog-b");
    ADD(f, "sms", "class", "channel");
    ADD(f, "case", "class", "flow")->kind = TARGET_FLOW;
    struct target *mail = ADD(f, "mail", "class", "channel");
    mem_set(&fleet_add_check(f, mail, "smtp")->probe, "smtp");
    for (int i = 0; i < 3; i++) {
        char id[16];
        snprintf(id, sizeof id, "db%d", i);
        struct target *t = ADD(f, id, "programme", "x");
        t->kind = TARGET_DATABASE;
        t->link = i == 2 ? LINK_NONE : LINK_DONE;
    }
    return f;
}

struct lab {
    struct fleet *fleet;
    struct sim_scenario scenario;
    struct sim_world world;
    int64_t at_ms;
    struct buf out;
    struct sim_smtp mail;
    int64_t delay_ms;
    bool is_kept;
};

static void lab_open(struct lab *l, const char *scenario)
{
    struct site_errors errors = {0};
    *l = (struct lab){.fleet = peers()};
    assert_true(sim_scenario_parse(&l->scenario, "t", scenario, &errors));
    sim_world_init(&l->world, l->fleet, &l->scenario);
    l->world.port = 80;
}

static void lab_close(struct lab *l)
{
    buf_release(&l->out);
    sim_world_release(&l->world);
    sim_scenario_release(&l->scenario);
    fleet_free(l->fleet);
}

/* Time passes in ticks, as it does for the real thing. */
static void pass(struct lab *l, int64_t ms)
{
    for (int64_t until = l->at_ms + ms; l->at_ms < until; l->at_ms += 100)
        sim_world_tick(&l->world, l->at_ms + 100);
}

/* The whole answer. */
static const char *send_to(struct lab *l, const char *id, const char *bytes)
{
    const struct target *t = fleet_target(l->fleet, id);
    struct sim_moment now = {l->at_ms, 1772668800000 + l->at_ms,
                             sim_condition_at(&l->scenario, id, l->at_ms)};
    struct sim_turn turn = {.out = &l->out, .mail = &l->mail};
    buf_clear(&l->out);
    assert_int_equal(sim_world_take(&l->world, t, bytes, strlen(bytes), &now, &turn), SIM_TOOK_ALL);
    assert_int_equal(turn.used, strlen(bytes));
    l->delay_ms = turn.delay_ms;
    l->is_kept = turn.is_kept;
    return buf_text(&l->out);
}

static int code_of(const char *answer)
{
    int code = 0;
    assert_int_equal(sscanf(answer, "HTTP/1.1 %d", &code), 1);
    return code;
}

static const char *body_of(const char *answer)
{
    return strstr(answer, "\r\n\r\n") + 4;
}

static int get(struct lab *l, const char *id, const char *path)
{
    char request[256];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
    return code_of(send_to(l, id, request));
}

static int post(struct lab *l, const char *id, const char *path, const char *body)
{
    char request[512];
    snprintf(request, sizeof request, "POST %s HTTP/1.1\r\nContent-Length: %zu\r\n\r\n%s", path,
             strlen(body), body);
    return code_of(send_to(l, id, request));
}

/* What stands at a pointer in the last answer, as text. */
static const char *at(struct lab *l, const char *pointer, char out[64])
{
    struct err e;
    const char *body = body_of(buf_text(&l->out));
    struct jval *j = jval_parse(body, strlen(body), &e);
    struct buf text = BUF_INIT(63);
    assert_non_null(j);
    const struct jval *v = jval_pointer(j, pointer);
    if (v == NULL)
        buf_adds(&text, "-");
    else
        jval_dump(&text, v, 0);
    snprintf(out, 64, "%s", buf_text(&text));
    buf_release(&text);
    jval_free(j);
    return out;
}

/* --- Patroni -------------------------------------------------------------------------------- */

static void patroni_tells_who_leads(void **state)
{
    (void)state;
    struct lab l;
    char text[64];
    lab_open(&l, "");
    pass(&l, 1000);
    assert_int_equal(get(&l, "n1", "/primary"), 200);
    assert_int_equal(get(&l, "n2", "/primary"), 503);
    assert_int_equal(get(&l, "n2", "/replica"), 200);
    assert_int_equal(get(&l, "n2", "/patroni"), 200);
    assert_string_equal(at(&l, "/role", text), "\"replica\"");
    assert_string_equal(at(&l, "/patroni/scope", text), "\"fog-a\"");
    assert_int_equal(get(&l, "n1", "/cluster"), 200);
    assert_string_equal(at(&l, "/members/0/role", text), "\"leader\"");
    assert_string_equal(at(&l, "/members/1/name", text), "\"n2\"");
    assert_string_equal(at(&l, "/members/1/lag", text), "0");
    assert_string_equal(at(&l, "/members/2", text), "-"); /* fog-b is another cluster */
    assert_int_equal(get(&l, "n1", "/config"), 200);
    assert_string_equal(at(&l, "/ttl", text), "20");
    assert_int_equal(get(&l, "n1", "/health"), 200); /* and it is a server as others */
    assert_string_equal(at(&l, "/status", text), "\"UP\"");
    lab_close(&l);
}

static void patroni_refuses_in_its_own_words(void **state)
{
    (void)state;
    static const struct {
        const char *path, *body;
        int code;
        const char *words;
    } rows[] = {
        {"/switchover", "", 400, "Error response"},
        {"/switchover", "{}", 400, "Error response"},
        {"/switchover", "[1]", 400, "Error response"},
        {"/switchover", "{\"candidate\":\"n2\"}", 400,
         "Switchover could be performed only from a specific leader"},
        {"/switchover", "{\"leader\":\"n2\",\"candidate\":\"n1\"}", 412,
         "leader name does not match"},
        {"/switchover", "{\"leader\":\"n1\",\"candidate\":\"n9\"}", 412,
         "candidate does not exists"},
        {"/switchover", "{\"leader\":\"n1\",\"candidate\":\"m1\"}", 412,
         "candidate does not exists"},
        {"/switchover", "{\"leader\":\"n1\",\"candidate\":\"n1\"}", 503, "Switchover failed"},
        {"/failover", "{\"leader\":\"n1\"}", 400,
         "Failover could be performed only to a specific candidate"},
    };
    struct lab l;
    lab_open(&l, "0s 100s n2 lag 20\n");
    pass(&l, 1000);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(post(&l, "n1", rows[i].path, rows[i].body), rows[i].code);
        assert_non_null(strstr(body_of(buf_text(&l.out)), rows[i].words));
    }
    assert_int_equal(post(&l, "m1", "/switchover", "{\"leader\":\"m1\"}"), 412); /* alone */
    assert_int_equal(post(&l, "n1", "/switchover", "{\"leader\":\"n1\",\"candidate\":\"n2\"}"),
                     503); /* too far behind: the reason is not told */
    assert_string_equal(body_of(buf_text(&l.out)), "Switchover failed");
    assert_true(l.delay_ms >= 1000);
    pass(&l, 10000);
    assert_int_equal(get(&l, "n1", "/primary"), 200);
    lab_close(&l);
}

static void a_switchover_takes_its_time(void **state)
{
    (void)state;
    struct lab l;
    char text[64];
    lab_open(&l, "");
    pass(&l, 1000);
    assert_int_equal(post(&l, "n1", "/switchover", "{\"leader\":\"n1\",\"candidate\":\"n2\"}"),
                     200);
    assert_string_equal(body_of(buf_text(&l.out)), "Successfully switched over to \"n2\"");
    assert_in_range(l.delay_ms, 1500, 3000);
    assert_int_equal(get(&l, "n1", "/primary"), 200); /* not yet */
    assert_int_equal(post(&l, "n1", "/switchover", "{\"leader\":\"n1\",\"candidate\":\"n2\"}"),
                     503); /* one at a time */
    pass(&l, 1400);
    assert_int_equal(get(&l, "n2", "/primary"), 200);
    assert_int_equal(get(&l, "n1", "/primary"), 503);
    get(&l, "n1", "/patroni");
    assert_string_equal(at(&l, "/state", text), "\"stopped\"");
    assert_int_equal(get(&l, "n1", "/replica"), 503);
    get(&l, "n2", "/cluster");
    assert_string_equal(at(&l, "/members/1/role", text), "\"leader\"");
    assert_string_equal(at(&l, "/members/1/timeline", text), "2");
    assert_string_equal(at(&l, "/members/0/state", text), "\"stopped\"");
    pass(&l, 6000);
    assert_int_equal(get(&l, "n1", "/replica"), 200);
    get(&l, "n2", "/patroni");
    assert_string_equal(at(&l, "/replication/0/application_name", text), "\"n1\"");
    assert_string_equal(at(&l, "/role", text), "\"master\"");
    /* and back, asked of the replica, which takes longer */
    assert_int_equal(post(&l, "n1", "/switchover", "{\"leader\":\"n2\",\"candidate\":\"n1\"}"),
                     200);
    assert_in_range(l.delay_ms, 3500, 5000);
    pass(&l, 4100);
    assert_int_equal(get(&l, "n1", "/primary"), 200);
    lab_close(&l);
}

static void a_dead_leader_is_replaced_when_its_ttl_ends(void **state)
{
    (void)state;
    struct lab l;
    char text[64];
    lab_open(&l, "2s 60s n1 refuse\n2s 90s m1 hang\n");
    pass(&l, 12000);
    get(&l, "n2", "/cluster");
    assert_string_equal(at(&l, "/members/0/role", text), "\"leader\""); /* the DCS says so still */
    assert_int_equal(get(&l, "n2", "/primary"), 503);
    pass(&l, 12000);
    assert_int_equal(get(&l, "n2", "/primary"), 200);
    get(&l, "n2", "/cluster");
    assert_string_equal(at(&l, "/members/0/name", text), "\"n2\""); /* n1 is on the list no more */
    pass(&l, 40000);
    assert_int_equal(get(&l, "n1", "/replica"), 200);
    lab_close(&l);
}

/* --- a case system -------------------------------------------------------------------------- */

static void call(struct lab *l, const char *path, const char *token, const char *body, int code,
                 const char *error_code)
{
    char request[1024], text[64];
    snprintf(request, sizeof request,
             "POST /api/%s HTTP/1.1\r\nAuthorization: Bearer %s\r\nContent-Length: %zu\r\n\r\n%s",
             path, token, strlen(body), body);
    assert_int_equal(code_of(send_to(l, "case", request)), code);
    char want[16];
    snprintf(want, sizeof want, "\"%s\"", error_code);
    assert_string_equal(at(l, "/error_code", text), want);
}

/* The last answer's value at the pointer, without its quotes. */
static const char *bare(struct lab *l, const char *pointer, char out[64])
{
    char text[64];
    at(l, pointer, text);
    snprintf(out, 64, "%.*s", (int)strlen(text) - 2, text + 1);
    return out;
}

static void a_dossier_is_handed_in_looked_up_and_taken_back(void **state)
{
    (void)state;
    struct lab l;
    char token[64], code[64], body[160], text[64];
    lab_open(&l, "10s 20s case degraded\n30s 40s case lost\n50s 60s case error 503\n");
    call(&l, "DongBoHoSoMC", "", "{\"maGiaoDich\":\"k\"}", 401, "18");
    call(&l, "login", "", "{\"taiKhoan\":\"tb\"}", 200, "17");
    call(&l, "login", "", "{\"taiKhoan\":\"tb\",\"matKhau\":\"x\"}", 200, "0");
    bare(&l, "/access_token", token);
    call(&l, "DongBoHoSoMC", token, "not JSON", 200, "22");
    call(&l, "DongBoHoSoMC", token, "{\"maGiaoDich\":\"key-1\"}", 200, "0");
    bare(&l, "/maHoSo", code);
    snprintf(body, sizeof body, "{\"maHoSo\":\"%s\",\"trangThai\":4}", code);
    call(&l, "TraCuuHoSo", token, body, 200, "0");
    assert_string_equal(at(&l, "/trangThai", text), "1");
    assert_string_equal(at(&l, "/maGiaoDich", text), "\"key-1\"");
    call(&l, "CapNhatTienDoHoSoMC", token, body, 200, "0");
    call(&l, "CapNhatTienDoHoSoMC", token, "{\"maHoSo\":\"none\",\"trangThai\":4}", 200, "31");
    call(&l, "TraCuuHoSo", token, body, 200, "0");
    assert_string_equal(at(&l, "/trangThai", text), "4");
    l.at_ms = 15000;
    call(&l, "DongBoHoSoMC", token, "{\"maGiaoDich\":\"key-2\"}", 200, "21");
    l.at_ms = 35000;
    call(&l, "HuyHoSo", token, body, 200, "40");
    l.at_ms = 45000;
    call(&l, "HuyHoSo", token, body, 200, "0");
    call(&l, "TraCuuHoSo", token, body, 200, "31");
    for (int i = 0; i < 3 * SIM_FLOW_KEPT; i++) /* what nobody takes back does not pile up */
        call(&l, "DongBoHoSoMC", token, "{\"maGiaoDich\":\"k\"}", 200, "0");
    call(&l, "logout", token, "{}", 200, "0");
    call(&l, "TraCuuHoSo", token, body, 401, "18");
    l.at_ms = 55000;
    assert_int_equal(get(&l, "case", "/api/login"), 503);
    assert_int_equal(get(&l, "web1", "/api/login"), 404);
    lab_close(&l);
}

/* --- HAProxy -------------------------------------------------------------------------------- */

/* The column of that name in the row of that server, in the last answer; "?" if there is none. */
static const char *stat_of(struct lab *l, const char *server, const char *column, char out[64])
{
    char *text = mem_strdup(buf_text(&l->out)), *rest = NULL;
    int wanted = -1, i = 0;
    char *head = strtok_r(text, "\n", &rest);
    assert_int_equal(strncmp(head, "# pxname,svname,", 16), 0);
    for (char *w = head + 2, *next; w != NULL; w = next, i++) {
        next = strchr(w, ',');
        if (next != NULL)
            *next++ = '\0';
        if (strcmp(w, column) == 0)
            wanted = i;
    }
    snprintf(out, 64, "?");
    for (char *line; (line = strtok_r(NULL, "\n", &rest)) != NULL;) {
        char *name = strchr(line, ',') + 1;
        if (strncmp(name, server, strlen(server)) != 0 || name[strlen(server)] != ',')
            continue;
        char *w = line;
        for (i = 0; i < wanted && w != NULL; i++)
            w = strchr(w, ',') + 1;
        snprintf(out, 64, "%.*s", (int)strcspn(w, ","), w);
    }
    free(text);
    return out;
}

static size_t columns(const char *line)
{
    size_t n = 1;
    for (; *line != '\n' && *line != '\0'; line++)
        n += *line == ',';
    return n;
}

static void haproxy_shows_its_servers(void **state)
{
    (void)state;
    struct lab l;
    char text[64];
    lab_open(&l, "2s 60s web2 refuse\n2s 60s pay1 error 503\n");
    pass(&l, 1000);
    const char *all = send_to(&l, "lb1", "show stat\n");
    size_t n = 0, n_columns = columns(all);
    for (const char *line = all; *line != '\n'; line = strchr(line, '\n') + 1, n++)
        assert_int_equal(columns(line), n_columns);
    assert_int_equal(n, 1 + 4 + 2);
    assert_string_equal(stat_of(&l, "web2", "status", text), "UP");
    assert_string_equal(stat_of(&l, "pay1", "act", text), "1");
    assert_string_equal(stat_of(&l, "pay2", "bck", text), "1");
    assert_false(l.is_kept);
    send_to(&l, "lb1", "show stat be_web 4 -1\n");
    assert_string_equal(stat_of(&l, "web1", "check_status", text), "L7OK");
    assert_string_equal(stat_of(&l, "pay1", "status", text), "?");
    assert_string_equal(stat_of(&l, "BACKEND", "status", text), "?");
    pass(&l, 3000);
    send_to(&l, "lb1", "show stat\n");
    assert_string_equal(stat_of(&l, "web2", "status", text), "DOWN");
    assert_string_equal(stat_of(&l, "web2", "check_status", text), "L4CON");
    assert_string_equal(stat_of(&l, "pay1", "check_code", text), "503");
    assert_string_equal(stat_of(&l, "web2", "scur", text), "0");
    assert_int_equal(get(&l, "lb1", "/health"), 200); /* and it is a server as others */
    lab_close(&l);
}

static void haproxy_does_what_it_is_told(void **state)
{
    (void)state;
    struct lab l;
    char text[64];
    lab_open(&l, "");
    pass(&l, 1000);
    assert_string_equal(send_to(&l, "lb1", "set server be_web/web1 state drain\n"), "\n");
    send_to(&l, "lb1", "show stat\n");
    assert_string_equal(stat_of(&l, "web1", "status", text), "DRAIN");
    assert_string_not_equal(stat_of(&l, "web1", "scur", text), "0");
    pass(&l, 9000);
    send_to(&l, "lb1", "show stat\n");
    assert_string_equal(stat_of(&l, "web1", "scur", text), "0"); /* its sessions have ended */
    send_to(&l, "lb2", "show stat\n");
    assert_string_equal(stat_of(&l, "web1", "status", text), "UP"); /* another balancer */
    assert_string_equal(
        send_to(&l, "lb1", "set server be_web/web1 state ready; disable server be_web/web2\n"),
        "\n\n");
    const char *shown = send_to(&l, "lb1", "show servers state be_web\n");
    assert_non_null(strstr(shown, " web1 127.0.0.9 2 0 "));
    assert_non_null(strstr(shown, " web2 127.0.0.9 0 1 "));
    assert_null(strstr(shown, "pay1"));
    assert_string_equal(send_to(&l, "lb1", "enable server be_web/web2\n"), "\n");
    lab_close(&l);
}

static void haproxy_refuses_in_its_own_words(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"set server be_web/s99 state maint\n", "No such server.\n\n"},
        {"set server nobk/web1 state maint\n", "No such backend.\n\n"},
        {"set server be_web/web1 state foo\n",
         "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n\n"},
        {"set server be_web\n", "Require 'backend/server'.\n\n"},
    };
    struct lab l;
    lab_open(&l, "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(send_to(&l, "lb1", rows[i][0]), rows[i][1]);
    assert_int_equal(
        strncmp(send_to(&l, "lb1", "bogus command\n"), "Unknown command, but maybe", 26), 0);
    lab_close(&l);
}

/* --- mail, SMS, databases ------------------------------------------------------------------- */

static const char *greeting(struct lab *l, bool *is_kept)
{
    struct sim_moment now = {l->at_ms, l->at_ms, sim_condition_at(&l->scenario, "mail", l->at_ms)};
    struct sim_turn turn = {.out = &l->out};
    buf_clear(&l->out);
    assert_true(sim_world_greet(&l->world, fleet_target(l->fleet, "mail"), &now, &turn));
    *is_kept = turn.is_kept;
    return buf_text(&l->out);
}

static void a_mail_server_converses(void **state)
{
    (void)state;
    struct lab l;
    bool is_kept;
    lab_open(&l, "10s 60s mail error 421\n");
    assert_string_equal(greeting(&l, &is_kept), "220 mail.example ESMTP\r\n");
    assert_true(is_kept);
    assert_int_equal(strncmp(send_to(&l, "mail", "EHLO x\r\n"), "250-mail.example\r\n", 18), 0);
    assert_true(l.is_kept);
    assert_string_equal(send_to(&l, "mail", "ehlox\r\n"),
                        "502 5.5.2 Error: command not recognized\r\n");
    assert_string_equal(send_to(&l, "mail", "STARTTLS\r\n"), "454 4.7.0 TLS not available\r\n");
    assert_string_equal(send_to(&l, "mail", "quit\r\n"), "221 2.0.0 Bye\r\n");
    assert_false(l.is_kept);
    pass(&l, 11000);
    assert_int_equal(strncmp(greeting(&l, &is_kept), "421 ", 4), 0);
    assert_false(is_kept);
    assert_false(sim_world_greet(&l.world, fleet_target(l.fleet, "lb1"), &(struct sim_moment){0},
                                 &(struct sim_turn){.out = &l.out}));
    lab_close(&l);
}

static void a_mail_server_takes_mail(void **state)
{
    (void)state;
    static const char *const turns[][2] = {
        {"RCPT TO:<a@x>\r\n", "503 5.5.1 Error: need MAIL command\r\n"},
        {"MAIL a@x\r\n", "501 5.5.4 Syntax: MAIL FROM:<address>\r\n"},
        {"MAIL FROM:<a@x>\r\n", "250 2.1.0 Ok\r\n"},
        {"MAIL FROM:<a@x>\r\n", "503 5.5.1 Error: nested MAIL command\r\n"},
        {"DATA\r\n", "503 5.5.1 Error: need RCPT command\r\n"},
        {"RCPT TO:b@x\r\n", "501 5.5.4 Syntax: RCPT TO:<address>\r\n"},
        {"RCPT TO:<b@x>\r\n", "250 2.1.5 Ok\r\n"},
        {"RCPT TO:<c@x>\r\n", "250 2.1.5 Ok\r\n"},
        {"DATA\r\n", "354 End data with <CR><LF>.<CR><LF>\r\n"},
        {"Subject: one\r\n\r\nQUIT\r\n..\r\n", ""},
        {".\r\n", "250 2.0.0 Ok: queued as 1\r\n"},
        {"HELP\r\n", "214 2.0.0 1 messages for 2 recipients\r\n"},
        {"MAIL FROM:<a@x>\r\n", "250 2.1.0 Ok\r\n"},
        {"RSET\r\n", "250 2.0.0 Ok\r\n"},
        {"RCPT TO:<b@x>\r\n", "503 5.5.1 Error: need MAIL command\r\n"},
        {"MAIL FROM:<>\r\n", "250 2.1.0 Ok\r\n"},
        {"RCPT TO:<b@x>\r\n", "250 2.1.5 Ok\r\n"},
        {"DATA\r\n", "354 End data with <CR><LF>.<CR><LF>\r\n"},
        {"Subject: two\r\n\r\n.\r\n", "250 2.0.0 Ok: queued as 2\r\n"},
    };
    struct lab l;
    lab_open(&l, "");
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        assert_string_equal(send_to(&l, "mail", turns[i][0]), turns[i][1]);
        assert_true(l.is_kept);
    }
    assert_int_equal(l.world.mailbox.messages, 2);
    assert_int_equal(l.world.mailbox.recipients, 3);
    lab_close(&l);
}

static void an_sms_gateway_tells_its_links(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l, "10s 60s sms lost\n");
    assert_int_equal(get(&l, "sms", "/status.xml"), 200);
    assert_non_null(strstr(buf_text(&l.out), "Denied"));
    get(&l, "sms", "/status.xml?password=x");
    assert_non_null(strstr(buf_text(&l.out), "<count>2</count>"));
    assert_null(strstr(buf_text(&l.out), "re-connecting"));
    pass(&l, 11000);
    get(&l, "sms", "/status.xml?password=x");
    assert_non_null(strstr(buf_text(&l.out), "<status>re-connecting</status>"));
    assert_null(strstr(buf_text(&l.out), "<storesize>0</storesize>"));
    lab_close(&l);
}

static void the_databases_are_listed(void **state)
{
    (void)state;
    struct lab l;
    char text[64], later[64];
    lab_open(&l, "10s 60s db0 lost\n10s 60s db1 late 2h\n");
    assert_int_equal(get(&l, "sms", "/databases"), 200);
    assert_string_equal(at(&l, "/databases/0/id", text), "\"db0\"");
    assert_string_equal(at(&l, "/databases/1/link", text), "\"done\"");
    assert_string_equal(at(&l, "/databases/2/link", text), "\"none\"");
    assert_string_equal(at(&l, "/databases/2/last_sync_at", text), "-");
    assert_string_equal(at(&l, "/databases/3", text), "-");
    at(&l, "/databases/1/last_sync_at", text);
    pass(&l, 11000);
    get(&l, "sms", "/databases");
    assert_string_not_equal(at(&l, "/databases/1/last_sync_at", later), text); /* 2 h earlier */
    assert_string_equal(at(&l, "/databases/0/link", later), "\"none\"");
    lab_close(&l);
}

static void broken_requests_are_not_answered(void **state)
{
    (void)state;
    struct lab l;
    char long_line[2000];
    struct sim_moment now = {0};
    struct sim_turn turn = {.out = &l.out};
    lab_open(&l, "");
    const struct target *lb = fleet_target(l.fleet, "lb1"), *n1 = fleet_target(l.fleet, "n1");
    memset(long_line, 'a', sizeof long_line);
    assert_int_equal(sim_world_take(&l.world, lb, "show st", 7, &now, &turn), SIM_TOOK_NOTHING);
    assert_int_equal(sim_world_take(&l.world, lb, long_line, sizeof long_line, &now, &turn),
                     SIM_TOOK_BAD);
    static const char partial[] = "POST /switchover HTTP/1.1\r\nContent-Length: 9\r\n\r\n{\"lea";
    assert_int_equal(sim_world_take(&l.world, n1, partial, sizeof partial - 1, &now, &turn),
                     SIM_TOOK_NOTHING);
    static const char huge[] = "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n";
    assert_int_equal(sim_world_take(&l.world, n1, huge, sizeof huge - 1, &now, &turn),
                     SIM_TOOK_BAD);
    assert_int_equal(l.out.len, 0);
    lab_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dossier_is_handed_in_looked_up_and_taken_back),
        cmocka_unit_test(patroni_tells_who_leads),
        cmocka_unit_test(patroni_refuses_in_its_own_words),
        cmocka_unit_test(a_switchover_takes_its_time),
        cmocka_unit_test(a_dead_leader_is_replaced_when_its_ttl_ends),
        cmocka_unit_test(haproxy_shows_its_servers),
        cmocka_unit_test(haproxy_does_what_it_is_told),
        cmocka_unit_test(haproxy_refuses_in_its_own_words),
        cmocka_unit_test(a_mail_server_converses),
        cmocka_unit_test(a_mail_server_takes_mail),
        cmocka_unit_test(an_sms_gateway_tells_its_links),
        cmocka_unit_test(the_databases_are_listed),
        cmocka_unit_test(broken_requests_are_not_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
