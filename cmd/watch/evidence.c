/* SPDX-License-Identifier: MIT */
/* The option --write: the packets that prove each finding, as a pcapng file with comments. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/watch/outputs.h"
#include "wire/capture/capture_file.h"

enum { BLOCK_MAX = 4096, LINKS_MAX = 16, COMMENT_MAX = 1024 };

struct evidence_file {
    int fd;
    int error; /* 0, or -errno of the first failure: nothing is written behind it */
    uint16_t links[LINKS_MAX];
    size_t link_count;
    struct {
        uint32_t id;
        size_t samples;
    } written[FINDINGS_MAX]; /* of each finding, by its id */
    char path[];
};

static void put(struct evidence_file *file, const uint8_t *octets, size_t length)
{
    while (length > 0 && !file->error) {
        ssize_t written = write(file->fd, octets, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            struct sonde_error error = {0};

            file->error = -errno;
            error_set(&error, file->error, "the evidence file %s cannot be written: %s", file->path,
                      strerror(-file->error));
            error_hint(&error, "Watching goes on without it");
            complain(&error);
            return;
        }
        octets += written;
        length -= (size_t)written;
    }
}

/* The number of the interface that stands for a link type; a new one gets a block. */
static uint32_t interface_of(struct evidence_file *file, uint16_t link)
{
    uint8_t block[BLOCK_MAX];
    size_t at = 0;

    while (at < file->link_count && file->links[at] != link)
        at++;
    if (at == file->link_count && at < LINKS_MAX) {
        file->links[file->link_count++] = link;
        put(file, block, capture_write_interface(link, block, sizeof(block)));
    }
    return (uint32_t)(at < LINKS_MAX ? at : 0);
}

static int open_evidence(struct watching *watching, void **state, struct sonde_error *error)
{
    const char *path = watching->config->write;
    struct evidence_file *file;
    uint8_t block[BLOCK_MAX];

    if (!path)
        return 0;
    file = calloc(1, sizeof(*file) + strlen(path) + 1);
    if (!file)
        return error_set(error, -ENOMEM, "no memory for the evidence file");
    memcpy(file->path, path, strlen(path) + 1);
    file->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file->fd < 0) {
        int code = -errno;

        free(file);
        return error_set(error, code, "cannot write the evidence file %s: %s", path, strerror(-code));
    }
    put(file, block, capture_write_head(NULL, 0, "sonde " SONDE_VERSION, block, sizeof(block)));
    *state = file;
    return 0;
}

static void write_sample(struct evidence_file *file, const struct finding_sample *sample, const char *comment)
{
    struct frame frame = {.time_ns = sample->time_ns,
                          .data = slice_of(sample->octets, sample->captured),
                          .length = sample->length,
                          .link = sample->link};
    uint32_t interface = interface_of(file, sample->link);
    uint8_t block[BLOCK_MAX];

    put(file, block, capture_write_frame(&frame, interface, comment, block, sizeof(block)));
}

/* What was kept since the last time. */
static void write_finding(void *state, const struct finding *finding)
{
    struct evidence_file *file = state;
    size_t slot = finding->id % FINDINGS_MAX;
    struct watch_finding record;

    if (file->written[slot].id != finding->id) {
        file->written[slot].id = finding->id;
        file->written[slot].samples = 0;
    }
    watch_finding_init(&record, finding);
    for (; file->written[slot].samples < finding->sample_count; file->written[slot].samples++) {
        _cleanup_free_ char *comment = text_format("finding %" PRIu32 ", %s %s: %s", finding->id,
                                                   record.severity, record.kind, record.summary);

        comment[strlen(comment) < COMMENT_MAX ? strlen(comment) : COMMENT_MAX] = '\0';
        write_sample(file, &finding->samples[file->written[slot].samples], comment);
    }
    watch_finding_deinit(&record);
}

static int close_evidence(void *state, struct sonde_error *error)
{
    struct evidence_file *file = state;
    int code = file->error;

    if (close(file->fd) < 0 && !code)
        code = -errno;
    if (code < 0)
        error_set(error, code, "the evidence file %s is incomplete: %s", file->path, strerror(-code));
    free(file);
    return code;
}

const struct watch_output evidence_output = {"write", open_evidence, NULL, write_finding, close_evidence};
