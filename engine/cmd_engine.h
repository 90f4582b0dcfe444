/* cmd_engine.h - the commands of the engine's program; each returns the exit status. */
#ifndef ENGINE_CMD_ENGINE_H
#define ENGINE_CMD_ENGINE_H

#include "core/say.h"
#include "engine/site.h"

/* How the engine speaks to people; filled by main, since the catalogues are tui/lang.c's. */
struct cmd_voice {
    bool (*speak)(const char *lang);
    say_translate_fn *translate;
};
int cmd_engine(const struct cmd_voice *voice, int argc, char **argv);
int cmd_probe(int argc, char **argv);
int cmd_site(int argc, char **argv);
int cmd_drill(int argc, char **argv);
int cmd_sim(int argc, char **argv);
int cmd_manual(int argc, char **argv);

/* --- what they share (cmd_load.c) --- */
struct cmd_options;
struct cmd_row;
typedef int cmd_body_fn(const struct cmd_options *o);
/* Parses by the row, then does the work; returns the exit status of either. */
int cmd_carry_out(const struct cmd_row *row, int argc, char **argv, cmd_body_fn *body);
/* Takes in every --set; 0, or the exit status once it was said what is wrong. */
int cmd_load_vars(const char *name, const struct cmd_options *o, struct site_vars *vars);
/* The site at path under the options' --set.  NULL: its mistakes were said on standard error, and
 * *status is filled. */
struct site *cmd_load_site(const char *name, const struct cmd_options *o, const char *path,
                           int *status);

#endif
