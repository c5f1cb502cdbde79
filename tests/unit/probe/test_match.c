/* SPDX-License-Identifier: MIT */
/* Recognising answers: honest ones of each kind, and every forgery, cut, lie and mix-up that must change
 * nothing. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "probe/packet.h"
#include "tests/unit/exchange.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/octets.h"
#include "wire/tcp.h"

enum { NONE = -ENOENT, DAMAGED = -EBADMSG };

static const uint8_t families[] = {4, 6};

static const enum probe_kind packet_kinds[] = {
    PROBE_ECHO, PROBE_TCP_SYN, PROBE_TCP_ACK, PROBE_TCP_SHORT, PROBE_UDP, PROBE_UDP_LYING, PROBE_PROTOCOL,
};

static void test_echo(void **state)
{
    for (size_t f = 0; f < COUNT_OF(families); f++) {
        struct exchange exchange;
        struct slice packet;

        exchange_init(&exchange, families[f]);
        exchange_send_kind(&exchange, 5, PROBE_ECHO);
        packet = exchange_echo(&exchange);
        exchange_check(&exchange, packet, 5, REPLY_ECHO, &exchange.target);
        exchange_check(&exchange, packet, 5, REPLY_ECHO, &exchange.target); /* a duplicate is told again */
        exchange_check_damage(&exchange, packet);
    }
}

/* Changes to an echo reply whose checksums are made right again, as a forger would. */
static void test_forged_echo(void **state)
{
    for (size_t f = 0; f < COUNT_OF(families); f++) {
        struct exchange exchange;
        struct slice packet;
        size_t icmp = families[f] == 4 ? 20 : 40;

        exchange_init(&exchange, families[f]);
        exchange_send_kind(&exchange, 5, PROBE_ECHO);
        packet = exchange_echo(&exchange);
        for (size_t at = icmp; at < packet.length; at++) {
            if (at == icmp + 1 || at == icmp + 2 ||
                at == icmp + 3) /* code says nothing, the checksum is repaired */
                continue;
            exchange.answer[at] ^= 1;
            exchange_repair(exchange.answer, packet.length);
            assert_int_equal(exchange_outcome(&exchange, packet), NONE);
            exchange.answer[at] ^= 1;
        }
        exchange.answer[icmp + 6] = 0xff; /* a sequence beyond the book */
        exchange_repair(exchange.answer, packet.length);
        assert_int_equal(exchange_outcome(&exchange, packet), NONE);
    }
}

static void test_echo_of_somebody_else(void **state)
{
    for (size_t f = 0; f < COUNT_OF(families); f++) {
        struct exchange exchange;
        struct sonde_address target;

        exchange_init(&exchange, families[f]);
        exchange_send_kind(&exchange, 5, PROBE_ECHO);
        target = exchange.target;
        exchange.target = exchange.router; /* the right cookie from the wrong address */
        assert_int_equal(exchange_outcome(&exchange, exchange_echo(&exchange)), NONE);
        exchange.target = target;
        assert_int_equal(exchange_outcome(&exchange, exchange_echo(&exchange)), 0);
        exchange.book.sent[5].probe.kind = PROBE_UDP; /* the id belongs to another probe by now */
        assert_int_equal(exchange_outcome(&exchange, exchange_echo(&exchange)), NONE);
        exchange.book.sent[5].used = false;
        assert_int_equal(exchange_outcome(&exchange, exchange_echo(&exchange)), NONE);
    }
}

/* A reply cut at its end, with right lengths and sums: less than a cookie is no cookie. */
static void test_short_echo_has_no_cookie(void **state)
{
    struct exchange exchange;
    uint8_t reply[16];

    exchange_init(&exchange, 4);
    exchange_send_kind(&exchange, 5, PROBE_ECHO);
    memcpy(reply, exchange_transport(&exchange).data, sizeof(reply));
    reply[0] = ICMP4_ECHO_REPLY;
    for (size_t length = 8; length <= sizeof(reply); length++) {
        octets_put16(reply + 2, 0);
        octets_put16(reply + 2, checksum(slice_of(reply, length)));
        assert_int_equal(exchange_outcome(&exchange, exchange_wrap(&exchange, &exchange.target, IPPROTO_ICMP,
                                                                   slice_of(reply, length))),
                         length < sizeof(reply) ? NONE : 0);
    }
}

static void test_other_destination_and_family(void **state)
{
    struct exchange exchange, other;

    exchange_init(&exchange, 4);
    exchange_init(&other, 6);
    exchange_send_kind(&exchange, 5, PROBE_ECHO);
    exchange_send_kind(&other, 5, PROBE_ECHO);
    assert_int_equal(exchange_outcome(&other, exchange_echo(&exchange)), NONE);
    assert_int_equal(exchange_outcome(&exchange, exchange_echo(&other)), NONE);
    exchange_echo(&exchange);
    exchange.answer[19]++;
    exchange_repair(exchange.answer, 36);
    assert_int_equal(exchange_outcome(&exchange, slice_of(exchange.answer, 36)), NONE);
}

static void test_own_packets_are_no_answers(void **state)
{
    for (size_t f = 0; f < COUNT_OF(families); f++)
        for (size_t k = 0; k < COUNT_OF(packet_kinds); k++) {
            struct exchange exchange;
            struct probe probe;

            exchange_init(&exchange, families[f]);
            probe = exchange_probe(&exchange, 5, packet_kinds[k]);
            probe.destination = exchange.book.source; /* on a loopback they come in as well */
            assert_int_not_equal(exchange_outcome(&exchange, exchange_send(&exchange, &probe)), 0);
        }
}

/* TCP: which flags, sequence and acknowledgement answer which probe; the numbers are offsets from what was
 * sent. */
static const struct {
    enum probe_kind kind;
    uint8_t flags;
    bool acknowledges; /* acknowledgement = our sequence + offset, else our acknowledgement in their sequence
                        */
    uint32_t offset;
    int result;
    enum reply_kind reply;
} segments[] = {
    {PROBE_TCP_SYN, TCP_SYN | TCP_ACK, true, 1, 0, REPLY_SYN_ACK},
    {PROBE_TCP_SYN, TCP_RST | TCP_ACK, true, 1, 0, REPLY_RESET},
    {PROBE_TCP_SYN, TCP_SYN | TCP_ACK, true, 0, NONE, 0},
    {PROBE_TCP_SYN, TCP_SYN | TCP_ACK, true, 2, NONE, 0},
    {PROBE_TCP_SYN, TCP_RST | TCP_ACK, true, 0, NONE, 0},
    {PROBE_TCP_SYN, TCP_RST, true, 1, NONE, 0}, /* no ACK bit: the field means nothing */
    {PROBE_TCP_SYN, TCP_SYN, true, 1, NONE, 0}, /* a simultaneous open of somebody */
    {PROBE_TCP_SYN, TCP_ACK, true, 1, NONE, 0},
    {PROBE_TCP_SYN, TCP_FIN | TCP_ACK, true, 1, NONE, 0},
    {PROBE_TCP_SHORT, TCP_RST | TCP_ACK, true, 0, 0, REPLY_RESET},
    {PROBE_TCP_SHORT, TCP_RST | TCP_ACK, true, 1, 0, REPLY_RESET},
    {PROBE_TCP_SHORT, TCP_RST | TCP_ACK, true, 5, 0, REPLY_RESET}, /* a SYN and four octets of "data" */
    {PROBE_TCP_SHORT, TCP_RST | TCP_ACK, true, 6, NONE, 0},
    {PROBE_TCP_SHORT, TCP_RST | TCP_ACK, true, UINT32_MAX, NONE, 0},
    {PROBE_TCP_SHORT, TCP_SYN | TCP_ACK, true, 1, NONE, 0},
    {PROBE_TCP_ACK, TCP_RST, false, 0, 0, REPLY_RESET},
    {PROBE_TCP_ACK, TCP_RST, false, 1, NONE, 0},
    {PROBE_TCP_ACK, TCP_RST | TCP_ACK, true, 1, NONE, 0},
    {PROBE_TCP_ACK, TCP_SYN | TCP_ACK, false, 0, NONE, 0},
};

static struct slice build_segment(struct exchange *exchange, size_t row, uint16_t mss)
{
    struct slice probe = exchange_transport(exchange);
    uint32_t sequence = octets_get32(probe.data + 4), acknowledgement = octets_get32(probe.data + 8);

    if (segments[row].acknowledges)
        return exchange_segment(exchange, segments[row].flags, 77, sequence + segments[row].offset, mss);
    return exchange_segment(exchange, segments[row].flags, acknowledgement + segments[row].offset, 0, mss);
}

static void test_segments(void **state)
{
    for (size_t f = 0; f < COUNT_OF(families); f++)
        for (size_t i = 0; i < COUNT_OF(segments); i++) {
            struct exchange exchange;
            struct slice packet;

            exchange_init(&exchange, families[f]);
            exchange_send_kind(&exchange, 6, segments[i].kind);
            packet = build_segment(&exchange, i, 0);
            print_message("# family %u row %zu\n", families[f], i);
            if (segments[i].result == 0) {
                exchange_check(&exchange, packet, 6, segments[i].reply, &exchange.target);
                exchange_check_damage(&exchange, packet);
            } else {
                assert_int_equal(exchange_outcome(&exchange, packet), segments[i].result);
            }
        }
}

/* Facts: a reset of a live socket has an IP id or options, one of a closed port has neither. */
static void test_socket_reset(void **state)
{
    for (size_t f = 0; f < COUNT_OF(families); f++)
        for (int bits = 0; bits < 4; bits++) {
            struct exchange exchange;
            struct reply reply;
            uint32_t sequence;

            exchange_init(&exchange, families[f]);
            exchange_send_kind(&exchange, 6, PROBE_TCP_SYN);
            sequence = exchange.book.sent[6].sequence;
            exchange.answer_id = bits & 1 ? 0x4242 : 0;
            assert_int_equal(exchange_match(&exchange,
                                            exchange_segment(&exchange, TCP_RST | TCP_ACK, 0, sequence + 1,
                                                             bits & 2 ? 536 : 0),
                                            &reply),
                             0);
            assert_int_equal(reply.socket_reset, (bits & 2) || (families[f] == 4 && (bits & 1)));
            assert_int_equal(
                exchange_match(&exchange,
                               exchange_segment(&exchange, TCP_SYN | TCP_ACK, 0, sequence + 1, 1460), &reply),
                0);
            assert_false(reply.socket_reset);
        }
}

/* A ladder on one flow: the sequence number says which rung is meant. */
static void test_tcp_ladder(void **state)
{
    struct exchange exchange;

    exchange_init(&exchange, 4);
    for (uint16_t id = 0; id < 8; id++)
        exchange_send_kind(&exchange, id, PROBE_TCP_SYN);
    for (uint16_t id = 0; id < 8; id++)
        exchange_check(
            &exchange,
            exchange_segment(&exchange, TCP_SYN | TCP_ACK, 9, exchange.book.sent[id].sequence + 1, 1460), id,
            REPLY_SYN_ACK, &exchange.target);
}

static void test_padded_syn(void **state)
{
    struct exchange exchange;
    struct probe probe;
    uint32_t sequence;

    exchange_init(&exchange, 4);
    probe = exchange_probe(&exchange, 1, PROBE_TCP_SYN);
    probe.size = 144; /* a hundred octets of data */
    exchange_send(&exchange, &probe);
    sequence = exchange.book.sent[1].sequence;
    assert_int_equal(
        exchange_outcome(&exchange, exchange_segment(&exchange, TCP_SYN | TCP_ACK, 0, sequence + 1, 0)), 0);
    assert_int_equal(
        exchange_outcome(&exchange, exchange_segment(&exchange, TCP_RST | TCP_ACK, 0, sequence + 101, 0)), 0);
    assert_int_equal(
        exchange_outcome(&exchange, exchange_segment(&exchange, TCP_RST | TCP_ACK, 0, sequence + 100, 0)),
        NONE);
}

/* Ports and address of a TCP or UDP answer, one wrong at a time, with right checksums. */
static void check_wrong_ends(enum probe_kind kind)
{
    for (size_t f = 0; f < COUNT_OF(families); f++) {
        struct exchange exchange;
        struct slice packet;
        size_t transport = families[f] == 4 ? 20 : 40, sum = transport + (kind == PROBE_UDP ? 6 : 16);

        exchange_init(&exchange, families[f]);
        exchange_send_kind(&exchange, 6, kind);
        for (size_t at = 0; at < 4; at++) { /* the sum moves against the octet */
            packet = kind == PROBE_UDP ? exchange_datagram(&exchange, "answer")
                                       : exchange_segment(&exchange, TCP_RST | TCP_ACK, 0,
                                                          exchange.book.sent[6].sequence + 1, 0);
            assert_int_equal(exchange_outcome(&exchange, packet), 0);
            exchange.answer[transport + at] ^= 1;
            octets_put16(exchange.answer + sum, 0);
            octets_put16(exchange.answer + sum, checksum_pseudo(&exchange.target, &exchange.book.source,
                                                                kind == PROBE_UDP ? IPPROTO_UDP : IPPROTO_TCP,
                                                                slice_skip(packet, transport)));
            assert_int_equal(exchange_outcome(&exchange, packet), NONE);
        }
        exchange.target = exchange.router;
        packet = kind == PROBE_UDP ? exchange_datagram(&exchange, "answer")
                                   : exchange_segment(&exchange, TCP_RST | TCP_ACK, 0,
                                                      exchange.book.sent[6].sequence + 1, 0);
        assert_int_equal(exchange_outcome(&exchange, packet), NONE);
    }
}

static void test_wrong_ends(void **state)
{
    check_wrong_ends(PROBE_UDP);
    check_wrong_ends(PROBE_TCP_SYN);
}

static void test_datagram(void **state)
{
    for (size_t f = 0; f < COUNT_OF(families); f++) {
        struct exchange exchange;
        struct slice packet;

        exchange_init(&exchange, families[f]);
        exchange_send_kind(&exchange, 3, PROBE_UDP);
        packet = exchange_datagram(&exchange, "answer");
        exchange_check(&exchange, packet, 3, REPLY_DATA, &exchange.target);
        exchange_check_damage(&exchange, packet);
        exchange_check(&exchange, exchange_datagram(&exchange, ""), 3, REPLY_DATA, &exchange.target);
        exchange_send_kind(&exchange, 9, PROBE_UDP); /* a repetition: the first try is answered */
        exchange_check(&exchange, exchange_datagram(&exchange, "answer"), 3, REPLY_DATA, &exchange.target);
        exchange.book.sent[9].probe.ttl = 0; /* and 3 a rung of a ladder: it cannot have reached the host */
        exchange_check(&exchange, exchange_datagram(&exchange, "answer"), 9, REPLY_DATA, &exchange.target);
    }
}

static void test_datagram_lengths_and_sums(void **state)
{
    for (size_t f = 0; f < COUNT_OF(families); f++) {
        struct exchange exchange;
        struct slice packet;
        uint8_t *udp = exchange.answer + (families[f] == 4 ? 20 : 40);
        struct reply reply;

        exchange_init(&exchange, families[f]);
        exchange_send_kind(&exchange, 3, PROBE_UDP);
        packet = exchange_datagram(&exchange, "answer");
        udp[4] = 1; /* claims more than there is, less than a header */
        assert_int_equal(packet_match(&exchange.book, packet, false, 0, &reply), DAMAGED);
        octets_put16(udp + 4, 7);
        assert_int_equal(packet_match(&exchange.book, packet, false, 0, &reply), DAMAGED);
        octets_put16(udp + 4, 14);
        assert_int_equal(packet_match(&exchange.book, packet, true, 0, &reply), 0);
        octets_put16(udp + 6, 0); /* none computed: IPv6 forbids it */
        assert_int_equal(packet_match(&exchange.book, packet, true, 0, &reply),
                         families[f] == 4 ? 0 : DAMAGED);
        octets_put16(udp + 6, 0x1234);
        assert_int_equal(packet_match(&exchange.book, packet, true, 0, &reply), DAMAGED);
        assert_int_equal(packet_match(&exchange.book, packet, false, 0, &reply),
                         0); /* the card has yet to fill it */
    }
}

static void test_ip_level(void **state)
{
    struct exchange exchange;
    struct slice packet;

    exchange_init(&exchange, 4);
    exchange_send_kind(&exchange, 5, PROBE_ECHO);
    packet = exchange_echo(&exchange);
    exchange.answer[6] = 0x20; /* a fragment of an answer is not an answer */
    exchange_repair(exchange.answer, packet.length);
    assert_int_equal(exchange_outcome(&exchange, packet), NONE);
    exchange.answer[6] = 0;
    exchange.answer[9] = 58; /* ICMPv6 in IPv4, and a protocol nobody asked */
    exchange_repair(exchange.answer, packet.length);
    assert_int_equal(exchange_outcome(&exchange, packet), NONE);
    exchange.answer[9] = 253;
    exchange_repair(exchange.answer, packet.length);
    assert_int_equal(exchange_outcome(&exchange, packet), NONE);
    exchange.answer[9] = 1;
    exchange_repair(exchange.answer, packet.length);
    assert_int_equal(exchange_outcome(&exchange, packet), 0);
    exchange.answer[10] ^= 1; /* a header with a wrong checksum */
    assert_int_equal(exchange_outcome(&exchange, packet), DAMAGED);
    assert_int_equal(exchange_outcome(&exchange, slice_of("", 0)), DAMAGED);
}

static void test_link_padding(void **state)
{
    struct exchange exchange;
    uint8_t padded[64] = {0};
    struct slice packet;

    exchange_init(&exchange, 4);
    exchange_send_kind(&exchange, 6, PROBE_TCP_SYN);
    packet = exchange_segment(&exchange, TCP_RST | TCP_ACK, 0, exchange.book.sent[6].sequence + 1, 0);
    memcpy(padded, packet.data, packet.length);
    memset(padded + packet.length, 0xee, 6);
    exchange_check(&exchange, slice_of(padded, packet.length + 6), 6, REPLY_RESET, &exchange.target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo),
        cmocka_unit_test(test_forged_echo),
        cmocka_unit_test(test_echo_of_somebody_else),
        cmocka_unit_test(test_short_echo_has_no_cookie),
        cmocka_unit_test(test_other_destination_and_family),
        cmocka_unit_test(test_own_packets_are_no_answers),
        cmocka_unit_test(test_segments),
        cmocka_unit_test(test_socket_reset),
        cmocka_unit_test(test_tcp_ladder),
        cmocka_unit_test(test_padded_syn),
        cmocka_unit_test(test_wrong_ends),
        cmocka_unit_test(test_datagram),
        cmocka_unit_test(test_datagram_lengths_and_sums),
        cmocka_unit_test(test_ip_level),
        cmocka_unit_test(test_link_padding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
