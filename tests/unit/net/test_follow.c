/* SPDX-License-Identifier: MIT */
/* Steps of the kernel's trace, made up, and what they say became of a message. */
#include "tests/unit/unit.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "base/macro.h"
#include "net/guard/kernel/follow.h"

/* Two base chains at the input, one before routing, chains reached by a jump, a map, and a map with a name.
 */
static const char list[] =
    "{\"nftables\": ["
    "{\"chain\": "
    "{\"family\":\"inet\",\"table\":\"t\",\"name\":\"pre\",\"type\":\"filter\",\"hook\":\"prerouting\","
    "\"policy\":\"accept\"}},"
    "{\"chain\": "
    "{\"family\":\"inet\",\"table\":\"t\",\"name\":\"in\",\"type\":\"filter\",\"hook\":\"input\",\"policy\":"
    "\"drop\"}},"
    "{\"chain\": "
    "{\"family\":\"ip\",\"table\":\"u\",\"name\":\"in\",\"type\":\"filter\",\"hook\":\"input\",\"policy\":"
    "\"accept\"}},"
    "{\"chain\": {\"family\":\"inet\",\"table\":\"t\",\"name\":\"deep\"}},"
    "{\"chain\": {\"family\":\"inet\",\"table\":\"t\",\"name\":\"mapped\"}},"
    "{\"chain\": {\"family\":\"inet\",\"table\":\"t\",\"name\":\"named\"}},"
    "{\"map\": "
    "{\"family\":\"inet\",\"table\":\"t\",\"name\":\"m\",\"elem\":[[3,{\"goto\":{\"target\":\"named\"}}]]}},"
    "{\"rule\": "
    "{\"family\":\"inet\",\"table\":\"t\",\"chain\":\"in\",\"handle\":1,\"expr\":[{\"jump\":{\"target\":"
    "\"deep\"}}]}},"
    "{\"rule\": "
    "{\"family\":\"inet\",\"table\":\"t\",\"chain\":\"deep\",\"handle\":2,\"comment\":\"why\",\"expr\":[{"
    "\"accept\":null}]}},"
    "{\"rule\": "
    "{\"family\":\"inet\",\"table\":\"t\",\"chain\":\"deep\",\"handle\":3,\"expr\":[{\"vmap\":{\"key\":1,"
    "\"data\":{\"set\":[[8,{\"goto\":{\"target\":\"mapped\"}}]]}}}]}},"
    "{\"rule\": "
    "{\"family\":\"inet\",\"table\":\"t\",\"chain\":\"mapped\",\"handle\":4,\"expr\":[{\"reject\":null}]}},"
    "{\"rule\": "
    "{\"family\":\"inet\",\"table\":\"t\",\"chain\":\"mapped\",\"handle\":5,\"expr\":[{\"vmap\":{\"key\":1,"
    "\"data\":\"@m\"}}]}},"
    "{\"rule\": "
    "{\"family\":\"inet\",\"table\":\"t\",\"chain\":\"pre\",\"handle\":6,\"expr\":[{\"accept\":null}]}},"
    "{\"rule\": "
    "{\"family\":\"ip\",\"table\":\"u\",\"chain\":\"in\",\"handle\":1,\"expr\":[{\"xt\":{\"type\":\"target\","
    "\"name\":\"REJECT\"}}]}}"
    "]}";

static struct rulebook book;

static int read_book(void **state)
{
    return rulebook_parse(&book, list, NULL);
}

static int forget_book(void **state)
{
    rulebook_deinit(&book);
    return 0;
}

static void test_book(void **state)
{
    const unsigned input = 1u << NF_INET_LOCAL_IN;

    assert_string_equal(rulebook_rule(&book, NFPROTO_INET, "t", 2)->name, "inet/t/deep handle 2 \"why\"");
    assert_null(rulebook_rule(&book, NFPROTO_IPV4, "t", 2));
    assert_true(rulebook_rule(&book, NFPROTO_IPV4, "u", 1)->rejects);
    assert_true(rulebook_rule(&book, NFPROTO_IPV4, "u", 1)->foreign);
    assert_false(rulebook_rule(&book, NFPROTO_INET, "t", 2)->rejects);
    assert_string_equal(rulebook_chain(&book, NFPROTO_INET, "t", "in")->policy, "inet/t/in policy drop");
    assert_int_equal(rulebook_chain(&book, NFPROTO_INET, "t", "deep")->hooks, input);
    assert_int_equal(rulebook_chain(&book, NFPROTO_INET, "t", "mapped")->hooks, input);
    assert_int_equal(rulebook_chain(&book, NFPROTO_INET, "t", "named")->hooks, input);
    assert_int_equal(rulebook_chain(&book, NFPROTO_INET, "t", "pre")->hooks, 1u << NF_INET_PRE_ROUTING);
}

static void test_no_json(void **state)
{
    struct rulebook other = {0};
    struct sonde_error error = {0};

    assert_int_equal(rulebook_parse(&other, "table inet t {", &error), SONDE_E_FORMAT);
    rulebook_deinit(&other);
}

/* A step; the table decides about its family. */
struct made {
    const char *table, *chain;
    uint64_t handle;
    int32_t verdict;
    uint8_t kind, type, code; /* type and code: of the header that comes with our own first step */
};

#define HEAD(t, c)                                                                                           \
    {                                                                                                        \
        RULEBOOK_TRACE_TABLE, "head0", 90, NF_ACCEPT, TRACE_RULE, t, c                                       \
    }
#define TAIL                                                                                                 \
    {                                                                                                        \
        RULEBOOK_TRACE_TABLE, "tail_input", 91, NF_ACCEPT, TRACE_RULE, 0, 0                                  \
    }
#define END                                                                                                  \
    {                                                                                                        \
        RULEBOOK_TRACE_TABLE, "head0", 92, NF_DROP, TRACE_RULE, 0, 0                                         \
    }

static const struct message messages[] = {{.family = 4, .type = 8, .code = 0},
                                          {.family = 4, .type = 8, .code = 1},
                                          {.family = 4, .type = 9, .code = 0}};

static struct outcome outcomes[COUNT_OF(messages)];

static bool play(const struct made *steps, size_t count)
{
    struct follower follower = {.book = &book,
                                .hook = NF_INET_LOCAL_IN,
                                .messages = messages,
                                .outcomes = outcomes,
                                .count = COUNT_OF(messages)};

    memset(outcomes, 0, sizeof(outcomes));
    for (size_t i = 0; i < count; i++) {
        const uint8_t header[] = {steps[i].type, steps[i].code};
        const struct trace_event event = {
            .family = steps[i].table[0] == 'u' ? NFPROTO_IPV4 : NFPROTO_INET,
            .kind = steps[i].kind,
            .verdict = steps[i].verdict,
            .table = steps[i].table,
            .chain = steps[i].chain,
            .handle = steps[i].handle,
            .transport = slice_of(header, sizeof(header)),
        };

        follow(&follower, &event);
    }
    return follower.ended;
}

/* Accepted in one base chain is not accepted in the next one. */
static void test_two_chains(void **state)
{
    static const struct made steps[] = {
        HEAD(8, 0),
        {"t", "pre", 6, NF_ACCEPT, TRACE_RULE},
        {"t", "in", 1, NFT_JUMP, TRACE_RULE},
        {"t", "deep", 2, NF_ACCEPT, TRACE_RULE},
        {"u", "in", 1, NF_DROP, TRACE_RULE},
        HEAD(8, 1),
        {"t", "deep", 2, NF_ACCEPT, TRACE_RULE},
        {"u", "in", 0, NF_ACCEPT, TRACE_POLICY},
        TAIL,
        HEAD(9, 0),
        {"t", "in", 0, NF_DROP, TRACE_POLICY},
        END,
    };

    assert_true(play(steps, COUNT_OF(steps)));
    assert_int_equal(outcome_fate(&outcomes[0], &book), FATE_REJECT); /* REJECT of iptables */
    assert_int_equal(outcome_fate(&outcomes[1], &book), FATE_ACCEPT);
    assert_string_equal(outcomes[1].accepted->name, "inet/t/deep handle 2 \"why\"");
    assert_int_equal(outcome_fate(&outcomes[2], &book), FATE_DROP);
    assert_string_equal(outcomes[2].dropped_end->policy, "inet/t/in policy drop");
}

/* Accepted before the hook in question, and never seen there: the kernel dropped it in between. */
static void test_unseen(void **state)
{
    static const struct made steps[] = {HEAD(8, 0), {"t", "pre", 6, NF_ACCEPT, TRACE_RULE}, END};

    assert_true(play(steps, COUNT_OF(steps)));
    assert_int_equal(outcome_fate(&outcomes[0], &book), FATE_UNSEEN);
    assert_null(outcomes[0].accepted);
    assert_false(outcomes[1].seen);
    book.legacy = true; /* then it may have been a rule that leaves no trace */
    assert_int_equal(outcome_fate(&outcomes[0], &book), FATE_DROP);
    assert_int_equal(outcome_fate(&outcomes[1], &book), FATE_UNSEEN);
    book.legacy = false;
}

/* A message that is missing does not shift the others; a second fragment belongs to the message before. */
static void test_order(void **state)
{
    static const struct made steps[] = {
        HEAD(8, 0), TAIL, HEAD(9, 0), HEAD(60, 17), {"t", "mapped", 4, NF_DROP, TRACE_RULE}, END,
    };

    assert_true(play(steps, COUNT_OF(steps)));
    assert_int_equal(outcome_fate(&outcomes[0], &book), FATE_ACCEPT);
    assert_false(outcomes[1].seen);
    assert_int_equal(outcome_fate(&outcomes[2], &book), FATE_REJECT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_book),   cmocka_unit_test(test_no_json), cmocka_unit_test(test_two_chains),
        cmocka_unit_test(test_unseen), cmocka_unit_test(test_order),
    };

    return cmocka_run_group_tests(tests, read_book, forget_book);
}
