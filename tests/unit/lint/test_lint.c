/* SPDX-License-Identifier: MIT */
/* Findings: the table of checks, what each says of small rule sets, the packet that proves it and the fix. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "policy/lint/lint.h"
#include "policy/read.h"
#include "policy/ruleset/import.h"

static void review(const char *text, uint8_t family, enum policy_role role, struct guard_findings *findings)
{
    struct rules rules = {0};
    struct lint_subject subject = {.file = "rules.v4", .text = slice_of(text, strlen(text)), .role = role};
    struct sonde_error error = {0};

    if (rules_import_xt(&rules, subject.text, family, RULES_IPTABLES, &error) < 0)
        fail_msg("%s", error.what);
    rules_arrange(&rules);
    subject.rules = &rules;
    lint_rules(&subject, findings);
    rules_deinit(&rules);
}

static const struct guard_finding *find(const struct guard_findings *findings, const char *id)
{
    for (size_t i = 0; i < findings->count; i++)
        if (strcmp(findings->items[i].id, id) == 0)
            return &findings->items[i];
    return NULL;
}

static void table_of_checks(void **state)
{
    const struct guard_check *check;
    size_t count = 0;

    for (; (check = guard_check_row(count)) != NULL; count++) {
        char id[8];

        snprintf(id, sizeof(id), "G%03zu", count + 1);
        assert_string_equal(check->id, id);
        assert_ptr_equal(guard_check_find(id), check);
        assert_true(*check->title && *check->advice && *check->source);
    }
    assert_int_equal(count, 52);
    assert_null(guard_check_find("G053"));
}

static void list_of_findings(void **state)
{
    struct guard_findings findings = {0};
    struct guard_finding *finding;

    for (int i = 0; i < 40; i++)
        finding = guard_findings_add(&findings, i % 2 ? "G052" : "G001", "number %d", i);
    guard_finding_set(&finding->fix, "%s", "one");
    guard_finding_set(&finding->fix, "%s%d", "two", 2);
    assert_string_equal(finding->fix, "two2");
    lint_sort(&findings);
    assert_string_equal(findings.items[0].message, "number 0");
    assert_string_equal(findings.items[19].message, "number 38");
    assert_string_equal(findings.items[20].message, "number 1");
    assert_string_equal(findings.items[39].severity, "note");
    guard_findings_deinit(&findings);
    assert_int_equal(findings.count, 0);
}

#define STATE "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"

/* Rules of INPUT, a finding that they must have or, behind a '!', must not have, and its proof. */
static const struct {
    uint8_t family;
    const char *rules, *id, *witness;
} cases[] = {
    {4, "", "G001", "ICMPv4 3/4 (fragmentation-needed) that belongs to a packet of ours, to input: dropped"},
    {4, STATE, "!G001", NULL},
    {4, STATE "-A INPUT -p icmp -m icmp --icmp-type 3/4 -j DROP\n", "!G001", NULL},
    {4, "-A INPUT -p icmp -m icmp --icmp-type 3 -j DROP\n" STATE, "G001",
     "rules.v4:3: ip filter INPUT rule 1"},
    {6, STATE, "G003", "ICMPv6 135/0 (neighbor-solicitation) from the link, to input: dropped"},
    {6, STATE, "!G002", NULL},
    {6, "-A INPUT -p ipv6-icmp -j ACCEPT\n", "!G003", NULL},
    {6, "-A INPUT -p ipv6-icmp -j ACCEPT\n", "G009", "ICMPv6 137/0 (redirect) from the link"},
    {6, "-A INPUT -p ipv6-icmp -j ACCEPT\n", "G012", NULL},
    {4, "-A INPUT -p icmp -j DROP\n", "G007", NULL},
    {4, STATE "-A INPUT -p icmp -m icmp --icmp-type 8 -m limit --limit 2/s -j ACCEPT\n", "G019",
     "ICMPv4 8/0 (echo-request) that belongs to a packet of ours"},
    {4, "-A INPUT -p icmp -m icmp --icmp-type 8 -m limit --limit 2/s -j ACCEPT\n" STATE, "!G019", NULL},
    {4, "-A INPUT -p icmp -m icmp --icmp-type 8 -m limit --limit 2/s -j ACCEPT\n" STATE, "G020", NULL},
    {4, "-A INPUT -p icmp -j ACCEPT\n-A INPUT -p icmp -m icmp --icmp-type 5 -j DROP\n", "G017", "type 5"},
    {4, "-A INPUT -p icmp -m icmp --icmp-type 5 -j DROP\n-A INPUT -p icmp -j ACCEPT\n", "!G017", NULL},
    {4, "-A INPUT -i eth0 -p icmp -j ACCEPT\n-A INPUT -p icmp -m icmp --icmp-type 5 -j DROP\n", "!G017",
     NULL},
    {4, "-A INPUT -p icmp -m limit --limit 9/s -j ACCEPT\n-A INPUT -p icmp -m icmp --icmp-type 8 -j DROP\n",
     "!G017", NULL},
    {4, "-A INPUT -p ipv6-icmp -j ACCEPT\n", "G016", NULL},
    {4, "-A INPUT -p icmp -m icmp --icmp-type 8 -m ttl --ttl-eq 9 -m ttl --ttl-gt 20 -j DROP\n", "G015",
     NULL},
    {4, STATE "-A INPUT -j LOG --log-prefix x\n", "G038", NULL},
    {4, STATE "-A INPUT -p icmp -m icmp --icmp-type 3 -j REJECT\n", "G030", NULL},
    {4, "-A other -p icmp -j ACCEPT\n", "G018", NULL},
    {4, "-A INPUT -j one\n-A one -j two\n-A two -j one\n", "G018", NULL},
    {4, "-A INPUT -m bpf --bytecode x -j ACCEPT\n", "G001", NULL},
};

static void rules_and_findings(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct guard_findings findings = {0};
        const struct guard_finding *finding;
        char text[1024];
        bool absent = *cases[i].id == '!';

        snprintf(text, sizeof(text), "*filter\n:INPUT DROP\n%sCOMMIT\n", cases[i].rules);
        if (strstr(cases[i].rules, "-j one"))
            snprintf(text, sizeof(text), "*filter\n:INPUT DROP\n:one -\n:two -\n%sCOMMIT\n", cases[i].rules);
        review(text, cases[i].family, ROLE_HOST, &findings);
        finding = find(&findings, cases[i].id + absent);
        if ((finding != NULL) == absent)
            fail_msg("case %zu: %s", i, cases[i].id);
        if (cases[i].witness && !strstr(finding->witness, cases[i].witness))
            fail_msg("case %zu: the proof is %s", i, finding->witness);
        guard_findings_deinit(&findings);
    }
}

static void cannot_judge(void **state)
{
    struct guard_findings findings = {0};
    const struct guard_finding *finding;

    review("*filter\n:INPUT DROP\n-A INPUT -m bpf --bytecode x -j ACCEPT\nCOMMIT\n", 4, ROLE_HOST, &findings);
    finding = find(&findings, "G001");
    assert_string_equal(finding->severity, "cannot-judge");
    assert_non_null(strstr(finding->message, "bpf"));
    guard_findings_deinit(&findings);
}

static void fixes(void **state)
{
    static const char text[] =
        "*filter\n:INPUT DROP\n-A INPUT -i lo -j ACCEPT\n" STATE
        "-A INPUT -p icmp -m icmp --icmp-type 8 -m limit --limit 2/s -j ACCEPT\nCOMMIT\n";
    struct guard_findings findings = {0};

    review(text, 4, ROLE_HOST, &findings);
    assert_string_equal(find(&findings, "G019")->fix,
                        "--- a/rules.v4\n+++ b/rules.v4\n@@ -1,6 +1,6 @@\n *filter\n :INPUT DROP\n"
                        " -A INPUT -i lo -j ACCEPT\n"
                        "+-A INPUT -p icmp -m icmp --icmp-type 8 -m limit --limit 2/s -j ACCEPT\n"
                        " " STATE
                        "--A INPUT -p icmp -m icmp --icmp-type 8 -m limit --limit 2/s -j ACCEPT\n COMMIT\n");
    guard_findings_deinit(&findings);
    review("*filter\n:INPUT DROP\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n", 4, ROLE_HOST, &findings);
    assert_string_equal(
        find(&findings, "G001")->fix,
        "--- a/rules.v4\n+++ b/rules.v4\n@@ -1,4 +1,5 @@\n *filter\n :INPUT DROP\n"
        " -A INPUT -i lo -j ACCEPT\n+-A INPUT -p icmp -m icmp --icmp-type 3/4 -j ACCEPT\n COMMIT\n");
    guard_findings_deinit(&findings);
}

static void roles(void **state)
{
    static const struct {
        const char *text;
        enum policy_role role;
    } guesses[] = {
        {"*filter\n:INPUT DROP\n-A INPUT -j ACCEPT\n", ROLE_HOST},
        {"*filter\n:FORWARD DROP\n-A FORWARD -i a -o b -j ACCEPT\n", ROLE_ROUTER},
        {"*filter\n:FORWARD DROP\n-A FORWARD -p icmp -j ACCEPT\n", ROLE_HOST},
        {"*filter\n:FORWARD DROP\n-A FORWARD -i a -o b -j ACCEPT\n*nat\n:POSTROUTING ACCEPT\n"
         "-A POSTROUTING -o b -j MASQUERADE\n",
         ROLE_EDGE},
    };

    for (size_t i = 0; i < COUNT_OF(guesses); i++) {
        struct rules rules = {0};
        const char *why = NULL;

        assert_int_equal(rules_import_xt(&rules, slice_of(guesses[i].text, strlen(guesses[i].text)), 4,
                                         RULES_IPTABLES, NULL),
                         0);
        rules_arrange(&rules);
        assert_int_equal(lint_guess_role(&rules, NULL, &why), guesses[i].role);
        assert_non_null(why);
        rules_deinit(&rules);
    }
}

static void machine(void **state)
{
    static const struct lint_sysctl sysctls[] = {{"net.ipv4.conf.all.accept_redirects", 0},
                                                 {"net.ipv4.conf.eth0.accept_redirects", 1},
                                                 {"net.ipv4.icmp_echo_ignore_all", 1},
                                                 {"net.ipv6.conf.eth0.accept_ra", 1},
                                                 {"net.ipv4.icmp_ratelimit", 1000}};
    static const struct lint_interface interfaces[] = {
        {"lo", .up = true, .loopback = true}, {"eth0", .up = true, .xdp = true, .default_route6 = true}};
    struct lint_host host = {sysctls, COUNT_OF(sysctls), interfaces, COUNT_OF(interfaces), false,
                             true,    "a: b\n"};
    struct rules rules = {0};
    struct lint_subject subject = {.rules = &rules, .host = &host};
    struct guard_findings findings = {0};

    lint_machine(&subject, &findings);
    assert_non_null(strstr(find(&findings, "G009")->fix, "net.ipv4.conf.eth0.accept_redirects=0"));
    assert_string_equal(find(&findings, "G033")->fix, "sysctl -w net.ipv4.icmp_echo_ignore_all=0");
    assert_non_null(find(&findings, "G040"));
    assert_string_equal(find(&findings, "G034")->severity, "cannot-judge");
    assert_null(find(&findings, "G043"));
    guard_findings_deinit(&findings);
    host.forwards4 = true; /* a router takes redirects only when all and the interface say so */
    lint_machine(&subject, &findings);
    assert_null(find(&findings, "G009"));
    guard_findings_deinit(&findings);
}

#define PASSES                                                                                               \
    "ipv4:\n  fragmentation-needed: answer-only\nipv6:\n  packet-too-big: answer-only\n  133-136: "          \
    "link-only\n"

static void policies(void **state)
{
    static const struct {
        const char *text, *id;
    } files[] = {
        {"role: host\n" PASSES "  128: limit\n", "G005"},
        {"role: host\n" PASSES "  128: drop\n", "G006"},
        {"role: host\n" PASSES "  137: accept\n", "G009"},
        {"role: host\n" PASSES "  134: accept\n", "G004"},
        {"role: host\ndefaults: {unlisted: accept}\n" PASSES, "G012"},
        {"role: host\n" PASSES
         "exceptions:\n  - {ipv4: 8, input: accept, owner: a, reason: b, expires: 2001-01-01}\n",
         "G045"},
        {"role: host\n" PASSES "  1: reject\n", "G030"},
        {"role: host\n" PASSES "  130-132: accept\n", "G052"},
    };

    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct policy policy = {0};
        struct policy_problems problems = {0};
        struct sonde_error error = {0};
        struct guard_findings findings = {0};
        struct slice text = slice_of(files[i].text, strlen(files[i].text));

        if (policy_read(text, "guard.yaml", &policy, &problems, &error) < 0)
            fail_msg("policy %zu: %s", i, error.what);
        lint_policy(&policy, "guard.yaml", text, 1800000000, &findings);
        if (!find(&findings, files[i].id))
            fail_msg("policy %zu: no %s", i, files[i].id);
        guard_findings_deinit(&findings);
        policy_deinit(&policy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_of_checks),
        cmocka_unit_test(list_of_findings),
        cmocka_unit_test(rules_and_findings),
        cmocka_unit_test(cannot_judge),
        cmocka_unit_test(fixes),
        cmocka_unit_test(roles),
        cmocka_unit_test(machine),
        cmocka_unit_test(policies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
