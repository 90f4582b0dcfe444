/* fuzz_patroni.c - Patroni's replies: node, list and configuration, the first byte says which. */
#include <string.h>

#include "core/text.h"
#include "engine/patroni.h"
#include "tests/fuzz/fuzz.h"

static void look_at(const struct patroni_view *v)
{
    const struct patroni_member *leader;
    size_t n = patroni_leaders(v, &leader);
    MUST(v->n <= PATRONI_MEMBERS_MAX && n <= v->n && (n > 0) == (leader != NULL));
    patroni_listed_leader(v);
    for (size_t i = 0; i < v->n; i++) {
        const struct patroni_member *m = &v->members[i];
        MUST(text_is_clean(m->name) && text_is_clean(m->address) && text_is_clean(m->state));
        MUST(text_is_clean(m->scope) && text_is_clean(m->version) && text_is_clean(m->system_id));
        MUST(patroni_lag(m, leader) >= -1 && patroni_dcs_age_s(v, m) >= -1);
        MUST(patroni_find(v, m->name) != NULL);
        MUST(!patroni_is_leader(m) || patroni_is_up(m));
        patroni_is_blind(v, m);
    }
    MUST(text_is_clean(v->scheduled));
    MUST(v->ttl_s >= 0 && v->loop_wait_s >= 0 && v->max_lag >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char *const addresses[] = {"127.0.0.1:1", "127.0.0.1:2"};
    struct patroni_view v;
    const char *body = (const char *)bytes + 1;
    if (len == 0)
        return 0;
    patroni_view_init(&v, addresses, 2);
    v.at_s = 1795455760;
    if (bytes[0] % 3 == 0)
        patroni_read_node(&v.members[0], body, len - 1, NULL);
    else if (bytes[0] % 3 == 1)
        patroni_read_list(&v, body, len - 1, NULL);
    else
        patroni_read_config(&v, body, len - 1, NULL);
    look_at(&v);
    patroni_view_release(&v);
    return 0;
}
