/* pgbare.c CONNINFO LOOKS: libpq alone: one kept session, one statement after the other.  Prints
 * "LOOKS CPU_SECONDS", the login not counted. */
#include <postgresql/libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 64;
    long n = strtol(argv[2], NULL, 10), done = 0;
    PGconn *conn = PQconnectdb(argv[1]);
    if (PQstatus(conn) != CONNECTION_OK) {
        fprintf(stderr, "pgbare: %s", PQerrorMessage(conn));
        return 1;
    }
    double cpu = cpu_s();
    for (; done < n; done++) {
        PGresult *r = PQexec(conn, "SELECT 1");
        int is_ok = PQresultStatus(r) == PGRES_TUPLES_OK;
        PQclear(r);
        if (!is_ok)
            return 1;
    }
    printf("%ld %.4f\n", done, cpu_s() - cpu);
    PQfinish(conn);
    return 0;
}
