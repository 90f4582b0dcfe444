#include "engine/tls_words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/say.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/net.h"

double tls_days_left(const struct tls_peer *p, int64_t now_ms)
{
    return (double)(p->not_after_ms - now_ms) / (double)WHEN_DAY_MS;
}

/* "812", or "0.4" where whole days would hide the urgency. */
static const char *days_text(int64_t ms, char out[32])
{
    double days = (double)(ms < 0 ? -ms : ms) / (double)WHEN_DAY_MS;
    if (days < 2)
        snprintf(out, 32, "%.1f", floor(days * 10) / 10);
    else
        snprintf(out, 32, "%.0f", floor(days));
    return out;
}

static const char *date_text(int64_t at_ms, char out[WHEN_TEXT_MAX])
{
    when_rfc3339(at_ms, out);
    out[strcspn(out, "T")] = '\0';
    return out;
}

/* The sentence with a text from the certificate or the library, then the days left. */
static char *say_with(const char *msgid, const char *raw, const char *days, const char *more)
{
    char *clean = text_cleaned(raw != NULL ? raw : "?", raw != NULL ? strlen(raw) : 1, 256, 0);
    char *say = SAY(msgid, clean, days, more);
    free(clean);
    return say;
}

char *tls_peer_say(const struct tls_peer *p, const char *host, int64_t now_ms)
{
    char days[32], date[WHEN_TEXT_MAX];
    const char *left = days_text(p->not_after_ms - now_ms, days);

    switch (p->fault) {
    case TLS_FAULT_EXPIRED:
        return SAY(N_("certificate expired {0} days ago, on {1}"), left,
                   date_text(p->not_after_ms, date));
    case TLS_FAULT_NOT_YET:
        return SAY(N_("certificate is not valid before {0}, {1} days from now"),
                   date_text(p->not_before_ms, date), days_text(p->not_before_ms - now_ms, days));
    case TLS_FAULT_SELF_SIGNED:
        return SAY(N_("self-signed certificate; {0} days left"), left);
    case TLS_FAULT_NO_CHAIN:
        return say_with(N_("certificate's issuer is not known: {0}; {1} days left"), p->issuer,
                        left, NULL);
    case TLS_FAULT_NAME:
        return say_with(N_("certificate is for {0}, not for {2}; {1} days left"), p->names, left,
                        host);
    case TLS_FAULT_AUTHORITY:
        return say_with(N_("an authority in the certificate's chain: {0}; {1} days left"), p->words,
                        left, NULL);
    case TLS_FAULT_OTHER:
    case TLS_FAULT_NONE:
        break;
    }
    return say_with(N_("certificate refused: {0}; {1} days left"), p->words, left, NULL);
}

char *tls_stop_say(enum tls_stop stop, int error, const char *text, bool *is_self)
{
    switch (stop) {
    case TLS_STOP_CLOSED:
        return mem_strdup(N_("connection closed during the TLS handshake"));
    case TLS_STOP_SYSTEM:
        return net_say_errno(error, is_self);
    case TLS_STOP_CERT_WANTED:
        return mem_strdup(N_("the server wants a client certificate"));
    case TLS_STOP_TOO_OLD:
        return mem_strdup(N_("the server has no TLS newer than 1.1"));
    case TLS_STOP_NO_TLS:
        return mem_strdup(N_("the answer is not TLS"));
    case TLS_STOP_PROTOCOL:
        break;
    }
    return say_with(N_("TLS handshake failed: {0}"), text, NULL, NULL);
}
