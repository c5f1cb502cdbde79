/* SPDX-License-Identifier: MIT */
/* Capture files and standard input as a source of frames. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/capture/ahead.h"
#include "net/capture/capture.h"
#include "wire/capture/capture_file.h"

/* Octets that are read at once: with what the parsing touches they stay in the second-level cache. */
enum { STEP = 128 * 1024, PAGE = 4096, LARGE = 4 * 1024 * 1024 };

/* The buffer is a margin and an area. Reads go to the area, page by page as the kernel copies best; the
 * unfinished record at its end then moves to the end of the margin, so that it goes on in the area. */
enum { MARGIN = (CAPTURE_HELD_MAX + PAGE - 1) / PAGE * PAGE, CAPACITY = MARGIN + STEP };

struct capture_of_file {
    struct capture capture;
    struct capture_file file;
    uint64_t frames;
    uint8_t *own,
        *buffer;       /* the buffer of this thread; the one in use, which may be one of those read ahead */
    size_t start, end; /* what was read and not used up, within the buffer */
    int fd;
    bool regular;
    bool large; /* worth a thread that reads ahead, once the process has given up its privileges */
    struct ahead *ahead;
    char path[];
};

static bool is_standard_input(const char *path)
{
    return strcmp(path, "-") == 0;
}

static struct capture_of_file *file_of(struct capture *capture)
{
    return CONTAINER_OF(capture, struct capture_of_file, capture);
}

static struct slice rest_of(const struct capture_of_file *self)
{
    return slice_of(self->buffer + self->start, self->end - self->start);
}

/* Whether a read will not wait; the octets of a regular file are always there. */
static bool is_ready(const struct capture_of_file *self)
{
    struct pollfd wait = {.fd = self->fd, .events = POLLIN};

    return self->regular || poll(&wait, 1, 0) == 1;
}

/* Move what is left over to where the next octets will follow it. */
static void move_rest(struct capture_of_file *self, uint8_t *buffer)
{
    size_t left = self->end - self->start;

    memmove(buffer + MARGIN - left, self->buffer + self->start, left);
    self->buffer = buffer;
    self->start = MARGIN - left;
    self->end = MARGIN;
}

static ssize_t fill_ahead(struct capture_of_file *self)
{
    uint8_t *chunk;
    ssize_t got = ahead_take(self->ahead, &chunk);

    if (got <= 0)
        return got;
    move_rest(self, chunk - MARGIN);
    ahead_release(self->ahead);
    return got;
}

static ssize_t fill_here(struct capture_of_file *self)
{
    ssize_t got;

    if (!is_ready(self))
        return -EAGAIN;
    if (self->end == CAPACITY || self->end == self->start)
        move_rest(self, self->own);
    got = read(self->fd, self->buffer + self->end, CAPACITY - self->end);
    return got < 0 ? -errno : got;
}

/* Returns octets, 0 at the end, or -errno; never waits for a pipe. */
static int fill(struct capture_of_file *self)
{
    ssize_t got;

    if (self->large && self->end == CAPACITY) {
        self->large = false;
        self->ahead = ahead_start(self->fd, MARGIN, STEP);
    }
    got = self->ahead ? fill_ahead(self) : fill_here(self);
    self->end += got > 0 ? (size_t)got : 0;
    return (int)got;
}

static const struct {
    uint8_t octets[6];
    size_t length;
    const char *name, *unpack;
} packed[] = {
    {{0x1f, 0x8b}, 2, "gzip", "gunzip -c"},
    {{0x28, 0xb5, 0x2f, 0xfd}, 4, "zstd", "zstd -dc"},
    {{0xfd, '7', 'z', 'X', 'Z', 0}, 6, "xz", "xz -dc"},
    {{'B', 'Z', 'h'}, 3, "bzip2", "bunzip2 -c"},
    {{0x04, 0x22, 0x4d, 0x18}, 4, "lz4", "lz4 -dc"},
};

/* Say what is wrong with the file, from what the reader noted. Returns -EBADMSG. */
static int complain(const struct capture_of_file *self, const struct capture_file *file,
                    struct sonde_error *error)
{
    struct slice rest = rest_of(self);
    const char *path = is_standard_input(self->path) ? "FILE" : self->path;

    if (file->format != CAPTURE_UNKNOWN)
        return error_set(error, -EBADMSG, "%s is damaged at octet %" PRIu64 ": %s", self->capture.name,
                         file->offset, file->damage);
    for (size_t i = 0; i < COUNT_OF(packed); i++) {
        if (rest.length < packed[i].length || memcmp(rest.data, packed[i].octets, packed[i].length) != 0)
            continue;
        error_set(error, -EBADMSG, "%s is compressed (%s)", self->capture.name, packed[i].name);
        error_hint(error, "try: %s %s | sonde watch -r -", packed[i].unpack, path);
        return -EBADMSG;
    }
    error_set(error, -EBADMSG, "%s holds no capture: %s", self->capture.name, file->damage);
    if (rest.length > 0)
        error_hint(error, "if Wireshark can read it, this makes a file of it that can be read here: "
                          "editcap -F pcap FILE NEW.pcap");
    return -EBADMSG;
}

/* At the end of the octets. Returns 0 or -EBADMSG. */
static int finish(struct capture_of_file *self, struct sonde_error *error)
{
    self->capture.ended = true;
    return capture_file_finish(&self->file, rest_of(self)) < 0 ? complain(self, &self->file, error) : 0;
}

/* Take what is in the buffer. Returns frames, 0 when more octets are needed, or -EBADMSG. */
static int take(struct capture_of_file *self, struct frame *frames, struct sonde_error *error)
{
    struct slice rest = rest_of(self);
    int count = capture_file_take(&self->file, &rest, frames, CAPTURE_BATCH);

    self->start = self->end - rest.length;
    if (count > 0)
        self->frames += (uint64_t)count;
    if (count >= 0)
        return count;
    self->capture.ended = true;
    return complain(self, &self->file, error);
}

/* What was read is not needed any more: of many files only one has memory. */
static void give_back(struct capture_of_file *self)
{
    self->ahead = ahead_stop(self->ahead);
    free(self->own);
    self->own = self->buffer = NULL;
    self->start = self->end = 0;
}

static int read_some(struct capture_of_file *self, struct frame *frames, struct sonde_error *error)
{
    struct capture *capture = &self->capture;

    for (;;) {
        int count = take(self, frames, error), got;

        if (count != 0 || capture->ended)
            return count;
        got = fill(self);
        if (got == 0)
            return finish(self, error);
        if (got == -EINTR || got == -EAGAIN)
            return 0;
        if (got < 0) {
            capture->ended = true;
            return error_set(error, got, "cannot read %s: %s", capture->name, strerror(-got));
        }
    }
}

static int read_frames(struct capture *capture, struct frame *frames, struct sonde_error *error)
{
    int count = capture->ended ? 0 : read_some(file_of(capture), frames, error);

    if (capture->ended && count <= 0)
        give_back(file_of(capture));
    return count;
}

static void statistics(struct capture *capture, struct capture_statistics *statistics)
{
    const struct capture_of_file *self = file_of(capture);

    *statistics =
        (struct capture_statistics){.frames = self->frames, .dropped_by_kernel = self->file.dropped};
}

static const char *interface_name(const struct capture *capture, uint16_t interface)
{
    const struct capture_of_file *self = CONTAINER_OF(capture, const struct capture_of_file, capture);

    if (interface < self->file.interface_count && self->file.interfaces[interface].name[0])
        return self->file.interfaces[interface].name;
    return capture->name;
}

static void free_file(struct capture *capture)
{
    struct capture_of_file *self = file_of(capture);

    if (!is_standard_input(self->path))
        close(self->fd);
    give_back(self);
    free(self);
}

/* Octets of a regular file are there now, so what is no capture is refused at once. Returns 0 or an error. */
static int look(struct capture_of_file *self, struct sonde_error *error)
{
    struct capture_file *file;
    struct frame frame;
    struct slice rest;
    int code = fill(self);

    if (code < 0)
        return error_set(error, code, "cannot read %s: %s", self->capture.name, strerror(-code));
    file = calloc(1, sizeof(*file));
    if (!file)
        return error_set(error, -ENOMEM, "no memory to read %s", self->capture.name);
    rest = rest_of(self);
    code = capture_file_take(file, &rest, &frame, 1);
    if (code == 0 && rest.length < STEP)
        code = capture_file_finish(file, rest);
    code = code < 0 && file->format == CAPTURE_UNKNOWN ? complain(self, file, error) : 0;
    free(file);
    return code;
}

/* Find out what was opened. Returns 0 or an error. */
static int recognise(struct capture_of_file *self, struct sonde_error *error)
{
    struct stat status;

    if (fstat(self->fd, &status) < 0)
        return error_set(error, -errno, "cannot read %s: %s", self->capture.name, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return error_set(error, -EISDIR, "cannot read %s: it is a directory", self->capture.name);
    if (isatty(self->fd)) {
        error_set(error, -EINVAL, "%s is a terminal, not a capture", self->capture.name);
        error_hint(error, "try: tcpdump -U -w - | sonde watch -r -");
        return -EINVAL;
    }
    self->regular = S_ISREG(status.st_mode);
    if (!self->regular) {
        self->capture.descriptor = self->fd;
        return 0;
    }
    self->large = status.st_size > LARGE;
    posix_fadvise(self->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return look(self, error);
}

static int open_path(const char *path, struct sonde_error *error)
{
    int fd = is_standard_input(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), code;

    if (fd >= 0)
        return fd;
    code = -errno;
    return error_set(error, code, "cannot read %s: %s", path, strerror(-code));
}

int capture_open_file(const char *path, struct capture **capture, struct sonde_error *error)
{
    struct capture_of_file *self;
    int fd = open_path(path, error), code;

    if (fd < 0)
        return fd;
    self = calloc(1, sizeof(*self) + strlen(path) + 1);
    if (self)
        self->buffer = self->own = aligned_alloc(PAGE, CAPACITY);
    if (!self || !self->own) {
        free(self);
        if (!is_standard_input(path))
            close(fd);
        return error_set(error, -ENOMEM, "no memory to read %s", path);
    }
    memcpy(self->path, path, strlen(path) + 1);
    self->capture = (struct capture){
        .read = read_frames,
        .statistics = statistics,
        .free = free_file,
        .descriptor = -1,
        .name = is_standard_input(path) ? "standard input" : self->path,
        .interface_name = interface_name,
    };
    self->fd = fd;
    self->start = self->end = MARGIN;
    code = recognise(self, error);
    if (code < 0) {
        free_file(&self->capture);
        return code;
    }
    *capture = &self->capture;
    return 0;
}
