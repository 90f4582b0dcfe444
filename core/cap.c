#include "core/cap.h"

void cap_set(struct cap *c, int limit, int reserve, int64_t span_ms)
{
    c->limit = limit < 1 ? 1 : limit > CAP_MAX ? CAP_MAX : limit;
    c->reserve = reserve < c->limit ? reserve : 0;
    c->span_ms = span_ms;
}

void cap_use(struct cap *c, int64_t now_ms)
{
    c->at_ms[c->next] = now_ms;
    c->next = (c->next + 1) % CAP_MAX;
    if (c->n < CAP_MAX)
        c->n++;
}

void cap_give_back(struct cap *c)
{
    if (c->n == 0)
        return;
    c->n--;
    c->next = (c->next + CAP_MAX - 1) % CAP_MAX;
}

/* The k-th newest, where k is how many may stand in one span, must have left it. */
int64_t cap_free_ms(const struct cap *c, bool is_urgent, int64_t now_ms)
{
    int may = c->limit - (is_urgent ? 0 : c->reserve);
    if (c->n < may)
        return now_ms;
    int64_t free_ms = c->at_ms[(c->next + CAP_MAX - may) % CAP_MAX] + c->span_ms;
    return free_ms > now_ms ? free_ms : now_ms;
}
