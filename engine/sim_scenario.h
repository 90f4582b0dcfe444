/* sim_scenario.h - which fault holds for which simulated target, when: a plain file of lines.
 *
 *     repeat 180s
 *     ; FROM TO TARGET-GLOB FAULT [VALUE]
 *     6s 60s srv-a-web-03 refuse
 *
 * Times count from the start, modulo `repeat`.  The faults and their values are the rows of
 * sim_fault_rows.  Pure: the clock is passed in. */
#ifndef ENGINE_SIM_SCENARIO_H
#define ENGINE_SIM_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/site.h"

#define SIM_LINES_MAX 1000

enum sim_fault {
    SIM_REFUSE,   /* the port is closed */
    SIM_SLOW,     /* every answer comes later by VALUE */
    SIM_HANG,     /* connects, never answers */
    SIM_ERROR,    /* answers HTTP status VALUE */
    SIM_WRONG,    /* answers 200 with a page that nobody asked for */
    SIM_DEGRADED, /* says "DEGRADED" of itself, and is not ready */
    SIM_BUSY,     /* reports VALUE % of load and memory */
    SIM_FLAP,     /* refuses for the first half of every VALUE */
    SIM_LOST, /* a link is gone: a database's, one of an SMS gateway's; a flow is not taken back */
    SIM_LATE, /* the last synchronisation or call was VALUE earlier */
    SIM_LAG,  /* a database replica is VALUE MiB behind its leader */
    SIM_FAULT_COUNT
};
struct sim_fault_row {
    const char *name;
    enum { SIM_VALUE_NONE, SIM_VALUE_DURATION, SIM_VALUE_NUMBER } value;
    int64_t min, max; /* of the value; durations in ms */
};
extern const struct sim_fault_row sim_fault_rows[SIM_FAULT_COUNT];

struct sim_line {
    int64_t from_ms, to_ms, value;
    char *glob;
    enum sim_fault fault;
};
struct sim_scenario {
    struct sim_line *lines;
    size_t n, cap;
    int64_t repeat_ms; /* 0: once */
};

/* How one target behaves at one moment. */
struct sim_condition {
    bool is_refusing, is_hanging, is_wrong, is_degraded, is_lost;
    int64_t slow_ms, late_ms, lag_mib;
    int error_code; /* 0: none */
    int busy_pct;   /* 0: as usual */
};

/* Adds to `errors` ("FILE:LINE") and returns false if any line is wrong. */
bool sim_scenario_parse(struct sim_scenario *s, const char *path, const char *text,
                        struct site_errors *errors);
bool sim_scenario_load(struct sim_scenario *s, const char *path, struct site_errors *errors);
void sim_scenario_release(struct sim_scenario *s);
struct sim_condition sim_condition_at(const struct sim_scenario *s, const char *target,
                                      int64_t since_start_ms);

#endif
