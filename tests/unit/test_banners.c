/* test_banners.c - what the screen says when what it shows is not so (LC3), and from which second
 * on (TI6).  A console without a socket; the clock set by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/pulse.h"
#include "core/text.h"
#include "core/when.h"
#include "tests/unit/scene.h"

static void a_beat_ages_second_by_second(void **state)
{
    (void)state;
    assert_int_equal(pulse_of(-1), PULSE_NONE);
    for (int64_t s = 0; s <= 40; s++) {
        enum pulse wanted = s <= 15 ? PULSE_FRESH : s <= 30 ? PULSE_AMBER : PULSE_RED;
        assert_int_equal(pulse_of(s * 1000), wanted);
    }
    assert_int_equal(pulse_of(15001), PULSE_AMBER);
    assert_int_equal(pulse_of(30001), PULSE_RED);
}

static bool has_role(const struct scene *s, int line, enum role role)
{
    const struct surface *p = s->c->picture;
    for (int i = 0; i < p->cols; i++)
        if (p->cells[line * p->cols + i].role == role)
            return true;
    return false;
}

/* The picture itself, each second: title amber from 16 on, banner and `~` from 31 on. */
static void the_screen_says_so(void **state)
{
    struct scene *s = *state;
    struct check *k = add_server(s, "web-01", "half-a", "web", STATE_OK);
    s->c->has_picture = true;
    s->c->beat.at_ms = s->wall;
    s->c->beat.is_journal_ok = true;
    s->c->beat.results_10s = 5;
    console_open(s->c, "servers", NULL);
    for (int64_t second = 0; second <= 40; second++) {
        console_clock(s->c);
        assert_int_equal(shows(s, "ENGINE SILENT"), second > 30);
        assert_int_equal(has_role(s, 0, ROLE_STATE_WARNING), second > 15);
        assert_int_equal(has_role(s, 2, ROLE_BANNER), second > 30);
        assert_int_equal(console_shown(s->c, k), second > 30 ? STATE_STALE : STATE_OK);
        s->wall += 1000;
        s->mono += 1000;
    }
}

/* --- the faults ------------------------------------------------------------------------------ */

static void ends(struct console *c)
{
    c->phase = LINK_IS_LOST;
    c->lost_mono_ms = c->now_mono;
    c->has_engine_ended = true;
}
static void is_cut(struct console *c)
{
    c->phase = LINK_IS_LOST;
    c->lost_mono_ms = c->now_mono;
}
static void hangs(struct console *c)
{
    c->beat.changed_mono_ms = c->now_mono - 31000;
}
static void has_silent_disk(struct console *c)
{
    c->beat.is_journal_ok = false;
    c->beat.is_disk_silent = true;
}
static void has_full_disk(struct console *c)
{
    c->beat.is_journal_ok = false;
    snprintf(c->beat.journal_error, sizeof c->beat.journal_error, "the disk is full");
}
static void sees_nothing(struct console *c)
{
    c->beat.results_10s = 0;
    for (size_t i = 0; i < c->fleet->n_checks; i++)
        c->fleet->checks[i]->seen_ms = c->now_mono - 2 * WHEN_MINUTE_MS;
}
static void keeps_no_history(struct console *c)
{
    snprintf(c->beat.history_error, sizeof c->beat.history_error, "the disk is full");
}

static const struct fault {
    void (*befalls)(struct console *c);
    const char *en, *vi;
    bool is_all_old; /* no state is known any more */
} faults[] = {
    {ends, "THE ENGINE HAS ENDED AT 06:42:00, NOTHING IS WATCHED - WHAT YOU SEE IS OLD",
     "BỘ GIÁM SÁT ĐÃ DỪNG TỪ 06:42:00, KHÔNG CÒN GIÁM SÁT - SỐ LIỆU ĐANG THẤY LÀ CŨ", true},
    {is_cut, "NO CONNECTION TO THE ENGINE SINCE 06:42:00 - WHAT YOU SEE IS OLD",
     "MẤT KẾT NỐI TỚI BỘ GIÁM SÁT TỪ 06:42:00 - SỐ LIỆU ĐANG THẤY LÀ CŨ", true},
    {hangs, "ENGINE SILENT 00:00:30 - WHAT YOU SEE IS OLD",
     "BỘ GIÁM SÁT IM LẶNG 00:00:30 - SỐ LIỆU ĐANG THẤY LÀ CŨ", true},
    {has_silent_disk, "THE JOURNAL'S DISK DOES NOT ANSWER, NOTHING CAN BE SAVED",
     "ĐĨA CỦA NHẬT KÝ KHÔNG TRẢ LỜI, KHÔNG LƯU ĐƯỢC GÌ", false},
    {has_full_disk, "JOURNAL NOT WRITABLE, NOTHING CAN BE SAVED: the disk is full",
     "KHÔNG GHI ĐƯỢC NHẬT KÝ, KHÔNG LƯU ĐƯỢC GÌ: the disk is full", false},
    {sees_nothing, "THE ENGINE POLLS BUT NO RESULTS COME IN - WHAT YOU SEE IS GETTING OLD",
     "VẪN KIỂM TRA NHƯNG KHÔNG CÓ KẾT QUẢ - SỐ LIỆU ĐANG CŨ DẦN", false},
    {keeps_no_history, "MEASUREMENTS ARE NOT KEPT, TRENDS WILL HAVE A GAP: the disk is full",
     "KHÔNG LƯU ĐƯỢC SỐ ĐO, XU HƯỚNG SẼ BỊ TRỐNG: the disk is full", false},
};
#define N_FAULTS (sizeof faults / sizeof *faults)

static void one_server(struct scene *s)
{
    add_server(s, "web-01", "half-a", "web", STATE_OK)->rule.interval_ms = 1000;
    s->c->has_picture = true;
    s->c->beat.at_ms = s->wall;
    s->c->beat.is_journal_ok = true;
    s->c->beat.results_10s = 5;
}

static void each_fault_has_its_banner(void **state)
{
    struct scene *s = *state;
    struct banner b[BANNERS_MAX];
    one_server(s);
    assert_int_equal(console_banners(s->c, b), 0);
    for (size_t i = 0; i < N_FAULTS; i++) {
        struct console well = *s->c;
        int64_t seen_ms = s->fleet->checks[0]->seen_ms;
        faults[i].befalls(s->c);
        assert_int_equal(console_banners(s->c, b), 1);
        assert_string_equal(b[0].text, faults[i].en);
        assert_int_equal(b[0].role, ROLE_BANNER);
        assert_int_equal(console_is_old(s->c), faults[i].is_all_old);
        for (size_t k = 0; k < i; k++)
            assert_true(strncmp(faults[i].en, faults[k].en, 20) != 0); /* also where it is cut */
        *s->c = well;
        s->fleet->checks[0]->seen_ms = seen_ms;
    }
    assert_int_equal(console_banners(s->c, b), 0);
}

/* A site that looks once a minute is not told that nothing comes in because a minute has passed. */
static void no_results_are_told_by_the_sites_own_pace(void **state)
{
    static const struct {
        int64_t interval_ms, timeout_ms, told_ms;
    } rows[] = {
        {1000, 500, 20000}, {5000, 5000, 20000}, {10000, 5000, 25000}, {60000, 10000, 130000}};
    struct scene *s = *state;
    struct banner b[BANNERS_MAX];
    one_server(s);
    s->c->beat.results_10s = 0;
    struct check *k = s->fleet->checks[0];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        k->rule.interval_ms = rows[i].interval_ms;
        k->rule.timeout_ms = rows[i].timeout_ms;
        k->seen_ms = s->c->now_mono - rows[i].told_ms;
        assert_int_equal(console_banners(s->c, b), 0);
        k->seen_ms--;
        assert_int_equal(console_banners(s->c, b), 1);
    }
    mem_set(&k->probe, "passive"); /* somebody else brings those */
    assert_int_equal(console_banners(s->c, b), 0);
}

/* build/VARIANT/tests/test_banners: its locale/ */
static void find_words(void)
{
    char self[400], folder[420];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(n > 0);
    self[n] = '\0';
    *strrchr(self, '/') = '\0';
    snprintf(folder, sizeof folder, "%s/../locale", self);
    lang_start(folder);
}

static void in_both_languages(void **state)
{
    struct scene *s = *state;
    struct banner b[BANNERS_MAX];
    find_words();
    one_server(s);
    for (size_t i = 0; i < N_FAULTS; i++) {
        struct console well = *s->c;
        int64_t seen_ms = s->fleet->checks[0]->seen_ms;
        faults[i].befalls(s->c);
        lang_set("vi");
        assert_int_equal(console_banners(s->c, b), 1);
        lang_set("en");
        assert_string_equal(b[0].text, faults[i].vi);
        assert_true(text_cols(faults[i].vi) <= 78); /* whole on the smallest full screen */
        *s->c = well;
        s->fleet->checks[0]->seen_ms = seen_ms;
    }
}

/* --- never green ----------------------------------------------------------------------------- */

static const char *const pictures[] = {"console", "portal", "desk",  "storm",
                                       "calm",    "small",  "young", "viewer"};

static void feed(struct scene *s, const char *name)
{
    char path[200];
    struct err e;
    snprintf(path, sizeof path, "tests/screens/%s.snapshot", name);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    char *text = mem_alloc(4 << 20);
    size_t n = fread(text, 1, 4 << 20, f);
    fclose(f);
    if (!link_feed(s->c->link, text, n, s->mono, &e))
        fail_msg("%s: %s", path, e.text);
    free(text);
    console_link_take(s->c);
}

static size_t greens(const struct surface *p)
{
    size_t n = 0;
    for (int i = 0; i < p->lines * p->cols; i++)
        n += p->cells[i].role == ROLE_STATE_OK && p->cells[i].ch != ' ';
    return n;
}

/* Words that hold only now. */
static size_t claims(const struct surface *p)
{
    static const char *const words[] = {"+ OK", "+ ready", "Ready to switch over", "all is well"};
    struct buf b = BUF_INIT(0);
    size_t n = 0;
    surface_text(p, &b);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        n += strstr(buf_text(&b), words[i]) != NULL;
    buf_release(&b);
    return n;
}

/* On every tab, and on what Enter opens there. */
static size_t greens_everywhere(struct console *c, const char *picture, bool is_told)
{
    const struct key_event enter = {.key = K_ENTER};
    size_t all = 0;
    for (size_t tab = 0; screens[tab] && screens[tab]->digit; tab++) {
        console_open(c, screens[tab]->name, NULL);
        for (int deep = 0; deep < 2; deep++) {
            console_draw(c, true);
            size_t n = greens(c->picture) + (is_told ? claims(c->picture) : 0);
            if (is_told && n > 0)
                print_error("%s, %s%s: %zu green cells or claims\n", picture, screens[tab]->name,
                            deep ? ", opened" : "", n);
            all += n;
            console_key(c, &enter);
        }
    }
    return all;
}

static void nothing_old_is_green(void **state)
{
    struct scene *was = *state;
    size_t fresh = 0, old = 0;
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        struct console_opts opts = was->c->opts;
        struct scene s = {.fleet = fleet_new(), .wall = was->wall, .mono = was->mono};
        opts.socket_path = "/nonexistent/trucban.sock";
        opts.clock_arg = &s;
        s.c = console_new(term_headless_open(36, 120, true), s.fleet, &opts);
        feed(&s, pictures[i]);
        fresh += greens_everywhere(s.c, pictures[i], false);
        for (size_t f = 0; f < N_FAULTS; f++) {
            if (!faults[f].is_all_old)
                continue;
            faults[f].befalls(s.c);
            old += greens_everywhere(s.c, pictures[i], true);
            console_link_take(s.c); /* well again */
        }
        console_free(s.c);
        fleet_free(s.fleet);
    }
    assert_true(fresh > 1000); /* there was something to lose its colour */
    assert_int_equal(old, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_beat_ages_second_by_second),
        cmocka_unit_test_setup_teardown(the_screen_says_so, scene_begin, scene_end),
        cmocka_unit_test_setup_teardown(each_fault_has_its_banner, scene_begin, scene_end),
        cmocka_unit_test_setup_teardown(no_results_are_told_by_the_sites_own_pace, scene_begin,
                                        scene_end),
        cmocka_unit_test_setup_teardown(in_both_languages, scene_begin, scene_end),
        cmocka_unit_test_setup_teardown(nothing_old_is_green, scene_begin, scene_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
