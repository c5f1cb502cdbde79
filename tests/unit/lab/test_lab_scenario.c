/* SPDX-License-Identifier: MIT */
/* The scenario parser: what statements mean, and what each mistake is answered with. */
#include "net/lab/scenario.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "tests/unit/unit.h"

#define HOSTS "host client\nhost r1\nlink client eth0 to r1 eth1\n"
#define HEAD  "title A title\nteach A lesson\ntarget tcp://10.0.0.1:80\nexpect open at target\n"

/* Files that the scenarios of this test extend. */
static const struct {
    const char *name, *text;
} files[] = {
    {"base.network", HOSTS},
    {"itself.network", "extend itself.network\n"},
    {"broken.network", "host client\nmtu client eth0 1500\n"},
    {"secret.network", NULL},
};

static int read_file(const struct scenario_reader *reader, const char *file, char **text, size_t *length,
                     struct sonde_error *error)
{
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        if (strcmp(files[i].name, file) != 0)
            continue;
        if (!files[i].text)
            return error_set(error, -EACCES, "%s cannot be read", file);
        *text = text_format("%s", files[i].text);
        *length = strlen(*text);
        return 0;
    }
    return -ENOENT;
}

static const struct scenario_reader reader = {.read = read_file};

static int parse(struct scenario *scenario, const char *text, struct sonde_error *error)
{
    return scenario_parse(scenario, "test", "f", slice_of(text, strlen(text)), &reader, error);
}

/* Parse a text that must be right. */
static void accept(struct scenario *scenario, const char *text)
{
    struct sonde_error error = {0};

    if (parse(scenario, text, &error) < 0)
        fail_msg("%s", error.what);
}

static void test_head(void **state)
{
    _cleanup_scenario_ struct scenario scenario = {0};

    accept(&scenario, HOSTS "title   Two  words # not this\n"
                            "teach One\n      paragraph\nteach\tTwo\n"
                            "target udp://[2001:db8::1]:53\n"
                            "expect host-down at r1\nexpect open\n");
    assert_string_equal(scenario.name, "test");
    assert_string_equal(scenario.title, "Two words");
    assert_string_equal(scenario.teach, "One paragraph\n\nTwo");
    assert_string_equal(scenario.target.text, "udp://[2001:db8::1]:53");
    assert_string_equal(scenario.target.host, "2001:db8::1");
    assert_true(scenario.target.udp);
    assert_int_equal(scenario.target.port, 53);
    assert_int_equal(scenario.expect_count, 2);
    assert_string_equal(scenario.expects[0].cause, "host-down");
    assert_string_equal(scenario.expects[0].at, "r1");
    assert_null(scenario.expects[1].at);
}

static void test_hosts(void **state)
{
    _cleanup_scenario_ struct scenario scenario = {0};

    accept(&scenario, HEAD "extend base.network\nhost far-away\n");
    assert_int_equal(scenario.host_count, 3);
    assert_int_equal(scenario_find_host(&scenario, "client"), 0);
    assert_int_equal(scenario_find_host(&scenario, "far-away"), 2);
    assert_int_equal(scenario_find_host(&scenario, "server"), -1);
}

/* A statement, and what the step must hold. */
struct step_case {
    const char *text;
    struct scenario_step step; /* without texts and places */
    const char *word, *rest;
};

static const struct step_case steps[] = {
    {"bridge r1 br0", {.verb = STEP_BRIDGE, .host = 1, .interface = "br0"}},
    {"port r1 eth1 of eth1", {.verb = STEP_PORT, .host = 1, .interface = "eth1", .peer_interface = "eth1"}},
    {"address r1 eth1 10.0.0.1/24",
     {.verb = STEP_ADDRESS, .host = 1, .interface = "eth1", .prefix = {{4, {10, 0, 0, 1}}, 24}}},
    {"address client lo ::1", {.verb = STEP_ADDRESS, .interface = "lo", .prefix = {{6, {[15] = 1}}, 128}}},
    {"route client to default via 10.0.0.1", {.verb = STEP_ROUTE, .address = {4, {10, 0, 0, 1}}}},
    {"route client to 10.0.0.0/8 dev eth0",
     {.verb = STEP_ROUTE, .prefix = {{4, {10}}, 8}, .interface = "eth0"}},
    {"route r1 local 10.0.0.0/8",
     {.verb = STEP_ROUTE, .host = 1, .prefix = {{4, {10}}, 8}, .route = SCENARIO_LOCAL}},
    {"route r1 blackhole 10.0.0.1",
     {.verb = STEP_ROUTE, .host = 1, .prefix = {{4, {10, 0, 0, 1}}, 32}, .route = SCENARIO_BLACKHOLE}},
    {"route r1 prohibit 10.0.0.1/32",
     {.verb = STEP_ROUTE, .host = 1, .prefix = {{4, {10, 0, 0, 1}}, 32}, .route = SCENARIO_PROHIBIT}},
    {"route r1 unreachable ::/0",
     {.verb = STEP_ROUTE, .host = 1, .prefix = {{6, {0}}, 0}, .route = SCENARIO_UNREACHABLE}},
    {"unroute r1 10.0.0.0/8", {.verb = STEP_UNROUTE, .host = 1, .prefix = {{4, {10}}, 8}}},
    {"unroute r1 default via ::1", {.verb = STEP_UNROUTE, .host = 1, .address = {6, {[15] = 1}}}},
    {"sysctl r1 net.ipv4.ping_group_range 0  10",
     {.verb = STEP_SYSCTL, .host = 1},
     "net.ipv4.ping_group_range",
     "0 10"},
    {"mtu r1 eth1 1280", {.verb = STEP_MTU, .host = 1, .interface = "eth1", .octets = 1280}},
    {"down r1 eth1", {.verb = STEP_DOWN, .host = 1, .interface = "eth1"}},
    {"noarp r1 eth1", {.verb = STEP_NOARP, .host = 1, .interface = "eth1"}},
    {"slow r1 eth1 10kbit queue 3000",
     {.verb = STEP_SLOW, .host = 1, .interface = "eth1", .rate = 10000, .octets = 3000}},
    {"load client 1kbit to 10.0.0.1 port 9",
     {.verb = STEP_LOAD, .rate = 1000, .address = {4, {10, 0, 0, 1}}, .port = 9}},
    {"service r1 tcp-full 65535",
     {.verb = STEP_SERVICE, .host = 1, .service = SERVICE_TCP_FULL, .port = 65535}},
    {"service r1 udp-echo 1 on 10.0.0.1",
     {.verb = STEP_SERVICE,
      .host = 1,
      .service = SERVICE_UDP_ECHO,
      .port = 1,
      .address = {4, {10, 0, 0, 1}}}},
    {"filter r1 input udp dport 53 { }\n  # why\n",
     {.verb = STEP_FILTER, .host = 1},
     "input",
     "udp dport 53 { }"},
    {"filter r1 forward a\n\tb   c", {.verb = STEP_FILTER, .host = 1}, "forward", "a b c"},
    {"nat r1 dnat to 10.0.0.9", {.verb = STEP_NAT, .host = 1}, NULL, "dnat to 10.0.0.9"},
    {"name www.lab 10.0.0.1", {.verb = STEP_NAME, .address = {4, {10, 0, 0, 1}}}, "www.lab"},
};

static void compare_text(const char *a, const char *b)
{
    assert_int_equal(!a, !b);
    if (a)
        assert_string_equal(a, b);
}

static void check_step(const struct step_case *wanted, bool fault)
{
    _cleanup_free_ char *text = text_format(HEAD HOSTS "%s%s\n", fault ? "fault " : "", wanted->text);
    _cleanup_scenario_ struct scenario scenario = {0};
    struct scenario_step step;

    accept(&scenario, text);
    assert_int_equal(scenario.step_count, 2);
    step = scenario.steps[1];
    assert_int_equal(step.fault, fault);
    assert_int_equal(step.line, 8);
    assert_string_equal(step.file, "f");
    compare_text(step.word, wanted->word);
    compare_text(step.text, wanted->rest);
    step.word = step.text = step.file = step.source = NULL;
    step.line = 0;
    step.fault = false;
    assert_memory_equal(&step, &wanted->step, sizeof(step));
}

static void test_steps(void **state)
{
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        check_step(&steps[i], false);
        check_step(&steps[i], true);
    }
}

static void test_link(void **state)
{
    _cleanup_scenario_ struct scenario scenario = {0};

    accept(&scenario, HEAD HOSTS);
    assert_int_equal(scenario.steps[0].verb, STEP_LINK);
    assert_int_equal(scenario.steps[0].host, 0);
    assert_int_equal(scenario.steps[0].peer, 1);
    assert_string_equal(scenario.steps[0].interface, "eth0");
    assert_string_equal(scenario.steps[0].peer_interface, "eth1");
    assert_string_equal(scenario.steps[0].source, "link client eth0 to r1 eth1");
}

/* A mistake behind HOSTS (whose lines are 1 to 3), and the answer behind the file's name. */
static const struct {
    const char *text, *answer;
} mistakes[] = {
    {"wibble", "4:1: there is no such statement"},
    {"\n  wibble", "5:3: there is no such statement"},
    {"fault", "4:1: there is no such statement"},
    {"fault title x", "4:7: this statement cannot be a fault"},
    {"link client eth1 too r1 eth2", "4:18: expected \"link HOST NEW-INTERFACE to PEER PEER-INTERFACE\""},
    {"link client eth1 to client eth2", "4:28: a link needs two hosts"},
    {"link client eth0 to r1 eth2", "4:13: client has already an interface eth0"},
    {"link client eth1 to r1 eth1", "4:24: r1 has already an interface eth1"},
    {"link client Eth1 to r1 eth2",
     "4:13: \"Eth1\" is no name: at most 15 small letters, digits and hyphens"},
    {"host r1", "4:6: there is already a host r1"},
    {"host sixteen-letters-",
     "4:6: \"sixteen-letters-\" is no name: at most 15 small letters, digits and hyphens"},
    {"host a b", "4:8: nothing more belongs here: \"host NEW-HOST\""},
    {"mtu", "4:4: HOST is missing: \"mtu HOST INTERFACE OCTETS\""},
    {"mtu r1 eth1 # more\n", "4:12: OCTETS is missing: \"mtu HOST INTERFACE OCTETS\""},
    {"mtu r2 eth1 1500", "4:5: there is no host \"r2\" above this line"},
    {"mtu r1 eth0 1500", "4:8: r1 has no interface \"eth0\""},
    {"port r1 eth1 of br0", "4:17: r1 has no interface \"br0\""},
    {"mtu r1\n eth1\n  67", "6:3: \"67\" is no number from 68 to 1048576"},
    {"mtu r1 eth1 1500x", "4:13: \"1500x\" is no number from 68 to 1048576"},
    {"mtu r1 eth1 +1500", "4:13: \"+1500\" is no number from 68 to 1048576"},
    {"mtu r1 eth1 99999999999999999999", "4:13: \"99999999999999999999\" is no number from 68 to 1048576"},
    {"slow r1 eth1 10 queue 1000", "4:14: \"10\" is no number from 1 to 100000 followed by kbit"},
    {"address r1 eth1 10.0.0.1/33", "4:17: \"33\" is no number from 0 to 32"},
    {"address r1 eth1 10.0.0.1/", "4:17: \"\" is no number from 0 to 32"},
    {"address r1 eth1 ::/129", "4:17: \"129\" is no number from 0 to 128"},
    {"address r1 eth1 10.0.0.256/8", "4:17: \"10.0.0.256/8\" is no address or prefix"},
    {"address r1 eth1 default", "4:17: an address is needed here, not the default route"},
    {"route r1 to default dev eth1", "4:13: the default route needs a gateway: \"via ADDRESS\""},
    {"route r1 blackhole default", "4:20: the default route needs a gateway: \"via ADDRESS\""},
    {"route r1 to 10.0.0.0/8 via ::1", "4:13: destination and gateway are of different families"},
    {"route r1 to 10.0.0.0/8 via nowhere", "4:28: \"nowhere\" is no address"},
    {"service r1 tcp-magic 80", "4:12: \"tcp-magic\" is no kind of service"},
    {"service r1 tcp-echo 0", "4:21: \"0\" is no number from 1 to 65535"},
    {"service r1 tcp-echo 80 at 10.0.0.1", "4:24: expected \"service HOST KIND PORT [on ADDRESS]\""},
    {"service r1 tcp-echo 80 on", "4:26: ADDRESS is missing: \"service HOST KIND PORT [on ADDRESS]\""},
    {"filter r1 ingress drop", "4:11: \"ingress\" is no hook of a filter"},
    {"filter r1 input", "4:16: RULE... is missing: \"filter HOST HOOK RULE...\""},
    {"sysctl r1 kernel.panic 1", "4:11: \"kernel.panic\" is no sysctl of a network namespace"},
    {"sysctl r1 net...kernel.panic 1", "4:11: \"net...kernel.panic\" is no sysctl of a network namespace"},
    {"sysctl r1 net/../kernel/panic 1", "4:11: \"net/../kernel/panic\" is no sysctl of a network namespace"},
    {"name not_a_name 10.0.0.1", "4:6: \"not_a_name\" is no host name"},
    {"expect bad-luck", "4:8: \"bad-luck\" is no cause that a diagnosis knows"},
    {"expect open at home", "4:16: \"home\" is neither local nor target nor a host"},
    {"expect open on target", "4:13: expected \"expect CAUSE [at PLACE]\""},
    {"target 10.0.0.1:80", "4:8: \"10.0.0.1:80\" is not like udp://10.0.3.10:5301"},
    {"target tcp://10.0.0.1", "4:8: \"tcp://10.0.0.1\" is not like udp://10.0.3.10:5301"},
    {"target tcp://10.0.0.1:0", "4:8: \"0\" is no number from 1 to 65535"},
    {"target tcp://10.0.0.1:65536", "4:8: \"65536\" is no number from 1 to 65535"},
    {"target tcp://:80", "4:8: \"tcp://:80\" names no host"},
    {"target tcp://a/b:80", "4:8: \"tcp://a/b:80\" names no host"},
    {"extend ../passwd", "4:8: \"../passwd\" is no file of this folder"},
    {"extend .hidden", "4:8: \".hidden\" is no file of this folder"},
    {"extend nothing.network", "4:8: there is no file nothing.network to extend"},
    {"title a\001b", "4:8: the octet 0x01 does not belong in a text file"},
    {"title a\r\n", "4:8: the octet 0x0d does not belong in a text file"},
    {"title a\177", "4:8: the octet 0x7f does not belong in a text file"},
};

static void test_mistakes(void **state)
{
    for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
        _cleanup_free_ char *text = text_format(HOSTS "%s", mistakes[i].text);
        _cleanup_free_ char *answer = text_format("f:%s", mistakes[i].answer);
        struct sonde_error error = {0};
        struct scenario scenario;

        assert_int_equal(parse(&scenario, text, &error), SONDE_E_FORMAT);
        assert_string_equal(error.what, answer);
        assert_int_equal(scenario.string_count, 0);
        assert_int_equal(parse(&scenario, text, NULL), SONDE_E_FORMAT);
    }
}

/* All sentences that begin like the wrong one are named. */
static void test_unfinished_route(void **state)
{
    static const char answer[] =
        "f:4:10: expected \"route HOST to PREFIX via ADDRESS\" or \"route HOST to PREFIX dev "
        "INTERFACE\" or \"route HOST local PREFIX\" or \"route HOST blackhole PREFIX\"";
    struct sonde_error error = {0};
    struct scenario scenario;

    assert_int_equal(parse(&scenario, HOSTS "route r1 over 10.0.0.1", &error), SONDE_E_FORMAT);
    assert_memory_equal(error.what, answer, sizeof(answer) - 1);
}

static void test_missing(void **state)
{
    static const char *const parts[] = {"title x\n", "teach x\n", "target tcp://h:1\n", "expect open\n",
                                        "host client\n"};
    static const char *const words[] = {"title", "teach", "target", "expect", "host client"};

    for (size_t missing = 0; missing < COUNT_OF(parts); missing++) {
        _cleanup_text_ struct text text = {0};
        _cleanup_free_ char *answer =
            text_format("f:5:1: the scenario has no statement \"%s\"", words[missing]);
        struct sonde_error error = {0};
        struct scenario scenario;

        for (size_t i = 0; i < COUNT_OF(parts); i++)
            text_add(&text, "%s", i == missing ? "" : parts[i]);
        assert_int_equal(parse(&scenario, text_get(&text), &error), SONDE_E_FORMAT);
        assert_string_equal(error.what, answer);
    }
}

static void test_extend(void **state)
{
    static const struct {
        const char *text, *what;
        int code;
    } cases[] = {
        {"\nextend itself.network", "itself.network:1:8: files extend each other more than 4 deep",
         SONDE_E_FORMAT},
        {"extend broken.network", "broken.network:2:12: client has no interface \"eth0\"", SONDE_E_FORMAT},
        {"extend secret.network", "secret.network cannot be read", -EACCES},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sonde_error error = {0};
        struct scenario scenario;

        assert_int_equal(parse(&scenario, cases[i].text, &error), cases[i].code);
        assert_string_equal(error.what, cases[i].what);
    }
}

static void test_too_many_steps(void **state)
{
    _cleanup_text_ struct text text = {0};
    struct sonde_error error = {0};
    struct scenario scenario;

    text_add(&text, HEAD HOSTS); /* 7 lines, 1 step */
    for (int i = 0; i < SCENARIO_STEPS_MAX; i++)
        text_add(&text, "down r1 eth1\n");
    assert_int_equal(parse(&scenario, text_get(&text), &error), SONDE_E_FORMAT);
    assert_string_equal(error.what, "f:263:1: a scenario has at most 256 steps");
}

static void test_too_many_words(void **state)
{
    _cleanup_text_ struct text words = {0};
    struct sonde_error error = {0};
    struct scenario scenario;

    text_add(&words, "title");
    for (int i = 0; i < 512; i++)
        text_add(&words, " x");
    assert_int_equal(parse(&scenario, text_get(&words), &error), SONDE_E_FORMAT);
    assert_string_equal(error.what, "f:1:1027: a statement has at most 512 words");
}

static void test_too_many_hosts(void **state)
{
    _cleanup_text_ struct text text = {0};
    struct sonde_error error = {0};
    struct scenario scenario;

    for (int i = 0; i <= SCENARIO_HOSTS_MAX; i++)
        text_add(&text, "host h%d\n", i);
    assert_int_equal(parse(&scenario, text_get(&text), &error), SONDE_E_FORMAT);
    assert_string_equal(error.what, "f:17:6: a scenario has at most 16 hosts");
}

static void test_service_names(void **state)
{
    assert_string_equal(scenario_service_name(SERVICE_TCP_ECHO), "tcp-echo");
    assert_string_equal(scenario_service_name(SERVICE_UDP_SILENT), "udp-silent");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_head),           cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_steps),          cmocka_unit_test(test_link),
        cmocka_unit_test(test_mistakes),       cmocka_unit_test(test_unfinished_route),
        cmocka_unit_test(test_missing),        cmocka_unit_test(test_extend),
        cmocka_unit_test(test_too_many_steps), cmocka_unit_test(test_too_many_words),
        cmocka_unit_test(test_too_many_hosts), cmocka_unit_test(test_service_names),
    };

    return cmocka_run_group_tests_name("lab scenario", tests, NULL, NULL);
}
