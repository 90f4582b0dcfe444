/* rows_databases_private.h - what the list of databases and its picture share. */
#ifndef TUI_ROWS_DATABASES_PRIVATE_H
#define TUI_ROWS_DATABASES_PRIVATE_H

#include "tui/rows_databases.h"

enum { PART_DATABASES, PART_PAIRS, PARTS };

bool database_is_urgent(enum database_status s); /* dropped out, late, or nobody knows */

#endif
