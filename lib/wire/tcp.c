/* SPDX-License-Identifier: MIT */
/* TCP headers: bytes to struct and back. */
#include "wire/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "wire/checksum.h"
#include "wire/octets.h"

enum {
    HEADER = 20,
    QUOTED_MIN = 8,
    OFFSET_MIN = 5,
    OFFSET_MAX = 15,
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_MSS = 2,
    OPTION_MSS_LENGTH = 4,
};

static uint16_t find_mss(struct slice options)
{
    while (options.length && options.data[0] != OPTION_END) {
        size_t length = 1;

        if (options.data[0] != OPTION_NOP) {
            if (options.length < 2 || options.data[1] < 2 || options.data[1] > options.length)
                return 0;
            length = options.data[1];
        }
        if (options.data[0] == OPTION_MSS && length == OPTION_MSS_LENGTH)
            return octets_get16(options.data + 2);
        options = slice_skip(options, length);
    }
    return 0;
}

int tcp_parse(struct slice data, struct tcp_header *tcp, struct slice *payload)
{
    const uint8_t *at = data.data;
    size_t header;

    if (data.length < QUOTED_MIN)
        return -EBADMSG;
    *tcp = (struct tcp_header){.source_port = octets_get16(at),
                               .destination_port = octets_get16(at + 2),
                               .sequence = octets_get32(at + 4)};
    *payload = slice_skip(data, data.length);
    if (data.length < HEADER)
        return 0;
    tcp->acknowledgement = octets_get32(at + 8);
    tcp->data_offset = at[12] >> 4;
    tcp->flags = at[13];
    tcp->window = octets_get16(at + 14);
    header = tcp->data_offset * 4u;
    if (header < HEADER || header > data.length)
        return -EBADMSG;
    tcp->options = slice_skip(slice_first(data, header), HEADER);
    tcp->mss = find_mss(tcp->options);
    *payload = slice_skip(data, header);
    return 0;
}

static uint8_t offset_of(const struct tcp_header *tcp)
{
    if (tcp->data_offset)
        return tcp->data_offset;
    return tcp->mss ? OFFSET_MIN + 1 : OFFSET_MIN;
}

static void write_header(const struct tcp_header *tcp, uint8_t *buffer, size_t header)
{
    memset(buffer, 0, header);
    octets_put16(buffer, tcp->source_port);
    octets_put16(buffer + 2, tcp->destination_port);
    octets_put32(buffer + 4, tcp->sequence);
    octets_put32(buffer + 8, tcp->acknowledgement);
    buffer[12] = (uint8_t)(offset_of(tcp) << 4);
    buffer[13] = tcp->flags;
    octets_put16(buffer + 14, tcp->window);
    if (tcp->mss && header >= HEADER + OPTION_MSS_LENGTH) {
        buffer[HEADER] = OPTION_MSS;
        buffer[HEADER + 1] = OPTION_MSS_LENGTH;
        octets_put16(buffer + HEADER + 2, tcp->mss);
    }
}

size_t tcp_build(const struct tcp_header *tcp, const struct sonde_address *source,
                 const struct sonde_address *destination, struct slice payload, uint8_t *buffer,
                 size_t capacity)
{
    uint8_t offset = offset_of(tcp);
    size_t header = (offset < OFFSET_MIN ? OFFSET_MIN : offset) * 4u;
    size_t length = header + payload.length;

    if (offset > OFFSET_MAX || length > capacity)
        return 0;
    if (payload.length)
        memmove(buffer + header, payload.data, payload.length);
    write_header(tcp, buffer, header);
    octets_put16(buffer + 16, checksum_pseudo(source, destination, IPPROTO_TCP, slice_of(buffer, length)));
    return length;
}
