/* SPDX-License-Identifier: MIT */
/* Payloads of pings, and of what is none. */
#include <string.h>

#include "detect/covert/payload.h"
#include "tests/unit/unit.h"
#include "wire/ip.h"

static uint8_t noise[1500];

static void make_noise(void)
{
    uint32_t state = 12345;

    for (size_t i = 0; i < sizeof(noise); i++)
        noise[i] = (uint8_t)((state = state * 1664525 + 1013904223) >> 24);
}

/* A time stamp of random octets, then each octet its own number, as ping of Linux and BSD. */
static void test_counting(void **state)
{
    static const size_t heads[] = {0, 8, 16}, sizes[] = {8, 16, 20, 24, 28, 32, 36, 40, 56, 64, 100, 1400};
    uint8_t payload[1500];

    for (size_t i = 0; i < COUNT_OF(heads); i++)
        for (size_t j = 0; j < COUNT_OF(sizes); j++) {
            if (sizes[j] < heads[i])
                continue;
            for (size_t at = 0; at < sizes[j]; at++)
                payload[at] = at < heads[i] ? noise[at] : (uint8_t)at;
            assert_true(payload_is_ordinary(unit_guarded(slice_of(payload, sizes[j]))));
        }
}

/* "abcdefghijklmnopqrstuvwabc...", of any length. */
static void test_windows(void **state)
{
    uint8_t payload[1500];

    for (size_t i = 0; i < sizeof(payload); i++)
        payload[i] = (uint8_t)('a' + i % 23);
    for (size_t length = 0; length < sizeof(payload); length++)
        assert_true(payload_is_ordinary(slice_of(payload, length)));
}

/* fping sends zeros, hping3 an X, Cisco abcd, ping -p what one wants. */
static void test_filling(void **state)
{
    uint8_t payload[1400];

    for (size_t period = 1; period <= 16; period++) {
        for (size_t i = 0; i < sizeof(payload); i++)
            payload[i] = i < 16 ? noise[i] : noise[16 + i % period];
        assert_true(payload_is_ordinary(unit_guarded(slice_of(payload, 56))));
        assert_true(payload_is_ordinary(unit_guarded(slice_of(payload, sizeof(payload)))));
    }
}

static void test_out_of_the_ordinary(void **state)
{
    uint8_t payload[56] = {0};

    for (size_t length = 33; length < sizeof(noise); length += 7)
        assert_false(payload_is_ordinary(unit_guarded(slice_of(noise, length))));
    assert_false(payload_is_ordinary(slice_of("whoami\n", 7)));
    for (size_t i = 16; i < sizeof(payload); i++)
        payload[i] = (uint8_t) "root:x:0:0:root:"[i % 16];
    assert_false(payload_is_ordinary(slice_of(payload, sizeof(payload)))); /* a message through ping -p */
    assert_true(payload_is_text(slice_of(payload, sizeof(payload))));
}

static void test_carries(void **state)
{
    uint8_t buffer[200];
    struct ip_header ip = {.family = 4,
                           .source = unit_address("10.9.0.1"),
                           .destination = unit_address("10.9.0.2"),
                           .protocol = 6,
                           .ttl = 64};
    size_t length;

    for (size_t head = 0; head < 32; head++) {
        memset(buffer, 0x55, head);
        length = head + ip_build(&ip, slice_of(noise, 60), buffer + head, sizeof(buffer) - head);
        assert_string_equal(payload_carries(unit_guarded(slice_of(buffer, length)), length), "IPv4 packets");
    }
    buffer[31 + 12] ^= 1;
    assert_null(payload_carries(slice_of(buffer, length), length));
    ip = (struct ip_header){.family = 6,
                            .source = unit_address("2001:db8::1"),
                            .destination = unit_address("2001:db8::2"),
                            .protocol = 17,
                            .ttl = 64};
    length = ip_build(&ip, slice_of(noise, 60), buffer, sizeof(buffer));
    assert_string_equal(payload_carries(unit_guarded(slice_of(buffer, length)), length), "IPv6 packets");
    assert_string_equal(payload_carries(slice_of("....SSH-2.0-x", 13), 13), "SSH");
    assert_string_equal(payload_carries(slice_of("HTTP/1.1 200 OK\r\n", 17), 17), "HTTP");
    assert_string_equal(payload_carries(slice_of("\x16\x03\x01\x02\x00\x01\xfc", 7), 7), "TLS");
    assert_null(payload_carries(slice_of(noise, sizeof(noise)), sizeof(noise)));
}

static void test_tool(void **state)
{
    assert_string_equal(payload_tool(slice_of("\xd5\x20\x08\x80", 4)), "ptunnel");
    assert_null(payload_tool(slice_of("\xd5\x20\x08", 3)));
    assert_null(payload_tool(slice_of(noise, 56)));
}

static void test_entropy(void **state)
{
    struct payload_histogram histogram = {0};

    assert_true(payload_entropy(&histogram) == 0);
    payload_count(&histogram, slice_of(noise, sizeof(noise)));
    assert_true(payload_entropy(&histogram) > 7);
    for (int i = 0; i < 100; i++)
        payload_count(&histogram, slice_of(noise, sizeof(noise)));
    assert_true(payload_entropy(&histogram) <= 8);
    histogram = (struct payload_histogram){0};
    payload_count(&histogram, slice_of("abcdabcdabcdabcd", 16));
    assert_true(payload_entropy(&histogram) > 1.99 && payload_entropy(&histogram) < 2.01);
}

static void test_difference(void **state)
{
    assert_int_equal(payload_difference(slice_of("abcd", 4), slice_of("abxd", 4)), 1);
    assert_int_equal(payload_difference(slice_of("abcd", 4), slice_of("ab", 2)), 2);
    assert_int_equal(payload_difference(slice_of("", 0), slice_of("ab", 2)), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counting), cmocka_unit_test(test_windows),
        cmocka_unit_test(test_filling),  cmocka_unit_test(test_out_of_the_ordinary),
        cmocka_unit_test(test_carries),  cmocka_unit_test(test_tool),
        cmocka_unit_test(test_entropy),  cmocka_unit_test(test_difference),
    };

    make_noise();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
