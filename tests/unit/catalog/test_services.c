/* SPDX-License-Identifier: MIT */
/* Services: lookups, and first messages that are well-formed by their own protocols' length fields. */
#include "tests/unit/unit.h"

#include <netinet/in.h>
#include <string.h>

#include "catalog/services.h"

static uint32_t big_endian(const uint8_t *octets, size_t count)
{
    uint32_t value = 0;

    for (size_t i = 0; i < count; i++)
        value = value << 8 | octets[i];
    return value;
}

static struct slice request(const char *scheme, uint8_t protocol)
{
    const struct service *service = service_find_scheme(scheme);

    assert_non_null(service);
    if (service->protocol != protocol)
        service = service_find(protocol, service->port);
    assert_non_null(service);
    return service->request;
}

static void test_lookup(void **state)
{
    assert_string_equal(service_find(IPPROTO_TCP, 443)->scheme, "https");
    assert_string_equal(service_find(IPPROTO_UDP, 443)->scheme, "quic");
    assert_int_equal(service_find_scheme("https")->port, 443);
    assert_int_equal(service_find_scheme("HTTP")->port, 80);
    assert_int_equal(service_find_scheme("dns")->protocol, IPPROTO_UDP);
    assert_int_equal(service_find_scheme("ssh")->port, 22);
    assert_null(service_find(IPPROTO_TCP, 4711));
    assert_null(service_find(IPPROTO_SCTP, 443));
    assert_null(service_find_scheme("gophers"));
}

static void test_generic_requests(void **state)
{
    struct slice http = service_request(IPPROTO_TCP, 80), unknown = service_request(IPPROTO_TCP, 4711);

    assert_int_equal(unknown.length, http.length);
    assert_memory_equal(unknown.data, http.data, http.length);
    assert_memory_equal(unknown.data + unknown.length - 4, "\r\n\r\n", 4);
    assert_int_equal(service_request(IPPROTO_UDP, 4711).length, 0);
    assert_int_equal(service_request(IPPROTO_TCP, 22).length, 0); /* it greets */
    assert_true(service_find(IPPROTO_TCP, 22)->greets);
    assert_true(service_request(IPPROTO_TCP, 179).length > 0);
    assert_int_equal(service_request(IPPROTO_UDP, 514).length, 0);
}

static void test_every_port_answers_something(void **state)
{
    unsigned services = 0, requests = 0;

    for (unsigned port = 0; port < 65536; port++) {
        const struct service *tcp = service_find(IPPROTO_TCP, (uint16_t)port);
        const struct service *udp = service_find(IPPROTO_UDP, (uint16_t)port);

        services += (tcp != NULL) + (udp != NULL);
        requests += (udp && udp->request.length > 0) + (tcp && (tcp->request.length > 0 || tcp->greets));
        if (tcp && !tcp->greets)
            assert_true(service_request(IPPROTO_TCP, (uint16_t)port).length > 0);
    }
    assert_true(services >= 50);
    assert_true(requests >= 50);
}

/* A ClientHello whose record, handshake and extensions lengths nest exactly (RFC 8446 4.1.2, 5.1). */
static void test_client_hello(void **state)
{
    struct slice hello = request("https", IPPROTO_TCP);
    const uint8_t *at = hello.data;
    size_t session, suites, extensions;

    assert_int_equal(at[0], 22);
    assert_int_equal(big_endian(at + 3, 2), hello.length - 5);
    assert_int_equal(at[5], 1);
    assert_int_equal(big_endian(at + 6, 3), hello.length - 9);
    session = at[43];
    suites = big_endian(at + 44 + session, 2);
    extensions = 44 + session + 2 + suites + 2;
    assert_int_equal(big_endian(at + extensions, 2), hello.length - extensions - 2);
    for (extensions += 2; extensions < hello.length;)
        extensions += 4 + big_endian(at + extensions + 2, 2);
    assert_int_equal(extensions, hello.length);
}

/* Type, length, value, to the end: BER of SNMP and LDAP. */
static void check_ber(struct slice data)
{
    while (data.length > 0) {
        assert_true(data.length >= 2 && data.data[1] < 0x80 && data.data[1] <= data.length - 2);
        if (data.data[0] & 0x20) /* constructed */
            check_ber(slice_of(data.data + 2, data.data[1]));
        data = slice_skip(data, 2 + (size_t)data.data[1]);
    }
}

static void test_ber(void **state)
{
    check_ber(request("snmp", IPPROTO_UDP));
    check_ber(request("ldap", IPPROTO_TCP));
    check_ber(request("cldap", IPPROTO_UDP));
}

static void test_binary_lengths(void **state)
{
    struct slice data = request("dns", IPPROTO_TCP);

    assert_int_equal(big_endian(data.data, 2), data.length - 2);
    assert_memory_equal(data.data + 2, request("dns", IPPROTO_UDP).data, data.length - 2);
    assert_int_equal(request("dns", IPPROTO_UDP).length, 12 + 1 + 4);
    assert_int_equal(request("ntp", IPPROTO_UDP).length, 48);
    assert_int_equal(request("quic", IPPROTO_UDP).length, 1200);
    assert_int_equal(request("stun", IPPROTO_UDP).length, 20);
    data = request("ike", IPPROTO_UDP);
    assert_int_equal(big_endian(data.data + 24, 4), data.length);
    data = request("ike-nat", IPPROTO_UDP);
    assert_int_equal(big_endian(data.data + 28, 4), data.length - 4);
    data = request("smb", IPPROTO_TCP);
    assert_int_equal(big_endian(data.data, 4), data.length - 4);
    data = request("rdp", IPPROTO_TCP);
    assert_int_equal(big_endian(data.data + 2, 2), data.length);
    data = request("mssql", IPPROTO_TCP);
    assert_int_equal(big_endian(data.data + 2, 2), data.length);
    data = request("kafka", IPPROTO_TCP);
    assert_int_equal(big_endian(data.data, 4), data.length - 4);
    data = request("mongodb", IPPROTO_TCP);
    assert_int_equal(data.data[0], data.length);
    assert_int_equal(data.data[21], data.length - 21);
    data = request("mqtt", IPPROTO_TCP);
    assert_int_equal(data.data[1], data.length - 2);
    data = request("openvpn", IPPROTO_TCP);
    assert_int_equal(big_endian(data.data, 2), data.length - 2);
    data = request("rpcbind", IPPROTO_TCP);
    assert_int_equal(big_endian(data.data, 4), 0x80000000u | (data.length - 4));
    assert_int_equal(big_endian(data.data + 4 + 12, 4), 100000);
    assert_int_equal(big_endian(request("nfs", IPPROTO_UDP).data + 12, 4), 100003);
    data = request("postgresql", IPPROTO_TCP);
    assert_int_equal(big_endian(data.data, 4), data.length);
}

static void test_git_packet_line(void **state)
{
    struct slice data = request("git", IPPROTO_TCP);
    unsigned length = 0;

    for (size_t i = 0; i < 4; i++)
        length = length * 16 + (unsigned)(data.data[i] <= '9' ? data.data[i] - '0' : data.data[i] - 'a' + 10);
    assert_int_equal(length, data.length);
}

/* DNS names of mDNS and NetBIOS end where the question's type begins. */
static void check_question(struct slice data)
{
    size_t at = 12;

    while (data.data[at] != 0)
        at += 1 + data.data[at];
    assert_int_equal(at + 1 + 4, data.length);
}

static void test_questions(void **state)
{
    check_question(request("dns", IPPROTO_UDP));
    check_question(request("mdns", IPPROTO_UDP));
    check_question(request("netbios", IPPROTO_UDP));
}

static void test_protocols(void **state)
{
    assert_string_equal(protocol_word(IPPROTO_ICMPV6), "icmpv6");
    assert_string_equal(protocol_title(IPPROTO_ICMPV6), "ICMPv6");
    assert_string_equal(protocol_word(IPPROTO_SCTP), "sctp");
    assert_null(protocol_word(253));
    assert_null(protocol_title(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lookup),
        cmocka_unit_test(test_generic_requests),
        cmocka_unit_test(test_every_port_answers_something),
        cmocka_unit_test(test_client_hello),
        cmocka_unit_test(test_ber),
        cmocka_unit_test(test_binary_lengths),
        cmocka_unit_test(test_git_packet_line),
        cmocka_unit_test(test_questions),
        cmocka_unit_test(test_protocols),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
