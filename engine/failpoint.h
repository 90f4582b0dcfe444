/* failpoint.h - places where a test may kill, stop, slow or fail the engine.
 *
 * FP("journal.commit") does nothing, and costs nothing, unless built with TRUCBAN_FAILPOINTS.  Then
 * the environment says what happens where: FP=name:ACTION[@FILE][,name:ACTION…] with ACTION
 *   kill9   the process gets SIGKILL      stop     SIGSTOP
 *   sleepN  sleeps N ms                   err      FP_ERR("name") is true
 *   once    as err, and removes FILE
 * With @FILE only while that file exists, so that a test can switch a failpoint while all runs. */
#ifndef ENGINE_FAILPOINT_H
#define ENGINE_FAILPOINT_H

#include <stdbool.h>

#ifdef TRUCBAN_FAILPOINTS
bool failpoint_hit(const char *name); /* does what the environment says; true for `err` */
#define FP(name)     ((void)failpoint_hit(name))
#define FP_ERR(name) failpoint_hit(name)
#else
#define FP(name)     ((void)0)
#define FP_ERR(name) false
#endif

#endif
