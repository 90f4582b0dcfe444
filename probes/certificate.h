/* certificate.h - what was seen of a certificate, as metrics and facts: the same in every kind. */
#ifndef PROBES_CERTIFICATE_H
#define PROBES_CERTIFICATE_H

#include "core/result.h"
#include "engine/tls.h"

/* Metric days_left; facts subject, issuer, not_after, protocol, cipher, and fault where there is
 * one.  peer NULL, or nothing seen of it: nothing is added. */
void certificate_tell(const struct tls_peer *peer, int64_t now_ms, struct result *r);

#endif
