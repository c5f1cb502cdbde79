/* SPDX-License-Identifier: MIT */
/* The engine of watch examined: whole days of innocent traffic without an alert, and every attack found. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "detect/watch.h"
#include "tests/sim/traffic/set.h"

enum { TESTS_MAX = 256, MEMORY = 16 << 20, TEXT = 8192, ETHERNET = 14, SNAP = 96 };

/** How an attack is played. */
enum setting { ALONE, WITHIN };

/** One test of an attack, or of an innocent actor alone. */
struct trial {
    const struct attack *attack;
    const struct innocent_actor *innocent;
    enum setting setting;
    char name[64];
};

/* What the engine said, told as text, and counted. */
struct verdict {
    const struct attack *attack; /* that is looked for, or NULL */
    bool found;
    unsigned alerts; /* that accuse somebody innocent */
    char text[TEXT];
    size_t length;
};

static struct trial trials[TESTS_MAX];

static struct watch *start(uint64_t seed, bool declared, struct verdict *verdict,
                           void (*finding)(void *context, const struct finding *finding))
{
    static const char *const internal[] = {"10.0.0.0/8", "203.0.112.0/21", "2001:db8::/44"};
    struct watch_options options = {
        .memory = MEMORY,
        .key = {{seed * UINT64_C(0x9e3779b97f4a7c15), seed * UINT64_C(0xbf58476d1ce4e5b9),
                 seed * UINT64_C(0x94d049bb133111eb), seed * UINT64_C(0xd6e8feb86659fd93)}},
        .kinds = KIND_BIT(KIND_COUNT) - 1,
        .listener = {.context = verdict, .finding = finding},
    };
    struct watch *watch;

    assert_int_equal(prefixes_add(&options.profile.dark, "203.0.114.0/24"), 0);
    for (size_t i = 0; declared && i < COUNT_OF(internal); i++)
        assert_int_equal(prefixes_add(&options.profile.internal, internal[i]), 0);
    assert_int_equal(watch_new(&options, &watch), 0);
    return watch;
}

static void take(void *context, const struct frame *frame)
{
    watch_frames(context, frame, 1);
}

/* Note a finding for the message of a test that fails. */
static void note(struct verdict *verdict, const struct finding *finding)
{
    char source[SONDE_ADDRESS_TEXT], target[SONDE_ADDRESS_TEXT];
    const union fact_value *facts = finding->evidence.facts;
    int length =
        snprintf(verdict->text + verdict->length, TEXT - verdict->length,
                 "\n%s %s from %s to %s/%u at %.0f s, %lu packets, confidence %.2f; %s; %s",
                 severity_name(finding->severity), kind_row(finding->subject.kind)->name,
                 sonde_address_format(&finding->subject.source, source),
                 sonde_address_format(&finding->subject.target, target), finding->subject.target_bits,
                 (double)(finding->first_ns - INT64_C(1767571200) * NS_PER_S) / (double)NS_PER_S,
                 (unsigned long)finding->packets, finding->confidence,
                 facts[FACT_MEASURE].text ? facts[FACT_MEASURE].text : "",
                 facts[FACT_CHECK].text ? facts[FACT_CHECK].text : "");

    verdict->length += (size_t)length < TEXT - verdict->length ? (size_t)length : 0;
}

/* Whether a finding names this address, or a prefix that holds it. */
static bool names(const struct sonde_address *named, uint8_t bits, const char *text)
{
    struct sonde_address wanted;
    struct prefix prefix = {.address = *named, .bits = bits};

    if (!text)
        return true;
    assert_int_equal(sonde_address_parse(text, &wanted), 0);
    if (named->family != wanted.family)
        return false;
    if (!bits)
        prefix.bits = named->family == 4 ? 32 : 128;
    return prefix_holds(&prefix, wanted.family, wanted.bytes);
}

/* Hosts that never take part in an attack: the servers that ask for a living, and most of the office. */
static bool is_innocent(const struct sonde_address *address)
{
    return address->family == 4 && address->bytes[0] == 10 && !address->bytes[2] &&
           ((address->bytes[1] == 1 && address->bytes[3] < 10 && address->bytes[3] > WORLD_ROUTER2) ||
            (address->bytes[1] == 2 && address->bytes[3] > 20 && address->bytes[3] < 160));
}

static void judge(void *context, const struct finding *finding)
{
    struct verdict *verdict = context;
    const struct attack *attack = verdict->attack;

    if (finding->state != FINDING_ENDED)
        return;
    if (attack || finding->severity == SEVERITY_ALERT)
        note(verdict, finding);
    if (finding->severity == SEVERITY_ALERT && (!attack || is_innocent(&finding->subject.source)))
        verdict->alerts++;
    if (attack && attack->kinds & KIND_BIT(finding->subject.kind) &&
        names(&finding->subject.source, finding->subject.source_bits, attack->source) &&
        names(&finding->subject.target, finding->subject.target_bits, attack->target))
        verdict->found = true;
}

/* Fail, and tell everything that was found; cmocka cuts messages that are long. */
static void refuse(const struct verdict *verdict, const char *name, const char *what)
{
    char line[512];

    for (const char *at = verdict->text; *at; at += strcspn(at + 1, "\n") + 1) {
        (void)snprintf(line, sizeof(line), "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
        print_message("#%s\n", line);
    }
    fail_msg("%s %s", name, what);
}

static void finish(struct watch *watch)
{
    watch_finish(watch);
    watch_free(watch);
}

static void test_attack(void **state)
{
    const struct trial *trial = *state;
    struct verdict verdict = {.attack = trial->attack};
    struct watch *watch = start(7, false, &verdict, judge);

    (trial->setting == ALONE ? set_attack : set_within)(trial->attack, 7, take, watch);
    finish(watch);
    if (!verdict.found)
        refuse(&verdict, trial->name, "was not found");
    if (verdict.alerts)
        refuse(&verdict, trial->name, "accuses innocents");
}

static void expect_peace(uint64_t seed, bool declared, unsigned from_hour, unsigned hours)
{
    struct verdict verdict = {.attack = NULL};
    struct watch *watch = start(seed, declared, &verdict, judge);

    set_innocent(from_hour, hours, seed, take, watch);
    finish(watch);
    if (verdict.alerts)
        refuse(&verdict, "a day of innocent traffic", "gives alerts");
}

static void test_day(void **state)
{
    expect_peace(1, false, 0, 24);
}

static void test_day_with_prefixes_declared(void **state)
{
    expect_peace(2, true, 0, 24);
}

static void test_morning_joined_in_the_middle(void **state)
{
    expect_peace(3, false, 9, 5);
}

/* Only what comes in from beyond the network's routers: a capture of one direction. */
static void take_inbound(void *context, const struct frame *frame)
{
    const uint8_t *packet = frame->data.data + ETHERNET;
    bool four = packet[0] >> 4 == 4;

    if (four ? packet[12] != 10 : packet[8] != 0xfe && packet[11] != 0xb8)
        watch_frames(context, frame, 1);
}

/* Only what our hosts send. */
static void take_outbound(void *context, const struct frame *frame)
{
    const uint8_t *packet = frame->data.data + ETHERNET;
    bool four = packet[0] >> 4 == 4;

    if (four ? packet[12] == 10 : packet[8] == 0xfe || packet[11] == 0xb8)
        watch_frames(context, frame, 1);
}

/* What "icmp or icmp6" lets through: errors quote packets that nobody saw. */
static void take_icmp(void *context, const struct frame *frame)
{
    const uint8_t *packet = frame->data.data + ETHERNET;

    if (packet[0] >> 4 == 4 ? packet[9] == IPPROTO_ICMP
                            : packet[6] == IPPROTO_ICMPV6 || packet[6] == IPPROTO_HOPOPTS)
        watch_frames(context, frame, 1);
}

/* What a capture with a snap length of 96 octets keeps. */
static void take_short(void *context, const struct frame *frame)
{
    struct frame cut = *frame;

    cut.data = slice_first(cut.data, SNAP);
    watch_frames(context, &cut, 1);
}

/* A working day's traffic through a capture that does not see all of it. */
static void expect_peace_through(void (*receive)(void *context, const struct frame *frame), const char *name)
{
    struct verdict verdict = {.attack = NULL};
    struct watch *watch = start(4, false, &verdict, judge);

    set_innocent(9, 6, 4, receive, watch);
    finish(watch);
    if (verdict.alerts)
        refuse(&verdict, name, "gives alerts");
}

static void test_inbound_only(void **state)
{
    expect_peace_through(take_inbound, "a capture of what comes in");
}

static void test_outbound_only(void **state)
{
    expect_peace_through(take_outbound, "a capture of what goes out");
}

static void test_icmp_only(void **state)
{
    expect_peace_through(take_icmp, "a capture of ICMP alone");
}

static void test_short_frames(void **state)
{
    expect_peace_through(take_short, "a capture of 96 octets a frame");
}

static void test_innocent(void **state)
{
    const struct trial *trial = *state;
    struct verdict verdict = {.attack = NULL};
    struct watch *watch = start(5, false, &verdict, judge);

    set_innocent_alone(trial->innocent, 5, take, watch);
    finish(watch);
    if (verdict.alerts)
        refuse(&verdict, trial->name, "gives alerts");
}

int main(void)
{
    struct CMUnitTest tests[TESTS_MAX] = {
        cmocka_unit_test(test_day),
        cmocka_unit_test(test_day_with_prefixes_declared),
        cmocka_unit_test(test_morning_joined_in_the_middle),
        cmocka_unit_test(test_inbound_only),
        cmocka_unit_test(test_outbound_only),
        cmocka_unit_test(test_icmp_only),
        cmocka_unit_test(test_short_frames),
    };
    size_t count = 7;

    for (const struct innocent_actor *row = innocents; row->name; row++) {
        struct trial *trial = &trials[count];

        trial->innocent = row;
        (void)snprintf(trial->name, sizeof(trial->name), "innocent %s alone", row->name);
        tests[count++] = (struct CMUnitTest){trial->name, test_innocent, NULL, NULL, trial};
    }
    for (const struct attack *attack = attacks; attack->name; attack++)
        for (enum setting setting = ALONE; setting <= WITHIN; setting++) {
            struct trial *trial = &trials[count];

            trial->attack = attack;
            trial->setting = setting;
            (void)snprintf(trial->name, sizeof(trial->name), "%s %s", attack->name,
                           setting == ALONE ? "alone" : "within innocent traffic");
            tests[count++] = (struct CMUnitTest){trial->name, test_attack, NULL, NULL, trial};
        }
    return _cmocka_run_group_tests("watch", tests, count, NULL, NULL);
}
