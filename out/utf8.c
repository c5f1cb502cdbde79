/* SPDX-License-Identifier: MIT */
/* Text that strangers may have written: one code point at a time, with anything invalid replaced. */
#include "out/utf8.h"

/* Forms of RFC 3629 section 3 by their first octet. */
static const struct form {
    uint8_t mask, lead; /* (octet & mask) == lead */
    uint8_t length;
    uint32_t smallest; /* below it, the form is overlong */
} forms[] = {
    {0x80, 0x00, 1, 0},
    {0xE0, 0xC0, 2, 0x80},
    {0xF0, 0xE0, 3, 0x800},
    {0xF8, 0xF0, 4, 0x10000},
};

static const struct form *form_of(uint8_t lead)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if ((lead & forms[i].mask) == forms[i].lead)
            return &forms[i];
    return NULL;
}

static bool is_valid(uint32_t codepoint, uint32_t smallest)
{
    return codepoint >= smallest && codepoint <= 0x10FFFF && (codepoint < 0xD800 || codepoint > 0xDFFF);
}

uint32_t utf8_next(const char *text, size_t *length)
{
    const struct form *form = form_of((uint8_t)text[0]);
    uint32_t codepoint;

    *length = 1;
    if (!form)
        return UTF8_REPLACEMENT;
    codepoint = (uint8_t)text[0] & (uint8_t)~form->mask;
    for (size_t i = 1; i < form->length; i++) {
        uint8_t octet = (uint8_t)text[i];

        if ((octet & 0xC0) != 0x80) /* the terminating zero ends up here, too */
            return UTF8_REPLACEMENT;
        codepoint = codepoint << 6 | (octet & 0x3F);
    }
    if (!is_valid(codepoint, form->smallest))
        return UTF8_REPLACEMENT;
    *length = form->length;
    return codepoint;
}

size_t utf8_put(uint32_t codepoint, char octets[4])
{
    size_t length = codepoint < 0x80 ? 1 : codepoint < 0x800 ? 2 : codepoint < 0x10000 ? 3 : 4;

    for (size_t i = length; i-- > 1; codepoint >>= 6)
        octets[i] = (char)(0x80 | (codepoint & 0x3F));
    octets[0] = (char)(forms[length - 1].lead | codepoint);
    return length;
}

bool utf8_is_control(uint32_t codepoint)
{
    bool direction =
        (codepoint >= 0x202A && codepoint <= 0x202E) || (codepoint >= 0x2066 && codepoint <= 0x2069);

    return codepoint < 0x20 || (codepoint >= 0x7F && codepoint < 0xA0) || direction;
}
