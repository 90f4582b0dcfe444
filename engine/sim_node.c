/* sim_node.c - what node_exporter would say of a simulated server: few series, as its own are
 * named. */
#include <math.h>
#include <string.h>

#include "engine/sim_body.h"

#define CPUS     4
#define GIB      1073741824.0
#define PERIOD_S 97.0

/* Counters only rise: the share that is busy swings about 30 %, and this is its sum over time. */
static double busy_s(const struct sim_ask *a, int cpu)
{
    double t = 1e6 + (double)a->at_ms / 1000, w = 6.2831853 / PERIOD_S;
    return 0.3 * t - 0.15 / w * cos(w * (t + cpu * 11 + (double)(strlen(a->target->id) % 7) * 5));
}

static void add_cpus(struct buf *b, const struct sim_ask *a)
{
    double t = 1e6 + (double)a->at_ms / 1000;
    buf_adds(b, "# HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.\n"
                "# TYPE node_cpu_seconds_total counter\n");
    for (int cpu = 0; cpu < CPUS; cpu++) {
        double busy = busy_s(a, cpu);
        buf_addf(b,
                 "node_cpu_seconds_total{cpu=\"%d\",mode=\"idle\"} %.2f\n"
                 "node_cpu_seconds_total{cpu=\"%d\",mode=\"system\"} %.2f\n"
                 "node_cpu_seconds_total{cpu=\"%d\",mode=\"user\"} %.2f\n",
                 cpu, t - busy, cpu, busy / 4, cpu, busy * 3 / 4);
    }
}

static void add_disk(struct buf *b, const char *device, const char *at, double size, int used_pct)
{
    buf_addf(b,
             "node_filesystem_avail_bytes{device=\"%s\",fstype=\"xfs\",mountpoint=\"%s\"} %.0f\n"
             "node_filesystem_size_bytes{device=\"%s\",fstype=\"xfs\",mountpoint=\"%s\"} %.0f\n"
             "node_filesystem_readonly{device=\"%s\",fstype=\"xfs\",mountpoint=\"%s\"} 0\n",
             device, at, size * (100 - used_pct) / 100, device, at, size, device, at);
}

static void add_units(struct buf *b, const struct sim_ask *a)
{
    static const char *const units[] = {"app.service", "chrony.service", "node-exporter.service"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        bool is_failed = i == 0 && a->now.is_degraded;
        buf_addf(b,
                 "node_systemd_unit_state{name=\"%s\",state=\"active\",type=\"simple\"} %d\n"
                 "node_systemd_unit_state{name=\"%s\",state=\"failed\",type=\"simple\"} %d\n",
                 units[i], !is_failed, units[i], is_failed);
    }
}

int sim_node_body(struct buf *b, const struct sim_ask *a)
{
    double total = 32 * GIB;
    add_cpus(b, a);
    buf_addf(b, "node_load1 %.2f\nnode_load5 %.2f\n", CPUS * sim_load_pct(a) / 100.0,
             CPUS * sim_load_pct(a) / 100.0);
    buf_addf(b, "node_memory_MemTotal_bytes %.0f\nnode_memory_MemAvailable_bytes %.0f\n", total,
             total * (100 - sim_memory_pct(a)) / 100);
    add_disk(b, "/dev/vda1", "/", 40 * GIB, sim_swing(a->target->id, 7, 22, 31, 5400000, a->at_ms));
    add_disk(b, "/dev/vdb1", "/var", 400 * GIB, sim_disk_pct(a));
    buf_addf(b, "node_timex_offset_seconds %.6f\nnode_timex_sync_status 1\n",
             sim_swing(a->target->id, 8, -3000, 3000, 171000, a->at_ms) / 1e6);
    buf_addf(b, "node_boot_time_seconds %.0f\nnode_time_seconds %.3f\n",
             (double)(a->wall_ms - a->at_ms) / 1000 - 1e6, (double)a->wall_ms / 1000);
    add_units(b, a);
    return 200;
}
