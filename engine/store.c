#include "engine/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/say.h"
#include "core/text.h"

struct fault_row {
    const char *name;
    const char *say; /* {0} file, {1} detail */
    bool passes;
};

static const struct fault_row fault_rows[STORE_FAULT_COUNT] = {
    [STORE_FINE] = {"fine", "", true},
    [STORE_FULL] = {"full",
                    N_("the disk is full: {0} cannot grow; free space, saving is tried again every "
                       "second"),
                    true},
    [STORE_IO] = {"io", N_("the disk fails under {0}: {1}; saving is tried again every second"),
                  true},
    [STORE_SILENT] = {"silent",
                      N_("the disk under {0} does not answer; nothing can be saved until it does"),
                      true},
    [STORE_BUSY] = {"busy",
                    N_("another program holds {0} locked; end it, saving is tried again every "
                       "second"),
                    true},
    [STORE_READONLY] = {"read-only",
                        N_("{0} may not be written: {1}; give it and its folder back to the "
                           "engine's account"),
                        true},
    [STORE_NO_FILE] = {"no-file", N_("{0} cannot be opened: {1}"), true},
    [STORE_CORRUPT] = {"damaged",
                       N_("{0} is damaged: {1}; nothing is written to it. Restore it from a "
                          "backup, or move it away (keep it) and start the engine again"),
                       false},
    [STORE_NEWER] = {"newer",
                     N_("{0} was written by a newer trucban ({1}); nothing is written to it. "
                        "Install that version again"),
                     false},
    [STORE_FOREIGN] = {"foreign",
                       N_("{0} is not a journal of trucban: {1}; name another file as \"store\""),
                       false},
    [STORE_CONFLICT] = {"conflict", N_("another run of {1} is active or not closed"), true},
    [STORE_CHANGED] = {"changed",
                       N_("{0} is not the file that was open before: {1}; nothing is written to "
                          "it. Start the engine again"),
                       false},
    [STORE_OTHER] = {"other", N_("{0} cannot be used: {1}"), true},
};

bool store_fail(struct store_error *e, enum store_fault fault, const char *file, const char *detail)
{
    char *clean = text_cleaned(detail, strlen(detail), sizeof e->detail - 1, 0);
    e->fault = fault;
    snprintf(e->file, sizeof e->file, "%s", file);
    snprintf(e->detail, sizeof e->detail, "%s", clean);
    free(clean);
    return false;
}

char *store_error_say(const struct store_error *e)
{
    return SAY(fault_rows[e->fault].say, e->file, e->detail);
}

const char *store_fault_name(enum store_fault f)
{
    return fault_rows[f].name;
}

bool store_fault_passes(enum store_fault f)
{
    return fault_rows[f].passes;
}
