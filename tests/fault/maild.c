/* maild.c: mail servers that misbehave on purpose, one way a pair of ports: mail goes in by SMTP
 * and is found by IMAP.  All in the clear, on loopback.
 *
 *   maild
 *
 * Prints "NAME SMTP-PORT IMAP-PORT" for each of the modes below, then an empty line, and serves
 * 127.0.0.1 until its standard input ends.  One thread a connection.  Whoever logs in is "lab" with
 * the password "right".  For tests IMAP has two commands more, before any login:
 *   t PUT header          puts a mail of that one header into the mailbox
 *   t COUNT               answers "t OK mails=N taken=N deleted=N" (taken: by SMTP, so far) */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HOSTILE   "ev\x1b[31mil\xc2\x9b\xe2\x80\xae"
#define MAILS_MAX 600
#define LINE_MAX  4096

enum flaw {
    NO_UIDPLUS = 1 << 0,
    TWICE = 1 << 1,
    LOST = 1 << 2,      /* taken, and never there */
    OVERQUOTA = 1 << 3, /* taken, and the mailbox is full */
    SMTP_452 = 1 << 4,
    SMTP_552 = 1 << 5,
    AHEAD = 1 << 6,    /* its clock is ten minutes ahead */
    ANYTHING = 1 << 7, /* a search finds every mail */
    READ_ONLY = 1 << 8,
    KEEPS = 1 << 9, /* refuses to delete */
    LOGIN_ONLY = 1 << 10,
    NO_LOGIN = 1 << 11,
    UNAVAILABLE = 1 << 12,
    BYE = 1 << 13, /* after the login */
    EVIL = 1 << 14,
    HANG = 1 << 15,
    SLAM = 1 << 16,
    ENDLESS = 1 << 17,  /* a line without an end */
    CHATTERS = 1 << 18, /* untagged lines without an end */
    HUGE = 1 << 19,     /* announces a literal of a terabyte */
    GIBBERISH = 1 << 20,
    PREAUTH = 1 << 21,
    CUT = 1 << 22,      /* hangs up in the middle of a literal */
    STARTTLS = 1 << 23, /* offers it, and says more in the clear after the go-ahead */
    MANY = 1 << 24,     /* a search finds 100,000 mails */
    NO_MAILBOX = 1 << 25,
    SMTP_LATE = 1 << 26, /* takes the mail, and hangs up before saying so */
    PLUS = 1 << 27       /* asks for more where nothing more is due */
};
struct mail {
    unsigned uid;
    char header[LINE_MAX];
    long long there_ms;
    time_t at;
    int is_deleted;
};
struct mode {
    const char *name;
    int flaws, delay_ms;
    pthread_mutex_t lock;
    struct mail *mails;
    unsigned n, next_uid, taken, deleted;
};
static struct mode modes[] = {
    {.name = "good"},
    {.name = "slow", .delay_ms = 900},
    {.name = "late", .delay_ms = 2500},
    {.name = "no-uidplus", .flaws = NO_UIDPLUS},
    {.name = "twice", .flaws = TWICE},
    {.name = "lost", .flaws = LOST},
    {.name = "overquota", .flaws = LOST | OVERQUOTA},
    {.name = "smtp-452", .flaws = SMTP_452},
    {.name = "smtp-552", .flaws = SMTP_552},
    {.name = "smtp-late", .flaws = SMTP_LATE},
    {.name = "ahead", .flaws = AHEAD},
    {.name = "anything", .flaws = ANYTHING},
    {.name = "read-only", .flaws = READ_ONLY},
    {.name = "keeps", .flaws = KEEPS},
    {.name = "login-only", .flaws = LOGIN_ONLY},
    {.name = "no-login", .flaws = LOGIN_ONLY | NO_LOGIN},
    {.name = "unavailable", .flaws = UNAVAILABLE},
    {.name = "bye", .flaws = BYE},
    {.name = "evil", .flaws = EVIL | UNAVAILABLE},
    {.name = "hang", .flaws = HANG},
    {.name = "slam", .flaws = SLAM},
    {.name = "endless", .flaws = ENDLESS},
    {.name = "chatters", .flaws = CHATTERS},
    {.name = "huge", .flaws = HUGE},
    {.name = "gibberish", .flaws = GIBBERISH},
    {.name = "preauth", .flaws = PREAUTH},
    {.name = "cut", .flaws = CUT},
    {.name = "inject", .flaws = STARTTLS},
    {.name = "many", .flaws = MANY},
    {.name = "no-mailbox", .flaws = NO_MAILBOX},
    {.name = "plus", .flaws = PLUS},
};
enum { MODES = sizeof modes / sizeof modes[0] };

struct peer {
    struct mode *mode;
    int fd, is_imap;
    FILE *f;
};

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- lines --- */

__attribute__((format(printf, 2, 3))) static int say(struct peer *p, const char *fmt, ...)
{
    char text[LINE_MAX * 2];
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return send(p->fd, text, (size_t)len, MSG_NOSIGNAL) == len;
}

/* A line without its end; 0: there is none any more. */
static int hear(struct peer *p, char line[LINE_MAX])
{
    if (fgets(line, LINE_MAX, p->f) == NULL)
        return 0;
    line[strcspn(line, "\r\n")] = '\0';
    return 1;
}

static int begins(const char *line, const char *word)
{
    return strncasecmp(line, word, strlen(word)) == 0;
}

static void wait_for_end(struct peer *p)
{
    char line[LINE_MAX];
    while (hear(p, line))
        ;
}

/* --- the mailbox; its lock is held --- */

static void put(struct mode *m, const char *header)
{
    if (m->n == MAILS_MAX)
        return;
    struct mail *mail = &m->mails[m->n++];
    *mail = (struct mail){.uid = ++m->next_uid,
                          .there_ms = now_ms() + m->delay_ms,
                          .at = time(NULL) + (m->flaws & AHEAD ? 600 : 0)};
    snprintf(mail->header, sizeof mail->header, "%s", header);
}

static int is_there(const struct mail *mail)
{
    return mail->there_ms <= now_ms();
}

/* "1,4:7" */
static int is_in(const char *set, unsigned uid)
{
    while (*set >= '0' && *set <= '9') {
        char *end;
        unsigned long from = strtoul(set, &end, 10), to = from;
        if (*end == ':')
            to = strtoul(end + 1, &end, 10);
        if (uid >= from && uid <= to)
            return 1;
        set = *end == ',' ? end + 1 : end;
    }
    return 0;
}

/* Of: [DELETED] [NOT] HEADER X-Name "text" */
static int is_found(const struct mode *m, const struct mail *mail, const char *want)
{
    const char *text = strchr(want, '"');
    int is_not = strstr(want, "NOT ") != NULL;

    if (!is_there(mail) || (strncmp(want, "DELETED", 7) == 0 && !mail->is_deleted) ||
        (strncmp(want, "UNDELETED", 9) == 0 && mail->is_deleted))
        return 0;
    if ((m->flaws & ANYTHING) || text == NULL)
        return 1;
    char needle[LINE_MAX];
    snprintf(needle, sizeof needle, "%s", text + 1);
    needle[strcspn(needle, "\"")] = '\0';
    return (strstr(mail->header, needle) != NULL) != is_not;
}

/* --- SMTP --- */

static void take_mail(struct peer *p)
{
    char line[LINE_MAX], header[LINE_MAX] = "";
    int is_head = 1;
    struct mode *m = p->mode;

    while (hear(p, line) && strcmp(line, ".") != 0) {
        is_head = is_head && line[0] != '\0';
        if (is_head && begins(line, "X-Trucban-Proof:"))
            snprintf(header, sizeof header, "%s", line);
    }
    if (m->flaws & SMTP_552) {
        say(p, "552 5.2.2 Mailbox is full\r\n");
        return;
    }
    pthread_mutex_lock(&m->lock);
    m->taken++;
    for (int i = 0; i < (m->flaws & LOST ? 0 : m->flaws & TWICE ? 2 : 1); i++)
        put(m, header);
    pthread_mutex_unlock(&m->lock);
    if (!(m->flaws & SMTP_LATE))
        say(p, "250 2.0.0 Ok: queued\r\n");
}

static void serve_smtp(struct peer *p)
{
    char line[LINE_MAX];

    say(p, "220 mail.lab ESMTP lab\r\n");
    while (hear(p, line)) {
        if (begins(line, "EHLO")) {
            say(p, "250-mail.lab\r\n250 8BITMIME\r\n");
        } else if (begins(line, "RCPT") && (p->mode->flaws & SMTP_452)) {
            say(p, "452 4.2.2 Mailbox full\r\n");
        } else if (begins(line, "DATA")) {
            say(p, "354 go on\r\n");
            take_mail(p);
            if (p->mode->flaws & SMTP_LATE)
                return;
        } else if (begins(line, "QUIT")) {
            say(p, "221 2.0.0 Bye\r\n");
            return;
        } else {
            say(p, "250 2.0.0 Ok\r\n");
        }
    }
}

/* --- IMAP --- */

static void search(struct peer *p, const char *want)
{
    struct mode *m = p->mode;

    say(p, "* SEARCH");
    for (unsigned i = 1; i <= 100000 && (m->flaws & MANY); i++)
        say(p, " %u", i);
    pthread_mutex_lock(&m->lock);
    for (unsigned i = 0; i < m->n; i++)
        if (is_found(m, &m->mails[i], want))
            say(p, " %u", m->mails[i].uid);
    pthread_mutex_unlock(&m->lock);
    say(p, "\r\n");
}

static void fetch(struct peer *p, const char *set)
{
    struct mode *m = p->mode;
    char date[64];

    pthread_mutex_lock(&m->lock);
    for (unsigned i = 0; i < m->n; i++) {
        struct mail *mail = &m->mails[i];
        struct tm tm;
        if (!is_there(mail) || !is_in(set, mail->uid))
            continue;
        strftime(date, sizeof date, "%d-%b-%Y %H:%M:%S +0000", gmtime_r(&mail->at, &tm));
        say(p, "* %u FETCH (UID %u INTERNALDATE \"%s\" BODY[HEADER.FIELDS (X-Trucban-Proof)] ",
            i + 1, mail->uid, date);
        if (m->flaws & HUGE)
            say(p, "{1099511627776}\r\n");
        else if (m->flaws & CUT)
            say(p, "{900}\r\nX-Truc");
        else
            say(p, "{%zu}\r\n%s\r\n\r\n)\r\n", strlen(mail->header) + 4, mail->header);
        if (m->flaws & CUT)
            shutdown(p->fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&m->lock);
}

/* set NULL: all that is deleted. */
static void expunge(struct mode *m, const char *set)
{
    unsigned kept = 0;

    pthread_mutex_lock(&m->lock);
    for (unsigned i = 0; i < m->n; i++) {
        struct mail *mail = &m->mails[i];
        if (mail->is_deleted && (set == NULL || is_in(set, mail->uid)))
            m->deleted++;
        else
            m->mails[kept++] = *mail;
    }
    m->n = kept;
    pthread_mutex_unlock(&m->lock);
}

static void store(struct mode *m, const char *set)
{
    pthread_mutex_lock(&m->lock);
    for (unsigned i = 0; i < m->n; i++)
        m->mails[i].is_deleted |= is_in(set, m->mails[i].uid);
    pthread_mutex_unlock(&m->lock);
}

static void log_in(struct peer *p, const char *tag, int is_right)
{
    int flaws = p->mode->flaws;

    if (flaws & UNAVAILABLE)
        say(p, "%s NO [UNAVAILABLE] %s\r\n", tag, flaws & EVIL ? HOSTILE : "no directory now");
    else if (!is_right)
        say(p, "%s NO [AUTHENTICATIONFAILED] Authentication failed.\r\n", tag);
    else
        say(p, "%s OK Logged in\r\n%s", tag, flaws & BYE ? "* BYE going down\r\n" : "");
}

static void capability(struct peer *p, const char *tag)
{
    int flaws = p->mode->flaws;
    say(p, "* CAPABILITY IMAP4rev1%s%s QUOTA\r\n%s OK done\r\n",
        flaws & STARTTLS     ? " STARTTLS LOGINDISABLED"
        : flaws & NO_LOGIN   ? " LOGINDISABLED"
        : flaws & LOGIN_ONLY ? ""
                             : " AUTH=PLAIN",
        flaws & NO_UIDPLUS ? "" : " UIDPLUS", tag);
}

/* UID … */
static void by_uid(struct peer *p, const char *tag, const char *rest)
{
    struct mode *m = p->mode;

    if (begins(rest, "SEARCH ")) {
        search(p, rest + 7);
    } else if (begins(rest, "FETCH ")) {
        fetch(p, rest + 6);
    } else if ((begins(rest, "STORE ") || begins(rest, "EXPUNGE ")) && (m->flaws & KEEPS)) {
        say(p, "%s NO [NOPERM] not yours to delete\r\n", tag);
        return;
    } else if (begins(rest, "STORE ")) {
        store(m, rest + 6);
    } else if (begins(rest, "EXPUNGE ") && !(m->flaws & NO_UIDPLUS)) {
        expunge(m, rest + 8);
    } else {
        say(p, "%s BAD what?\r\n", tag);
        return;
    }
    say(p, "%s OK done\r\n", tag);
}

static void quota(struct peer *p, const char *tag)
{
    say(p,
        "* QUOTAROOT INBOX \"User quota\"\r\n* QUOTA \"User quota\" (STORAGE %d 512)\r\n%s OK "
        "done\r\n",
        p->mode->flaws & OVERQUOTA ? 512 : 10, tag);
}

/* 0: the conversation is over. */
static int obey(struct peer *p, const char *tag, const char *command)
{
    struct mode *m = p->mode;
    char line[LINE_MAX];

    if (begins(command, "CAPABILITY")) {
        capability(p, tag);
    } else if (begins(command, "AUTHENTICATE PLAIN")) {
        say(p, "+ \r\n");
        if (!hear(p, line))
            return 0;
        log_in(p, tag, strcmp(line, "AGxhYgByaWdodA==") == 0);
    } else if (begins(command, "LOGIN ")) {
        log_in(p, tag, strcmp(command + 6, "\"lab\" \"right\"") == 0);
    } else if (begins(command, "STARTTLS")) {
        say(p, "%s OK go\r\n* OK anybody's words\r\n", tag);
    } else if (begins(command, "SELECT")) {
        if (m->flaws & PLUS)
            say(p, "+ more, please\r\n");
        else if (m->flaws & NO_MAILBOX)
            say(p, "%s NO [NONEXISTENT] no such mailbox\r\n", tag);
        else
            say(p, "* %u EXISTS\r\n%s OK [READ-%s] done\r\n", m->n, tag,
                m->flaws & READ_ONLY ? "ONLY" : "WRITE");
    } else if (begins(command, "UID ")) {
        by_uid(p, tag, command + 4);
    } else if (begins(command, "EXPUNGE")) {
        expunge(m, NULL);
        say(p, "%s OK done\r\n", tag);
    } else if (begins(command, "GETQUOTAROOT")) {
        quota(p, tag);
    } else if (begins(command, "PUT ")) {
        pthread_mutex_lock(&m->lock);
        put(m, command + 4);
        pthread_mutex_unlock(&m->lock);
        say(p, "%s OK done\r\n", tag);
    } else if (begins(command, "COUNT")) {
        pthread_mutex_lock(&m->lock);
        say(p, "%s OK mails=%u taken=%u deleted=%u\r\n", tag, m->n, m->taken, m->deleted);
        pthread_mutex_unlock(&m->lock);
    } else if (begins(command, "LOGOUT")) {
        say(p, "* BYE\r\n%s OK done\r\n", tag);
        return 0;
    } else {
        say(p, "%s BAD what?\r\n", tag);
    }
    return 1;
}

static void talk(struct peer *p)
{
    char line[LINE_MAX];

    while (hear(p, line)) {
        char *command = strchr(line, ' ');
        if (command == NULL)
            return;
        *command++ = '\0';
        if (!obey(p, line, command))
            return;
    }
}

static void serve_imap(struct peer *p)
{
    int flaws = p->mode->flaws;

    if (flaws & HANG) {
        wait_for_end(p);
    } else if (flaws & ENDLESS) {
        say(p, "* OK ");
        while (say(p, "and so on and on and on, without ever a line's end, "))
            ;
    } else if (flaws & CHATTERS) {
        say(p, "* OK lab\r\n");
        while (say(p, "* OK still here, and here, and here, and here, and here\r\n"))
            ;
    } else if (flaws & GIBBERISH) {
        say(p, "220 mail.lab ESMTP\r\n");
        wait_for_end(p);
    } else if (!(flaws & SLAM)) {
        say(p, flaws & PREAUTH ? "* PREAUTH as somebody\r\n" : "* OK IMAP4rev1 lab\r\n");
        talk(p);
    } else {
        say(p, "* OK lab\r\n");
    }
}

/* --- ports --- */

static void *serve(void *arg)
{
    struct peer *p = arg;
    p->f = fdopen(dup(p->fd), "r");
    if (p->f != NULL && p->is_imap)
        serve_imap(p);
    else if (p->f != NULL)
        serve_smtp(p);
    shutdown(p->fd, SHUT_RDWR);
    if (p->f != NULL)
        fclose(p->f);
    close(p->fd);
    free(p);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct peer *listener = arg;
    for (;;) {
        struct peer *p = malloc(sizeof *p);
        pthread_t t;
        *p = *listener;
        p->fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
        if (p->fd < 0 || pthread_create(&t, NULL, serve, p) != 0)
            return NULL;
        pthread_detach(t);
    }
}

static int open_port(struct peer *p, struct mode *mode, int is_imap)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    pthread_t t;

    *p = (struct peer){mode, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), is_imap, NULL};
    if (bind(p->fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(p->fd, 64) != 0)
        exit(1);
    getsockname(p->fd, (struct sockaddr *)&a, &len);
    pthread_create(&t, NULL, accept_all, p);
    return ntohs(a.sin_port);
}

int main(void)
{
    static struct peer peers[MODES][2];
    char c;

    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < MODES; i++) {
        pthread_mutex_init(&modes[i].lock, NULL);
        modes[i].mails = calloc(MAILS_MAX, sizeof *modes[i].mails);
        int smtp = open_port(&peers[i][0], &modes[i], 0);
        printf("%s %d %d\n", modes[i].name, smtp, open_port(&peers[i][1], &modes[i], 1));
    }
    printf("\n");
    fflush(stdout);
    while (read(STDIN_FILENO, &c, 1) > 0)
        ;
    return 0;
}
