/* storm_lab.h - ten thousand alerts as an engine would send them: a hundred switches are down, and
 * behind each stand ninety-nine servers.  For test_screens (`snapshot storm:10000`) and for
 * tests/bench/keysbench.c. */
#ifndef STORM_LAB_H
#define STORM_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/buf.h"
#include "core/when.h"

#define STORM_BEHIND 99 /* servers a switch; 0: ten thousand switches, that are all alike */

static const char *storm_target(size_t i, size_t behind, char out[32])
{
    size_t rack = i / (behind + 1) + 1, at = i % (behind + 1);
    snprintf(out, 32, at == 0 ? "sw-%03zu" : "srv-%03zu-%02zu", rack, at);
    return out;
}

/* The alert of target i; the first of each hundred is the cause of the others. */
static void storm_alert(struct buf *out, size_t i, size_t behind, int64_t now_ms, int version)
{
    char id[32], at[WHEN_TEXT_MAX];
    size_t cause = i - i % (behind + 1);
    bool is_cause = cause == i;
    when_rfc3339(now_ms - 60000 + (int64_t)i, at);
    storm_target(i, behind, id);
    buf_addf(
        out,
        "{\"alert\":{\"id\":%zu,\"check\":\"%s/ping\",\"target\":\"%s\",\"version\":%d,"
        "\"phase\":\"firing\",\"state\":\"CRITICAL\",\"priority\":\"%s\",\"level\":1,\"page\":1,"
        "\"opened_at\":\"%s\",\"since\":\"%s\",\"resolved_at\":null,\"summary\":\"no answer\","
        "\"ack\":null,\"notes\":[],\"marks\":[%s],",
        i + 1, id, id, version, is_cause ? "P2" : "P3", at, at, is_cause ? "" : "\"parent\"");
    if (is_cause)
        buf_adds(out, "\"cause\":null,\"next\":{\"runs\":true,\"level\":2,\"level_in_ms\":540000,"
                      "\"ack_in_ms\":840000},");
    else
        buf_addf(out,
                 "\"cause\":%zu,\"next\":{\"runs\":false,\"level\":2,\"level_in_ms\":1740000},",
                 cause + 1);
    buf_addf(out, "\"told\":[],\"seq\":%zu}}\n", i + 1);
}

static void storm_site(struct buf *out, size_t n, size_t behind, int64_t now_ms)
{
    char id[32], parent[32], at[WHEN_TEXT_MAX];
    when_rfc3339(now_ms - 60000, at);
    for (size_t i = 0; i < n; i++) {
        bool is_cause = i % (behind + 1) == 0;
        storm_target(i, behind, id);
        storm_target(i - i % (behind + 1), behind, parent);
        buf_addf(
            out,
            "{\"target\":{\"id\":\"%s\",\"name\":null,\"kind\":\"server\",\"group\":null,"
            "\"env\":\"production\",\"link\":\"done\",\"enabled\":true,\"labels\":{\"role\":"
            "\"%s\"},\"parents\":[%s%s%s],\"tags\":[],\"state\":\"CRITICAL\",\"since\":\"%s\"}}\n",
            id, is_cause ? "switch" : "web", is_cause ? "" : "\"", is_cause ? "" : parent,
            is_cause ? "" : "\"", at);
    }
    for (size_t i = 0; i < n; i++) {
        bool is_cause = i % (behind + 1) == 0;
        storm_target(i, behind, id);
        buf_addf(
            out,
            "{\"check\":{\"check\":\"%s/ping\",\"target\":\"%s\",\"probe\":\"icmp\","
            "\"priority\":\"%s\",\"interval_ms\":30000,\"retry_ms\":10000,\"timeout_ms\":5000,"
            "\"attempts\":3,\"ok_confirm\":2,\"state\":\"CRITICAL\",\"last_state\":\"CRITICAL\","
            "\"hard_state\":\"CRITICAL\",\"hard\":true,\"attempt\":3,\"unreachable\":%s,"
            "\"since\":\"%s\",\"at\":\"%s\",\"summary\":\"no answer\",\"metrics\":[],"
            "\"alert\":%zu,\"age_ms\":2000}}\n",
            id, id, is_cause ? "P2" : "P3", is_cause ? "false" : "true", at, at, i + 1);
    }
}

/* hello, and a snapshot of n targets; with their alerts or without. */
static void storm_snapshot(struct buf *out, size_t n, size_t behind, int64_t now_ms,
                           bool has_alerts)
{
    buf_adds(out,
             "{\"trucban\":1,\"hello\":{\"engine\":\"0.1.0\",\"pid\":4242,\"site\":\"storm\","
             "\"language\":\"en\",\"login\":\"an\",\"uid\":1000,\"role\":\"l1\",\"can_act\":true,"
             "\"started_at\":\"2026-03-05T00:00:00.000Z\"}}\n");
    buf_addf(
        out,
        "{\"snapshot\":{\"version\":40,\"seq\":%zu,\"site\":{\"id\":\"storm\",\"name\":{\"vi\":"
        "\"Bão\",\"en\":\"Storm\"},\"language\":\"en\",\"timezone\":\"Asia/Ho_Chi_Minh\","
        "\"sample\":false},\"groups\":[],\"targets\":%zu,\"checks\":%zu,\"alerts\":%zu}}\n",
        n, n, n, has_alerts ? n : (size_t)0);
    storm_site(out, n, behind, now_ms);
    for (size_t i = 0; i < n && has_alerts; i++)
        storm_alert(out, i, behind, now_ms, 1);
    buf_addf(out, "{\"snapshot_end\":{\"version\":40,\"seq\":%zu}}\n", n);
}

#endif
