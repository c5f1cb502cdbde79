/* SPDX-License-Identifier: MIT */
/* A whole file, or standard input, as text. */
#include "cmd/front/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static int read_to_end(int fd, size_t most, struct text *text)
{
    size_t begin = text->length;
    char part[16384];
    ssize_t count;

    while ((count = read(fd, part, sizeof(part))) != 0) {
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -errno;
        text_add_octets(text, part, (size_t)count);
        if (text->length - begin > most)
            return -EFBIG;
    }
    return 0;
}

int input_read(const char *path, size_t most, struct text *text, struct sonde_error *error)
{
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    int code = fd < 0 ? -errno : read_to_end(fd, most, text);

    if (fd >= 0 && !standard)
        close(fd);
    if (code == 0)
        return 0;
    return error_set(error, code, "%s cannot be read: %s", standard ? "standard input" : path,
                     sonde_error_text(code));
}
