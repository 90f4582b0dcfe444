/* exposition.h - Prometheus' text exposition (0.0.4, and OpenMetrics 1.0 where they are alike): one
 * pass over a page, nothing allocated for a series.
 *
 *   name{label="value",…} value [time stamp] [# exemplar]
 *
 * A line that cannot be read is counted and passed over: the page of one careless exporter still
 * says what the others wrote.  Of a series that stands there twice the first counts. */
#ifndef PROBES_EXPOSITION_H
#define PROBES_EXPOSITION_H

#include <stddef.h>
#include <stdint.h>

#define EXPOSITION_LINE_MAX   (16 * 1024) /* bytes */
#define EXPOSITION_LABELS_MAX 64          /* of one series */

struct exposition_label {
    const char *name, *value; /* as they stand there, not cleaned; the value without escapes */
    size_t name_len, value_len;
};
struct exposition_sample {
    const char *name;
    size_t name_len;
    struct exposition_label labels[EXPOSITION_LABELS_MAX];
    size_t n_labels;
    double value;  /* NaN and infinity as well */
    int64_t at_ms; /* 0: without a time stamp */
};
/* Its value of a label and the length; "" if it has none. */
const char *exposition_value(const struct exposition_sample *s, const char *label, size_t *len);

struct exposition_tally {
    size_t samples;        /* that fn was shown */
    size_t odd, twice;     /* lines that were passed over */
    size_t odd_line;       /* the first of those that cannot be read, from 1 */
    const char *odd_words; /* and what is wrong with it: a template, {0} the line */
    size_t twice_line;     /* the first that stands there twice */
};

/* What fn gets is valid until it returns. */
typedef void exposition_fn(void *arg, const struct exposition_sample *s);
/* bytes[len] must be NUL. */
void exposition_read(const char *bytes, size_t len, exposition_fn *fn, void *arg,
                     struct exposition_tally *tally);

#endif
