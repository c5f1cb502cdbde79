/* SPDX-License-Identifier: MIT */
/* Messages that ask for smaller packets: discovery as it should be, attacks, and senders that do not listen.
 */
#include <string.h>

#include "tests/unit/detect/flood/drive.h"
#include "wire/tcp.h"

#define CLIENT "10.2.0.53"
#define SERVER "192.0.2.179"
#define ROUTER "198.51.100.5"

enum { PORT = 40111, SERVICE = 443, FIRST = 5000000 };

/* One segment of a connection that sends on and on, of so many octets with its headers. */
static void segment(struct drive *drive, uint32_t *next, size_t octets)
{
    struct traffic_route route = traffic_route(CLIENT, SERVER);

    traffic_tcp(&drive->traffic, &route, PORT, SERVICE, *next, TCP_ACK, octets - 40);
    *next += (uint32_t)octets - 40;
}

static uint32_t talk(struct drive *drive)
{
    uint32_t next = FIRST;

    for (unsigned i = 0; i < 6; i++) {
        segment(drive, &next, 140);
        drive_wait(drive, 1000);
    }
    return next;
}

static void shrink(struct drive *drive, const char *router, uint32_t mtu)
{
    traffic_error(&drive->traffic, router, 3, 4, mtu);
}

static void too_small(void **state)
{
    static const struct {
        uint32_t mtu;
        int severity; /* -1: no finding */
    } rows[] = {
        {1, SEVERITY_ALERT},
        {67, SEVERITY_ALERT},
        {68, SEVERITY_ALERT},
        {552, SEVERITY_ALERT},
        {575, SEVERITY_ALERT},
        {576, -1},
        {1280, -1},
        {1400, -1},
        {0, SEVERITY_WARNING},
        {1500, -1},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct drive *drive = drive_new(NULL);
        uint32_t next = talk(drive);
        const struct finding *finding;

        segment(drive, &next, 1500);
        shrink(drive, ROUTER, rows[i].mtu);
        finding = drive_find(drive, KIND_PMTU_ATTACK);
        if (rows[i].severity < 0) {
            assert_null(finding); /* 1500 for 1500 is pointless, but a router with a tunnel says that too */
        } else {
            assert_int_equal(finding->severity, rows[i].severity);
            assert_int_equal((int)drive_fact(finding, FACT_MTU), rows[i].mtu);
            assert_int_equal((int)drive_fact(finding, FACT_OCTETS), 1500);
            drive_is(&finding->subject.source, ROUTER);
        }
        drive_free(drive);
    }
}

/* Packet too big with less than every link of IPv6 carries. */
static void too_small6(void **state)
{
    for (uint32_t mtu = 1279; mtu < 1281; mtu++) {
        struct drive *drive = drive_new(NULL);
        struct traffic_route route = traffic_route("2001:db8:2::53", "2001:db8:f::179");

        for (unsigned i = 0; i < 6; i++) {
            traffic_udp(&drive->traffic, &route, PORT, SERVICE, 1452);
            drive_wait(drive, 1000);
        }
        traffic_error(&drive->traffic, "2001:db8:e::1", 2, 0, mtu);
        assert_int_equal(drive_find(drive, KIND_PMTU_ATTACK) != NULL, mtu < 1280);
        drive_free(drive);
    }
}

/* Quotes that no router would send back. */
static void impossible(void **state)
{
    struct drive *drive = drive_new(NULL);
    uint32_t next = talk(drive), wrong = next + 1000000;
    uint8_t quote[48] = {0x45, 0, 5, 0xdc, 0,   1, 0, 0,   64, 17, 0, 0,
                         10,   2, 0, 53,   192, 0, 2, 179, 0,  1,  0, 2};
    struct traffic_route back = traffic_route(ROUTER, CLIENT);

    drive->traffic.unseen = true;
    segment(drive, &wrong, 1500);
    drive->traffic.unseen = false;
    shrink(drive, ROUTER, 1000);
    assert_int_equal(drive_find(drive, KIND_PMTU_ATTACK)->severity, SEVERITY_ALERT);
    assert_non_null(strstr(drive_find(drive, KIND_PMTU_ATTACK)->evidence.facts[FACT_CHECK].text, "RFC 5927"));
    drive_free(drive);

    drive = drive_new(NULL); /* smaller than what is asked for */
    next = talk(drive);
    segment(drive, &next, 100);
    shrink(drive, ROUTER, 600);
    assert_int_equal(drive_find(drive, KIND_PMTU_ATTACK)->severity, SEVERITY_ALERT);
    drive_free(drive);

    drive = drive_new(NULL); /* may be fragmented */
    traffic_icmp(&drive->traffic, &back, 3, 4, 600, slice_of(quote, sizeof(quote)));
    assert_int_equal(drive_find(drive, KIND_PMTU_ATTACK)->severity, SEVERITY_ALERT);
    drive_free(drive);

    drive = drive_new(NULL); /* never sent */
    talk(drive);
    drive->traffic.unseen = true;
    traffic_tcp(&drive->traffic,
                &(struct traffic_route){.source = unit_address(CLIENT), .destination = unit_address(SERVER)},
                PORT + 1, SERVICE, 1, TCP_ACK, 1460);
    drive->traffic.unseen = false;
    shrink(drive, ROUTER, 1300);
    assert_int_equal(drive_find(drive, KIND_PMTU_ATTACK)->severity, SEVERITY_ALERT);
    drive_free(drive);
}

/* Ten segments are under way when the first message comes; then the sender shrinks; a second link is smaller.
 */
static void discovery(void **state)
{
    struct drive *drive = drive_new(NULL);
    uint32_t next = talk(drive);

    for (unsigned i = 0; i < 10; i++) {
        segment(drive, &next, 1500);
        drive->traffic.now_ns += 20 * NS_PER_MS;
        shrink(drive, ROUTER, 1400);
    }
    drive_wait(drive, 1500);
    for (unsigned i = 0; i < 4; i++) {
        segment(drive, &next, 1400);
        drive_wait(drive, 300);
        shrink(drive, "198.51.100.9", 1300);
    }
    drive_wait(drive, 1500);
    segment(drive, &next, 1300);
    assert_int_equal(drive_count(drive, SEVERITY_INFO), 0);
    drive_free(drive);
}

/* A host pings with a size that does not fit, on purpose. */
static void ping(void **state)
{
    struct drive *drive = drive_new(NULL);
    struct traffic_route route = traffic_route(CLIENT, SERVER);

    for (unsigned i = 0; i < 20; i++) {
        traffic_echo(&drive->traffic, &route, false, 1, (uint16_t)i, 1472);
        shrink(drive, ROUTER, 1400);
        drive_wait(drive, 1000);
    }
    assert_null(drive_find(drive, KIND_PMTU_BLACK_HOLE));
    assert_null(drive_find(drive, KIND_PMTU_ATTACK));
    drive_free(drive);
}

/* The sender tries again and again with the same size: after the third there is no doubt. */
static void black_hole(void **state)
{
    for (unsigned routers = 1; routers < 3; routers++) {
        struct drive *drive = drive_new(NULL);
        uint32_t next = talk(drive);
        const struct finding *finding;

        for (unsigned i = 0; i < 3; i++) {
            uint32_t again = next;

            assert_null(drive_find(drive, KIND_PMTU_BLACK_HOLE));
            segment(drive, &again, 1500);
            shrink(drive, routers == 2 && i % 2 ? "198.51.100.9" : ROUTER, 1400);
            drive_wait(drive, 600);
        }
        finding = drive_find(drive, KIND_PMTU_BLACK_HOLE);
        assert_non_null(finding);
        assert_int_equal(finding->severity, SEVERITY_WARNING);
        assert_int_equal((int)drive_fact(finding, FACT_OBSERVED), 3);
        assert_int_equal((int)drive_fact(finding, FACT_THRESHOLD), 3);
        assert_string_equal(finding->evidence.facts[FACT_CHANGE].text, "1500 1500 1500");
        assert_string_equal(finding->evidence.facts[FACT_SERVICE].text, "https");
        assert_int_equal(strstr(finding->evidence.facts[FACT_CHECK].text, "several routers") != NULL,
                         routers == 2);
        drive_free(drive);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_small), cmocka_unit_test(too_small6), cmocka_unit_test(impossible),
        cmocka_unit_test(discovery), cmocka_unit_test(ping),       cmocka_unit_test(black_hole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
