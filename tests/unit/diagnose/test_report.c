/* SPDX-License-Identifier: MIT */
/* The report: verdict, evidence, path and advice of a hand-made diagnosis; several reports as one. */
#include "diagnose/report.h"

#include <string.h>

#include "diagnose/session.h"
#include "tests/unit/diagnose/story.h"
#include "wire/icmp.h"

/* A diagnosis that ended with this log. */
static struct diagnosis conclude(const struct story *story)
{
    struct diagnosis diagnosis = {.evidence = story->evidence, .can = ~0u, .done = true};

    belief_update(&diagnosis.belief, &diagnosis.evidence);
    return diagnosis;
}

static const struct sonde_why_cause *verdict(const struct sonde_why_report *report, size_t place)
{
    assert_in_range(place, 0, report->verdict.count - 1);
    return (const struct sonde_why_cause *)report->verdict.items + place;
}

static bool says(const struct record_list *list, const char *part)
{
    const char *const *sentences = list->items;

    for (size_t i = 0; i < list->count; i++)
        if (strstr(sentences[i], part))
            return true;
    return false;
}

/* A router two hops away rejects the TCP port. */
static void rejected(struct story *story)
{
    struct reply error = story_error("10.2.0.1", ICMP4_UNREACHABLE, 13);

    story_begin(story, STORY_PORT, false);
    error.ttl = 63;
    story_exchange(story, ASK_FIRST, PROBE_TCP_SYN, error);
    story_exchange(story, ASK_ECHO, PROBE_ECHO, story_plain(REPLY_ECHO));
    story_exchange(story, ASK_TCP, PROBE_TCP_SYN, story_plain(REPLY_RESET));
    story_rung(story, ASK_LADDER, 1, "10.1.0.1");
}

static void test_a_verdict(void **state)
{
    struct story story;
    struct diagnosis diagnosis;
    struct sonde_why_report *report;

    rejected(&story);
    diagnosis = conclude(&story);
    report = report_new(&diagnosis, NULL);
    assert_string_equal(report->state, "unreachable");
    assert_string_equal(verdict(report, 0)->cause, "firewall-reject");
    assert_in_range((int)(verdict(report, 0)->confidence * 100), 90, 99);
    assert_string_equal(verdict(report, 0)->at->where, "path");
    assert_int_equal(verdict(report, 0)->at->hop, 2);
    assert_string_equal(report->sentence, "A firewall at 10.2.0.1 (hop 2) refuses tcp://192.0.2.10:4433.");
    assert_true(says(&report->next, "Ask who runs 10.2.0.1 (hop 2) for a rule that rejects TCP port 4433."));
    assert_true(says(&report->evidence, "ICMP 3/13"));
    assert_int_equal(report->limits.count, 0);
    assert_int_equal(report->packets_sent, 4);
    assert_string_equal(report->target->protocol, "tcp");
    assert_int_equal(report->target->port, STORY_PORT);
    assert_null(report->target->name);
    assert_null(sonde_why_report_free(report));
    assert_null(sonde_why_report_free(NULL));
}

static void test_the_path_is_marked(void **state)
{
    struct story story;
    struct diagnosis diagnosis;
    struct sonde_why_report *report;
    const struct sonde_why_hop *hops;

    rejected(&story);
    diagnosis = conclude(&story);
    report = report_new(&diagnosis, NULL);
    hops = report->path.items;
    assert_int_equal(report->path.count, 2);
    assert_int_equal(hops[0].hop, 1);
    assert_string_equal(hops[0].note, "");
    assert_true(hops[0].rtt_ms > 0.9 && hops[0].rtt_ms < 1.1);
    assert_string_equal(hops[1].note, "<- here");
    assert_true(isnan(hops[1].rtt_ms));
    sonde_why_report_free(report);
}

/* The contract of the exam: ranked, in 0..1, at most three, and a state that agrees. */
static void assert_contract(const struct sonde_why_report *report)
{
    const struct sonde_why_cause *causes = report->verdict.items;
    double before = 1;

    assert_in_range(report->verdict.count, 1, 3);
    for (size_t i = 0; i < report->verdict.count; i++) {
        assert_true(causes[i].confidence >= 0 && causes[i].confidence <= before);
        assert_non_null(causes[i].place);
        before = causes[i].confidence;
    }
    for (int cause = 0; cause < CAUSES; cause++)
        if (strcmp(cause_row((enum cause)cause)->name, causes[0].cause) == 0)
            assert_string_equal(report->state, state_name(cause_row((enum cause)cause)->state));
}

static void test_lookalikes_are_named(void **state)
{
    struct story story;
    struct diagnosis diagnosis;
    struct sonde_why_report *report;

    story_begin(&story, STORY_PORT, false);
    story_silence(&story, ASK_FIRST, PROBE_TCP_SYN, 3);
    story_silence(&story, ASK_ECHO, PROBE_ECHO, 2);
    story_silence(&story, ASK_TCP, PROBE_TCP_SYN, 2);
    story_rung(&story, ASK_LADDER, 1, "10.1.0.1");
    story_silence(&story, ASK_REFERENCE, PROBE_TCP_SYN, 3);
    diagnosis = conclude(&story);
    report = report_new(&diagnosis, NULL);
    assert_contract(report);
    assert_string_equal(verdict(report, 0)->cause, "return-path-lost");
    assert_true(report->verdict.count > 1);
    assert_true(says(&report->next, "from here they look alike. What decides: tcpdump on the host"));
    sonde_why_report_free(report);
}

static void test_a_place_in_doubt(void **state)
{
    struct reply far = {.kind = REPLY_ECHO, .ttl = 58, .rtt_ns = 250 * NS_PER_MS};
    struct story story;
    struct diagnosis diagnosis;
    struct sonde_why_report *report;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN,
                   (struct reply){.kind = REPLY_SYN_ACK, .rtt_ns = 250 * NS_PER_MS});
    story_rung(&story, ASK_LADDER, 1, "10.1.0.1");
    for (int i = 0; i < 3; i++)
        story_exchange(&story, ASK_QUEUE, PROBE_ECHO, far);
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, far);
    for (int i = 0; i < 4; i++)
        story_ask(&story, ASK_QUEUE, PROBE_ECHO, 0);
    story.evidence.now_ns += NS_PER_S;
    diagnosis = conclude(&story);
    report = report_new(&diagnosis, NULL);
    assert_contract(report);
    assert_string_equal(verdict(report, 0)->cause, "congestion");
    assert_true(verdict(report, 0)->confidence < 0.5); /* two of the six hops between are named */
    assert_string_equal(verdict(report, 0)->place, "or near hop 4");
    sonde_why_report_free(report);
}

/* All words that can stand before a state: they must fill their places. */
static void test_each_sentence_is_filled(void **state)
{
    static const struct {
        uint16_t port;
        bool udp;
        const char *name, *expected;
    } cases[] = {
        {STORY_PORT, true, NULL, "udp://192.0.2.10:4433 answers; nothing is wrong."},
        {STORY_PORT, false, "example.net", "tcp://example.net:4433 answers; nothing is wrong."},
        {STORY_PORT, false, "2001:db8::1", "tcp://[2001:db8::1]:4433 answers; nothing is wrong."},
        {0, false, NULL, "192.0.2.10 answers; nothing is wrong."},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct story story;
        struct diagnosis diagnosis;
        struct sonde_why_report *report;

        story_begin(&story, cases[i].port, cases[i].udp);
        story_exchange(&story, ASK_FIRST, PROBE_ECHO, story_plain(REPLY_SYN_ACK));
        diagnosis = conclude(&story);
        report = report_new(&diagnosis, cases[i].name);
        assert_string_equal(report->sentence, cases[i].expected);
        assert_contract(report);
        sonde_why_report_free(report);
    }
}

static void test_limits_are_said(void **state)
{
    struct story story;
    struct diagnosis diagnosis;
    struct sonde_why_report *report;

    rejected(&story);
    diagnosis = conclude(&story);
    diagnosis.can = 0;
    report = report_new(&diagnosis, NULL);
    assert_true(says(&report->limits, "setcap cap_net_raw+ep"));
    assert_true(says(&report->limits, "net.ipv4.ping_group_range"));
    sonde_why_report_free(report);
}

static void test_an_interrupted_diagnosis_accuses_nobody(void **state)
{
    struct story story;
    struct diagnosis diagnosis;
    struct sonde_why_report *report;

    rejected(&story);
    diagnosis = conclude(&story);
    diagnosis.done = false;
    report = report_new(&diagnosis, NULL);
    assert_string_equal(report->state, "unknown");
    assert_int_equal(report->verdict.count, 0);
    assert_true(says(&report->evidence, "ICMP 3/13"));
    sonde_why_report_free(report);
}

static void test_a_name_without_address(void **state)
{
    struct sonde_why_report *report =
        report_unresolved("nowhere.example", true, 53, "The resolver says: no such name.");

    assert_contract(report);
    assert_string_equal(verdict(report, 0)->cause, "name-unresolved");
    assert_string_equal(verdict(report, 0)->at->where, "local");
    assert_string_equal(report->sentence, "The name of udp://nowhere.example:53 has no address.");
    assert_true(says(&report->evidence, "The resolver says: no such name."));
    assert_int_equal(report->target->address.family, 0);
    sonde_why_report_free(report);
}

static void test_lists_grow(void **state)
{
    struct sonde_why_report *report = report_unresolved("nowhere.example", false, 0, "x");

    report_add(&report->next, "one more thing");
    report_prefix(report, "Listen.");
    report_add_address(report,
                       (struct sonde_why_address){unit_address(STORY_TARGET), "reachable", "open", 0.9});
    assert_true(says(&report->next, "one more thing"));
    assert_string_equal(report->sentence, "Listen. The name of nowhere.example has no address.");
    assert_int_equal(report->addresses.count, 1);
    sonde_why_report_free(report);
}

static struct sonde_why_report *open_report(const char *address)
{
    struct story story;
    struct diagnosis diagnosis;

    story_begin(&story, STORY_PORT, false);
    story.evidence.subject.address = unit_address(address);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, story_plain(REPLY_SYN_ACK));
    diagnosis = conclude(&story);
    return report_new(&diagnosis, "example.net");
}

static struct sonde_why_report *failed_report(const char *address)
{
    struct story story;
    struct diagnosis diagnosis;

    story_begin(&story, STORY_PORT, false);
    story.evidence.subject.address = unit_address(address);
    story.evidence.route.type = ROUTE_NONE;
    diagnosis = conclude(&story);
    return report_new(&diagnosis, "example.net");
}

static void free_all(struct sonde_why_report **reports, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sonde_why_report_free(reports[i]);
}

static void test_one_family_is_broken(void **state)
{
    struct sonde_why_report *reports[] = {open_report("192.0.2.10"), failed_report("2001:db8::10")};

    assert_int_equal(report_join(reports, COUNT_OF(reports)), 1);
    assert_non_null(strstr(reports[1]->sentence, "IPv4 192.0.2.10 works, IPv6 2001:db8::10 fails. "));
    assert_int_equal(reports[1]->addresses.count, 2);
    assert_int_equal(reports[1]->packets_sent, 1); /* those of the other one count, too */
    free_all(reports, COUNT_OF(reports));
}

static void test_all_work_or_none(void **state)
{
    struct sonde_why_report *good[] = {open_report("192.0.2.10"), open_report("2001:db8::10")};
    struct sonde_why_report *bad[] = {failed_report("192.0.2.10"), failed_report("2001:db8::10")};

    assert_int_equal(report_join(good, COUNT_OF(good)), 0);
    assert_null(strstr(good[0]->sentence, "fails"));
    assert_int_equal(report_join(bad, COUNT_OF(bad)), 0);
    assert_null(strstr(bad[0]->sentence, "works"));
    assert_int_equal(bad[0]->addresses.count, 2);
    free_all(good, COUNT_OF(good));
    free_all(bad, COUNT_OF(bad));
}

static void test_one_address_is_no_list(void **state)
{
    struct sonde_why_report *report = open_report("192.0.2.10");

    assert_int_equal(report_join(&report, 1), 0);
    assert_int_equal(report->addresses.count, 0);
    sonde_why_report_free(report);
}

static void assert_schema(const struct schema *schema)
{
    for (const struct field *field = schema->fields; field->name; field++) {
        assert_true(field->offset < schema->size);
        assert_non_null(field->doc);
        if (field->of)
            assert_schema(field->of);
    }
}

static void test_the_schema_is_documented(void **state)
{
    static const char *const required[] = {"state", "verdict",      "target",    "evidence",
                                           "next",  "packets_sent", "elapsed_ns"};

    assert_string_equal(sonde_why_schema.name, "sonde.why/1");
    assert_schema(&sonde_why_schema);
    for (size_t i = 0; i < COUNT_OF(required); i++) {
        const struct field *field = sonde_why_schema.fields;

        while (field->name && strcmp(field->name, required[i]) != 0)
            field++;
        assert_non_null(field->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_verdict),
        cmocka_unit_test(test_the_path_is_marked),
        cmocka_unit_test(test_lookalikes_are_named),
        cmocka_unit_test(test_a_place_in_doubt),
        cmocka_unit_test(test_each_sentence_is_filled),
        cmocka_unit_test(test_limits_are_said),
        cmocka_unit_test(test_an_interrupted_diagnosis_accuses_nobody),
        cmocka_unit_test(test_a_name_without_address),
        cmocka_unit_test(test_lists_grow),
        cmocka_unit_test(test_one_family_is_broken),
        cmocka_unit_test(test_all_work_or_none),
        cmocka_unit_test(test_one_address_is_no_list),
        cmocka_unit_test(test_the_schema_is_documented),
    };

    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
