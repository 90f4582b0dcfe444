/* The SQLite store: append-only, chained, refused when damaged (ST8), names as parameters (HI5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/say.h"
#include "engine/db.h"
#include "engine/store.h"
#include "tests/unit/scratch.h"

static struct scratch tmp;
static char path[300];

static int setup(void **state)
{
    (void)state;
    scratch_make(&tmp);
    scratch_path(&tmp, "t.db", path);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scratch_remove(&tmp);
    return 0;
}

static void *open_store(void)
{
    struct store_error e;
    void *s = store_sqlite.open(path, &e);
    if (!s || e.fault)
        print_message("%s: %s\n", e.file, e.detail);
    assert_non_null(s);
    assert_int_equal(e.fault, STORE_FINE);
    return s;
}

static struct event noted(uint64_t alert, const char *check, const char *text)
{
    char subject[200];
    snprintf(subject, sizeof subject, "alert/%llu", (unsigned long long)alert);
    return (struct event){
        .kind = EVENT_ALERT_NOTED,
        .at_ms = 1700000000000 + (int64_t)alert * 1000,
        .subject = mem_strdup(subject),
        .actor = {mem_strdup("lan"), 1000, mem_strdup("pts/3")},
        .alert = alert,
        .version = 2,
        .text = mem_strdup(text),
        .check = mem_strdup(check),
    };
}

static void append_one(void *s, struct chain *head, struct event e)
{
    struct store_error why = {0};
    assert_true(store_sqlite.append(s, head, &e, 1, &why));
    event_release(&e);
}

static void fill(int n)
{
    void *s = open_store();
    struct chain head;
    struct store_error e = {0};
    assert_true(store_sqlite.head(s, &head, &e));
    for (int i = 0; i < n; i++) {
        char check[40], text[80];
        snprintf(check, sizeof check, "web-%02d/http", i % 7);
        snprintf(text, sizeof text, "note %d \"quoted\" %s", i, i % 3 ? "đã xem" : "ok");
        append_one(s, &head, noted((uint64_t)(i + 1), check, text));
    }
    store_sqlite.close(s);
}

struct seen {
    size_t n;
    uint64_t first, last;
    char text[200];
};

static bool see(void *arg, struct event *e)
{
    struct seen *seen = arg;
    if (!seen->n++)
        seen->first = e->seq;
    seen->last = e->seq;
    snprintf(seen->text, sizeof seen->text, "%s", e->text ? e->text : "");
    return true;
}

/* Follows everything; the number of events read before the end or the fault. */
static bool follow_all(struct seen *seen, struct store_error *e)
{
    memset(seen, 0, sizeof *seen);
    memset(e, 0, sizeof *e);
    void *s = store_sqlite.open(path, e);
    if (!s)
        return false;
    struct chain at, head;
    chain_init(&at);
    struct store_checkpoint cp;
    bool is_good = store_sqlite.load(s, &cp, e);
    free(cp.json);
    is_good =
        is_good && store_sqlite.follow(s, &at, 0, see, seen, e) && store_sqlite.head(s, &head, e);
    if (is_good && (head.seq != at.seq || strcmp(head.hash, at.hash) != 0))
        is_good = store_fail(e, STORE_CORRUPT, path, "head");
    is_good = is_good && store_sqlite.inspect(s, e);
    store_sqlite.close(s);
    return is_good;
}

static void test_append_and_follow(void **state)
{
    (void)state;
    fill(20);
    struct seen seen;
    struct store_error e;
    assert_true(follow_all(&seen, &e));
    assert_int_equal(seen.n, 20);
    assert_int_equal(seen.first, 1);
    assert_int_equal(seen.last, 20);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_batch_is_all_or_nothing(void **state)
{
    (void)state;
    void *s = open_store();
    struct chain head, before;
    struct store_error e = {0};
    chain_init(&head);
    before = head;
    struct event batch[3] = {noted(1, "a/b", "one"), noted(2, "a/b", "two"),
                             noted(3, "a/b", "three")};
    setenv("FP", "store.commit:err", 1);
    assert_false(store_sqlite.append(s, &head, batch, 3, &e));
    unsetenv("FP");
    assert_int_equal(e.fault, STORE_IO);
    assert_int_equal(head.seq, before.seq);
    assert_string_equal(head.hash, before.hash);
    assert_true(store_sqlite.append(s, &head, batch, 3, &e));
    assert_int_equal(head.seq, 3);
    assert_string_equal(batch[0].prev, CHAIN_START);
    assert_string_equal(batch[1].prev, batch[0].hash);
    assert_string_equal(batch[2].hash, head.hash);
    for (int i = 0; i < 3; i++)
        event_release(&batch[i]);
    store_sqlite.close(s);
}

static size_t count(void *s, struct store_filter f, struct seen *seen)
{
    struct store_error e = {0};
    memset(seen, 0, sizeof *seen);
    assert_true(store_sqlite.query(s, &f, see, seen, &e));
    return seen->n;
}

static void test_query(void **state)
{
    (void)state;
    fill(70);
    void *s = open_store();
    struct seen seen;
    assert_int_equal(count(s, (struct store_filter){.limit = 5}, &seen), 5);
    assert_int_equal(seen.first, 70);
    assert_int_equal(seen.last, 66);
    assert_int_equal(count(s, (struct store_filter){.limit = 5, .before_seq = 60}, &seen), 5);
    assert_int_equal(seen.first, 59);
    assert_int_equal(count(s, (struct store_filter){.limit = 5, .after_seq = 60}, &seen), 5);
    assert_int_equal(seen.first, 61);
    assert_int_equal(seen.last, 65);
    assert_int_equal(count(s, (struct store_filter){.subject = "alert/7"}, &seen), 1);
    assert_int_equal(count(s, (struct store_filter){.subject = "web-03/http"}, &seen), 10);
    assert_int_equal(count(s, (struct store_filter){.subject = "web-03"}, &seen), 10);
    assert_int_equal(count(s, (struct store_filter){.subject = "web-0"}, &seen), 0);
    assert_int_equal(count(s, (struct store_filter){.subject = "web-03", .after_seq = 50}, &seen),
                     3);
    assert_int_equal(
        count(s, (struct store_filter){.since_ms = 1700000010000, .until_ms = 1700000020000},
              &seen),
        10);
    assert_int_equal(count(s, (struct store_filter){.kind = "alert.noted"}, &seen), 70);
    assert_int_equal(count(s, (struct store_filter){.kind = "alert.opened"}, &seen), 0);
    store_sqlite.close(s);
}

/* HI5: what looks like SQL, a format or a path is text. */
static void test_hostile_names(void **state)
{
    (void)state;
    static const char *const names[] = {"'; DROP TABLE events; --",
                                        "%s%n%s%n",
                                        "../../etc/passwd",
                                        "-rf",
                                        "\" OR 1=1 --",
                                        "\\u0000",
                                        "\xc4\x91"};
    void *s = open_store();
    struct chain head;
    chain_init(&head);
    size_t n = sizeof names / sizeof names[0];
    for (size_t i = 0; i < n; i++) {
        struct event e = noted(i + 1, names[i], names[i]);
        mem_set(&e.actor.login, names[i]);
        append_one(s, &head, e);
    }
    for (size_t i = 0; i < n; i++) {
        struct seen seen;
        assert_int_equal(count(s, (struct store_filter){.subject = names[i]}, &seen), 1);
        assert_string_equal(seen.text, names[i]);
    }
    store_sqlite.close(s);
    struct seen seen;
    struct store_error e;
    assert_true(follow_all(&seen, &e));
    assert_int_equal(seen.n, n);
}

static bool script(const char *sql)
{
    struct store_error e = {0};
    struct db *d = db_open(path, DB_FULL, NULL, 0, &e);
    bool is_done = d && db_script(d, sql, &e);
    db_close(d);
    return is_done;
}

static void test_append_only(void **state)
{
    (void)state;
    fill(5);
    assert_false(script("UPDATE events SET kind = 'x' WHERE seq = 3"));
    assert_false(script("DELETE FROM events WHERE seq = 5"));
    assert_false(script("DELETE FROM events"));
    assert_false(script("INSERT INTO events VALUES(9, 0, 'k', 's', NULL, '{}', 'h')"));
    assert_false(script("INSERT OR REPLACE INTO events VALUES(3, 0, 'k', 's', NULL, '{}', 'h')"));
    struct seen seen;
    struct store_error e;
    assert_true(follow_all(&seen, &e));
    assert_int_equal(seen.n, 5);
}

/* Whoever takes the triggers away is found by the chain, and the record is named. */
static void test_tampering_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *says;
    } rows[] = {
        {"UPDATE events SET json = replace(json, 'note 4', 'note 5') WHERE seq = 5", "record 5 "},
        {"UPDATE events SET kind = 'alert.opened' WHERE seq = 3", "record 3 "},
        {"UPDATE events SET at_ms = 1 WHERE seq = 2", "record 2 "},
        {"DELETE FROM events WHERE seq = 4", "record 4 "},
        {"UPDATE events SET hash = (SELECT hash FROM events WHERE seq = 1) WHERE seq = 8",
         "record 8 "},
        {"UPDATE events SET json = 'x' WHERE seq = 1", "record 1 "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unlink(path);
        fill(9);
        assert_true(script("DROP TRIGGER events_no_update; DROP TRIGGER events_no_delete"));
        assert_true(script(rows[i].sql));
        struct seen seen;
        struct store_error e;
        assert_false(follow_all(&seen, &e));
        assert_int_equal(e.fault, STORE_CORRUPT);
        assert_non_null(strstr(e.detail, rows[i].says));
        char *say = store_error_say(&e);
        assert_non_null(strstr(say, path));
        free(say);
    }
}

static void test_checkpoints(void **state)
{
    (void)state;
    fill(3);
    void *s = open_store();
    struct store_error e = {0};
    struct chain head;
    assert_true(store_sqlite.head(s, &head, &e));
    char one[] = "{\"n\":1}", two[] = "{\"n\":2}", three[] = "{\"n\":3}";
    assert_true(store_sqlite.save(s, &(struct store_checkpoint){head, one}, 1, &e));
    assert_true(store_sqlite.save(s, &(struct store_checkpoint){head, two}, 2, &e));
    assert_true(store_sqlite.save(s, &(struct store_checkpoint){head, three}, 3, &e));
    struct store_checkpoint cp;
    assert_true(store_sqlite.load(s, &cp, &e));
    assert_string_equal(cp.json, three);
    assert_int_equal(cp.head.seq, 3);
    assert_string_equal(cp.head.hash, head.hash);
    free(cp.json);
    store_sqlite.close(s);
    /* A damaged newest one: the one before is taken. */
    assert_true(script("UPDATE checkpoints SET json = '{}' WHERE id = (SELECT max(id) FROM "
                       "checkpoints)"));
    s = open_store();
    assert_true(store_sqlite.load(s, &cp, &e));
    assert_string_equal(cp.json, two);
    free(cp.json);
    store_sqlite.close(s);
    assert_true(script("DELETE FROM checkpoints WHERE json = '{\"n\":2}'"));
    s = open_store();
    assert_true(store_sqlite.load(s, &cp, &e));
    assert_null(cp.json);
    store_sqlite.close(s);
}

static void assert_refused(enum store_fault fault)
{
    struct store_error e;
    void *s = store_sqlite.open(path, &e);
    assert_null(s);
    assert_int_equal(e.fault, fault);
    assert_string_equal(e.file, path);
    char *say = store_error_say(&e);
    assert_non_null(strstr(say, path));
    free(say);
}

static struct event of_run(enum event_kind kind, const char *id, const char *fog, enum run_state s)
{
    struct event e = {.kind = kind, .at_ms = 1700000000000, .subject = mem_strdup("fog/x")};
    e.actor = (struct actor){mem_strdup("lan"), 1000, mem_strdup("")};
    e.run = mem_alloc(sizeof *e.run);
    *e.run = (struct event_run){.id = mem_strdup(id), .fog = mem_strdup(fog), .state = s};
    return e;
}

static enum store_fault append_run(void *s, struct chain *head, struct event e)
{
    struct store_error why = {0};
    bool is_done = store_sqlite.append(s, head, &e, 1, &why);
    event_release(&e);
    assert_true(is_done == (why.fault == STORE_FINE));
    return why.fault;
}

/* The store itself holds that a group has one run, whatever the code above it believes. */
static void test_one_run_a_group(void **state)
{
    (void)state;
    void *s = open_store();
    struct chain head, before;
    struct store_error e = {0};
    const enum event_kind new = EVENT_FAILOVER_CONFIRMED, end = EVENT_FAILOVER_ENDED;
    assert_true(store_sqlite.head(s, &head, &e));
    assert_int_equal(append_run(s, &head, of_run(new, "a", "web", RUN_CONFIRMED)), STORE_FINE);
    before = head;
    for (int i = 0; i < 20; i++) /* FO1: of many at once exactly one */
        assert_int_equal(append_run(s, &head, of_run(new, "b", "web", RUN_CONFIRMED)),
                         STORE_CONFLICT);
    assert_string_equal(head.hash, before.hash);
    assert_int_equal(append_run(s, &head, of_run(new, "c", "db", RUN_CONFIRMED)), STORE_FINE);
    assert_int_equal(append_run(s, &head, of_run(end, "a", "web", RUN_UNKNOWN)), STORE_FINE);
    assert_int_equal(append_run(s, &head, of_run(new, "d", "web", RUN_CONFIRMED)), STORE_CONFLICT);
    store_sqlite.close(s);
    s = open_store(); /* and after a restart */
    assert_int_equal(append_run(s, &head, of_run(new, "d", "web", RUN_CONFIRMED)), STORE_CONFLICT);
    assert_int_equal(append_run(s, &head, of_run(EVENT_FAILOVER_CLOSED, "a", "web", RUN_CLOSED)),
                     STORE_FINE);
    assert_int_equal(append_run(s, &head, of_run(new, "d", "web", RUN_CONFIRMED)), STORE_FINE);
    append_one(s, &head, noted(1, "web-01/http", "still one chain"));
    store_sqlite.close(s);
    struct seen seen;
    assert_true(follow_all(&seen, &e));
    assert_int_equal(seen.n, 6);
}

static void test_a_file_of_version_1_is_taken_on(void **state)
{
    (void)state;
    fill(3);
    assert_true(script("BEGIN; DROP TABLE runs; PRAGMA user_version = 1; COMMIT;"));
    void *s = open_store();
    struct chain head;
    struct store_error e = {0};
    assert_true(store_sqlite.head(s, &head, &e));
    assert_int_equal(head.seq, 3);
    assert_int_equal(
        append_run(s, &head, of_run(EVENT_FAILOVER_CONFIRMED, "a", "web", RUN_CONFIRMED)),
        STORE_FINE);
    assert_int_equal(
        append_run(s, &head, of_run(EVENT_FAILOVER_CONFIRMED, "b", "web", RUN_CONFIRMED)),
        STORE_CONFLICT);
    store_sqlite.close(s);
    struct seen seen;
    assert_true(follow_all(&seen, &e));
    assert_int_equal(seen.n, 4);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    fill(3);
    assert_true(script("PRAGMA user_version = 3"));
    assert_refused(STORE_NEWER);
    assert_true(script("PRAGMA user_version = 2; PRAGMA application_id = 7"));
    assert_refused(STORE_FOREIGN);
    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd,
                           "hello, this is text, not a database; it is long enough to be looked "
                           "at as a header of one hundred bytes",
                           103),
                     103);
    close(fd);
    assert_refused(STORE_CORRUPT);
    assert_int_equal(truncate(path, 0), 0);
    assert_refused(STORE_CORRUPT); /* an empty file is never taken for a new one */
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 0); /* and nothing was written to it */
    snprintf(path, sizeof path, "%s/no/such/folder/t.db", tmp.dir);
    assert_refused(STORE_NO_FILE);
}

static void test_truncated(void **state)
{
    (void)state;
    fill(60);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    for (off_t cut = st.st_size - 1; cut > 0; cut -= 3000) {
        assert_int_equal(truncate(path, cut), 0);
        assert_refused(STORE_CORRUPT);
    }
}

/* Not as root, who may write everything. */
/* A commit into a file that no path names any more would be lost at the next start. */
static void test_moved_away(void **state)
{
    (void)state;
    fill(3);
    void *s = open_store();
    struct chain head;
    struct store_error e = {0};
    assert_true(store_sqlite.head(s, &head, &e));
    append_one(s, &head, noted(4, "web-01/http", "kept")); /* SQLite looks at the first one only */
    assert_int_equal(unlink(path), 0);
    struct event gone = noted(9, "web-01/http", "into the void");
    assert_false(store_sqlite.append(s, &head, &gone, 1, &e));
    assert_int_equal(e.fault, STORE_CHANGED);
    assert_int_equal(head.seq, 4);
    fill(2); /* another file in its place */
    e = (struct store_error){0};
    assert_false(store_sqlite.beat(s, 1, &e));
    assert_int_equal(e.fault, STORE_CHANGED);
    event_release(&gone);
    store_sqlite.close(s);
}

static void test_readonly(void **state)
{
    (void)state;
    fill(4);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct store_error e;
        struct seen seen = {0};
        chmod(path, 0444);
        chmod(tmp.dir, 0555);
        if (getuid() == 0 && setuid(65534) != 0)
            _exit(20);
        void *s = store_sqlite.open(path, &e);
        if (!s || e.fault != STORE_READONLY)
            _exit(21);
        struct chain at;
        chain_init(&at);
        if (!store_sqlite.follow(s, &at, 0, see, &seen, &e) || seen.n != 4)
            _exit(22);
        struct event ev = noted(9, "a/b", "x");
        if (store_sqlite.append(s, &at, &ev, 1, &e) || e.fault != STORE_READONLY)
            _exit(23);
        _exit(0);
    }
    int status;
    waitpid(pid, &status, 0);
    chmod(tmp.dir, 0700);
    chmod(path, 0600);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static unsigned char *slurp(size_t *len)
{
    struct stat st;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    unsigned char *bytes = mem_alloc((size_t)st.st_size);
    assert_int_equal(read(fd, bytes, (size_t)st.st_size), st.st_size);
    close(fd);
    *len = (size_t)st.st_size;
    return bytes;
}

static void spill(const unsigned char *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0600);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
}

#define FLIPS 10000

/* ST8: any flipped bit is either found or harmless; never a crash, never another text. */
static void test_bit_flips(void **state)
{
    (void)state;
    fill(40);
    size_t len, found = 0, harmless = 0;
    unsigned char *bytes = slurp(&len);
    uint32_t random = 12345;
    for (int i = 0; i < FLIPS; i++) {
        random = random * 1664525u + 1013904223u;
        size_t bit = random % (len * 8);
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        spill(bytes, len);
        struct seen seen;
        struct store_error e;
        if (follow_all(&seen, &e)) {
            assert_int_equal(seen.n, 40);
            harmless++; /* free space, an index, a counter */
        } else {
            assert_true(e.fault != STORE_FINE);
            assert_true(strlen(e.detail) > 0);
            found++;
        }
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    free(bytes);
    print_message("    bit flips: %zu found, %zu harmless\n", found, harmless);
    assert_true(found > 0);
}

static void test_sentences(void **state)
{
    (void)state;
    for (int f = STORE_FULL; f < STORE_FAULT_COUNT; f++) {
        struct store_error e;
        store_fail(&e, (enum store_fault)f, "/x/y.db", "bad\x1b[31m\nthing");
        char *say = store_error_say(&e);
        assert_non_null(strstr(say, "/x/y.db"));
        assert_null(strchr(say, '\x1b'));
        free(say);
    }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_append_and_follow),
        T(test_batch_is_all_or_nothing),
        T(test_query),
        T(test_hostile_names),
        T(test_append_only),
        T(test_tampering_is_named),
        T(test_checkpoints),
        T(test_one_run_a_group),
        T(test_a_file_of_version_1_is_taken_on),
        T(test_what_is_refused),
        T(test_truncated),
        T(test_moved_away),
        T(test_readonly),
        T(test_bit_flips),
        T(test_sentences),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
