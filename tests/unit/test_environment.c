/* HI12: what steers a library is gone, whatever else there is stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/environment.h"

static const char *const bad[] = {
    "LD_PRELOAD",     "LD_AUDIT",     "SSLKEYLOGFILE",  "http_proxy",    "HTTPS_PROXY",
    "all_proxy",      "no_proxy",     "CURL_CA_BUNDLE", "NETRC",         "PGSERVICEFILE",
    "PGHOST",         "PGOPTIONS",    "PGSSLMODE",      "PGPASSFILE",    "SSL_CERT_FILE",
    "SSL_CERT_DIR",   "OPENSSL_CONF", "GCONV_PATH",     "MALLOC_CHECK_", "GLIBC_TUNABLES",
    "RES_OPTIONS",    "HOSTALIASES",  "KRB5_CONFIG",    "BASH_ENV",      "SQLITE_TMPDIR",
    "UV_USE_IO_URING"};
static const char *const good[] = {"HOME",
                                   "TZ",
                                   "LANG",
                                   "PATH",
                                   "TRUCBAN_STATE",
                                   "SMS_TOKEN",
                                   "MY_LD_PATH",
                                   "XDG_RUNTIME_DIR",
                                   "NOTIFY_SOCKET",
                                   "P",
                                   "CREDENTIALS_DIRECTORY"};

static void test_families(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        setenv(bad[i], "evil", 1);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        setenv(good[i], "kept", 1);
    environment_clean();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (getenv(bad[i]) != NULL)
            fail_msg("%s is still there", bad[i]);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (getenv(good[i]) == NULL || strcmp(getenv(good[i]), "kept") != 0)
            fail_msg("%s is not there any more", good[i]);
}

static void test_odd_lines(void **state)
{
    (void)state;
    char *odd[] = {(char *)"=x", (char *)"PGHOST", (char *)"PGPORT=1", (char *)"A=b", NULL};
    char **was = environ;
    environ = odd;
    environment_clean();
    assert_string_equal(environ[0], "=x");
    assert_null(getenv("PGPORT"));
    assert_string_equal(getenv("A"), "b");
    environ = NULL;
    environment_clean();
    environ = was;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_families),
                                       cmocka_unit_test(test_odd_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
