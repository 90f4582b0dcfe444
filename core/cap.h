/* cap.h - at most so many within any span of so many milliseconds, a part kept for what is urgent.
 */
#ifndef CORE_CAP_H
#define CORE_CAP_H

#include <stdbool.h>
#include <stdint.h>

#define CAP_MAX 1000 /* the largest limit */

struct cap {
    int limit, reserve; /* the last `reserve` of the limit are for the urgent */
    int64_t span_ms;
    int64_t at_ms[CAP_MAX]; /* monotonic: of the last ones, as a ring */
    int n, next;
};

void cap_set(struct cap *c, int limit, int reserve, int64_t span_ms); /* keeps what was used */
void cap_use(struct cap *c, int64_t now_ms);
void cap_give_back(struct cap *c); /* the last one used: it came to nothing */
/* When one more may go: now_ms, or later. */
int64_t cap_free_ms(const struct cap *c, bool is_urgent, int64_t now_ms);

#endif
