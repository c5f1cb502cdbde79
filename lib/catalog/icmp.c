/* SPDX-License-Identifier: MIT */
/* Look-ups in the ICMP tables: by type and code, by name, by position. */
#include "catalog/icmp.h"

#include <ctype.h>

#include "catalog/tables.h"

struct family_parts {
    const struct icmp_part *const *parts;
    size_t count;
};

static const struct icmp_part *const parts4[] = {&icmp4_living, &icmp4_rare};
static const struct icmp_part *const parts6[] = {&icmp6_errors, &icmp6_living, &icmp6_rare};

static struct family_parts parts_of(uint8_t family)
{
    if (family == 6)
        return (struct family_parts){parts6, COUNT_OF(parts6)};
    return (struct family_parts){parts4, COUNT_OF(parts4)};
}

/* The part whose last row reaches the type; the parts together cover every type. */
static const struct icmp_part *part_of_type(uint8_t family, uint8_t type)
{
    struct family_parts family_parts = parts_of(family);
    size_t i = 0;

    while (i + 1 < family_parts.count) {
        const struct icmp_part *part = family_parts.parts[i];

        if (part->rows[part->count - 1].type_last >= type)
            break;
        i++;
    }
    return family_parts.parts[i];
}

/* The first row whose range of types reaches the type. */
static size_t lower_bound(const struct icmp_part *part, uint8_t type)
{
    size_t low = 0, high = part->count - 1;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (part->rows[middle].type_last < type)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

SONDE_API const struct sonde_icmp_entry *sonde_icmp_find(uint8_t family, uint8_t type, uint8_t code)
{
    const struct icmp_part *part = part_of_type(family, type);
    const struct sonde_icmp_entry *general = NULL;

    for (size_t i = lower_bound(part, type); i < part->count && part->rows[i].type <= type; i++) {
        const struct sonde_icmp_entry *row = &part->rows[i];

        if (row->code == ICMP_ANY_CODE)
            general = row;
        else if (row->code <= code && code <= row->code_last)
            return row;
    }
    return general;
}

SONDE_API const struct sonde_icmp_entry *sonde_icmp_row(uint8_t family, size_t index)
{
    struct family_parts family_parts = parts_of(family);

    for (size_t i = 0; i < family_parts.count; i++) {
        if (index < family_parts.parts[i]->count)
            return &family_parts.parts[i]->rows[index];
        index -= family_parts.parts[i]->count;
    }
    return NULL;
}

static const char *skip_separators(const char *text)
{
    while (*text == ' ' || *text == '_' || *text == '-' || *text == '\t')
        text++;
    return text;
}

bool icmp_name_equal(const char *a, const char *b)
{
    for (;;) {
        a = skip_separators(a);
        b = skip_separators(b);
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (*a == '\0')
            return true;
        a++;
        b++;
    }
}

SONDE_API const struct sonde_icmp_entry *sonde_icmp_find_name(uint8_t family, const char *name)
{
    const struct sonde_icmp_entry *row = NULL;

    if (family == 0) {
        row = sonde_icmp_find_name(4, name);
        return row != NULL ? row : sonde_icmp_find_name(6, name);
    }
    for (size_t i = 0; (row = sonde_icmp_row(family, i)) != NULL; i++)
        if (icmp_name_equal(row->name, name))
            return row;
    return NULL;
}

const char *icmp_advice_name(enum icmp_advice advice)
{
    static const char *const names[] = {
        [ADVISE_ACCEPT] = "accept",  [ADVISE_LIMIT] = "limit", [ADVISE_STATE] = "answer-only",
        [ADVISE_LINK] = "link-only", [ADVISE_DROP] = "drop",   [ADVISE_POLICY] = "site-policy",
    };

    return names[advice];
}

const char *icmp_status_name(enum icmp_status status)
{
    static const char *const names[] = {
        [ICMP_CURRENT] = "current",   [ICMP_DEPRECATED] = "deprecated", [ICMP_EXPERIMENTAL] = "experimental",
        [ICMP_RESERVED] = "reserved", [ICMP_UNASSIGNED] = "unassigned",
    };

    return names[status];
}
