/* fuzz_link.c - what an engine sends: folded into a mirror that any picture can be taken of. */
#include "engine/jval.h"
#include "engine/link.h"
#include "engine/wire.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct fleet *f = fleet_new();
    const struct link_calls calls = {0};
    struct link *l = link_new("/nonexistent/trucban.sock", f, &calls, NULL);
    struct err e;
    /* In two pieces, so that lines are put together too. */
    size_t half = len / 2;
    if (link_feed(l, (const char *)bytes, half, 1000, &e))
        (void)link_feed(l, (const char *)bytes + half, len - half, 2000, &e);
    jval_free(wire_snapshot(f));
    jval_free(wire_alerts(f, 1));
    link_free(l);
    fleet_free(f);
    return 0;
}
