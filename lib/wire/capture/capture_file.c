/* SPDX-License-Identifier: MIT */
/* Capture files of any format: which one it is, what is passed over, and what its end means. */
#include "wire/capture/capture_file.h"

#include "wire/capture/record.h"

/* First octets of a file, read as a number of this machine's order; each has a twin in the other order. */
static const struct {
    uint32_t magic;
    enum capture_format format;
    const char *damage; /* why it is not read, or NULL */
} formats[] = {
    {MAGIC_US, CAPTURE_PCAP, NULL},
    {MAGIC_NS, CAPTURE_PCAP, NULL},
    {MAGIC_SECTION, CAPTURE_PCAPNG, NULL},
    {0xa1b2cd34, CAPTURE_UNKNOWN, "it is of a modified pcap format (Kuznetzov's), which is not read"},
    {0xa1b234cd, CAPTURE_UNKNOWN, "it is of a modified pcap format (Mesquire's), which is not read"},
    {0xa12b3c4d, CAPTURE_UNKNOWN, "it is of a modified pcap format (Navtel's), which is not read"},
    {0x1c0001ac, CAPTURE_UNKNOWN, "it is of a modified pcap format (IXIA's), which is not read"},
    {0x1c0001ab, CAPTURE_UNKNOWN, "it is of a modified pcap format (IXIA's), which is not read"},
};

enum { MAGIC = 4 /* octets */ };

static const char no_capture[] = "it is neither pcap nor pcapng";

/* Returns 1 when the format is known, 0 when more octets are needed, or -EBADMSG. */
static int begin(struct capture_file *file, struct slice *rest)
{
    uint32_t magic;

    if (rest->length < MAGIC)
        return 0;
    magic = record_get32(rest->data, false);
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (magic != formats[i].magic && __builtin_bswap32(magic) != formats[i].magic)
            continue;
        if (formats[i].damage)
            return record_damaged(file, formats[i].damage);
        file->swapped = magic != formats[i].magic;
        if (formats[i].format == CAPTURE_PCAP)
            return pcap_begin(file, rest);
        file->format = formats[i].format;
        return 1;
    }
    return record_damaged(file, no_capture);
}

static void pass_over(struct capture_file *file, struct slice *rest)
{
    size_t octets = file->skip < rest->length ? (size_t)file->skip : rest->length;

    record_advance(file, rest, octets);
    file->skip -= octets;
}

int capture_file_take(struct capture_file *file, struct slice *rest, struct frame *frames, size_t most)
{
    int code;

    if (file->damage)
        return -EBADMSG;
    if (file->format == CAPTURE_UNKNOWN && (code = begin(file, rest)) <= 0)
        return code;
    if (file->skip > 0)
        pass_over(file, rest);
    if (file->skip > 0)
        return 0;
    return file->format == CAPTURE_PCAP ? pcap_take(file, rest, frames, most)
                                        : pcapng_take(file, rest, frames, most);
}

int capture_file_finish(struct capture_file *file, struct slice rest)
{
    if (file->damage)
        return -EBADMSG;
    if (file->format == CAPTURE_UNKNOWN && rest.length == 0)
        return record_damaged(file, "it is empty");
    if (file->format == CAPTURE_UNKNOWN)
        return record_damaged(file, rest.length < MAGIC ? no_capture : "the file ends inside of its header");
    if (file->skip == 0 && rest.length == 0)
        return 0;
    if (file->skip > 0)
        file->offset = file->record;
    return record_damaged(file, "the file ends inside of a record");
}
