/* prom_api.h - what the HTTP APIs of Prometheus and Alertmanager have in common. */
#ifndef PROBES_PROM_API_H
#define PROBES_PROM_API_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/result.h"
#include "engine/http.h"
#include "engine/jval.h"

/* Appends BASE without its last slashes, then path. */
void prom_url(struct buf *out, const char *base, const char *path);
/* Appends the text as it stands in a query or a form. */
void prom_escape(struct buf *out, const char *text);

/* "{instance}", "db-{name}": words and names of labels in braces. */
bool prom_template_check(const char *template, struct err *e);
/* Appends what a set of labels makes of it; false, and *absent borrowed, where a label is missing.
 */
bool prom_template(struct buf *out, const char *template, const struct jval *labels,
                   const char **absent, size_t *absent_len);

/* The reply as a document of status 200; NULL: r says what came instead. The caller frees it. */
struct jval *prom_document(struct http_reply *reply, struct result *r);

#endif
