/* What is asked of node_exporter everywhere, so that a site file says it in one word. */
#include "probes/metric.h"

/* File systems that hold nobody's data, or are always full. */
#define DISKS                                                                                      \
    "{fstype!~'tmpfs|devtmpfs|ramfs|rootfs|overlay|squashfs|iso9660|nsfs|autofs|fuse.lxcfs|"       \
    "proc|sysfs|cgroup.*'}"

const struct metric_preset metric_presets[] = {
    {.name = "load", /* a processor, 1: all are busy */
     .series = "node_load5",
     .per = "node_cpu_seconds_total{mode='idle'}",
     .per_group = FOLD_COUNT,
     .pick = FOLD_MAX,
     .metric = "load",
     .unit = ""},
    {.name = "cpu", /* busy, of all processors */
     .series = "node_cpu_seconds_total{mode='idle'}",
     .per = "node_cpu_seconds_total",
     .is_rate = true,
     .as = METRIC_REST_PERCENT,
     .pick = FOLD_MAX,
     .metric = "cpu",
     .unit = "%"},
    {.name = "memory", /* used */
     .series = "node_memory_MemAvailable_bytes",
     .per = "node_memory_MemTotal_bytes",
     .as = METRIC_REST_PERCENT,
     .pick = FOLD_MAX,
     .metric = "memory",
     .unit = "%"},
    {.name = "disk", /* used, of the fullest */
     .series = "node_filesystem_avail_bytes" DISKS,
     .per = "node_filesystem_size_bytes" DISKS,
     .by = "mountpoint",
     .as = METRIC_REST_PERCENT,
     .pick = FOLD_MAX,
     .metric = "disk",
     .unit = "%"},
    {.name = "inodes",
     .series = "node_filesystem_files_free" DISKS,
     .per = "node_filesystem_files" DISKS,
     .by = "mountpoint",
     .as = METRIC_REST_PERCENT,
     .pick = FOLD_MAX,
     .metric = "inodes",
     .unit = "%"},
    {.name = "readonly", /* file systems that no longer take writes */
     .series = "node_filesystem_readonly" DISKS,
     .by = "mountpoint",
     .only = ">0",
     .pick = FOLD_COUNT,
     .metric = "readonly",
     .unit = ""},
    {.name = "clock", /* off the time servers', either way */
     .series = "node_timex_offset_seconds",
     .as = METRIC_ABS,
     .scale = 1000,
     .pick = FOLD_MAX,
     .metric = "offset_ms",
     .unit = "ms"},
    {.name = "clock_sync", /* 1: the kernel is being steered */
     .series = "node_timex_sync_status",
     .pick = FOLD_MIN,
     .metric = "synchronised",
     .unit = ""},
    {.name = "units", /* of systemd that have failed */
     .series = "node_systemd_unit_state{state='failed'}",
     .by = "name",
     .only = ">0",
     .pick = FOLD_COUNT,
     .metric = "failed",
     .unit = ""},
    {.name = "textfile", /* the oldest of those that jobs leave */
     .series = "node_textfile_mtime_seconds",
     .by = "file",
     .as = METRIC_AGE,
     .pick = FOLD_MAX,
     .metric = "age_s",
     .unit = "s"},
    {.name = "boot", /* since when it is up */
     .series = "node_boot_time_seconds",
     .as = METRIC_AGE,
     .pick = FOLD_MAX,
     .metric = "uptime_s",
     .unit = "s"},
    {.name = "files", /* open, of those that the kernel allows */
     .series = "node_filefd_allocated",
     .per = "node_filefd_maximum",
     .as = METRIC_PERCENT,
     .pick = FOLD_MAX,
     .metric = "files",
     .unit = "%"},
    {.name = "conntrack",
     .series = "node_nf_conntrack_entries",
     .per = "node_nf_conntrack_entries_limit",
     .as = METRIC_PERCENT,
     .pick = FOLD_MAX,
     .metric = "conntrack",
     .unit = "%"},
    {.name = NULL}};

/* As choices have it. */
const char *const metric_preset_names[] = {"series",   "load",     "cpu",   "memory",     "disk",
                                           "inodes",   "readonly", "clock", "clock_sync", "units",
                                           "textfile", "boot",     "files", "conntrack",  NULL};
_Static_assert(sizeof metric_preset_names / sizeof *metric_preset_names ==
                   1 + sizeof metric_presets / sizeof *metric_presets,
               "a preset is missing");
