/* SPDX-License-Identifier: MIT */
/* Rules read from nft's JSON (tests/data/guard/wide.json, as nft 1.0.6 wrote it) and from iptables-save. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "policy/ruleset/import.h"
#include "policy/ruleset/names.h"

/* The whole text of a file below the source. */
static void read_data(const char *name, struct text *text)
{
    const char *source = getenv("SONDE_SOURCE");
    char path[512], part[4096];
    size_t count;
    FILE *file;

    assert_non_null(source);
    snprintf(path, sizeof(path), "%s/%s", source, name);
    file = fopen(path, "rb");
    if (!file)
        fail_msg("%s is not there", path);
    while ((count = fread(part, 1, sizeof(part), file)) > 0)
        text_add_octets(text, part, count);
    fclose(file);
}

static void import_wide(struct rules *rules)
{
    struct text json = {0};

    read_data("tests/data/guard/wide.json", &json);
    assert_int_equal(rules_import_nft(rules, slice_of(json.data, json.length), false, NULL), 0);
    rules_arrange(rules);
    text_deinit(&json);
}

static void import_xt(struct rules *rules, const char *text, uint8_t family)
{
    struct sonde_error error = {0};

    if (rules_import_xt(rules, slice_of(text, strlen(text)), family, RULES_IPTABLES, &error) < 0)
        fail_msg("%s", error.what);
    rules_arrange(rules);
}

/* The rule of a handle; the first of its limbs. */
static const struct rules_rule *by_handle(const struct rules *rules, const char *chain, int64_t handle)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->items[i].handle == handle && strcmp(rules->chains[rules->items[i].chain].name, chain) == 0)
            return &rules->items[i];
    fail_msg("there is no rule %lld in %s", (long long)handle, chain);
    return NULL;
}

static const struct rules_match *match_of(const struct rules_rule *rule, enum rules_field field)
{
    for (size_t i = 0; i < rule->match_count; i++)
        if (rule->matches[i].field == field)
            return &rule->matches[i];
    fail_msg("there is no condition on field %d", (int)field);
    return NULL;
}

static void nft_tables_and_chains(void **state)
{
    struct rules rules = {0};
    uint32_t table, chain;

    import_wide(&rules);
    assert_int_equal(rules.table_count, 4);
    table = rules_find_table(&rules, "inet", "f");
    chain = rules_find_chain(&rules, table, "in");
    assert_string_equal(rules.chains[chain].hook, "input");
    assert_true(rules.chains[chain].drops);
    assert_int_equal(rules.chains[chain].rules, 23);
    assert_int_equal(rules.chains[rules_find_chain(&rules, table, "pr")].priority, -300);
    assert_true(rules.items[rules.chains[rules_find_chain(&rules, table, "pr")].first].notrack);
    assert_int_equal(rules_find_table(&rules, "ip", "f"), RULES_NONE);
    rules_deinit(&rules);
    assert_int_equal(rules.count, 0);
}

static void nft_limbs(void **state)
{
    struct rules rules = {0};
    const struct rules_rule *rule;

    import_wide(&rules);
    rule = by_handle(&rules, "in", 10); /* ct state vmap of three */
    assert_true(rule[0].limb && rule[1].limb && rule[2].limb);
    assert_int_equal(rule[0].position, rule[2].position);
    assert_int_equal(rule[0].verdict, RULES_DROP);
    assert_int_equal(match_of(&rule[0], RULES_STATE)->values[0].first, RULES_INVALID);
    rule = by_handle(&rules, "in", 17); /* a set of pairs, one with a range */
    assert_int_equal(match_of(&rule[1], RULES_TYPE)->values[0].first, 11);
    assert_int_equal(match_of(&rule[1], RULES_CODE)->values[0].last, 1);
    rule = by_handle(&rules, "in", 18); /* a named set of pairs */
    assert_int_equal(match_of(&rule[0], RULES_TYPE)->values[0].first, 8);
    rule = by_handle(&rules, "in", 29);
    assert_int_equal(rule[1].verdict, RULES_JUMP);
    assert_string_equal(rules.chains[rule[1].to].name, "sub");
    rules_deinit(&rules);
}

static void nft_conditions(void **state)
{
    struct rules rules = {0};
    const struct rules_rule *rule;
    const struct rules_match *match;

    import_wide(&rules);
    rule = by_handle(&rules, "in", 14);
    assert_string_equal(rule->comment, "hello");
    assert_string_equal(match_of(rule, RULES_IIF)->values[0].name, "eth*");
    match = match_of(rule, RULES_TYPE);
    assert_int_equal(match->value_count, 2);
    assert_int_equal(match->values[0].first, 3);
    assert_int_equal(match->values[0].last, 5);
    match = match_of(rule, RULES_LIMIT);
    assert_true(match->limit.per_second == 10 && match->limit.burst == 20 && !match->negated);
    rule = by_handle(&rules, "in", 33);
    assert_string_equal(rule->reject, "icmp port-unreachable");
    assert_int_equal(match_of(rule, RULES_SOURCE)->values[0].high.bytes[1], 255);
    assert_int_equal(match_of(rule, RULES_DESTINATION)->values[0].high.bytes[3], 9);
    rule = by_handle(&rules, "sub", 7);
    assert_true(match_of(rule, RULES_FRAGMENT)->negated);
    assert_true(match_of(by_handle(&rules, "sub", 8), RULES_OTHER)->opaque);
    assert_true(match_of(by_handle(&rules, "in", 31), RULES_TYPE)->negated);
    assert_true(by_handle(&rules, "in", 31)->log);
    assert_false(by_handle(&rules, "in", 31)->log_limited); /* the limit stands behind the log */
    assert_int_equal(match_of(by_handle(&rules, "in", 32), RULES_WAY_BACK)->values[0].first, 0);
    assert_true(by_handle(&rules, "pre", 6)->balances);
    rules_deinit(&rules);
}

static void nft_dynamic_sets(void **state)
{
    struct rules rules = {0};
    const struct rules_limit *limit;

    import_wide(&rules);
    limit = &match_of(by_handle(&rules, "in", 21), RULES_LIMIT)->limit;
    assert_true(limit->keyed && !limit->add);
    assert_int_equal(limit->bits, 64);
    assert_int_equal(limit->timeout_s, 30);
    assert_int_equal(limit->size, 100);
    limit = &match_of(by_handle(&rules, "in", 23), RULES_LIMIT)->limit;
    assert_string_equal(limit->set, "m4");
    assert_int_equal(limit->bits, 32);
    assert_int_equal(limit->timeout_s, 10);
    rules_deinit(&rules);
}

static void nft_of_iptables(void **state)
{
    static const char json[] =
        "{\"nftables\":[{\"table\":{\"family\":\"ip\",\"name\":\"filter\"}},"
        "{\"chain\":{\"family\":\"ip\",\"table\":\"filter\",\"name\":\"INPUT\",\"hook\":\"input\",\"prio\":0}"
        "},"
        "{\"rule\":{\"family\":\"ip\",\"table\":\"filter\",\"chain\":\"INPUT\",\"handle\":2,\"expr\":["
        "{\"xt\":{\"type\":\"match\",\"name\":\"icmp\"}},{\"drop\":null}]}}]}";
    struct rules rules = {0}, skipped = {0};

    assert_int_equal(rules_import_nft(&rules, slice_of(json, strlen(json)), false, NULL), 0);
    rules_arrange(&rules);
    assert_true(match_of(by_handle(&rules, "INPUT", 2), RULES_OTHER)->opaque);
    assert_int_equal(rules_import_nft(&skipped, slice_of(json, strlen(json)), true, NULL), 0);
    assert_int_equal(skipped.table_count, 0);
    rules_deinit(&rules);
    rules_deinit(&skipped);
}

static void nft_refuses(void **state)
{
    static const char *const texts[] = {"", "{", "[]", "{\"nftables\":3}", "nonsense"};

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct rules rules = {0};
        struct sonde_error error = {0};

        assert_int_equal(rules_import_nft(&rules, slice_of(texts[i], strlen(texts[i])), false, &error),
                         SONDE_E_FORMAT);
        assert_string_not_equal(error.what, "");
        rules_deinit(&rules);
    }
}

static const char xt[] =
    "# Generated by iptables-save v1.8.9\n"
    "*filter\n"
    ":INPUT DROP [0:0]\n"
    ":mine - [0:0]\n"
    "[3:252] -A INPUT ! -i lo -p icmp -m icmp --icmp-type 3/4 -m comment --comment \"a \\\"b\\\" c\" -j "
    "ACCEPT\n"
    "-A INPUT -s 10.0.0.0/255.0.0.0 -m conntrack --ctstate NEW,RELATED -j mine\n"
    "-A INPUT -p icmp -m icmp --icmp-type echo-request -m hashlimit --hashlimit-above 5/min "
    "--hashlimit-burst 7 --hashlimit-mode srcip --hashlimit-srcmask 24 --hashlimit-name h "
    "--hashlimit-htable-expire 30000 -j DROP\n"
    "-A INPUT -m unheard --of 3 4 -j ACCEPT\n"
    "-A mine -m ttl --ttl-lt 5 -g mine\n"
    "-A mine -j WHATEVER --with 5\n"
    "-A mine -j REJECT --reject-with icmp-admin-prohibited\n"
    "-A mine -g ACCEPT\n"
    "COMMIT\n";

static void xt_rules(void **state)
{
    struct rules rules = {0};
    const struct rules_rule *rule;
    const struct rules_limit *limit;

    import_xt(&rules, xt, 4);
    assert_int_equal(rules.count, 8);
    rule = &rules.items[0];
    assert_int_equal(rule->line, 5);
    assert_true(match_of(rule, RULES_IIF)->negated);
    assert_int_equal(match_of(rule, RULES_CODE)->values[0].first, 4);
    assert_string_equal(rule->comment, "a \"b\" c");
    rule = &rules.items[1];
    assert_int_equal(match_of(rule, RULES_SOURCE)->values[0].high.bytes[3], 255);
    assert_int_equal(match_of(rule, RULES_STATE)->value_count, 2);
    assert_string_equal(rules.chains[rule->to].name, "mine");
    limit = &match_of(&rules.items[2], RULES_LIMIT)->limit;
    assert_true(match_of(&rules.items[2], RULES_LIMIT)->negated && limit->hashlimit && limit->keyed);
    assert_true(limit->per_second > 0.083 && limit->per_second < 0.084);
    assert_int_equal(limit->burst, 7);
    assert_int_equal(limit->bits, 24);
    assert_int_equal(limit->timeout_s, 30);
    assert_true(match_of(&rules.items[3], RULES_OTHER)->opaque);
    assert_int_equal(rules.items[4].verdict, RULES_GOTO);
    assert_int_equal(match_of(&rules.items[4], RULES_HOPLIMIT)->values[0].last, 4);
    assert_int_equal(rules.items[5].verdict, RULES_UNKNOWN);
    assert_string_equal(rules.items[6].reject, "icmp-admin-prohibited");
    assert_int_equal(rules.items[7].verdict, RULES_UNKNOWN); /* there is no chain of this name */
    rules_deinit(&rules);
}

static void xt_refuses(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"-A INPUT -j DROP\n", "line 1"},
        {"*filter\n:INPUT DROP\n-I INPUT 1 -j DROP\n", "line 3"},
        {"*filter\nnonsense\n", "nonsense"},
        {"*filter\n-A\n", "names no chain"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct rules rules = {0};
        struct sonde_error error = {0};

        assert_int_equal(rules_import_xt(&rules, slice_of(cases[i].text, strlen(cases[i].text)), 4,
                                         RULES_IPTABLES, &error),
                         SONDE_E_FORMAT);
        assert_non_null(strstr(error.what, cases[i].says));
        rules_deinit(&rules);
    }
}

static void languages(void **state)
{
    static const struct {
        const char *text;
        enum rules_language language;
    } cases[] = {
        {"#!/usr/sbin/nft -f\n", LANGUAGE_NFT},
        {"# a comment\n\n  table inet a {\n}\n", LANGUAGE_NFT},
        {"flush ruleset\n", LANGUAGE_NFT},
        {"# policy\nrole: host\n", LANGUAGE_POLICY},
        {xt, LANGUAGE_IPTABLES},
        {"*filter\n-A INPUT -p ipv6-icmp -j DROP\n", LANGUAGE_IP6TABLES},
        {"*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -s fe80::/10 -j ACCEPT\n", LANGUAGE_IP6TABLES},
        {"hello\n", LANGUAGE_UNKNOWN},
        {"", LANGUAGE_UNKNOWN},
        {"tablespoon\n", LANGUAGE_UNKNOWN},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(rules_detect(slice_of(cases[i].text, strlen(cases[i].text))), cases[i].language);
}

static const char file[] =
    "flush ruleset\n"                                     /* 1 */
    "define ports = { 22,\n 80 }\n"                       /* 2 */
    "table inet f {\n"                                    /* 4 */
    "  set flooders { type ipv6_addr; flags dynamic; }\n" /* 5 */
    "  chain sub {\n"                                     /* 6 */
    "    icmp code 4 drop # a } in a comment\n"           /* 7 */
    "    ip frag-off & 0x1fff != 0 \\\n drop\n"           /* 8 */
    "    meta mark 5 accept comment \"a { in it\"\n"      /* 10 */
    "  }\n"
    "}\n"
    "add rule inet f pr notrack\n" /* 13 */
    "table netdev nd { flags dormant; chain i { type filter hook ingress device lo priority -500; "
    "icmp type 8 drop; }; }\n" /* 14 */
    "table netdev more { chain j { type filter hook ingress devices = { eth0, $x } priority 0; }; }\n";

static void lines(void **state)
{
    struct rules rules = {0};
    const struct rules_rule *rule;

    import_wide(&rules);
    rules_locate_nft(&rules, slice_of(file, strlen(file)));
    assert_true(rules.flushes);
    assert_int_equal(rules.flush_line, 1);
    rule = by_handle(&rules, "sub", 6);
    assert_int_equal(rule[0].line, 7);
    assert_int_equal(rule[1].line, 8);
    assert_int_equal(rule[2].line, 10);
    assert_int_equal(by_handle(&rules, "pr", 41)->line, 13);
    assert_int_equal(by_handle(&rules, "i", 2)->line, 14);
    assert_int_equal(by_handle(&rules, "in", 10)->line, 0); /* that chain is not in the file */
    assert_true(rules.tables[rules_find_table(&rules, "netdev", "nd")].dormant);
    rules_deinit(&rules);
}

static void devices(void **state)
{
    static const char *const names[] = {"lo", "eth0", "$x"};
    char name[RULES_IFNAME_MAX];
    size_t offset = 0, count = 0;
    uint32_t line;

    while (rules_next_device(slice_of(file, strlen(file)), &offset, name, &line)) {
        assert_true(count < COUNT_OF(names));
        assert_string_equal(name, names[count]);
        assert_int_equal(line, count++ == 0 ? 14 : 15);
    }
    assert_int_equal(count, COUNT_OF(names));
}

static void parts(void **state)
{
    struct rules rules = {0};

    import_xt(&rules, "*filter\n:ufw-before-input - [0:0]\n-A ufw-before-input -p icmp -j ACCEPT\nCOMMIT\n",
              4);
    assert_true(rules_assume_hooks(&rules));
    assert_string_equal(rules.chains[0].hook, "input");
    assert_false(rules_assume_hooks(&rules));
    rules_deinit(&rules);
}

static void words(void **state)
{
    uint32_t number;
    int code;

    assert_true(names_type(4, "fragmentation-needed", &number, &code) && number == 3 && code == 4);
    assert_true(names_type(6, "neighbour-solicitation", &number, &code) && number == 135 && code == -1);
    assert_true(names_type(4, "3/13", &number, &code) && number == 3 && code == 13);
    assert_false(names_type(4, "256", &number, &code));
    assert_false(names_type(4, "3/x", &number, &code));
    assert_true(names_code(6, "addr-unreachable", &number) && number == 3);
    assert_true(names_protocol("IPv6-ICMP", &number) && number == 58);
    assert_true(names_state("RELATED", &number) && number == RULES_RELATED);
    assert_true(names_local("multicast", &number) && number == RULES_TO_MANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nft_tables_and_chains),
        cmocka_unit_test(nft_limbs),
        cmocka_unit_test(nft_conditions),
        cmocka_unit_test(nft_dynamic_sets),
        cmocka_unit_test(nft_of_iptables),
        cmocka_unit_test(nft_refuses),
        cmocka_unit_test(xt_rules),
        cmocka_unit_test(xt_refuses),
        cmocka_unit_test(languages),
        cmocka_unit_test(lines),
        cmocka_unit_test(devices),
        cmocka_unit_test(parts),
        cmocka_unit_test(words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
