/* remark.h - what `trucban doctor` found of one thing: fine, worth a warning, or wrong. */
#ifndef CORE_REMARK_H
#define CORE_REMARK_H

enum remark_level { REMARK_OK, REMARK_WARNING, REMARK_ERROR, REMARK_LEVEL_COUNT };

struct remark {
    const char *name; /* of the thing: "locale" */
    enum remark_level level;
    char *say; /* packed sentence, owned */
};

#endif
