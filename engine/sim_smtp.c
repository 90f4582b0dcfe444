#include "engine/sim_smtp.h"

#include <string.h>
#include <strings.h>

void sim_smtp_greet(const char *target, const struct sim_condition *now, struct buf *out,
                    bool *is_kept)
{
    *is_kept = now->error_code == 0 && !now->is_degraded;
    if (now->is_wrong)
        buf_adds(out, "HTTP/1.1 400 Bad Request\r\n\r\n");
    else if (*is_kept)
        buf_addf(out, "220 %s.example ESMTP\r\n", target);
    else
        buf_addf(out, "421 4.3.2 %s.example Service not available\r\n", target);
}

static bool is_verb(const char *line, const char *verb)
{
    size_t len = strlen(verb);
    return strncasecmp(line, verb, len) == 0 && (line[len] == '\0' || line[len] == ' ');
}

void sim_smtp_line(const char *target, const char *line, struct buf *out, bool *is_kept)
{
    static const struct {
        const char *verb, *answer;
    } rows[] = {
        {"NOOP", "250 2.0.0 Ok\r\n"},
        {"RSET", "250 2.0.0 Ok\r\n"},
        {"MAIL", "250 2.1.0 Ok\r\n"},
        {"RCPT", "250 2.1.5 Ok\r\n"},
        {"AUTH", "235 2.7.0 Authentication successful\r\n"},
        {"STARTTLS", "454 4.7.0 TLS not available\r\n"},
        {"QUIT", "221 2.0.0 Bye\r\n"},
    };
    *is_kept = !is_verb(line, "QUIT");
    if (is_verb(line, "HELO")) {
        buf_addf(out, "250 %s.example\r\n", target);
        return;
    }
    if (is_verb(line, "EHLO")) {
        buf_addf(out,
                 "250-%s.example\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-AUTH PLAIN "
                 "LOGIN\r\n250 8BITMIME\r\n",
                 target);
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (is_verb(line, rows[i].verb)) {
            buf_adds(out, rows[i].answer);
            return;
        }
    buf_adds(out, "502 5.5.2 Error: command not recognized\r\n");
}
