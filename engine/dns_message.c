/* dns_message.c - header, questions skipped, answers in turn (RFC 1035 section 4). */
#include "engine/dns_message.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/text.h"

#define NAME_MAX_BYTES 1024 /* as text, escapes included */
#define JUMPS_MAX      64
#define RECORDS_MAX    256

const char *const dns_type_names[] = {"A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "TXT", NULL};
const int dns_type_numbers[] = {1, 28, 5, 15, 2, 12, 6, 16};

struct reader { /* all is read through take: is_bad once it wanted what is not there */
    const uint8_t *bytes;
    size_t len, at;
    bool is_bad;
};

static uint32_t take(struct reader *r, int n)
{
    uint32_t v = 0;

    if (r->is_bad || r->len - r->at < (size_t)n) {
        r->is_bad = true;
        return 0;
    }
    while (n-- > 0)
        v = v << 8 | r->bytes[r->at++];
    return v;
}

static void skip(struct reader *r, size_t n)
{
    if (r->is_bad || r->len - r->at < n)
        r->is_bad = true;
    else
        r->at += n;
}

static void add_label(struct buf *out, const uint8_t *label, size_t len)
{
    if (out->len > 0)
        buf_addc(out, '.');
    for (size_t i = 0; i < len; i++) {
        if (label[i] == '.' || label[i] == '\\')
            buf_addc(out, '\\');
        buf_addc(out, (char)label[i]);
    }
}

/* A name, with pointers followed; r ends behind it where it stands.  out may be NULL. */
static void take_name(struct reader *r, struct buf *out)
{
    struct reader at = *r;
    bool has_jumped = false;

    for (int jumps = 0; !at.is_bad;) {
        uint32_t len = take(&at, 1);
        if (len == 0)
            break;
        if (len >= 0xC0) {
            size_t to = (len & 0x3F) << 8 | take(&at, 1);
            if (!has_jumped)
                r->at = at.at;
            has_jumped = true;
            at.is_bad |= to >= at.len || ++jumps > JUMPS_MAX;
            at.at = to;
            continue;
        }
        size_t from = at.at;
        skip(&at, len);
        if (len > 63 || (out != NULL && out->is_cut))
            at.is_bad = true;
        if (!at.is_bad && out != NULL)
            add_label(out, at.bytes + from, len);
    }
    r->is_bad |= at.is_bad;
    if (!has_jumped)
        r->at = at.at;
    if (out != NULL && out->len == 0)
        buf_addc(out, '.'); /* the root */
}

static void take_texts(struct reader *r, struct buf *out)
{
    while (!r->is_bad && r->at < r->len) {
        size_t n = take(r, 1), from = r->at;
        skip(r, n);
        if (!r->is_bad)
            buf_add(out, r->bytes + from, n);
    }
}

/* The data of one record: rest ends where it ends, names may point before it. */
static void take_value(struct reader *rest, enum dns_type type, struct buf *out, uint32_t *serial)
{
    char text[INET6_ADDRSTRLEN];
    size_t want = type == DNS_A ? 4 : 16;

    switch (type) {
    case DNS_A:
    case DNS_AAAA:
        if (rest->len - rest->at != want)
            rest->is_bad = true;
        else
            buf_adds(out, inet_ntop(type == DNS_A ? AF_INET : AF_INET6, rest->bytes + rest->at,
                                    text, sizeof text));
        return;
    case DNS_MX:
        buf_addf(out, "%u ", take(rest, 2));
        break;
    case DNS_TXT:
        take_texts(rest, out);
        return;
    default:
        break;
    }
    struct buf name = BUF_INIT(NAME_MAX_BYTES);
    take_name(rest, &name);
    buf_adds(out, buf_text(&name));
    if (type == DNS_SOA) {
        buf_clear(&name);
        take_name(rest, &name);
        *serial = take(rest, 4);
        buf_addf(out, " %s %u", buf_text(&name), *serial);
    }
    buf_release(&name);
}

static void take_record(struct reader *r, enum dns_type type, struct dns_answer *out)
{
    take_name(r, NULL);
    int number = (int)take(r, 2), class = (int)take(r, 2);
    uint32_t ttl = take(r, 4);
    size_t len = take(r, 2), from = r->at;

    skip(r, len);
    if (r->is_bad || number != dns_type_numbers[type] || class != 1 || out->n == DNS_VALUES_MAX)
        return;
    struct reader rest = {.bytes = r->bytes, .len = from + len, .at = from};
    struct buf value = BUF_INIT(NAME_MAX_BYTES * 2 + 64);
    take_value(&rest, type, &value, &out->serial);
    r->is_bad |= rest.is_bad;
    if (!rest.is_bad) {
        out->values[out->n] = text_cleaned(buf_text(&value), value.len, TEXT_MAX_LISTED, 0);
        out->ttl_s = out->n == 0 || ttl < out->ttl_s ? ttl : out->ttl_s;
        out->n++;
    }
    buf_release(&value);
}

bool dns_message_read(const uint8_t *bytes, size_t len, enum dns_type type, struct dns_answer *out)
{
    struct reader r = {.bytes = bytes, .len = len};

    memset(out, 0, sizeof *out);
    skip(&r, 2);
    uint32_t flags = take(&r, 2), questions = take(&r, 2), answers = take(&r, 2);
    skip(&r, 4);
    out->rcode = (int)(flags & 15);
    if ((flags & 0x8000) == 0) /* a question, not an answer */
        return false;
    for (uint32_t i = 0; i < questions && i < RECORDS_MAX && !r.is_bad; i++) {
        take_name(&r, NULL);
        skip(&r, 4);
    }
    for (uint32_t i = 0; i < answers && i < RECORDS_MAX && !r.is_bad; i++)
        take_record(&r, type, out);
    return !r.is_bad;
}

void dns_answer_release(struct dns_answer *a)
{
    for (size_t i = 0; i < a->n; i++)
        free(a->values[i]);
    memset(a, 0, sizeof *a);
}

const char *dns_rcode_text(int rcode, char out[24])
{
    static const char *const names[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                        "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                        "NXRRSET", "NOTAUTH", "NOTZONE"};
    if (rcode >= 0 && rcode < (int)(sizeof names / sizeof names[0]))
        snprintf(out, 24, "%s", names[rcode]);
    else
        snprintf(out, 24, "RCODE %d", rcode);
    return out;
}

bool dns_reverse_name(const char *s, char out[80])
{
    uint8_t b[16];

    if (inet_pton(AF_INET, s, b) == 1) {
        snprintf(out, 80, "%d.%d.%d.%d.in-addr.arpa", b[3], b[2], b[1], b[0]);
        return true;
    }
    if (inet_pton(AF_INET6, s, b) != 1)
        return false;
    for (int i = 0; i < 16; i++)
        snprintf(out + 4 * i, (size_t)(80 - 4 * i), "%x.%x.", b[15 - i] & 15, b[15 - i] >> 4);
    snprintf(out + 64, 16, "ip6.arpa");
    return true;
}

static size_t name_len(const char *s)
{
    size_t len = strlen(s);
    return len > 1 && s[len - 1] == '.' ? len - 1 : len;
}

bool dns_is_same(enum dns_type type, const char *value, const char *expected)
{
    uint8_t a[16], b[16];

    if (type == DNS_TXT)
        return strcmp(value, expected) == 0;
    if (type == DNS_AAAA && inet_pton(AF_INET6, expected, b) == 1)
        return inet_pton(AF_INET6, value, a) == 1 && memcmp(a, b, 16) == 0;
    size_t len = name_len(value);
    return len == name_len(expected) && strncasecmp(value, expected, len) == 0;
}
