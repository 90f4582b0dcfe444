/* dns_message.h - what a name server's reply holds, as text.  Reads bytes from anywhere: nothing
 * outside of them, no more records or longer names than written here. */
#ifndef ENGINE_DNS_MESSAGE_H
#define ENGINE_DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_VALUES_MAX 64

enum dns_type { DNS_A, DNS_AAAA, DNS_CNAME, DNS_MX, DNS_NS, DNS_PTR, DNS_SOA, DNS_TXT };
extern const char *const dns_type_names[]; /* NULL-ended */
extern const int dns_type_numbers[];       /* as on the wire */

struct dns_answer {
    int rcode;
    char *values[DNS_VALUES_MAX]; /* "192.0.2.1", "10 mail.example", "text" …; cleaned */
    size_t n;
    uint32_t ttl_s;  /* the shortest */
    uint32_t serial; /* of the last SOA */
};
/* The records of that type in the answer section.  False: malformed; release all the same. */
bool dns_message_read(const uint8_t *bytes, size_t len, enum dns_type type, struct dns_answer *out);
void dns_answer_release(struct dns_answer *a);

/* "NXDOMAIN"; "RCODE 17" for those without a name. */
const char *dns_rcode_text(int rcode, char out[24]);
/* The name under which an address is looked up backwards; false: s is no address. */
bool dns_reverse_name(const char *s, char out[80]);
/* Is this value what was expected?  Names and addresses in any way of writing, texts exactly. */
bool dns_is_same(enum dns_type type, const char *value, const char *expected);

#endif
