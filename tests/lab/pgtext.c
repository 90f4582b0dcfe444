/* pgtext.c - prints the statement that kind subscription sends to a server of that version:
 * pgtext 140000. */
#include <stdio.h>
#include <stdlib.h>

#include "probes/subscriber.h"

int main(int argc, char **argv)
{
    if (argc != 2)
        return 64;
    puts(pg_text_for(subscriber_sql, (int)strtol(argv[1], NULL, 10)));
    return 0;
}
