/* SPDX-License-Identifier: MIT */
/* The advice and tiers of the catalog against a copy of the table they were made from: a slip is seen. Where
 * the catalog was made to differ, a comment says why. */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/macro.h"
#include "catalog/icmp.h"

/* A line of the table: for its types and codes, the advice at the six places, the tier, the hop limit. */
struct line {
    uint8_t family;
    int type, type_last, code, code_last;
    const char *advice; /* Accept, Rate, State, Link, Policy, Drop; in the order of struct icmp_filtering */
    uint8_t tier, hop_limit;
};

static const struct line lines[] = {
    {4, 0, 0, 0, 0, "SRSASA", 2, 0},
    {4, 1, 2, 0, 255, "DDDDDD", 5, 0},
    {4, 3, 3, 0, 0, "SRSASA", 2, 0},
    {4, 3, 3, 1, 1, "SRSASA", 2, 0},
    {4, 3, 3, 2, 2, "SRSASP", 2, 0},
    {4, 3, 3, 3, 3, "SRSASP", 2, 0},
    {4, 3, 3, 4, 4, "SASASA", 1, 0},
    {4, 3, 3, 5, 5, "SDSPDD", 4, 0},
    {4, 3, 3, 6, 6, "SDSASP", 3, 0},
    {4, 3, 3, 7, 7, "SDSASP", 3, 0},
    {4, 3, 3, 8, 8, "DDDPDD", 4, 0},
    {4, 3, 3, 9, 9, "SDSASP", 3, 0},
    {4, 3, 3, 10, 10, "SRSASP", 3, 0},
    {4, 3, 3, 11, 11, "SDSPSD", 4, 0},
    {4, 3, 3, 12, 12, "SDSPSD", 4, 0},
    {4, 3, 3, 13, 13, "SRSASR", 2, 0},
    {4, 3, 3, 14, 14, "DDDPDD", 4, 0},
    {4, 3, 3, 15, 15, "DDDPDD", 4, 0},
    {4, 3, 3, 16, 255, "DDDDDD", 5, 0},
    {4, 4, 4, 0, 255, "DDDDDD", 5, 0},
    {4, 5, 5, 0, 3, "DDDDDD", 5, 0},
    {4, 5, 5, 4, 255, "DDDDDD", 5, 0},
    {4, 6, 6, 0, 255, "DDDDDD", 5, 0},
    {4, 7, 7, 0, 255, "DDDDDD", 5, 0},
    {4, 8, 8, 0, 0, "RARARA", 2, 0},
    {4, 8, 8, 1, 255, "DDDPDD", 5, 0},
    {4, 9, 9, 0, 0, "DDDDDD", 5, 0},
    {4, 9, 9, 16, 16, "DDDDDD", 5, 0},
    {4, 10, 10, 0, 0, "DDDDDD", 5, 0},
    {4, 11, 11, 0, 0, "SRSASR", 2, 0},
    {4, 11, 11, 1, 1, "SRSASA", 2, 0},
    {4, 12, 12, 0, 0, "SRSASP", 3, 0},
    {4, 12, 12, 1, 1, "SDSPDD", 4, 0},
    {4, 12, 12, 2, 2, "SRSASP", 3, 0},
    {4, 13, 13, 0, 0, "DPDPDD", 5, 0},
    {4, 14, 14, 0, 0, "SDSPSD", 5, 0},
    {4, 15, 16, 0, 255, "DDDDDD", 5, 0},
    {4, 17, 18, 0, 255, "DDDDDD", 5, 0},
    {4, 19, 19, 0, 255, "DDDDDD", 5, 0},
    {4, 20, 29, 0, 255, "DDDDDD", 5, 0},
    {4, 30, 30, 0, 255, "DDDDDD", 5, 0},
    {4, 31, 31, 0, 255, "DDDDDD", 5, 0},
    {4, 32, 32, 0, 255, "DDDDDD", 5, 0},
    {4, 33, 34, 0, 255, "DDDDDD", 5, 0},
    {4, 35, 36, 0, 255, "DDDDDD", 5, 0},
    {4, 37, 38, 0, 255, "DDDDDD", 5, 0},
    {4, 39, 39, 0, 255, "DDDDDD", 5, 0},
    {4, 40, 40, 0, 5, "DDDPDD", 5, 0},
    {4, 41, 41, 0, 255, "DDDPDD", 5, 0},
    {4, 42, 42, 0, 0, "DPPPDD", 4, 0},
    {4, 43, 43, 0, 4, "SDPPDD", 4, 0},
    {4, 44, 252, 0, 255, "DDDDDD", 5, 0},
    {4, 253, 254, 0, 255, "DDDPDD", 5, 0},
    {4, 255, 255, 0, 255, "DDDDDD", 5, 0},
    {6, 0, 0, 0, 255, "DDDDDD", 5, 0},
    {6, 1, 1, 0, 0, "SRSASA", 1, 0},
    {6, 1, 1, 1, 1, "SRSASR", 1, 0},
    {6, 1, 1, 2, 2, "SRSASA", 1, 0},
    {6, 1, 1, 3, 3, "SRSASA", 1, 0},
    {6, 1, 1, 4, 4, "SRSASR", 1, 0},
    {6, 1, 1, 5, 5, "SRSASA", 1, 0},
    {6, 1, 1, 6, 6, "SRSASA", 1, 0},
    {6, 1, 1, 7, 7, "SDSASP", 2, 0},
    {6, 1, 1, 8, 8, "SRSASA", 2, 0},
    {6, 1, 1, 9, 9, "SDSASP", 4, 0}, /* assigned by RFC 9914 after the table was made */
    {6, 1, 1, 10, 255, "SDSAPD", 4, 0},
    {6, 2, 2, 0, 255, "SASASA", 1, 0},
    {6, 3, 3, 0, 0, "SRSASR", 1, 0} /* as IPv4 11/0 */,
    {6, 3, 3, 1, 1, "SRSASA", 2, 0},
    {6, 4, 4, 0, 0, "SRSASA", 2, 0},
    {6, 4, 4, 1, 1, "SRSASA", 1, 0},
    {6, 4, 4, 2, 2, "SRSASA", 1, 0},
    {6, 4, 4, 3, 3, "SRSASA", 2, 0},
    {6, 4, 4, 4, 4, "SRSPDD", 3, 0},
    {6, 4, 4, 5, 10, "SRSASA", 2, 0},
    {6, 4, 4, 11, 255, "SDSAPD", 4, 0},
    {6, 5, 99, 0, 255, "PDPPDD", 4, 0},
    {6, 100, 101, 0, 255, "DDDDDD", 5, 0},
    {6, 102, 126, 0, 255, "PDPPDD", 4, 0},
    {6, 127, 127, 0, 255, "DDDDDD", 5, 0},
    {6, 128, 128, 0, 0, "RARARA", 1, 0},
    {6, 129, 129, 0, 0, "SRSASA", 1, 0},
    {6, 130, 130, 0, 0, "LDLDDD", 1, 1},
    {6, 131, 131, 0, 0, "LLLDDD", 1, 1},
    {6, 132, 132, 0, 0, "LLLDDD", 1, 1},
    {6, 133, 133, 0, 0, "DLLDDD", 1, 255},
    {6, 134, 134, 0, 0, "LDLDDD", 1, 255},
    {6, 135, 135, 0, 0, "LLLDDD", 1, 255},
    {6, 136, 136, 0, 0, "LLLDDD", 1, 255},
    {6, 137, 137, 0, 0, "PDDDDD", 4, 255} /* RFC 4861 8.1 */,
    {6, 138, 138, 0, 0, "DDDDDD", 5, 0},
    {6, 138, 138, 1, 1, "DDDDDD", 5, 0},
    {6, 138, 138, 255, 255, "DDDDDD", 5, 0},
    {6, 139, 140, 0, 255, "DDDDDD", 5, 0},
    {6, 141, 142, 0, 0, "LLLDDD", 3, 255},
    {6, 143, 143, 0, 255, "LLLDDD", 1, 1},
    {6, 144, 147, 0, 0, "DDPPPP", 3, 0},
    {6, 148, 149, 0, 0, "LLLDDD", 3, 255},
    {6, 150, 150, 0, 255, "DDDPDD", 4, 0},
    {6, 151, 153, 0, 255, "LLLDDD", 3, 1},
    {6, 154, 154, 0, 255, "DDDPDD", 4, 0},
    {6, 155, 155, 0, 10, "DDPDDD", 4, 0},
    {6, 155, 155, 128, 133, "DDPDDD", 4, 0},
    {6, 155, 155, 135, 136, "DDPDDD", 4, 0},
    {6, 155, 155, 138, 138, "DDPDDD", 4, 0},
    {6, 156, 156, 0, 0, "DDDPDD", 5, 0},
    {6, 157, 158, 0, 4, "DDPDDD", 4, 0},
    {6, 159, 159, 0, 0, "LLLDDD", 4, 0} /* its scope is the link: RFC 7731 */,
    {6, 160, 160, 0, 0, "DPPPDD", 4, 0},
    {6, 161, 161, 0, 4, "SDPPDD", 4, 0},
    {6, 162, 199, 0, 255, "DDDPDD", 5, 0},
    {6, 200, 201, 0, 255, "DDDDDD", 5, 0},
    {6, 202, 254, 0, 255, "DDDPDD", 5, 0},
    {6, 255, 255, 0, 255, "DDDDDD", 5, 0},
};

static char letter(enum icmp_advice advice)
{
    static const char letters[] = {
        [ADVISE_ACCEPT] = 'A', [ADVISE_LIMIT] = 'R', [ADVISE_STATE] = 'S',
        [ADVISE_LINK] = 'L',   [ADVISE_DROP] = 'D',  [ADVISE_POLICY] = 'P',
    };

    return letters[advice];
}

/* The line of a pair; codes that no line names are dropped everywhere, tier 5. */
static const struct line *line_of(uint8_t family, int type, int code)
{
    static const struct line unnamed = {.advice = "DDDDDD", .tier = 5};

    for (size_t i = 0; i < COUNT_OF(lines); i++)
        if (lines[i].family == family && lines[i].type <= type && type <= lines[i].type_last &&
            lines[i].code <= code && code <= lines[i].code_last)
            return &lines[i];
    return &unnamed;
}

static void check_pair(uint8_t family, int type, int code)
{
    const struct sonde_icmp_entry *row = sonde_icmp_find(family, (uint8_t)type, (uint8_t)code);
    const struct icmp_filtering *filter = &row->filter;
    const struct line *line = line_of(family, type, code);
    const char advice[] = {letter(filter->host_in),
                           letter(filter->host_out),
                           letter(filter->router_self),
                           letter(filter->transit),
                           letter(filter->edge_in),
                           letter(filter->edge_out),
                           '\0'};

    if (strcmp(advice, line->advice) != 0 || row->tier != line->tier || row->hop_limit != line->hop_limit)
        fail_msg("ICMPv%d %d/%d (%s) advises %s, tier %d, hop limit %d; the table says %s, %d, %d", family,
                 type, code, row->name, advice, row->tier, row->hop_limit, line->advice, line->tier,
                 line->hop_limit);
}

static void test_every_pair(void **state)
{
    for (int type = 0; type < 256; type++)
        for (int code = 0; code < 256; code++) {
            check_pair(4, type, code);
            check_pair(6, type, code);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_pair)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
