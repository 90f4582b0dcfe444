/* jsonreply.h - a reply over HTTP that has to be a JSON document. */
#ifndef PROBES_JSONREPLY_H
#define PROBES_JSONREPLY_H

#include "core/result.h"
#include "engine/http.h"
#include "engine/jval.h"

/* The document, which the caller frees; r gets the latency.  NULL: no reply, another status than
 * 200, no JSON: r says which. */
struct jval *jsonreply_read(struct http_reply *reply, struct result *r);

#endif
