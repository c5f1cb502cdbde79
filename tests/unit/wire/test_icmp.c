/* SPDX-License-Identifier: MIT */
/* ICMP messages: every kind of second word, quotes, announced and unannounced extensions, damage. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "wire/icmp.h"

#define ZEROS8   "0000000000000000"
#define ZEROS32  ZEROS8 ZEROS8 ZEROS8 ZEROS8
#define ZEROS64  ZEROS32 ZEROS32
#define ZEROS100 ZEROS64 ZEROS32 "00000000"
#define QUOTE28  "45000028a55100000111f76a0c0404040c010101a54b82a000140000"
#define QUOTE128 QUOTE28 ZEROS100
#define LABEL    "20000000 00080101 18960101"

static struct sonde_address source(uint8_t family)
{
    return unit_address(family == 4 ? "192.0.2.1" : "2001:db8::1");
}

static struct sonde_address destination(uint8_t family)
{
    return unit_address(family == 4 ? "192.0.2.2" : "2001:db8::2");
}

/* Each message is built, read back, and compared. */
static const struct icmp_message messages[] = {
    {.family = 4, .type = 0, .id = 0x1234, .sequence = 0xabcd},
    {.family = 4, .type = 8, .id = 0xffff, .sequence = 1},
    {.family = 4, .type = 3, .code = 3},
    {.family = 4, .type = 3, .code = 4, .mtu = 1400},
    {.family = 4, .type = 11, .code = 1},
    {.family = 4, .type = 12, .code = 0, .pointer = 20},
    {.family = 6, .type = 128, .id = 0x1234, .sequence = 0xabcd},
    {.family = 6, .type = 129, .id = 7, .sequence = 0xffff},
    {.family = 6, .type = 1, .code = 4},
    {.family = 6, .type = 2, .mtu = 0x00012345},
    {.family = 6, .type = 3, .code = 1},
    {.family = 6, .type = 4, .code = 2, .pointer = 0x01020304},
};

static void check_message(struct icmp_message message)
{
    uint8_t buffer[64], body[] = "a body of odd length!";
    struct sonde_address from = source(message.family), to = destination(message.family);
    struct icmp_message back;
    size_t length;

    message.body = slice_of(body, sizeof(body));
    length = icmp_build(&message, &from, &to, buffer, sizeof(buffer));
    assert_int_equal(length, 8 + sizeof(body));
    assert_int_equal(icmp_build(&message, &from, &to, buffer, length - 1), 0);
    assert_int_equal(icmp_parse(message.family, &from, &to, unit_guarded(slice_of(buffer, length)), &back),
                     0);
    assert_int_equal(back.type, message.type);
    assert_int_equal(back.code, message.code);
    assert_int_equal(back.id, message.id);
    assert_int_equal(back.sequence, message.sequence);
    assert_int_equal(back.mtu, message.mtu);
    assert_int_equal(back.pointer, message.pointer);
    assert_int_equal(back.body.length, sizeof(body));
    assert_memory_equal(back.body.data, body, sizeof(body));
    assert_int_equal(back.quote.length, icmp_is_error(message.family, message.type) ? sizeof(body) : 0);
    assert_int_equal(back.extension.length, 0);
    for (size_t bit = 0; bit < length * 8; bit++) { /* a single wrong bit */
        buffer[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(icmp_parse(message.family, &from, &to, slice_of(buffer, length), &back), -EBADMSG);
        buffer[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void test_messages(void **state)
{
    for (size_t i = 0; i < COUNT_OF(messages); i++)
        check_message(messages[i]);
}

static void test_build_without_body(void **state)
{
    uint8_t buffer[8];
    struct icmp_message message = {.family = 4, .type = 8};
    struct sonde_address from = source(4), to = destination(4);

    assert_int_equal(icmp_build(&message, &from, &to, buffer, sizeof(buffer)), 8);
    assert_memory_equal(buffer, "\x08\x00\xf7\xff\0\0\0\0", 8);
}

static void test_is_error(void **state)
{
    static const uint8_t errors4[] = {3, 4, 5, 11, 12};

    for (unsigned type = 0; type < 256; type++) {
        assert_int_equal(icmp_is_error(4, (uint8_t)type),
                         memchr(errors4, (int)type, sizeof(errors4)) != NULL);
        assert_int_equal(icmp_is_error(6, (uint8_t)type), type < 128);
    }
}

/* Where a quote ends and an extension structure begins. */
static const struct {
    uint8_t family;
    const char *octets; /* with a checksum of zero, filled in by the test */
    size_t quote, extension;
} splits[] = {
    /* no extension, length octet 0 */
    {4, "0b000000 00000000" QUOTE28, 28, 0},
    {4, "0b000000 00000000" QUOTE128, 128, 0},
    /* announced: 32 words of 4 octets */
    {4, "0b000000 00200000" QUOTE128 LABEL, 128, 12},
    {4, "03030000 00200000" QUOTE128 LABEL, 128, 12},
    {4, "0c000000 14200000" QUOTE128 LABEL, 128, 12},
    {4, "03040000 00200578" QUOTE128 LABEL, 128, 12},
    /* announced beyond the end, and where no structure may be (redirect) */
    {4, "0b000000 00ff0000" QUOTE128 LABEL, 140, 0},
    {4, "05000000 0a200000" QUOTE128 LABEL, 140, 0},
    /* unannounced: a real router's, told by its checksum; with a wrong or no checksum it is more quote */
    {4, "0b000000 00000000" QUOTE128 "2000c55f 00080101 18960101", 128, 12},
    {4, "0b000000 00000000" QUOTE128 "2000c55e 00080101 18960101", 140, 0},
    {4, "0b000000 00000000" QUOTE128 LABEL, 140, 0},
    {4, "0b000000 00000000" QUOTE128 "2000dfff", 132, 0},
    /* IPv6 counts in 8 octets, in the first octet of the word; a too-big message has its MTU there */
    {6, "03000000 10000000" QUOTE128 LABEL, 128, 12},
    {6, "01040000 10000000" QUOTE128 LABEL, 128, 12},
    {6, "02000000 00000578" QUOTE128 LABEL, 140, 0},
    {6, "04010000 10000000" QUOTE128 LABEL, 140, 0},
    /* nothing quoted at all */
    {4, "03030000 00000000", 0, 0},
    {4, "03030000 00ff0000", 0, 0},
};

static void test_splits(void **state)
{
    for (size_t i = 0; i < COUNT_OF(splits); i++) {
        uint8_t buffer[256], built[256];
        struct sonde_address from = source(splits[i].family), to = destination(splits[i].family);
        struct slice raw = unit_hex(splits[i].octets, buffer, sizeof(buffer));
        struct icmp_message message = {.family = splits[i].family, .type = raw.data[0], .code = raw.data[1]},
                            back;
        uint16_t sum;

        /* icmp_build writes no length octet, so the sum is moved by what the second word adds */
        message.body = slice_skip(raw, 8);
        assert_int_equal(icmp_build(&message, &from, &to, built, sizeof(built)), raw.length);
        sum = (uint16_t) ~(built[2] << 8 | built[3]);
        for (size_t at = 4; at < 8; at += 2) {
            uint32_t wide = (uint32_t)sum + (uint32_t)(raw.data[at] << 8 | raw.data[at + 1]);

            sum = (uint16_t)(wide + (wide >> 16));
        }
        buffer[2] = (uint8_t)(~sum >> 8);
        buffer[3] = (uint8_t)~sum;
        print_message("# row %zu\n", i);
        assert_int_equal(icmp_parse(message.family, &from, &to, unit_guarded(raw), &back), 0);
        assert_int_equal(back.quote.length, splits[i].quote);
        assert_int_equal(back.extension.length, splits[i].extension);
    }
}

/* tcpdump's tests/mpls-traceroute.pcap: a Juniper router's answer with an unannounced label. */
static void test_real_router(void **state)
{
    uint8_t buffer[256];
    struct sonde_address from = unit_address("10.5.0.1"), to = unit_address("12.4.4.4");
    struct slice data = unit_hex("0b00cd0400000000"
                                 "45000028a54c00000111f76f0c0404040c010101a54b829b00140000" ZEROS100
                                 "2000c55f0008010118960101",
                                 buffer, sizeof(buffer));
    struct icmp_message message;

    assert_int_equal(icmp_parse(4, &from, &to, unit_guarded(data), &message), 0);
    assert_int_equal(message.type, ICMP4_TIME_EXCEEDED);
    assert_int_equal(message.quote.length, 128);
    assert_int_equal(message.extension.length, 12);
}

static void test_short(void **state)
{
    static const uint8_t octets[8] = {8, 0, 0xf7, 0xff};
    struct sonde_address from = source(4), to = destination(4);
    struct icmp_message message;

    for (size_t length = 0; length < 8; length++)
        assert_int_equal(icmp_parse(4, &from, &to, unit_guarded(slice_of(octets, length)), &message),
                         -EBADMSG);
    assert_int_equal(icmp_parse(4, &from, &to, unit_guarded(slice_of(octets, 8)), &message), 0);
}

/* ICMPv6 covers the addresses: a message that went to somebody else is damaged. */
static void test_pseudo_header(void **state)
{
    uint8_t buffer[16];
    struct icmp_message message = {.family = 6, .type = 128}, back;
    struct sonde_address from = source(6), to = destination(6), other = unit_address("2001:db8::3");
    size_t length = icmp_build(&message, &from, &to, buffer, sizeof(buffer));

    assert_int_equal(icmp_parse(6, &from, &to, slice_of(buffer, length), &back), 0);
    assert_int_equal(icmp_parse(6, &from, &other, slice_of(buffer, length), &back), -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),      cmocka_unit_test(test_build_without_body),
        cmocka_unit_test(test_is_error),      cmocka_unit_test(test_splits),
        cmocka_unit_test(test_real_router),   cmocka_unit_test(test_short),
        cmocka_unit_test(test_pseudo_header),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
