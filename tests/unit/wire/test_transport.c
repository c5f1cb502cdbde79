/* SPDX-License-Identifier: MIT */
/* TCP and UDP headers: real ones, quotes, lies, options that never end, and the way back. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "wire/checksum.h"
#include "wire/tcp.h"
#include "wire/udp.h"

static const struct {
    const char *octets;
    int result;
    uint32_t sequence, acknowledgement;
    uint8_t flags, data_offset;
    uint16_t mss;
    size_t options, payload;
} segments[] = {
    /* a Linux SYN: MSS, SACK permitted, time stamps, NOP, window scale */
    {"8f3a0050 11223344 00000000 a002faf0 00000000 020405b4 0402080a 00000001 00000000 01030307", 0,
     0x11223344, 0, TCP_SYN, 10, 1460, 20, 0},
    {"00010002 00000001 00000002 50140000 00000000", 0, 1, 2, TCP_RST | TCP_ACK, 5, 0, 0, 0},
    {"00010002 00000001 00000002 50180000 00000000 616263", 0, 1, 2, TCP_PSH | TCP_ACK, 5, 0, 0, 3},
    /* quotes */
    {"00010002 deadbeef", 0, 0xdeadbeef, 0, 0, 0, 0, 0, 0},
    {"00010002 deadbeef 00000000 a002faf0 000000", 0, 0xdeadbeef, 0, 0, 0, 0, 0, 0},
    /* an MSS behind the end of the list, of a wrong length, cut, in a list that does not advance or
       overshoots */
    {"00010002 00000001 00000000 70020000 00000000 00000000 020405b4", 0, 1, 0, TCP_SYN, 7, 0, 8, 0},
    {"00010002 00000001 00000000 60020000 00000000 02030505", 0, 1, 0, TCP_SYN, 6, 0, 4, 0},
    {"00010002 00000001 00000000 60020000 00000000 01020405", 0, 1, 0, TCP_SYN, 6, 0, 4, 0},
    {"00010002 00000001 00000000 60020000 00000000 08000000", 0, 1, 0, TCP_SYN, 6, 0, 4, 0},
    {"00010002 00000001 00000000 60020000 00000000 08ff0000", 0, 1, 0, TCP_SYN, 6, 0, 4, 0},
    {"00010002 00000001 00000000 60020000 00000000 01010108", 0, 1, 0, TCP_SYN, 6, 0, 4, 0},
    {"00010002 00000001 00000000 70020000 00000000 01010101 02040218", 0, 1, 0, TCP_SYN, 7, 536, 8, 0},
    /* too short, and offsets that contradict the segment */
    {"", -EBADMSG},
    {"00010002 000000", -EBADMSG},
    {"00010002 00000001 00000000 40020000 00000000", -EBADMSG},
    {"00010002 00000001 00000000 00020000 00000000", -EBADMSG},
    {"00010002 00000001 00000000 60020000 00000000", -EBADMSG},
    {"00010002 00000001 00000000 f0020000 00000000 00000000", -EBADMSG},
};

static void test_tcp_parse(void **state)
{
    for (size_t i = 0; i < COUNT_OF(segments); i++) {
        uint8_t buffer[128];
        struct slice data = unit_guarded(unit_hex(segments[i].octets, buffer, sizeof(buffer))), payload;
        struct tcp_header tcp;

        print_message("# row %zu\n", i);
        assert_int_equal(tcp_parse(data, &tcp, &payload), segments[i].result);
        if (segments[i].result < 0)
            continue;
        assert_int_equal(tcp.source_port, data.data[0] << 8 | data.data[1]);
        assert_int_equal(tcp.destination_port, data.data[2] << 8 | data.data[3]);
        assert_int_equal(tcp.sequence, segments[i].sequence);
        assert_int_equal(tcp.acknowledgement, segments[i].acknowledgement);
        assert_int_equal(tcp.flags, segments[i].flags);
        assert_int_equal(tcp.data_offset, segments[i].data_offset);
        assert_int_equal(tcp.mss, segments[i].mss);
        assert_int_equal(tcp.options.length, segments[i].options);
        assert_int_equal(payload.length, segments[i].payload);
    }
}

static const struct {
    uint8_t data_offset;
    uint16_t mss;
    size_t length; /* of a segment with three octets of data; 0: refused */
    uint8_t written_offset;
} builds[] = {
    {0, 0, 23, 5}, {0, 1460, 27, 6}, {5, 0, 23, 5},   {6, 1440, 27, 6}, {8, 1440, 35, 8},
    {4, 0, 23, 4}, {1, 1460, 23, 1}, {15, 0, 63, 15}, {16, 0, 0, 0},
};

static void test_tcp_build(void **state)
{
    struct sonde_address from = unit_address("2001:db8::1"), to = unit_address("2001:db8::2");

    for (size_t i = 0; i < COUNT_OF(builds); i++) {
        uint8_t buffer[64];
        struct tcp_header tcp = {
            4321,  443,          0x01020304, 0x05060708, TCP_SYN | TCP_ACK, builds[i].data_offset,
            64240, builds[i].mss};
        struct tcp_header back;
        struct slice payload, data = slice_of("abc", 3);
        size_t length = tcp_build(&tcp, &from, &to, data, buffer, sizeof(buffer));

        assert_int_equal(length, builds[i].length);
        if (length == 0)
            continue;
        assert_int_equal(tcp_build(&tcp, &from, &to, data, buffer, length - 1), 0);
        assert_int_equal(buffer[12] >> 4, builds[i].written_offset);
        assert_int_equal(checksum_pseudo(&from, &to, IPPROTO_TCP, slice_of(buffer, length)), 0);
        assert_memory_equal(buffer + length - 3, "abc", 3);
        if (builds[i].written_offset < 5)
            continue;
        assert_int_equal(tcp_parse(slice_of(buffer, length), &back, &payload), 0);
        assert_int_equal(back.source_port, 4321);
        assert_int_equal(back.destination_port, 443);
        assert_int_equal(back.sequence, tcp.sequence);
        assert_int_equal(back.acknowledgement, tcp.acknowledgement);
        assert_int_equal(back.flags, tcp.flags);
        assert_int_equal(back.window, 64240);
        assert_int_equal(back.mss, builds[i].mss);
        assert_int_equal(payload.length, 3);
    }
}

static const struct {
    const char *octets;
    int result;
    uint16_t length, checksum;
    size_t payload;
} datagrams[] = {
    {"00350402 000b1234 616263", 0, 11, 0x1234, 3}, {"00350402 000a1234 616263", 0, 10, 0x1234, 2},
    {"00350402 00ff0000 616263", 0, 255, 0, 3},     {"00350402 00080000", 0, 8, 0, 0},
    {"00350402 00070000 616263", 0, 7, 0, 0},       {"00350402 00000000 616263", 0, 0, 0, 0},
    {"00350402 000800", -EBADMSG, 0, 0, 0},         {"", -EBADMSG, 0, 0, 0},
};

static void test_udp_parse(void **state)
{
    for (size_t i = 0; i < COUNT_OF(datagrams); i++) {
        uint8_t buffer[64];
        struct udp_header udp;
        struct slice payload;

        assert_int_equal(
            udp_parse(unit_guarded(unit_hex(datagrams[i].octets, buffer, sizeof(buffer))), &udp, &payload),
            datagrams[i].result);
        if (datagrams[i].result < 0)
            continue;
        assert_int_equal(udp.source_port, 53);
        assert_int_equal(udp.destination_port, 1026);
        assert_int_equal(udp.length, datagrams[i].length);
        assert_int_equal(udp.checksum, datagrams[i].checksum);
        assert_int_equal(payload.length, datagrams[i].payload);
    }
}

static void check_udp_build(uint8_t family, uint16_t claimed)
{
    struct sonde_address from = unit_address(family == 4 ? "192.0.2.1" : "2001:db8::1");
    struct sonde_address to = unit_address(family == 4 ? "192.0.2.2" : "2001:db8::2");
    uint8_t buffer[64];
    struct udp_header udp = {4321, 53, claimed, 0xffff}, back;
    struct slice payload, data = slice_of("abc", 3);
    size_t length = udp_build(&udp, &from, &to, data, buffer, sizeof(buffer));

    assert_int_equal(length, 11);
    assert_int_equal(udp_build(&udp, &from, &to, data, buffer, 10), 0);
    assert_int_equal(udp_parse(slice_of(buffer, length), &back, &payload), 0);
    assert_int_equal(back.source_port, 4321);
    assert_int_equal(back.destination_port, 53);
    assert_int_equal(back.length, claimed ? claimed : 11);
    assert_memory_equal(buffer + 8, "abc", 3);
    /* also over a lie, as a filter counts: what is there, in the pseudo header too */
    assert_int_equal(checksum_pseudo(&from, &to, IPPROTO_UDP, slice_of(buffer, length)), 0);
}

static void test_udp_build(void **state)
{
    check_udp_build(4, 0);
    check_udp_build(4, 11);
    check_udp_build(4, 99);
    check_udp_build(6, 0);
    check_udp_build(6, 99);
}

/* RFC 768: a sum of zero is sent as all ones, for zero means "none". */
static void test_udp_zero_sum(void **state)
{
    struct sonde_address from = unit_address("0.0.0.0"), to = unit_address("0.0.0.0");
    struct udp_header udp = {0};
    uint8_t buffer[16], data[2];
    uint16_t rest = (uint16_t) ~(IPPROTO_UDP + 10 + 10);

    data[0] = (uint8_t)(rest >> 8);
    data[1] = (uint8_t)rest;
    assert_int_equal(udp_build(&udp, &from, &to, slice_of(data, 2), buffer, sizeof(buffer)), 10);
    assert_memory_equal(buffer + 6, "\xff\xff", 2);
}

static void test_without_payload(void **state)
{
    struct sonde_address from = unit_address("192.0.2.1"), to = unit_address("192.0.2.2");
    struct udp_header udp = {.source_port = 1, .destination_port = 2};
    struct tcp_header tcp = {.source_port = 1, .destination_port = 2};
    uint8_t buffer[32];
    static uint8_t large[65536];

    assert_int_equal(udp_build(&udp, &from, &to, slice_of(NULL, 0), buffer, sizeof(buffer)), 8);
    assert_int_equal(tcp_build(&tcp, &from, &to, slice_of(NULL, 0), buffer, sizeof(buffer)), 20);
    assert_int_equal(udp_build(&udp, &from, &to, slice_of(large, 65528), large, sizeof(large)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tcp_parse),    cmocka_unit_test(test_tcp_build),
        cmocka_unit_test(test_udp_parse),    cmocka_unit_test(test_udp_build),
        cmocka_unit_test(test_udp_zero_sum), cmocka_unit_test(test_without_payload),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
