/* SPDX-License-Identifier: MIT */
/* Redirects: those of the victim's own router are rightful; all others name the check that they fail. */
#include <string.h>

#include "tests/unit/detect/flood/drive.h"

#define VICTIM   "10.2.0.30"
#define ROUTER   "10.2.0.1"
#define GATEWAY  "10.2.0.2"
#define FAR      "192.0.2.53"
#define VICTIM6  "2001:db8:2::30"
#define ROUTER6  "fe80::1"
#define GATEWAY6 "fe80::2"
#define FAR6     "2001:db8:f::53"

static const uint8_t evil[6] = {2, 0xba, 0xd0, 0, 0, 1};

/* How a redirect differs from a rightful one. */
struct deed {
    const char *source, *victim, *gateway, *quoted_source; /* NULL: as it should be */
    bool other_mac, unsent, unquoted, to_router_unseen;
    uint8_t ttl, code;
    enum severity severity;
    const char *check; /* part of the sentence, or NULL */
};

static const char * or (const char *text, const char *usual)
{
    return text ? text : usual;
}

/* The victim sends far away through its router, for a while. */
static void talk(struct drive *drive, uint8_t family)
{
    struct traffic_route there = family == 4 ? traffic_route(VICTIM, FAR) : traffic_route(VICTIM6, FAR6);
    struct sonde_address router = unit_address(family == 4 ? ROUTER : ROUTER6);

    traffic_mac(&router, there.to_mac);
    for (int i = 0; i < 8; i++) {
        traffic_udp(&drive->traffic, &there, 5000, 514, 100);
        drive->traffic.now_ns += NS_PER_S;
    }
}

static void tell(struct drive *drive, uint8_t family, const struct deed *deed)
{
    const char *victim = family == 4 ? VICTIM : VICTIM6, *far = family == 4 ? FAR : FAR6;
    struct traffic_route there = traffic_route(or (deed->quoted_source, victim), far);
    struct traffic_route back =
        traffic_route(or (deed->source, family == 4 ? ROUTER : ROUTER6), or (deed->victim, victim));
    struct sonde_address router = unit_address(family == 4 ? ROUTER : ROUTER6),
                         gateway = unit_address(or (deed->gateway, family == 4 ? GATEWAY : GATEWAY6));
    uint8_t body[32];

    traffic_mac(&router, there.to_mac);
    drive->traffic.unseen = deed->unsent;
    traffic_udp(&drive->traffic, &there, deed->unsent ? 7000 : 5000, 514, 100);
    drive->traffic.unseen = false;
    drive->traffic.now_ns += NS_PER_MS;
    back.ttl = deed->ttl;
    if (deed->other_mac)
        memcpy(back.mac, evil, sizeof(evil));
    if (!deed->unquoted) {
        traffic_redirect(&drive->traffic, &back, deed->code, &gateway);
        return;
    }
    back.ttl = 255;
    memcpy(body, gateway.bytes, 16);
    memcpy(body + 16, unit_address(FAR6).bytes, 16);
    traffic_icmp(&drive->traffic, &back, 137, 0, 0, slice_of(body, sizeof(body)));
}

static void check(uint8_t family, const struct deed *deed)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    talk(drive, family);
    tell(drive, family, deed);
    finding = drive_find(drive, KIND_REDIRECT);
    assert_non_null(finding);
    if (deed->check) {
        const char *sentence = finding->evidence.facts[FACT_CHECK].text;

        assert_non_null(sentence);
        if (!strstr(sentence, deed->check))
            fail_msg("'%s' instead of '%s'", sentence, deed->check);
    }
    assert_int_equal(finding->severity, deed->severity);
    assert_int_equal(finding->sample_count, 1);
    if (!deed->unquoted)
        drive_is(&finding->evidence.facts[FACT_GATEWAY].address,
                 or (deed->gateway, family == 4 ? GATEWAY : GATEWAY6));
    drive_free(drive);
}

static void rightful(void **state)
{
    check(4, &(struct deed){.severity = SEVERITY_INFO, .code = 1});
    check(4, &(struct deed){.severity = SEVERITY_INFO, .ttl = 255});
    check(6, &(struct deed){.severity = SEVERITY_INFO});
    check(6, &(struct deed){.severity = SEVERITY_INFO, .gateway = FAR6}); /* it is on the link */
}

static void each_check_of_ipv4(void **state)
{
    static const struct deed deeds[] = {
        {.other_mac = true, .check = "go to another router"},
        {.source = "10.2.0.66", .gateway = "10.2.0.77", .check = "go to another router"},
        {.unsent = true, .check = "never sent the quoted packet"},
        {.code = 4, .check = "not assigned"},
        {.gateway = ROUTER, .check = "names itself"},
        {.gateway = VICTIM, .check = "not the address of a router"},
        {.gateway = "224.0.0.9", .check = "not in the victim's network"},
        {.gateway = "198.51.100.2", .check = "not in the victim's network"},
        {.victim = "10.2.0.31", .check = "somebody else than the victim"},
        {.ttl = 63, .check = "passed routers"},
        {.victim = "224.0.0.1", .quoted_source = "224.0.0.1", .check = "network"},
    };

    for (size_t i = 0; i < COUNT_OF(deeds); i++) {
        struct deed deed = deeds[i];

        deed.severity = SEVERITY_ALERT;
        check(4, &deed);
    }
}

static void each_check_of_ipv6(void **state)
{
    static const struct deed deeds[] = {
        {.other_mac = true, .check = "go to another router"},
        {.unsent = true, .check = "never sent the quoted packet"},
        {.ttl = 64, .check = "passed routers"},
        {.source = "2001:db8:2::1", .check = "not link-local"},
        {.gateway = "2001:db8:2::9", .check = "not the address of a router"},
        {.unquoted = true, .check = "quotes no packet"},
    };

    for (size_t i = 0; i < COUNT_OF(deeds); i++) {
        struct deed deed = deeds[i];

        deed.severity = SEVERITY_ALERT;
        check(6, &deed);
    }
}

/* The sender claims to be the router, whose link address is known from a ping. */
static void known_link_address(void **state)
{
    struct drive *drive = drive_new(NULL);
    struct deed deed = {.other_mac = true};
    const struct finding *finding;

    drive_icmp(drive, ROUTER, VICTIM, 8, 0, 1, 56);
    tell(drive, 4, &deed);
    finding = drive_find(drive, KIND_REDIRECT);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_ALERT);
    assert_string_equal(finding->evidence.facts[FACT_CHECK].text,
                        "its sender used another link address before");
    assert_string_equal(finding->evidence.facts[FACT_ROUTER_MAC].text, "02:ba:d0:00:00:01");
    assert_true(finding->excluded & 1U << INNOCENT_TWO_ROUTERS);
    drive_free(drive);
}

/* Whoever redirects to its own second address takes the packets to itself. */
static void one_machine(void **state)
{
    struct drive *drive = drive_new(NULL);
    struct traffic_route ping = traffic_route("10.2.0.66", VICTIM);
    struct deed deed = {.other_mac = true, .gateway = "10.2.0.66", .to_router_unseen = true};
    const struct finding *finding;

    memcpy(ping.mac, evil, sizeof(evil));
    traffic_echo(&drive->traffic, &ping, false, 1, 1, 56);
    deed.unsent = true;
    tell(drive, 4, &deed);
    finding = drive_find(drive, KIND_REDIRECT);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_ALERT);
    assert_string_equal(finding->evidence.facts[FACT_CHECK].text,
                        "its sender and the new first hop have the same link address");
    drive_free(drive);
}

/* Alone in a capture: nothing speaks for it, but nothing proves anything either. */
static void alone(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    tell(drive, 4, &(struct deed){.unsent = true});
    finding = drive_find(drive, KIND_REDIRECT);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_ALERT);
    assert_true(finding->confidence <= 0.5);
    drive_free(drive);
}

/* Routers that share an address send with their own link address, not with the one that hosts send to. */
static void shared_address(void **state)
{
    static const uint8_t vrrp[6] = {0, 0, 0x5e, 0, 1, 7};
    struct drive *drive = drive_new(NULL);
    struct traffic_route there = traffic_route(VICTIM, FAR), back = traffic_route(ROUTER, VICTIM);
    struct sonde_address gateway = unit_address(GATEWAY);

    memcpy(there.to_mac, vrrp, sizeof(vrrp));
    for (int i = 0; i < 8; i++) {
        traffic_udp(&drive->traffic, &there, 5000, 514, 100);
        drive->traffic.now_ns += NS_PER_S;
    }
    traffic_redirect(&drive->traffic, &back, 1, &gateway);
    assert_int_equal(drive_find(drive, KIND_REDIRECT)->severity, SEVERITY_INFO);
    drive_free(drive);
}

/* After a rightful redirect the host changes over, while redirects about earlier packets still come. */
static void late_redirect(void **state)
{
    struct drive *drive = drive_new(NULL);
    struct traffic_route there = traffic_route(VICTIM, FAR);
    struct sonde_address gateway = unit_address(GATEWAY);

    talk(drive, 4);
    tell(drive, 4, &(struct deed){.code = 1});
    traffic_mac(&gateway, there.to_mac);
    traffic_udp(&drive->traffic, &there, 5000, 514, 100);
    traffic_redirect(
        &drive->traffic,
        &(struct traffic_route){.source = unit_address(ROUTER), .destination = unit_address(VICTIM)}, 1,
        &gateway);
    assert_int_equal(drive_count(drive, SEVERITY_WARNING), 0);
    drive_free(drive);
}

/* A host of IPv6 that never advertised, on a link whose router did; an allowed one may. */
static void no_router(void **state)
{
    struct profile profile = {0};
    struct traffic_route all = traffic_route(ROUTER6, "ff02::1");
    struct traffic_router router = {.lifetime_s = 1800};

    assert_int_equal(prefixes_add(&profile.allowed, "fe80::bad"), 0);
    for (int allowed = 0; allowed < 2; allowed++) {
        struct drive *drive = drive_new(allowed ? &profile : NULL);

        traffic_router(&drive->traffic, &all, &router, NULL);
        tell(drive, 6, &(struct deed){.source = "fe80::bad", .unsent = true});
        if (allowed)
            assert_null(drive_find(drive, KIND_REDIRECT));
        else
            assert_string_equal(drive_find(drive, KIND_REDIRECT)->evidence.facts[FACT_CHECK].text,
                                "its sender never advertised itself as a router");
        drive_free(drive);
    }
}

/* A flood of them costs no more than a few findings. */
static void flood(void **state)
{
    struct drive *drive = drive_new(NULL);
    struct sonde_address gateway = unit_address(GATEWAY);

    for (uint64_t i = 0; i < 5000; i++) {
        struct traffic_route there = {.source = traffic_address("10.2.1.0", i),
                                      .destination = unit_address(FAR)};
        struct traffic_route back = {.source = unit_address(ROUTER), .destination = there.source};

        drive->traffic.unseen = true;
        traffic_udp(&drive->traffic, &there, 1, 2, 10);
        drive->traffic.unseen = false;
        traffic_redirect(&drive->traffic, &back, 1, &gateway);
    }
    assert_in_range(drive->watch->findings->of_kind[KIND_REDIRECT], 1, 33);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rightful),           cmocka_unit_test(each_check_of_ipv4),
        cmocka_unit_test(each_check_of_ipv6), cmocka_unit_test(known_link_address),
        cmocka_unit_test(one_machine),        cmocka_unit_test(alone),
        cmocka_unit_test(shared_address),     cmocka_unit_test(late_redirect),
        cmocka_unit_test(no_router),          cmocka_unit_test(flood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
