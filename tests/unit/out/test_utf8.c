/* SPDX-License-Identifier: MIT */
/* UTF-8: valid text round trips, nothing else gets through. */
#include "sample.h"

#include "out/utf8.h"

static void assert_decodes(const char *octets, uint32_t codepoint, size_t length)
{
    size_t taken;

    assert_int_equal(utf8_next(octets, &taken), codepoint);
    assert_int_equal(taken, length);
}

static void every_scalar_value_round_trips(void **state)
{
    for (uint32_t codepoint = 1; codepoint <= 0x10FFFF; codepoint++) {
        char octets[5] = {0};
        size_t length, taken;

        if (codepoint >= 0xD800 && codepoint <= 0xDFFF)
            continue;
        length = utf8_put(codepoint, octets);
        if (utf8_next(octets, &taken) != codepoint || taken != length)
            fail_msg("U+%04X does not round trip", (unsigned)codepoint);
    }
}

static void forbidden_forms_are_replaced(void **state)
{
    assert_decodes("\x80", UTF8_REPLACEMENT, 1);
    assert_decodes("\xc0\x80", UTF8_REPLACEMENT, 1);         /* overlong zero */
    assert_decodes("\xe0\x80\xaf", UTF8_REPLACEMENT, 1);     /* overlong slash */
    assert_decodes("\xed\xa0\x80", UTF8_REPLACEMENT, 1);     /* surrogate */
    assert_decodes("\xf4\x90\x80\x80", UTF8_REPLACEMENT, 1); /* beyond U+10FFFF */
    assert_decodes("\xf8\x88\x80\x80\x80", UTF8_REPLACEMENT, 1);
    assert_decodes("\xe2\x82", UTF8_REPLACEMENT, 1); /* cut at the end */
}

static void controls_are_known(void **state)
{
    assert_true(utf8_is_control(0x1b));
    assert_true(utf8_is_control(0x7f));
    assert_true(utf8_is_control(0x9b));   /* CSI in one octet */
    assert_true(utf8_is_control(0x202e)); /* right-to-left override */
    assert_false(utf8_is_control(' '));
    assert_false(utf8_is_control(0xe9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scalar_value_round_trips),
        cmocka_unit_test(forbidden_forms_are_replaced),
        cmocka_unit_test(controls_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
