/* SPDX-License-Identifier: MIT */
/* Link layers: where the network packet begins, which way it went and who sent it, for each link type. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "wire/link.h"

#define ADDRESS "0200000000b2"
#define PACKET  "45aabbcc" /* what stands for an IP packet */
#define SNAP    "aaaa03000000"
#define ZERO12  "000000000000000000000000"
#define ZERO24  ZERO12 ZERO12
#define ZERO60  ZERO24 ZERO24 ZERO12

static const struct {
    uint16_t link;
    const char *frame;
    int result;
    uint16_t protocol; /* of which the last four octets of the frame are the packet, if any */
    uint8_t direction;
    uint8_t mac_length;
} parsed[] = {
    {LINK_ETHERNET, "0200000000a1" ADDRESS "0800" PACKET, 0, 0x0800, FRAME_UNKNOWN, 6},
    {LINK_ETHERNET, "0200000000a1" ADDRESS "8100 0005 86dd" PACKET, 0, 0x86dd, FRAME_UNKNOWN, 6},
    {LINK_ETHERNET, "0200000000a1" ADDRESS "0806" PACKET, 0, 0x0806, FRAME_UNKNOWN, 6},
    {LINK_ETHERNET, "0200000000a1" ADDRESS "05dd" PACKET, 0, 0, FRAME_UNKNOWN, 6},
    {LINK_ETHERNET, "0200000000a1" ADDRESS "000c" SNAP "8847" PACKET, 0, 0x8847, FRAME_UNKNOWN, 6},
    {LINK_ETHERNET, "0200000000a1" ADDRESS "000e aaaa030080c20007 0000" PACKET, 0, 0x6558, FRAME_UNKNOWN, 6},
    {LINK_ETHERNET, "0200000000a1" ADDRESS "08", -EBADMSG},
    {LINK_NULL, "02000000" PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_NULL, "00000002" PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_NULL, "18000000" PACKET, 0, 0x86dd, FRAME_UNKNOWN, 0},
    {LINK_NULL, "1e000000" PACKET, 0, 0x86dd, FRAME_UNKNOWN, 0},
    {LINK_NULL, "63000000" PACKET, 0, 0, FRAME_UNKNOWN, 0},
    {LINK_NULL, "020000", -EBADMSG},
    {LINK_LOOP, "0000001c" PACKET, 0, 0x86dd, FRAME_UNKNOWN, 0},
    {LINK_RAW, PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_RAW_OLD, "60aabbcc", 0, 0x86dd, FRAME_UNKNOWN, 0},
    {LINK_RAW_OPENBSD, "50aabbcc", 0, 0, FRAME_UNKNOWN, 0},
    {LINK_RAW, "", -EBADMSG},
    {LINK_IPV4, PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_IPV6, PACKET, 0, 0x86dd, FRAME_UNKNOWN, 0},
    {LINK_PPP, "ff03 0021" PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_PPP, "0057" PACKET, 0, 0x86dd, FRAME_UNKNOWN, 0},
    {LINK_PPP, "21" PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_PPP, "ff03 0281" PACKET, 0, 0x8847, FRAME_UNKNOWN, 0},
    {LINK_PPP, "ff03 c021" PACKET, 0, 0, FRAME_UNKNOWN, 0},
    {LINK_PPP, "ff03", -EBADMSG},
    {LINK_PPP_HDLC, "ff03 0057" PACKET, 0, 0x86dd, FRAME_UNKNOWN, 0},
    {LINK_PPP_HDLC, "0f00 0800" PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_PPP_DIRECTED, "00 ff03 0021" PACKET, 0, 0x0800, FRAME_IN, 0},
    {LINK_PPP_DIRECTED, "01 ff03 0021" PACKET, 0, 0x0800, FRAME_OUT, 0},
    {LINK_PPP_ETHER, "11000001 0006 0021" PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_C_HDLC, "8f00 86dd" PACKET, 0, 0x86dd, FRAME_UNKNOWN, 0},
    {LINK_C_HDLC_DIRECTED, "01 0f00 0800" PACKET, 0, 0x0800, FRAME_OUT, 0},
    {LINK_FRAME_RELAY, "1841 03 cc" PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_FRAME_RELAY, "1841 03 8e" PACKET, 0, 0x86dd, FRAME_UNKNOWN, 0},
    {LINK_FRAME_RELAY, "18404001 03 00 80 000000 0800" PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_FRAME_RELAY, "1841 0800" PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_FRAME_RELAY, "18404040 03 cc", -EBADMSG},
    {LINK_FRAME_RELAY_DIRECTED, "00 1841 03 cc" PACKET, 0, 0x0800, FRAME_IN, 0},
    {LINK_TOKEN_RING, "1040 0200000000a1" ADDRESS SNAP "0800" PACKET, 0, 0x0800, FRAME_UNKNOWN, 6},
    {LINK_TOKEN_RING, "1040 0200000000a1 8200000000b2 061000110020" SNAP "0800" PACKET, 0, 0x0800,
     FRAME_UNKNOWN, 6},
    {LINK_FDDI, "50 0200000000a1" ADDRESS SNAP "86dd" PACKET, 0, 0x86dd, FRAME_UNKNOWN, 6},
    {LINK_ATM, SNAP "0800" PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_ARCNET_BSD, "0102 f0" PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_ARCNET_BSD, "0102 d4 000001" PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_ARCNET_BSD, "0102 d4 ff0000 000001" PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_ARCNET_LINUX, "0102 0000 c4 000001" PACKET, 0, 0x86dd, FRAME_UNKNOWN, 0},
    {LINK_ARCNET_LINUX, "0102 0000 d4 020001" PACKET, 0, 0, FRAME_UNKNOWN, 0},
    {LINK_ARCNET_LINUX, "0102 0000 f1" PACKET, 0, 0, FRAME_UNKNOWN, 0},
    {LINK_FIREWIRE, ZERO12 "00000000 0800" PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_IPOIB, ZERO24 ZERO12 "00000000 86dd0000" PACKET, 0, 0x86dd, FRAME_UNKNOWN, 0},
    {LINK_ENC, "02000000 00000001 00000000" PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_PFLOG, "3d180000" ZERO60 PACKET, 0, 0x86dd, FRAME_UNKNOWN, 0},
    {LINK_PFLOG, "3d180000" PACKET, -EBADMSG},
    /* data frames from a station, to one, between bridges; with QoS; aggregated; protected; without data */
    {LINK_IEEE802_11, "0801 0000 0200000000c1" ADDRESS "0200000000a1 0000" SNAP "0800" PACKET, 0, 0x0800,
     FRAME_UNKNOWN, 6},
    {LINK_IEEE802_11, "0802 0000 0200000000a1 0200000000c1" ADDRESS "0000" SNAP "0800" PACKET, 0, 0x0800,
     FRAME_UNKNOWN, 6},
    {LINK_IEEE802_11, "0803 0000 0200000000a1 0200000000c1 0200000000a1 0000" ADDRESS SNAP "0800" PACKET, 0,
     0x0800, FRAME_UNKNOWN, 6},
    {LINK_IEEE802_11, "8881 0000 0200000000c1" ADDRESS "0200000000a1 0000 0000 00000000" SNAP "86dd" PACKET,
     0, 0x86dd, FRAME_UNKNOWN, 6},
    {LINK_IEEE802_11,
     "8801 0000 0200000000c1" ADDRESS "0200000000a1 0000 8000" ZERO12 "000c" SNAP "0800" PACKET, 0, 0x0800,
     FRAME_UNKNOWN, 6},
    {LINK_IEEE802_11, "0841 0000 0200000000c1" ADDRESS "0200000000a1 0000" SNAP "0800" PACKET, 0, 0,
     FRAME_UNKNOWN, 0},
    {LINK_IEEE802_11, "4801 0000 0200000000c1" ADDRESS "0200000000a1 0000", 0, 0, FRAME_UNKNOWN, 0},
    {LINK_IEEE802_11, "8000 0000", 0, 0, FRAME_UNKNOWN, 0},
    {LINK_IEEE802_11, "0801 0000 0200000000c1" ADDRESS, -EBADMSG},
    /* radiotap with no field, with time and flags that tell of padding, with two bitmaps */
    {LINK_IEEE802_11_RADIOTAP,
     "0000 0800 00000000 0801 0000 0200000000c1" ADDRESS "0200000000a1 0000" SNAP "0800" PACKET, 0, 0x0800,
     FRAME_UNKNOWN, 6},
    {LINK_IEEE802_11_RADIOTAP,
     "0000 1100 03000000 0000000000000000 20 8801 0000 0200000000c1" ADDRESS
     "0200000000a1 0000 0000 0000" SNAP "0800" PACKET,
     0, 0x0800, FRAME_UNKNOWN, 6},
    {LINK_IEEE802_11_RADIOTAP,
     "0000 0d00 02000080 00000000 20 8801 0000 0200000000c1" ADDRESS "0200000000a1 0000 0000 0000" SNAP
     "0800" PACKET,
     0, 0x0800, FRAME_UNKNOWN, 6},
    {LINK_IEEE802_11_RADIOTAP, "0000 ffff 00000000", -EBADMSG},
    {LINK_PRISM, ZERO60 ZERO60 ZERO24 "0801 0000 0200000000c1" ADDRESS "0200000000a1 0000" SNAP "0800" PACKET,
     0, 0x0800, FRAME_UNKNOWN, 6},
    {LINK_AVS,
     "80211001 00000014" ZERO12 "0801 0000 0200000000c1" ADDRESS "0200000000a1 0000" SNAP "0800" PACKET, 0,
     0x0800, FRAME_UNKNOWN, 6},
    {LINK_LINUX_SLL, "0000 0001 0006" ADDRESS "0000 0800" PACKET, 0, 0x0800, FRAME_IN, 6},
    {LINK_LINUX_SLL, "0004 0001 0006" ADDRESS "0000 86dd" PACKET, 0, 0x86dd, FRAME_OUT, 6},
    {LINK_LINUX_SLL, "0003 0001 0006" ADDRESS "0000 8100 0005 0800" PACKET, 0, 0x0800, FRAME_UNKNOWN, 6},
    {LINK_LINUX_SLL, "0004 0200 0000" ADDRESS "0000 0800" PACKET, 0, 0x0800, FRAME_OUT, 0},
    {LINK_LINUX_SLL, "0000 0001 0006" ADDRESS "0000 0004" SNAP "0800" PACKET, 0, 0x0800, FRAME_IN, 6},
    {LINK_LINUX_SLL, "0000 0338 0006" ADDRESS "0000 0800" PACKET, 0, 0, FRAME_IN, 6},
    {LINK_LINUX_SLL, "0000 0001 0006" ADDRESS "00", -EBADMSG},
    {LINK_LINUX_SLL2, "0800 0000 00000001 0001 04 06" ADDRESS "0000" PACKET, 0, 0x0800, FRAME_OUT, 6},
    {LINK_LINUX_SLL2, "86dd 0000 00000001 0304 02 00" ADDRESS "0000" PACKET, 0, 0x86dd, FRAME_IN, 0},
    /* the netfilter log of both byte orders: hook, sender and payload; of a bridge */
    {LINK_NFLOG, "02000000 0800 0100 0800 01 00 1000 0800 0006 0000" ADDRESS "0000 0800 0900" PACKET, 0,
     0x0800, FRAME_IN, 6},
    {LINK_NFLOG, "0a000000 0008 0001 86dd 03 00 0008 0009" PACKET, 0, 0x86dd, FRAME_OUT, 0},
    {LINK_NFLOG, "07000000 0800 0100 86dd 02 00 0800 0900" PACKET, 0, 0x86dd, FRAME_UNKNOWN, 0},
    {LINK_NFLOG, "0200", -EBADMSG},
    {LINK_IPNET, "0102 0000 00000004" ZERO12 "00000000" PACKET, 0, 0x0800, FRAME_UNKNOWN, 0},
    {LINK_IPNET, "011a 0000 00000004" ZERO12 "00000000" PACKET, 0, 0x86dd, FRAME_UNKNOWN, 0},
    {250, PACKET, -ENOTSUP},
    {65535, PACKET, -ENOTSUP},
};

static void test_parse(void **state)
{
    static const uint8_t sender[] = {2, 0, 0, 0, 0, 0xb2};
    uint8_t buffer[512];

    for (size_t i = 0; i < COUNT_OF(parsed); i++) {
        struct slice octets = unit_guarded(unit_hex(parsed[i].frame, buffer, sizeof(buffer)));
        struct frame frame = {.data = octets, .length = (uint32_t)octets.length, .link = parsed[i].link};
        struct link_view view;

        print_message("# row %zu: link %u, %s\n", i, parsed[i].link, parsed[i].frame);
        assert_int_equal(link_parse(&frame, &view), parsed[i].result);
        assert_int_equal(link_is_known(parsed[i].link), parsed[i].result != -ENOTSUP);
        assert_int_equal(view.protocol, parsed[i].protocol);
        if (parsed[i].result < 0)
            continue;
        assert_int_equal(view.direction, parsed[i].direction);
        assert_int_equal(view.mac_length, parsed[i].mac_length);
        if (view.mac_length)
            assert_memory_equal(view.mac, sender, 6);
        if (view.protocol) {
            assert_ptr_equal(view.packet.data, octets.data + octets.length - 4);
            assert_int_equal(view.packet.length, 4);
        }
    }
}

/* Each prefix of each frame is read within its bounds; reading beyond it would crash. */
static void test_every_prefix(void **state)
{
    uint8_t buffer[512];

    for (size_t i = 0; i < COUNT_OF(parsed); i++) {
        struct slice whole = unit_hex(parsed[i].frame, buffer, sizeof(buffer));

        for (size_t length = 0; length <= whole.length; length++) {
            struct slice octets = unit_guarded(slice_first(whole, length));
            struct frame frame = {.data = octets, .length = (uint32_t)length, .link = parsed[i].link};
            struct link_view view;

            if (link_parse(&frame, &view) == 0)
                assert_true(view.packet.data + view.packet.length <= octets.data + length);
        }
    }
}

/* What the link header does not say, the capture may. */
static void test_direction_of_the_capture(void **state)
{
    uint8_t buffer[64];
    struct frame frame = {.data = unit_hex(PACKET, buffer, sizeof(buffer)),
                          .length = 4,
                          .link = LINK_RAW,
                          .direction = FRAME_OUT};
    struct link_view view;

    assert_int_equal(link_parse(&frame, &view), 0);
    assert_int_equal(view.direction, FRAME_OUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_direction_of_the_capture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
