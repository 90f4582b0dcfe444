#include "engine/site.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "engine/receiver.h"
#include "engine/site_load.h"

static void loader_release(struct site_loader *l)
{
    size_t n_targets = l->site->fleet->n_targets;
    for (size_t i = 0; l->target_at != NULL && i < n_targets; i++)
        free(l->target_at[i]);
    free(l->target_at);
    site_target_release(l);
    site_sd_release(l);
    site_top_release(l);
    for (size_t i = 0; i < l->n_places; i++)
        free(l->places[i]);
    free(l->places);
    for (size_t i = 0; i < l->n_docs; i++) {
        jval_free(l->docs[i]->root);
        free(l->docs[i]->path);
        free(l->docs[i]);
    }
    free(l->docs);
}

struct site *site_load(const char *path, const struct site_vars *set, struct site_errors *errors)
{
    struct site *s = mem_alloc(sizeof *s);
    struct site_loader l = {.site = s, .errors = errors, .set = set, .last_spec = &s->specs};
    size_t before = errors->n;
    s->path = mem_strdup(path);
    s->fleet = fleet_new();
    site_read_all(&l, path);
    if (errors->n == before) { /* with a file missing, half of what follows would be false alarm */
        site_read_tops(&l);
        site_check_shifts(&l);
        site_read_targets(&l);
        site_read_receivers(&l);
        site_check_parents(&l);
        site_check_feeds(&l);
        site_read_failover(&l);
        if (errors->n == before)
            site_check_fits(&l);
        fleet_clean(s->fleet);
    }
    loader_release(&l);
    if (errors->n == before)
        return s;
    site_free(s);
    return NULL;
}

static void spec_free(struct check_spec *s)
{
    if (s->type->release != NULL)
        s->type->release(s->config);
    option_release(s->type->options, s->config);
    thresholds_free(s->thresholds.v, s->thresholds.n);
    windows_free(s->windows);
    free(s->absent);
    free(s->config);
    free(s);
}

void site_free(struct site *s)
{
    if (s == NULL)
        return;
    while (s->specs != NULL) {
        struct check_spec *next = s->specs->next;
        spec_free(s->specs);
        s->specs = next;
    }
    receivers_release(s->receivers, s->n_receivers);
    site_errors_release(&s->notes);
    grants_release(&s->roles);
    fleet_free(s->fleet);
    free(s->path);
    free(s->id);
    free(s->store);
    free(s->textfile);
    free(s);
}
