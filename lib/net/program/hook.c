/* SPDX-License-Identifier: MIT */
/* Programs that are run on an event: by a process of their own, made before this one gives up its rights. */
#include "net/program/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/macro.h"
#include "net/sock.h"

enum { BURST = 5 /* runs at once after a pause */ };

/** What the runner says at its end. */
struct account {
    uint64_t skipped; /* events that no run was told of, because there were too many */
    bool good;        /* all runs ended well */
};

/* Leaky bucket: a run takes a token, tokens come back evenly. */
struct bucket {
    double tokens;
    int64_t filled_ns;
};

static bool take_token(struct bucket *bucket, int64_t per_minute)
{
    int64_t now = sock_now();
    double most = per_minute < BURST ? (double)per_minute : BURST;

    bucket->tokens += (double)(now - bucket->filled_ns) / (60.0 * NS_PER_S) * (double)per_minute;
    bucket->tokens = bucket->tokens > most ? most : bucket->tokens;
    bucket->filled_ns = now;
    if (bucket->tokens < 1)
        return false;
    bucket->tokens -= 1;
    return true;
}

/* In the child: the event becomes standard input. */
static void become(const struct hook_options *options, const char *event, uint64_t skipped)
{
    char number[24], *const *argv = options->argv;
    int input = memfd_create("event", 0), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    sigset_t none;

    setpgid(0, 0); /* what it starts can be ended with it, and Ctrl-C is not for it */
    signal(SIGINT, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (input < 0 || write(input, event, strlen(event)) < 0 || write(input, "\n", 1) < 0)
        _exit(126);
    lseek(input, 0, SEEK_SET);
    dup2(input, STDIN_FILENO);
    dup2(null, STDOUT_FILENO); /* standard output is that of the watch */
    snprintf(number, sizeof(number), "%" PRIu64, skipped);
    setenv("SONDE_SKIPPED", number, 1);
    execvp(argv[0], argv);
    _exit(127);
}

/* Wait for a program; end it and what it started when it takes too long. Returns whether all went well. */
static bool await(pid_t child, int64_t patience_ns)
{
    int descriptor = (int)syscall(SYS_pidfd_open, child, 0), status = 0;
    struct pollfd wait = {descriptor, POLLIN, 0};

    if (descriptor >= 0 && poll(&wait, 1, (int)(patience_ns / NS_PER_MS)) == 0)
        kill(-child, SIGKILL);
    if (descriptor >= 0)
        close(descriptor);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool run_program(const struct hook_options *options, const char *event, uint64_t skipped)
{
    pid_t child = fork();

    if (child == 0)
        become(options, event, skipped);
    if (child > 0)
        setpgid(child, child); /* whoever of both is first */
    return child > 0 && await(child, options->patience_ns);
}

/* Keep nothing but the channel and standard error: pipes and sockets of the watch end with the watch. */
static void let_go(int channel)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    close_range(STDERR_FILENO + 1, (unsigned)channel - 1, 0);
    close_range((unsigned)channel + 1, ~0U, 0);
}

/* The runner: an event, a run, unless there were too many of late. At the end it gives account. */
static void serve(int channel, const struct hook_options *options)
{
    struct bucket bucket = {BURST, sock_now()};
    char *event = malloc(HOOK_EVENT_MAX + 1);
    struct account account = {0, event != NULL};
    uint64_t skipped = 0;
    ssize_t length;

    while (event && (length = recv(channel, event, HOOK_EVENT_MAX, 0)) > 0) {
        event[length] = '\0';
        if (!take_token(&bucket, options->per_minute)) {
            skipped++;
            account.skipped++;
            continue;
        }
        account.good &= run_program(options, event, skipped);
        skipped = 0;
    }
    send(channel, &account, sizeof(account), MSG_NOSIGNAL);
    _exit(0);
}

int hook_start(struct hook *hook, const struct hook_options *options, struct sonde_error *error)
{
    int ends[2];
    pid_t runner;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return error_set(error, -errno, "no channel for the hook: %s", strerror(errno));
    runner = fork();
    if (runner == 0) {
        let_go(ends[1]);
        signal(SIGINT, SIG_IGN); /* Ctrl-C ends the watch; the runner ends when its channel does */
        serve(ends[1], options);
    }
    close(ends[1]);
    hook->channel = ends[0];
    return runner < 0 ? error_set(error, -errno, "no process for the hook: %s", strerror(errno)) : 0;
}

bool hook_tell(struct hook *hook, const char *event)
{
    bool taken = send(hook->channel, event, strlen(event), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;

    hook->lost += !taken;
    return taken;
}

int hook_stop(struct hook *hook, uint64_t *skipped)
{
    struct account account = {0};

    shutdown(hook->channel, SHUT_WR);
    while (recv(hook->channel, &account, sizeof(account), 0) < 0 && errno == EINTR)
        ;
    close(hook->channel);
    *skipped = account.skipped;
    return account.good ? 0 : -ECHILD;
}
