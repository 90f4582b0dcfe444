/* fuzz_perfdata.c - a plugin's output: a clean first line and finite figures. */
#include <math.h>
#include <string.h>

#include "core/perfdata.h"
#include "core/text.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct result r = {0};
    char *text = perfdata_output(&r, (const char *)bytes, len);
    if (text != NULL)
        MUST(text_is_clean(text) && strlen(text) <= TEXT_MAX_LISTED);
    MUST(r.n_metrics <= RESULT_METRICS_MAX);
    for (size_t i = 0; i < r.n_metrics; i++) {
        MUST(isfinite(r.metrics[i].value));
        MUST(text_is_clean(r.metrics[i].name) && text_is_clean(r.metrics[i].unit));
    }
    const struct threshold t = {"load", 5, 6, true, true, false};
    result_judge(&r, &t, 1);
    free(text);
    result_release(&r);
    return 0;
}
