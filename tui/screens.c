/* screens.c - every screen: the tabs in the order of their digits, then what is opened over them.
 */
#include <stddef.h>

#include "tui/console.h"

extern const struct screen_ops screen_board, screen_servers, screen_integration, screen_channels,
    screen_databases, screen_alerts, screen_failover, screen_journal, screen_detail, screen_group,
    screen_run, screen_silences, screen_help, screen_log;

const struct screen_ops *const screens[] = {
    &screen_board,  &screen_servers,  &screen_integration, &screen_channels, &screen_databases,
    &screen_alerts, &screen_failover, &screen_journal,     &screen_detail,   &screen_group,
    &screen_run,    &screen_silences, &screen_help,        &screen_log,      NULL,
};
