/* SPDX-License-Identifier: MIT */
/* The early filter tried by hand; for namespaces of one's own only. Errors are printed as "CODE WHAT; HINT".
 *
 * early verdicts POLICY INTERFACE: runs its program (BPF_PROG_TEST_RUN) on every type and code of both
 * families, plain and from the link, and compares with the policy; prints "compared N differ M".
 *
 * early sources POLICY INTERFACE: has 60,000 sources ask for SECONDS, and one more often than it may; prints
 * how many of its packets passed, and how many may: "passed A may B sources N".
 *
 * early hold POLICY INTERFACE: attaches it with a lease of 3 s over nothing, and prints what was dropped
 * early at each line of input. */
#include <bpf/bpf.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "base/text.h"
#include "net/guard/apply/folder.h"
#include "net/guard/xdp/xdp.h"
#include "net/sock.h"
#include "policy/read.h"
#include "wire/ip.h"

enum {
    DROPPED = 1,
    PASSED = 2,
    PAIRS = 65536,
    FRAME_MAX = 128,
    SOURCES = 60000,
    SECONDS = 4,
    OFTEN = 50,
    SHAPES = 2,
    LEASE_S = 3
};

/** A frame of one message. */
struct frame {
    uint8_t octets[FRAME_MAX];
    size_t length;
};

static int fail(const struct sonde_error *error)
{
    printf("%d %s; %s\n", error->code, error->what, error->hint);
    return 1;
}

static struct sonde_address source_of(uint8_t family, bool near, uint32_t number)
{
    struct sonde_address address = {.family = family};

    if (family == 4)
        memcpy(address.bytes,
               (uint8_t[]){203, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number}, 4);
    else if (near)
        memcpy(address.bytes, (uint8_t[]){0xfe, 0x80}, 2);
    else
        memcpy(address.bytes, (uint8_t[]){0x20, 1, 0xd, 0xb8, 0, 0, (uint8_t)(number >> 8), (uint8_t)number},
               8);
    return address;
}

static struct frame frame_of(uint8_t family, uint8_t type, uint8_t code, bool near, uint32_t number)
{
    uint8_t message[16] = {type, code}, hop_limit = near ? policy_hop_limit(family, type) : 64;
    struct frame frame = {0};
    struct ip_header ip = {.family = family,
                           .source = source_of(family, near, number),
                           .destination = source_of(family, false, 1),
                           .protocol = family == 6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
                           .ttl = hop_limit ? hop_limit : 64};

    frame.octets[12] = family == 6 ? 0x86 : 0x08;
    frame.octets[13] = family == 6 ? 0xdd : 0x00;
    frame.length = ETH_HLEN + ip_build(&ip, slice_of(message, sizeof(message)), frame.octets + ETH_HLEN,
                                       FRAME_MAX - ETH_HLEN);
    return frame;
}

static uint32_t run(const struct guard_xdp *xdp, struct frame *frame)
{
    LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->octets, .data_size_in = (uint32_t)frame->length,
                .repeat = 1);

    return bpf_prog_test_run_opts(guard_xdp_program(xdp), &options) < 0 ? 0 : options.retval;
}

/* What the early filter may do; a limit lets the first message of a source pass. */
static uint32_t expect(const struct policy *policy, uint8_t family, uint8_t type, uint8_t code, bool near,
                       const char *interface)
{
    const struct policy_question question = {
        .family = family, .type = type, .code = code, .direction = DIRECTION_INPUT, .interface = interface};
    enum verdict verdict = policy_decide(policy, &question, 0).verdict;

    return verdict == VERDICT_DROP || (verdict == VERDICT_LINK && !near) ? DROPPED : PASSED;
}

static int compare(struct guard_xdp *xdp, const struct policy *policy, const char *interface)
{
    int compared = 0, differ = 0;

    for (uint8_t family = 4; family <= 6; family += 2)
        for (uint32_t pair = 0; pair < PAIRS * SHAPES; pair++) {
            uint8_t type = (uint8_t)(pair >> 8), code = (uint8_t)pair;
            bool near = pair >= PAIRS;
            struct frame frame = frame_of(family, type, code, near, pair);
            uint32_t seen = run(xdp, &frame);

            compared++;
            if (seen == expect(policy, family, type, code, near, interface))
                continue;
            if (differ++ < 5)
                printf("ICMPv%d %d/%d %s: %s\n", family, type, code, near ? "near" : "plain",
                       seen == DROPPED ? "dropped" : "passed");
        }
    printf("compared %d differ %d\n", compared, differ);
    return differ > 0;
}

/* All sources ask, and one of them much more often than it may. */
static int ask_from_many(struct guard_xdp *xdp, const struct policy *policy)
{
    const struct policy_rule *rule = policy->rules;
    struct frame greedy;
    int64_t begin_ns, elapsed_ns, passed = 0;

    while (rule->verdict != VERDICT_LIMIT || rule->direction != DIRECTION_INPUT)
        rule++;
    greedy = frame_of(rule->family, rule->type, 0, false, SOURCES);
    begin_ns = sock_now();
    do {
        for (uint32_t i = 0; i < SOURCES; i++) {
            struct frame frame = frame_of(rule->family, rule->type, 0, false, i);

            run(xdp, &frame);
            if (i % OFTEN == 0)
                passed += run(xdp, &greedy) == PASSED;
        }
        elapsed_ns = sock_now() - begin_ns;
    } while (elapsed_ns < SECONDS * NS_PER_S);
    printf("passed %lld may %.1f sources %d\n", (long long)passed,
           rule->limit.source.burst +
               (double)elapsed_ns / NS_PER_S * rule->limit.source.packets / rule->limit.source.period_s,
           SOURCES);
    return 0;
}

static void show(void *context, const struct guard_xdp_count *count)
{
    printf("%d %d/%d %llu\n", count->family, count->type, count->code, (unsigned long long)count->packets);
}

static int hold(struct guard_xdp *xdp, int slot, struct sonde_error *error)
{
    if (guard_xdp_attach(xdp, error) < 0)
        return fail(error);
    guard_xdp_try(xdp, (enum guard_xdp_slot)slot, LEASE_S * NS_PER_S);
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF) {
        guard_xdp_read(xdp, show, NULL);
        puts("done");
        fflush(stdout);
    }
    return 0;
}

int main(int argc, char **argv)
{
    _cleanup_text_ struct text text = {0};
    struct policy policy = {0};
    struct policy_problems problems = {0};
    struct sonde_error error = {0};
    struct guard_xdp *xdp = NULL;
    int code, slot = 0;

    if (argc != 4)
        return 2;
    code = folder_read(".", argv[2], &text, &error);
    if (code == 0)
        code = policy_read(slice_of(text_get(&text), text.length), argv[2], &policy, &problems, &error);
    if (code == 0)
        code = guard_xdp_open(argv[3], NULL, &xdp, &error);
    if (code == 0)
        slot = guard_xdp_fill(xdp, &policy, 0);
    if (code < 0 || slot < 0)
        return fail(&error);
    if (strcmp(argv[1], "hold") == 0)
        return hold(xdp, slot, &error);
    guard_xdp_settle(xdp, (enum guard_xdp_slot)slot);
    code = strcmp(argv[1], "sources") == 0 ? ask_from_many(xdp, &policy) : compare(xdp, &policy, argv[3]);
    guard_xdp_close(xdp);
    policy_deinit(&policy);
    return code;
}
