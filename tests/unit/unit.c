/* SPDX-License-Identifier: MIT */
/* What unit tests share: octets from hex, and a buffer nobody can read beyond. */
#include "tests/unit/unit.h"

#include <ctype.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { GUARDED_MAX = 1 << 17 };

static uint8_t digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, tolower(c)) : NULL;

    if (!at)
        fail_msg("'%c' is no hexadecimal digit", c);
    return (uint8_t)(at - digits);
}

struct slice unit_hex(const char *digits, uint8_t *buffer, size_t capacity)
{
    size_t length = 0;

    for (const char *at = digits; *at; at++) {
        if (*at == ' ')
            continue;
        assert_true(length < capacity);
        buffer[length] = (uint8_t)(digit(at[0]) << 4);
        buffer[length++] |= digit(at[1]);
        at++;
    }
    return slice_of(buffer, length);
}

struct slice unit_guarded(struct slice data)
{
    static uint8_t *memory;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    if (!memory) {
        memory = mmap(NULL, GUARDED_MAX + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_true(memory != MAP_FAILED);
        assert_int_equal(mprotect(memory + GUARDED_MAX, page, PROT_NONE), 0);
    }
    assert_true(data.length <= GUARDED_MAX);
    if (data.length)
        memcpy(memory + GUARDED_MAX - data.length, data.data, data.length);
    return slice_of(memory + GUARDED_MAX - data.length, data.length);
}

struct sonde_address unit_address(const char *text)
{
    struct sonde_address address = {0};

    assert_int_equal(sonde_address_parse(text, &address), 0);
    return address;
}
