/* rows_alerts_private.h - what rows_alerts*.c share: commands (rows_alerts.c), which rows in what
 * order (rows_alerts_fill.c; rows_alerts_alike.c: those that are alike), the picture
 * (rows_alerts_draw.c). */
#ifndef TUI_ROWS_ALERTS_PRIVATE_H
#define TUI_ROWS_ALERTS_PRIVATE_H

#include "tui/rows_alerts.h"

/* By the list's order, both on the same level of folding. */
int alert_list_compare(const struct alert_list *l, const struct alert *a, const struct alert *b);
/* Makes the rows, where anything that they were made of has changed. */
void alert_list_fill(struct console *c, struct alert_list *l);
/* NULL: not in the list as it was filled. */
const struct fold *alert_list_fold(const struct console *c, const struct alert_list *l,
                                   uint64_t id);
/* The alert that `id` is folded under; id itself where it is under none. */
uint64_t alert_list_root(const struct console *c, const struct alert_list *l, uint64_t id);
bool alert_list_is_opened(const struct alert_list *l, uint64_t id);
void alert_list_open(struct alert_list *l, uint64_t id, bool is_open);

/* Folds many that are alike under the oldest of them; the folds behind causes are made already. */
void alert_list_fold_alike(const struct fleet *f, struct alert_list *l);
/* All that the picked row stands for, where it is a closed one of alike alerts: their number. */
size_t alert_list_alike(const struct console *c, const struct alert_list *l, uint64_t id,
                        uint64_t *ids, size_t max);

#endif
