/* SPDX-License-Identifier: MIT */
/* The room everybody stands on: addresses, errors, slices, keyed hash, growing text. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/siphash.h"
#include "base/text.h"

/* The reference vectors of SipHash-2-4: key 00..0f, input 00.. of some length. */
static const struct {
    size_t length;
    uint64_t tag;
} vectors[] = {
    {0, UINT64_C(0x726fdb47dd0e0e31)},
    {1, UINT64_C(0x74f839c593dc67fd)},
    {8, UINT64_C(0x93f5f5799a932462)},
    {15, UINT64_C(0xa129ca6149be45e5)},
};

static void test_siphash(void **state)
{
    const struct siphash_key key = {{UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};
    uint8_t input[16];

    for (uint8_t i = 0; i < sizeof(input); i++)
        input[i] = i;
    for (size_t i = 0; i < COUNT_OF(vectors); i++)
        assert_true(siphash(&key, unit_guarded(slice_of(input, vectors[i].length))) == vectors[i].tag);
}

/* The text, and how it is written back; NULL: no address. */
static const struct {
    const char *text, *canonical;
    uint8_t family;
    bool loopback, link_local;
} addresses[] = {
    {"192.0.2.1", "192.0.2.1", 4, false, false},
    {"127.0.0.53", "127.0.0.53", 4, true, false},
    {"2001:DB8:0:0:0:0:0:1", "2001:db8::1", 6, false, false},
    {"::1", "::1", 6, true, false},
    {"fe80::1", "fe80::1", 6, false, true},
    {"febf::1", "febf::1", 6, false, true},
    {"fec0::1", "fec0::1", 6, false, false},
    {"", NULL, 0, false, false},
    {"192.0.2", NULL, 0, false, false},
    {"192.0.2.256", NULL, 0, false, false},
    {"fe80::1%eth0", NULL, 0, false, false},
    {"[::1]", NULL, 0, false, false},
    {"localhost", NULL, 0, false, false},
};

static void test_addresses(void **state)
{
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        struct sonde_address address = {.family = 9}, copy;
        char text[SONDE_ADDRESS_TEXT];

        if (!addresses[i].canonical) {
            assert_int_equal(sonde_address_parse(addresses[i].text, &address), -EINVAL);
            assert_int_equal(address.family, 9);
            continue;
        }
        assert_int_equal(sonde_address_parse(addresses[i].text, &address), 0);
        assert_string_equal(sonde_address_format(&address, text), addresses[i].canonical);
        assert_int_equal(address.family, addresses[i].family);
        assert_int_equal(address_is_loopback(&address), addresses[i].loopback);
        assert_int_equal(address_is_link_local(&address), addresses[i].link_local);
        copy = address_from(address.family, address.bytes);
        assert_true(sonde_address_equal(&address, &copy));
        copy.bytes[address_length(address.family) - 1] ^= 1;
        assert_false(sonde_address_equal(&address, &copy));
    }
}

static void test_no_address(void **state)
{
    struct sonde_address none = {0}, other = {.family = 4};
    char text[SONDE_ADDRESS_TEXT];

    assert_string_equal(sonde_address_format(&none, text), "-");
    assert_int_equal(address_length(0), 0);
    assert_false(sonde_address_equal(&none, &other));
    assert_false(address_is_loopback(&none));
    assert_false(address_is_link_local(&other));
}

static void test_slices(void **state)
{
    struct slice slice = slice_of("abcdef", 6);

    assert_int_equal(slice_first(slice, 4).length, 4);
    assert_int_equal(slice_first(slice, 9).length, 6);
    assert_int_equal(slice_skip(slice, 4).length, 2);
    assert_int_equal(slice_skip(slice, 4).data[0], 'e');
    assert_int_equal(slice_skip(slice, 6).length, 0);
    assert_int_equal(slice_skip(slice, SIZE_MAX).length, 0);
    assert_ptr_equal(slice_skip(slice, SIZE_MAX).data, slice.data + 6);
}

static void test_errors(void **state)
{
    struct sonde_error error = {0};

    assert_int_equal(error_set(&error, SONDE_E_USAGE, "'%s' is no port", "x"), SONDE_E_USAGE);
    assert_int_equal(error.code, SONDE_E_USAGE);
    assert_string_equal(error.what, "'x' is no port");
    error_hint(&error, "ports are %d to %d", 1, 65535);
    assert_string_equal(error.hint, "ports are 1 to 65535");
    error_set(&error, -EIO, "again");
    assert_string_equal(error.hint, ""); /* a hint belongs to one error */
    assert_int_equal(error_set(NULL, -EIO, "nobody listens"), -EIO);
    error_hint(NULL, "nobody listens");
    for (int code = SONDE_E_USAGE; code <= SONDE_E_BUSY; code++)
        assert_null(strstr(sonde_error_text(code), "Unknown"));
    assert_string_equal(sonde_error_text(-ENOENT), strerror(ENOENT));
    assert_string_equal(sonde_error_text(0), "no error");
}

static void test_long_error_is_cut(void **state)
{
    struct sonde_error error;
    char sentence[1000];

    memset(sentence, 'x', sizeof(sentence) - 1);
    sentence[sizeof(sentence) - 1] = '\0';
    error_set(&error, -EIO, "%s", sentence);
    error_hint(&error, "%s", sentence);
    assert_int_equal(strlen(error.what), sizeof(error.what) - 1);
    assert_int_equal(strlen(error.hint), sizeof(error.hint) - 1);
}

static void test_text(void **state)
{
    _cleanup_text_ struct text text = {0};
    _cleanup_free_ char *taken = NULL, *formatted = NULL;

    assert_string_equal(text_get(&text), "");
    for (int i = 0; i < 1000; i++)
        text_add(&text, "%03d,", i);
    assert_int_equal(text.length, 4000);
    assert_memory_equal(text_get(&text) + 3996, "999,", 5);
    text_add_octets(&text, "a\0b", 3);
    assert_int_equal(text.length, 4003);
    taken = text_take(&text);
    assert_int_equal(strlen(taken), 4001);
    assert_int_equal(text.length, 0);
    free(text_take(&text)); /* an empty one is still a string */
    formatted = text_format("%s-%d", "a", 7);
    assert_string_equal(formatted, "a-7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_siphash),    cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_no_address), cmocka_unit_test(test_slices),
        cmocka_unit_test(test_errors),     cmocka_unit_test(test_long_error_is_cut),
        cmocka_unit_test(test_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
