/* What a site says of itself: organisations, phases, totals. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/text.h"
#include "core/when.h"
#include "engine/nearest.h"
#include "engine/site_load.h"

#define TOTAL_MAX 1e9

struct about_row { /* of any of the three lists */
    char *id, *abbr, *from, *to, *as_of;
    struct words name;
    int kind, state;
    struct option_pairs labels;
    int64_t total, done;
};
#define ROW(field) .offset = offsetof(struct about_row, field)

const struct option site_org_options[] = {
    {.name = "id",
     .type = OPTION_STRING,
     ROW(id),
     .flags = OPTION_REQUIRED,
     .help = "the name that targets give as their \"org\""},
    {.name = "abbr",
     .type = OPTION_STRING,
     ROW(abbr),
     .help = "the short name, for narrow columns"},
    {.name = "name", .type = OPTION_WORDS, ROW(name), .help = "the name on the screen"},
    {.name = "kind",
     .type = OPTION_CHOICE,
     ROW(kind),
     .flags = OPTION_REQUIRED,
     .choices = org_kind_names,
     .help = "whose side a fault is on: a ministry's, the operator's own, or another's"},
    {0}};
const struct option site_phase_options[] = {
    {.name = "id",
     .type = OPTION_STRING,
     ROW(id),
     .flags = OPTION_REQUIRED,
     .help = "the short name of the phase"},
    {.name = "name", .type = OPTION_WORDS, ROW(name), .help = "the name on the screen"},
    {.name = "from",
     .type = OPTION_STRING,
     ROW(from),
     .flags = OPTION_REQUIRED,
     .help = "its first day, such as 2026-03-01"},
    {.name = "to", .type = OPTION_STRING, ROW(to), .help = "its last day; left out, it has no end"},
    {.name = "state",
     .type = OPTION_CHOICE,
     ROW(state),
     .choices = phase_state_names,
     .help = "left out, the dates say it"},
    {0}};
const struct option site_total_options[] = {
    {.name = "id",
     .type = OPTION_STRING,
     ROW(id),
     .flags = OPTION_REQUIRED,
     .help = "the short name of the total"},
    {.name = "name", .type = OPTION_WORDS, ROW(name), .help = "the name on the screen"},
    {.name = "labels",
     .type = OPTION_PAIRS,
     ROW(labels),
     .flags = OPTION_REQUIRED,
     .help = "the labels that a target must have, all of them, to be counted"},
    {.name = "total",
     .type = OPTION_INT,
     ROW(total),
     .flags = OPTION_REQUIRED,
     .min = 0,
     .max = TOTAL_MAX,
     .help = "how many there are, as published"},
    {.name = "done",
     .type = OPTION_INT,
     ROW(done),
     .flags = OPTION_REQUIRED,
     .min = 0,
     .max = TOTAL_MAX,
     .help = "how many of them are connected, as published"},
    {.name = "as_of",
     .type = OPTION_STRING,
     ROW(as_of),
     .flags = OPTION_REQUIRED,
     .help = "the day that both figures are of, such as 2026-03-05"},
    {0}};

/* --- one entry ------------------------------------------------------------------------------ */

static bool check_day(struct site_loader *l, const struct place *entry, const char *key,
                      const char *day)
{
    struct place at = PLACE_KEY(entry, key);
    int64_t number;
    if (day == NULL || when_parse_day(day, &number))
        return day != NULL;
    site_errorf(l, &at, "found \"%.128s\", expected a day such as \"2026-03-05\"", day);
    return false;
}

static bool check_id(struct site_loader *l, const struct place *entry, const char *id,
                     bool is_second)
{
    struct place at = PLACE_KEY(entry, "id");
    bool is_name = text_is_name(id);
    if (!is_name)
        site_errorf(l, &at,
                    "found \"%.128s\", expected a name: letters, digits, \"_.:-\", at most 128",
                    id);
    else if (is_second)
        site_errorf(l, &at, "found \"%s\" a second time, expected each once", id);
    return is_name && !is_second;
}

/* What the row held is the entry's from here on. */
static struct words take_words(struct words *from)
{
    struct words w = *from;
    *from = (struct words){0};
    return w;
}

static char *take_text(char **from)
{
    char *text = *from;
    *from = NULL;
    return text;
}

static void take_org(struct site_loader *l, struct about_row *row, const struct option_layer *layer)
{
    struct about *a = &l->site->fleet->about;
    if (!check_id(l, layer->at, row->id, about_org(a, row->id) != NULL))
        return;
    struct org o = {.id = take_text(&row->id),
                    .abbr = take_text(&row->abbr),
                    .name = take_words(&row->name),
                    .kind = (enum org_kind)row->kind};
    about_add_org(a, &o);
}

static void take_phase(struct site_loader *l, struct about_row *row,
                       const struct option_layer *layer)
{
    struct about *a = &l->site->fleet->about;
    struct place to = PLACE_KEY(layer->at, "to");
    bool is_ok = check_id(l, layer->at, row->id, about_phase(a, row->id) != NULL);
    bool has_from = check_day(l, layer->at, "from", row->from);
    bool has_to = check_day(l, layer->at, "to", row->to);
    if (has_from && has_to && strcmp(row->to, row->from) < 0)
        site_errorf(l, &to, "found \"%s\", which is before \"from\"", row->to);
    if (!is_ok || !has_from)
        return;
    bool is_said = jval_get(layer->object, "state") != NULL;
    struct phase p = {.id = take_text(&row->id),
                      .name = take_words(&row->name),
                      .from = take_text(&row->from),
                      .to = take_text(&row->to),
                      .state = is_said ? row->state : -1};
    about_add_phase(a, &p);
}

static struct label *take_labels(struct option_pairs *from, size_t *n)
{
    struct label *labels = mem_alloc((from->n + 1) * sizeof *labels);
    for (size_t i = 0; i < from->n; i++)
        labels[i] = (struct label){from->keys[i], from->values[i]};
    *n = from->n;
    from->n = 0;
    return labels;
}

static void take_total(struct site_loader *l, struct about_row *row,
                       const struct option_layer *layer)
{
    struct about *a = &l->site->fleet->about;
    struct place labels = PLACE_KEY(layer->at, "labels"), done = PLACE_KEY(layer->at, "done");
    bool is_ok = check_id(l, layer->at, row->id, about_total(a, row->id) != NULL);
    const struct jval *given = jval_get(layer->object, "labels");
    if (jval_type(given) == JVAL_OBJECT && jval_len(given) == 0)
        site_errorf(l, &labels, "found an empty object, expected labels that targets have");
    if (row->done > row->total)
        site_errorf(l, &done, "found %lld, which is more than \"total\"", (long long)row->done);
    is_ok = check_day(l, layer->at, "as_of", row->as_of) && is_ok;
    if (!is_ok)
        return;
    struct total t = {.id = take_text(&row->id),
                      .name = take_words(&row->name),
                      .total = row->total,
                      .done = row->done,
                      .as_of = take_text(&row->as_of)};
    t.labels = take_labels(&row->labels, &t.n_labels);
    about_add_total(a, &t);
}

/* --- lists ---------------------------------------------------------------------------------- */

static void read_list(struct site_loader *l, const struct site_doc *doc, const char *key,
                      const struct option *options,
                      void (*take)(struct site_loader *, struct about_row *,
                                   const struct option_layer *))
{
    const struct jval *list = jval_get(doc->root, key);
    struct place at = PLACE_KEY(&doc->at, key);
    struct site_names names = {.loader = l};
    struct option_reader r = site_reader(l, &names, true);
    for (size_t i = 0; jval_type(list) == JVAL_ARRAY && i < jval_len(list); i++) {
        struct place item = PLACE_INDEX(&at, i);
        struct option_layer layer = {jval_at(list, i), &item};
        struct about_row row = {0};
        if (!option_check_keys(&r, &layer, &options, 1) && jval_type(layer.object) != JVAL_OBJECT)
            continue;
        option_fill(&r, options, &row, &layer, 1);
        if (row.id != NULL)
            take(l, &row, &layer);
        option_release(options, &row);
    }
}

void site_read_about(struct site_loader *l, const struct site_doc *doc)
{
    read_list(l, doc, "orgs", site_org_options, take_org);
    read_list(l, doc, "phases", site_phase_options, take_phase);
    read_list(l, doc, "totals", site_total_options, take_total);
}

/* Where no organisations are given, "org" is a word of the site's own. */
void site_check_org(struct site_loader *l, const char *org, const struct place *target)
{
    const struct about *a = &l->site->fleet->about;
    struct place at = PLACE_KEY(target, "org");
    if (org == NULL || a->n_orgs == 0 || about_org(a, org) != NULL)
        return;
    struct nearest close = NEAREST_INIT(org);
    for (size_t i = 0; i < a->n_orgs; i++)
        nearest_try(&close, a->orgs[i].id);
    site_errorf(l, &at, "found \"%.128s\", but \"orgs\" has no such id%s%s%s", org,
                close.best != NULL ? "; did you mean \"" : "", close.best != NULL ? close.best : "",
                close.best != NULL ? "\"?" : "");
}
