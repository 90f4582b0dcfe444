#include "probes/certificate.h"

#include "core/when.h"

void certificate_tell(const struct tls_peer *peer, int64_t now_ms, struct result *r)
{
    char stamp[WHEN_TEXT_MAX];

    if (peer == NULL || !peer->is_seen)
        return;
    result_metric(r, "days_left", tls_days_left(peer, now_ms), "d");
    result_fact(r, "subject", peer->subject);
    result_fact(r, "issuer", peer->issuer);
    result_fact(r, "not_after", when_rfc3339(peer->not_after_ms, stamp));
    result_fact(r, "protocol", peer->protocol);
    result_fact(r, "cipher", peer->cipher);
    result_fact(r, "fault", peer->words);
}
