/* SPDX-License-Identifier: MIT */
/* Tunnels in echo messages: short ones too are found; pings of every kind are not. */
#include <string.h>

#include "tests/unit/detect/flood/drive.h"

#define CLIENT "10.0.0.9"
#define SERVER "203.0.113.5"

static const char secrets[] =
    "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nbin:x:2:2:bin:/bin:"
    "/usr/sbin/nologin\nsys:x:3:3:sys:/dev:/usr/sbin/nologin\nsync:x:4:65534:sync:/bin:/bin/sync\ngames:x:5:"
    "60:games:/usr/games:/usr/sbin/nologin\nman:x:6:12:man:/var/cache/man:/usr/sbin/nologin\nlp:x:7:7:lp:"
    "/var/spool/lpd:/usr/sbin/nologin\nmail:x:8:8:mail:/var/mail:/usr/sbin/nologin\nnews:x:9:9:news:";

static void send_word(struct drive *drive, bool reply, uint32_t word, struct slice data)
{
    struct traffic_route route = reply ? traffic_route(SERVER, CLIENT) : traffic_route(CLIENT, SERVER);

    traffic_icmp(&drive->traffic, &route, reply ? 0 : 8, 0, word, data);
}

/* Fill with noise. */
static struct slice noise(struct drive *drive, uint8_t *octets, size_t length)
{
    for (size_t i = 0; i < length; i++)
        octets[i] = (uint8_t)traffic_random(&drive->traffic, 256);
    return slice_of(octets, length);
}

/* A request and the reply that returns its data. */
static void exchange(struct drive *drive, uint32_t word, struct slice data, unsigned milliseconds)
{
    send_word(drive, false, word, data);
    drive_wait(drive, 1);
    send_word(drive, true, word, data);
    drive_wait(drive, milliseconds);
}

static const struct finding *tunnel(const struct drive *drive)
{
    return drive_find(drive, KIND_TUNNEL);
}

/* Both sides send what they have; ids and sequences match, data does not. */
static void test_encrypted(void **state)
{
    struct drive *drive = drive_new(NULL);
    uint8_t data[1200];
    const struct finding *finding;

    for (uint32_t i = 0; i < 8; i++) {
        send_word(drive, false, 7U << 16 | i, noise(drive, data, 100 + i * 60));
        drive_wait(drive, 10);
        send_word(drive, true, 7U << 16 | i, noise(drive, data, 900 - i * 30));
        drive_wait(drive, 90);
    }
    finding = tunnel(drive);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_ALERT);
    drive_is(&finding->subject.source, CLIENT);
    drive_is(&finding->subject.target, SERVER);
    assert_true(drive_fact(finding, FACT_OBSERVED) >= 3);
    assert_int_equal(drive_fact(finding, FACT_THRESHOLD), 3);
    assert_true(drive_fact(finding, FACT_ALTERED) >= 1);
    assert_true(finding->excluded & 1U << INNOCENT_SAME_DATA);
    assert_true(finding->sample_count > 0);
    watch_finish(drive->watch);
    assert_int_equal(finding->packets, 15); /* all but the first, which alone is no suspicion */
    drive_free(drive);
}

/* The header of ptunnel, then SSH. */
static void test_ptunnel(void **state)
{
    struct drive *drive = drive_new(NULL);
    static const char greeting[] = "SSH-2.0-OpenSSH_9.2\r\n";
    uint8_t data[64] = {0xd5, 0x20, 0x08, 0x80};
    const struct finding *finding;

    for (uint32_t i = 0; i < 3; i++) {
        memset(data + 4, (int)i, 24);
        data[27] = 9;
        send_word(drive, false, i, slice_of(data, 28));
        memcpy(data + 28, greeting, sizeof(greeting));
        send_word(drive, true, i, slice_of(data, 28 + sizeof(greeting)));
        drive_wait(drive, 100);
    }
    finding = tunnel(drive);
    assert_non_null(finding);
    assert_string_equal(finding->evidence.facts[FACT_TOOL].text, "ptunnel");
    assert_string_equal(finding->evidence.facts[FACT_PAYLOAD].text, "SSH");
    drive_free(drive);
}

/* A file leaves through requests, whose replies are as they should be; as hping3 --file does. */
static void test_exfiltration(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    for (uint32_t i = 0; i < 10; i++)
        exchange(drive, i, slice_of(secrets + (size_t)48 * i, 48), 1000);
    finding = tunnel(drive);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_ALERT);
    assert_string_equal(finding->evidence.facts[FACT_PAYLOAD].text, "a file of passwords");
    drive_free(drive);
}

/* A remote shell that asks for commands again and again. */
static void test_shell(void **state)
{
    struct drive *drive = drive_new(NULL);
    static const char *const commands[] = {"", "", "whoami\n", "", "", "dir c:\\\n", "", ""};
    static const char *const outputs[] = {"", "", "",         "desktop-1\\user C:\\Users\\user>",
                                          "", "", "Volume C", ""};

    for (uint32_t i = 0; i < COUNT_OF(commands); i++) {
        send_word(drive, false, i, slice_of(outputs[i], strlen(outputs[i])));
        send_word(drive, true, i, slice_of(commands[i], strlen(commands[i])));
        drive_wait(drive, 200);
    }
    assert_non_null(tunnel(drive));
    drive_free(drive);
}

/* Replies in both directions, and never a request. */
static void test_replies_only(void **state)
{
    struct drive *drive = drive_new(NULL);
    uint8_t data[400];

    for (uint32_t i = 0; i < 12; i++) {
        send_word(drive, true, i, noise(drive, data, 100 + i));
        send_word(drive, i % 2, i, noise(drive, data, 300 - i));
        drive_wait(drive, 300);
    }
    assert_non_null(tunnel(drive));
    drive_free(drive);
}

/* The same data always, large or not, at any rate. */
static void test_constant(void **state)
{
    struct drive *drive = drive_new(NULL);
    uint8_t data[1400];
    struct slice same = noise(drive, data, sizeof(data));

    for (uint32_t i = 0; i < 1000; i++)
        exchange(drive, i, same, 1);
    for (uint32_t i = 0; i < 100; i++)
        exchange(drive, i, slice_of("A health check of the load balancer, number 7", 45), 1000);
    assert_null(tunnel(drive));
    drive_free(drive);
}

/* fping -R: new noise each time, which comes back. At the rate of pings it is nothing, else only odd. */
static void test_noise(void **state)
{
    struct drive *drive = drive_new(NULL);
    uint8_t data[200];

    for (uint32_t i = 0; i < 100; i++)
        exchange(drive, i, noise(drive, data, 56), 1000);
    assert_null(tunnel(drive));
    drive_free(drive);
    drive = drive_new(NULL);
    for (uint32_t i = 0; i < 500; i++)
        exchange(drive, i, noise(drive, data, 200), 10);
    assert_true(!tunnel(drive) || tunnel(drive)->severity < SEVERITY_ALERT);
    drive_free(drive);
}

/* A ping to all, whose answers come from others; with noise, so that only the data says what they answer. */
static void test_multicast(void **state)
{
    struct drive *drive = drive_new(NULL);
    uint8_t data[56];
    struct traffic_route all = traffic_route(CLIENT, "224.0.0.1");

    for (uint32_t i = 0; i < 50; i++) {
        traffic_icmp(&drive->traffic, &all, 8, 0, i, noise(drive, data, sizeof(data)));
        drive_wait(drive, 1);
        send_word(drive, true, i, slice_of(data, sizeof(data)));
        drive_wait(drive, 1000);
    }
    assert_null(tunnel(drive));
    drive_free(drive);
}

/* Only the replies pass here. */
static void test_one_way(void **state)
{
    struct drive *drive = drive_new(NULL);
    uint8_t data[56];

    for (uint32_t i = 0; i < 100; i++) {
        send_word(drive, true, i, noise(drive, data, sizeof(data)));
        drive_wait(drive, 1000);
    }
    assert_null(tunnel(drive));
    drive_free(drive);
}

/* Far more pings than any table holds, whose replies come when they are forgotten. */
static void test_flood(void **state)
{
    struct drive *drive = drive_new(NULL);
    struct drive_stream
        there = {.source = CLIENT, .target = SERVER, .rate = 100000, .seconds = 1, .payload = 56},
        back = {
            .source = SERVER, .target = CLIENT, .reply = true, .rate = 100000, .seconds = 1, .payload = 56};

    drive_pings(drive, &there);
    drive_pings(drive, &back);
    assert_null(tunnel(drive));
    drive_free(drive);
}

static void test_allowed(void **state)
{
    struct profile profile = {0};
    struct drive *drive;
    uint8_t data[300];

    assert_int_equal(prefixes_add(&profile.allowed, CLIENT), 0);
    drive = drive_new(&profile);
    for (uint32_t i = 0; i < 20; i++) {
        send_word(drive, false, i, noise(drive, data, 200));
        send_word(drive, true, i, noise(drive, data, 300));
        drive_wait(drive, 100);
    }
    assert_null(tunnel(drive));
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encrypted),    cmocka_unit_test(test_ptunnel),
        cmocka_unit_test(test_exfiltration), cmocka_unit_test(test_shell),
        cmocka_unit_test(test_replies_only), cmocka_unit_test(test_constant),
        cmocka_unit_test(test_noise),        cmocka_unit_test(test_multicast),
        cmocka_unit_test(test_one_way),      cmocka_unit_test(test_flood),
        cmocka_unit_test(test_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
