/* SPDX-License-Identifier: MIT */
/* A file of the packets that were sent and received. */
#include "net/capture/pcap.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum {
    PCAP_MAGIC_NS = 0xa1b23c4d,
    PCAP_SNAPLEN = 262144,
    PCAP_LINKTYPE_RAW = 101,
};

struct file_header {
    uint32_t magic;
    uint16_t major, minor;
    uint32_t zone, accuracy, snaplen, linktype;
};

struct packet_header {
    uint32_t seconds, nanoseconds, captured, length;
};

static void put(struct pcap_writer *writer, const void *data, size_t length)
{
    if (fwrite(data, 1, length, writer->file) != length && !writer->error)
        writer->error = errno ? -errno : -EIO;
}

int pcap_writer_init(struct pcap_writer *writer, const char *path, struct sonde_error *error)
{
    struct file_header header = {PCAP_MAGIC_NS, 2, 4, 0, 0, PCAP_SNAPLEN, PCAP_LINKTYPE_RAW};

    *writer = (struct pcap_writer){.file = fopen(path, "we")};
    if (!writer->file) {
        int code = -errno;

        return error_set(error, code, "cannot write the capture file %s: %s", path, strerror(-code));
    }
    put(writer, &header, sizeof(header));
    return 0;
}

void pcap_writer_add(struct pcap_writer *writer, struct slice packet)
{
    struct timespec now;
    struct packet_header header;

    clock_gettime(CLOCK_REALTIME, &now);
    header = (struct packet_header){(uint32_t)now.tv_sec, (uint32_t)now.tv_nsec, (uint32_t)packet.length,
                                    (uint32_t)packet.length};
    put(writer, &header, sizeof(header));
    put(writer, packet.data, packet.length);
}

int pcap_writer_deinit(struct pcap_writer *writer)
{
    int code = writer->error;

    if (!writer->file)
        return 0;
    if (fclose(writer->file) != 0 && !code)
        code = -errno;
    writer->file = NULL;
    return code;
}
