/* fuzz_input.c - bytes of a terminal into keys: every key is one we know or a character, a paste
 * keeps its limit, and after a silence nothing is left half read. */
#include "tests/fuzz/fuzz.h"
#include "tui/input.h"

static const struct input_keys terminal = {
    {{"\033OA", K_UP}, {"\033[1~", K_HOME}, {"\033[[A", K_F1}}, 3};

static void check(const struct key_event *e)
{
    if (e->key == K_PASTE)
        MUST(e->text != NULL && e->len <= INPUT_PASTE_MAX);
    else
        MUST(e->line >= 0 && e->col >= 0);
}

/* A byte 0xFE moves the clock by what follows it; all others are input. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct input *in = input_new(&terminal);
    struct key_event e = {0};
    int64_t now = 1000;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == 0xFE && i + 1 < len) {
            now += bytes[++i] * 8;
            if (input_wait_ms(in, now) == 0 && input_idle(in, now, &e))
                check(&e);
        } else if (input_byte(in, bytes[i], now, &e)) {
            check(&e);
        }
    }
    for (int i = 0; i < 4 && input_wait_ms(in, now) >= 0; i++) {
        now += INPUT_SILENCE_MS;
        if (input_idle(in, now, &e))
            check(&e);
    }
    MUST(input_wait_ms(in, now) == -1);
    input_reset(in);
    input_free(in);
    return 0;
}
