/* SPDX-License-Identifier: MIT */
/* How fast packets are built, and how fast an error that quotes one is recognised. */
#include <string.h>

#include "probe/packet.h"
#include "tests/bench/bench.h"
#include "wire/icmp.h"
#include "wire/ip.h"

static const struct sonde_address here = {4, {192, 0, 2, 1}}, there = {4, {198, 51, 100, 7}};

/* A book with one probe on its way, and the error that answers it. */
struct work {
    struct packet_book book;
    struct probe probe;
    uint8_t packet[128], answer[256];
    size_t packet_length, answer_length;
};

static void build(void *context)
{
    struct work *work = context;

    work->packet_length = packet_build(&work->book, &work->probe, 1, work->packet, sizeof(work->packet));
}

static void match(void *context)
{
    struct work *work = context;
    struct reply reply;

    if (packet_match(&work->book, slice_of(work->answer, work->answer_length), true, 2, &reply) < 0)
        abort();
}

static void refuse(void *context)
{
    struct work *work = context;
    struct reply reply;

    if (packet_match(&work->book, slice_of(work->packet, work->packet_length), true, 2, &reply) == 0)
        abort();
}

static void answer(struct work *work)
{
    struct icmp_message message = {.family = 4, .type = 3, .code = 3};
    struct ip_header header = {.family = 4, .ttl = 64, .protocol = 1, .source = there, .destination = here};
    uint8_t octets[200];
    size_t length;

    message.body = slice_of(work->packet, work->packet_length);
    length = icmp_build(&message, &there, &here, octets, sizeof(octets));
    work->answer_length = ip_build(&header, slice_of(octets, length), work->answer, sizeof(work->answer));
}

int main(void)
{
    static const struct siphash_key key = {{1, 2}};
    struct work work = {.probe = {.kind = PROBE_UDP, .destination = there, .port = 53}};

    packet_book_init(&work.book, &key, &here);
    for (int flow = 0; flow < PROBE_FLOWS; flow++)
        work.book.udp_ports[flow] = 50000;
    bench("UDP probes built", build, &work);
    answer(&work);
    bench("ICMP errors recognised", match, &work);
    bench("packets of others refused", refuse, &work);
    return 0;
}
