/* SPDX-License-Identifier: MIT */
/* What is remembered of echo requests and of flows. */
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "detect/state/echo.h"
#include "detect/state/flow.h"
#include "tests/unit/unit.h"
#include "wire/octets.h"

enum { SETS = 16 };

static const struct hash_key key = {
    {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb, 0xd6e8feb86659fd93}};

/* A message with an identifier and sequence, and its first octet of data. */
static struct packet echo(uint8_t octets[16], uint16_t sequence, uint8_t data, int64_t time_ns)
{
    struct packet packet = {.family = 4, .octets = octets, .available = 16, .length = 16, .time_ns = time_ns};

    memset(octets, 0, 16);
    octets_put16(octets + 4, 7);
    octets_put16(octets + 6, sequence);
    octets[8] = data;
    return packet;
}

static struct echoes echoes_new(void *memory)
{
    struct echoes echoes;

    memset(memory, 0, echoes_size(SETS));
    echoes_init(&echoes, memory, SETS, &key);
    echoes.begin_ns = 1000 * NS_PER_S;
    return echoes;
}

static enum echo_match answer(struct echoes *echoes, uint16_t sequence, uint8_t data, int64_t time_ns)
{
    uint8_t octets[16];
    struct packet packet = echo(octets, sequence, data, time_ns);

    return echoes_answer(echoes, echoes_hash(echoes, 1, 2, &packet), &packet).match;
}

static void ask(struct echoes *echoes, uint16_t sequence, uint8_t data, int64_t time_ns)
{
    uint8_t octets[16];
    struct packet packet = echo(octets, sequence, data, time_ns);

    echoes_ask(echoes, echoes_hash(echoes, 1, 2, &packet), &packet, true);
}

static void answers(void **state)
{
    _Alignas(64) uint8_t memory[SETS * ECHO_WAYS * sizeof(struct echo_slot)];
    struct echoes echoes = echoes_new(memory);
    int64_t now = echoes.begin_ns + 10 * NS_PER_S;

    (void)state;
    ask(&echoes, 1, 'a', now);
    ask(&echoes, 2, 'b', now);
    assert_int_equal(answer(&echoes, 1, 'a', now + NS_PER_MS), ECHO_ANSWER);
    assert_int_equal(answer(&echoes, 1, 'a', now + NS_PER_MS), ECHO_DUPLICATE);
    assert_int_equal(answer(&echoes, 2, 'x', now + NS_PER_MS), ECHO_ALTERED);
    assert_int_equal(answer(&echoes, 3, 'a', now + NS_PER_MS), ECHO_ORPHAN);
    assert_int_equal(echoes.requests, 2);
    assert_int_equal(echoes.answers, 2);
}

static void too_early_to_tell(void **state)
{
    _Alignas(64) uint8_t memory[SETS * ECHO_WAYS * sizeof(struct echo_slot)];
    struct echoes echoes = echoes_new(memory);

    (void)state;
    assert_int_equal(answer(&echoes, 3, 'a', echoes.begin_ns + NS_PER_S), ECHO_UNKNOWN);
    assert_int_equal(answer(&echoes, 3, 'a', echoes.begin_ns + 6 * NS_PER_S), ECHO_ORPHAN);
}

/* When requests had to be forgotten, a reply without one proves nothing. */
static void forgotten(void **state)
{
    _Alignas(64) uint8_t memory[SETS * ECHO_WAYS * sizeof(struct echo_slot)];
    struct echoes echoes = echoes_new(memory);
    int64_t now = echoes.begin_ns + 10 * NS_PER_S;
    unsigned found = 0;

    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        ask(&echoes, (uint16_t)i, 'a', now + i * NS_PER_US);
    assert_true(echoes.evictions > 900);
    for (unsigned i = 0; i < 1000; i++) {
        enum echo_match match = answer(&echoes, (uint16_t)i, 'a', now + NS_PER_S);

        assert_true(match == ECHO_ANSWER || match == ECHO_UNKNOWN);
        found += match == ECHO_ANSWER;
    }
    assert_int_equal(found, SETS * ECHO_WAYS);
}

static void quoted(void **state)
{
    _Alignas(64) uint8_t memory[SETS * ECHO_WAYS * sizeof(struct echo_slot)];
    struct echoes echoes = echoes_new(memory);
    struct packet_quote quote = {.id = 7, .echo_sequence = 5};

    (void)state;
    assert_false(echoes_seen(&echoes, echoes_quote_hash(&echoes, 1, 2, &quote)));
    ask(&echoes, 5, 'a', echoes.begin_ns);
    assert_true(echoes_seen(&echoes, echoes_quote_hash(&echoes, 1, 2, &quote)));
    assert_false(echoes_seen(&echoes, echoes_quote_hash(&echoes, 2, 1, &quote)));
}

/* A first contact that ran out of hops is none; one that was answered stays one. */
static void expired(void **state)
{
    _Alignas(64) uint8_t memory[SETS * ECHO_WAYS * sizeof(struct echo_slot)];
    struct echoes echoes = echoes_new(memory);
    struct packet_quote quote = {.id = 7, .echo_sequence = 5};
    uint64_t hash = echoes_quote_hash(&echoes, 1, 2, &quote);

    (void)state;
    assert_false(echoes_expire(&echoes, hash));
    ask(&echoes, 5, 'a', echoes.begin_ns);
    assert_true(echoes_expire(&echoes, hash));
    assert_false(echoes_expire(&echoes, hash));
    assert_true(echoes_seen(&echoes, hash));
    ask(&echoes, 5, 'a', echoes.begin_ns);
    assert_int_equal(answer(&echoes, 5, 'a', echoes.begin_ns + NS_PER_MS), ECHO_ANSWER);
    assert_false(echoes_expire(&echoes, hash));
}

/* A TCP segment from 10.0.0.1 to 10.0.0.2. */
static struct packet segment(uint8_t octets[20], uint16_t source_port, uint32_t sequence, uint32_t payload)
{
    struct packet packet = {.class = PACKET_FLOW,
                            .family = 4,
                            .protocol = 6,
                            .octets = octets,
                            .available = 20,
                            .length = 20 + payload,
                            .time_ns = 10 * NS_PER_S,
                            .source = {10, 0, 0, 1},
                            .destination = {10, 0, 0, 2}};

    memset(octets, 0, 20);
    octets_put16(octets, source_port);
    octets_put16(octets + 2, 443);
    octets_put32(octets + 4, sequence);
    octets[12] = 5 << 4;
    return packet;
}

static struct packet_quote quote_of(uint16_t source_port, bool reversed)
{
    struct packet_quote quote = {.family = 4,
                                 .protocol = 6,
                                 .ports = true,
                                 .source_port = source_port,
                                 .destination_port = 443,
                                 .source = {10, 0, 0, 1},
                                 .destination = {10, 0, 0, 2}};

    if (reversed) {
        quote.source_port = 443;
        quote.destination_port = source_port;
        quote.source[3] = 2;
        quote.destination[3] = 1;
    }
    return quote;
}

static void flows_are_judged(void **state)
{
    void *memory = calloc(1, flows_size(SETS));
    struct flows flows;
    struct packet_quote quote = quote_of(1000, false);
    const struct flow *flow;
    uint8_t octets[20];
    struct packet packet = segment(octets, 1000, 5000, 100);

    (void)state;
    assert_non_null(memory);
    flows_init(&flows, memory, SETS, &key);
    assert_int_equal(flows_judge(&flows, &quote, 20 * NS_PER_S, &flow), FLOW_UNCERTAIN);
    flows_see(&flows, flows_hash(&flows, &packet), &packet);
    assert_int_equal(flows_judge(&flows, &quote, 20 * NS_PER_S, &flow), FLOW_SEEN);
    assert_int_equal(flow->sequence, 5100);
    packet = segment(octets, 1000, 4000, 10);
    flows_see(&flows, flows_hash(&flows, &packet), &packet);
    assert_int_equal(flow->sequence, 5100);
    assert_int_equal(flow->packets, 2);
    quote = quote_of(1000, true);
    assert_int_equal(flows_judge(&flows, &quote, 20 * NS_PER_S, &flow), FLOW_REVERSED);
    quote = quote_of(1001, false);
    assert_int_equal(flows_judge(&flows, &quote, 20 * NS_PER_S, &flow), FLOW_UNSEEN);
    assert_int_equal(flows_judge(&flows, &quote, NS_PER_S, &flow), FLOW_UNCERTAIN);
    quote.fragment_offset = 8;
    assert_int_equal(flows_judge(&flows, &quote, 20 * NS_PER_S, &flow), FLOW_NOT_ASKED);
    quote = (struct packet_quote){.family = 4, .protocol = 6};
    assert_int_equal(flows_judge(&flows, &quote, 20 * NS_PER_S, &flow), FLOW_NOT_ASKED);
    free(memory);
}

/* While a table is full of young flows nothing is certain. */
static void flows_are_forgotten(void **state)
{
    void *memory = calloc(1, flows_size(SETS));
    struct flows flows;
    const struct flow *flow;
    uint8_t octets[20];

    (void)state;
    assert_non_null(memory);
    flows_init(&flows, memory, SETS, &key);
    for (unsigned port = 1; port < 2000; port++) {
        struct packet packet = segment(octets, (uint16_t)port, 1, 1);

        flows_see(&flows, flows_hash(&flows, &packet), &packet);
    }
    assert_int_equal(flows.evictions, 1999 - SETS * FLOW_WAYS);
    for (unsigned port = 3000; port < 3100; port++) {
        struct packet_quote quote = quote_of((uint16_t)port, false);

        assert_int_equal(flows_judge(&flows, &quote, 11 * NS_PER_S, &flow), FLOW_UNCERTAIN);
    }
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(too_early_to_tell),
        cmocka_unit_test(forgotten),
        cmocka_unit_test(quoted),
        cmocka_unit_test(expired),
        cmocka_unit_test(flows_are_judged),
        cmocka_unit_test(flows_are_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
