/* cmd_engine.h - the commands of the engine's program; each returns the exit status. */
#ifndef ENGINE_CMD_ENGINE_H
#define ENGINE_CMD_ENGINE_H

int cmd_engine(int argc, char **argv);
int cmd_probe(int argc, char **argv);
int cmd_site(int argc, char **argv);
int cmd_drill(int argc, char **argv);
int cmd_sim(int argc, char **argv);
int cmd_manual(int argc, char **argv);

#endif
