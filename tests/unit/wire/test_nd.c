/* SPDX-License-Identifier: MIT */
/* Neighbor Discovery: every message and option, what is too much to keep, and faults of all kinds. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wire/nd.h"

#define PREFIX  "20010db8000000010000000000000000"
#define TARGET  "fe800000000000000000000000000001"
#define SERVER1 "20010db8000000000000000000000053"
#define SERVER2 "20010db8000000000000000000000054"
#define ADVERT  "8600abcd 40 c8 0708 00007530 000003e8"

static int parse(const char *digits, struct nd_message *nd)
{
    static uint8_t buffer[2048];

    return nd_parse(unit_guarded(unit_hex(digits, buffer, sizeof(buffer))), nd);
}

static void assert_octets(const uint8_t *octets, const char *digits)
{
    uint8_t buffer[64];
    struct slice want = unit_hex(digits, buffer, sizeof(buffer));

    assert_memory_equal(octets, want.data, want.length);
}

static void test_router_advertisement(void **state)
{
    struct nd_message nd;

    assert_int_equal(parse(ADVERT "0101 0200000000b2 05010000000005dc"
                                  "030440c0 00278d00 00093a80 00000000" PREFIX,
                           &nd),
                     0);
    assert_int_equal(nd.type, ND_ROUTER_ADVERTISEMENT);
    assert_int_equal(nd.hop_limit, 64);
    assert_int_equal(nd.flags, ND_MANAGED | ND_OTHER_CONFIGURATION | 0x08);
    assert_int_equal(nd.flags & ND_PREFERENCE, 0x08);
    assert_int_equal(nd.lifetime_s, 1800);
    assert_int_equal(nd.reachable_ms, 30000);
    assert_int_equal(nd.retransmit_ms, 1000);
    assert_true(nd.has_source_link);
    assert_false(nd.has_target_link);
    assert_octets(nd.source_link, "0200000000b2");
    assert_int_equal(nd.mtu, 1500);
    assert_int_equal(nd.prefix_count, 1);
    assert_int_equal(nd.prefixes[0].length, 64);
    assert_int_equal(nd.prefixes[0].flags, ND_ON_LINK | ND_AUTONOMOUS);
    assert_int_equal(nd.prefixes[0].valid_s, 2592000);
    assert_int_equal(nd.prefixes[0].preferred_s, 604800);
    assert_octets(nd.prefixes[0].prefix, PREFIX);
    assert_int_equal(nd.option_count, 3);
    assert_int_equal(nd.dropped, 0);
}

static void test_names_and_servers(void **state)
{
    struct nd_message nd;

    assert_int_equal(parse(ADVERT "19050000 00000258" SERVER1 SERVER2
                                  "1f040000 0000012c 036c616204 74657374 00 04 6578 0a6d 00 0000000000000000"
                                  "2602 0258 0064ff9b0000000000000000",
                           &nd),
                     0);
    assert_int_equal(nd.server_count, 2);
    assert_int_equal(nd.servers[1].lifetime_s, 600);
    assert_octets(nd.servers[0].address, SERVER1);
    assert_octets(nd.servers[1].address, SERVER2);
    assert_int_equal(nd.domain_count, 2);
    assert_string_equal(nd.domains[0].name, "lab.test");
    assert_string_equal(nd.domains[1].name, "ex?m");
    assert_int_equal(nd.domains[0].lifetime_s, 300);
    assert_int_equal(nd.nat64_count, 1);
    assert_int_equal(nd.nat64[0].length, 96);
    assert_int_equal(nd.nat64[0].lifetime_s, 600);
    assert_octets(nd.nat64[0].prefix, "0064ff9b000000000000000000000000");
    assert_int_equal(nd.option_count, 3);
}

static void test_nat64_lengths(void **state)
{
    static const struct {
        const char *scaled;
        uint8_t length;
    } rows[] = {{"0258", 96}, {"0259", 64}, {"025a", 56}, {"025b", 48},
                {"025c", 40}, {"025d", 32}, {"025e", 0}};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char message[128];
        struct nd_message nd;

        snprintf(message, sizeof(message), ADVERT "2602 %s 0064ff9b0000000000000000", rows[i].scaled);
        assert_int_equal(parse(message, &nd), 0);
        assert_int_equal(nd.nat64[0].length, rows[i].length);
        assert_int_equal(nd.nat64[0].lifetime_s, 600);
    }
}

static void test_routes(void **state)
{
    struct nd_message nd;

    assert_int_equal(
        parse(ADVERT "18010008 00000e10 18022018 00000e10 20010db800000000 18038008 00000e10" SERVER1, &nd),
        0);
    assert_int_equal(nd.route_count, 3);
    assert_int_equal(nd.routes[0].length, 0);
    assert_int_equal(nd.routes[0].flags, 0x08);
    assert_int_equal(nd.routes[0].valid_s, 3600);
    assert_int_equal(nd.routes[1].length, 32);
    assert_int_equal(nd.routes[1].flags, 0x18);
    assert_octets(nd.routes[1].prefix, "20010db8000000000000000000000000");
    assert_int_equal(nd.routes[2].length, 128);
    assert_octets(nd.routes[2].prefix, SERVER1);
}

static void test_neighbors(void **state)
{
    struct nd_message nd;

    assert_int_equal(parse("8500abcd 00000000 0101 0200000000b2", &nd), 0);
    assert_int_equal(nd.type, ND_ROUTER_SOLICITATION);
    assert_true(nd.has_source_link);
    assert_int_equal(parse("8700abcd ff000000" TARGET "0e01 010203040506", &nd), 0);
    assert_int_equal(nd.flags, 0);
    assert_octets(nd.target, TARGET);
    assert_true(nd.has_nonce);
    assert_int_equal(parse("8800abcd e0000000" TARGET "0201 0200000000c3", &nd), 0);
    assert_int_equal(nd.flags, ND_ROUTER | ND_SOLICITED | ND_OVERRIDE);
    assert_true(nd.has_target_link);
    assert_octets(nd.target_link, "0200000000c3");
}

static void test_redirect(void **state)
{
    struct nd_message nd;

    assert_int_equal(parse("8900abcd 00000000" TARGET SERVER1 "0402 000000000000 6000000000000000", &nd), 0);
    assert_octets(nd.target, TARGET);
    assert_octets(nd.destination, SERVER1);
    assert_int_equal(nd.redirected.length, 8);
    assert_octets(nd.redirected.data, "6000000000000000");
}

#define ROUTE      "18010008 00000e10"
#define FOUR(one)  one one one one
#define EIGHT(one) FOUR(one) FOUR(one)

/* More than there is room for is counted, not kept. */
static void test_too_many(void **state)
{
    struct nd_message nd;

    assert_int_equal(parse(ADVERT EIGHT(ROUTE) "19110000 00000258" EIGHT(SERVER1) "0501000000000500", &nd),
                     0);
    assert_int_equal(nd.route_count, ND_ROUTES_MAX);
    assert_int_equal(nd.server_count, ND_SERVERS_MAX);
    assert_int_equal(nd.dropped, 8 - ND_ROUTES_MAX + 8 - ND_SERVERS_MAX);
    assert_int_equal(nd.option_count, 10);
    assert_int_equal(nd.mtu, 1280);
}

/* A long name is cut off; one that ends inside of a label, or points elsewhere, is none. */
static void test_strange_names(void **state)
{
    struct nd_message nd;

    assert_int_equal(parse(ADVERT "1f0a0000 0000012c 20" FOUR("6162636465666768") "20" FOUR(
                               "6162636465666768") "00 0000000000",
                           &nd),
                     0);
    assert_int_equal(nd.domain_count, 1);
    assert_int_equal(strlen(nd.domains[0].name), sizeof(nd.domains[0].name) - 1);
    assert_int_equal(parse(ADVERT "1f020000 0000012c 0961616161616161", &nd), 0);
    assert_int_equal(nd.domain_count, 0);
    assert_int_equal(parse(ADVERT "1f020000 0000012c c000000000000000", &nd), 0);
    assert_int_equal(nd.domain_count, 0);
}

static void test_faults(void **state)
{
    static const struct {
        const char *message;
        int result;
        uint16_t options; /* read before the fault */
    } rows[] = {
        {"", -EBADMSG, 0},
        {"80", -ENOTSUP, 0},
        {"8600abcd 40c80708 00007530 000003", -EBADMSG, 0},
        {"8700abcd 00000000 fe80", -EBADMSG, 0},
        {"8900abcd 00000000" TARGET "20010db8", -EBADMSG, 0},
        {ADVERT "05010000000005dc 0100", -EBADMSG, 1},
        {ADVERT "0100000000000000", -EBADMSG, 0},
        {ADVERT "05010000000005dc 01", -EBADMSG, 1},
        {ADVERT "0102000000000000", -EBADMSG, 0},
        {ADVERT "030140c000278d00", -EBADMSG, 0},
        {ADVERT "1901000000000258", -EBADMSG, 0},
        {ADVERT "fe01000000000000", 0, 1},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct nd_message nd;

        print_message("# row %zu\n", i);
        assert_int_equal(parse(rows[i].message, &nd), rows[i].result);
        assert_int_equal(nd.option_count, rows[i].options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_router_advertisement),
        cmocka_unit_test(test_names_and_servers),
        cmocka_unit_test(test_nat64_lengths),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_neighbors),
        cmocka_unit_test(test_redirect),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_strange_names),
        cmocka_unit_test(test_faults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
