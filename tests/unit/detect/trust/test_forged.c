/* SPDX-License-Identifier: MIT */
/* Errors about TCP connections: honest ones are silent, those that quote what was never sent are not. */
#include <errno.h>
#include <string.h>

#include "tests/unit/detect/flood/drive.h"
#include "wire/tcp.h"

#define CLIENT "10.2.0.53"
#define SERVER "192.0.2.179"
#define FORGER "185.100.87.210"

enum { PORT = 40111, SERVICE = 443, FIRST = 5000000 };

/* A segment of the connection; `unseen` ones pass elsewhere. */
static void segment(struct drive *drive, bool up, uint32_t sequence, uint8_t flags, size_t payload)
{
    struct traffic_route route = up ? traffic_route(CLIENT, SERVER) : traffic_route(SERVER, CLIENT);

    traffic_tcp(&drive->traffic, &route, up ? PORT : SERVICE, up ? SERVICE : PORT, sequence, flags, payload);
    drive->traffic.now_ns += 10 * NS_PER_MS;
}

/* Open the connection and send a hundred octets each way and second. Returns the next sequence number. */
static uint32_t talk(struct drive *drive, unsigned seconds)
{
    segment(drive, true, FIRST - 1, TCP_SYN, 0);
    segment(drive, false, FIRST * 2 - 1, TCP_SYN | TCP_ACK, 0);
    for (unsigned i = 0; i < seconds; i++) {
        segment(drive, true, FIRST + i * 100, TCP_ACK | TCP_PSH, 100);
        segment(drive, false, FIRST * 2 + i * 100, TCP_ACK | TCP_PSH, 100);
        drive_wait(drive, 980);
    }
    return FIRST + seconds * 100;
}

static void complain(struct drive *drive, const char *source, const char *victim, uint8_t code)
{
    struct traffic_route route = traffic_route(source, victim);

    traffic_error_along(&drive->traffic, &route, 3, code, 0);
}

/* An error about a segment that was never sent. */
static void forge(struct drive *drive, uint16_t port, uint32_t sequence, uint8_t flags, uint8_t code)
{
    struct traffic_route route = traffic_route(CLIENT, SERVER);

    drive->traffic.unseen = true;
    traffic_tcp(&drive->traffic, &route, port, SERVICE, sequence, flags, 0);
    drive->traffic.unseen = false;
    complain(drive, FORGER, CLIENT, code);
    drive->traffic.now_ns += NS_PER_MS;
}

static const struct finding *forged(const struct drive *drive)
{
    return drive_find(drive, KIND_FORGED_ERROR);
}

/* What a sequence number has to be for an error about it to be believed. */
static void window(void **state)
{
    static const struct {
        int32_t offset; /* from the next sequence number */
        bool alert;
    } rows[] = {
        {0, false},       {-100, false},     {-1000, false},    {-60000, false},
        {16384, false},   {16385, true},     {1000000, true},   {-70000, true},
        {-1000000, true}, {INT32_MAX, true}, {INT32_MIN, true},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct drive *drive = drive_new(NULL);
        uint32_t next = talk(drive, 10);

        forge(drive, PORT, next + (uint32_t)rows[i].offset, TCP_ACK, 2);
        if ((forged(drive) != NULL) != rows[i].alert)
            fail_msg("offset %d", rows[i].offset);
        if (rows[i].alert) {
            assert_int_equal(forged(drive)->severity, SEVERITY_ALERT);
            drive_is(&forged(drive)->subject.source, FORGER);
            drive_is(&forged(drive)->subject.target, CLIENT);
            assert_int_equal((int64_t)drive_fact(forged(drive), FACT_FLOW_SEQUENCE), next);
            assert_int_equal((int)drive_fact(forged(drive), FACT_QUOTED_PORT), SERVICE);
            assert_string_equal(forged(drive)->evidence.facts[FACT_SERVICE].text, "https");
        }
        drive_free(drive);
    }
}

/* A connection that sends much may hear late of what it sent long ago. */
static void bulk(void **state)
{
    struct drive *drive = drive_new(NULL);
    uint32_t next = FIRST;

    segment(drive, true, FIRST - 1, TCP_SYN, 0);
    for (unsigned i = 0; i < 2000; i++, next += 1400) {
        segment(drive, true, next, TCP_ACK, 1400);
        drive->traffic.now_ns -= 9 * NS_PER_MS;
    }
    drive_wait(drive, 5000);
    forge(drive, PORT, FIRST, TCP_ACK, 1);
    assert_null(forged(drive));
    forge(drive, PORT, FIRST - 100000, TCP_ACK, 1);
    assert_non_null(forged(drive));
    drive_free(drive);
}

/* Senders that use one port again and again, with ever other numbers. */
static void jumps(void **state)
{
    struct drive *drive = drive_new(NULL);

    for (unsigned i = 0; i < 20; i++) {
        segment(drive, true, i * 0x31234567, i % 2 ? TCP_ACK : TCP_SYN, 0);
        complain(drive, SERVER, CLIENT, 3);
        drive_wait(drive, 1000);
    }
    assert_null(forged(drive));
    drive_free(drive);

    drive = drive_new(NULL); /* the next connection of the same port has a lower number */
    talk(drive, 5);
    segment(drive, true, 1000, TCP_SYN, 0);
    segment(drive, true, 1001, TCP_ACK, 100);
    complain(drive, SERVER, CLIENT, 1);
    assert_null(forged(drive));
    drive_free(drive);
}

/* The quote is right, but the connection goes on: it was a lie. If it does not, it was none. */
static void refusal(void **state)
{
    for (int goes_on = 0; goes_on < 2; goes_on++) {
        struct drive *drive = drive_new(NULL);
        uint32_t next = talk(drive, 5);

        segment(drive, true, next, TCP_ACK, 100);
        complain(drive, FORGER, CLIENT, 3);
        drive->traffic.now_ns += NS_PER_S;
        for (unsigned i = 1; i < 5; i++) {
            segment(drive, true, next + (goes_on ? i * 100 : 0), TCP_ACK, 100); /* else it tries again */
            segment(drive, false, FIRST * 2 + (goes_on ? 500 + i * 100 : 400), TCP_ACK, 100);
            drive_wait(drive, 980);
        }
        drive_wait(drive, 12000);
        assert_int_equal(forged(drive) != NULL, goes_on);
        if (goes_on) {
            assert_int_equal(forged(drive)->severity, SEVERITY_ALERT);
            assert_int_equal(forged(drive)->sample_count, 1);
        }
        drive_free(drive);
    }
}

/* Connections that never were, between hosts that do talk to each other: one error is enough. */
static void unseen(void **state)
{
    struct drive *drive = drive_new(NULL);

    talk(drive, 10);
    forge(drive, PORT + 1, 77, TCP_SYN, 3);
    assert_non_null(forged(drive));
    assert_int_equal(forged(drive)->severity, SEVERITY_ALERT);
    assert_true(forged(drive)->excluded & 1U << INNOCENT_START);
    drive_free(drive);
}

/* Backscatter: somebody sends in our name to hosts that nobody here talks to. */
static void backscatter(void **state)
{
    struct drive *drive = drive_new(NULL);

    talk(drive, 10);
    for (unsigned i = 0; i < 500; i++) {
        struct traffic_route route = traffic_route(CLIENT, "198.51.100.0");

        route.destination = traffic_address("198.51.100.0", i);
        drive->traffic.unseen = true;
        traffic_tcp(&drive->traffic, &route, (uint16_t)(i * 77), 80, i * 0x1234567, TCP_SYN, 0);
        drive->traffic.unseen = false;
        traffic_error(&drive->traffic, i % 2 ? "198.51.100.254" : "198.51.101.254", 3, 13, 0);
        drive->traffic.now_ns += 100 * NS_PER_MS;
    }
    assert_null(forged(drive));
    drive_free(drive);
}

/* Without proof it takes five of one sender within a minute. */
static void five(void **state)
{
    for (unsigned errors = 4; errors < 6; errors++) {
        struct drive *drive = drive_new(NULL);
        struct traffic_route route = traffic_route(CLIENT, "198.51.100.7");

        talk(drive, 10);
        for (unsigned i = 0; i < errors; i++) {
            drive->traffic.unseen = true;
            traffic_tcp(&drive->traffic, &route, (uint16_t)(1000 + i * 7), 80, i * 0x1234567, TCP_ACK, 0);
            drive->traffic.unseen = false;
            complain(drive, FORGER, CLIENT, 3);
        }
        assert_int_equal(forged(drive) != NULL, errors >= 5);
        drive_free(drive);
    }
}

/* What may have passed before the capture began, or elsewhere, or is filtered out of it. */
static void cannot_know(void **state)
{
    struct drive *drive = drive_new(NULL);
    struct traffic_route ping = traffic_route(CLIENT, SERVER), dns = traffic_route(CLIENT, "10.2.0.9");

    talk(drive, 2);
    forge(drive, PORT + 1, 77, TCP_ACK, 3); /* the capture has just begun */
    assert_null(forged(drive));
    drive_free(drive);

    drive = drive_new(NULL); /* only ICMP and UDP are captured */
    for (unsigned i = 0; i < 20; i++) {
        traffic_echo(&drive->traffic, &ping, false, 1, (uint16_t)i, 56);
        traffic_udp(&drive->traffic, &dns, (uint16_t)(5000 + i), 53, 30);
        forge(drive, (uint16_t)(PORT + i * 13), i * 0x7654321, TCP_SYN, 3);
        drive_wait(drive, 1000);
    }
    assert_null(forged(drive));
    drive_free(drive);

    drive = drive_new(NULL); /* only one direction passes here */
    for (unsigned i = 0; i < 20; i++) {
        segment(drive, false, FIRST + i * 100, TCP_ACK, 100);
        forge(drive, PORT, 99, TCP_ACK, 3);
        drive_wait(drive, 1000);
    }
    assert_null(forged(drive));
    drive_free(drive);
}

/* A router reports a host that does not answer three seconds after the packet. */
static void late_error(void **state)
{
    struct drive *drive = drive_new(NULL);

    drive->traffic.unseen = true;
    segment(drive, true, FIRST, TCP_SYN, 0);
    drive->traffic.unseen = false;
    segment(drive, true, FIRST + 1, TCP_ACK, 0);
    drive_wait(drive, 3100);
    forge(drive, PORT + 1, FIRST, TCP_ACK, 1);
    assert_null(forged(drive));
    drive_free(drive);
}

/* A translator that forgets the quote is no attacker; an error about an error is odd. */
static void oddities(void **state)
{
    struct drive *drive = drive_new(NULL);
    struct traffic_route outside = traffic_route("203.0.113.1", SERVER);
    uint8_t quoted[28] = {0x45, 0, 0, 28, 0, 1, 0, 0, 64, 1, 0, 0, 10, 2, 0, 53, 192, 0, 2, 179, 3, 3};
    struct traffic_route back = traffic_route(FORGER, CLIENT);

    talk(drive, 5);
    for (unsigned i = 0; i < 5; i++) {
        assert_null(forged(drive));
        drive->traffic.unseen = true;
        traffic_tcp(&drive->traffic, &outside, 50000, SERVICE, 1, TCP_ACK, 0);
        drive->traffic.unseen = false;
        complain(drive, FORGER, CLIENT, 13);
    }
    assert_int_equal(forged(drive)->severity, SEVERITY_WARNING);
    drive_free(drive);

    drive = drive_new(NULL);
    traffic_icmp(&drive->traffic, &back, 3, 3, 0, slice_of(quoted, sizeof(quoted)));
    assert_int_equal(forged(drive)->severity, SEVERITY_WARNING);
    drive_free(drive);
}

/* Guesses that show themselves without any other traffic. */
static void guesses(void **state)
{
    static const struct {
        uint16_t port_step;
        uint32_t sequence_step, leap;
        uint8_t flags;
        bool found;
    } rows[] = {
        {7, 0, 0, TCP_ACK, true},              /* port by port */
        {0, 65536, 0x60000000, TCP_ACK, true}, /* window by window */
        {1, 0x1234567, 0, TCP_ACK, true},      /* port by port, any number */
        {7, 0x1234567, 0, TCP_ACK, false},     /* many connections that end together */
        {1, 0x1234567, 0, TCP_SYN, false},     /* who is refused tries again */
        {1, 0, 0, TCP_SYN, false},             /* nmap has one number for all */
        {0, 1400, 0, TCP_ACK, false},          /* one connection that is refused */
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (unsigned count = 4; count <= 6; count++) {
            struct drive *drive = drive_new(NULL);

            for (unsigned n = 0; n < count; n++)
                forge(drive, (uint16_t)(PORT + n * rows[i].port_step),
                      1000 + n * rows[i].sequence_step + (n ? rows[i].leap : 0), rows[i].flags, 3);
            if (count != 5 && (forged(drive) != NULL) != (rows[i].found && count > 5))
                fail_msg("row %zu, %u errors", i, count);
            drive_free(drive);
        }
}

/* The host's own table of sockets. */
struct host {
    int answer;
    unsigned asked;
    uint32_t next;
};

static int ask(void *context, const struct packet_quote *quote, uint32_t *unacknowledged,
               uint32_t *next_sequence)
{
    struct host *host = context;

    host->asked++;
    if (host->next)
        *unacknowledged = *next_sequence = host->next;
    return host->answer;
}

static void sockets(void **state)
{
    static const struct {
        struct host host;
        const char *says;
        bool unseen, alert;
    } rows[] = {
        {{0}, "no socket of this host has that flow", true, true},
        {{1}, NULL, true, false}, /* it exists, so its packets pass elsewhere */
        {{-EADDRNOTAVAIL}, NULL, true, true},
        {{1, 0, FIRST},
         "a socket of this host has that flow, but never sent that sequence number",
         false,
         true},
        {{1}, NULL, false, false},
        {{0}, NULL, false, false}, /* the error has ended it */
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct drive *drive = drive_new(NULL);
        struct host host = rows[i].host;
        uint32_t next;

        drive->watch->options.listener.context = &host;
        drive->watch->options.listener.socket = ask;
        next = talk(drive, 10);
        forge(drive, rows[i].unseen ? PORT + 1 : PORT, next - 100, TCP_ACK, 1);
        assert_int_equal(host.asked, 1);
        assert_int_equal(forged(drive) != NULL, rows[i].alert);
        if (rows[i].says)
            assert_string_equal(forged(drive)->evidence.facts[FACT_SOCKET].text, rows[i].says);
        drive_free(drive);
    }
}

/* The table is asked at most fifty times a second. */
static void thrift(void **state)
{
    struct drive *drive = drive_new(NULL);
    struct host host = {.answer = 1};

    drive->watch->options.listener.context = &host;
    drive->watch->options.listener.socket = ask;
    talk(drive, 10);
    for (unsigned i = 0; i < 400; i++)
        forge(drive, PORT, FIRST + 900, TCP_ACK, 1);
    assert_in_range(host.asked, 50, 100);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(window),   cmocka_unit_test(bulk),        cmocka_unit_test(jumps),
        cmocka_unit_test(refusal),  cmocka_unit_test(unseen),      cmocka_unit_test(backscatter),
        cmocka_unit_test(five),     cmocka_unit_test(cannot_know), cmocka_unit_test(late_error),
        cmocka_unit_test(oddities), cmocka_unit_test(guesses),     cmocka_unit_test(sockets),
        cmocka_unit_test(thrift),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
