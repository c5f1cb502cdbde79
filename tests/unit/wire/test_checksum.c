/* SPDX-License-Identifier: MIT */
/* The Internet checksum, against RFC 1071's example and packets from real machines. */
#include "tests/unit/unit.h"

#include <netinet/in.h>
#include <string.h>

#include "wire/checksum.h"

static const struct {
    const char *octets;
    uint16_t sum;
} plain[] = {
    {"", 0xffff},
    {"0001 f203 f4f5 f6f7", (uint16_t)~0xddf2}, /* RFC 1071 3 */
    {"01", (uint16_t)~0x0100},                  /* an odd octet is padded behind */
    {"0001 02", (uint16_t)~0x0201},
    {"ffff", 0},
    {"ffff ffff", 0},
    {"ffff 0001", (uint16_t)~0x0001}, /* the carry comes around */
    {"0800 f7ff 0000 0000", 0},       /* an echo request that carries its sum */
    {"0800 000d 0000 0000", 0xf7f2},
};

static void test_plain(void **state)
{
    uint8_t buffer[64];

    for (size_t i = 0; i < COUNT_OF(plain); i++)
        assert_int_equal(checksum(unit_guarded(unit_hex(plain[i].octets, buffer, sizeof(buffer)))),
                         plain[i].sum);
}

static void test_large(void **state)
{
    static uint8_t buffer[65535];

    memset(buffer, 0xff, sizeof(buffer));
    assert_int_equal(checksum(slice_of(buffer, 65534)), 0);
    assert_int_equal(checksum(slice_of(buffer, 65535)), 0x00ff);
}

static const struct {
    const char *source, *destination, *octets;
    uint8_t protocol;
    uint16_t sum;
} pseudo[] = {
    /* ICMPv6 echo request of seven data octets, caught from a real host */
    {"2001:4f8:4:7:2e0:81ff:fe52:ffff", "2001:4f8:4:7:2e0:81ff:fe52:9a6b",
     "8000 54cf 0000 0000 7770 4446 4e57 36", IPPROTO_ICMPV6, 0},
    /* the same with its checksum field cleared gives what it carried */
    {"2001:4f8:4:7:2e0:81ff:fe52:ffff", "2001:4f8:4:7:2e0:81ff:fe52:9a6b",
     "8000 0000 0000 0000 7770 4446 4e57 36", IPPROTO_ICMPV6, 0x54cf},
    /* an empty UDP datagram, by hand: 0a000001 + 0a000002 + 17 + 8 + ports 1, 2 + length 8 */
    {"10.0.0.1", "10.0.0.2", "0001 0002 0008 0000", IPPROTO_UDP,
     (uint16_t) ~(0x0a00 * 2 + 1 + 2 + 17 + 8 + 1 + 2 + 8)},
};

static void test_pseudo(void **state)
{
    uint8_t buffer[64];

    for (size_t i = 0; i < COUNT_OF(pseudo); i++) {
        struct sonde_address source = unit_address(pseudo[i].source);
        struct sonde_address destination = unit_address(pseudo[i].destination);
        struct slice message = unit_hex(pseudo[i].octets, buffer, sizeof(buffer));

        assert_int_equal(checksum_pseudo(&source, &destination, pseudo[i].protocol, message), pseudo[i].sum);
    }
}

static void test_every_flipped_bit_is_noticed(void **state)
{
    uint8_t buffer[64];
    struct slice message = unit_hex("0800 f7ff 0000 0000", buffer, sizeof(buffer));

    for (size_t bit = 0; bit < message.length * 8; bit++) {
        buffer[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(checksum(message), 0);
        buffer[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_pseudo),
        cmocka_unit_test(test_every_flipped_bit_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
