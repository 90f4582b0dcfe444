/* sim_kannel.c - Kannel's status.xml, as version 1.4.5 writes it: two SMSC links, one box; sendsms,
 * and the provider's pages of receipts and quota.
 *
 * A wrong password is answered 200 "Denied", as the real one does; the fault `lost` leaves the
 * second link re-connecting and messages in the store. */
#include <string.h>

#include "core/map.h"
#include "engine/sim_body.h"

static void add_uptime(struct buf *b, int64_t ms)
{
    long long s = ms / 1000;
    buf_addf(b, "%lldd %lldh %lldm %llds", s / 86400, s / 3600 % 24, s / 60 % 60, s % 60);
}

static void add_smsc(struct buf *b, const struct sim_ask *a, const char *id, bool is_lost, int sent)
{
    buf_addf(b, "<smsc>\n\t\t<name>SMPP:%s:0/0::</name>\n\t\t<admin-id>%s</admin-id>\n", id, id);
    buf_addf(b, "\t\t<id>%s</id>\n", id);
    if (is_lost)
        buf_adds(b, "\t\t<status>re-connecting</status>\n");
    else
        buf_addf(b, "\t\t<status>online %llds</status>\n", (long long)(a->at_ms / 1000 + 86400));
    buf_addf(b,
             "\t\t<failed>%d</failed>\n\t\t<queued>0</queued>\n\t\t<sms>\n"
             "\t\t\t<received>0</received>\n\t\t\t<sent>%d</sent>\n"
             "\t\t\t<inbound>0.00,0.00,0.00</inbound>\n\t\t\t<outbound>1.20,1.10,1.15</outbound>\n"
             "\t\t</sms>\n\t</smsc>\n",
             sent / 400, sent);
}

int sim_kannel_body(struct buf *b, const struct sim_ask *a)
{
    int sent = (int)(a->at_ms / 800),
        waiting = a->now.is_lost ? 40 + (int)(a->at_ms / 700 % 300) : 0;
    if (strstr(a->request->query, "password=") == NULL) {
        buf_adds(b, "<?xml version=\"1.0\"?>\n<gateway>\nDenied\n</gateway>\n");
        return 200;
    }
    buf_adds(b, "<?xml version=\"1.0\"?>\n<gateway>\n"
                "<version>Kannel bearerbox version `1.4.5'.</version>\n<status>running, uptime ");
    add_uptime(b, a->at_ms + 86400000);
    buf_addf(b,
             "</status>\n\t<sms>\n\t\t<received><total>0</total><queued>0</queued></received>\n"
             "\t\t<sent><total>%d</total><queued>%d</queued></sent>\n"
             "\t\t<storesize>%d</storesize>\n\t\t<inbound>0.00,0.00,0.00</inbound>\n"
             "\t\t<outbound>1.20,1.10,1.15</outbound>\n\t</sms>\n"
             "\t<dlr><queued>0</queued><storage>internal</storage></dlr>\n<boxes>\n\t<box>\n"
             "\t\t<type>smsbox</type>\n\t\t<id></id>\n\t\t<IP>127.0.0.1</IP>\n"
             "\t\t<queue>0</queue>\n\t\t<status>on-line ",
             sent, waiting, waiting);
    add_uptime(b, a->at_ms + 86399000);
    buf_adds(b, "</status>\n\t\t<ssl>no</ssl>\n\t</box></boxes>\n<smscs><count>2</count>\n\t");
    add_smsc(b, a, "smsc-1", false, sent / 2);
    add_smsc(b, a, "smsc-2", a->now.is_lost, sent / 2);
    buf_adds(b, "</smscs>\n</gateway>\n");
    return 200;
}

int sim_sendsms_body(struct buf *b, const struct sim_ask *a)
{
    const char *query = a->request->query;
    if (strstr(query, "password=") == NULL || strstr(query, "username=") == NULL) {
        buf_adds(b, "Authorization failed for sendsms");
        return 403;
    }
    buf_adds(b, a->now.is_lost ? "3: Queued for later delivery" : "0: Accepted for delivery");
    return 202;
}

/* But for every third second of a key's own count it is found delivered: so messages take one or
 * two, also on a busy machine, and nothing need be remembered. */
int sim_receipt_body(struct buf *b, const struct sim_ask *a)
{
    const char *key = strstr(a->request->query, "key=");
    if (key == NULL)
        return 404;
    bool is_there = !a->now.is_lost && (map_hash(key) + (uint64_t)a->at_ms / 1000) % 3 != 0;
    buf_addf(b, "{\"status\":\"%s\"}\n", is_there ? "DELIVRD" : "ENROUTE");
    return 200;
}

int sim_quota_body(struct buf *b, const struct sim_ask *a)
{
    buf_addf(b, "{\"left_pct\":%d}\n", 71 - (int)(a->at_ms / 3600000 % 40));
    return 200;
}
