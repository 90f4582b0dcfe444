/* test_replies.c - HI10: whatever a terminal replies, nothing is done by it.  The real input layer,
 * key table and commands; every request is recorded; 10^6 sequences in all places together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "tests/unit/scene.h"
#include "tui/command_private.h"

#define SEQUENCES 1000000

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void press_bytes(struct console *c, struct input *in, const char *bytes, size_t len,
                        size_t *events)
{
    struct key_event e;
    for (size_t i = 0; i < len; i++)
        if (input_byte(in, (unsigned char)bytes[i], 1000, &e)) {
            (*events)++;
            console_key(c, &e);
        }
    if (input_idle(in, 1000 + INPUT_SILENCE_MS, &e))
        console_key(c, &e);
}

/* Replies that terminals really give, numbers and letters at random. */
static size_t reply_make(char out[128], uint32_t *seed)
{
    uint32_t a = next_random(seed), b = next_random(seed), letter = next_random(seed);
    int x = (int)(a % 300), y = (int)(b % 300);
    char c = (char)('a' + letter % 26);
    switch (a % 13) {
    case 0:
        return (size_t)snprintf(out, 128, "\033[?%d;%dc", x, y);
    case 1:
        return (size_t)snprintf(out, 128, "\033[>%d;%d;0c", x, y);
    case 2:
        return (size_t)snprintf(out, 128, "\033[%d;%dR", x, y);
    case 3:
        return (size_t)snprintf(out, 128, "\033[?%d;%d$y", x, y);
    case 4:
        return (size_t)snprintf(out, 128, "\033[<%d;%d;7%c", x, y, b & 1 ? 'm' : 'M');
    case 5:
        return (size_t)snprintf(out, 128, "\033[%d;%d:3u", x, y);
    case 6:
        return (size_t)snprintf(out, 128, "\033[27;%d;%d~", x, y);
    case 7:
        return (size_t)snprintf(out, 128, "\033[8;%d;%dt", x, y);
    case 8:
        return (size_t)snprintf(out, 128, "\033]11;rgb:%04x/%04x/%c%c%c%c\033\\", a & 0xffff,
                                b & 0xffff, c, c, c, c);
    case 9:
        return (size_t)snprintf(out, 128, "\033P>|%c%c%d(%cyes)\033\\", c, c, x, c);
    case 10:
        return (size_t)snprintf(out, 128, "\033[%c", b & 1 ? 'I' : 'O');
    case 11:
        return (size_t)snprintf(out, 128, "\033[%d;%d%c", 20 + x, 9 + y, c < 'q' ? 'u' : 'y');
    default:
        return (size_t)snprintf(out, 128, "\033]52;c;%c%c%cy\a", c, c, c);
    }
}

/* A sequence by its form alone, everything in it at random. */
static size_t noise_make(char out[128], uint32_t *seed)
{
    static const char heads[] = "[[[]PX^_";
    size_t len = 0, inside = next_random(seed) % 40;
    out[len++] = '\033';
    char head = heads[next_random(seed) % (sizeof heads - 1)];
    out[len++] = head;
    for (size_t i = 0; i < inside; i++) {
        unsigned char c = (unsigned char)next_random(seed);
        if (head == '[')
            c = (unsigned char)(0x20 + c % 0x20);
        else if (c == 0x1b || c == 0x07 || c == 0x18 || c == 0x1a)
            c = 'y';
        out[len++] = (char)c;
    }
    if (head == '[')
        out[len++] = (char)(0x40 + next_random(seed) % 0x3f);
    else {
        out[len++] = '\033';
        out[len++] = '\\';
    }
    return len;
}

static void no_reply_acts(struct console *c, const char *place, int count, uint32_t seed)
{
    struct input *in = input_new(NULL);
    char bytes[128];
    int requests = asked.n;
    size_t events = 0;
    struct view *top = console_top(c);
    const struct screen_ops *ops = top->ops;
    bool is_dialog = ops->is_dialog;
    for (int i = 0; i < count; i++) {
        size_t len = i % 2 ? reply_make(bytes, &seed) : noise_make(bytes, &seed);
        press_bytes(c, in, bytes, len, &events);
        if (i % 100 == 0)
            press_bytes(c, in, "\033[201~", 6, &events); /* noise may have begun a paste */
        if (asked.n != requests || c->is_done || c->is_locked || c->is_suspending)
            fail_msg("%s: sequence %d acted: %.*s", place, i, (int)len - 1, bytes + 1);
        if (is_dialog && console_top(c)->ops != ops)
            fail_msg("%s: sequence %d left the dialog: %.*s", place, i, (int)len - 1, bytes + 1);
    }
    input_free(in);
    if (events < (size_t)count * 9 / 10) /* the rest may lie in a paste that noise began */
        fail_msg("%s: %d sequences gave only %zu events", place, count, events);
}

static void press(struct console *c, uint32_t key)
{
    struct key_event e = {.key = key};
    console_key(c, &e);
    console_draw(c, true);
}

static void type(struct console *c, const char *text)
{
    for (; *text; text++)
        press(c, (uint32_t)*text);
}

/* Alerts to act on, an operator who may, every kind of place; in each the same million goes on. */
static void no_reply_ever_acts(void **state)
{
    struct scene *s = *state;
    s->c->hello.duty = DUTY_L3;
    s->c->opts.is_private = true;
    s->c->has_picture = true;
    for (uint64_t id = 1; id <= 3; id++) {
        char name[16];
        snprintf(name, sizeof name, "web-%d", (int)id);
        add_alert(s, id, add_server(s, name, "a", "web", STATE_CRITICAL), PRIORITY_P1);
    }
    console_draw(s->c, true);
    press(s->c, '6');
    no_reply_acts(s->c, "alerts", SEQUENCES / 4, 1);
    while (s->c->depth > 0)
        console_back(s->c);
    press(s->c, '1');
    no_reply_acts(s->c, "board", SEQUENCES / 4, 2);
    while (s->c->depth > 0)
        console_back(s->c);
    press(s->c, 'q'); /* Quit? y/n */
    assert_true(console_top(s->c)->ops->is_dialog);
    no_reply_acts(s->c, "quit question", SEQUENCES / 4, 3);
    press(s->c, 'n');
    press(s->c, '6');
    press(s->c, 'a');
    assert_true(console_top(s->c)->ops->is_dialog);
    type(s->c, "seen, and one Enter from being sent");
    no_reply_acts(s->c, "acknowledgement", SEQUENCES / 4, 4);
    /* None of it was deaf: real keys still act. */
    assert_int_equal(asked.n, 0);
    press(s->c, K_ESC); /* S-Tab among the noise may have gone to another field */
    press(s->c, 'a');
    type(s->c, "seen");
    press(s->c, K_ENTER);
    assert_int_equal(asked.n, 1);
    assert_non_null(strstr(asked.text, "ack"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_reply_ever_acts, scene_begin, scene_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
