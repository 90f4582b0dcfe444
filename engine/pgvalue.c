/* pgvalue.c - what libpq gives as text, read; see pgconn.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/when.h"
#include "engine/pgconn.h"

void pg_reply_clear(struct pg_reply *r)
{
    for (size_t i = 0; i < r->n_rows * r->n_columns; i++)
        free(r->values[i]);
    for (size_t i = 0; i < r->n_columns; i++)
        free(r->columns[i].name);
    free(r->values);
    free(r->columns);
    free(r->say);
    free(r->version);
    *r = (struct pg_reply){0};
}

const char *pg_value(const struct pg_reply *r, size_t row, const char *column)
{
    for (size_t i = 0; row < r->n_rows && i < r->n_columns; i++)
        if (strcmp(r->columns[i].name, column) == 0)
            return r->values[row * r->n_columns + i];
    return NULL;
}

const char *pg_text_for(const struct pg_text *texts, int version)
{
    while (texts->from > 0 && texts->from > version)
        texts++;
    return texts->sql;
}

bool pg_number(const char *text, double *out)
{
    char *end;
    if (text == NULL || text[0] == '\0')
        return false;
    *out = strtod(text, &end);
    return *end == '\0' && isfinite(*out);
}

double pg_figure(const struct pg_reply *r, size_t row, const char *column)
{
    double v;
    return pg_number(pg_value(r, row, column), &v) ? v : NAN;
}

bool pg_is_true(const struct pg_reply *r, size_t row, const char *column)
{
    const char *text = pg_value(r, row, column);
    return text != NULL && strcmp(text, "t") == 0;
}

bool pg_time(const char *text, int64_t *at_ms)
{
    char rfc[64];
    size_t len = text != NULL ? strlen(text) : 0;
    if (len < 20 || len > sizeof rfc - 4 || text[10] != ' ')
        return false;
    memcpy(rfc, text, len + 1);
    rfc[10] = 'T';
    char *sign = strpbrk(rfc + 11, "+-");
    if (sign == NULL)
        return false;
    if (strlen(sign) == 3) /* "+07" */
        memcpy(sign + 3, ":00", 4);
    return when_parse_rfc3339(rfc, at_ms);
}
