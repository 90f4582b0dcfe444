/* fuzz_site.c - a site file: a site, or mistakes in words, never neither and never both. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "engine/site.h"
#include "tests/fuzz/fuzz.h"

#define INPUT_MAX 4096

static char file[64];

static void remove_file(void)
{
    unlink(file);
}

static void write_file(const uint8_t *bytes, size_t len)
{
    if (file[0] == '\0') {
        snprintf(file, sizeof file, "/tmp/trucban-fuzz-%ld.json", (long)getpid());
        atexit(remove_file);
    }
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    MUST(fd >= 0);
    MUST(write(fd, bytes, len) == (ssize_t)len);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len > INPUT_MAX)
        return 0;
    write_file(bytes, len);
    struct site_vars vars = {0};
    struct site_errors errors = {0};
    struct site *s = site_load(file, &vars, &errors);
    MUST((s == NULL) == (errors.n > 0));
    for (size_t i = 0; i < errors.n; i++)
        MUST(errors.v[i].where[0] != '\0' && errors.v[i].what[0] != '\0');
    if (s != NULL) {
        jval_free(site_json(s));
        site_free(s);
    }
    site_errors_release(&errors);
    return 0;
}
