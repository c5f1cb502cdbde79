/* SPDX-License-Identifier: MIT */
/* Packets of real programs, as they were seen on a link, and which program is named. */
#include "tests/unit/unit.h"

#include "detect/scan/tool.h"

static const struct {
    const char *name; /* NULL: none that is known */
    enum tool_use use;
    uint8_t ttl;
    uint16_t ip_id;
    const char *octets; /* ICMP header and payload, in hexadecimal */
} rows[] = {
    {"zmap", TOOL_SCANS, 255, 54321, "0800799b7e640000 000000000000000000000000"},
    {"zmap", TOOL_SCANS, 250, 7, "0800799b7e640000 000000000000000000000000"},
    {"masscan", TOOL_SCANS, 255, 34435,
     "0800b3e2a9c0af59 "
     "08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f30313233"
     "34353637"},
    {"nmap", TOOL_SCANS, 55, 55976, "080044bfb3400000"},
    {NULL, TOOL_PINGS, 64, 59197, "0800b9fe3d010100"},
    {"ISC dhcpd or dnsmasq", TOOL_LEASES, 64, 0, "0800788e7f710000 0000000000000000000000000000000000000000"},
    {"fping", TOOL_PINGS, 64, 38225,
     "0800788e7f710000 "
     "00000000000000000000000000000000000000000000000000000000"
     "00000000000000000000000000000000000000000000000000000000"},
    {"Linux ping", TOOL_PINGS, 64, 38549,
     "0800dc067fd20001 95b1066b0000000033360e0000000000 "
     "101112131415161718191a1b1c1d1e1f202122232425262728292a"
     "2b2c2d2e2f3031323334353637"},
    {"Windows ping", TOOL_PINGS, 128, 1,
     "08004d5a00010001 6162636465666768696a6b6c6d6e6f7071727374757677616263646566676869"},
    {"CyberKit or Nachi worm", TOOL_SCANS, 120, 1,
     "08004d5a02000100 "
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {"ISS Pinger", TOOL_SCANS, 64, 1, "08004d5a02000100 495353504e475251"},
    {NULL, TOOL_PINGS, 64, 1, "08004d5a02000100 1234567890"},
    {NULL, TOOL_PINGS, 64, 1, "08004d5a"},
};

static void are_told_apart(void **state)
{
    uint8_t buffer[128];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice data = unit_guarded(unit_hex(rows[i].octets, buffer, sizeof(buffer)));
        struct packet packet = {.family = 4,
                                .class = PACKET_ECHO_REQUEST,
                                .type = 8,
                                .ttl = rows[i].ttl,
                                .ip_id = rows[i].ip_id,
                                .octets = data.data,
                                .available = (uint32_t)data.length,
                                .length = (uint32_t)data.length};
        const char *name = tool_name(tool_guess(&packet));

        print_message("# row %zu\n", i);
        assert_int_equal(name != NULL, rows[i].name != NULL);
        if (name)
            assert_string_equal(name, rows[i].name);
        assert_int_equal(tool_use(tool_guess(&packet)), rows[i].use);
        for (packet.available = 0; packet.available <= data.length; packet.available++) /* cut captures */
            tool_guess(&packet);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(are_told_apart)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
