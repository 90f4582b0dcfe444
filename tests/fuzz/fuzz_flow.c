/* A value that a peer gave, placed into a URL, a header, JSON, XML and a form: whatever it is, what
 * is sent is one well-formed thing, and holds that value and nothing else. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "probes/flow.h"
#include "probes/xml.h"
#include "tests/fuzz/fuzz.h"

static char NAME[] = "v", ID[] = "a";
static struct flow_step steps[] = {{.id = ID, .reply = FLOW_REPLY_JSON}};
static const struct flow_config config = {.steps = {steps, 1}};

static bool filled(const struct flow_values *v, const char *template, enum flow_form form,
                   struct buf *out)
{
    char *why = NULL;
    buf_clear(out);
    bool is_ok = flow_values_fill(v, template, form, out, NULL, &why);
    MUST(is_ok == (why == NULL));
    free(why);
    return is_ok;
}

static void as_json(const struct flow_values *v, const char *value, struct buf *out)
{
    MUST(filled(v, "{\"x\":[\"${v}\",{\"y\":\"-${a.v}-\"}]}", FLOW_JSON, out));
    struct jval *j = jval_parse(buf_text(out), out->len, NULL);
    MUST(j != NULL && jval_len(j) == 1 && jval_len(jval_get(j, "x")) == 2);
    MUST(strcmp(jval_str(jval_pointer(j, "/x/0")), value) == 0);
    jval_free(j);
    if (!filled(v, "{\"x\":${v}}", FLOW_JSON, out))
        return;
    j = jval_parse(buf_text(out), out->len, NULL);
    MUST(j != NULL && jval_len(j) == 1 && jval_type(jval_get(j, "x")) <= JVAL_REAL);
    jval_free(j);
}

static void as_xml(const struct flow_values *v, const char *value, struct buf *out)
{
    MUST(filled(v, "<a b='${v}'><c>.${v}.</c></a>", FLOW_XML, out));
    struct xml *x = xml_parse(buf_text(out), out->len, NULL);
    const struct xml *c = xml_find(x, "/a/c");
    MUST(c != NULL && xml_next(c) == NULL);
    const char *text = xml_text(c);
    MUST(xml_is_cut(c) || (text[0] == '.' && strncmp(text + 1, value, strlen(value)) == 0 &&
                           strcmp(text + 1 + strlen(value), ".") == 0));
    xml_free(x);
}

static void as_percent(const struct flow_values *v, enum flow_form form, struct buf *out)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%";
    if (!filled(v, "${v}", form, out))
        return;
    MUST(strspn(buf_text(out), plain) == out->len);
    MUST(form != FLOW_URL || strspn(buf_text(out), ".") < out->len);
}

static void as_header(const struct flow_values *v, struct buf *out)
{
    if (filled(v, "Bearer ${v}", FLOW_HEADER, out))
        MUST(strpbrk(buf_text(out), "\r\n") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *value = mem_strndup((const char *)data, size), *why = NULL;
    struct flow_values v;
    struct buf out = BUF_INIT(FLOW_REQUEST_MAX);
    flow_values_init(&v, &config, "t/c", 0);
    if (flow_values_take(&v, &steps[0], NAME, value, size, &why)) {
        as_json(&v, value, &out);
        as_xml(&v, value, &out);
        as_percent(&v, FLOW_URL, &out);
        as_percent(&v, FLOW_FIELDS, &out);
        as_header(&v, &out);
        char *clean = flow_values_clean(&v, value, FLOW_VALUE_MAX);
        MUST(strlen(value) < 4 || strstr(clean, value) == NULL || strstr("***", value) != NULL);
        free(clean);
    } else {
        MUST(why != NULL);
    }
    free(why);
    flow_values_release(&v);
    buf_release(&out);
    free(value);
    return 0;
}
