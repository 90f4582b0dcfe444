/* ttyhook - a plugin that tries to reach the operator's terminal (finding F5).
 *
 *     ttyhook REPORT    writes what worked to REPORT, leaves a child behind, ends with 0. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int type_key(int fd)
{
    char key = 'y';
    return fd >= 0 && ioctl(fd, TIOCSTI, &key) == 0;
}

int main(int argc, char **argv)
{
    FILE *report = argc > 1 ? fopen(argv[1], "a") : NULL;
    if (!report)
        return 3;
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
    int typed = type_key(tty), terminals = 0, foreground;
    for (int fd = 0; fd < 64; fd++) {
        terminals += isatty(fd);
        typed += type_key(fd);
    }
    signal(SIGTTOU, SIG_IGN);
    setpgid(0, 0);
    foreground = tcsetpgrp(tty >= 0 ? tty : 0, getpgrp()) == 0;
    signal(SIGTERM, SIG_IGN);
    pid_t child = fork();
    if (child == 0) {
        sleep(600);
        _exit(0);
    }
    fprintf(report, "tty %d typed %d terminals %d foreground %d child %d\n", tty >= 0, typed,
            terminals, foreground, (int)child);
    fclose(report);
    printf("hook ran\n");
    return 0;
}
