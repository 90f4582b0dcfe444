/* xml.h - the door to expat: a small document from anywhere as a tree, with limits.
 *
 * No document type, so no entities but the five of XML itself: a "billion laughs" is refused at its
 * first line.  Depth, elements and text are capped; the caller caps the length before parsing. */
#ifndef PROBES_XML_H
#define PROBES_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

#define XML_DEPTH_MAX    16
#define XML_ELEMENTS_MAX 20000
#define XML_TEXT_MAX     4096 /* of one element; what is beyond is cut */

struct xml;
/* The root element; on failure e says "line L: what". */
struct xml *xml_parse(const char *bytes, size_t len, struct err *e);
void xml_free(struct xml *root); /* NULL is fine */

/* Borrowed; NULL (and "" and `fallback`) for what is not there, also of a NULL element. */
const char *xml_name(const struct xml *x);
const char *
xml_text(const struct xml *x); /* trimmed, of this element alone; as it came: not cleaned */
const struct xml *xml_child(const struct xml *x, const char *name); /* the first of that name */
const struct xml *xml_next(const struct xml *x); /* the next sibling of the same name */
const struct xml *xml_path(const struct xml *x, const char *path); /* "sms/sent/queued" */
/* By path from the root, names without their prefixes: "/Envelope/Body/Fault", "//code": at any
 * depth.  The first that is there. */
const struct xml *xml_find(const struct xml *root, const char *path);
bool xml_is_cut(const struct xml *x); /* its text was longer than XML_TEXT_MAX */
int64_t xml_int(const struct xml *x, int64_t fallback);

#endif
