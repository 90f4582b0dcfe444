#include "engine/driver.h"

#include <string.h>

const struct driver *driver_find(const char *name)
{
    static const struct driver *const all[] = {&driver_haproxy, &driver_patroni};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}
