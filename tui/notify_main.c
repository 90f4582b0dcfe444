/* notify_main.c - trucban-notify: shows notices through the session bus.
 *
 * A program of its own, since a notification daemon that hangs holds notify_notification_show() for
 * 25 s: nobody waits for it here but whoever wrote the line.  Lines on standard input, an answer
 * for each on standard output (notify_text.h); it ends when standard input is closed.
 *     trucban-notify --check     asks the daemon who it is and says that */
#include <libnotify/notify.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/text.h"
#include "tui/notify_text.h"

struct shown { /* what a later notice of the same key takes the place of */
    char key[NOTIFY_KEY_MAX];
    NotifyNotification *n;
};
struct shower {
    struct shown v[NOTIFY_KEYS_MAX];
    size_t next; /* whose place the next new key takes */
};

static void answer(const char *word, const char *why)
{
    struct buf clean = BUF_INIT(TEXT_MAX_LISTED);

    text_clean(&clean, why, strlen(why), 0);
    printf("%s%s%s\n", word, clean.len > 0 ? "\t" : "", buf_text(&clean));
    fflush(stdout);
    buf_release(&clean);
}

static struct shown *slot_of(struct shower *s, const char *key)
{
    for (size_t i = 0; *key && i < NOTIFY_KEYS_MAX; i++)
        if (s->v[i].n && strcmp(s->v[i].key, key) == 0)
            return &s->v[i];
    struct shown *slot = &s->v[s->next++ % NOTIFY_KEYS_MAX];
    g_clear_object(&slot->n);
    snprintf(slot->key, sizeof slot->key, "%s", key);
    return slot;
}

static NotifyUrgency urgency_of(enum notify_urgency u)
{
    return u == NOTIFY_LOW        ? NOTIFY_URGENCY_LOW
           : u == NOTIFY_CRITICAL ? NOTIFY_URGENCY_CRITICAL
                                  : NOTIFY_URGENCY_NORMAL;
}

static void show(struct shower *s, const struct notify_notice *notice)
{
    GError *error = NULL;
    struct shown *slot = slot_of(s, notice->key);

    if (slot->n)
        notify_notification_update(slot->n, notice->summary, notice->body, NULL);
    else
        slot->n = notify_notification_new(notice->summary, notice->body, NULL);
    notify_notification_set_urgency(slot->n, urgency_of(notice->urgency));
    if (notify_notification_show(slot->n, &error))
        answer("ok", "");
    else {
        answer("failed", error ? error->message : "the notification daemon did not say why");
        g_clear_error(&error);
        g_clear_object(&slot->n); /* it may be another daemon the next time */
    }
}

static void take_line(struct shower *s, const struct buf *line)
{
    struct notify_notice notice;
    struct err e;

    if (notify_read(&notice, buf_text(line), line->len, &e))
        show(s, &notice);
    else
        answer("failed", e.text);
}

/* What passes NOTIFY_LINE_MAX is not kept: nobody reads so much in a corner of a screen. */
static int serve(void)
{
    struct shower s = {0};
    struct buf line = BUF_INIT(NOTIFY_LINE_MAX);
    char bytes[4096];
    ssize_t n;

    while ((n = read(STDIN_FILENO, bytes, sizeof bytes)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        for (const char *at = bytes, *end = bytes + n; at < end;) {
            const char *newline = memchr(at, '\n', (size_t)(end - at));
            buf_add(&line, at, (size_t)((newline ? newline : end) - at));
            at = newline ? newline + 1 : end;
            if (newline) {
                take_line(&s, &line);
                buf_clear(&line);
            }
        }
    }
    for (size_t i = 0; i < NOTIFY_KEYS_MAX; i++)
        g_clear_object(&s.v[i].n);
    buf_release(&line);
    return EXIT_SUCCESS;
}

static int check(void)
{
    char *name = NULL, *vendor = NULL, *version = NULL, *spec = NULL;
    struct buf text = BUF_INIT(TEXT_MAX_LISTED);
    bool is_ok = notify_get_server_info(&name, &vendor, &version, &spec);

    if (is_ok)
        buf_addf(&text, "%s %s", name ? name : "", version ? version : "");
    answer(is_ok ? "ok" : "failed",
           is_ok ? buf_text(&text) : "no notification daemon answers on the session bus");
    buf_release(&text);
    g_free(name);
    g_free(vendor);
    g_free(version);
    g_free(spec);
    return is_ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    bool is_check = argc == 2 && strcmp(argv[1], "--check") == 0;

    signal(SIGPIPE, SIG_IGN);
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("trucban-notify " TRUCBAN_VERSION);
        return EXIT_SUCCESS;
    }
    if (argc > 1 && !is_check) {
        fputs("trucban-notify: reads notices on standard input; --check asks the daemon\n", stderr);
        return 64;
    }
    if (!notify_init("trucban")) {
        answer("failed", "cannot begin with libnotify");
        return EXIT_FAILURE;
    }
    int status = is_check ? check() : serve();
    notify_uninit();
    return status;
}
