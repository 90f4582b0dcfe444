/* mail_lab.h - for tests of kinds that send and find mail: maild beside us, its ports by name. */
#ifndef TESTS_MAIL_LAB_H
#define TESTS_MAIL_LAB_H

#include <arpa/inet.h>
#include <limits.h>
#include <sys/socket.h>

#include "tests/unit/probe_lab.h"

struct mail_lab {
    pid_t maild;
    int stdin_fd, n;
    char names[64][32];
    int smtp[64], imap[64];
};

static inline int mail_mode(const struct mail_lab *m, const char *name)
{
    for (int i = 0; i < m->n; i++)
        if (strcmp(m->names[i], name) == 0)
            return i;
    fail_msg("maild has no \"%s\"", name);
    return 0;
}

static inline void mail_lab_read(struct mail_lab *m, FILE *f)
{
    char line[96];
    while (fgets(line, sizeof line, f) != NULL && line[0] != '\n' && m->n < 64)
        if (sscanf(line, "%31s %d %d", m->names[m->n], &m->smtp[m->n], &m->imap[m->n]) == 3)
            m->n++;
}

static inline struct mail_lab *mail_lab_new(void)
{
    struct mail_lab *m = mem_alloc(sizeof *m);
    char self[PATH_MAX], path[PATH_MAX + 8];
    int in[2], out[2];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    assert_true(n > 0);
    self[n] = '\0';
    *strrchr(self, '/') = '\0';
    snprintf(path, sizeof path, "%s/maild", self);
    if (access(path, X_OK) != 0) { /* the whole program is skipped: see tests/run.sh */
        printf("%s is missing: make testprogs builds it\n", path);
        fflush(NULL);
        _exit(77);
    }
    assert_int_equal(pipe(in) | pipe(out), 0);
    m->maild = fork();
    if (m->maild == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[1]);
        execl(path, path, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    m->stdin_fd = in[1];
    FILE *f = fdopen(out[0], "r");
    mail_lab_read(m, f);
    fclose(f);
    assert_true(m->n > 0);
    return m;
}

static inline void mail_lab_free(struct mail_lab *m)
{
    close(m->stdin_fd);
    waitpid(m->maild, NULL, 0);
    free(m);
}

/* One of maild's own commands ("COUNT", "PUT header"); its answer without the tag. */
static inline void mail_lab_ask(const struct mail_lab *m, const char *mode, const char *command,
                                char answer[200])
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)m->imap[mail_mode(m, mode)]),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char line[512];

    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    FILE *f = fdopen(fd, "r+");
    assert_non_null(fgets(line, sizeof line, f)); /* the greeting */
    fseek(f, 0, SEEK_CUR);
    fprintf(f, "t %s\r\n", command);
    fflush(f);
    assert_non_null(fgets(line, sizeof line, f));
    line[strcspn(line, "\r\n")] = '\0';
    snprintf(answer, 200, "%.199s", line + 2);
    fclose(f);
}

#endif
