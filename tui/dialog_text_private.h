/* dialog_text_private.h - a form: what it asks for, where it stands.  dialog_text.c asks and
 * answers, dialog_text_fields.c reads what was typed, dialog_text_draw.c draws. */
#ifndef TUI_DIALOG_TEXT_PRIVATE_H
#define TUI_DIALOG_TEXT_PRIVATE_H

#include "core/ids.h"
#include "core/text.h"
#include "tui/command_private.h"
#include "tui/console_private.h"
#include "widgets/input_line.h"

#define FORM_KEY_LEN    33
#define FORM_SHOWN_MAX  3 /* alerts that are named */
#define FORM_FIELDS_MAX 5
#define FORM_PAIRS_MAX  (2 * (FORM_FIELDS_MAX + 5))

enum form_kind {
    FORM_ACK,
    FORM_ACK_BEHIND,
    FORM_UNACK,
    FORM_NOTE,
    FORM_EXTEND,
    FORM_TAKE,
    FORM_ESCALATE,
    FORM_SILENCE,
    FORM_MAINTENANCE,
    FORM_PERIOD_END,
    FORM_PERIOD_APPROVE,
    FORM_KIND_COUNT
};
enum form_field {
    FIELD_NONE,
    FIELD_COMMENT,
    FIELD_FOR,
    FIELD_LEVEL,
    FIELD_MATCH,
    FIELD_FROM,
    FIELD_UNTIL,
    FIELD_EVERY,
    FIELD_COUNT
};
struct form_row {
    const char *verb, *title;
    const char
        *one; /* msgid of what is said when it is done for one alert; NULL: as the engine says */
    size_t min_chars;                            /* of the comment */
    enum form_field fields[FORM_FIELDS_MAX + 1]; /* FIELD_NONE ends */
    enum form_field first;                       /* that has the focus when it opens */
};
extern const struct form_row form_rows[FORM_KIND_COUNT];

enum part_state { PART_OPEN, PART_ASKED, PART_SAVED, PART_REFUSED, PART_NOT_SAVED };
struct part { /* one request */
    enum part_state state;
    char key[FORM_KEY_LEN]; /* idempotency: the same however often it is asked */
    char *ranges;           /* of alerts; NULL: the one alert, or none */
};
struct ticket;
struct form {
    enum form_kind kind;
    struct console *console;
    struct ids alerts;
    uint64_t period; /* to end or to approve; 0: none */
    int64_t version; /* of the one alert, as seen when the form opened */
    uint64_t seen;   /* newest event then */
    struct part *parts;
    size_t n_parts;
    struct input_line fields[FIELD_COUNT];
    enum form_field focus;
    int64_t first_ms, next_ms; /* monotonic: first try, next one; 0: not trying */
    char status[TEXT_MAX_LISTED];
    char why[TEXT_MAX_LISTED];     /* it was not saved the last time */
    char preview[TEXT_MAX_LISTED]; /* what the matcher means now */
    bool preview_is_bad;
    bool is_error;
    struct ticket *tickets; /* one for each request under way */
};

bool form_has(const struct form *f, enum form_field field);
void form_status(struct form *f, char *packed, bool is_error); /* frees packed */

/* --- dialog_text_fields.c --- */
void form_prefill(struct form *f);
/* False: a field cannot be meant; it has the focus and the status says why. */
bool form_is_sound(struct form *f);
/* Writes key and value pairs of the fields; `room` holds what had to be made. */
size_t form_pairs(const struct form *f, const char *pairs[], char room[2][40]);
void form_preview(struct form *f); /* of the matcher, against the picture */

/* --- dialog_text_draw.c --- */
const char *form_label(enum form_field field);
void form_draw(const struct console *c, const void *self, struct surface *s, struct area a);

#endif
