/* SPDX-License-Identifier: MIT */
/* How fast frames come out of a capture file: bench_capture [FILE]; without one it makes its own. */
#include <string.h>
#include <unistd.h>

#include "net/capture/capture.h"
#include "tests/bench/bench.h"
#include "wire/capture/capture_file.h"

enum { FRAMES = 2000000, OCTETS = 89, ROUNDS = 5 };

/* A pcap file of this machine's byte order. */
static void write_pcap(FILE *file)
{
    const uint32_t head[6] = {0xa1b23c4d, 4 << 16 | 2, 0, 0, 262144, 1};
    const uint8_t octets[OCTETS] = {0};

    fwrite(head, sizeof(head), 1, file);
    for (uint32_t i = 0; i < FRAMES; i++) {
        const uint32_t record[4] = {1700000000 + i / 1000, i % 1000, OCTETS, OCTETS};

        fwrite(record, sizeof(record), 1, file);
        fwrite(octets, sizeof(octets), 1, file);
    }
}

static void write_pcapng(FILE *file)
{
    static const uint16_t links[] = {1};
    const uint8_t octets[OCTETS] = {0};
    uint8_t block[512];
    struct frame frame = {.data = slice_of(octets, OCTETS), .length = OCTETS};

    fwrite(block, capture_write_head(links, COUNT_OF(links), "bench", block, sizeof(block)), 1, file);
    for (int64_t i = 0; i < FRAMES; i++) {
        frame.time_ns = 1700000000 * NS_PER_S + i;
        fwrite(block, capture_write_frame(&frame, 0, NULL, block, sizeof(block)), 1, file);
    }
}

static uint64_t read_all(const char *path, uint64_t *octets)
{
    struct frame frames[CAPTURE_BATCH];
    struct sonde_error error = {0};
    struct capture *capture;
    uint64_t count = 0;
    int got;

    if (capture_open_file(path, &capture, &error) < 0) {
        fprintf(stderr, "%s\n%s\n", error.what, error.hint);
        exit(EXIT_FAILURE);
    }
    do {
        got = capture->read(capture, frames, &error);
        for (int i = 0; i < got; i++)
            *octets += frames[i].length;
        count += got > 0 ? (uint64_t)got : 0;
    } while (!capture->ended);
    if (got < 0)
        fprintf(stderr, "%s\n", error.what);
    capture->free(capture);
    return count;
}

static void measure(const char *path, const char *what)
{
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t octets = 0;
        int64_t start = bench_now(), elapsed;
        uint64_t count = read_all(path, &octets);

        elapsed = bench_now() - start;
        printf("%s: %" PRIu64 " frames of %" PRIu64 " octets, %.1f M frames/s, %.1f ns each\n", what, count,
               octets, (double)count * 1e3 / (double)elapsed, (double)elapsed / (double)(count ? count : 1));
    }
}

static void make_and_measure(void (*write)(FILE *file), const char *what)
{
    char path[] = "/tmp/bench_capture.XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "wb");

    if (!file) {
        fprintf(stderr, "cannot write %s\n", path);
        exit(EXIT_FAILURE);
    }
    write(file);
    fclose(file);
    measure(path, what);
    unlink(path);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        measure(argv[1], argv[1]);
        return 0;
    }
    make_and_measure(write_pcap, "pcap");
    make_and_measure(write_pcapng, "pcapng");
    return 0;
}
