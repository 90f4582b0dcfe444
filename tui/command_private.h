/* command_private.h - between command.c, commands.c and the dialogs. */
#ifndef TUI_COMMAND_PRIVATE_H
#define TUI_COMMAND_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

#include "tui/console.h"

#define COMMAND_ALERTS_MAX 65536 /* of one bulk act: IDS_MAX */

struct view;
/* The marked alerts, else the one that is selected; returns how many. */
size_t command_alerts(const struct console *c, uint64_t *ids, size_t max);
/* The view that commands are about: the topmost that is no dialog. */
const struct view *command_screen(const struct console *c);
bool command_to_screen(struct console *c, const char *name, const char *arg);

/* --- announcer.c --- */
void run_notify(struct console *c, const char *arg);

/* --- commands_alerts.c --- */
void run_ack(struct console *c, const char *arg);
void run_ack_behind(struct console *c, const char *arg);
void run_unack(struct console *c, const char *arg);
void run_extend(struct console *c, const char *arg);
void run_take(struct console *c, const char *arg);
void run_escalate(struct console *c, const char *arg);
void run_note(struct console *c, const char *arg);
void run_period_end(struct console *c, const char *arg);
void run_period_approve(struct console *c, const char *arg);
void run_silence(struct console *c, const char *arg);
void run_maintenance(struct console *c, const char *arg);
void run_maintenance_match(struct console *c, const char *arg);

/* --- commands_failover.c --- */
void run_plan(struct console *c, const char *arg);
void run_abort(struct console *c, const char *arg);
void run_resolve(struct console *c, const char *arg);
void run_close(struct console *c, const char *arg);

#endif
