/* SPDX-License-Identifier: MIT */
/* Rules of nftables, loaded by the nft command as a child in the caller's network namespace. */
#include "net/lab/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

enum { NOT_INSTALLED = 127 };

/* The script is short enough for the pipe's buffer, so writing it never waits for the child to read. */
static int feed(const char *script)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    if (write(ends[1], script, strlen(script)) < 0) {
        close(ends[0]);
        ends[0] = -errno;
    }
    close(ends[1]);
    return ends[0];
}

static void become_nft(int input, int output)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execlp("nft", "nft", "-f", "-", (char *)NULL);
    /* Shells started by su(1) lack the folders of the administrator. */
    execl("/usr/sbin/nft", "nft", "-f", "-", (char *)NULL);
    _exit(NOT_INSTALLED);
}

/* The first line of what the child says; the rest points at columns of a script that nobody sees. */
static void listen_to(int fd, char *line, size_t size)
{
    char rest[512];
    size_t length = 0;
    ssize_t count;

    while (length < size - 1 && (count = read(fd, line + length, size - 1 - length)) > 0)
        length += (size_t)count;
    line[length] = '\0';
    line[strcspn(line, "\n")] = '\0';
    while (read(fd, rest, sizeof(rest)) > 0)
        ;
}

static int judge(int status, const char *said, struct sonde_error *error)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_INSTALLED) {
        error_set(error, SONDE_E_UNSUPPORTED, "the command nft is not installed");
        error_hint(error, "Run: sudo apt-get install nftables");
        return SONDE_E_UNSUPPORTED;
    }
    return error_set(error, SONDE_E_UNSUPPORTED, "nft refused a rule: %s", said);
}

static int run_nft(const char *script, struct sonde_error *error)
{
    char said[160] = "";
    int output[2], status = 0, input = feed(script);
    pid_t pid;

    if (input < 0 || pipe2(output, O_CLOEXEC) < 0)
        return error_set(error, -errno, "nft cannot be started: %s", sonde_error_text(-errno));
    pid = fork();
    if (pid == 0)
        become_nft(input, output[1]);
    close(input);
    close(output[1]);
    if (pid > 0) {
        listen_to(output[0], said, sizeof(said));
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
    }
    close(output[0]);
    if (pid < 0)
        return error_set(error, -EAGAIN, "nft cannot be started: %s", sonde_error_text(-EAGAIN));
    return judge(status, said, error);
}

int filter_add(const char *hook, const char *rule, struct sonde_error *error)
{
    _cleanup_text_ struct text script = {0};

    text_add(&script, "add table inet lab\n");
    text_add(&script, "add chain inet lab %s { type filter hook %s priority 0; }\n", hook, hook);
    text_add(&script, "add rule inet lab %s %s\n", hook, rule);
    return run_nft(text_get(&script), error);
}

int filter_add_nat(const char *rule, struct sonde_error *error)
{
    _cleanup_text_ struct text script = {0};

    text_add(&script, "add table inet lab\n");
    text_add(&script, "add chain inet lab nat { type nat hook prerouting priority -100; }\n");
    text_add(&script, "add rule inet lab nat %s\n", rule);
    return run_nft(text_get(&script), error);
}
