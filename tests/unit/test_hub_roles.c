/* Whose role is which: the names of a site file against accounts, as the hub has them. */
#include "tests/unit/hub_lab.h"

/* What the site grants, and not what anybody was before: also when another site file comes. */
static bool is_in_team(void *arg, int64_t uid, const char *login, const char *group)
{
    (void)arg;
    (void)login;
    return uid == (int64_t)geteuid() && strcmp(group, "team") == 0;
}

static bool has_role(struct lab *lab)
{
    return link_phase(lab->links[0]) == LINK_IS_LIVE && link_has_picture(lab->links[0]) &&
           link_hello(lab->links[0])->duty == lab->wanted_role;
}

static void roles_are_granted(void **state)
{
    struct lab *lab = *state;
    struct grants team = {0}, all = {0}, nobody = {0};
    struct err e = {""};
    struct hub_options o = {.socket_path = lab->path,
                            .mode = 0600,
                            .store = "test",
                            .roles = &team,
                            .is_member = is_in_team};
    static const struct hub_calls calls = {.request = on_request, .refused = on_refused};
    grants_add(&team, DUTY_L1, "team", true);
    grants_add(&team, DUTY_L2, "others", true);
    grants_add(&all, DUTY_L2, "team", true);
    grants_add(&all, DUTY_ADMIN, "team", true);
    grants_add(&nobody, DUTY_L3, "others", true);
    hub_free(lab->hub);
    lab->hub = hub_new(lab->loop, lab->fleet, &o, &calls, lab, &e);
    assert_non_null(lab->hub);
    add_link(lab, false);
    lab->wanted_role = DUTY_L1;
    assert_true(run_until(lab, has_role));
    hub_renew(lab->hub, &all, "renewed"); /* who is admin is nothing else, and acts on nothing */
    lab->wanted_role = DUTY_ADMIN;
    assert_true(run_until(lab, has_role));
    link_request(lab->links[0], "ack", "alert", "7", "version", "1", "text", "mine", NULL);
    assert_true(run_until(lab, all_answered));
    assert_int_equal(lab->answers_no, 1);
    assert_int_equal(lab->refused, 1);
    assert_non_null(strstr(lab->last_say, "admin"));
    hub_renew(lab->hub, &nobody, "renewed"); /* not even for the engine's own account */
    lab->wanted_role = DUTY_VIEWER;
    assert_true(run_until(lab, has_role));
    grants_release(&team);
    grants_release(&all);
    grants_release(&nobody);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(roles_are_granted, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
