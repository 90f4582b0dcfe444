/* fuzz_xml.c - small documents from anywhere: a tree within its limits, or words why not. */
#include <string.h>

#include "core/err.h"
#include "probes/xml.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct err e = {""};
    struct xml *x = xml_parse((const char *)bytes, len, &e);
    if (x == NULL) {
        MUST(strncmp(e.text, "line ", 5) == 0);
        return 0;
    }
    MUST(xml_name(x) != NULL && strlen(xml_text(x)) <= XML_TEXT_MAX);
    size_t n = 0;
    for (const struct xml *s = xml_path(x, "smscs/smsc"); s != NULL; s = xml_next(s), n++)
        MUST(strcmp(xml_name(s), "smsc") == 0);
    MUST(n <= XML_ELEMENTS_MAX);
    xml_int(xml_path(x, "sms/sent/queued"), -1);
    xml_free(x);
    return 0;
}
