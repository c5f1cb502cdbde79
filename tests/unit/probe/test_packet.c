/* SPDX-License-Identifier: MIT */
/* Probes as packets: golden octets that tshark has confirmed, sizes, fragments, flows, limits. */
#include "tests/unit/unit.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "probe/packet.h"
#include "tests/unit/exchange.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/octets.h"
#include "wire/tcp.h"
#include "wire/udp.h"

static const enum probe_kind packet_kinds[] = {
    PROBE_ECHO, PROBE_TCP_SYN, PROBE_TCP_ACK, PROBE_TCP_SHORT, PROBE_UDP, PROBE_UDP_LYING, PROBE_PROTOCOL,
};

static const uint8_t families[] = {4, 6};

static const struct {
    uint8_t family;
    enum probe_kind kind;
    const char *octets;
} golden[] = {
    {4, PROBE_ECHO, "45280024 d46c4000 0901b108 c0000201 c6336407 080013a7 5d5d0003 2777c924 f31ba340"},
    {4, PROBE_TCP_SYN,
     "4528002c 5a5a4000 09062b0e c0000201 c6336407 9c4001bb 888877fe 00000000 6002faf0 12770000"
     "020405b4"},
    {4, PROBE_TCP_ACK,
     "45280028 cfb14000 0906b5ba c0000201 c6336407 9c4001bb 61502f55 aee10184 5010faf0 e9a00000"},
    {4, PROBE_TCP_SHORT,
     "45280028 86ce4000 0906fe9d c0000201 c6336407 9c4001bb b6fe2c41 00000000 4002faf0 577a0000"},
    {4, PROBE_UDP, "45280024 5d744000 091127f1 c0000201 c6336407 c3500035 0010ae0f 69614f48 3415b53d"},
    {4, PROBE_UDP_LYING, "45280024 1cad4000 091168b8 c0000201 c6336407 c3500035 0018362a 01f64e66 1d5bac22"},
    {4, PROBE_PROTOCOL, "4528001c 8b634000 09fdf91d c0000201 c6336407 a7cbe43e 2ca8bddc"},
    {6, PROBE_ECHO,
     "628c67fd 00103a09 20010db8 00000000 00000000 00000001 20010db8 00010000 00000000 00000007"
     "800094ac 5d5d0003 c8b435fd 8b2da84d"},
    {6, PROBE_TCP_SYN,
     "628c67fd 00180609 20010db8 00000000 00000000 00000001 20010db8 00010000 00000000 00000007"
     "9c4001bb 88f682ce 00000000 6002faf0 980e0000 020405a0"},
    {6, PROBE_TCP_ACK,
     "628c67fd 00140609 20010db8 00000000 00000000 00000001 20010db8 00010000 00000000 00000007"
     "9c4001bb 5d5740a9 129277bd 5010faf0 931d0000"},
    {6, PROBE_TCP_SHORT,
     "628c67fd 00140609 20010db8 00000000 00000000 00000001 20010db8 00010000 00000000 00000007"
     "9c4001bb 798a02ce 00000000 4002faf0 4f230000"},
    {6, PROBE_UDP,
     "628c67fd 00101109 20010db8 00000000 00000000 00000001 20010db8 00010000 00000000 00000007"
     "c3500035 00106d86 2012619d 193ad85d"},
    {6, PROBE_UDP_LYING,
     "628c67fd 00101109 20010db8 00000000 00000000 00000001 20010db8 00010000 00000000 00000007"
     "c3500035 00180e71 9cc6c745 d8e8955f"},
    {6, PROBE_PROTOCOL,
     "628c67fd 0008fd09 20010db8 00000000 00000000 00000001 20010db8 00010000 00000000 00000007"
     "2eae9936 a5a82a2a"},
};

static void test_golden(void **state)
{
    for (size_t i = 0; i < COUNT_OF(golden); i++) {
        struct exchange exchange;
        uint8_t buffer[256];
        struct slice want = unit_hex(golden[i].octets, buffer, sizeof(buffer)), got;

        exchange_init(&exchange, golden[i].family);
        got = exchange_send_kind(&exchange, (uint16_t)golden[i].kind, golden[i].kind);
        print_message("# family %u %s\n", golden[i].family, probe_kind_name(golden[i].kind));
        assert_int_equal(got.length, want.length);
        assert_memory_equal(got.data, want.data, want.length);
    }
}

static bool has_right_sum(const struct ip_header *ip, struct slice transport)
{
    if (ip->protocol == IPPROTO_ICMP)
        return checksum(transport) == 0;
    if (ip->protocol == 253)
        return true;
    return checksum_pseudo(&ip->source, &ip->destination, ip->protocol, transport) == 0;
}

static void check_header(const struct exchange *exchange, const struct probe *probe, struct slice packet)
{
    struct ip_header ip;
    struct slice transport;

    assert_int_equal(ip_parse(unit_guarded(packet), &ip, &transport), 0);
    assert_true(sonde_address_equal(&ip.source, &exchange->book.source));
    assert_true(sonde_address_equal(&ip.destination, &exchange->target));
    assert_int_equal(ip.ttl, probe->ttl ? probe->ttl : 64);
    assert_int_equal(ip.tos, probe->tos);
    assert_int_equal(ip.length, packet.length);
    assert_int_equal(ip.more_fragments, probe->first_fragment);
    assert_int_equal(ip.fragment_offset, 0);
    if (exchange->family == 4) {
        assert_int_equal(ip.dont_fragment, probe->dont_fragment);
        assert_int_equal(checksum(slice_first(packet, 20)), 0);
    }
    assert_true(has_right_sum(&ip, transport));
}

static void check_record(const struct exchange *exchange, const struct probe *probe, struct slice packet)
{
    const struct packet_sent *sent = &exchange->book.sent[probe->id];
    size_t remembered = packet.length < PROBE_QUOTE_MAX ? packet.length : PROBE_QUOTE_MAX;

    assert_true(sent->used);
    assert_int_equal(sent->probe.id, probe->id);
    assert_int_equal(sent->probe.kind, probe->kind);
    assert_int_equal(sent->sent_ns, EXCHANGE_NOW + probe->id);
    assert_int_equal(sent->length, packet.length);
    assert_int_not_equal(sent->ip_id, 0);
    assert_memory_equal(sent->quote, packet.data, remembered);
}

static void check_variant(struct exchange *exchange, struct probe probe)
{
    struct slice packet;

    probe.ttl = probe.kind == PROBE_ECHO ? 0 : 3; /* the default once */
    packet = exchange_send(exchange, &probe);
    check_header(exchange, &probe, packet);
    check_record(exchange, &probe, packet);
    if (probe.size && !probe.first_fragment)
        assert_int_equal(packet.length, probe.size);
    if (probe.first_fragment)
        assert_int_equal(exchange_transport(exchange).length % 8, 0);
}

static void test_variants(void **state)
{
    static const uint16_t sizes[] = {0, 100, 101, 576, 1400, 1500};
    struct exchange exchange;

    for (size_t f = 0; f < COUNT_OF(families); f++)
        for (size_t k = 0; k < COUNT_OF(packet_kinds); k++)
            for (size_t s = 0; s < COUNT_OF(sizes); s++)
                for (int bits = 0; bits < 4; bits++) {
                    struct probe probe;

                    exchange_init(&exchange, families[f]);
                    probe = exchange_probe(&exchange, (uint16_t)k, packet_kinds[k]);
                    probe.size = sizes[s];
                    probe.dont_fragment = bits & 1;
                    probe.first_fragment = bits & 2;
                    check_variant(&exchange, probe);
                }
}

/* A size below what the probe needs is no reason to send half a header. */
static void test_size_too_small(void **state)
{
    struct exchange exchange;
    struct probe probe;

    exchange_init(&exchange, 4);
    probe = exchange_probe(&exchange, 1, PROBE_TCP_SYN);
    probe.size = 21;
    assert_int_equal(exchange_send(&exchange, &probe).length, 44);
}

static void test_every_capacity(void **state)
{
    uint8_t buffer[256] = {0};

    for (size_t f = 0; f < COUNT_OF(families); f++)
        for (size_t k = 0; k < COUNT_OF(packet_kinds); k++) {
            struct exchange exchange;
            struct probe probe;
            size_t length;

            exchange_init(&exchange, families[f]);
            probe = exchange_probe(&exchange, 2, packet_kinds[k]);
            length = packet_build(&exchange.book, &probe, 0, buffer, sizeof(buffer));
            exchange.book.sent[2].used = false;
            for (size_t capacity = 0; capacity < length; capacity++) {
                uint8_t *tight = (uint8_t *)unit_guarded(slice_of(buffer, capacity)).data;

                assert_int_equal(packet_build(&exchange.book, &probe, 0, tight, capacity), 0);
                assert_false(exchange.book.sent[2].used);
            }
        }
}

static void test_no_packet(void **state)
{
    static const enum probe_kind none[] = {PROBE_ROUTE, PROBE_NEIGHBOUR, PROBE_LISTENER, PROBE_STREAM,
                                           PROBE_KINDS};
    struct exchange exchange;
    struct probe probe;

    exchange_init(&exchange, 4);
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        probe = exchange_probe(&exchange, 0, none[i]);
        assert_int_equal(packet_build(&exchange.book, &probe, 0, exchange.sent, sizeof(exchange.sent)), 0);
    }
    probe = exchange_probe(&exchange, PROBES_MAX, PROBE_ECHO);
    assert_int_equal(packet_build(&exchange.book, &probe, 0, exchange.sent, sizeof(exchange.sent)), 0);
    probe = exchange_probe(&exchange, 0, PROBE_ECHO);
    probe.flow = PROBE_FLOWS;
    assert_int_equal(packet_build(&exchange.book, &probe, 0, exchange.sent, sizeof(exchange.sent)), 0);
    probe = exchange_probe(&exchange, 0, PROBE_ECHO);
    probe.destination = unit_address("2001:db8::7");
    assert_int_equal(packet_build(&exchange.book, &probe, 0, exchange.sent, sizeof(exchange.sent)), 0);
}

static void test_given_payload(void **state)
{
    for (size_t f = 0; f < COUNT_OF(families); f++) {
        struct exchange exchange;
        struct probe probe;
        struct udp_header udp;
        struct slice payload;

        exchange_init(&exchange, families[f]);
        probe = exchange_probe(&exchange, 1, PROBE_UDP);
        probe.payload = slice_of("question", 8);
        probe.size = 100;
        exchange_send(&exchange, &probe);
        assert_int_equal(udp_parse(exchange_transport(&exchange), &udp, &payload), 0);
        assert_memory_equal(payload.data, "question\0\0", 10);
        assert_int_equal(udp.length, payload.length + 8);
        assert_null(exchange.book.sent[1].probe.payload.data); /* the caller's memory is not kept */
    }
}

static void test_lying(void **state)
{
    for (size_t f = 0; f < COUNT_OF(families); f++) {
        struct exchange exchange;
        struct udp_header udp;
        struct slice payload;

        exchange_init(&exchange, families[f]);
        exchange_send_kind(&exchange, 1, PROBE_UDP_LYING);
        assert_int_equal(udp_parse(exchange_transport(&exchange), &udp, &payload), 0);
        assert_true(udp.length > payload.length + 8);
        assert_int_not_equal(udp.checksum, 0);
    }
}

/* Rungs of one ladder: one flow for load balancers, yet each told apart by its identification and cookie. */
static void test_ladder(void **state)
{
    for (size_t f = 0; f < COUNT_OF(families); f++) {
        struct exchange exchange;
        uint32_t label = 0;

        exchange_init(&exchange, families[f]);
        for (uint16_t id = 0; id < PROBES_MAX; id++) {
            struct ip_header ip;
            struct slice transport;

            assert_int_equal(ip_parse(exchange_send_kind(&exchange, id, PROBE_UDP), &ip, &transport), 0);
            assert_int_equal(octets_get16(transport.data), 50000);
            label = id ? label : ip.flow_label;
            assert_int_equal(ip.flow_label, label);
            for (uint16_t other = 0; other < id; other++)
                assert_int_not_equal(exchange.book.sent[id].ip_id, exchange.book.sent[other].ip_id);
            for (uint16_t other = 0; other < id; other++)
                assert_memory_not_equal(exchange.book.sent[id].quote + transport.length,
                                        exchange.book.sent[other].quote + transport.length, 40);
        }
    }
}

/* Cookies may agree in sixteen bits by chance; the identifications must not. */
static void test_taken_identification(void **state)
{
    struct exchange exchange;
    struct packet_sent *sent = exchange.book.sent;
    uint16_t wanted;

    exchange_init(&exchange, 4);
    exchange_send_kind(&exchange, 1, PROBE_UDP);
    wanted = sent[1].ip_id;
    exchange_send_kind(&exchange, 2, PROBE_UDP);
    sent[2].ip_id = wanted;
    exchange_send_kind(&exchange, 1, PROBE_UDP);
    assert_int_equal(sent[1].ip_id, wanted + 1);
    sent[2].used = false;
    exchange_send_kind(&exchange, 1, PROBE_UDP); /* its own old one is no obstacle */
    assert_int_equal(sent[1].ip_id, wanted);
}

static void test_flows_and_keys_differ(void **state)
{
    struct exchange exchange;
    struct probe probe;
    uint32_t labels[PROBE_FLOWS], sequence;

    exchange_init(&exchange, 6);
    for (int flow = 0; flow < PROBE_FLOWS; flow++) {
        probe = exchange_probe(&exchange, 1, PROBE_TCP_SYN);
        probe.flow = (enum probe_flow)flow;
        labels[flow] = octets_get32(exchange_send(&exchange, &probe).data) & 0xfffff;
        assert_int_equal(exchange.book.sent[1].source_port, 40000 + flow);
        for (int other = 0; other < flow; other++)
            assert_int_not_equal(labels[flow], labels[other]);
    }
    sequence = exchange.book.sent[1].sequence;
    exchange.book.key.words[0]++;
    exchange_send(&exchange, &probe);
    assert_int_not_equal(exchange.book.sent[1].sequence, sequence);
}

/* A cookie depends on all that the probe asks. */
static void test_cookie_depends(void **state)
{
    struct exchange exchange;
    struct probe probe;
    uint32_t seen[5];

    exchange_init(&exchange, 4);
    for (int i = 0; i < 5; i++) {
        probe = exchange_probe(&exchange, 1, PROBE_TCP_SYN);
        probe.id += i == 1;
        probe.kind = i == 2 ? PROBE_TCP_ACK : PROBE_TCP_SYN;
        probe.destination.bytes[3] += i == 3;
        probe.port += i == 4;
        exchange_send(&exchange, &probe);
        seen[i] = exchange.book.sent[probe.id].sequence;
        for (int other = 0; other < i; other++)
            assert_int_not_equal(seen[i], seen[other]);
    }
}

static void write_capture(FILE *file)
{
    static const uint32_t header[] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 101};

    assert_int_equal(fwrite(header, sizeof(header), 1, file), 1);
    for (size_t f = 0; f < COUNT_OF(families); f++)
        for (size_t k = 0; k < COUNT_OF(packet_kinds); k++) {
            struct exchange exchange;
            struct slice packet;
            uint32_t record[4] = {1, 0};

            exchange_init(&exchange, families[f]);
            packet = exchange_send_kind(&exchange, (uint16_t)k, packet_kinds[k]);
            record[2] = record[3] = (uint32_t)packet.length;
            assert_int_equal(fwrite(record, sizeof(record), 1, file), 1);
            assert_int_equal(fwrite(packet.data, packet.length, 1, file), 1);
        }
}

/* What an independent decoder says of each packet, in the order of the fields below. A checksum's status is
 * 1: right, 2: not to be verified, for octets are missing (the lying datagram). The short segments end at
 * their data offset. */
static const char decoded[] = "1\t9\t\t23901\t1\t\t\t\t\t\t\t\t\t\t\t\t\t1\t\n"
                              "1\t9\t\t\t\t\t\t40000\t443\t0x0002\t1460\t64240\t1\t\t\t\t\t6\t\n"
                              "1\t9\t\t\t\t\t\t40000\t443\t0x0010\t\t64240\t1\t\t\t\t\t6\t\n"
                              "1\t9\t\t\t\t\t\t40000\t443\t\t\t\t\t\t\t\t\t6\t\n"
                              "1\t9\t\t\t\t\t\t\t\t\t\t\t\t50000\t53\t16\t1\t17\t\n"
                              "1\t9\t\t\t\t\t\t\t\t\t\t\t\t50000\t53\t24\t2\t17\t\n"
                              "1\t9\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t253\t\n"
                              "\t\t9\t\t\t0x5d5d\t1\t\t\t\t\t\t\t\t\t\t\t\t58\n"
                              "\t\t9\t\t\t\t\t40000\t443\t0x0002\t1440\t64240\t1\t\t\t\t\t\t6\n"
                              "\t\t9\t\t\t\t\t40000\t443\t0x0010\t\t64240\t1\t\t\t\t\t\t6\n"
                              "\t\t9\t\t\t\t\t40000\t443\t\t\t\t\t\t\t\t\t\t6\n"
                              "\t\t9\t\t\t\t\t\t\t\t\t\t\t50000\t53\t16\t1\t\t17\n"
                              "\t\t9\t\t\t\t\t\t\t\t\t\t\t50000\t53\t24\t2\t\t17\n"
                              "\t\t9\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t253\n";

static void test_independent_decoder(void **state)
{
    char path[] = "/tmp/sonde-packet-XXXXXX", command[640], text[4096];
    int descriptor = mkstemp(path);
    FILE *file = fdopen(descriptor, "wb"), *tshark;
    size_t length;

    assert_non_null(file);
    write_capture(file);
    assert_int_equal(fclose(file), 0);
    snprintf(command, sizeof(command),
             "tshark -n -r %s -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o "
             "udp.check_checksum:TRUE -T fields "
             "-e ip.checksum.status -e ip.ttl -e ipv6.hlim -e icmp.ident -e icmp.checksum.status "
             "-e icmpv6.echo.identifier -e icmpv6.checksum.status -e tcp.srcport -e tcp.dstport -e tcp.flags "
             "-e tcp.options.mss_val -e tcp.window_size_value -e tcp.checksum.status -e udp.srcport -e "
             "udp.dstport "
             "-e udp.length -e udp.checksum.status -e ip.proto -e ipv6.nxt 2>/dev/null",
             path);
    tshark = popen(command, "r");
    assert_non_null(tshark);
    length = fread(text, 1, sizeof(text) - 1, tshark);
    text[length] = '\0';
    pclose(tshark);
    remove(path);
    if (length == 0)
        skip(); /* tshark is not installed; the golden packets were confirmed with it once */
    assert_string_equal(text, decoded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_variants),
        cmocka_unit_test(test_size_too_small),
        cmocka_unit_test(test_every_capacity),
        cmocka_unit_test(test_no_packet),
        cmocka_unit_test(test_given_payload),
        cmocka_unit_test(test_lying),
        cmocka_unit_test(test_ladder),
        cmocka_unit_test(test_taken_identification),
        cmocka_unit_test(test_flows_and_keys_differ),
        cmocka_unit_test(test_cookie_depends),
        cmocka_unit_test(test_independent_decoder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
