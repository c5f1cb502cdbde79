/* SPDX-License-Identifier: MIT */
/* IP headers: real ones, cut ones, lying ones, chains of extension headers, fragments, and the way back. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "wire/checksum.h"
#include "wire/ip.h"

#define SOURCE6      "20010db8000000000000000000000001"
#define DESTINATION6 "20010db8000000000000000000000002"
#define ADDRESSES6   SOURCE6 DESTINATION6

static const struct {
    const char *octets;
    int result;
    uint8_t family, protocol, ttl, tos;
    uint16_t id, fragment_offset;
    bool dont_fragment, more_fragments, truncated;
    uint32_t length, flow_label;
    size_t payload; /* octets */
} parsed[] = {
    /* a real echo request */
    {"4500001c 00010000 4001f6c6 c0a80164 c0a80165 0800f7ff 00000000", 0, 4, 1, 64, 0, 1, 0, 0, 0, 0, 28, 0,
     8},
    /* padding of a short Ethernet frame is no payload */
    {"4528001c 00014000 40010000 c0a80164 c0a80165 0800f7ff 00000000 00000000 0000", 0, 4, 1, 64, 0x28, 1, 0,
     1, 0, 0, 28, 0, 8},
    /* options */
    {"46000020 00010000 40110000 c0a80164 c0a80165 94040000 00010002 00080000", 0, 4, 17, 64, 0, 1, 0, 0, 0,
     0, 32, 0, 8},
    /* a quote: claims 60 octets, has 28 */
    {"4500003c beef4000 01060000 c0a80164 c0a80165 00010002 00000003", 0, 4, 6, 1, 0, 0xbeef, 0, 1, 0, 1, 60,
     0, 8},
    /* a header and nothing else */
    {"45000014 00010000 40010000 c0a80164 c0a80165", 0, 4, 1, 64, 0, 1, 0, 0, 0, 0, 20, 0, 0},
    /* first, middle and last fragment */
    {"4500001c 00072000 40110000 c0a80164 c0a80165 0001000200080000", 0, 4, 17, 64, 0, 7, 0, 0, 1, 0, 28, 0,
     8},
    {"4500001c 00072001 40110000 c0a80164 c0a80165 0001000200080000", 0, 4, 17, 64, 0, 7, 8, 0, 1, 0, 28, 0,
     8},
    {"4500001c 00071fff 40110000 c0a80164 c0a80165 0001000200080000", 0, 4, 17, 64, 0, 7, 65528, 0, 0, 0, 28,
     0, 8},
    /* cut, of another version, contradicting itself */
    {"", -EBADMSG},
    {"45", -EBADMSG},
    {"4500001c 00010000 40010000 c0a80164 c0a801", -EBADMSG},
    {"5500001c 00010000 40010000 c0a80164 c0a80165 0800f7ff 00000000", -EBADMSG},
    {"0500001c 00010000 40010000 c0a80164 c0a80165 0800f7ff 00000000", -EBADMSG},
    {"4400001c 00010000 40010000 c0a80164 c0a80165 0800f7ff 00000000", -EBADMSG},
    {"4f00003c 00010000 40010000 c0a80164 c0a80165 0800f7ff 00000000", -EBADMSG},
    {"45000013 00010000 40010000 c0a80164 c0a80165 0800f7ff 00000000", -EBADMSG},
    {"46000014 00010000 40010000 c0a80164 c0a80165 00000000 00000000", -EBADMSG},
    /* IPv6, plain, with traffic class and flow label, padded, truncated, empty */
    {"60000000 00083a40" ADDRESSES6 "8000000000000000", 0, 6, 58, 64, 0, 0, 0, 0, 0, 0, 48, 0, 8},
    {"628abcde 00081101" ADDRESSES6 "0001000200080000 0000", 0, 6, 17, 1, 0x28, 0, 0, 0, 0, 0, 48, 0xabcde,
     8},
    {"60000000 00283a40" ADDRESSES6 "8000000000000000", 0, 6, 58, 64, 0, 0, 0, 0, 0, 1, 80, 0, 8},
    {"60000000 00003b40" ADDRESSES6, 0, 6, 59, 64, 0, 0, 0, 0, 0, 0, 40, 0, 0},
    /* hop-by-hop, destination options, routing, authentication, then ICMPv6 */
    {"60000000 00380040" ADDRESSES6 "3c00010400000000 2b00010400000000 3300000000000000"
     "3a040000000000000000000000000000 0000000000000000 8000000000000000",
     0, 6, 58, 64, 0, 0, 0, 0, 0, 0, 96, 0, 8},
    /* fragments: an atomic one, a first one, a later one whose octets are no header */
    {"60000000 00102c40" ADDRESSES6 "1100000000001234 0001000200080000", 0, 6, 17, 64, 0, 0x1234, 0, 0, 0, 0,
     56, 0, 8},
    {"60000000 00102c40" ADDRESSES6 "11000001abcd1234 0001000200080000", 0, 6, 17, 64, 0, 0x1234, 0, 0, 1, 0,
     56, 0, 8},
    {"60000000 00102c40" ADDRESSES6 "3c000010abcd1234 ffffffffffffffff", 0, 6, 60, 64, 0, 0x1234, 16, 0, 0, 0,
     56, 0, 8},
    /* a header cut, an extension header cut or longer than the packet */
    {"60000000 00083a40" SOURCE6 "20010db80000000000000000000000", -EBADMSG},
    {"60000000 00040040" ADDRESSES6 "3a000000", -EBADMSG},
    {"60000000 00080040" ADDRESSES6 "3aff000000000000", -EBADMSG},
    {"60000000 00100040" ADDRESSES6 "2c00010400000000 11000001", -EBADMSG},
};

static void check_parsed(size_t i)
{
    uint8_t buffer[256];
    struct slice packet = unit_guarded(unit_hex(parsed[i].octets, buffer, sizeof(buffer))), payload;
    struct ip_header ip;

    print_message("# row %zu\n", i);
    assert_int_equal(ip_parse(packet, &ip, &payload), parsed[i].result);
    if (parsed[i].result < 0)
        return;
    assert_int_equal(ip.family, parsed[i].family);
    assert_int_equal(ip.protocol, parsed[i].protocol);
    assert_int_equal(ip.ttl, parsed[i].ttl);
    assert_int_equal(ip.tos, parsed[i].tos);
    assert_int_equal(ip.id, parsed[i].id);
    assert_int_equal(ip.fragment_offset, parsed[i].fragment_offset);
    assert_int_equal(ip.dont_fragment, parsed[i].dont_fragment);
    assert_int_equal(ip.more_fragments, parsed[i].more_fragments);
    assert_int_equal(ip.truncated, parsed[i].truncated);
    assert_int_equal(ip.length, parsed[i].length);
    assert_int_equal(ip.flow_label, parsed[i].flow_label);
    assert_int_equal(payload.length, parsed[i].payload);
    assert_true(payload.data >= packet.data && payload.data + payload.length <= packet.data + packet.length);
}

static void test_parse(void **state)
{
    for (size_t i = 0; i < COUNT_OF(parsed); i++)
        check_parsed(i);
}

static void test_addresses(void **state)
{
    uint8_t buffer[64];
    struct ip_header ip;
    struct slice payload;
    struct sonde_address want;

    assert_int_equal(
        ip_parse(unit_hex("45000014 00010000 40010000 c0a80164 0a000001", buffer, sizeof(buffer)), &ip,
                 &payload),
        0);
    want = unit_address("192.168.1.100");
    assert_true(sonde_address_equal(&ip.source, &want));
    want = unit_address("10.0.0.1");
    assert_true(sonde_address_equal(&ip.destination, &want));
    assert_int_equal(
        ip_parse(unit_hex("60000000 00003b40" ADDRESSES6, buffer, sizeof(buffer)), &ip, &payload), 0);
    want = unit_address("2001:db8::1");
    assert_true(sonde_address_equal(&ip.source, &want));
    want = unit_address("2001:db8::2");
    assert_true(sonde_address_equal(&ip.destination, &want));
}

/* Each prefix of each packet either parses within its bounds or is refused; reading beyond it would crash. */
static void test_every_prefix(void **state)
{
    uint8_t buffer[256];

    for (size_t i = 0; i < COUNT_OF(parsed); i++) {
        struct slice packet = unit_hex(parsed[i].octets, buffer, sizeof(buffer));

        for (size_t length = 0; length <= packet.length; length++) {
            struct slice prefix = unit_guarded(slice_first(packet, length)), payload;
            struct ip_header ip;

            if (ip_parse(prefix, &ip, &payload) == 0)
                assert_true(payload.data + payload.length <= prefix.data + prefix.length);
        }
    }
}

static const struct ip_header built[] = {
    {.family = 4, .protocol = 17, .ttl = 1, .tos = 0x28, .id = 0xbeef, .dont_fragment = true},
    {.family = 4, .protocol = 6, .ttl = 255, .more_fragments = true, .fragment_offset = 1480, .id = 3},
    {.family = 4, .protocol = 1, .ttl = 64},
    {.family = 6, .protocol = 17, .ttl = 1, .tos = 0x28, .flow_label = 0xfedcb},
    {.family = 6, .protocol = 58, .ttl = 64, .more_fragments = true, .id = 0x1234},
    {.family = 6, .protocol = 6, .ttl = 64, .fragment_offset = 16, .id = 0x4321, .flow_label = 1},
};

static void check_built(struct ip_header ip, struct slice payload)
{
    uint8_t buffer[128];
    struct ip_header back;
    struct slice got;
    size_t length;

    ip.source = unit_address(ip.family == 4 ? "192.0.2.1" : "2001:db8::1");
    ip.destination = unit_address(ip.family == 4 ? "198.51.100.7" : "2001:db8:1::7");
    length = ip_build(&ip, payload, buffer, sizeof(buffer));
    assert_true(length > payload.length);
    for (size_t capacity = 0; capacity < length; capacity++)
        assert_int_equal(
            ip_build(&ip, payload, (uint8_t *)unit_guarded(slice_of(buffer, capacity)).data, capacity), 0);
    assert_int_equal(ip_parse(unit_guarded(slice_of(buffer, length)), &back, &got), 0);
    assert_int_equal(back.length, length);
    assert_false(back.truncated);
    back.length = 0;
    assert_memory_equal(&back.source, &ip.source, sizeof(ip.source));
    assert_memory_equal(&back.destination, &ip.destination, sizeof(ip.destination));
    assert_int_equal(back.protocol, ip.protocol);
    assert_int_equal(back.ttl, ip.ttl);
    assert_int_equal(back.tos, ip.tos);
    assert_int_equal(back.id, ip.id);
    assert_int_equal(back.flow_label, ip.flow_label);
    assert_int_equal(back.dont_fragment, ip.dont_fragment);
    assert_int_equal(back.more_fragments, ip.more_fragments);
    assert_int_equal(back.fragment_offset, ip.fragment_offset);
    assert_int_equal(got.length, payload.length);
    assert_memory_equal(got.data, payload.data, payload.length);
    if (ip.family == 4)
        assert_int_equal(checksum(slice_of(buffer, 20)), 0);
}

static void test_build(void **state)
{
    for (size_t i = 0; i < COUNT_OF(built); i++) {
        check_built(built[i], slice_of("12345678", 8));
        check_built(built[i], slice_of("", 0));
    }
}

static void test_build_refuses_what_no_header_can_claim(void **state)
{
    static uint8_t payload[65536], buffer[70000];
    struct ip_header ip = {
        .family = 4, .source = unit_address("192.0.2.1"), .destination = unit_address("192.0.2.2")};

    assert_int_equal(ip_build(&ip, slice_of(payload, 65515), buffer, sizeof(buffer)), 65535);
    assert_int_equal(ip_build(&ip, slice_of(payload, 65516), buffer, sizeof(buffer)), 0);
    ip = (struct ip_header){
        .family = 6, .source = unit_address("2001:db8::1"), .destination = unit_address("2001:db8::2")};
    assert_int_equal(ip_build(&ip, slice_of(payload, 65535), buffer, sizeof(buffer)), 65575);
    assert_int_equal(ip_build(&ip, slice_of(payload, 65536), buffer, sizeof(buffer)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_build),
        cmocka_unit_test(test_build_refuses_what_no_header_can_claim),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
