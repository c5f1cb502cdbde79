/* SPDX-License-Identifier: MIT */
/* Recognising ICMP errors by what they quote: every length, every kind, and every forgery that must change
 * nothing. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "probe/packet.h"
#include "tests/unit/exchange.h"

enum { NONE = -ENOENT };

static const uint8_t families[] = {4, 6};

/* An error of each meaning, per family: unreachable port, time exceeded, parameter problem. */
static const uint8_t error_types[][3] = {{3, 11, 12}, {1, 3, 4}};

static const enum probe_kind packet_kinds[] = {
    PROBE_ECHO, PROBE_TCP_SYN, PROBE_TCP_ACK, PROBE_TCP_SHORT, PROBE_UDP, PROBE_UDP_LYING, PROBE_PROTOCOL,
};

/* Errors: each probe kind, each type, each length of quote. */
static void check_error(struct exchange *exchange, uint16_t id, uint8_t type)
{
    size_t transport = exchange->family == 4 ? 20 : 40;

    for (size_t quoted = 0; quoted <= exchange->sent_length; quoted++) {
        struct slice packet =
            exchange_error(exchange, &exchange->router, type, 0, exchange_quote(exchange, quoted));

        if (quoted < transport + 8)
            assert_int_equal(exchange_outcome(exchange, packet), NONE);
        else
            exchange_check(exchange, packet, id, REPLY_ICMP, &exchange->router);
    }
}

static void test_errors(void **state)
{
    for (size_t f = 0; f < COUNT_OF(families); f++)
        for (size_t k = 0; k < COUNT_OF(packet_kinds); k++)
            for (size_t t = 0; t < 3; t++) {
                struct exchange exchange;

                exchange_init(&exchange, families[f]);
                exchange_send_kind(&exchange, 11, packet_kinds[k]);
                check_error(&exchange, 11, error_types[f][t]);
            }
}

static void test_error_cuts_and_flips(void **state)
{
    for (size_t f = 0; f < COUNT_OF(families); f++) {
        struct exchange exchange;

        exchange_init(&exchange, families[f]);
        exchange_send_kind(&exchange, 11, PROBE_TCP_SYN);
        exchange_check_damage(&exchange, exchange_error(&exchange, &exchange.router, error_types[f][0], 3,
                                                        exchange_quote(&exchange, 100)));
    }
}

static void test_error_fields(void **state)
{
    struct exchange exchange;
    struct reply reply;

    exchange_init(&exchange, 4);
    exchange_send_kind(&exchange, 11, PROBE_UDP);
    assert_int_equal(
        exchange_match(&exchange,
                       exchange_error(&exchange, &exchange.router, 3, 13, exchange_quote(&exchange, 28)),
                       &reply),
        0);
    assert_int_equal(reply.type, 3);
    assert_int_equal(reply.code, 13);
    assert_int_equal(reply.mtu, 0);
    assert_int_equal(
        exchange_match(&exchange,
                       exchange_error(&exchange, &exchange.router, 3, 4, exchange_quote(&exchange, 28)),
                       &reply),
        0);
    assert_int_equal(reply.mtu, 1400);
    exchange_init(&exchange, 6);
    exchange_send_kind(&exchange, 11, PROBE_UDP);
    assert_int_equal(
        exchange_match(&exchange,
                       exchange_error(&exchange, &exchange.router, 2, 0, exchange_quote(&exchange, 99)),
                       &reply),
        0);
    assert_int_equal(reply.type, 2);
    assert_int_equal(reply.mtu, 1400);
}

/* Types that tell nothing of a probe's fate, though they quote it. */
static void test_other_types(void **state)
{
    static const uint8_t types[][3] = {{4, 5, 13}, {5, 100, 127}};

    for (size_t f = 0; f < COUNT_OF(families); f++)
        for (size_t t = 0; t < 3; t++) {
            struct exchange exchange;

            exchange_init(&exchange, families[f]);
            exchange_send_kind(&exchange, 11, PROBE_UDP);
            assert_int_equal(
                exchange_outcome(&exchange, exchange_error(&exchange, &exchange.router, types[f][t], 0,
                                                           exchange_quote(&exchange, 100))),
                NONE);
        }
}

/* What routers and translators change, and so may differ; the end of a range is exclusive. */
static const struct {
    uint8_t family; /* 0: both */
    enum probe_kind
        kind; /* PROBE_ROUTE: all, and the range counts from the IP header on, else from the transport's */
    uint8_t from, to;
} changeable[] = {
    {4, PROBE_ROUTE, 1, 4},   /* TOS, length */
    {4, PROBE_ROUTE, 6, 7},   /* fragment flags */
    {4, PROBE_ROUTE, 8, 9},   /* TTL */
    {4, PROBE_ROUTE, 10, 12}, /* checksum */
    {6, PROBE_ROUTE, 1, 6},   /* class, flow label, length */
    {6, PROBE_ROUTE, 7, 8},   /* hop limit */
    {0, PROBE_UDP, 6, 8},       {0, PROBE_ECHO, 2, 4},
    {0, PROBE_TCP_SYN, 16, 18}, {0, PROBE_TCP_SYN, 22, 24}, /* the MSS, clamped */
};

static bool may_differ(uint8_t family, enum probe_kind kind, size_t at)
{
    for (size_t i = 0; i < COUNT_OF(changeable); i++) {
        size_t from = changeable[i].from, to = changeable[i].to;
        size_t base = changeable[i].kind == PROBE_ROUTE ? 0 : family == 4 ? 20 : 40;

        if (changeable[i].family && changeable[i].family != family)
            continue;
        if (changeable[i].kind != PROBE_ROUTE && changeable[i].kind != kind)
            continue;
        if (at >= base + from && at < base + to)
            return true;
    }
    return false;
}

static void check_forged_quote(uint8_t family, enum probe_kind kind)
{
    struct exchange exchange;
    uint8_t quote[256];
    struct slice original;

    exchange_init(&exchange, family);
    exchange_send_kind(&exchange, 11, kind);
    original = exchange_quote(&exchange, 256);
    for (size_t at = 0; at < original.length; at++) {
        int result;

        memcpy(quote, original.data, original.length);
        quote[at] ^= 0x40; /* in octet 6 of IPv4: DF */
        result = exchange_outcome(&exchange,
                                  exchange_error(&exchange, &exchange.router, error_types[family == 6][0], 0,
                                                 slice_of(quote, original.length)));
        if (!may_differ(family, kind, at))
            assert_int_equal(result, NONE);
        else if (at < 2 || at > 5) /* a changed length may make the quote unreadable, or leave it */
            assert_int_equal(result, 0);
    }
}

static void test_forged_quotes(void **state)
{
    for (size_t f = 0; f < COUNT_OF(families); f++) {
        check_forged_quote(families[f], PROBE_TCP_SYN);
        check_forged_quote(families[f], PROBE_UDP);
        check_forged_quote(families[f], PROBE_ECHO);
    }
}

static void test_quote_of_a_later_fragment(void **state)
{
    struct exchange exchange;
    uint8_t quote[64];
    struct slice original;

    exchange_init(&exchange, 4);
    exchange_send_kind(&exchange, 11, PROBE_UDP);
    original = exchange_quote(&exchange, 64);
    memcpy(quote, original.data, original.length);
    quote[7] = 1;
    assert_int_equal(exchange_outcome(&exchange, exchange_error(&exchange, &exchange.router, 11, 1,
                                                                slice_of(quote, original.length))),
                     NONE);
}

/* More octets than were ever sent, as a forger who guesses would add. */
static void test_quote_longer_than_sent(void **state)
{
    for (size_t f = 0; f < COUNT_OF(families); f++) {
        struct exchange exchange;
        uint8_t quote[256] = {0};
        struct slice original;
        size_t length_at = families[f] == 4 ? 3 : 5;

        exchange_init(&exchange, families[f]);
        exchange_send_kind(&exchange, 11, PROBE_UDP);
        original = exchange_quote(&exchange, 256);
        memcpy(quote, original.data, original.length);
        /* padding behind what the quoted header claims is fine */
        assert_int_equal(
            exchange_outcome(&exchange, exchange_error(&exchange, &exchange.router, error_types[f][0], 0,
                                                       slice_of(quote, original.length + 1))),
            0);
        quote[length_at]++;
        assert_int_equal(
            exchange_outcome(&exchange, exchange_error(&exchange, &exchange.router, error_types[f][0], 0,
                                                       slice_of(quote, original.length + 1))),
            NONE);
    }
}

static void test_long_quote(void **state)
{
    for (size_t f = 0; f < COUNT_OF(families); f++) {
        struct exchange exchange;
        struct probe probe;

        exchange_init(&exchange, families[f]);
        probe = exchange_probe(&exchange, 11, PROBE_ECHO);
        probe.size = 1400;
        exchange_send(&exchange, &probe);
        exchange_check(
            &exchange,
            exchange_error(&exchange, &exchange.router, error_types[f][1], 0, exchange_quote(&exchange, 548)),
            11, REPLY_ICMP, &exchange.router);
    }
}

static void test_first_fragment(void **state)
{
    for (size_t f = 0; f < COUNT_OF(families); f++)
        for (size_t k = 0; k < COUNT_OF(packet_kinds); k++) {
            struct exchange exchange;
            struct probe probe;

            exchange_init(&exchange, families[f]);
            probe = exchange_probe(&exchange, 11, packet_kinds[k]);
            probe.first_fragment = true;
            exchange_send(&exchange, &probe);
            exchange_check(&exchange,
                           exchange_error(&exchange, &exchange.target, error_types[f][1], 1,
                                          exchange_quote(&exchange, 1000)),
                           11, REPLY_ICMP, &exchange.target);
        }
}

/* An IPv4 error that quotes only 28 octets of a rung: ports and length are all alike, the identification
 * decides. */
static void test_udp_ladder(void **state)
{
    struct exchange exchange;
    uint8_t quotes[PROBES_MAX][28];

    exchange_init(&exchange, 4);
    for (uint16_t id = 0; id < PROBES_MAX; id++) {
        exchange_send_kind(&exchange, id, PROBE_UDP);
        memcpy(quotes[id], exchange_quote(&exchange, 28).data, 28);
    }
    for (uint16_t id = 0; id < PROBES_MAX; id++)
        exchange_check(&exchange,
                       exchange_error(&exchange, &exchange.router, 11, 0, slice_of(quotes[id], 28)), id,
                       REPLY_ICMP, &exchange.router);
}

/* IPv6 has no identification; the cookie in the payload decides. */
static void test_udp_ladder6(void **state)
{
    struct exchange exchange;
    uint8_t quotes[PROBES_MAX][56];

    exchange_init(&exchange, 6);
    for (uint16_t id = 0; id < PROBES_MAX; id++) {
        exchange_send_kind(&exchange, id, PROBE_UDP);
        memcpy(quotes[id], exchange_quote(&exchange, 56).data, 56);
    }
    for (uint16_t id = 0; id < PROBES_MAX; id++)
        exchange_check(&exchange, exchange_error(&exchange, &exchange.router, 3, 0, slice_of(quotes[id], 56)),
                       id, REPLY_ICMP, &exchange.router);
}

static void test_extension_comes_along(void **state)
{
    struct exchange exchange;
    struct reply reply;
    uint8_t quote[128 + 12] = {0};
    static const uint8_t label[12] = {0x20, 0, 0xc5, 0x5f, 0, 8, 1, 1, 0x18, 0x96, 1, 1};
    struct slice original;

    exchange_init(&exchange, 4);
    exchange_send_kind(&exchange, 11, PROBE_UDP);
    original = exchange_quote(&exchange, 128);
    memcpy(quote, original.data, original.length);
    memcpy(quote + 128, label, sizeof(label));
    assert_int_equal(
        exchange_match(&exchange,
                       exchange_error(&exchange, &exchange.router, 11, 0, slice_of(quote, sizeof(quote))),
                       &reply),
        0);
    assert_int_equal(reply.extension.label_count, 1);
    assert_int_equal(reply.extension.labels[0].label, 100704);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_error_cuts_and_flips),
        cmocka_unit_test(test_error_fields),
        cmocka_unit_test(test_other_types),
        cmocka_unit_test(test_forged_quotes),
        cmocka_unit_test(test_quote_of_a_later_fragment),
        cmocka_unit_test(test_quote_longer_than_sent),
        cmocka_unit_test(test_long_quote),
        cmocka_unit_test(test_first_fragment),
        cmocka_unit_test(test_udp_ladder),
        cmocka_unit_test(test_udp_ladder6),
        cmocka_unit_test(test_extension_comes_along),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
