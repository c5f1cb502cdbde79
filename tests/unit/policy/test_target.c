/* SPDX-License-Identifier: MIT */
/* What a policy becomes: classes of codes, words of nftables, what is left out, what cannot be expressed. */
#include "tests/unit/unit.h"

#include <jansson.h>
#include <string.h>

#include "base/macro.h"
#include "policy/read.h"
#include "policy/target/lineup.h"
#include "policy/target/nft.h"
#include "policy/target/target.h"

static const char file[] =
    "role: edge\n"
    "outside: [eth0]\n"
    "defaults: {unlisted: reject}\n"
    "ipv4:\n"
    "  3/4: accept\n"
    "  3: answer-only\n"
    "  8/0: {input: limit, output: limit 5/minute, forward: limit, forward-in: limit, "
    "forward-out: limit}\n"
    "  13-20: reject\n"
    "  5/0-3: [{interface: eth1, input: accept}, {input: drop}]\n"
    "ipv6: {2: accept, 133-136: {input: link-only, output: link-only}, 130: {input: link-only}}\n"
    "exceptions:\n"
    "  - {ipv4: 8, input: accept, from: 192.0.2.0/24, owner: a, reason: b, expires: 2027-01-31}\n";

enum { BEFORE = 1800000000, AFTER = 1900000000 };

static void read_file(struct policy *policy)
{
    struct policy_problems problems;
    struct sonde_error error = {0};

    if (policy_read(slice_of(file, strlen(file)), "file", policy, &problems, &error) < 0)
        fail_msg("%s", error.what);
}

static void test_classes(void **state)
{
    struct policy policy = {0};
    struct lineup_query query = {&policy, 4, DIRECTION_INPUT, BEFORE};
    struct lineup_codes codes;

    read_file(&policy);
    lineup_sort(&query, 3, &codes);
    assert_int_equal(codes.usual, 0);
    assert_int_equal(codes.first[4], 4);
    assert_int_equal(codes.first[255], 0);
    assert_false(codes.same);
    lineup_sort(&query, 5, &codes);
    assert_int_equal(codes.first[3], 0);
    assert_int_equal(codes.first[4], 4);
    assert_int_equal(codes.usual, 4);
    lineup_sort(&query, 14, &codes);
    assert_true(codes.same);
    assert_true(lineup_same(&query, 13, 18));
    assert_false(lineup_same(&query, 18, 19)); /* the kernel answers a rejected 18, not 19 */
    assert_true(lineup_limits(&query, 8));
    assert_false(lineup_limits(&query, 3));
    assert_false(lineup_any(&query, 6));
    policy_deinit(&policy);
}

static void test_lineups(void **state)
{
    struct policy policy = {0};
    const struct policy_rule *rules[64];
    struct lineup lineup = {.rules = rules};
    struct lineup_query query = {&policy, 4, DIRECTION_INPUT, BEFORE};

    read_file(&policy);
    lineup_find(&query, 8, 0, &lineup);
    assert_int_equal(lineup.count, 2);
    assert_true(lineup.decided);
    assert_string_equal(rules[0]->id, "x1.v4.8.input");
    assert_string_equal(rules[1]->id, "v4.8.0.input");
    lineup_find(&query, 8, 1, &lineup);
    assert_int_equal(lineup.count, 1);
    assert_false(lineup.decided);
    query.now_s = AFTER;
    lineup_find(&query, 8, 1, &lineup);
    assert_int_equal(lineup.count, 0);
    policy_deinit(&policy);
}

/* Words that must stand in a text, and words that must not. */
static void check_words(const struct text *text, const char *const *words, bool there)
{
    for (; *words; words++)
        if ((strstr(text_get(text), *words) != NULL) != there)
            fail_msg("'%s' %s in\n%s", *words, there ? "is not" : "is", text_get(text));
}

static void test_nft(void **state)
{
    static const char *const now[] = {
        "add set inet sonde_guard limit.v4.8.0.input.10-1-20 { type ipv4_addr; size 131072; flags "
        "dynamic,timeout; timeout 10s; }\n",
        "add set inet sonde_guard limit.v4.8.0.output.5-60-5 { type ipv4_addr; size 131072; flags "
        "dynamic,timeout; timeout 120s; }\n",
        "g7.v4.8.0.input.limit update @limit.v4.8.0.input.10-1-20 { ip saddr limit rate 10/second burst 20 "
        "packets "
        "} limit rate 1000/second burst 2000 packets accept comment \"sg:v4.8.0.input\"\n",
        "g7.v4.8.0.input.limit counter name v4.8.0.input.over drop comment \"sg:v4.8.0.input\"\n",
        "update @limit.v4.8.0.output.5-60-5 { ip daddr limit rate 5/minute burst 5 packets }",
        "g7.v4.8.0.input ip saddr 192.0.2.0/24 counter name x1.v4.8.input.accept accept comment "
        "\"sg:x1.v4.8.input\"\n",
        "g7.v4.5.input icmp code vmap { 0 : goto g7.v4.5.0.input, 1 : goto g7.v4.5.0.input",
        "iifname \"eth1\" counter name v4.5.0-3.input.eth1.accept accept",
        "g7.v6.133.input ip6 hoplimit 255 counter name v6.133-136.input.accept accept",
        "g7.v6.130.input ip6 hoplimit 1 ip6 saddr { ::, fe80::/10 } counter name v6.130.input.accept accept",
        "133 : goto g7.v6.133.input, 134 : goto g7.v6.133.input",
        "g7.v4.unlisted.input icmp type { 0, 8, 13-18 } counter name v4.unlisted.input.reject reject with "
        "icmpx "
        "type admin-prohibited comment \"sg:v4.unlisted.input\"\n",
        "g7.forward meta l4proto icmp iifname { \"eth0\" } goto g7.v4.forward-in\n",
        "g7.early icmp type { 8 } goto g7.v4.early\n",
        "g7.v4.input icmp type 8 goto g7.v4.8.input\n",
        "20 : goto g7.v4.19.input }\n",
        "counter name v4.3.4.forward-out.accept accept",
        NULL,
    };
    static const char *const later[] = {"192.0.2.0", "x1.", NULL};
    static const char *const never[] = {"flush ruleset", "delete table", NULL};
    _cleanup_text_ struct text text = {0}, after = {0};
    struct policy policy = {0};

    read_file(&policy);
    nft_add_slot(&text, &policy, "g7", BEFORE);
    check_words(&text, now, true);
    check_words(&text, never, false);
    nft_add_slot(&after, &policy, "g7", AFTER);
    check_words(&after, later, false);
    policy_deinit(&policy);
}

static void test_dispatch(void **state)
{
    static const char *const lease[] = {
        "add element inet sonde_guard lease { icmp timeout 1500ms, ipv6-icmp timeout 1500ms }\n",
        "add rule inet sonde_guard early meta l4proto @lease goto g8.early\n"
        "add rule inet sonde_guard early goto g7.early\n",
        NULL};
    static const char *const in_turn[] = {"early meta l4proto @lease accept\n", "early goto g7.early\n",
                                          "input meta l4proto @lease meta l4proto icmp goto g9.v4.input\n",
                                          "delete chain inet sonde_guard forward\n", NULL};
    static const char *const nothing[] = {"add rule", NULL};
    static const char *const gone[] = {"delete chain inet sonde_guard early\n",
                                       "delete chain inet sonde_guard input\n", NULL};
    static const char *const alone[] = {
        "add rule inet sonde_guard output meta l4proto icmp goto g8.v4.output\n",
        "flush set inet sonde_guard lease\n", NULL};
    const unsigned early = nft_base_of("early"), input = nft_base_of("v4.input"),
                   output = nft_base_of("v6.output");
    const struct nft_slot old = {"g7", early | input | output}, new = {"g8", early | input | output},
                          plain = {"g9", input | output}, nobody = {0};
    _cleanup_text_ struct text leased = {0}, none = {0}, dispatched = {0}, lighter = {0};

    nft_add_lease(&leased, &new, &old, 1500);
    check_words(&leased, lease, true);
    nft_add_lease(&lighter, &plain, &old, 1500);
    check_words(&lighter, in_turn, true);
    nft_add_dispatch(&none, &nobody, 0);
    check_words(&none, nothing, false);
    check_words(&none, gone, true);
    nft_add_dispatch(&dispatched, &new, 0);
    check_words(&dispatched, alone, true);
    assert_int_equal(nft_base_of("v4.forward") | nft_base_of("input") | nft_base_of("v4.8.input"), 0);
}

static void render(const char *name, struct text *text, struct text *omissions)
{
    struct policy policy = {0};

    assert_non_null(policy_target_find(name));
    read_file(&policy);
    policy_target_find(name)->render(&policy, BEFORE, text, omissions);
    policy_deinit(&policy);
}

static void test_omissions(void **state)
{
    static const char *const words[] = {"limits stand behind conntrack", "no lease", NULL};
    static const char *const pf_words[] = {"no limit for each source", "hop limit", "reject is a drop", NULL};
    _cleanup_text_ struct text text = {0}, omissions = {0}, pf = {0}, pf_omissions = {0}, nft = {0},
                               nft_omissions = {0};

    render("iptables", &text, &omissions);
    check_words(&omissions, words, true);
    render("pf", &pf, &pf_omissions);
    check_words(&pf_omissions, pf_words, true);
    render("nft", &nft, &nft_omissions);
    assert_int_equal(nft_omissions.length, 0);
    assert_null(policy_target_find("cisco"));
    assert_null(policy_target_row(5));
}

static void test_json(void **state)
{
    _cleanup_text_ struct text text = {0}, omissions = {0};
    json_t *root, *row = NULL;
    size_t index;

    render("json", &text, &omissions);
    root = json_loads(text_get(&text), 0, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "schema")), "sonde.guard.policy/1");
    assert_int_equal(omissions.length, 0);
    json_array_foreach(json_object_get(root, "decisions"), index, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "name")), "fragmentation-needed") == 0)
            break;
    }
    assert_string_equal(json_string_value(json_object_get(row, "forward-in")), "accept");
    assert_int_equal(json_integer_value(json_object_get(row, "tier")), 1);
    row = json_array_get(json_object_get(root, "rules"), 0);
    assert_string_equal(json_string_value(json_object_get(row, "expires")), "2027-02-01T00:00:00Z");
    assert_string_equal(json_string_value(json_object_get(row, "from")), "192.0.2.0/24");
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),  cmocka_unit_test(test_lineups),   cmocka_unit_test(test_nft),
        cmocka_unit_test(test_dispatch), cmocka_unit_test(test_omissions), cmocka_unit_test(test_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
