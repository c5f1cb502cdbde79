/* SPDX-License-Identifier: MIT */
/* Running commands on a host of a lab. */
#include "net/lab/enter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/lab/build.h"
#include "net/lab/netns.h"
#include "net/lab/state.h"

static const int held_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static int override_file(const char *instance, const char *file, const char *path)
{
    char own[STATE_PATH_MAX];

    /* A machine without the file has nothing to hide. */
    if (mount(state_path(instance, file, own), path, "none", MS_BIND, NULL) < 0 && errno != ENOENT)
        return -errno;
    return 0;
}

/* In a chroot whose root is no mount point the kernel says EINVAL: what is mounted there could not be kept
 * from the outside, so the command sees the machine's own /sys and /etc/hosts and only the network is that of
 * the host. */
static int change_view(const char *instance)
{
    int rc;

    if (unshare(CLONE_NEWNS) < 0)
        return -errno;
    if (mount("", "/", "none", MS_SLAVE | MS_REC, NULL) < 0)
        return errno == EINVAL ? 0 : -errno;
    if (mount("sysfs", "/sys", "sysfs", 0, NULL) < 0)
        return -errno;
    rc = override_file(instance, "hosts", "/etc/hosts");
    return rc < 0 ? rc : override_file(instance, "resolv.conf", "/etc/resolv.conf");
}

int enter_host(const char *instance, const char *host, struct sonde_error *error)
{
    char name[BUILD_NAME_MAX];
    int fd = netns_open(build_namespace_name(instance, host, name)), rc;

    if (fd == -ENOENT)
        return error_set(error, SONDE_E_NOT_FOUND, "the lab %s has no host %s", instance, host);
    rc = fd < 0 ? fd : netns_enter(fd);
    if (fd >= 0)
        close(fd);
    if (rc == 0)
        rc = change_view(instance);
    if (rc == 0)
        return setenv("SONDE_LAB", instance, 1) < 0 ? -errno : 0;
    if (rc == -EPERM || rc == -EACCES) {
        error_set(error, SONDE_E_PERMISSION, "entering a host of a lab takes root");
        error_hint(error, "Run it again with: sudo sonde lab ...");
        return SONDE_E_PERMISSION;
    }
    return error_set(error, rc, "the host %s cannot be entered: %s", host, sonde_error_text(rc));
}

static sigset_t held_set(void)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < COUNT_OF(held_signals); i++)
        sigaddset(&set, held_signals[i]);
    return set;
}

void enter_hold_signals(void)
{
    sigset_t set = held_set();

    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

/* In the child. Whatever fails is told through the pipe, which a successful exec closes. */
static _Noreturn void become(const char *instance, const char *host, char *const argv[], int pipe_end)
{
    struct sonde_error error = {0};
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (enter_host(instance, host, &error) == 0) {
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        execvp(argv[0], argv);
        error_set(&error, errno == ENOENT ? SONDE_E_NOT_FOUND : -errno,
                  "the command %.100s cannot be run: %s", argv[0], sonde_error_text(-errno));
    }
    if (write(pipe_end, &error, sizeof(error)) < 0)
        _exit(126);
    _exit(127);
}

/* Ctrl-C at a terminal reaches the command directly (the kernel sends it to the whole group); all else is
 * passed on. */
static int await(pid_t pid)
{
    sigset_t set = held_set();
    int status;

    sigaddset(&set, SIGCHLD);
    for (;;) {
        siginfo_t info;

        if (waitpid(pid, &status, WNOHANG) == pid)
            return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        if (sigwaitinfo(&set, &info) > 0 && info.si_signo != SIGCHLD && info.si_code != SI_KERNEL)
            kill(pid, info.si_signo);
    }
}

static bool is_interrupted(int *status)
{
    const struct timespec now = {0};
    sigset_t set = held_set();
    int signal = sigtimedwait(&set, NULL, &now);

    if (signal > 0)
        *status = 128 + signal;
    return signal > 0;
}

int enter_run(const char *instance, const char *host, char *const argv[], int *status,
              struct sonde_error *error)
{
    struct sonde_error told = {0};
    int ends[2];
    pid_t pid;

    if (is_interrupted(status))
        return 0;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_set(error, -errno, "no pipe can be made: %s", sonde_error_text(-errno));
    pid = fork();
    if (pid == 0)
        become(instance, host, argv, ends[1]);
    close(ends[1]);
    *status = pid < 0 ? 126 : await(pid);
    if (pid < 0)
        error_set(&told, -EAGAIN, "no process can be started: %s", sonde_error_text(-EAGAIN));
    else if (read(ends[0], &told, sizeof(told)) != (ssize_t)sizeof(told))
        told.code = 0;
    close(ends[0]);
    if (told.code && error)
        *error = told;
    return told.code;
}
