/* SPDX-License-Identifier: MIT */
/* A program run as a child: its input given, its output and complaints taken. */
#include "net/program/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/sock.h"

enum { OUTPUT_MAX = 64 << 20 /* octets; what is beyond is lost */ };

const char *const child_nft[] = {"/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft", "/usr/local/sbin/nft", NULL};

/* Both ends of what the child says. */
struct pipes {
    int output[2], complaints[2];
};

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_pipes(struct pipes *pipes)
{
    for (size_t end = 0; end < 2; end++) {
        close_end(&pipes->output[end]);
        close_end(&pipes->complaints[end]);
    }
}

static int open_pipes(struct pipes *pipes)
{
    if (pipe2(pipes->output, O_CLOEXEC) == 0 && pipe2(pipes->complaints, O_CLOEXEC) == 0)
        return 0;
    return -errno;
}

/* The input as a file without a name, so that nobody has to feed the child while it talks. */
static int input_of(struct slice input)
{
    int fd = memfd_create("input", MFD_CLOEXEC);

    for (size_t done = 0; fd >= 0 && done < input.length;) {
        ssize_t count = write(fd, input.data + done, input.length - done);

        if (count < 0) {
            close(fd);
            return -errno;
        }
        done += (size_t)count;
    }
    return fd < 0 || lseek(fd, 0, SEEK_SET) < 0 ? -errno : fd;
}

static int start(const char *program, const struct child *child, int input, const struct pipes *pipes,
                 pid_t *pid)
{
    static const char locale[] = "LC_ALL=C", path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    const char *const environment[] = {locale, path, NULL};
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);

    if (error != 0)
        return -error;
    error = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(&actions, pipes->output[1], STDOUT_FILENO);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(&actions, pipes->complaints[1], STDERR_FILENO);
    if (error == 0) /* exec does not change what it is given, its prototype only says so (POSIX, exec) */
        error = posix_spawn(pid, program, &actions, NULL, (char **)child->arguments, (char **)environment);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

/* Take what has come; closes the end after the last octet. */
static int take(int *fd, struct text *text)
{
    char part[16384];
    ssize_t length = read(*fd, part, sizeof(part));

    if (length < 0)
        return errno == EINTR ? 0 : -errno;
    if (length == 0)
        close_end(fd);
    else if (text && text->length < OUTPUT_MAX)
        text_add_octets(text, part, (size_t)length);
    return 0;
}

static int listen_to(struct pipes *pipes, int64_t deadline_ns, struct text *output, struct text *complaints)
{
    int result = 0;

    while (result == 0 && (pipes->output[0] >= 0 || pipes->complaints[0] >= 0)) {
        struct pollfd ends[] = {{pipes->output[0], POLLIN, 0}, {pipes->complaints[0], POLLIN, 0}};
        int64_t left_ns = deadline_ns - sock_now();
        int ready = left_ns > 0 ? poll(ends, COUNT_OF(ends), (int)(left_ns / NS_PER_MS) + 1) : 0;

        if (ready == 0)
            return -ETIMEDOUT;
        if (ready < 0 && errno != EINTR)
            return -errno;
        if (ready > 0 && ends[0].revents)
            result = take(&pipes->output[0], output);
        if (ready > 0 && ends[1].revents && result == 0)
            result = take(&pipes->complaints[0], complaints);
    }
    return result;
}

static int attend(pid_t pid, const struct child *child, struct pipes *pipes, struct text *output,
                  struct text *complaints)
{
    int result, status = 0;

    close_end(&pipes->output[1]);
    close_end(&pipes->complaints[1]);
    result = listen_to(pipes, sock_now() + child->timeout_ns, output, complaints);
    if (result < 0)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (result < 0)
        return result;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

static const char *find_program(const struct child *child)
{
    for (const char *const *program = child->programs; *program; program++)
        if (access(*program, X_OK) == 0)
            return *program;
    return NULL;
}

int child_run(const struct child *child, struct text *output, struct text *complaints,
              struct sonde_error *error)
{
    struct pipes pipes = {{-1, -1}, {-1, -1}};
    const char *program = find_program(child);
    int input, result;
    pid_t pid = -1;

    if (!program)
        return error_set(error, SONDE_E_UNSUPPORTED, "the command %s is not installed", child->arguments[0]);
    input = input_of(child->input);
    result = input < 0 ? input : open_pipes(&pipes);
    if (result == 0)
        result = start(program, child, input, &pipes, &pid);
    if (result == 0)
        result = attend(pid, child, &pipes, output, complaints);
    close_pipes(&pipes);
    close_end(&input);
    if (result < 0)
        error_set(error, result, "the command %s did not do its work: %s", program, sonde_error_text(result));
    return result;
}
