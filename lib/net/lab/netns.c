/* SPDX-License-Identifier: MIT */
/* Named network namespaces, where `ip netns` sees them too. */
#include "net/lab/netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void path_of(const char *name, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, NETNS_FOLDER "/%s", name);
}

/* Names must be visible in every mount namespace, or another one would keep a removed namespace alive; so the
 * folder is a shared mount. The lock is the one that ip-netns(8) takes for the same step. */
static int share_folder(void)
{
    int fd, rc = 0;

    if (mkdir(NETNS_FOLDER, 0755) < 0 && errno != EEXIST)
        return -errno;
    fd = open(NETNS_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    flock(fd, LOCK_EX);
    if (mount("", NETNS_FOLDER, "none", MS_SHARED | MS_REC, NULL) < 0) {
        if (errno != EINVAL || mount(NETNS_FOLDER, NETNS_FOLDER, "none", MS_BIND | MS_REC, NULL) < 0 ||
            mount("", NETNS_FOLDER, "none", MS_SHARED | MS_REC, NULL) < 0)
            rc = -errno;
    }
    close(fd);
    return rc;
}

static int make_name(const char *path)
{
    int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

/* Leave the own namespace for a new one, pin that under the path, and come back. */
static int make_namespace(const char *path, int own)
{
    int fd, rc;

    if (unshare(CLONE_NEWNET) < 0)
        return -errno;
    rc = mount("/proc/self/ns/net", path, "none", MS_BIND, NULL) < 0 ? -errno : 0;
    fd = rc < 0 ? rc : open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1)
        fd = -errno;
    if (setns(own, CLONE_NEWNET) < 0)
        fd = -errno;
    return fd;
}

int netns_create(const char *name, struct sonde_error *error)
{
    char path[PATH_MAX];
    int own, fd, rc = share_folder();

    path_of(name, path);
    if (rc == 0)
        rc = make_name(path);
    if (rc < 0)
        return error_set(error, rc, "the network namespace %s cannot be named: %s", name,
                         sonde_error_text(rc));
    own = netns_current();
    fd = own < 0 ? own : make_namespace(path, own);
    if (own >= 0)
        close(own);
    if (fd < 0)
        return error_set(error, fd, "the network namespace %s cannot be made: %s", name,
                         sonde_error_text(fd));
    return fd;
}

int netns_open(const char *name)
{
    char path[PATH_MAX];
    int fd;

    path_of(name, path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int netns_enter(int fd)
{
    return setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
}

int netns_current(void)
{
    int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

static bool lives_in(const char *pid, const struct stat *namespace)
{
    char path[PATH_MAX];
    struct stat theirs;

    snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
    return stat(path, &theirs) == 0 && theirs.st_dev == namespace->st_dev &&
           theirs.st_ino == namespace->st_ino;
}

/* The process is held by a descriptor before it is looked at, so its number cannot change hands. */
static bool kill_inhabitant(const char *pid, const struct stat *namespace)
{
    int fd = (int)syscall(SYS_pidfd_open, (pid_t)strtol(pid, NULL, 10), 0);
    bool killed;

    if (fd < 0)
        return false;
    killed = lives_in(pid, namespace) && syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) == 0;
    close(fd);
    return killed;
}

static bool kill_inhabitants(const struct stat *namespace)
{
    DIR *folder = opendir("/proc");
    struct dirent *entry;
    bool any = false;

    if (!folder)
        return false;
    while ((entry = readdir(folder)))
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && lives_in(entry->d_name, namespace))
            any |= kill_inhabitant(entry->d_name, namespace);
    closedir(folder);
    return any;
}

void netns_remove(const char *name)
{
    char path[PATH_MAX];
    struct stat namespace, folder;

    path_of(name, path);
    if (stat(path, &namespace) < 0)
        return;
    /* A name without a mount on it is what a crash or a restart of the machine leaves: a plain file. */
    if (stat(NETNS_FOLDER, &folder) == 0 && namespace.st_dev != folder.st_dev) {
        for (int round = 0; round < 5 && kill_inhabitants(&namespace); round++)
            usleep(1000);
        umount2(path, MNT_DETACH);
    }
    unlink(path);
}
