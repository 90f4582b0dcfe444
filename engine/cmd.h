/* cmd.h - what all commands share: options, help from rows, how they speak, exit statuses.
 *
 * A command of the client is `int cmd_NAME(const struct cmd_env *env, int argc, char **argv)`, one
 * of the engine's program `int cmd_NAME(int argc, char **argv)`; argv[0] is its own name, and it
 * returns the exit status.  Both parse with cmd_parse against their row in cmd_rows, so that help
 * and parser are one thing.  Where env is NULL the words are English. */
#ifndef ENGINE_CMD_H
#define ENGINE_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/err.h"
#include "core/buf.h"
#include "core/fleet.h"
#include "core/say.h"

enum { /* sysexits where they fit; 0-3 of status and probe are the monitoring plugins' */
       EXIT_USAGE = 64,
       EXIT_DATA = 65,        /* bad site file, broken chain */
       EXIT_UNAVAILABLE = 69, /* engine not reachable */
       EXIT_SOFTWARE = 70,
       EXIT_CANTCREATE = 73, /* state or socket cannot be made; another engine is running */
       EXIT_TEMPFAIL = 75,   /* not saved: the journal cannot be written */
       EXIT_NOPERM = 77      /* refused */
};

struct cmd_env {                      /* filled by main; the language functions live in tui/ */
    say_translate_fn *translate;      /* NULL: English */
    const char *lang;                 /* "vi" or "en", as chosen by --lang; NULL: the site's */
    bool (*choose)(const char *lang); /* makes translate speak it; NULL: nothing to do */
};
/* Translated msgid. */
const char *cmd_tr(const struct cmd_env *env, const char *msgid);

/* Options, as bits: which ones a command takes is a column of its row. */
enum cmd_option {
    OPT_SITE = 1 << 0,   /* --site FILE */
    OPT_SOCKET = 1 << 1, /* --socket PATH */
    OPT_STATE = 1 << 2,  /* --state DIR */
    OPT_SET = 1 << 3,    /* --set NAME=VALUE, repeatable */
    OPT_LANG = 1 << 4,   /* --lang vi|en (main has applied it already) */
    OPT_JSON = 1 << 5,
    OPT_WATCH = 1 << 6,
    OPT_TEXT = 1 << 7, /* -m TEXT, --message TEXT */
    OPT_FOR = 1 << 8,  /* --for DURATION */
    OPT_SINCE = 1 << 9,
    OPT_UNTIL = 1 << 10,
    OPT_VERIFY = 1 << 11,
    OPT_FROM = 1 << 12,   /* --from SEQ, of --verify */
    OPT_LINGER = 1 << 13, /* engine: end with the last console */
    OPT_THEME = 1 << 14,
    OPT_READ_ONLY = 1 << 15,
    OPT_WALL = 1 << 16,
    OPT_SCENARIO = 1 << 17,                                      /* --scenario FILE */
    OPT_PORT = 1 << 18,                                          /* --port N|auto */
    OPT_KEY = 1 << 19,                                           /* --key KEY */
    OPT_TO = 1 << 20,                                            /* --to NAME */
    OPT_REASON = 1 << 21,                                        /* --reason TEXT */
    OPT_TICKET = 1 << 22,                                        /* --ticket ID */
    OPT_LEVEL = 1 << 23,                                         /* --level 1|2|3 */
    OPT_BEHIND = 1 << 24,                                        /* --behind */
    OPT_NOTIFY = 1 << 25,                                        /* --notify HOW */
    OPT_LASTS = 1 << 26,                                         /* --for DURATION, ahead */
    OPT_BEGIN = 1 << 27,                                         /* --from TIME, ahead */
    OPT_END = 1 << 28,                                           /* --to TIME, ahead */
    OPT_EVERY = 1 << 29,                                         /* --every WINDOWS */
    OPT_AS = 1 << 30,                                            /* --as KIND */
    OPT_ENGINE_AT = OPT_SITE | OPT_SOCKET | OPT_STATE | OPT_LANG /* whatever talks to an engine */
};
#define OPT_BACK     (INT64_C(1) << 31) /* --back; an enum ends before it */
#define CMD_SETS_MAX 32

struct cmd_options { /* borrowed from argv */
    int64_t given;   /* OPT_…, or-ed */
    const char *site, *socket, *state, *lang, *text, *for_, *since, *until, *from, *theme,
        *scenario, *port, *key, *to, *reason, *ticket, *begin, *end, *every, *as, *level, *notify;
    const char *sets[CMD_SETS_MAX]; /* NAME=VALUE */
    size_t n_sets;
    char **args; /* what is no option, in order */
    size_t n_args;
};

struct cmd_row {
    const char *name, *args; /* "ack", "ID… -m TEXT [--for 2h]" */
    const char *help;        /* msgid, one sentence */
    int64_t options;         /* OPT_…, or-ed */
    size_t min_args, max_args;
    bool is_engine; /* carried out by trucban-engine: main exec's it */
    int (*run)(const struct cmd_env *env, int argc,
               char **argv); /* NULL: the console, or is_engine */
};
/* All commands of `trucban`, in the order of the manual, name NULL ends; row 0 is the bare console
 * (name ""). */
extern const struct cmd_row cmd_rows[];
const struct cmd_row *cmd_find(const char *name);

/* Fills o from argv by the row: long options with "--name value" or "--name=value", "-m", "--",
 * mixed with arguments.  Returns -1 to go on, else the exit status (help was printed: 0; usage: 64,
 * said on standard error). */
int cmd_parse(const struct cmd_env *env, const struct cmd_row *row, int argc, char **argv,
              struct cmd_options *o);
void cmd_options_release(struct cmd_options *o);
/* Where the first word stands that is no option and no option's value (the command's name: options
 * may stand before it as well as after it); 0: there is none. */
int cmd_word(int argc, char **argv);
/* A row's options in order, as help and manual print them; *at starts at 0. */
struct cmd_option_text {
    char name[48]; /* "-m, --message" */
    const char *value, *help;
};
bool cmd_option_next(const struct cmd_row *row, size_t *at, struct cmd_option_text *out);
void cmd_help_all(const struct cmd_env *env, FILE *to);
void cmd_help(const struct cmd_env *env, const struct cmd_row *row, FILE *to);

/* "trucban NAME: sentence" on standard error; returns status. */
int cmd_fail(const struct cmd_env *env, int status, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* The same with a packed sentence (taken), in the operator's language. */
int cmd_fail_say(const struct cmd_env *env, int status, const char *name, char *packed);

/* A command's way to the engine: finds the socket by the options, connects, waits for the picture
 * (when `with_picture`).  NULL: said, and *status filled. */
struct link;
struct cmd_client;
struct cmd_client *cmd_connect(const struct cmd_env *env, const char *name,
                               const struct cmd_options *o, bool with_picture, int *status);
void cmd_client_free(struct cmd_client *c);
struct link *cmd_link(struct cmd_client *c);
struct fleet *cmd_fleet(struct cmd_client *c);
/* The answer to the newest request: waits, keeps it until the next.  false: said on standard error
 * (lost or timed out). */
struct cmd_answer {
    bool is_ok;
    int status;  /* 0, or by the answer's code */
    char *words; /* the sentence, translated, times local */
    char *line;  /* the answer's JSON */
};
const struct cmd_answer *cmd_ask(struct cmd_client *c, uint64_t id, int64_t timeout_ms);

/* One decision has one key, so that asking again can never make two of it. */
void cmd_make_key(char key[33]);

/* "vi" or "en": what was chosen, else the site's. */
const char *cmd_lang(const struct cmd_client *c);
/* One wait of at most max_ms for news, one step; false: the link is lost (it goes on trying). */
bool cmd_wait(struct cmd_client *c, int64_t max_ms);
int64_t cmd_now_mono(void);                 /* the clock that the picture's ages count on */
int64_t cmd_now_wall(struct cmd_client *c); /* the engine's: "+2h", "22:00" are by its clock */

/* Appends a packed sentence in the operator's language, times of its arguments in local form. */
void cmd_say(const struct cmd_env *env, struct buf *out, const char *packed);

/* Text as it is, or without diacritics where the locale of a client's output is not UTF-8. */
void cmd_put(const struct cmd_env *env, const char *text, FILE *to);

/* Plain table: cells are UTF-8; columns as wide as their widest cell, the last one not padded. */
struct cmd_columns;
struct cmd_columns *cmd_columns_new(size_t n_cols);
void cmd_columns_add(struct cmd_columns *t, const char *const cells[]); /* n_cols of them, copied */
void cmd_columns_print(const struct cmd_columns *t, FILE *to);          /* UTF-8 */
void cmd_columns_put(const struct cmd_env *env, const struct cmd_columns *t,
                     FILE *to); /* cmd_put */
void cmd_columns_free(struct cmd_columns *t);

/* The commands of this program. */
int cmd_status(const struct cmd_env *env, int argc, char **argv);
int cmd_alerts(const struct cmd_env *env, int argc, char **argv);
int cmd_ack(const struct cmd_env *env, int argc, char **argv);
int cmd_unack(const struct cmd_env *env, int argc, char **argv);
int cmd_extend(const struct cmd_env *env, int argc, char **argv);
int cmd_take(const struct cmd_env *env, int argc, char **argv);
int cmd_escalate(const struct cmd_env *env, int argc, char **argv);
int cmd_note(const struct cmd_env *env, int argc, char **argv);
int cmd_journal(const struct cmd_env *env, int argc, char **argv);
int cmd_failover(const struct cmd_env *env, int argc, char **argv);
int cmd_notify(const struct cmd_env *env, int argc, char **argv);
int cmd_submit(const struct cmd_env *env, int argc, char **argv);
int cmd_promote(const struct cmd_env *env, int argc, char **argv);
int cmd_silence(const struct cmd_env *env, int argc, char **argv);
int cmd_maintenance(const struct cmd_env *env, int argc, char **argv);
int cmd_silences(const struct cmd_env *env, int argc, char **argv);
int cmd_match(const struct cmd_env *env, int argc, char **argv);

/* What `trucban doctor` found, as a table or one document; returns its exit status: 0 all fine, 1
 * warnings, 2 something wrong. */
struct remark;
int doctor_print(const struct cmd_env *env, const struct remark *v, size_t n, bool is_json,
                 FILE *to);

/* What `trucban` prints into a pipe: the status table once.  wait_ms: how long to wait until each
 * counted check has a first result (0: not at all).  Returns the exit status of `status`. */
int status_print(const struct cmd_env *env, const struct cmd_options *o, int64_t wait_ms, FILE *to);

#endif
