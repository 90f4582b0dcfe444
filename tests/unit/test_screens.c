/* test_screens.c - pairs of plain files: tests/screens/NAME.keys in, NAME.screen out.
 *
 * A .keys file has settings, a line `---`, then actions; `;` begins a comment.
 *   snapshot FILE    lines of an engine's protocol (hello, snapshot …, beat); none: nothing came
 * yet; storm:N, alike:N: N alerts (storm_lab.h) size 80x24 · lang vi|en · ascii no|yes · now
 * RFC3339 · read-only yes · private yes · ahead DURATION, behind DURATION (our own clock)
 *   ---
 *   KEY              a key by its name (tui/keymap.h)
 *   type TEXT · paste TEXT (\n is a newline) · wait DURATION · beat · lost · feed JSON
 *   deltas FILE      feeds the lines of a file
 *   resize COLSxLINES · click LINE COL · answer ok|refused|not-saved|usage PACKED (| separates)
 *   refusal ID PACKED · refusal more N    one of many, N others, that the next answer refuses
 *   plan JSON        the newest request is answered with that plan; run ID: with that run
 *   expect-request VERB KEY=VALUE …    the newest request, its named arguments
 *   expect-bells N · expect-notice TITLE: BODY · expect-copied TEXT · expect-done
 *   code             types the code that unlocks
 *   again            forgets what was drawn and draws once more: the picture must not change
 * UPDATE=1 in the environment writes the .screen files instead. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/range.h"
#include "core/when.h"
#include "engine/jval.h"
#include "engine/wire.h"
#include "storm_lab.h"
#include "tui/console_private.h"
#include "tui/lang.h"
#include "tui/lines.h"

#define FOLDER "tests/screens/"

struct play {
    const char *name; /* of the pair */
    int line;
    char *snapshot;
    int lines, cols;
    char lang[4];
    bool is_ascii, is_read_only, is_private, has_silence;
    int64_t wall, mono, skew; /* skew: how far our own clock is ahead of the engine's */
    uint64_t beat, next_id, oldest_id;
    struct link_answer answer; /* what is said of it so far */
    char *request;             /* the newest: "verb key=value key=value" */
    struct console *c;
    struct fleet *fleet;
    struct term *term;
};

static _Noreturn void play_fail(const struct play *p, const char *what, const char *detail)
{
    print_error("%s%s.keys:%d: %s: %s\n", FOLDER, p->name, p->line, what, detail);
    fail();
    abort();
}

static int64_t play_wall(void *arg)
{
    return ((struct play *)arg)->wall + ((struct play *)arg)->skew;
}

static int64_t play_mono(void *arg)
{
    return ((struct play *)arg)->mono;
}

/* The console that is played; requests have no argument of ours. */
static struct play *playing;

static uint64_t play_send(struct console *c, const char *verb, const char *const *pairs, size_t n)
{
    struct buf b = BUF_INIT(0);
    (void)c;
    buf_adds(&b, verb);
    for (size_t i = 0; i < n; i++)
        buf_addf(&b, " %s=%s", pairs[2 * i], pairs[2 * i + 1]);
    free(playing->request);
    playing->request = buf_take(&b);
    return ++playing->next_id;
}

/* --- the engine's side ----------------------------------------------------------------------- */

static void feed(struct play *p, const char *text)
{
    struct err e;
    struct buf line = BUF_INIT(0);
    buf_adds(&line, text);
    buf_addc(&line, '\n');
    if (!link_feed(p->c->link, line.bytes, line.len, p->mono, &e))
        play_fail(p, "feed", e.text);
    buf_release(&line);
    console_link_take(p->c);
}

static void beat(struct play *p)
{
    char line[200], at[WHEN_TEXT_MAX];
    snprintf(line, sizeof line,
             "{\"beat\":{\"n\":%llu,\"at\":\"%s\",\"results_10s\":50,\"journal_ok\":true}}\n",
             (unsigned long long)++p->beat, when_rfc3339(p->wall, at));
    feed(p, line);
}

static void feed_file(struct play *p, const char *name)
{
    char path[512];
    struct err e;
    snprintf(path, sizeof path, FOLDER "%s", name);
    char *text = lines_read(path, &e), *save = NULL;
    if (!text)
        play_fail(p, "cannot read", e.text);
    for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
        feed(p, l);
    free(text);
}

static void answer_plan(struct play *p, const char *json)
{
    struct err e;
    struct plan plan;
    struct jval *j = jval_parse(json, strlen(json), &e);
    if (!j || !wire_read_plan(j, &plan, &e))
        play_fail(p, "plan", e.text);
    struct link_answer a = {
        .id = ++p->oldest_id, .is_ok = true, .code = "", .say = "", .plan = &plan};
    console_answer(p->c, &a);
    plan_release(&plan);
    jval_free(j);
}

static void answer_run(struct play *p, const char *id)
{
    struct link_answer a = {.id = ++p->oldest_id,
                            .is_ok = true,
                            .code = "",
                            .say = "the switchover has begun",
                            .run = id};
    console_answer(p->c, &a);
}

static void answer(struct play *p, const char *arg)
{
    char code[16] = "";
    size_t len = strcspn(arg, " ");
    snprintf(code, sizeof code, "%.*s", (int)(len < 15 ? len : 15), arg);
    char *say = mem_strdup(arg + len + (arg[len] == ' '));
    for (char *s = say; *s; s++)
        if (*s == '|')
            *s = '\x1f';
    bool is_ok = strcmp(code, "ok") == 0;
    if (p->oldest_id >= p->next_id)
        play_fail(p, "answer", "no request is open");
    p->answer.id = ++p->oldest_id;
    p->answer.is_ok = is_ok;
    p->answer.code = is_ok ? "" : code;
    p->answer.say = say;
    console_answer(p->c, &p->answer);
    for (size_t i = 0; i < p->answer.n_refused; i++)
        free(p->answer.refused[i].say);
    p->answer = (struct link_answer){0};
    free(say);
}

/* "1078 already acknowledged by {0}|binh": one of many that the next answer refuses; "more N". */
static void refuse_one(struct play *p, const char *arg)
{
    size_t more = strncmp(arg, "more ", 5) == 0 ? strtoul(arg + 5, NULL, 10) : 0;
    char *say;
    if (more == 0) {
        struct link_refusal *one = &p->answer.refused[p->answer.n_refused++];
        one->alert = strtoull(arg, &say, 10);
        one->say = say = mem_strdup(say + 1);
        for (; *say; say++)
            *say = *say == '|' ? '\x1f' : *say;
    }
    p->answer.n_refused_all += more ? more : 1;
}

/* --- actions --------------------------------------------------------------------------------- */

static void press(struct play *p, struct key_event e)
{
    console_clock(p->c);
    console_key(p->c, &e);
    if (!p->c->is_done)
        console_draw(p->c, true);
}

static void type(struct play *p, const char *text)
{
    struct input *in = input_new(NULL);
    struct key_event e;
    for (const char *s = text; *s; s++)
        if (input_byte(in, (unsigned char)*s, p->mono, &e))
            press(p, e);
    input_free(in);
}

static void paste(struct play *p, const char *text)
{
    struct buf b = BUF_INIT(0);
    for (const char *s = text; *s; s++)
        if (s[0] == '\\' && s[1] == 'n') {
            buf_addc(&b, '\n');
            s++;
        } else
            buf_addc(&b, *s);
    press(p, (struct key_event){.key = K_PASTE, .text = buf_text(&b), .len = b.len});
    buf_release(&b);
}

static void expect_request(struct play *p, const char *wanted)
{
    char *copy = mem_strdup(wanted), *save = NULL;
    const char *have = p->request ? p->request : "";
    for (char *word = strtok_r(copy, ";", &save); word; word = strtok_r(NULL, ";", &save)) {
        while (*word == ' ')
            word++;
        if (!strstr(have, word))
            play_fail(p, "expected in the request", word);
    }
    free(copy);
}

static void size_parse(struct play *p, const char *arg)
{
    if (sscanf(arg, "%dx%d", &p->cols, &p->lines) != 2)
        play_fail(p, "size", arg);
}

static void play_wait(struct play *p, const char *arg)
{
    int64_t ms;
    if (!when_parse_duration(arg, &ms, NULL))
        play_fail(p, "wait", arg);
    p->wall += ms;
    p->mono += ms;
    console_clock(p->c);
    console_draw(p->c, false);
}

static void act(struct play *p, const char *word, const char *arg)
{
    uint32_t key;
    int line, col;
    if (strcmp(word, "type") == 0)
        type(p, arg);
    else if (strcmp(word, "code") == 0)
        type(p, p->c->lock_code);
    else if (strcmp(word, "paste") == 0)
        paste(p, arg);
    else if (strcmp(word, "wait") == 0)
        play_wait(p, arg);
    else if (strcmp(word, "beat") == 0)
        beat(p);
    else if (strcmp(word, "feed") == 0)
        feed(p, arg);
    else if (strcmp(word, "deltas") == 0)
        feed_file(p, arg);
    else if (strcmp(word, "answer") == 0)
        answer(p, arg);
    else if (strcmp(word, "refusal") == 0)
        refuse_one(p, arg);
    else if (strcmp(word, "plan") == 0)
        answer_plan(p, arg);
    else if (strcmp(word, "run") == 0)
        answer_run(p, arg);
    else if (strcmp(word, "expect-request") == 0)
        expect_request(p, arg);
    else if (strcmp(word, "lost") == 0) {
        p->c->phase = LINK_IS_LOST;
        p->c->lost_mono_ms = p->mono;
    } else if (strcmp(word, "resize") == 0) {
        size_parse(p, arg);
        term_headless_resize(p->term, p->lines, p->cols);
    } else if (strcmp(word, "click") == 0 && sscanf(arg, "%d %d", &line, &col) == 2)
        press(p, (struct key_event){.key = K_CLICK, .line = line, .col = col});
    else if (strcmp(word, "expect-bells") == 0)
        assert_int_equal(term_headless_bells(p->term), strtol(arg, NULL, 10));
    else if (strcmp(word, "expect-copied") == 0)
        assert_string_equal(term_headless_copied(p->term), arg);
    else if (strcmp(word, "expect-notice") == 0)
        assert_string_equal(term_headless_notice(p->term), arg);
    else if (strcmp(word, "expect-done") == 0)
        assert_true(p->c->is_done);
    else if (strcmp(word, "again") == 0)
        p->term->ops->redraw(p->term);
    else if (key_parse(word, &key))
        press(p, (struct key_event){.key = key});
    else
        play_fail(p, "no such action or key", word);
    console_take_held(p->c);
    if (!p->c->is_done)
        console_draw(p->c, false);
}

static void set(struct play *p, const char *word, const char *arg)
{
    if (strcmp(word, "snapshot") == 0)
        mem_set(&p->snapshot, arg);
    else if (strcmp(word, "size") == 0)
        size_parse(p, arg);
    else if (strcmp(word, "lang") == 0)
        snprintf(p->lang, sizeof p->lang, "%.3s", arg);
    else if (strcmp(word, "ascii") == 0)
        p->is_ascii = strcmp(arg, "yes") == 0;
    else if (strcmp(word, "read-only") == 0)
        p->is_read_only = strcmp(arg, "yes") == 0;
    else if (strcmp(word, "private") == 0)
        p->is_private = strcmp(arg, "yes") == 0;
    else if (strcmp(word, "ahead") == 0 || strcmp(word, "behind") == 0) {
        if (!when_parse_duration(arg, &p->skew, NULL))
            play_fail(p, word, arg);
        p->skew = *word == 'b' ? -p->skew : p->skew;
    } else if (strcmp(word, "now") != 0 || !when_parse_rfc3339(arg, &p->wall))
        play_fail(p, "no such setting", word);
}

/* --- a play ---------------------------------------------------------------------------------- */

/* Lines of a file, or as many alerts as are asked for. */
static void take_snapshot(struct play *p)
{
    struct buf lines = BUF_INIT(0);
    char path[512];
    struct err e;
    size_t n;
    if (sscanf(p->snapshot, "storm:%zu", &n) == 1)
        storm_snapshot(&lines, n, STORM_BEHIND, p->wall, true);
    else if (sscanf(p->snapshot, "alike:%zu", &n) == 1)
        storm_snapshot(&lines, n, 0, p->wall, true);
    else {
        char piece[4096];
        size_t got;
        snprintf(path, sizeof path, FOLDER "%s", p->snapshot);
        FILE *f = fopen(path, "re");
        if (!f)
            play_fail(p, "cannot open", path);
        while ((got = fread(piece, 1, sizeof piece, f)) > 0)
            buf_add(&lines, piece, got);
        fclose(f);
    }
    if (!link_feed(p->c->link, buf_text(&lines), lines.len, p->mono, &e))
        play_fail(p, p->snapshot, e.text);
    buf_release(&lines);
    p->beat = link_beat(p->c->link)->seq;
    beat(p);
}

static void begin(struct play *p)
{
    setenv("TZ", "Asia/Ho_Chi_Minh", 1);
    tzset();
    lang_set("en");
    p->term = term_headless_open(p->lines, p->cols, !p->is_ascii);
    p->fleet = fleet_new();
    struct console_opts opts = {.socket_path = "/nonexistent/trucban.sock",
                                .lang = p->lang[0] ? p->lang : NULL,
                                .theme_folder = "themes",
                                .theme = "mono",
                                .is_read_only = p->is_read_only,
                                .is_private = p->is_private,
                                .wall_ms = play_wall,
                                .mono_ms = play_mono,
                                .clock_arg = p};
    playing = p;
    p->c = console_new(p->term, p->fleet, &opts);
    p->c->send = play_send;
    if (p->snapshot)
        take_snapshot(p);
    console_draw(p->c, true);
}

static void play_lines(struct play *p, char *text)
{
    bool is_acting = false;
    for (char *l = text, *next; l && *l; l = next) {
        next = strchr(l, '\n');
        if (next)
            *next++ = '\0';
        p->line++;
        if (*l == '\0' || (l[0] == ';' && (l[1] == ' ' || l[1] == '\0')))
            continue;
        char word[64];
        size_t len = strcspn(l, " ");
        snprintf(word, sizeof word, "%.*s", (int)(len < 63 ? len : 63), l);
        const char *arg = l + len + (l[len] == ' ');
        if (strcmp(word, "---") == 0) {
            is_acting = true;
            begin(p);
        } else if (is_acting)
            act(p, word, arg);
        else
            set(p, word, arg);
    }
    if (!is_acting)
        play_fail(p, "no line", "---");
}

static char *picture(const struct play *p)
{
    struct buf b = BUF_INIT(0);
    const struct surface *s = term_headless_picture(p->term);
    surface_text(s, &b);
    if (s->cursor_line >= 0)
        buf_addf(&b, "cursor %d,%d\n", s->cursor_line, s->cursor_col);
    return buf_take(&b);
}

static void show_difference(const char *path, const char *wanted, const char *got)
{
    fprintf(stderr, "%s:\n", path);
    for (int n = 1; *wanted || *got; n++) {
        size_t w = strcspn(wanted, "\n"), g = strcspn(got, "\n");
        if (w != g || memcmp(wanted, got, w) != 0)
            fprintf(stderr, "%3d - %.*s\n    + %.*s\n", n, (int)w, wanted, (int)g, got);
        wanted += w + (wanted[w] == '\n');
        got += g + (got[g] == '\n');
    }
}

static void compare(struct play *p, const char *got)
{
    char path[512];
    struct err e;
    snprintf(path, sizeof path, FOLDER "%s.screen", p->name);
    if (getenv("UPDATE")) {
        FILE *f = fopen(path, "we");
        assert_non_null(f);
        fputs(got, f);
        fclose(f);
        return;
    }
    char *wanted = lines_read(path, &e);
    if (!wanted)
        play_fail(p, "no picture to compare with (UPDATE=1 writes it)", e.text);
    bool is_same = strcmp(wanted, got) == 0;
    if (!is_same)
        show_difference(path, wanted, got);
    free(wanted);
    assert_true(is_same);
}

static void play(void **state)
{
    struct play p = {.name = *state, .lines = 24, .cols = 80, .mono = 1000000};
    char path[512];
    struct err e;
    when_parse_rfc3339("2026-03-05T06:42:00Z", &p.wall);
    snprintf(path, sizeof path, FOLDER "%s.keys", p.name);
    char *text = lines_read(path, &e);
    if (!text)
        play_fail(&p, "cannot read", e.text);
    play_lines(&p, text);
    char *got = picture(&p);
    console_free(p.c);
    fleet_free(p.fleet);
    compare(&p, got);
    free(got);
    free(text);
    free(p.snapshot);
    free(p.request);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find_plays(struct names *out)
{
    DIR *d = opendir(FOLDER);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        char *dot = strrchr(e->d_name, '.');
        if (dot && strcmp(dot, ".keys") == 0) {
            *dot = '\0';
            names_add(out, e->d_name);
        }
    }
    if (d)
        closedir(d);
    if (out->n)
        qsort(out->v, out->n, sizeof *out->v, by_name);
}

int main(int argc, char **argv)
{
    struct names plays = {0};
    char folder[512];
    const char *slash = strrchr(argv[0], '/'); /* build/VARIANT/tests/test_screens: its locale/ */
    snprintf(folder, sizeof folder, "%.*s/../locale", slash ? (int)(slash - argv[0]) : 1,
             slash ? argv[0] : ".");
    char *absolute = realpath(folder, NULL);
    lang_start(absolute ? absolute : folder);
    if (argc > 1)
        names_add(&plays, argv[1]); /* one pair by its name */
    else
        find_plays(&plays);
    struct CMUnitTest *tests = mem_alloc((plays.n + 1) * sizeof *tests);
    for (size_t i = 0; i < plays.n; i++)
        tests[i] = (struct CMUnitTest){plays.v[i], play, NULL, NULL, plays.v[i]};
    int failed = _cmocka_run_group_tests("screens", tests, plays.n, NULL, NULL);
    names_release(&plays);
    free(tests);
    free(absolute);
    return failed;
}
