/* SPDX-License-Identifier: MIT */
/* Targets as people type them: what is understood, and what is refused with which words. */
#include "probe/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/macro.h"

static const struct {
    const char *text, *host;
    uint16_t port;
    bool udp;
} understood[] = {
    {"example.net", "example.net", 0, false},
    {"192.0.2.1", "192.0.2.1", 0, false},
    {"2001:db8::1", "2001:db8::1", 0, false},
    {"[2001:db8::1]", "2001:db8::1", 0, false},
    {"[2001:db8::1]:443", "2001:db8::1", 443, false},
    {"[fe80::1%eth0]:22", "fe80::1%eth0", 22, false},
    {"fe80::1%eth0", "fe80::1%eth0", 0, false},
    {"example.net:8443", "example.net", 8443, false},
    {"192.0.2.1:53/udp", "192.0.2.1", 53, true},
    {"192.0.2.1:53/tcp", "192.0.2.1", 53, false},
    {"tcp://192.0.2.1:65535", "192.0.2.1", 65535, false},
    {"udp://[2001:db8::1]:53", "2001:db8::1", 53, true},
    {"https://example.net/path?query#part", "example.net", 443, false},
    {"https://user:secret@example.net:8443/", "example.net", 8443, false},
    {"http://[2001:db8::1]/", "2001:db8::1", 80, false},
    {"ssh://host", "host", 22, false},
};

static void test_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(understood); i++) {
        struct sonde_error error = {0};
        struct target target;

        if (target_parse(understood[i].text, &target, &error) != 0)
            fail_msg("%s: %s", understood[i].text, error.what);
        assert_string_equal(target.host, understood[i].host);
        assert_int_equal(target.port, understood[i].port);
        assert_int_equal(target.udp, understood[i].udp);
    }
}

static const struct {
    const char *text, *words;
} refused[] = {
    {"", "no host"},
    {":80", "no host"},
    {"host:", "not a port number"},
    {"host:http", "not a port number"},
    {"host:-1", "not a port number"},
    {"host:0", "out of range"},
    {"host:65536", "out of range"},
    {"host:99999999999999999999", "out of range"},
    {"host:80/sctp", "neither tcp nor udp"},
    {"foo://host:1", "no scheme"},
    {"tcp://host", "no port"},
    {"udp://host", "no port"},
    {"[2001:db8::1", "no closing bracket"},
    {"[192.0.2]:80", "not an IPv6 address"},
    {"[2001:db8::1]x", "not a port"},
    {"2001:db8::1:x:y", "not an address"},
    {"a b", "contains a space"},
    {"a\tb:1", "contains a space"},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct sonde_error error = {0};
        struct target target;

        if (target_parse(refused[i].text, &target, &error) != SONDE_E_USAGE)
            fail_msg("%s is accepted", refused[i].text);
        if (!strstr(error.what, refused[i].words))
            fail_msg("%s: \"%s\" lacks \"%s\"", refused[i].text, error.what, refused[i].words);
    }
}

static void test_long_host(void **state)
{
    struct sonde_error error = {0};
    struct target target;
    char text[400];

    (void)state;
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(target_parse(text, &target, &error), SONDE_E_USAGE);
    text[255] = '\0';
    assert_int_equal(target_parse(text, &target, &error), 0);
    assert_int_equal(strlen(target.host), 255);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_understood),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_long_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
