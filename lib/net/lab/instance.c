/* SPDX-License-Identifier: MIT */
/* A lab that stands: who keeps it, where its state is, and how it always goes away again. */
#include "net/lab/instance.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/lab/build.h"
#include "net/lab/netns.h"
#include "net/lab/state.h"

enum { STAY = 's', PATIENCE_MS = 10000, LOOK_MS = 5 };

/* What the keeper tells its owner once. */
struct report {
    int rc;
    struct sonde_error error;
};

static void remove_namespaces(const char *name)
{
    struct state_file state;

    if (state_read(name, &state) < 0)
        return;
    for (size_t i = 0; i < state.host_count; i++) {
        char namespace[BUILD_NAME_MAX];

        netns_remove(build_namespace_name(name, state.hosts[i], namespace));
    }
}

/* For whoever holds the folder. */
static void remove_leftover(const char *name)
{
    remove_namespaces(name);
    state_remove(name);
}

/* For the keeper. The folder is held for the last moment only, when the name becomes free. */
static void remove_own(const char *name)
{
    int folder;

    remove_namespaces(name);
    folder = state_lock_folder();
    state_remove(name);
    if (folder >= 0)
        close(folder);
}

/* Take the name, or say who has it. */
static int claim(const struct scenario *scenario, const char *name, int *lock, struct sonde_error *error)
{
    int folder = state_lock_folder(), rc;

    if (folder < 0)
        return error_set(error, folder, "the folder %s cannot be used: %s", STATE_FOLDER,
                         sonde_error_text(folder));
    if (state_is_held(name)) {
        rc = error_set(error, SONDE_E_BUSY, "the lab %s is already up", name);
        error_hint(error, "Run: sonde lab down %s", name);
    } else {
        remove_leftover(name);
        rc = state_write(name, scenario, lock);
        if (rc < 0)
            error_set(error, rc, "the state of the lab cannot be written below %s: %s", STATE_FOLDER,
                      sonde_error_text(rc));
    }
    close(folder);
    return rc;
}

/* Until the owner is gone or somebody sends SIGTERM. */
static void keep_until_told(int control)
{
    sigset_t set;
    struct pollfd polls[2] = {{.fd = control, .events = POLLIN}, {.events = POLLIN}};
    char word;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    polls[1].fd = signalfd(-1, &set, SFD_CLOEXEC);
    for (;;) {
        if (poll(polls, 2, -1) < 0)
            continue;
        if (polls[1].revents)
            return;
        if (polls[0].revents) {
            if (read(control, &word, 1) != 1 || word != STAY)
                return;
            polls[0].fd = -1;
        }
    }
}

/* Nothing that happens to the terminal or to the pipes of the command may disturb the keeper, nor may the
 * keeper hold them open. */
static void withdraw(int control)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_SETMASK, &set, NULL);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    setsid();
    prctl(PR_SET_NAME, "sonde-lab");
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        dup2(null, fd);
    if (control > STDERR_FILENO + 1)
        close_range(STDERR_FILENO + 1, (unsigned)control - 1, 0);
    close_range((unsigned)control + 1, UINT_MAX, 0);
    if (chdir("/") < 0)
        return;
}

static _Noreturn void keep(const struct scenario *scenario, const char *name, int control)
{
    struct report report = {0};
    int lock = -1;

    withdraw(control);
    report.rc = claim(scenario, name, &lock, &report.error);
    if (report.rc == 0)
        report.rc = build_network(scenario, name, &report.error);
    if (report.rc < 0 && lock >= 0)
        remove_own(name);
    send(control, &report, sizeof(report), MSG_NOSIGNAL);
    if (report.rc < 0)
        _exit(1);
    keep_until_told(control);
    signal(SIGCHLD, SIG_IGN); /* nobody else will ask how the services ended */
    remove_own(name);
    _exit(0);
}

/* Whether this process could make a namespace: asked in a child, which may lose itself in one. */
static int check_permission(struct sonde_error *error)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0)
        _exit(unshare(CLONE_NEWNET | CLONE_NEWNS) < 0 ? errno : 0);
    if (pid < 0)
        return error_set(error, -errno, "no process can be started: %s", sonde_error_text(-errno));
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (geteuid() != 0) {
        error_set(error, SONDE_E_PERMISSION, "building a lab takes root: it makes network namespaces");
        error_hint(error, "Run it again with: sudo sonde lab ...");
    } else {
        error_set(error, SONDE_E_PERMISSION,
                  "this machine allows no network namespaces (%s), though you are root",
                  sonde_error_text(-WEXITSTATUS(status)));
        error_hint(error,
                   "In a container, start it with --privileged; or use: sudo sonde lab ... on the machine "
                   "itself.");
    }
    return SONDE_E_PERMISSION;
}

static int hear_report(struct instance *instance, struct sonde_error *error)
{
    struct report report;
    ssize_t length;

    do
        length = recv(instance->control, &report, sizeof(report), 0);
    while (length < 0 && errno == EINTR);
    if (length != (ssize_t)sizeof(report))
        report.rc = error_set(&report.error, -EPIPE, "the keeper of the lab was killed");
    if (report.rc == 0)
        return 0;
    instance_end(instance);
    if (error)
        *error = report.error;
    return report.rc;
}

int instance_start(struct instance *instance, const struct scenario *scenario, const char *name,
                   struct sonde_error *error)
{
    int ends[2], rc = check_permission(error);

    if (rc < 0)
        return rc;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return error_set(error, -errno, "no socket can be made: %s", sonde_error_text(-errno));
    snprintf(instance->name, sizeof(instance->name), "%s", name);
    instance->control = ends[0];
    instance->keeper = fork();
    if (instance->keeper == 0)
        keep(scenario, name, ends[1]);
    close(ends[1]);
    if (instance->keeper < 0) {
        close(ends[0]);
        return error_set(error, -EAGAIN, "no process can be started: %s", sonde_error_text(-EAGAIN));
    }
    return hear_report(instance, error);
}

int instance_leave(struct instance *instance)
{
    const char word = STAY;
    int rc = send(instance->control, &word, 1, MSG_NOSIGNAL) == 1 ? 0 : -errno;

    close(instance->control);
    return rc;
}

void instance_end(struct instance *instance)
{
    close(instance->control);
    while (waitpid(instance->keeper, NULL, 0) < 0 && errno == EINTR)
        ;
    /* Nothing to do, unless the keeper was killed. */
    instance_sweep();
}

int instance_take_down(const char *name, struct sonde_error *error)
{
    struct state_file state;
    int rc;

    if (!state_is_held(name) || state_read(name, &state) < 0)
        return error_set(error, SONDE_E_NOT_FOUND, "the lab %s is not up", name);
    rc = kill(state.keeper, SIGTERM) < 0 ? -errno : 0;
    if (rc < 0)
        return error_set(error, rc == -EPERM ? SONDE_E_PERMISSION : rc, "the lab %s cannot be taken down: %s",
                         name, sonde_error_text(rc));
    for (int waited_ms = 0; state_is_held(name); waited_ms += LOOK_MS) {
        if (waited_ms >= PATIENCE_MS)
            return error_set(error, -ETIMEDOUT, "the keeper of the lab %s (process %d) does not end", name,
                             (int)state.keeper);
        usleep(LOOK_MS * 1000);
    }
    return 0;
}

bool instance_is_up(const char *name)
{
    return state_is_held(name);
}

void instance_sweep(void)
{
    int folder = geteuid() == 0 ? state_lock_folder() : -EPERM;
    struct dirent *entry;
    DIR *entries;

    if (folder < 0)
        return;
    entries = opendir(STATE_FOLDER);
    while (entries && (entry = readdir(entries)))
        if (entry->d_name[0] != '.' && !state_is_held(entry->d_name))
            remove_leftover(entry->d_name);
    if (entries)
        closedir(entries);
    close(folder);
}
