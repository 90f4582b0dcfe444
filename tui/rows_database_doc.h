/* rows_database_doc.h - what an alert or a check of a database's page says of the database itself.
 */
#ifndef TUI_ROWS_DATABASE_DOC_H
#define TUI_ROWS_DATABASE_DOC_H

#include "tui/console.h"
#include "tui/rows_doc.h"

/* Programme and its counter, connection, last synchronisation, use, owner, what blocks it, what was
 * published; what nobody says is left out. */
void database_doc(const struct console *c, struct doc *d, const struct target *t);

#endif
