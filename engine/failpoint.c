#include "engine/failpoint.h"

#ifdef TRUCBAN_FAILPOINTS

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/mem.h"

static bool starts_with(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* One "ACTION[@FILE]"; true for err and once. */
static bool failpoint_act(char *action)
{
    char *file = strchr(action, '@');
    if (file) {
        *file++ = '\0';
        if (access(file, F_OK) != 0)
            return false;
    }
    if (file && strcmp(action, "once") == 0)
        return unlink(file) == 0;
    if (strcmp(action, "err") == 0)
        return true;
    if (strcmp(action, "kill9") == 0)
        kill(getpid(), SIGKILL);
    else if (strcmp(action, "stop") == 0)
        kill(getpid(), SIGSTOP);
    else if (starts_with(action, "sleep")) {
        long ms = strtol(action + 5, NULL, 10);
        struct timespec t = {ms / 1000, ms % 1000 * 1000000L};
        nanosleep(&t, NULL);
    }
    return false;
}

bool failpoint_hit(const char *name)
{
    const char *env = getenv("FP");
    if (!env)
        return false;
    bool is_err = false;
    size_t len = strlen(name);
    char *all = mem_strdup(env), *rest = NULL;
    for (char *one = strtok_r(all, ",", &rest); one; one = strtok_r(NULL, ",", &rest))
        if (strncmp(one, name, len) == 0 && one[len] == ':')
            is_err = failpoint_act(one + len + 1) || is_err;
    free(all);
    return is_err;
}

#endif
