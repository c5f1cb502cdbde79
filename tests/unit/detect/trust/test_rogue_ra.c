/* SPDX-License-Identifier: MIT */
/* Router advertisements: the pair of a link, those who join it, and those who speak in its name. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/detect/flood/drive.h"
#include "wire/nd.h"

#define PREFIX "2001:db8:2::"
#define DNS    "2001:db8:1::9"

static const uint8_t evil[6] = {2, 0xba, 0xd0, 0, 0, 1};

/* What an advertisement says; NULL and 0 are as usual. */
struct advert {
    const char *source, *prefix, *dns;
    uint8_t flags, ttl, code;
    uint16_t lifetime_s;
    bool dead, bare, other_mac, malformed;
};

static void advertise(struct drive *drive, const struct advert *advert)
{
    struct traffic_route route = traffic_route(advert->source ? advert->source : "fe80::1", "ff02::1");
    struct traffic_router router = {.hop_limit = 64,
                                    .flags = advert->flags,
                                    .lifetime_s = advert->lifetime_s ? advert->lifetime_s : 1800};
    struct traffic_options options = {.length = 0};

    if (advert->dead)
        router.lifetime_s = 0;
    route.ttl = advert->ttl;
    if (advert->other_mac)
        memcpy(route.mac, evil, sizeof(evil));
    if (!advert->bare) {
        traffic_option_prefix(&options, advert->prefix ? advert->prefix : PREFIX, 64, 2592000, 604800);
        traffic_option_dns(&options, advert->dns ? advert->dns : DNS, 1800);
    }
    if (advert->malformed) {
        traffic_option(&options, 5, slice_of("\0\0\0\0\5\xdc", 6));
        options.octets[options.length - 7] = 0;
    }
    traffic_router(&drive->traffic, &route, &router, &options);
}

static void pass(struct drive *drive, unsigned seconds)
{
    drive_wait(drive, seconds * 1000);
}

/* The worst finding about router advertisements. */
static const struct finding *worst(const struct drive *drive)
{
    const struct finding *found = NULL;

    for (size_t i = 0; i < drive->watch->findings->count; i++) {
        const struct finding *row = &drive->watch->findings->rows[i];

        if (row->subject.kind == KIND_ROUTER_ADVERTISEMENT_ROGUE &&
            (!found || row->severity > found->severity))
            found = row;
    }
    return found;
}

static void is_graded(const struct drive *drive, const char *check, enum severity severity)
{
    const struct finding *finding = worst(drive);

    assert_non_null(finding);
    if (!strstr(finding->evidence.facts[FACT_CHECK].text, check))
        fail_msg("'%s' instead of '%s'", finding->evidence.facts[FACT_CHECK].text, check);
    assert_int_equal(finding->severity, severity);
    assert_true(finding->sample_count > 0);
}

static void is_alert(const struct drive *drive, const char *check)
{
    is_graded(drive, check, SEVERITY_ALERT);
}

static void void_ones(void **state)
{
    static const struct {
        struct advert advert;
        const char *check;
        enum severity severity;
    } rows[] = {
        {{.ttl = 64}, "hop limit is not 255", SEVERITY_ALERT},
        {{.source = "2001:db8:2::1"}, "not link-local", SEVERITY_ALERT},
        {{.malformed = true}, "malformed", SEVERITY_WARNING},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct drive *drive = drive_new(NULL);

        advertise(drive, &rows[i].advert);
        is_graded(drive, rows[i].check, rows[i].severity);
        drive_free(drive);
    }
}

/* One after another: the first router, regular, restarted, gone; a second one that says the same. */
static void innocent(void **state)
{
    struct drive *drive = drive_new(NULL);

    for (int i = 0; i < 20; i++) {
        advertise(drive, &(struct advert){.flags = 0x08});
        pass(drive, 145);
        advertise(drive, &(struct advert){.source = "fe80::2", .flags = 0x18});
        pass(drive, 200);
    }
    advertise(drive, &(struct advert){.dead = true, .flags = 0x08});
    pass(drive, 90);
    for (int i = 0; i < 3; i++) {
        advertise(drive, &(struct advert){.flags = 0x08});
        pass(drive, 16);
    }
    assert_null(worst(drive));
    drive_free(drive);
}

/* Whom the link has for a minute, and then somebody else comes. */
static void newcomers(void **state)
{
    static const struct {
        struct advert advert;
        const char *check, *change;
    } rows[] = {
        {{.prefix = "2001:db8:bad::"}, "says something else", "prefix: 2001:db8:2::/64 -> 2001:db8:bad::/64"},
        {{.dns = "2001:db8:bad::1"}, "says something else", "DNS server: 2001:db8:1::9 -> 2001:db8:bad::1"},
        {{.flags = ND_MANAGED}, "says something else", "DHCPv6 flags: none -> M"},
        {{.flags = 0x08}, "says something else", "preference: medium -> high"},
        {{.bare = true}, "no prefix of this link", NULL},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct drive *drive = drive_new(NULL);
        struct advert advert = rows[i].advert;

        for (int n = 0; n < 3; n++) {
            advertise(drive, &(struct advert){0});
            pass(drive, 20);
        }
        assert_null(worst(drive));
        advert.source = "fe80::bad";
        advertise(drive, &advert);
        is_alert(drive, rows[i].check);
        drive_is(&worst(drive)->subject.source, "fe80::bad");
        if (rows[i].change)
            assert_string_equal(worst(drive)->evidence.facts[FACT_CHANGE].text, rows[i].change);
        drive_free(drive);
    }
}

/* A second router that says the same, but was silent for longer than any router is. */
static void late(void **state)
{
    struct drive *drive = drive_new(NULL);

    for (int i = 0; i < 10; i++) {
        advertise(drive, &(struct advert){0});
        pass(drive, 10);
    }
    advertise(drive, &(struct advert){.source = "fe80::bad"});
    is_alert(drive, "silent until now");
    drive_free(drive);
}

static void impersonators(void **state)
{
    struct drive *drive = drive_new(NULL);

    advertise(drive, &(struct advert){0});
    pass(drive, 5);
    advertise(drive, &(struct advert){.dead = true, .other_mac = true});
    is_alert(drive, "lifetime 0 in a known router's name");
    assert_string_equal(worst(drive)->evidence.facts[FACT_ROUTER_MAC].text, "02:ba:d0:00:00:01");
    assert_int_equal((int)drive_fact(worst(drive), FACT_LIFETIME), 0);
    drive_free(drive);

    drive = drive_new(NULL);
    advertise(drive, &(struct advert){0});
    advertise(drive, &(struct advert){.dns = "2001:db8:bad::1", .other_mac = true});
    is_alert(drive, "another link address");
    drive_free(drive);
}

/* The same router says something new: odd; that what it said before comes back in between: two speak. */
static void change(void **state)
{
    struct drive *drive = drive_new(NULL);

    for (int i = 0; i < 4; i++) {
        advertise(drive, &(struct advert){0});
        pass(drive, 10);
    }
    drive->traffic.now_ns -= 5 * NS_PER_S;
    advertise(drive, &(struct advert){.dns = "2001:db8:bad::1"});
    assert_int_equal(worst(drive)->severity, SEVERITY_WARNING);
    assert_string_equal(worst(drive)->evidence.facts[FACT_CHANGE].text,
                        "DNS server: 2001:db8:1::9 -> 2001:db8:bad::1");
    pass(drive, 5);
    advertise(drive, &(struct advert){0});
    is_alert(drive, "two speak in one name");
    drive_free(drive);

    drive = drive_new(NULL); /* set up anew, for good */
    for (int i = 0; i < 8; i++) {
        advertise(drive, &(struct advert){.dns = i < 4 ? NULL : "2001:db8:1::10"});
        pass(drive, 10);
    }
    assert_int_equal(worst(drive)->severity, SEVERITY_WARNING);
    drive_free(drive);
}

static void many(void **state)
{
    struct drive *drive = drive_new(NULL);

    for (unsigned i = 0; i < 1000; i++) {
        char source[32], prefix[32];

        snprintf(source, sizeof(source), "fe80::%x", i + 1);
        snprintf(prefix, sizeof(prefix), "2001:db8:%x::", i + 16);
        advertise(drive, &(struct advert){.source = source, .prefix = prefix});
        drive->traffic.now_ns += NS_PER_MS;
    }
    assert_in_range(drive->watch->findings->of_kind[KIND_ROUTER_ADVERTISEMENT_ROGUE], 2, 10);
    for (size_t i = 0; i < drive->watch->findings->count; i++)
        if (!drive->watch->findings->rows[i].subject.source.family)
            assert_string_equal(drive->watch->findings->rows[i].evidence.facts[FACT_CHECK].text,
                                "more new routers than a link ever has");
    drive_free(drive);
}

/* Eight and more a minute in a router's name are one impostor, no flood of routers. */
static void insistent(void **state)
{
    struct drive *drive = drive_new(NULL);

    advertise(drive, &(struct advert){0});
    for (int i = 0; i < 20; i++) {
        pass(drive, 1);
        advertise(drive, &(struct advert){.dead = true, .other_mac = true});
    }
    assert_int_equal(drive->watch->findings->of_kind[KIND_ROUTER_ADVERTISEMENT_ROGUE], 1);
    assert_int_equal(worst(drive)->packets, 20);
    drive_free(drive);
}

/* More often than a router may, though nobody asks; asked, it answers. */
static void hasty(void **state)
{
    for (int asked = 0; asked < 2; asked++) {
        struct drive *drive = drive_new(NULL);
        struct traffic_route host = traffic_route("fe80::77", "ff02::2");

        for (int i = 0; i < 10; i++) {
            if (asked)
                traffic_solicit_router(&drive->traffic, &host, NULL);
            advertise(drive, &(struct advert){0});
            pass(drive, 1);
        }
        if (asked)
            assert_null(worst(drive));
        else
            is_alert(drive, "more often than a router may");
        drive_free(drive);
    }
}

/* A quiet capture shows the routers; whoever else comes later is none. */
static void learned(void **state)
{
    struct drive *drive = drive_new(NULL);

    watch_learn(drive->watch);
    advertise(drive, &(struct advert){0});
    pass(drive, 20);
    advertise(drive, &(struct advert){.source = "fe80::2", .prefix = "2001:db8:3::"});
    watch_learned(drive->watch);
    pass(drive, 1000);
    advertise(drive, &(struct advert){.source = "fe80::2", .prefix = "2001:db8:3::"});
    advertise(drive, &(struct advert){0});
    assert_null(worst(drive));
    advertise(drive, &(struct advert){.source = "fe80::3"});
    is_alert(drive, "the quiet capture did not show");
    drive_free(drive);
}

/* The first router that is seen, on a link whose hosts live in another prefix than the one that it announces.
 */
static void foreign(void **state)
{
    static const struct {
        const char *lives, *announced;
        bool alert;
    } rows[] = {
        {"2001:db8:2::7", "2001:db8:2::", false}, {"2001:db8:2::7", "2001:db8:bad::", true},
        {"fd00:2::7", "2001:db8:bad::", false},   {"fd00:2::7", "fd00:bad::", true},
        {"fe80::7", "2001:db8:bad::", false},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct drive *drive = drive_new(NULL);
        struct traffic_route route = traffic_route("fe80::9", "ff02::1");
        struct sonde_address target = unit_address(rows[i].lives);

        traffic_solicit(&drive->traffic, &route, &target);
        advertise(drive, &(struct advert){.prefix = rows[i].announced});
        if (rows[i].alert)
            is_alert(drive, "in which nobody here lives");
        else
            assert_null(worst(drive));
        drive_free(drive);
    }
}

/* ICMPv4 router discovery (RFC 1256): nobody uses it; of two who do, one is rogue. */
static void discovery4(void **state)
{
    struct drive *drive = drive_new(NULL);
    struct traffic_route first = traffic_route("10.2.0.1", "224.0.0.1"),
                         second = traffic_route("10.2.0.66", "224.0.0.1");
    const uint8_t body[8] = {10, 2, 0, 1};

    first.ttl = second.ttl = 1;
    traffic_icmp(&drive->traffic, &first, 9, 0, 0x01020708, slice_of(body, sizeof(body)));
    assert_int_equal(worst(drive)->severity, SEVERITY_WARNING);
    traffic_icmp(&drive->traffic, &second, 9, 0, 0x01020708, slice_of(body, sizeof(body)));
    is_alert(drive, "ICMPv4");
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(void_ones), cmocka_unit_test(innocent),      cmocka_unit_test(newcomers),
        cmocka_unit_test(late),      cmocka_unit_test(impersonators), cmocka_unit_test(change),
        cmocka_unit_test(many),      cmocka_unit_test(insistent),     cmocka_unit_test(hasty),
        cmocka_unit_test(learned),   cmocka_unit_test(discovery4),    cmocka_unit_test(foreign),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
