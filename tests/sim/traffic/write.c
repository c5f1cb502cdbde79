/* SPDX-License-Identifier: MIT */
/* Write a set of made-up traffic as a pcapng file: write NAME SEED FILE; without arguments it lists the
 * names. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/traffic/set.h"
#include "wire/capture/capture_file.h"
#include "wire/link.h"

static void write_frame(void *context, const struct frame *frame)
{
    static uint8_t block[TRAFFIC_OCTETS_MAX + 256];
    size_t length = capture_write_frame(frame, 0, NULL, block, sizeof(block));

    if (fwrite(block, 1, length, context) != length) {
        perror("write");
        exit(1);
    }
}

static int write_set(const char *name, uint64_t seed, FILE *file)
{
    static const uint16_t links[] = {LINK_ETHERNET};
    uint8_t head[1024];
    size_t length = capture_write_head(links, COUNT_OF(links), "sonde tests", head, sizeof(head));

    if (fwrite(head, 1, length, file) != length) {
        perror("write");
        return 1;
    }
    if (set_play(name, seed, write_frame, file) < 0) {
        fprintf(stderr, "write: no traffic is called '%s'\n", name);
        return 2;
    }
    return 0;
}

static void list(void)
{
    printf("day\nhour\n");
    for (const struct innocent_actor *row = innocents; row->name; row++)
        printf("%s\n", row->name);
    for (const struct attack *row = attacks; row->name; row++)
        printf("%s\n%s-within\n", row->name, row->name);
}

int main(int argc, char **argv)
{
    FILE *file;
    int status;

    if (argc != 4) {
        list();
        return argc == 1 ? 0 : 2;
    }
    file = fopen(argv[3], "wb");
    if (!file) {
        perror(argv[3]);
        return 1;
    }
    status = write_set(argv[1], strtoull(argv[2], NULL, 10), file);
    if (fclose(file) != 0 && !status) {
        perror(argv[3]);
        return 1;
    }
    return status;
}
