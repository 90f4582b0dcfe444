/* cmd_doctor.c - `trucban doctor`: prints what the console's side (tui/doctor.c) found. */
#include <stdlib.h>

#include "core/remark.h"
#include "engine/cmd.h"
#include "engine/jval.h"

static const struct {
    const char *sign, *word; /* in a table; in JSON */
} level_rows[REMARK_LEVEL_COUNT] = {
    [REMARK_OK] = {".", "ok"},
    [REMARK_WARNING] = {"!", "warning"},
    [REMARK_ERROR] = {"X", "error"},
};

static void print_table(const struct cmd_env *env, const struct remark *v, size_t n, FILE *to)
{
    struct cmd_columns *t = cmd_columns_new(3);
    for (size_t i = 0; i < n; i++) {
        struct buf words = BUF_INIT(0);
        cmd_say(env, &words, v[i].say);
        const char *const cells[] = {level_rows[v[i].level].sign, v[i].name, buf_text(&words)};
        cmd_columns_add(t, cells);
        buf_release(&words);
    }
    cmd_columns_put(env, t, to);
    cmd_columns_free(t);
}

static void print_json(const struct cmd_env *env, const struct remark *v, size_t n, FILE *to)
{
    struct jval *doc = jval_object(), *list = jval_array();
    struct buf text = BUF_INIT(0);
    jval_set_str(doc, "$schema", "trucban/doctor/1");
    for (size_t i = 0; i < n; i++) {
        struct jval *j = jval_object();
        struct buf words = BUF_INIT(0);
        cmd_say(env, &words, v[i].say);
        jval_set_str(j, "name", v[i].name);
        jval_set_str(j, "level", level_rows[v[i].level].word);
        jval_set_str(j, "text", buf_text(&words));
        jval_append(list, j);
        buf_release(&words);
    }
    jval_set(doc, "remarks", list);
    jval_dump(&text, doc, 0);
    fprintf(to, "%s\n", buf_text(&text));
    buf_release(&text);
    jval_free(doc);
}

int doctor_print(const struct cmd_env *env, const struct remark *v, size_t n, bool is_json,
                 FILE *to)
{
    enum remark_level worst = REMARK_OK;
    for (size_t i = 0; i < n; i++)
        if (v[i].level > worst)
            worst = v[i].level;
    if (is_json)
        print_json(env, v, n, to);
    else
        print_table(env, v, n, to);
    if (fflush(to) != 0)
        return cmd_fail(env, EXIT_SOFTWARE, "doctor", "cannot write the table");
    return (int)worst;
}
