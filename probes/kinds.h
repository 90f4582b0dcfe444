/* kinds.h - the kinds of probe, one file each; probes.c has the list. */
#ifndef PROBES_KINDS_H
#define PROBES_KINDS_H

#include "engine/probe.h"

extern const struct probe_type probe_aggregate;
extern const struct probe_type probe_alertmanager;
extern const struct probe_type probe_commits;
extern const struct probe_type probe_dns;
extern const struct probe_type probe_exec;
extern const struct probe_type probe_expiry;
extern const struct probe_type probe_flow;
extern const struct probe_type probe_haproxy;
extern const struct probe_type probe_hotline;
extern const struct probe_type probe_http;
extern const struct probe_type probe_icmp;
extern const struct probe_type probe_kannel;
extern const struct probe_type probe_mail;
extern const struct probe_type probe_metric;
extern const struct probe_type probe_metrics;
extern const struct probe_type probe_passive;
extern const struct probe_type probe_patroni;
extern const struct probe_type probe_postgres;
extern const struct probe_type probe_prometheus;
extern const struct probe_type probe_replication;
extern const struct probe_type probe_row;
extern const struct probe_type probe_slots;
extern const struct probe_type probe_sms;
extern const struct probe_type probe_smtp;
extern const struct probe_type probe_subscription;
extern const struct probe_type probe_sync;
extern const struct probe_type probe_tcp;
extern const struct probe_type probe_tls;

#endif
