/* SPDX-License-Identifier: MIT */
/* What ICMP errors quote, however little, and whether checksums are right, as far as can be told. */
#include "tests/unit/unit.h"

#include <string.h>

#include "wire/link.h"
#include "wire/packet.h"

#define S6                     "20010db8000000000000000000000001"
#define D6                     "20010db8000000000000000000000002"
#define ERROR4                 "0303abcd 00000000"
#define ERROR6                 "0104abcd 00000000"
#define REDIRECT6              "8900abcd 00000000" S6 D6
#define Q4(protocol, fragment) "4500003c beef" fragment "01" protocol "0000 c0a80164 c0a80165"
#define Q6(protocol)           "60000000 0028" protocol "01" S6 D6
#define TCP                    "c3500016 01020304 05060708 5012ffff 00000000"

static const struct {
    uint8_t family;
    const char *message;
    struct packet_quote quote; /* without the addresses */
} quoted[] = {
    {4,
     ERROR4 Q4("11", "0000") "829a829b00280000",
     {.family = 4,
      .protocol = 17,
      .ttl = 1,
      .length = 60,
      .ports = true,
      .source_port = 33434,
      .destination_port = 33435}},
    {4,
     ERROR4 Q4("06", "4000") TCP,
     {.family = 4,
      .protocol = 6,
      .ttl = 1,
      .length = 60,
      .ports = true,
      .source_port = 50000,
      .destination_port = 22,
      .sequence = 0x01020304,
      .whole = true,
      .acknowledgement = 0x05060708,
      .flags = 0x12}},
    {4,
     ERROR4 Q4("06", "4000") "c3500016 01020304",
     {.family = 4,
      .protocol = 6,
      .ttl = 1,
      .length = 60,
      .ports = true,
      .source_port = 50000,
      .destination_port = 22,
      .sequence = 0x01020304}},
    {4,
     ERROR4 Q4("01", "0000") "0800f7ff00090007",
     {.family = 4,
      .protocol = 1,
      .ttl = 1,
      .length = 60,
      .ports = true,
      .type = 8,
      .id = 9,
      .echo_sequence = 7}},
    {4, ERROR4 Q4("2f", "0000") "0000080000000000", {.family = 4, .protocol = 47, .ttl = 1, .length = 60}},
    /* a redirect of IPv4 quotes like an error */
    {4,
     "0501abcd c0a80101" Q4("11", "0000") "829a829b00280000",
     {.family = 4,
      .protocol = 17,
      .ttl = 1,
      .length = 60,
      .ports = true,
      .source_port = 33434,
      .destination_port = 33435}},
    /* too short, a later fragment, options that are cut, no packet at all, no quote at all */
    {4, ERROR4 Q4("11", "0000") "829a829b002800", {.family = 4, .protocol = 17, .ttl = 1, .length = 60}},
    {4,
     ERROR4 Q4("11", "2003") "829a829b00280000",
     {.family = 4, .protocol = 17, .ttl = 1, .length = 60, .fragment_offset = 24}},
    {4,
     ERROR4 "4f00003c beef0000 0111 0000 c0a80164 c0a80165 829a829b00280000",
     {.family = 4, .protocol = 17, .ttl = 1, .length = 60}},
    {4, ERROR4 "4500003c beef0000 0111 0000 c0a80164 c0a801", {0}},
    {4, ERROR4 "4400003c beef0000 0111 0000 c0a80164 c0a80165", {0}},
    {4, ERROR4, {0}},
    {4, "0303abcd0000", {0}},
    {4, "0800abcd 00000000" Q4("11", "0000") "829a829b00280000", {0}},
    /* IPv6: plain, with extension headers, with a fragment header, cut inside of them */
    {6,
     ERROR6 Q6("11") "829a829b00280000",
     {.family = 6,
      .protocol = 17,
      .ttl = 1,
      .length = 80,
      .ports = true,
      .source_port = 33434,
      .destination_port = 33435}},
    {6,
     ERROR6 Q6("00") "3c00010400000000 0600010400000000" TCP,
     {.family = 6,
      .protocol = 6,
      .ttl = 1,
      .length = 80,
      .ports = true,
      .source_port = 50000,
      .destination_port = 22,
      .sequence = 0x01020304,
      .whole = true,
      .acknowledgement = 0x05060708,
      .flags = 0x12}},
    {6,
     ERROR6 Q6("2c") "3a00000100000007 8000abcd00090007",
     {.family = 6,
      .protocol = 58,
      .ttl = 1,
      .length = 80,
      .ports = true,
      .type = 128,
      .id = 9,
      .echo_sequence = 7}},
    {6,
     ERROR6 Q6("2c") "3a00001000000007 8000abcd00090007",
     {.family = 6, .protocol = 58, .ttl = 1, .length = 80, .fragment_offset = 16}},
    {6,
     ERROR6 Q6("00") "110f010400000000 829a829b00280000",
     {.family = 6, .protocol = 17, .ttl = 1, .length = 80}},
    {6, ERROR6 Q6("00") "110001", {.family = 6, .protocol = 0, .ttl = 1, .length = 80}},
    {6, ERROR6 "60000000 00281101" S6 "20010db8", {0}},
    /* a redirect of IPv6 has it in an option, behind others */
    {6,
     REDIRECT6 "0201 0200000000b2 0408 000000000000" Q6("11") "829a829b00280000 0000000000000000",
     {.family = 6,
      .protocol = 17,
      .ttl = 1,
      .length = 80,
      .ports = true,
      .source_port = 33434,
      .destination_port = 33435}},
    {6,
     REDIRECT6 "0407 000000000000" Q6("11") "829a829b00280000",
     {.family = 6,
      .protocol = 17,
      .ttl = 1,
      .length = 80,
      .ports = true,
      .source_port = 33434,
      .destination_port = 33435}},
    {6,
     REDIRECT6 "0406 000000000000" Q6("11") "829a829b00280000",
     {.family = 6, .protocol = 17, .ttl = 1, .length = 80}},
    {6, REDIRECT6 "0200 0200000000b2 0407 000000000000" Q6("11") "829a829b00280000", {0}},
    {6, REDIRECT6, {0}},
};

/* A packet as the dissector makes it of a message. */
static struct packet packet_of(uint8_t family, struct slice message)
{
    return (struct packet){
        .octets = message.data,
        .available = (uint32_t)message.length,
        .length = (uint32_t)message.length,
        .family = family,
        .type = message.length ? message.data[0] : 0,
        .class = packet_class_of(family, message.length ? message.data[0] : 0),
    };
}

static void test_quotes(void **state)
{
    uint8_t buffer[512];

    for (size_t i = 0; i < COUNT_OF(quoted); i++) {
        struct slice message = unit_guarded(unit_hex(quoted[i].message, buffer, sizeof(buffer)));
        struct packet packet = packet_of(quoted[i].family, message);
        struct packet_quote quote, want = quoted[i].quote;

        print_message("# row %zu: %s\n", i, quoted[i].message);
        if (want.family) {
            struct sonde_address source = unit_address(want.family == 4 ? "192.168.1.100" : "2001:db8::1");
            struct sonde_address target = unit_address(want.family == 4 ? "192.168.1.101" : "2001:db8::2");

            memcpy(want.source, source.bytes, sizeof(want.source));
            memcpy(want.destination, target.bytes, sizeof(want.destination));
        }
        memset(&quote, 0xee, sizeof(quote));
        packet_read_quote(&packet, &quote);
        assert_int_equal(quote.family, want.family);
        assert_int_equal(quote.protocol, want.protocol);
        assert_int_equal(quote.ttl, want.ttl);
        assert_int_equal(quote.flags, want.flags);
        assert_int_equal(quote.ports, want.ports);
        assert_int_equal(quote.whole, want.whole);
        assert_int_equal(quote.source_port, want.source_port);
        assert_int_equal(quote.destination_port, want.destination_port);
        assert_int_equal(quote.type, want.type);
        assert_int_equal(quote.code, want.code);
        assert_int_equal(quote.id, want.id);
        assert_int_equal(quote.echo_sequence, want.echo_sequence);
        assert_int_equal(quote.sequence, want.sequence);
        assert_int_equal(quote.acknowledgement, want.acknowledgement);
        assert_int_equal(quote.fragment_offset, want.fragment_offset);
        assert_int_equal(quote.length, want.length);
        assert_memory_equal(quote.source, want.source, 16);
        assert_memory_equal(quote.destination, want.destination, 16);
    }
}

static void test_every_prefix(void **state)
{
    uint8_t buffer[512];

    for (size_t i = 0; i < COUNT_OF(quoted); i++) {
        struct slice whole = unit_hex(quoted[i].message, buffer, sizeof(buffer));

        for (size_t length = 0; length <= whole.length; length++) {
            struct packet packet = packet_of(quoted[i].family, unit_guarded(slice_first(whole, length)));
            struct packet_quote quote;

            packet_read_quote(&packet, &quote);
        }
    }
}

#define V4(length, protocol) "4500" length "00070000 40" protocol "0000 c0000201 c0000202"
#define V6(length, protocol) "60000000" length protocol "40" S6 D6
#define ROUTE(type, left)    "3a02" type left "00000000" D6 /* by way of what the header names to D6 */

static const struct {
    const char *packet;
    bool holds;
} checksums[] = {
    {V4("001c", "01") "0800f7ff00000000", true},
    {V4("001c", "01") "0800f7fe00000000", false},
    {V4("001d", "01") "0800f6ff00000000 01", true},
    {V4("001d", "01") "0800f7ff00000000 01", false},
    /* octets behind the packet are none of it; cut and fragmented messages cannot be judged */
    {V4("001c", "01") "0800f7ff00000000 ffff", true},
    {V4("0054", "01") "0800f7fe00000000", true},
    {"4500001c 00072000 40010000 c0000201 c0000202 0800f7fe00000000", true},
    {"4500001c 00070001 40010000 c0000201 c0000202 0800f7fe00000000", true},
    {V4("001c", "11") "0800f7fe00080000", true},
    {V6("0008", "3a") "8000 2448 00000000", true},
    {V6("0008", "3a") "8000 2449 00000000", false},
    {V6("0010", "00") "3a00010400000000 8000 2448 00000000", true},
    {V6("0010", "00") "3a00010400000000 8000 2449 00000000", false},
    /* the pseudo header has the last address of a route that is not yet at its end, when that is plain */
    {"60000000 00202b40" S6 S6 ROUTE("00", "01") "8000 2448 00000000", true},
    {"60000000 00202b40" S6 S6 ROUTE("00", "01") "8000 2449 00000000", false},
    {"60000000 00202b40" S6 S6 ROUTE("02", "01") "8000 2448 00000000", true},
    {"60000000 00202b40" S6 S6 ROUTE("04", "01") "8000 2448 00000000", true},
    {"60000000 00202b40" S6 D6 ROUTE("00", "00") "8000 2449 00000000", false},
    {"60000000 00202b40" S6 S6 ROUTE("03", "01") "8000 2449 00000000", true},
    {"60000000 00102b40" S6 S6 "3a00000100000000 8000 2449 00000000", true},
    /* ICMP of the other family: version 4 has no pseudo header, version 6 would have which? */
    {V6("0008", "01") "0800f7ff00000000", true},
    {V6("0008", "01") "0800f7fe00000000", false},
    {V4("001c", "3a") "8000 0000 00000000", true},
};

static void test_checksums(void **state)
{
    uint8_t buffer[512];

    for (size_t i = 0; i < COUNT_OF(checksums); i++) {
        struct slice octets = unit_guarded(unit_hex(checksums[i].packet, buffer, sizeof(buffer)));
        struct frame frame = {.data = octets, .length = (uint32_t)octets.length, .link = LINK_RAW};
        struct packet packets[PACKET_LAYERS_MAX];
        bool malformed;

        print_message("# row %zu: %s\n", i, checksums[i].packet);
        assert_int_equal(packet_dissect(&frame, packets, &malformed), 1);
        assert_false(malformed);
        assert_int_equal(packet_checksum_holds(packets), checksums[i].holds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_checksums),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
