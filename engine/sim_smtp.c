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

/* "FROM:<…>" behind MAIL, "TO:<…>" behind RCPT. */
static bool has_path(const char *line, const char *word)
{
    const char *at = strchr(line, ' ');
    return at != NULL && strncasecmp(at + 1, word, strlen(word)) == 0 && strchr(at, '<') != NULL &&
           strchr(at, '>') != NULL;
}

static const char *take_mail(struct sim_smtp *s, const char *line)
{
    if (!has_path(line, "FROM:"))
        return "501 5.5.4 Syntax: MAIL FROM:<address>\r\n";
    if (s->has_from)
        return "503 5.5.1 Error: nested MAIL command\r\n";
    s->has_from = true;
    return "250 2.1.0 Ok\r\n";
}

static const char *take_rcpt(struct sim_smtp *s, const char *line)
{
    if (!s->has_from)
        return "503 5.5.1 Error: need MAIL command\r\n";
    if (!has_path(line, "TO:"))
        return "501 5.5.4 Syntax: RCPT TO:<address>\r\n";
    s->n_to++;
    return "250 2.1.5 Ok\r\n";
}

static const char *take_data(struct sim_smtp *s, const char *line)
{
    (void)line;
    if (s->n_to == 0)
        return "503 5.5.1 Error: need RCPT command\r\n";
    s->is_message = true;
    return "354 End data with <CR><LF>.<CR><LF>\r\n";
}

static const char *take_rset(struct sim_smtp *s, const char *line)
{
    (void)line;
    *s = (struct sim_smtp){0};
    return "250 2.0.0 Ok\r\n";
}

static void take_message_line(struct sim_smtp *s, struct sim_mailbox *box, const char *line,
                              struct buf *out)
{
    if (strcmp(line, ".") != 0)
        return;
    box->messages++;
    box->recipients += s->n_to;
    *s = (struct sim_smtp){0};
    buf_addf(out, "250 2.0.0 Ok: queued as %zu\r\n", box->messages);
}

static void hello(const char *target, struct sim_smtp *s, bool is_extended, struct buf *out)
{
    *s = (struct sim_smtp){0};
    if (is_extended)
        buf_addf(out,
                 "250-%s.example\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-AUTH PLAIN "
                 "LOGIN\r\n250 8BITMIME\r\n",
                 target);
    else
        buf_addf(out, "250 %s.example\r\n", target);
}

void sim_smtp_line(const char *target, struct sim_smtp *s, struct sim_mailbox *box,
                   const char *line, struct buf *out, bool *is_kept)
{
    static const struct {
        const char *verb, *answer; /* NULL: take says it */
        const char *(*take)(struct sim_smtp *s, const char *line);
    } rows[] = {
        {"NOOP", "250 2.0.0 Ok\r\n", NULL},
        {"RSET", NULL, take_rset},
        {"MAIL", NULL, take_mail},
        {"RCPT", NULL, take_rcpt},
        {"DATA", NULL, take_data},
        {"AUTH", "235 2.7.0 Authentication successful\r\n", NULL},
        {"STARTTLS", "454 4.7.0 TLS not available\r\n", NULL},
        {"QUIT", "221 2.0.0 Bye\r\n", NULL},
    };
    *is_kept = s->is_message || !is_verb(line, "QUIT");
    if (s->is_message) {
        take_message_line(s, box, line, out);
        return;
    }
    if (is_verb(line, "HELO") || is_verb(line, "EHLO")) {
        hello(target, s, is_verb(line, "EHLO"), out);
        return;
    }
    if (is_verb(line, "HELP")) {
        buf_addf(out, "214 2.0.0 %zu messages for %zu recipients\r\n", box->messages,
                 box->recipients);
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (is_verb(line, rows[i].verb)) {
            buf_adds(out, rows[i].take != NULL ? rows[i].take(s, line) : rows[i].answer);
            return;
        }
    buf_adds(out, "502 5.5.2 Error: command not recognized\r\n");
}
