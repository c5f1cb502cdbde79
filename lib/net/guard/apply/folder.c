/* SPDX-License-Identifier: MIT */
/* Files that are either whole or not there: written beside, flushed, renamed, and the folder flushed. */
#include "net/guard/apply/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse(const char *verb, const char *folder, const char *name, int code, struct sonde_error *error)
{
    bool forbidden = code == -EACCES || code == -EPERM;

    error_set(error, forbidden ? SONDE_E_PERMISSION : code, "cannot %s %s%s%s: %s", verb, folder,
              *name ? "/" : "", name, strerror(-code));
    if (forbidden)
        error_hint(error, "Run the same command with sudo");
    return forbidden ? SONDE_E_PERMISSION : code;
}

static char *path_of(const char *folder, const char *name, const char *ending)
{
    return text_format("%s/%s%s", folder, name, ending);
}

int folder_make(const char *folder, mode_t mode, struct sonde_error *error)
{
    _cleanup_free_ char *path = text_format("%s", folder);

    for (char *at = path + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
            return refuse("make the folder", path, "", -errno, error);
        *at = '/';
    }
    if (mkdir(path, mode) < 0 && errno != EEXIST)
        return refuse("make the folder", path, "", -errno, error);
    return 0;
}

int folder_read(const char *folder, const char *name, struct text *text, struct sonde_error *error)
{
    _cleanup_free_ char *path = path_of(folder, name, "");
    int fd = open(path, O_RDONLY | O_CLOEXEC), code = 0;
    char part[16384];
    ssize_t length = 1;

    if (fd < 0)
        return errno == ENOENT ? SONDE_E_NOT_FOUND : refuse("read", folder, name, -errno, error);
    while (length > 0 && text->length < FOLDER_FILE_MAX) {
        length = read(fd, part, sizeof(part));
        if (length > 0)
            text_add_octets(text, part, (size_t)length);
    }
    if (length < 0)
        code = refuse("read", folder, name, -errno, error);
    close(fd);
    return code;
}

/* A disk that is full, or gone, may tell so only at fsync or close. */
static int write_all(int fd, struct slice data)
{
    int code = 0;

    for (size_t done = 0; done < data.length && code == 0;) {
        ssize_t count = write(fd, data.data + done, data.length - done);

        if (count < 0 && errno != EINTR)
            code = -errno;
        done += count > 0 ? (size_t)count : 0;
    }
    if (code == 0 && fsync(fd) < 0)
        code = -errno;
    return close(fd) < 0 && code == 0 ? -errno : code;
}

int folder_prepare(const char *folder, const char *name, struct slice data, mode_t mode,
                   struct sonde_error *error)
{
    _cleanup_free_ char *path = path_of(folder, name, ".new");
    int fd, code;

    unlink(path); /* of one that did not end well; never write through a link */
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    code = fd < 0 ? -errno : write_all(fd, data);
    if (code == 0)
        return 0;
    unlink(path);
    return refuse("write", folder, name, code, error);
}

/* A name is safe only when its folder is (fsync(2)). */
static int flush(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), code = 0;

    if (fd < 0)
        return -errno;
    if (fsync(fd) < 0 && errno != EINVAL) /* a file system that has nothing to flush */
        code = -errno;
    close(fd);
    return code;
}

static int move(const char *folder, const char *from, const char *to, struct sonde_error *error)
{
    _cleanup_free_ char *old = path_of(folder, from, ""), *new = path_of(folder, to, "");
    int code = rename(old, new) < 0 ? -errno : flush(folder);

    return code < 0 ? refuse("replace", folder, to, code, error) : 0;
}

int folder_commit(const char *folder, const char *name, struct sonde_error *error)
{
    _cleanup_free_ char *new = text_format("%s.new", name);

    return move(folder, new, name, error);
}

int folder_write(const char *folder, const char *name, struct slice data, mode_t mode,
                 struct sonde_error *error)
{
    int code = folder_prepare(folder, name, data, mode, error);

    if (code == 0)
        code = folder_commit(folder, name, error);
    if (code < 0)
        folder_discard(folder, name);
    return code;
}

void folder_discard(const char *folder, const char *name)
{
    _cleanup_free_ char *path = path_of(folder, name, ".new");

    unlink(path);
}

int folder_rename(const char *folder, const char *name, const char *to, struct sonde_error *error)
{
    return folder_has(folder, name) ? move(folder, name, to, error) : 0;
}

int folder_keep(const char *folder, const char *name, const char *as, struct sonde_error *error)
{
    _cleanup_free_ char *path = path_of(folder, name, ""), *second = path_of(folder, as, ".new");

    if (!folder_has(folder, name))
        return folder_remove(folder, as, error);
    unlink(second);
    if (link(path, second) < 0)
        return refuse("keep", folder, as, -errno, error);
    return folder_commit(folder, as, error);
}

int folder_remove(const char *folder, const char *name, struct sonde_error *error)
{
    _cleanup_free_ char *path = path_of(folder, name, "");
    int code = unlink(path) < 0 ? -errno : flush(folder);

    return code < 0 && code != -ENOENT ? refuse("remove", folder, name, code, error) : 0;
}

bool folder_has(const char *folder, const char *name)
{
    _cleanup_free_ char *path = path_of(folder, name, "");

    return access(path, F_OK) == 0;
}
