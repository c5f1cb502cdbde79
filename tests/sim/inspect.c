/* SPDX-License-Identifier: MIT */
/* One simulated diagnosis in full: what was asked, what came back, what was concluded.
 * inspect NAME [4|6 [SEED [deep|unprivileged|hostile|loss|bleach|limits]...]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "tests/sim/exam/exam.h"

static const char *const replies[REPLY_KINDS] = {
    "local refusal", "route",       "neighbour",     "listener",      "echo reply",
    "SYN-ACK",       "reset",       "data",          "ICMP",          "stream open",
    "stream reset",  "stream shut", "stream silent", "stream stalls", "stream timeout",
};

static void print_probe(const struct evidence *evidence, const struct asked *asked)
{
    const struct probe *probe = &asked->probe;

    printf("%8.1f ms  %-22s %-10s port %-5u ttl %-3u tos %02x size %-4u",
           (double)(asked->sent_ns - evidence->start_ns) / (double)NS_PER_MS,
           question_row(asked->question)->name, probe_kind_name(probe->kind), probe->port, probe->ttl,
           probe->tos, probe->size);
}

static void print_reply(const struct evidence *evidence, const struct reply *reply)
{
    char address[SONDE_ADDRESS_TEXT];

    if (!reply) {
        printf("  -\n");
        return;
    }
    printf("  %8.1f ms %s from %s", (double)(reply->when_ns - evidence->start_ns) / (double)NS_PER_MS,
           replies[reply->kind], sonde_address_format(&reply->from, address));
    if (reply->kind == REPLY_ICMP)
        printf(" %u/%u mtu %u", reply->type, reply->code, reply->mtu);
    if (reply->kind == REPLY_LOCAL)
        printf(" %s", strerror(reply->error));
    printf(" ttl %d tos %02x quoted %02x\n", reply->ttl, (unsigned)reply->tos & 0xff,
           (unsigned)reply->quoted_tos & 0xff);
}

static void print_hypotheses(const struct belief *belief)
{
    size_t count;
    const struct hypothesis *rows = hypotheses(&count);

    for (int test = 0; test < TESTS; test++)
        if (belief->outcomes[test] != OUTCOME_UNKNOWN)
            printf("%s=%d ", test_row((enum test)test)->name, belief->outcomes[test]);
    putchar('\n');
    for (size_t i = 0; i < count; i++)
        if (belief->probability[i] > 0.005)
            printf("   %.3f %s, locator %d\n", belief->probability[i], cause_row(rows[i].cause)->name,
                   rows[i].at);
}

static void watch(const struct diagnosis *diagnosis, const struct sonde_why_report *report)
{
    const struct evidence *evidence = &diagnosis->evidence;
    const char *const *sentences = report->evidence.items;

    for (size_t i = 0; i < evidence->asked_count; i++) {
        print_probe(evidence, &evidence->asked[i]);
        print_reply(evidence, evidence_of(evidence, &evidence->asked[i]));
    }
    print_hypotheses(&diagnosis->belief);
    printf("%s: %s\n", report->state, report->sentence);
    for (size_t i = 0; i < report->evidence.count; i++)
        printf(" %zu. %s\n", i + 1, sentences[i]);
}

static const struct exam_scenario *find(const char *name, uint8_t family)
{
    size_t count;
    const struct exam_scenario *scenarios = exam_scenarios(&count);

    for (size_t i = 0; i < count; i++)
        if (strcmp(scenarios[i].name, name) == 0 && exam_plays(&scenarios[i], family))
            return &scenarios[i];
    return NULL;
}

static bool set_option(struct exam_options *options, const char *word)
{
    const struct {
        const char *name;
        bool *value;
    } words[] = {
        {"deep", &options->deep},       {"unprivileged", &options->unprivileged},
        {"hostile", &options->hostile}, {"loss", &options->loss},
        {"bleach", &options->bleach},   {"limits", &options->limits},
    };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(words[i].name, word) == 0)
            return *words[i].value = true;
    return false;
}

int main(int argc, char **argv)
{
    uint8_t family = argc > 2 && strcmp(argv[2], "6") == 0 ? 6 : 4;
    uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
    const struct exam_scenario *scenario = argc > 1 ? find(argv[1], family) : NULL;
    struct exam_options options = {0};
    struct exam_result result = {0};

    for (int i = 4; i < argc; i++)
        if (!set_option(&options, argv[i]))
            scenario = NULL;
    if (!scenario) {
        fprintf(stderr,
                "usage: inspect NAME [4|6 [SEED [deep|unprivileged|hostile|loss|bleach|limits]...]]\n");
        return 2;
    }
    exam_run(scenario, family, seed, &options, &result, watch);
    printf("said:  %s %.3f\nright: %s\n%s, %u packets, %.3f s\n", result.said, result.confidence,
           result.right, exam_mark_name(result.mark), result.packets,
           (double)result.elapsed_ns / (double)NS_PER_S);
    return 0;
}
