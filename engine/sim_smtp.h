/* sim_smtp.h - a mail server's side of a short conversation: greeting, EHLO, AUTH, MAIL, RCPT,
 * NOOP, RSET, QUIT.  No TLS and no message: a health check sends none.  Pure. */
#ifndef ENGINE_SIM_SMTP_H
#define ENGINE_SIM_SMTP_H

#include "core/buf.h"
#include "engine/sim_scenario.h"

/* A server that cannot serve says so, and hangs up. */
void sim_smtp_greet(const char *target, const struct sim_condition *now, struct buf *out,
                    bool *is_kept);
/* One line without its end. */
void sim_smtp_line(const char *target, const char *line, struct buf *out, bool *is_kept);

#endif
