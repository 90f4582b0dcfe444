#include "engine/imap_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/mem.h"
#include "core/text.h"
#include "core/when.h"

#define NESTING_MAX 16

/* --- one response, as it comes --- */

void imap_response_begin(struct imap_response *r)
{
    r->bytes.max = IMAP_RESPONSE_MAX;
    r->bytes.is_cut = false;
    r->literal = 0;
    buf_clear(&r->bytes);
}

void imap_response_release(struct imap_response *r)
{
    buf_release(&r->bytes);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Does the line end with "{n}"?  n over any cap is told as one that is just over it. */
static bool has_literal(const char *line, size_t len, size_t *n)
{
    size_t at = len, value = 0;

    if (len < 3 || line[len - 1] != '}')
        return false;
    for (at = len - 1; at > 0 && is_digit(line[at - 1]); at--)
        ;
    if (at == len - 1 || at == 0 || line[at - 1] != '{')
        return false;
    for (; at < len - 1 && value <= IMAP_LITERAL_MAX; at++)
        value = value * 10 + (size_t)(line[at] - '0');
    *n = value;
    return true;
}

enum imap_took imap_response_line(struct imap_response *r, const char *line, size_t len)
{
    buf_add(&r->bytes, line, len);
    r->literal = 0;
    if (r->bytes.is_cut)
        return IMAP_TOO_LONG;
    if (!has_literal(line, len, &r->literal))
        return IMAP_WHOLE;
    buf_addc(&r->bytes, '\n');
    return r->literal <= IMAP_LITERAL_MAX && r->bytes.len + r->literal <= IMAP_RESPONSE_MAX
               ? IMAP_LITERAL
               : IMAP_TOO_LONG;
}

void imap_response_literal(struct imap_response *r, const char *bytes, size_t len)
{
    buf_add(&r->bytes, bytes, len);
    r->literal = 0;
}

/* --- reading: a cursor over the bytes --- */

struct cursor {
    const char *at, *end;
};

static bool is_at(const struct cursor *c, char what)
{
    return c->at < c->end && *c->at == what;
}

static bool skip(struct cursor *c, char what)
{
    bool is_there = is_at(c, what);
    c->at += is_there;
    return is_there;
}

static struct cursor word(struct cursor *c)
{
    struct cursor w;
    while (skip(c, ' '))
        ;
    w.at = c->at;
    while (c->at < c->end && strchr(" ()\"{\n", *c->at) == NULL)
        c->at++;
    w.end = c->at;
    return w;
}

static bool is_word(const struct cursor *w, const char *s)
{
    size_t len = (size_t)(w->end - w->at);
    return len == strlen(s) && strncasecmp(w->at, s, len) == 0;
}

static bool word_number(const struct cursor *w, int64_t *out)
{
    int64_t v = 0;

    if (w->at == w->end || w->end - w->at > 15)
        return false;
    for (const char *p = w->at; p < w->end; p++) {
        if (!is_digit(*p))
            return false;
        v = v * 10 + (*p - '0');
    }
    *out = v;
    return true;
}

static bool word_uid(const struct cursor *w, uint32_t *out)
{
    int64_t v;
    if (!word_number(w, &v) || v < 1 || v > UINT32_MAX)
        return false;
    *out = (uint32_t)v;
    return true;
}

/* "…" with \" and \\; what lies between is raw, escapes and all. */
static bool quoted(struct cursor *c, struct cursor *out)
{
    if (!skip(c, '"'))
        return false;
    out->at = c->at;
    while (c->at < c->end && *c->at != '"')
        c->at += *c->at == '\\' && c->at + 1 < c->end ? 2 : 1;
    out->end = c->at;
    return skip(c, '"');
}

/* {n}, a newline, n bytes. */
static bool literal(struct cursor *c, struct cursor *out)
{
    struct cursor digits;
    int64_t n;

    if (!skip(c, '{'))
        return false;
    digits.at = c->at;
    while (c->at < c->end && is_digit(*c->at))
        c->at++;
    digits.end = c->at;
    if (!word_number(&digits, &n) || !skip(c, '}') || !skip(c, '\n') || c->end - c->at < n)
        return false;
    *out = (struct cursor){c->at, c->at + n};
    c->at += n;
    return true;
}

/* A value of whatever form; a list is passed over whole.  False: it has no end. */
static bool value(struct cursor *c, struct cursor *out)
{
    int depth = 0;

    do {
        while (skip(c, ' '))
            ;
        const char *before = c->at;
        if (skip(c, '(')) {
            if (++depth > NESTING_MAX)
                return false;
            continue;
        }
        if (skip(c, ')')) {
            if (--depth < 0)
                return false;
            continue;
        }
        if (is_at(c, '"') ? !quoted(c, out) : is_at(c, '{') ? !literal(c, out) : false)
            return false;
        if (c->at == before)
            *out = word(c);
        if (c->at == before)
            return false;
    } while (depth > 0);
    return true;
}

/* --- the responses we know --- */

static void keep_uid(struct imap_reply *r, uint32_t uid)
{
    r->n_found++;
    if (r->n_uids == IMAP_UIDS_MAX) { /* servers name the oldest first */
        memmove(r->uids, r->uids + 1, sizeof r->uids - sizeof r->uids[0]);
        r->n_uids--;
    }
    r->uids[r->n_uids++] = uid;
}

static void read_search(struct imap_reply *r, struct cursor *c)
{
    uint32_t uid;
    while (c->at < c->end) {
        struct cursor w = word(c);
        if (!word_uid(&w, &uid))
            return;
        keep_uid(r, uid);
    }
}

/* "24-Nov-2026 17:41:20 +0700", its day perhaps with a blank before it. */
static int64_t internal_date(const struct cursor *w)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char s[27] = "", rfc[48];
    size_t len = (size_t)(w->end - w->at);
    int64_t at_ms = 0;

    if (len != 26)
        return 0;
    memcpy(s, w->at, 26);
    const char *month = NULL;
    for (size_t m = 0; m < 12 && month == NULL; m++)
        if (strncasecmp(months + m * 3, s + 3, 3) == 0)
            month = months + m * 3;
    if (month == NULL || memchr(s, '\0', 26) != NULL)
        return 0;
    char day = s[0] == ' ' ? '0' : s[0];
    snprintf(rfc, sizeof rfc, "%.4s-%02d-%c%cT%.8s%.3s:%.2s", s + 7, (int)(month - months) / 3 + 1,
             day, s[1], s + 12, s + 21, s + 24);
    return when_parse_rfc3339(rfc, &at_ms) ? at_ms : 0;
}

static void keep_header(struct imap_mail *m, const struct cursor *v)
{
    size_t len = (size_t)(v->end - v->at);
    struct buf raw = BUF_INIT(IMAP_HEADER_MAX);

    for (size_t i = 0; i < len; i++) /* a text from here on */
        buf_addc(&raw, v->at[i] != '\0' ? v->at[i] : '?');
    free(m->header);
    m->header = buf_take(&raw);
}

/* BODY[HEADER.FIELDS (X-A X-B)] is one name, blanks and all. */
static struct cursor item_name(struct cursor *c)
{
    struct cursor w;
    bool is_inside = false;

    while (skip(c, ' '))
        ;
    w.at = c->at;
    for (; c->at < c->end && *c->at != '\n'; c->at++) {
        if (!is_inside && (*c->at == ' ' || *c->at == '(' || *c->at == ')'))
            break;
        is_inside = *c->at == '[' || (is_inside && *c->at != ']');
    }
    w.end = c->at;
    return w;
}

static bool is_body(const struct cursor *name)
{
    return name->end - name->at > 5 && strncasecmp(name->at, "BODY[", 5) == 0;
}

static void read_fetch(struct imap_reply *r, struct cursor *c)
{
    struct imap_mail m = {0};
    bool has_all = false;

    while (skip(c, ' '))
        ;
    for (bool is_good = skip(c, '('); is_good;) {
        struct cursor v = {0}, name = item_name(c);
        if (name.at == name.end) {
            has_all = skip(c, ')');
            break;
        }
        is_good = value(c, &v);
        if (is_good && is_word(&name, "UID"))
            word_uid(&v, &m.uid);
        else if (is_good && is_word(&name, "INTERNALDATE"))
            m.arrived_ms = internal_date(&v);
        else if (is_good && is_body(&name))
            keep_header(&m, &v);
    }
    if (has_all && m.uid != 0 && r->n_mails < IMAP_UIDS_MAX)
        r->mails[r->n_mails++] = m;
    else
        free(m.header);
}

/* "\"User quota\" (STORAGE 10 512 MESSAGE 2 100)" */
static void read_quota(struct imap_reply *r, struct cursor *c)
{
    struct cursor v;
    int64_t used, limit;

    if (!value(c, &v))
        return;
    while (skip(c, ' '))
        ;
    if (!skip(c, '('))
        return;
    while (c->at < c->end && !is_at(c, ')')) {
        struct cursor name = word(c), u = word(c), l = word(c);
        if (!word_number(&u, &used) || !word_number(&l, &limit))
            return;
        if (is_word(&name, "STORAGE")) {
            r->quota_used = used;
            r->quota_limit = limit;
        }
    }
}

static void keep_text(struct buf *b, const struct cursor *c, size_t max)
{
    b->max = max;
    b->is_cut = false;
    buf_clear(b);
    buf_add(b, c->at, (size_t)(c->end - c->at));
}

static bool read_status(const struct cursor *w, enum imap_status *s)
{
    *s = is_word(w, "OK")    ? IMAP_OK
         : is_word(w, "NO")  ? IMAP_NO
         : is_word(w, "BAD") ? IMAP_BAD
                             : IMAP_NONE;
    return *s != IMAP_NONE;
}

static enum imap_said read_untagged(struct imap_reply *r, struct cursor *c, bool is_greeting)
{
    struct cursor whole, first, second;
    int64_t number;

    while (skip(c, ' '))
        ;
    whole = *c;
    first = word(c);
    if (is_word(&first, "BYE")) {
        keep_text(&r->text, &whole, IMAP_TEXT_MAX);
        return IMAP_BYE;
    }
    if (is_greeting) {
        keep_text(&r->text, &whole, IMAP_TEXT_MAX);
        return is_word(&first, "OK") || is_word(&first, "PREAUTH") ? IMAP_GREETING : IMAP_NONSENSE;
    }
    if (is_word(&first, "CAPABILITY")) {
        while (skip(c, ' '))
            ;
        keep_text(&r->capabilities, c, IMAP_HEADER_MAX);
    } else if (is_word(&first, "SEARCH")) {
        read_search(r, c);
    } else if (is_word(&first, "QUOTA")) {
        read_quota(r, c);
    } else if (word_number(&first, &number)) {
        second = word(c);
        if (is_word(&second, "FETCH"))
            read_fetch(r, c);
    }
    return first.at < first.end ? IMAP_UNTAGGED : IMAP_NONSENSE;
}

enum imap_said imap_read(struct imap_reply *r, const char *tag, const char *bytes, size_t len)
{
    struct cursor c = {bytes, bytes + len}, whole;
    struct cursor first = word(&c);

    if (is_word(&first, "*"))
        return read_untagged(r, &c, tag[0] == '\0');
    if (is_word(&first, "+"))
        return IMAP_GO_ON;
    if (tag[0] == '\0' || !is_word(&first, tag))
        return IMAP_NONSENSE;
    while (skip(&c, ' '))
        ;
    whole = c;
    first = word(&c);
    if (!read_status(&first, &r->status))
        return IMAP_NONSENSE;
    keep_text(&r->text, &whole, IMAP_TEXT_MAX);
    return IMAP_DONE;
}

/* --- what was read --- */

void imap_reply_begin(struct imap_reply *r)
{
    for (size_t i = 0; i < r->n_mails; i++)
        free(r->mails[i].header);
    r->status = IMAP_NONE;
    r->n_uids = r->n_found = r->n_mails = 0;
    r->quota_used = r->quota_limit = 0;
    buf_clear(&r->text);
}

void imap_reply_release(struct imap_reply *r)
{
    imap_reply_begin(r);
    buf_release(&r->text);
    buf_release(&r->capabilities);
}

char *imap_reply_text(const struct imap_reply *r)
{
    return text_cleaned(buf_text(&r->text), r->text.len, IMAP_TEXT_MAX, 0);
}

bool imap_reply_has_code(const struct imap_reply *r, const char *code)
{
    const char *text = strchr(buf_text(&r->text), ' ');
    size_t len = strlen(code);

    return text != NULL && text[1] == '[' && strncasecmp(text + 2, code, len) == 0 &&
           (text[2 + len] == ']' || text[2 + len] == ' ');
}

bool imap_reply_offers(const struct imap_reply *r, const char *capability)
{
    const char *text = buf_text(&r->capabilities);
    struct cursor c = {text, text + r->capabilities.len};

    while (c.at < c.end) {
        struct cursor w = word(&c);
        if (w.at == w.end)
            return false;
        if (is_word(&w, capability))
            return true;
    }
    return false;
}

static const char *line_end(const char *s)
{
    return s + strcspn(s, "\r\n");
}

static const char *next_line(const char *s)
{
    s = line_end(s);
    s += *s == '\r';
    return s + (*s == '\n');
}

char *imap_mail_header(const struct imap_mail *m, const char *name)
{
    size_t len = strlen(name);
    struct buf unfolded = BUF_INIT(IMAP_HEADER_MAX);

    for (const char *s = m->header; s != NULL && *s != '\0'; s = next_line(s)) {
        if (strncasecmp(s, name, len) != 0 || s[len] != ':')
            continue;
        s += len + 1;
        s += strspn(s, " \t");
        buf_add(&unfolded, s, (size_t)(line_end(s) - s));
        for (s = next_line(s); *s == ' ' || *s == '\t'; s = next_line(s))
            buf_add(&unfolded, s, (size_t)(line_end(s) - s));
        char *clean = text_cleaned(buf_text(&unfolded), unfolded.len, IMAP_HEADER_MAX, 0);
        buf_release(&unfolded);
        return clean;
    }
    return NULL;
}

/* --- what is sent --- */

bool imap_can_quote(const char *s)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < 32 || (unsigned char)*s > 126)
            return false;
    return true;
}

void imap_quote(struct buf *out, const char *s)
{
    buf_addc(out, '"');
    for (; *s != '\0'; s++) {
        if (*s == '"' || *s == '\\')
            buf_addc(out, '\\');
        buf_addc(out, *s);
    }
    buf_addc(out, '"');
}
