/* SPDX-License-Identifier: MIT */
/* One guard at a time: a record lock, of which the kernel knows who holds it, so that a full disk hides
 * nothing. */
#include "net/guard/apply/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "net/guard/apply/folder.h"
#include "net/sock.h"

static const struct timespec nap = {0, 20 * NS_PER_MS};

static int refuse(int fd, struct sonde_error *error)
{
    struct flock holder = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    if (fcntl(fd, F_GETLK, &holder) == 0 && holder.l_type != F_UNLCK && holder.l_pid > 0)
        error_set(error, SONDE_E_BUSY, "another guard is at work (process %d); nothing was changed",
                  (int)holder.l_pid);
    else
        error_set(error, SONDE_E_BUSY, "another guard is at work; nothing was changed");
    error_hint(error, "Wait until it is done and try again");
    return SONDE_E_BUSY;
}

int lock_take(const char *folder, int64_t patience_ns, struct sonde_error *error)
{
    int64_t deadline_ns = sock_now() + patience_ns;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    _cleanup_free_ char *path = text_format("%s/lock", folder);
    int fd, code = folder_make(folder, 0700, error);

    if (code < 0)
        return code;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        code = errno == EACCES || errno == EPERM ? SONDE_E_PERMISSION : -errno;
        error_set(error, code, "cannot open %s: %s", path, strerror(errno));
        if (code == SONDE_E_PERMISSION)
            error_hint(error, "Run the same command with sudo");
        return code;
    }
    while (fcntl(fd, F_SETLK, &lock) < 0) {
        code = errno == EACCES || errno == EAGAIN ? 0 : -errno;
        if (code < 0)
            error_set(error, code, "cannot lock %s: %s", path, strerror(-code));
        else if (sock_now() >= deadline_ns)
            code = refuse(fd, error);
        if (code < 0) {
            close(fd);
            return code;
        }
        nanosleep(&nap, NULL);
    }
    return fd;
}

void lock_release(int lock)
{
    if (lock >= 0)
        close(lock);
}
