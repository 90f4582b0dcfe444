/* period.h - a time in which something about the matched checks is otherwise.
 *
 *   silence      their notices are held back; the alerts stay on the screen, dimmed and counted
 *   maintenance  the same, planned, perhaps recurring; at its end one fresh hard result decides
 *   assessment   a security assessment: labels alerts, never hides or holds back anything
 *
 *     proposed ── approved by a second operator ──> standing ── until, or ended ──> ended
 *
 * A period that has ended never begins again: only a new one can (alerts.md section 8).  Instants
 * are UTC; a recurring one (`every`) is worked out in the site's zone.  Pure. */
#ifndef CORE_PERIOD_H
#define CORE_PERIOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PERIOD_SILENCE_SHORT_MS (4LL * 3600 * 1000)       /* longer: right DUTY_SILENCE */
#define PERIOD_SILENCE_MAX_MS   (24LL * 3600 * 1000)      /* longer: a second operator */
#define PERIOD_LONG_MAX_MS      (30LL * 24 * 3600 * 1000) /* longer: nothing that is not recurring */
#define PERIOD_RECUR_MAX_MS                                                                        \
    (400LL * 24 * 3600 * 1000) /* a recurring one needs an end till then                           \
                                */
#define PERIOD_KEPT     100    /* ended ones that stay in the picture */
#define PERIOD_OPEN_MAX 500    /* that have not ended, at once */

enum period_kind { PERIOD_SILENCE, PERIOD_MAINTENANCE, PERIOD_ASSESSMENT, PERIOD_KIND_COUNT };
enum period_state { PERIOD_PROPOSED, PERIOD_STANDING, PERIOD_ENDED, PERIOD_STATE_COUNT };
extern const char *const period_kind_names[PERIOD_KIND_COUNT];   /* "silence", … */
extern const char *const period_kind_words[PERIOD_KIND_COUNT];   /* the same as msgids */
extern const char *const period_state_names[PERIOD_STATE_COUNT]; /* "proposed", … */

struct fleet;
struct matcher;
struct recur;

struct period {
    uint64_t id; /* never used again */
    enum period_kind kind;
    enum period_state state;
    char *match;    /* as it was written; NULL where it is about one alert alone */
    uint64_t alert; /* ends with that alert; 0: not */
    int64_t from_ms, until_ms;
    char *every; /* "Sun 02:00-04:00", "daily 22:00-23:30"; NULL: all of from-until */
    char *by, *comment, *key;
    int64_t at_ms;                /* when it was asked for */
    char *approved_by, *ended_by; /* NULL: nobody yet; ended_by "trucban": by time or its alert */
    int64_t ended_at_ms;
    struct matcher *matcher; /* of match, and … */
    struct recur *recur;     /* … of every: made when it enters a fleet, else NULL */
    bool is_on;              /* engine: as of its last step */
    uint64_t version;
    bool is_dirty;
};

void period_free(struct period *p);                 /* NULL is fine */
struct period *period_copy(const struct period *p); /* without what is made; NULL for NULL */
/* Makes matcher and recur; what cannot be read matches nothing, and is never on. */
void period_bind(struct period *p);
/* Whether it is on at that moment: standing, within its times, its alert (if any) firing. */
bool period_is_on_at(const struct fleet *f, const struct period *p, int64_t now_ms);

#endif
