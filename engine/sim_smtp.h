/* sim_smtp.h - a mail server's side of a conversation: greeting, EHLO, AUTH, MAIL, RCPT, DATA,
 * NOOP, RSET, HELP, QUIT.  No TLS.  Of what comes it keeps the count: the reply to a message has
 * its number, HELP tells how many there were. */
#ifndef ENGINE_SIM_SMTP_H
#define ENGINE_SIM_SMTP_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "engine/sim_scenario.h"

struct sim_mailbox { /* all that has come */
    size_t messages, recipients;
};
struct sim_smtp { /* one connection */
    bool has_from, is_message;
    size_t n_to;
};

/* A server that cannot serve says so, and hangs up. */
void sim_smtp_greet(const char *target, const struct sim_condition *now, struct buf *out,
                    bool *is_kept);
/* One line without its end; lines of a message are answered with nothing, but for the last. */
void sim_smtp_line(const char *target, struct sim_smtp *s, struct sim_mailbox *box,
                   const char *line, struct buf *out, bool *is_kept);

#endif
