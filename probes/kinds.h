/* kinds.h - the kinds of probe, one file each; probes.c has the list. */
#ifndef PROBES_KINDS_H
#define PROBES_KINDS_H

#include "engine/probe.h"

extern const struct probe_type probe_exec, probe_http, probe_passive, probe_row, probe_tcp;

#endif
