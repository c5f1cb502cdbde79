/* SPDX-License-Identifier: MIT */
/* Text of the command line to numbers, durations and sizes. */
#include "cmd/front/values.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/macro.h"

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit durations[] = {
    {"", NS_PER_S},         {"ns", 1},
    {"us", NS_PER_US},      {"ms", NS_PER_MS},
    {"s", NS_PER_S},        {"m", 60 * NS_PER_S},
    {"h", 3600 * NS_PER_S}, {"d", 86400 * NS_PER_S},
};

static const struct unit sizes[] = {
    {"", 1},
    {"K", INT64_C(1) << 10},
    {"M", INT64_C(1) << 20},
    {"G", INT64_C(1) << 30},
    {"k", INT64_C(1) << 10},
};

static const struct unit *find(const struct unit *units, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(units[i].name, name))
            return &units[i];
    return NULL;
}

/* The digits of a whole number; the end goes to `end`. strtoll would also take blanks and a plus sign. */
static int digits(const char *text, const char **end, int64_t *value)
{
    int64_t sum = 0;

    if (!isdigit((unsigned char)*text))
        return -EINVAL;
    for (; isdigit((unsigned char)*text); text++)
        if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_add_overflow(sum, *text - '0', &sum))
            return -ERANGE;
    *end = text;
    *value = sum;
    return 0;
}

int value_number(const char *text, int64_t *value)
{
    bool negative = *text == '-';
    int64_t magnitude;
    int result = digits(text + negative, &text, &magnitude);

    if (result < 0)
        return result;
    if (*text)
        return -EINVAL;
    *value = negative ? -magnitude : magnitude;
    return 0;
}

/* What ".25" adds to a number whose unit is worth `factor`; digits that count for nothing are skipped. */
static int64_t fraction(const char **text, int64_t factor)
{
    int64_t sum = 0;

    for ((*text)++; isdigit((unsigned char)**text); (*text)++) {
        factor /= 10;
        sum += factor * (**text - '0');
    }
    return sum;
}

/* A number that may have decimals and a unit; how many decimals count depends on the unit that follows them.
 */
static int scaled(const struct unit *units, size_t count, const char *text, int64_t *value)
{
    const char *end, *point;
    const struct unit *unit;
    int64_t whole;
    int result = digits(text, &end, &whole);

    if (result < 0)
        return result;
    point = end;
    if (*point == '.') {
        if (!isdigit((unsigned char)end[1]))
            return -EINVAL;
        end += 1 + strspn(end + 1, "0123456789");
    }
    unit = find(units, count, end);
    if (!unit)
        return -EINVAL;
    if (__builtin_mul_overflow(whole, unit->factor, &whole))
        return -ERANGE;
    if (*point == '.' && __builtin_add_overflow(whole, fraction(&point, unit->factor), &whole))
        return -ERANGE;
    *value = whole;
    return 0;
}

int value_duration(const char *text, int64_t *value_ns)
{
    return scaled(durations, COUNT_OF(durations), text, value_ns);
}

int value_size(const char *text, int64_t *value_octets)
{
    return strchr(text, '.') ? -EINVAL : scaled(sizes, COUNT_OF(sizes), text, value_octets);
}

int value_choice(const char *choices, const char *text, int *index)
{
    size_t length = strlen(text);

    for (int i = 0; choices; i++) {
        if (length == strcspn(choices, "|") && !strncmp(choices, text, length)) {
            *index = i;
            return 0;
        }
        choices = strchr(choices, '|');
        choices += choices != NULL;
    }
    return -EINVAL;
}
