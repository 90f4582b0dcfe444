/* flow_reply.c - one reply: what it must be like, what the peer says of it, what is taken from it.
 *
 * HTTP 200 is not success: the field that `success` names decides, in JSON and XML alike.  A
 * soap:Fault is a failure whatever the status. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "probes/flow.h"
#include "probes/jsontest.h"
#include "probes/regex.h"
#include "probes/xml.h"

#define SHOWN_MAX 200 /* bytes of a peer's words in a sentence */
#define CODE_MAX  64

void flow_verdict_release(struct flow_verdict *v)
{
    free(v->say);
    free(v->code);
    *v = (struct flow_verdict){0};
}

static bool fails(struct flow_verdict *v, enum flow_cause cause, char *say)
{
    v->cause = cause;
    v->say = say;
    return false;
}

/* --- a document ----------------------------------------------------------------------------- */

bool flow_document_parse(struct flow_document *d, const struct flow_step *s, const char *bytes,
                         size_t len, struct err *e)
{
    *d = (struct flow_document){0};
    if (s->reply == FLOW_REPLY_JSON)
        return (d->json = jval_parse(bytes, len, e)) != NULL;
    if (s->reply == FLOW_REPLY_XML)
        return (d->xml = xml_parse(bytes, len, e)) != NULL;
    return true;
}

void flow_document_release(struct flow_document *d)
{
    jval_free(d->json);
    xml_free(d->xml);
    *d = (struct flow_document){0};
}

static char *json_text(const struct jval *v)
{
    struct buf b = BUF_INIT(0);
    if (v == NULL || jval_type(v) == JVAL_ARRAY || jval_type(v) == JVAL_OBJECT)
        return NULL;
    if (jval_str(v) != NULL)
        return mem_strdup(jval_str(v));
    jval_dump(&b, v, 0);
    return buf_take(&b);
}

char *flow_document_text(const struct flow_document *d, const char *path, bool *is_cut)
{
    *is_cut = false;
    if (d->json != NULL)
        return json_text(jval_pointer(d->json, path));
    const struct xml *x = d->xml != NULL ? xml_find(d->xml, path) : NULL;
    *is_cut = xml_is_cut(x);
    return x != NULL ? mem_strdup(xml_text(x)) : NULL;
}

/* --- status and text ------------------------------------------------------------------------ */

static bool is_expected_status(const struct flow_step *s, int status)
{
    for (size_t i = 0; i < s->expect_status.n; i++)
        if (s->expect_status.v[i] == status)
            return true;
    return s->expect_status.n == 0 && status >= 200 && status < 300;
}

static void status_words(const struct flow_step *s, char out[64])
{
    size_t len = 0;
    snprintf(out, 64, "2xx");
    for (size_t i = 0; i < s->expect_status.n && len < 56; i++)
        len += (size_t)snprintf(out + len, 64 - len, "%s%d", i > 0 ? "/" : "",
                                (int)s->expect_status.v[i]);
}

/* The peer's own words where the step says they stand; NULL: none. */
static char *message_of(const struct flow_step *s, const struct flow_document *d,
                        const struct flow_values *v)
{
    bool is_cut;
    char *text = s->message != NULL ? flow_document_text(d, s->message, &is_cut) : NULL;
    char *clean = text != NULL && text[0] != '\0' ? flow_values_clean(v, text, SHOWN_MAX) : NULL;
    free(text);
    return clean;
}

static void take_code(const struct flow_step *s, const struct flow_document *d,
                      const struct flow_values *v, struct flow_verdict *out)
{
    bool is_cut;
    char *text = s->success.n > 0 ? flow_document_text(d, s->success.v[0].pointer, &is_cut) : NULL;
    if (text != NULL && text[0] != '\0')
        out->code = flow_values_clean(v, text, CODE_MAX);
    free(text);
}

static bool judge_status(const struct flow_step *s, const struct http_reply *r,
                         const struct flow_document *d, const struct flow_values *v,
                         struct flow_verdict *out)
{
    char got[16], want[64];
    if (is_expected_status(s, r->status))
        return true;
    snprintf(got, sizeof got, "%d", r->status);
    status_words(s, want);
    char *words = message_of(s, d, v);
    take_code(s, d, v, out);
    if (out->code == NULL)
        out->code = mem_strdup(got);
    fails(out, r->status == 401 || r->status == 403 ? FLOW_DENIED : FLOW_WRONG,
          words != NULL ? SAY(N_("HTTP {0}, expected {1}; the reply says: {2}"), got, want, words)
                        : SAY(N_("HTTP {0}, expected {1}"), got, want));
    free(words);
    return false;
}

/* --- what the peer says of it --------------------------------------------------------------- */

static const char *first_text(const struct xml *root, const char *const paths[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *text = xml_text(xml_find(root, paths[i]));
        if (text[0] != '\0')
            return text;
    }
    return "";
}

static bool judge_fault(const struct flow_document *d, const struct flow_values *v,
                        struct flow_verdict *out)
{
    static const char *const words[] = {"/Envelope/Body/Fault/faultstring",
                                        "/Envelope/Body/Fault/Reason/Text"};
    static const char *const codes[] = {"/Envelope/Body/Fault/faultcode",
                                        "/Envelope/Body/Fault/Code/Subcode/Value",
                                        "/Envelope/Body/Fault/Code/Value"};
    if (d->xml == NULL || xml_find(d->xml, "/Envelope/Body/Fault") == NULL)
        return true;
    const char *text = first_text(d->xml, words, sizeof words / sizeof *words);
    const char *code = first_text(d->xml, codes, sizeof codes / sizeof *codes);
    char *clean = flow_values_clean(v, text, SHOWN_MAX);
    out->code = code[0] != '\0' ? flow_values_clean(v, code, CODE_MAX) : NULL;
    fails(out, FLOW_REFUSED,
          clean[0] != '\0' ? SAY(N_("SOAP fault: {0}"), clean)
                           : mem_strdup(N_("SOAP fault without a word")));
    free(clean);
    return false;
}

static bool is_match(const char *pattern, const char *text)
{
    struct regex *x = regex_new(pattern, NULL);
    bool is_found = x != NULL && regex_search(x, text, strlen(text)) == REGEX_FOUND;
    regex_free(x);
    return is_found;
}

static bool is_equal(const struct option_test *t, const char *text)
{
    char *end;
    switch (t->type) {
    case TEST_STRING:
        return strcmp(text, t->text) == 0;
    case TEST_NUMBER:
        return text[0] != '\0' && strtod(text, &end) == t->number && *end == '\0';
    case TEST_BOOL:
        return strcmp(text, t->flag ? "true" : "false") == 0;
    case TEST_NULL:
        break;
    }
    return strcmp(text, "null") == 0;
}

static double number_of(const char *text)
{
    char *end;
    double d = strtod(text, &end);
    return end != text && *end == '\0' ? d : NAN;
}

/* "0" and 0 are one: some peers send a code as text, some as a number, XML knows only text. */
static bool holds(const struct option_test *t, const char *text)
{
    switch (t->op) {
    case TEST_EQ:
        return is_equal(t, text);
    case TEST_NE:
        return !is_equal(t, text);
    case TEST_LT:
        return number_of(text) < t->number;
    case TEST_LE:
        return number_of(text) <= t->number;
    case TEST_GT:
        return number_of(text) > t->number;
    case TEST_GE:
        return number_of(text) >= t->number;
    case TEST_MATCHES:
        return is_match(t->text, text);
    case TEST_EXISTS:
        break;
    }
    return true;
}

static char *say_refused(const char *pointer, const char *code, const char *words)
{
    const char *last = strrchr(pointer, '/'), *name = last != NULL ? last + 1 : pointer;
    return words != NULL ? SAY(N_("{0} is {1}: {2}"), name, code, words)
                         : SAY(N_("{0} is {1}, which is not success"), name, code);
}

/* What is compared with may hold values: "${run.key}". */
static char *text_with_values(const char *text, const struct flow_values *v)
{
    struct buf b = BUF_INIT(FLOW_REQUEST_MAX);
    if (text == NULL)
        return NULL;
    flow_values_show(v, text, &b);
    return buf_take(&b);
}

/* One comparison: met, or why not. */
static bool judge_filled(const struct flow_step *s, const struct option_test *t,
                         const struct flow_document *d, const struct flow_values *v,
                         struct flow_verdict *out)
{
    bool is_cut, is_wanted = t->op != TEST_EXISTS || t->type != TEST_BOOL || t->flag;
    char *text = flow_document_text(d, t->pointer, &is_cut);
    bool is_met = text != NULL ? is_wanted && holds(t, text) : !is_wanted;
    if (is_met) {
        free(text);
        return true;
    }
    if (text == NULL)
        return fails(out, FLOW_WRONG, SAY(N_("{0} is missing in the reply"), t->pointer));
    char *words = message_of(s, d, v);
    out->code = flow_values_clean(v, text, CODE_MAX);
    fails(out, FLOW_REFUSED, say_refused(t->pointer, out->code, words));
    free(words);
    free(text);
    return false;
}

static bool judge_one(const struct flow_step *s, const struct option_test *t,
                      const struct flow_document *d, const struct flow_values *v,
                      struct flow_verdict *out)
{
    struct option_test filled = *t;
    filled.text = text_with_values(t->text, v);
    bool is_met = judge_filled(s, &filled, d, v, out);
    free(filled.text);
    return is_met;
}

static bool judge_success(const struct flow_step *s, const struct flow_document *d,
                          const struct flow_values *v, struct flow_verdict *out)
{
    for (size_t i = 0; i < s->success.n; i++)
        if (!judge_one(s, &s->success.v[i], d, v, out))
            return false;
    return true;
}

/* jsontest quotes what it finds, which may be what was taken. */
static bool judge_json(const struct flow_step *s, const struct flow_document *d,
                       const struct flow_values *v, struct flow_verdict *out)
{
    for (size_t i = 0; d->json != NULL && i < s->expect_json.n; i++) {
        struct option_test filled = s->expect_json.v[i];
        struct option_tests one = {&filled, 1};
        char *say = NULL;
        filled.text = text_with_values(filled.text, v);
        bool is_met = jsontest_run(&one, d->json, &say);
        free(filled.text);
        if (is_met)
            continue;
        const char *sep = say;
        struct buf b = BUF_INIT(0);
        for (size_t len; *sep != '\0'; sep += len) { /* part by part, and put together again */
            len = strcspn(sep, (const char[]){SAY_SEP, '\0'});
            char *part = mem_strndup(sep, len), *clean = flow_values_clean(v, part, SHOWN_MAX);
            buf_adds(&b, clean);
            free(part);
            free(clean);
            if (sep[len] != SAY_SEP)
                continue;
            buf_addc(&b, SAY_SEP);
            len++;
        }
        free(say);
        return fails(out, FLOW_WRONG, buf_take(&b));
    }
    return true;
}

/* --- what is taken -------------------------------------------------------------------------- */

static bool take_one(const struct flow_step *s, const char *name, const char *from,
                     const struct http_reply *r, const struct flow_document *d,
                     struct flow_values *v, struct flow_verdict *out)
{
    bool is_cut = false, is_header = strncmp(from, "header:", 7) == 0;
    const char *header = is_header ? http_reply_header(r, from + 7) : NULL;
    char *value = is_header ? mem_strdup(header) : flow_document_text(d, from, &is_cut),
         *why = NULL;
    char max[16];
    snprintf(max, sizeof max, "%d", XML_TEXT_MAX);
    if (is_cut) {
        free(value);
        return fails(out, FLOW_UNUSABLE,
                     SAY(N_("the value to be taken as {0} is longer than {1} bytes"), name, max));
    }
    if (value == NULL)
        return fails(out, FLOW_WRONG, SAY(N_("{0} is missing in the reply"), from));
    bool is_taken = flow_values_take(v, s, name, value, strlen(value), &why);
    explicit_bzero(value, strlen(value));
    free(value);
    return is_taken || fails(out, FLOW_UNUSABLE, why);
}

static bool take_all(const struct flow_step *s, const struct http_reply *r,
                     const struct flow_document *d, struct flow_values *v, struct flow_verdict *out)
{
    for (size_t i = 0; i < s->take.n; i++)
        if (!take_one(s, s->take.keys[i], s->take.values[i], r, d, v, out))
            return false;
    return true;
}

/* --- all of it ------------------------------------------------------------------------------ */

static bool judge_text(const struct flow_step *s, const struct http_reply *r,
                       const struct flow_values *v, struct flow_verdict *out)
{
    char *want = text_with_values(s->expect_body, v);
    bool is_met = want == NULL || memmem(r->body, r->len, want, strlen(want)) != NULL;
    if (!is_met) {
        char *clean = flow_values_clean(v, want, TEXT_MAX_NAME);
        fails(out, FLOW_WRONG, SAY(N_("body does not contain {0}"), clean));
        free(clean);
    }
    free(want);
    return is_met;
}

static bool needs_document(const struct flow_step *s)
{
    bool takes = false;
    for (size_t i = 0; i < s->take.n; i++)
        takes = takes || strncmp(s->take.values[i], "header:", 7) != 0;
    return s->success.n > 0 || s->expect_json.n > 0 || takes;
}

static bool judge_parsed(bool is_parsed, const struct flow_step *s, const struct err *e,
                         struct flow_verdict *out)
{
    char *clean;
    if (is_parsed || !needs_document(s))
        return true;
    clean = text_cleaned(e->text, strlen(e->text), SHOWN_MAX, 0);
    fails(out, FLOW_WRONG,
          s->reply == FLOW_REPLY_XML ? SAY(N_("malformed XML in the reply: {0}"), clean)
                                     : SAY(N_("malformed JSON in the reply: {0}"), clean));
    free(clean);
    return false;
}

void flow_reply_judge(const struct flow_step *s, struct http_reply *r, struct flow_values *v,
                      struct flow_verdict *out)
{
    struct flow_document d = {0};
    struct err e = {""};
    *out = (struct flow_verdict){.cause = FLOW_OK};
    if (!r->is_ok) {
        fails(out, r->is_self ? FLOW_SELF : FLOW_DEAD, r->say);
        r->say = NULL;
        return;
    }
    bool is_parsed = flow_document_parse(&d, s, r->body, r->len, &e);
    (void)(judge_fault(&d, v, out) && judge_status(s, r, &d, v, out) && judge_text(s, r, v, out) &&
           judge_parsed(is_parsed, s, &e, out) && judge_success(s, &d, v, out) &&
           judge_json(s, &d, v, out) && take_all(s, r, &d, v, out));
    flow_document_release(&d);
}
