/* SPDX-License-Identifier: MIT */
/* The seeds of the fuzzers are honest packets: they still match, and they are what the helpers build.
 * With SONDE_SEEDS=write in the environment they are written anew. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "probe/packet.h"
#include "tests/unit/exchange.h"
#include "wire/octets.h"
#include "wire/tcp.h"

static const enum probe_kind packet_kinds[] = {
    PROBE_ECHO, PROBE_TCP_SYN, PROBE_TCP_ACK, PROBE_TCP_SHORT, PROBE_UDP, PROBE_UDP_LYING, PROBE_PROTOCOL,
};

static const uint8_t label[12] = {0x20, 0, 0xc5, 0x5f, 0, 8, 1, 1, 0x18, 0x96, 1, 1};

/* Each seed stands in the folder of a fuzzer, named by family and what it is. */
static void keep(const char *folder, uint8_t family, const char *name, struct slice seed)
{
    const char *source = getenv("SONDE_SOURCE"), *write = getenv("SONDE_SEEDS");
    char path[512];
    uint8_t found[2048];
    FILE *file;

    assert_non_null(source);
    snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s/%u-%s", source, folder, family, name);
    file = fopen(path, write && strcmp(write, "write") == 0 ? "w+b" : "rb");
    if (!file)
        fail_msg("%s is not there", path);
    if (write)
        assert_int_equal(fwrite(seed.data, 1, seed.length, file), seed.length);
    rewind(file);
    assert_int_equal(fread(found, 1, sizeof(found), file), seed.length);
    fclose(file);
    assert_memory_equal(found, seed.data, seed.length);
}

static void keep_answer(struct exchange *exchange, const char *what, enum probe_kind kind,
                        struct slice packet)
{
    char name[64];

    assert_int_equal(exchange_outcome(exchange, packet), 0);
    snprintf(name, sizeof(name), "%s-%s", what, probe_kind_name(kind));
    keep("match", exchange->family, name, packet);
}

static void keep_direct_answer(struct exchange *exchange, enum probe_kind kind)
{
    struct slice sent = exchange_transport(exchange);

    switch (kind) {
    case PROBE_ECHO:
        keep_answer(exchange, "reply", kind, exchange_echo(exchange));
        break;
    case PROBE_TCP_SYN:
        keep_answer(exchange, "accept", kind,
                    exchange_segment(exchange, TCP_SYN | TCP_ACK, 1, octets_get32(sent.data + 4) + 1, 1460));
        keep_answer(exchange, "reset", kind,
                    exchange_segment(exchange, TCP_RST | TCP_ACK, 0, octets_get32(sent.data + 4) + 1, 0));
        break;
    case PROBE_TCP_SHORT:
        keep_answer(exchange, "reset", kind,
                    exchange_segment(exchange, TCP_RST | TCP_ACK, 0, octets_get32(sent.data + 4) + 5, 0));
        break;
    case PROBE_TCP_ACK:
        keep_answer(exchange, "reset", kind,
                    exchange_segment(exchange, TCP_RST, octets_get32(sent.data + 8), 0, 0));
        break;
    case PROBE_UDP:
        keep_answer(exchange, "reply", kind, exchange_datagram(exchange, "answer"));
        break;
    default:
        break;
    }
}

static void keep_errors(struct exchange *exchange, enum probe_kind kind)
{
    uint8_t quote[128 + sizeof(label)] = {0};
    struct slice sent = exchange_quote(exchange, 128);
    uint8_t unreachable = exchange->family == 4 ? 3 : 1, exceeded = exchange->family == 4 ? 11 : 3;

    memcpy(quote, sent.data, sent.length);
    memcpy(quote + 128, label, sizeof(label));
    keep_answer(exchange, "unreachable", kind,
                exchange_error(exchange, &exchange->target, unreachable, 3, exchange_quote(exchange, 1000)));
    keep_answer(exchange, "exceeded", kind,
                exchange_error(exchange, &exchange->router, exceeded, 0, slice_of(quote, sizeof(quote))));
}

static void test_match_seeds(void **state)
{
    static const uint8_t families[] = {4, 6};

    for (size_t f = 0; f < COUNT_OF(families); f++)
        for (uint16_t k = 0; k < COUNT_OF(packet_kinds); k++) {
            struct exchange exchange;

            exchange_init(&exchange, families[f]);
            keep("wire", families[f], probe_kind_name(packet_kinds[k]),
                 exchange_send_kind(&exchange, k, packet_kinds[k]));
            keep_direct_answer(&exchange, packet_kinds[k]);
            keep_errors(&exchange, packet_kinds[k]);
            if (packet_kinds[k] == PROBE_UDP)
                keep("wire", families[f], "error",
                     exchange_error(&exchange, &exchange.router, 3, 1, exchange_quote(&exchange, 64)));
        }
}

/* Octets that no probe of ours makes: a chain of extension headers, a structure of interface and labels. */
static void test_wire_seeds(void **state)
{
    uint8_t buffer[256];

    keep("wire", 6, "chain",
         unit_hex("60000000 00380040 20010db8000000000000000000000001 20010db8000000000000000000000002"
                  "3c00010400000000 2b00010400000000 3300000000000000 2c040000000000000000000000000000"
                  "0000000000000000 1100000000001234 0001000200080000",
                  buffer, sizeof(buffer)));
    keep("wire", 4, "extension",
         unit_hex(
             "20000000 0028028f 00000007 00020000 20010db8000000000000000000000005 0865746830000000 000005dc"
             "000c0101 00064e40 000c8fff 0008ee01 0badcafe",
             buffer, sizeof(buffer)));
    keep("wire", 4, "options",
         unit_hex("46000044 00010000 40060000 c0a80164 c0a80165 94040000"
                  "8f3a0050 11223344 00000000 a002faf0 00000000 020405b4 0402080a 00000001 00000000 01030307",
                  buffer, sizeof(buffer)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match_seeds),
        cmocka_unit_test(test_wire_seeds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
