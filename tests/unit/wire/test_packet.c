/* SPDX-License-Identifier: MIT */
/* Frames taken apart: ordinary packets, tunnels, extension headers, fragments, lengths that lie, and captures
 * that end early. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "wire/link.h"
#include "wire/packet.h"

#define MACS "0200000000a1 0200000000b2"
#define E4   MACS "0800"
#define E6   MACS "86dd"

#define HEAD4(length, protocol) "4500" length "00070000 40" protocol "0000 c0000201 c0000202"
#define FRAG4(length, fragment) "4500" length "0007" fragment "40010000 c0000201 c0000202"
#define ADDRESSES6              "20010db8000000000000000000000001 20010db8000000000000000000000002"
#define HEAD6(length, protocol) "60000000" length protocol "40" ADDRESSES6
#define MESSAGE                 "0800f7ff00000000"
#define MESSAGE6                "8600000040000000"
#define ECHO4                   HEAD4("001c", "01") MESSAGE  /* 28 octets */
#define ADVERT6                 HEAD6("0008", "3a") MESSAGE6 /* 48 octets */
#define UDP(port, length)       "c350" port length "0000"

/* Each packet is FAMILY:TYPE/CODE, FAMILY:flow/PROTOCOL or FAMILY:part@OFFSET, with a letter for each flag:
 * first fragment, cut, extended, crossed, last fragment. '!' says that something was malformed. */
static const struct {
    const char *frame, *packets;
} dissected[] = {
    /* ordinary ones */
    {E4 ECHO4, "4:8/0"},
    {E4 ECHO4 "0000000000000000", "4:8/0"},
    {E6 ADVERT6, "6:134/0"},
    {E4 HEAD4("0028", "06") "c350005000000001000000005002ffff00000000", "4:flow/6"},
    {E4 HEAD4("001c", "11") UDP("0035", "0008"), "4:flow/17"},
    {E6 HEAD6("0008", "11") UDP("0035", "0008"), "6:flow/17"},
    {MACS "0806 0001080006040001", ""},
    /* tags */
    {MACS "81000005 0800" ECHO4, "4:8/0"},
    {MACS "81000005 86dd" ADVERT6, "6:134/0"},
    {MACS "88a80005 81000006 0800" ECHO4, "4:8/0"},
    {MACS "91000005 81000006 86dd" ADVERT6, "6:134/0"},
    {MACS "81000005 0024 aaaa03000000 0800" ECHO4, "4:8/0"},
    {MACS "0024 aaaa03000000 0800" ECHO4, "4:8/0"},
    {MACS "001f 060603" ECHO4, "4:8/0"},
    {MACS "0026 424203000000", ""},
    {MACS "8864 11000001001e 0021" ECHO4, "4:8/0"},
    {MACS "8864 110000010032 0057" ADVERT6, "6:134/0"},
    {MACS "8864 11000001000a c021 01010004", ""},
    {MACS "88e7 00000001" MACS "0800" ECHO4, "4:8/0"},
    {MACS "892f 00010002 0800" ECHO4, "4:8/0"},
    /* MACsec: integrity only, and encrypted */
    {MACS "88e5 000000000001 0800" ECHO4 "00000000000000000000000000000000", "4:8/0"},
    {MACS "88e5 200000000001 0200000000b20001 0800" ECHO4 "00000000000000000000000000000000", "4:8/0"},
    {MACS "88e5 0c0000000001 0800" ECHO4 "00000000000000000000000000000000", ""},
    /* MPLS: IP, several labels, pseudo-wires with and without control word, the channel beside them */
    {MACS "8847 00011140" ECHO4, "4:8/0"},
    {MACS "8847 00011040 00012140" ADVERT6, "6:134/0"},
    {MACS "8847 00011140" MACS "0800" ECHO4, "4:8/0"},
    {MACS "8847 00011140 00000000" MACS "0800" ECHO4, "4:8/0"},
    {MACS "8847 00011140 00000000" MACS "0024 aaaa03000000 0800" ECHO4, "4:8/0"},
    {MACS "8847 00011140 10000021" ECHO4, "4:8/0"},
    {MACS "8847 00011040", "!"},
    /* IP in IP */
    {E4 HEAD4("0030", "04") ECHO4, "4:flow/4 4:8/0"},
    {E4 HEAD4("0044", "29") ADVERT6, "4:flow/41 6:134/0"},
    {E6 HEAD6("001c", "04") ECHO4, "6:flow/4 4:8/0"},
    {E6 HEAD6("0030", "29") ADVERT6, "6:flow/41 6:134/0"},
    {E4 HEAD4("0034", "89") "00011140" ECHO4, "4:flow/137 4:8/0"},
    {E6 HEAD6("002a", "8f") E4 ECHO4, "6:flow/143 4:8/0"},
    {E4 HEAD4("0040", "61") "3000" E4 ECHO4, "4:flow/97 4:8/0"},
    {E4 HEAD4("001c", "01") "8600000040000000", "4:134/0"},
    /* each family's ICMP in the other's header */
    {E4 HEAD4("001c", "3a") MESSAGE6, "6:134/0x"},
    {E6 HEAD6("0008", "01") MESSAGE, "4:8/0x"},
    /* GRE: plain, with all fields, with routes, Ethernet, MPLS, ERSPAN I to III, PPTP, WCCP, a keepalive */
    {E4 HEAD4("0034", "2f") "00000800" ECHO4, "4:flow/47 4:8/0"},
    {E4 HEAD4("0040", "2f") "b0000800 00000000 00000001 00000002" ECHO4, "4:flow/47 4:8/0"},
    {E4 HEAD4("0044", "2f") "40000800 00000000 00020004 c0000203 00000000" ECHO4, "4:flow/47 4:8/0"},
    {E6 HEAD6("0034", "2f") "000086dd" ADVERT6, "6:flow/47 6:134/0"},
    {E4 HEAD4("0042", "2f") "00006558" E4 ECHO4, "4:flow/47 4:8/0"},
    {E4 HEAD4("0038", "2f") "00008847 00011140" ECHO4, "4:flow/47 4:8/0"},
    {E4 HEAD4("0042", "2f") "000088be" E4 ECHO4, "4:flow/47 4:8/0"},
    {E4 HEAD4("004e", "2f") "100088be 00000001 1001000000000000" E4 ECHO4, "4:flow/47 4:8/0"},
    {E4 HEAD4("0052", "2f") "100022eb 00000001 200100000000000000000000" E4 ECHO4, "4:flow/47 4:8/0"},
    {E4 HEAD4("005a", "2f") "100022eb 00000001 200100000000000000000001 0000000000000000" E4 ECHO4,
     "4:flow/47 4:8/0"},
    {E4 HEAD4("0042", "2f") "3081880b 001e0001 00000001 00000001 0021" ECHO4, "4:flow/47 4:8/0"},
    {E4 HEAD4("0038", "2f") "0000883e 00000000" ECHO4, "4:flow/47 4:8/0"},
    {E4 HEAD4("0018", "2f") "00000000", "4:flow/47"},
    {E4 HEAD4("0048", "2f") "00000800" HEAD4("0030", "04") ECHO4, "4:flow/47 4:flow/4 4:8/0"},
    {E4 HEAD4("0016", "2f") "0000", "4:flow/47!"},
    /* tunnels in UDP, by either port; a length of 0 carries nothing */
    {E4 HEAD4("004e", "11") UDP("12b5", "003a") "0800000000000100" E4 ECHO4, "4:flow/17 4:8/0"},
    {E4 HEAD4("004e", "11") "12b5c350003a0000 0800000000000100" E4 ECHO4, "4:flow/17 4:8/0"},
    {E4 HEAD4("004e", "11") UDP("2118", "003a") "0800000000000100" E4 ECHO4, "4:flow/17"},
    {E4 HEAD4("004e", "11") UDP("12b5", "0000") "0800000000000100" E4 ECHO4, "4:flow/17"},
    {E4 HEAD4("0040", "11") UDP("12b6", "002c") "0c00000100000100" ECHO4, "4:flow/17 4:8/0"},
    {E4 HEAD4("0048", "11") UDP("12b6", "0034") "0c00000400000100 0fc2020100000000" ECHO4, "4:flow/17 4:8/0"},
    {E4 HEAD4("0052", "11") UDP("17c1", "003e") "0100655800000100 00000000" E4 ECHO4, "4:flow/17 4:8/0"},
    {E6 HEAD6("0040", "11") UDP("17c1", "0040") "000086dd00000100" ADVERT6, "6:flow/17 6:134/0"},
    {E4 HEAD4("003c", "11") UDP("19eb", "0028") "00011140" ECHO4, "4:flow/17 4:8/0"},
    {E4 HEAD4("0040", "11") UDP("0868", "002c") "30ff001c00000001" ECHO4, "4:flow/17 4:8/0"},
    {E4 HEAD4("0048", "11") UDP("0868", "0034") "34ff002400000001 00010085 01000100" ECHO4,
     "4:flow/17 4:8/0"},
    {E4 HEAD4("0040", "11") UDP("0868", "002c") "34ff001c00000001 00010085 00000000", "4:flow/17c!"},
    {E4 HEAD4("004c", "11") UDP("0dd8", "0038") ADVERT6, "4:flow/17 6:134/0"},
    {E4 HEAD4("0061", "11") UDP("0dd8", "004d") "00010000 000000000000000000 0000010203040506" ADVERT6,
     "4:flow/17 6:134/0"},
    {E4 HEAD4("0040", "11") UDP("06a5", "002c") "000200010001 0021" ECHO4, "4:flow/17 4:8/0"},
    {E4 HEAD4("004c", "11") UDP("06a5", "0038") "4a02002c00010001 00000000 0002ffff ff030021" ECHO4,
     "4:flow/17 4:8/0"},
    {E4 HEAD4("0040", "11") UDP("10f5", "002c") "8000000000000000" ECHO4, "4:flow/17 4:8/0"},
    {MACS "894f 0fc2020200000000" ADVERT6, "6:134/0"},
    /* options and authentication */
    {E4 "46000020 00070000 40010000 c0000201 c0000202 94040000" MESSAGE, "4:8/0e"},
    {E4 HEAD4("0028", "33") "0101000000000001 00000001" MESSAGE, "4:8/0e"},
    /* extension headers: honest, of the shortest authentication, lying, looping without end */
    {E6 HEAD6("0028", "00") "3c00010400000000 2b00010400000000 3a01000400000000 0000000000000000" MESSAGE6,
     "6:134/0e"},
    {E6 HEAD6("0010", "33") "3a00000000000000" MESSAGE6, "6:134/0e"},
    {E6 HEAD6("0010", "00") "3a01010400000000" MESSAGE6, "!"},
    {E6 HEAD6("0010", "00") "3aff010400000000" MESSAGE6, "!"},
    {E6 HEAD6("0004", "00") "3a000104", "!"},
    {E6 HEAD6("0000", "3b"), "6:flow/59"},
    {E6 HEAD6("0000", "3a") MESSAGE6, "!"},
    /* jumbograms: right, and one octet short */
    {E6 HEAD6("0000", "00") "3a00c20400000010" MESSAGE6, "6:134/0e"},
    {E6 HEAD6("0000", "00") "3a00c20400000011" MESSAGE6, "6:134/0ec"},
    {E6 HEAD6("0000", "00") "3a0001040000000000" MESSAGE6, "!"},
    /* fragments: first, middle, last; atomic; of something that is no ICMP */
    {E4 FRAG4("001c", "2000") MESSAGE, "4:8/0f"},
    {E4 FRAG4("001c", "2001") MESSAGE, "4:part@8"},
    {E4 FRAG4("001c", "1fff") MESSAGE, "4:part@65528l"},
    {E6 HEAD6("0010", "2c") "3a00000000000007" MESSAGE6, "6:134/0e"},
    {E6 HEAD6("0010", "2c") "3a00000100000007" MESSAGE6, "6:134/0fe"},
    {E6 HEAD6("0010", "2c") "3a00001100000007" MESSAGE6, "6:part@16e"},
    {E6 HEAD6("0010", "2c") "3a00001000000007" MESSAGE6, "6:part@16el"},
    {E4 "4500001c 00072001 40040000 c0000201 c0000202 4500001c00010000", "4:flow/4"},
    {E4 "45000034 00072000 402f0000 c0000201 c0000202 00000800" ECHO4, "4:flow/47f 4:8/0"},
    /* cut by the capture; without a length, as cards leave it that cut segments; too short to have a type */
    {E4 HEAD4("0054", "01") MESSAGE, "4:8/0c"},
    {E4 HEAD4("0000", "01") MESSAGE "00000000", "4:8/0"},
    {E4 HEAD4("001a", "01") "0800f7ff0000", "4:8/0"},
    {E4 HEAD4("0019", "01") "0800f7ff00", "!"},
    {E4 HEAD4("0014", "01"), "!"},
    {E6 HEAD6("0002", "3a") "8600", "6:134/0"},
    {E6 HEAD6("0001", "3a") "86", "!"},
    /* headers that contradict themselves, and types that do */
    {E4 "44000014 00070000 40010000 c0000201 c0000202" MESSAGE, "!"},
    {E4 "4500 0013 00070000 40010000 c0000201 c0000202" MESSAGE, "!"},
    {E4 "4f00001c 00070000 40010000 c0000201 c0000202" MESSAGE, "!"},
    {E4 ADVERT6, "6:134/0"},
    {E6 ECHO4, "!"},
    {E6 "00000000 00083a40" ADDRESSES6 MESSAGE6, "!"},
    {E4 HEAD4("0014", "04"), "4:flow/4!"},
    /* as deep as is looked, and one deeper */
    {E4 HEAD4("0080", "04") HEAD4("006c", "04") HEAD4("0058", "04") HEAD4("0044", "04") HEAD4("0030", "04")
         ECHO4,
     "4:flow/4 4:flow/4 4:flow/4 4:flow/4 4:flow/4 4:8/0"},
    {E4 HEAD4("0094", "04") HEAD4("0080", "04") HEAD4("006c", "04") HEAD4("0058", "04") HEAD4("0044", "04")
         HEAD4("0030", "04") ECHO4,
     "4:flow/4 4:flow/4 4:flow/4 4:flow/4 4:flow/4 4:flow/4!"},
    /* frames that are none */
    {"", "!"},
    {MACS "08", "!"},
    {MACS "8100 00", "!"},
};

static size_t describe(const struct packet *packet, char *text, size_t capacity)
{
    static const struct {
        uint8_t flag;
        const char *letter;
    } letters[] = {{PACKET_FRAGMENTED, "f"},
                   {PACKET_EXTENDED, "e"},
                   {PACKET_CUT, "c"},
                   {PACKET_CROSSED, "x"},
                   {PACKET_LAST, "l"}};
    size_t length;

    if (packet->class == PACKET_FLOW)
        length = (size_t)snprintf(text, capacity, "%u:flow/%u", packet->family, packet->protocol);
    else if (packet->class == PACKET_FRAGMENT)
        length = (size_t)snprintf(text, capacity, "%u:part@%u", packet->family, packet->fragment_offset);
    else
        length = (size_t)snprintf(text, capacity, "%u:%u/%u", packet->family, packet->type, packet->code);
    for (size_t i = 0; i < COUNT_OF(letters); i++) {
        if (packet->flags & letters[i].flag)
            length += (size_t)snprintf(text + length, capacity - length, "%s", letters[i].letter);
    }
    return length;
}

static void describe_all(const struct packet *packets, size_t count, bool malformed, char text[256])
{
    size_t length = 0;

    for (size_t i = 0; i < count; i++) {
        assert_int_equal(packets[i].layer, i ? PACKET_INNER : PACKET_OUTER);
        length += (size_t)snprintf(text + length, 256 - length, "%s", i ? " " : "");
        length += describe(&packets[i], text + length, 256 - length);
    }
    snprintf(text + length, 256 - length, "%s", malformed ? "!" : "");
}

static struct frame frame_of(struct slice octets)
{
    return (struct frame){.time_ns = 12345,
                          .data = octets,
                          .length = (uint32_t)octets.length,
                          .link = LINK_ETHERNET,
                          .interface = 3,
                          .direction = FRAME_OUT};
}

static void test_dissect(void **state)
{
    uint8_t buffer[512];
    char text[256];

    for (size_t i = 0; i < COUNT_OF(dissected); i++) {
        struct frame frame = frame_of(unit_guarded(unit_hex(dissected[i].frame, buffer, sizeof(buffer))));
        struct packet packets[PACKET_LAYERS_MAX];
        bool malformed;
        size_t count;

        print_message("# row %zu: %s -> %s\n", i, dissected[i].frame, dissected[i].packets);
        memset(packets, 0xee, sizeof(packets));
        count = packet_dissect(&frame, packets, &malformed);
        describe_all(packets, count, malformed, text);
        assert_string_equal(text, dissected[i].packets);
    }
}

/* Each prefix of each frame is taken apart within its bounds; reading beyond it would crash. */
static void test_every_prefix(void **state)
{
    uint8_t buffer[512];

    for (size_t i = 0; i < COUNT_OF(dissected); i++) {
        struct slice whole = unit_hex(dissected[i].frame, buffer, sizeof(buffer));

        for (size_t length = 0; length <= whole.length; length++) {
            struct frame frame = frame_of(unit_guarded(slice_first(whole, length)));
            struct packet packets[PACKET_LAYERS_MAX];
            bool malformed;
            size_t count = packet_dissect(&frame, packets, &malformed);

            for (size_t k = 0; k < count; k++) {
                assert_true(packets[k].octets >= frame.data.data);
                assert_true(packets[k].octets + packets[k].available <= frame.data.data + length);
                packet_checksum_holds(&packets[k]);
            }
        }
    }
}

/* The short way and the walk say the same, so one frame is taken by each: a tag more makes it unusual. */
static void test_members(void **state)
{
    static const uint8_t sender[] = {2, 0, 0, 0, 0, 0xb2}, source[16] = {192, 0, 2, 1},
                         target[16] = {192, 0, 2, 2};
    static const char *const frames[] = {E4 ECHO4 "00", MACS "91000001 0800" ECHO4 "00"};
    uint8_t buffer[512];

    for (size_t i = 0; i < COUNT_OF(frames); i++) {
        struct frame frame = frame_of(unit_hex(frames[i], buffer, sizeof(buffer)));
        struct packet packets[PACKET_LAYERS_MAX], *packet = packets;
        bool malformed;

        memset(packets, 0xee, sizeof(packets));
        assert_int_equal(packet_dissect(&frame, packets, &malformed), 1);
        assert_false(malformed);
        assert_int_equal(packet->time_ns, 12345);
        assert_ptr_equal(packet->frame, &frame);
        assert_ptr_equal(packet->octets, frame.data.data + frame.data.length - 9);
        assert_int_equal(packet->available, 8);
        assert_int_equal(packet->length, 8);
        assert_int_equal(packet->class, PACKET_ECHO_REQUEST);
        assert_int_equal(packet->protocol, 1);
        assert_int_equal(packet->ttl, 64);
        assert_int_equal(packet->direction, FRAME_OUT);
        assert_int_equal(packet->flags, 0);
        assert_int_equal(packet->mac_length, 6);
        assert_memory_equal(packet->mac, sender, 6);
        assert_int_equal(packet->interface, 3);
        assert_int_equal(packet->fragment_offset, 0);
        assert_int_equal(packet->ip_id, 7);
        assert_int_equal(packet->ip_length, 28);
        assert_memory_equal(packet->source, source, 16);
        assert_memory_equal(packet->destination, target, 16);
    }
}

/* Of an ordinary frame a glance tells what is counted, and of no other. */
static void test_glance(void **state)
{
    uint8_t buffer[512];
    size_t ordinary = 0;

    for (size_t i = 0; i < COUNT_OF(dissected); i++) {
        struct frame frame = frame_of(unit_guarded(unit_hex(dissected[i].frame, buffer, sizeof(buffer))));
        struct packet packets[PACKET_LAYERS_MAX], glance;
        bool malformed;

        memset(&glance, 0xee, sizeof(glance));
        if (!packet_glance(&frame, &glance))
            continue;
        ordinary++;
        print_message("# row %zu: %s\n", i, dissected[i].frame);
        assert_int_equal(packet_dissect(&frame, packets, &malformed), 1);
        assert_false(malformed);
        assert_int_equal(glance.time_ns, packets->time_ns);
        assert_int_equal(glance.class, packets->class);
        assert_int_equal(glance.family, packets->family);
        assert_int_equal(glance.type << 8 | glance.code, packets->type << 8 | packets->code);
        assert_int_equal(glance.protocol, packets->protocol);
        assert_int_equal(glance.layer, packets->layer);
        assert_int_equal(glance.direction, packets->direction);
        assert_int_equal(glance.interface, packets->interface);
        assert_int_equal(glance.ip_length, packets->ip_length);
    }
    assert_in_range(ordinary, 5, COUNT_OF(dissected) / 2);
}

/* The sender on the link is that of the nearest link header; IP in IP has none. */
static void test_inner_sender(void **state)
{
    static const uint8_t inner[] = {2, 0, 0, 0, 0, 0xd4};
    uint8_t buffer[512];
    struct packet packets[PACKET_LAYERS_MAX];
    bool malformed;
    struct frame frame = frame_of(unit_hex(E4 HEAD4("0030", "04") ECHO4, buffer, sizeof(buffer)));

    assert_int_equal(packet_dissect(&frame, packets, &malformed), 2);
    assert_int_equal(packets[0].mac_length, 6);
    assert_int_equal(packets[1].mac_length, 0);
    frame = frame_of(unit_hex(E4 HEAD4("0042", "2f") "00006558 0200000000c3 0200000000d4 0800" ECHO4, buffer,
                              sizeof(buffer)));
    assert_int_equal(packet_dissect(&frame, packets, &malformed), 2);
    assert_int_equal(packets[1].mac_length, 6);
    assert_memory_equal(packets[1].mac, inner, 6);
}

/* Without a length the packet reaches to the end of the frame as it was on the wire. */
static void test_segmented_by_the_card(void **state)
{
    uint8_t buffer[512];
    struct packet packets[PACKET_LAYERS_MAX];
    bool malformed;
    struct frame frame = frame_of(unit_hex(E4 HEAD4("0000", "01") MESSAGE, buffer, sizeof(buffer)));

    frame.length += 1000;
    assert_int_equal(packet_dissect(&frame, packets, &malformed), 1);
    assert_int_equal(packets[0].ip_length, 1028);
    assert_int_equal(packets[0].length, 1008);
    assert_int_equal(packets[0].available, 8);
    assert_int_equal(packets[0].flags, PACKET_CUT);
}

static void test_classes(void **state)
{
    static const struct {
        uint8_t family, type, class;
    } rows[] = {
        {4, 0, PACKET_ECHO_REPLY},   {4, 8, PACKET_ECHO_REQUEST}, {4, 3, PACKET_ERROR},
        {4, 4, PACKET_ERROR},        {4, 11, PACKET_ERROR},       {4, 12, PACKET_ERROR},
        {4, 5, PACKET_REDIRECT},     {4, 9, PACKET_ROUTER},       {4, 10, PACKET_ROUTER},
        {4, 13, PACKET_QUERY},       {4, 18, PACKET_QUERY},       {4, 42, PACKET_QUERY},
        {4, 43, PACKET_QUERY},       {4, 19, PACKET_OTHER_ICMP},  {4, 128, PACKET_OTHER_ICMP},
        {4, 255, PACKET_OTHER_ICMP}, {6, 0, PACKET_OTHER_ICMP},   {6, 1, PACKET_ERROR},
        {6, 4, PACKET_ERROR},        {6, 5, PACKET_OTHER_ICMP},   {6, 128, PACKET_ECHO_REQUEST},
        {6, 129, PACKET_ECHO_REPLY}, {6, 130, PACKET_MEMBERSHIP}, {6, 143, PACKET_MEMBERSHIP},
        {6, 152, PACKET_MEMBERSHIP}, {6, 133, PACKET_ROUTER},     {6, 134, PACKET_ROUTER},
        {6, 135, PACKET_NEIGHBOR},   {6, 136, PACKET_NEIGHBOR},   {6, 137, PACKET_REDIRECT},
        {6, 139, PACKET_QUERY},      {6, 161, PACKET_QUERY},      {6, 155, PACKET_OTHER_ICMP},
        {6, 255, PACKET_OTHER_ICMP},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(packet_class_of(rows[i].family, rows[i].type), rows[i].class);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dissect),      cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_members),      cmocka_unit_test(test_glance),
        cmocka_unit_test(test_inner_sender), cmocka_unit_test(test_segmented_by_the_card),
        cmocka_unit_test(test_classes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
