/* rows_integration_table.h - between rows_integration.c and rows_integration_table.c. */
#ifndef TUI_ROWS_INTEGRATION_TABLE_H
#define TUI_ROWS_INTEGRATION_TABLE_H

enum { PART_ENDPOINTS, PART_FLOWS, PARTS };
enum integration_figure {
    INTEGRATION_SUCCESS,
    INTEGRATION_P95,
    INTEGRATION_PENDING,
    INTEGRATION_OLDEST,
    INTEGRATION_SILENCE,
    INTEGRATION_UNRECONCILED,
    INTEGRATION_CERT,
    INTEGRATION_FIGURES
};

#endif
