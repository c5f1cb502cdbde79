/* SPDX-License-Identifier: MIT */
/* RFC 4884 structures: label stacks, interfaces, unknown objects, and every way to be damaged. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "wire/extension.h"

static int parse(const char *octets, struct extension *extension)
{
    uint8_t buffer[512];

    memset(extension, 0xff, sizeof(*extension));
    return extension_parse(unit_guarded(unit_hex(octets, buffer, sizeof(buffer))), extension);
}

/* tcpdump's tests/mpls-traceroute.pcap */
static void test_real_label(void **state)
{
    struct extension extension;

    assert_int_equal(parse("2000c55f 00080101 18960101", &extension), 0);
    assert_int_equal(extension.label_count, 1);
    assert_int_equal(extension.labels[0].label, 100704);
    assert_int_equal(extension.labels[0].traffic_class, 0);
    assert_int_equal(extension.labels[0].ttl, 1);
    assert_false(extension.interface);
}

/* tcpdump's tests/icmp-rfc5837.pcap: a name of the greatest length */
static void test_real_interface(void **state)
{
    struct extension extension;
    struct sonde_address want = unit_address("10.10.10.10");

    assert_int_equal(
        parse("2000246c 0050020e 0000000f 00010000 0a0a0a0a"
              "40546869732d69732d7468652d6e616d652d6f662d7468652d496e746572666163652d746861742d77652d"
              "6172652d6c6f6f6b696e672d666f722d5b3a2d295d",
              &extension),
        0);
    assert_true(extension.interface);
    assert_int_equal(extension.role, EXTENSION_INCOMING);
    assert_int_equal(extension.index, 15);
    assert_int_equal(extension.mtu, 0);
    assert_true(sonde_address_equal(&extension.address, &want));
    assert_string_equal(extension.name, "This-is-the-name-of-the-Interface-that-we-are-looking-for-[:-)]");
}

/* All four sub-objects, IPv6, with a name that would like to drive the terminal. */
static void test_full_interface(void **state)
{
    struct extension extension;
    struct sonde_address want = unit_address("2001:db8::5");

    assert_int_equal(parse("20000000 0028028f 00000007 00020000 20010db8000000000000000000000005"
                           "08 65 1b 68 7f 31 00 00 000005dc",
                           &extension),
                     0);
    assert_int_equal(extension.role, EXTENSION_OUTGOING);
    assert_int_equal(extension.index, 7);
    assert_int_equal(extension.mtu, 1500);
    assert_true(sonde_address_equal(&extension.address, &want));
    assert_string_equal(extension.name, "e?h?1");
}

static const struct {
    const char *octets;
    enum extension_role role;
    uint32_t index;
} roles[] = {
    {"20000000 00080288 00000001 00080208 00000002", EXTENSION_INCOMING, 2},
    {"20000000 00080208 00000001 00080288 00000002", EXTENSION_INCOMING, 1},
    {"20000000 00080288 00000001 000802c8 00000002", EXTENSION_OUTGOING, 1},
    {"20000000 00080248 00000001", EXTENSION_SUB_IP, 1},
    {"20000000 000802c8 00000009", EXTENSION_NEXT_HOP, 9},
    {"20000000 00080208 00000001 00080208 00000002", EXTENSION_INCOMING, 1},
};

static void test_incoming_wins(void **state)
{
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        struct extension extension;

        assert_int_equal(parse(roles[i].octets, &extension), 0);
        assert_true(extension.interface);
        assert_int_equal(extension.role, roles[i].role);
        assert_int_equal(extension.index, roles[i].index);
    }
}

static void test_labels_and_interface_together(void **state)
{
    struct extension extension;

    assert_int_equal(
        parse("20000000 000c0101 00064e40 000c8fff 0008ee01 0badcafe 00080208 00000003", &extension), 0);
    assert_int_equal(extension.label_count, 2);
    assert_int_equal(extension.labels[0].label, 100);
    assert_int_equal(extension.labels[0].traffic_class, 7);
    assert_int_equal(extension.labels[0].ttl, 0x40);
    assert_int_equal(extension.labels[1].label, 200);
    assert_int_equal(extension.labels[1].ttl, 255);
    assert_int_equal(extension.index, 3);
}

static void test_more_labels_than_fit(void **state)
{
    struct extension extension;

    assert_int_equal(
        parse("20000000 002c0101 00001001 00002001 00003001 00004001 00005001 00006001 00007001 00008001"
              "00009001 0000a101",
              &extension),
        0);
    assert_int_equal(extension.label_count, EXTENSION_LABELS_MAX);
    assert_int_equal(extension.labels[7].label, 8);
}

static const char *const harmless[] = {
    "20000000",                   /* no object */
    "2000dfff",                   /* the same with a checksum */
    "20000000 0004ff01",          /* an empty unknown object */
    "20000000 00080102 deadbeef", /* labels of an unknown type */
    "20000000 00040101",          /* an empty label stack */
};

static void test_harmless(void **state)
{
    static const struct extension nothing;

    for (size_t i = 0; i < COUNT_OF(harmless); i++) {
        struct extension extension;

        assert_int_equal(parse(harmless[i], &extension), 0);
        assert_memory_equal(&extension, &nothing, sizeof(nothing));
    }
}

static const char *const damaged[] = {
    "",
    "200000",
    "10000000 00080101 18960101",                            /* version */
    "2000c55e 00080101 18960101",                            /* checksum */
    "20000000 0008",                                         /* an object's header cut */
    "20000000 00000101",                                     /* length 0 would never end */
    "20000000 00030101",                                     /* shorter than its header */
    "20000000 00090101 18960101",                            /* longer than what is there */
    "20000000 00080101 18960101 ffff0101",                   /* a good object, then a bad one */
    "20000000 000a0101 18960101 0000",                       /* half a label */
    "20000000 00040208",                                     /* an index that is not there */
    "20000000 00060208 0000",                                /* half an index */
    "20000000 00060204 0001",                                /* half an address family */
    "20000000 00080204 00010000",                            /* an address that is not there */
    "20000000 000c0204 00030000 0a000001",                   /* an unknown address family */
    "20000000 00140204 00020000 20010db8 00000000 00000000", /* an IPv6 address cut */
    "20000000 00040202",                                     /* a name that is not there */
    "20000000 00080202 00616263",                            /* a name of length 0 */
    "20000000 00080202 05616263",                            /* a name longer than its object */
    "20000000 00080203 04616263",                            /* an MTU that is not there */
};

static void test_damaged_says_nothing(void **state)
{
    static const struct extension nothing;

    for (size_t i = 0; i < COUNT_OF(damaged); i++) {
        struct extension extension;

        print_message("# row %zu\n", i);
        assert_int_equal(parse(damaged[i], &extension), -EBADMSG);
        assert_memory_equal(&extension, &nothing, sizeof(nothing));
    }
}

static void test_name_longer_than_the_rfc_allows(void **state)
{
    uint8_t octets[4 + 4 + 68] = {0x20, 0, 0, 0, 0, 72, 2, 2, 65};
    struct extension extension;

    memset(octets + 9, 'x', 64);
    assert_int_equal(extension_parse(slice_of(octets, sizeof(octets)), &extension), -EBADMSG);
    octets[8] = 64;
    assert_int_equal(extension_parse(slice_of(octets, sizeof(octets)), &extension), 0);
    assert_int_equal(strlen(extension.name), 63);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_label),
        cmocka_unit_test(test_real_interface),
        cmocka_unit_test(test_full_interface),
        cmocka_unit_test(test_incoming_wins),
        cmocka_unit_test(test_labels_and_interface_together),
        cmocka_unit_test(test_more_labels_than_fit),
        cmocka_unit_test(test_harmless),
        cmocka_unit_test(test_damaged_says_nothing),
        cmocka_unit_test(test_name_longer_than_the_rfc_allows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
