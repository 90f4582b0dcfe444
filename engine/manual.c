#include "engine/manual.h"

#include <string.h>

#include "core/duty.h"
#include "core/when.h"
#include "engine/cmd.h"
#include "engine/cmd_engine.h"
#include "engine/site_load.h"

/* --- man(7) ------------------------------------------------------------------------------------
 */

/* Text with what roff would take for its own made harmless. */
static void put(struct buf *out, const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\\')
            buf_adds(out, "\\e");
        else if (*p == '-')
            buf_adds(out, "\\-");
        else if ((*p == '.' || *p == '\'') && (p == text || p[-1] == '\n'))
            buf_addf(out, "\\&%c", *p);
        else
            buf_addc(out, *p);
    }
}

static void head(struct buf *out, const char *page, const char *section, const char *what)
{
    buf_addf(out, ".TH %s %s \"\" \"trucban %s\"\n.SH NAME\n", page, section, TRUCBAN_VERSION);
    buf_addf(out, "%s \\- %s\n", page, what);
}

static void paragraph(struct buf *out, const char *text)
{
    buf_adds(out, ".PP\n");
    put(out, text);
    buf_addc(out, '\n');
}

/* "TERM  text" with the term in bold and, behind it, a value in italics. */
static void item(struct buf *out, const char *term, const char *value, const char *text)
{
    buf_adds(out, ".TP\n\\fB");
    put(out, term);
    buf_adds(out, "\\fR");
    if (value != NULL && *value != '\0') {
        buf_adds(out, " \\fI");
        put(out, value);
        buf_adds(out, "\\fR");
    }
    buf_addc(out, '\n');
    put(out, text != NULL ? text : "");
    buf_addc(out, '\n');
}

/* --- trucban(1) --------------------------------------------------------------------------------
 */

static void command(struct buf *out, const struct cmd_row *row)
{
    struct cmd_option_text o;
    buf_adds(out, ".SS \"trucban");
    if (row->name[0] != '\0')
        buf_addf(out, " %s", row->name);
    if (row->args[0] != '\0') {
        buf_addc(out, ' ');
        put(out, row->args);
    }
    buf_adds(out, "\"\n");
    put(out, row->help);
    buf_addc(out, '\n');
    for (size_t at = 0; cmd_option_next(row, &at, &o);)
        item(out, o.name, o.value, o.help);
}

void manual_commands(struct buf *out)
{
    head(out, "trucban", "1", "the duty desk: console and commands");
    buf_adds(out, ".SH SYNOPSIS\n.B trucban\n[\\fICOMMAND\\fR] [\\fIOPTION\\fR]…\n.SH COMMANDS\n");
    for (const struct cmd_row *r = cmd_rows; r->name != NULL; r++)
        command(out, r);
    buf_adds(out, ".SH EXIT STATUS\n");
    item(out, "0 1 2 3", "",
         "OK, WARNING, CRITICAL, UNKNOWN: of status and probe, the worst there is; "
         "of the others 0 is success.");
    item(out, "64", "", "The command was used wrongly.");
    item(out, "65", "", "The site file has errors; the journal's chain is broken.");
    item(out, "69", "", "No engine answers.");
    item(out, "73", "", "Another engine has the store, or state or socket cannot be made.");
    item(out, "75", "", "Not saved: the journal cannot be written.");
    item(out, "77", "", "Refused; the sentence says why, who and when.");
    buf_adds(out, ".SH ENVIRONMENT\n");
    item(out, "TRUCBAN_SITE", "",
         "The site file where --site is not given; else /etc/trucban/site.json.");
    item(out, "TRUCBAN_SOCKET, TRUCBAN_STATE", "",
         "The engine's socket and the folder of its state.");
    item(out, "NO_COLOR", "", "If set, the console uses no colour.");
    item(out, "NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID", "",
         "The engine under a service manager: it is told when the first events are in the store "
         "(READY=1), while the site file is read again, at the end, and that loop and store live. "
         "No child gets them.");
    buf_adds(out, ".SH SIGNALS\n");
    item(out, "SIGHUP", "",
         "The engine reads the site file again. If it has mistakes nothing changes, and every "
         "console shows the first one with its place. A private engine ends, and so does one whose "
         "terminal is gone.");
    item(out, "SIGTERM, SIGINT", "",
         "The engine ends, with a last checkpoint, within two seconds.");
    buf_adds(out, ".SH FILES\n");
    item(out, "/etc/trucban/NAME/site.json", "",
         "What the service trucban@NAME watches; its state is in /var/lib/trucban, its socket in "
         "/run/trucban.");
    item(out, "~/.config/trucban/keys", "",
         "Own key bindings; ? in the console shows those in force.");
    buf_adds(out, ".SH SEE ALSO\n.BR trucban-site (5)\n");
}

/* --- trucban-site(5) ---------------------------------------------------------------------------
 */

static const char *type_words(const struct option *row)
{
    static const char *const words[] = {
        [OPTION_STRING] = "text",
        [OPTION_BOOL] = "true or false",
        [OPTION_INT] = "whole number",
        [OPTION_NUMBER] = "number",
        [OPTION_DURATION] = "duration, \"10s\"",
        [OPTION_SIZE] = "size, \"64KiB\"",
        [OPTION_CHOICE] = "one of",
        [OPTION_STRINGS] = "list of texts",
        [OPTION_INTS] = "list of whole numbers",
        [OPTION_PAIRS] = "object of texts",
        [OPTION_WORDS] = "text, or {\"vi\": …, \"en\": …}",
        [OPTION_TESTS] = "{\"/pointer\": value or {\">=\": 3}}",
        [OPTION_POINTERS] = "{\"name\": \"/pointer\"}",
        [OPTION_THRESHOLDS] = "{\"metric\": {\"warning\": 1, \"critical\": 2, \"below\": false}}",
        [OPTION_GROUP] = "object",
        [OPTION_LIST] = "list of objects",
        [OPTION_SECRET] = "{\"file\": …}, {\"env\": …} or {\"credential\": …}",
    };
    return words[row->type];
}

/* What may stand there, and what holds where nothing does. */
static void value_words(struct buf *out, const struct option *row)
{
    buf_adds(out, type_words(row));
    for (size_t i = 0; row->type == OPTION_CHOICE && row->choices[i] != NULL; i++)
        buf_addf(out, " %s", row->choices[i]);
    if ((row->flags & OPTION_REQUIRED) != 0)
        buf_adds(out, ", required");
    else if (row->fallback != NULL)
        buf_addf(out, ", default %s", row->fallback);
}

static void keys(struct buf *out, const struct option *rows)
{
    for (const struct option *row = rows; row->name != NULL; row++) {
        struct buf value = BUF_INIT(512);
        value_words(&value, row);
        item(out, row->name, buf_text(&value), row->help);
        buf_release(&value);
        if (row->type == OPTION_GROUP || row->type == OPTION_LIST) {
            buf_adds(out, ".RS\n");
            keys(out, row->rows);
            buf_adds(out, ".RE\n");
        }
    }
}

static void part(struct buf *out, const char *title, const char *text)
{
    buf_addf(out, ".SH \"%s\"\n", title);
    paragraph(out, text);
}

static void roles(struct buf *out)
{
    static const char *const rights[DUTY_RIGHT_COUNT] = {
        [DUTY_SEE] = "see",
        [DUTY_ACK] = "acknowledge, note, submit, probe",
        [DUTY_ESCALATE] = "escalate, silence for at most 4 h",
        [DUTY_SILENCE] = "silence for longer, maintenance",
        [DUTY_APPROVE] = "approve as the second person",
        [DUTY_PLAN] = "plan and confirm a failover",
        [DUTY_CONFIGURE] = "configure",
        [DUTY_PROMOTE] = "promote from test to production",
    };
    for (int role = 0; role < DUTY_ROLE_COUNT; role++) {
        struct buf may = BUF_INIT(512);
        for (int right = 0; right < DUTY_RIGHT_COUNT; right++)
            if (duty_may((enum duty_role)role, (enum duty_right)right))
                buf_addf(&may, "%s%s", may.len > 0 ? "; " : "May ", rights[right]);
        buf_addc(&may, '.');
        item(out, duty_rows[role].name, "", buf_text(&may));
        buf_release(&may);
    }
}

/* What a site says beside its targets. */
static void tops(struct buf *out)
{
    part(out, "GROUPS", "Keys of each object in \"groups\", beside \"defaults\".");
    keys(out, site_group_options);
    part(out, "ORGS", "Keys of each object in \"orgs\": whose a target is.");
    keys(out, site_org_options);
    part(out, "PHASES", "Keys of each object in \"phases\".");
    keys(out, site_phase_options);
    part(out, "TOTALS",
         "Keys of each object in \"totals\": published figures, held against the "
         "targets that have its labels.");
    keys(out, site_total_options);
    part(out, "ESCALATION",
         "Keys of each object in \"escalation\": who is told when, and within what time somebody "
         "must "
         "have an alert. The first row that fits counts.");
    keys(out, site_escalation_options);
    part(out, "SHIFTS",
         "Keys of each object in \"shifts\": the duty's roster, in the site's time.");
    keys(out, site_shift_options);
    part(out, "FAILOVER", "Keys of each object in \"failover\".");
    keys(out, site_failover_options);
    part(out, "ROLES",
         "\"roles\" is an object: under the name of a role a list of accounts, or "
         "@ and a group of the system.");
    roles(out);
    part(out, "OVERLAY",
         "Keys of each object in \"overlay\", beside those of a target and the "
         "timing: other values for targets that stand elsewhere.");
    keys(out, site_without_options);
}

void manual_site(struct buf *out)
{
    head(out, "trucban-site", "5", "what trucban watches: the site file");
    part(out, "DESCRIPTION",
         "A JSON file, or several by include. trucban site check FILE tells all its mistakes at "
         "once; "
         "trucban site schema prints its JSON Schema.");
    part(out, "SITE", "Keys of \"site\" in the root file.");
    keys(out, site_site_options);
    part(out, "TARGETS",
         "Keys of each object in \"targets\". Ranges in id and address run in step: "
         "\"web-[01-04]\".");
    keys(out, site_first_options);
    keys(out, site_own_options);
    part(out, "INHERITED",
         "Keys of a target that also stand in \"defaults\" and in a group's \"defaults\".");
    keys(out, site_shared_options);
    keys(out, site_label_options);
    part(out, "CHECKS", "Keys of each object in a target's \"checks\", beside those of its kind.");
    keys(out, site_check_options);
    paragraph(out, "Timing; also in a target, a group's \"defaults\" and \"defaults\":");
    keys(out, site_timing_options);
    for (size_t i = 0; probe_types[i] != NULL; i++) {
        struct buf title = BUF_INIT(128);
        buf_addf(&title, "PROBE %s", probe_types[i]->name);
        part(out, buf_text(&title), probe_types[i]->summary);
        keys(out, probe_types[i]->options);
        buf_release(&title);
    }
    tops(out);
    buf_adds(out, ".SH SEE ALSO\n.BR trucban (1)\n");
}

/* --- docs/kinds ----------------------------------------------------------------------------------
 */

/* A cell of a table in Markdown: one line, its bars kept from ending it. */
static void cell(struct buf *out, const char *text)
{
    for (const char *p = text; *p != '\0'; p++)
        buf_addf(out, *p == '|' ? "\\%c" : "%c", *p == '\n' ? ' ' : *p);
}

/* `within`: the objects around these keys, "expect."; "" at the top. */
static void key_cells(struct buf *out, const char *within, const struct option *rows)
{
    for (const struct option *row = rows; row->name != NULL; row++) {
        struct buf value = BUF_INIT(512), inner = BUF_INIT(128);
        value_words(&value, row);
        buf_addf(out, "| `%s%s` | ", within, row->name);
        cell(out, buf_text(&value));
        buf_adds(out, " | ");
        cell(out, row->help != NULL ? row->help : "");
        buf_adds(out, " |\n");
        if (row->type == OPTION_GROUP || row->type == OPTION_LIST) {
            buf_addf(&inner, "%s%s%s.", within, row->name, row->type == OPTION_LIST ? "[]" : "");
            key_cells(out, buf_text(&inner), row->rows);
        }
        buf_release(&value);
        buf_release(&inner);
    }
}

void manual_kind(struct buf *out, const struct probe_type *type)
{
    char span[WHEN_TEXT_MAX];
    buf_adds(out, "| key | value | what it does |\n|---|---|---|\n");
    key_cells(out, "", type->options);
    for (const struct threshold *t = type->thresholds; t != NULL && t->metric != NULL; t++) {
        if (t == type->thresholds)
            buf_adds(out, "\nThresholds that hold where the check says nothing of the metric:\n\n");
        buf_addf(out, "- `%s`:", t->metric);
        if (t->has_warning)
            buf_addf(out, " warning %s %g", t->is_below ? "below" : "from", t->warning);
        if (t->has_critical)
            buf_addf(out, "%s critical %s %g", t->has_warning ? "," : "",
                     t->is_below ? "below" : "from", t->critical);
        if (t->for_ms > 0)
            buf_addf(out, ", for %s", when_duration(t->for_ms, span));
        buf_addc(out, '\n');
    }
}

int cmd_manual(int argc, char **argv)
{
    struct buf out = BUF_INIT(0);
    const char *what = argc == 2 ? argv[1] : "";
    const struct probe_type *type = probe_find(what);
    if (strcmp(what, "1") == 0)
        manual_commands(&out);
    else if (strcmp(what, "5") == 0)
        manual_site(&out);
    else if (type != NULL)
        manual_kind(&out, type);
    else if (strcmp(what, "kinds") == 0)
        for (size_t i = 0; probe_types[i] != NULL; i++)
            buf_addf(&out, "| [`%s`](kinds/%s.md) | %s |\n", probe_types[i]->name,
                     probe_types[i]->name, probe_types[i]->summary);
    else
        return cmd_fail(NULL, EXIT_USAGE, "manual", "expected 1, 5, kinds or the name of a kind");
    fputs(buf_text(&out), stdout);
    buf_release(&out);
    return 0;
}
