/* SPDX-License-Identifier: MIT */
/* Messages that ask for smaller packets: forged ones, and those that are right but have no effect. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "detect/detectors.h"
#include "detect/trust/guess.h"
#include "detect/trust/quote.h"
#include "wire/icmp.h"
#include "wire/octets.h"

enum {
    FLOWS = 64,
    FRAGMENTATION_NEEDED = 4,
    LEAST4 = 68,   /* RFC 791 3.2: every link carries that */
    LOW4 = 576,    /* RFC 791 3.1: every host takes that; nothing smaller is left in the Internet */
    LEAST6 = 1280, /* RFC 8200 5 */
    SLACK = 64,    /* octets of a tunnel's header that some routers leave out of the quoted length */
    REPEATS = 3,
    SIZES = 4, /* sizes told in the evidence */
    RAISES_PER_SECOND = 32,
    DONT_FRAGMENT = 0x4000,
    DONT_FRAGMENT_SWAPPED = 0x0040, /* old BSDs quote the field as it lay in memory */
    HEADER = 8,
};

#define WINDOW_NS (10 * NS_PER_S)
#define LEAST_NS  NS_PER_S          /* what was under way when the first message came has arrived */
#define BURST_NS  (150 * NS_PER_MS) /* messages so close together are about one burst of packets */

/* A flow that was asked to shrink. */
struct shrinking {
    uint64_t tag, reporter;
    int64_t begin_ns, last_ns;
    uint32_t mtu;          /* the lowest one asked for */
    uint32_t sizes[SIZES]; /* of the quoted packets that counted */
    uint8_t count;
    bool other_reporter; /* more than one router asks */
};

struct state {
    struct shrinking flows[FLOWS];
    struct pairs pairs;
    struct quote_budget budget;
    uint32_t now_s, raised;
};

/* A message that asks for smaller packets. */
struct scene {
    const struct sighting *sighting;
    const struct packet *packet;
    const struct packet_quote *quote;
    struct quote_judgement judgement;
    uint32_t mtu;
    const char *pattern; /* of this and earlier messages, or NULL */
};

static bool is_below_least(const struct scene *scene)
{
    return scene->packet->family == 4 && scene->mtu && scene->mtu < LEAST4;
}

static bool is_low(const struct scene *scene)
{
    return scene->packet->family == 4 ? scene->mtu && scene->mtu < LOW4 : scene->mtu < LEAST6;
}

/* A router complains only about what is larger; a length that means "see elsewhere" (RFC 2675) says nothing.
 */
static bool is_pointless(const struct scene *scene)
{
    return scene->quote->length > (scene->quote->family == 4 ? 20U : 40U) &&
           scene->quote->length + SLACK <= scene->mtu;
}

/* RFC 1191 4: a router fragments what does not forbid it. */
static bool is_fragmentable(const struct scene *scene)
{
    uint16_t flags;

    if (scene->packet->family == 6 || scene->quote->family != 4 || scene->packet->available < HEADER + 8)
        return false;
    flags = octets_get16(scene->packet->octets + HEADER + 6);
    return !(flags & (DONT_FRAGMENT | DONT_FRAGMENT_SWAPPED));
}

static bool is_outside(const struct scene *scene)
{
    return scene->judgement.verdict == QUOTE_OUTSIDE;
}

/* No backscatter: a flood in our name consists of packets that fit everywhere. */
static bool is_unseen(const struct scene *scene)
{
    return scene->judgement.verdict == QUOTE_UNSEEN;
}

static bool is_pattern(const struct scene *scene)
{
    return scene->pattern;
}

static bool is_zero(const struct scene *scene)
{
    return scene->packet->family == 4 && scene->mtu == 0;
}

/* What speaks against a message; the first that applies is what the finding tells. */
static const struct {
    bool (*applies)(const struct scene *scene);
    const char *check;                /* NULL: that of the quote */
    enum severity severity, harmless; /* below LEAST6, and for sizes that hurt nobody */
    double confidence;
} faults[] = {
    {is_below_least, "no link of IPv4 has so small an MTU (RFC 791 3.2)", SEVERITY_ALERT, SEVERITY_ALERT,
     0.95},
    {is_outside, NULL, SEVERITY_ALERT, SEVERITY_ALERT, 0.95},
    {is_low, "it asks for packets smaller than any link of today needs", SEVERITY_ALERT, SEVERITY_ALERT,
     0.85},
    {is_unseen, NULL, SEVERITY_ALERT, SEVERITY_ALERT, 0.75},
    {is_pointless, "the quoted packet is not larger than what it asks for", SEVERITY_ALERT, SEVERITY_WARNING,
     0.8},
    {is_fragmentable, "the quoted packet may be fragmented, so that no router complains (RFC 1191 4)",
     SEVERITY_ALERT, SEVERITY_WARNING, 0.75},
    {is_pattern, NULL, SEVERITY_ALERT, SEVERITY_WARNING, 0.7},
    {is_zero, "it names no MTU, as only very old routers do (RFC 1191 5)", SEVERITY_WARNING, SEVERITY_WARNING,
     0.3},
};

static void describe(struct finding *finding, const struct scene *scene, const char *check)
{
    struct evidence *evidence = &finding->evidence;

    quote_describe(finding, scene->sighting, &scene->judgement);
    evidence_number(evidence, FACT_MTU, scene->mtu);
    evidence_number(evidence, FACT_TTL, scene->packet->ttl);
    evidence_number(evidence, FACT_OCTETS, scene->quote->length);
    if (check || scene->pattern)
        evidence_text(evidence, FACT_CHECK, check ? check : scene->pattern);
}

static bool may_raise(struct state *state, const struct watch *watch)
{
    if (state->now_s != watch->now_s) {
        state->now_s = watch->now_s;
        state->raised = 0;
    }
    return state->raised++ < RAISES_PER_SECOND;
}

/* Returns whether something is wrong with the message itself. */
static bool judge_message(struct watch *watch, struct state *state, const struct scene *scene)
{
    const struct packet *packet = scene->packet;
    struct finding *finding;
    bool fresh, graver;
    enum severity severity;
    size_t row = 0;

    while (row < COUNT_OF(faults) && !faults[row].applies(scene))
        row++;
    if (row == COUNT_OF(faults))
        return false;
    if (!may_raise(state, watch))
        return true;
    finding = watch_raise(watch, KIND_PMTU_ATTACK, packet, packet->source, packet->destination, &fresh);
    if (!finding)
        return true;
    severity = scene->mtu < LEAST6 ? faults[row].severity : faults[row].harmless;
    graver = severity > finding->severity;
    finding_grade(finding, fresh, severity, faults[row].confidence);
    if (!fresh && !graver)
        return true;
    describe(finding, scene, faults[row].check);
    finding->excluded |= 1U << INNOCENT_PMTU;
    evidence_number(&finding->evidence, FACT_OBSERVED, scene->mtu);
    evidence_number(&finding->evidence, FACT_THRESHOLD, packet->family == 4 ? LOW4 : LEAST6);
    evidence_text(&finding->evidence, FACT_MEASURE, "octets of the MTU asked for");
    return true;
}

/* "1500 1500 1500" */
static void tell_sizes(struct finding *finding, const struct shrinking *flow)
{
    size_t used = 0;

    for (size_t i = 0; i < SIZES && i < flow->count && used < sizeof(finding->words); i++)
        used += (size_t)snprintf(finding->words + used, sizeof(finding->words) - used, "%s%u", i ? " " : "",
                                 flow->sizes[i]);
    evidence_text(&finding->evidence, FACT_CHANGE, finding->words);
}

static void report_black_hole(struct watch *watch, const struct scene *scene, const struct shrinking *flow)
{
    const struct packet *packet = scene->packet;
    struct finding *finding;
    bool fresh;

    finding = watch_raise(watch, KIND_PMTU_BLACK_HOLE, packet, packet->source, packet->destination, &fresh);
    if (!finding)
        return;
    evidence_number(&finding->evidence, FACT_OBSERVED, flow->count);
    evidence_number(&finding->evidence, FACT_WINDOW, (double)(scene->packet->time_ns - flow->begin_ns));
    if (!fresh)
        return;
    finding_grade(finding, fresh, SEVERITY_WARNING, 0.85);
    describe(finding, scene,
             flow->other_reporter ? "several routers ask, and the sender does not shrink its packets"
                                  : "the sender does not shrink its packets");
    evidence_number(&finding->evidence, FACT_THRESHOLD, REPEATS);
    evidence_text(&finding->evidence, FACT_MEASURE, "messages about packets that were sent too large again");
    evidence_number(&finding->evidence, FACT_MTU_BEFORE, flow->mtu);
    finding->excluded |= 1U << INNOCENT_PMTU | 1U << INNOCENT_ONE_ERROR;
    tell_sizes(finding, flow);
}

static void begin(struct shrinking *flow, uint64_t tag, const struct scene *scene)
{
    *flow = (struct shrinking){.tag = tag,
                               .reporter = scene->sighting->source_hash,
                               .begin_ns = scene->packet->time_ns,
                               .last_ns = scene->packet->time_ns,
                               .mtu = scene->mtu,
                               .sizes = {scene->quote->length},
                               .count = 1};
}

/* One message for each flow is discovery as it should be, and so are those about what was under way
 * meanwhile, and those of a router further on that asks for less. */
static void judge_flow(struct watch *watch, struct state *state, const struct scene *scene)
{
    uint64_t tag = quote_hash(watch, scene->quote) | 1;
    struct shrinking *flow = &state->flows[(tag >> 8) % FLOWS];
    int64_t now_ns = scene->packet->time_ns;

    if (flow->tag != tag || now_ns - flow->begin_ns > WINDOW_NS || scene->mtu < flow->mtu) {
        begin(flow, tag, scene);
        return;
    }
    flow->other_reporter |= flow->reporter != scene->sighting->source_hash;
    if (scene->quote->length <= flow->mtu || scene->quote->length < flow->sizes[0] ||
        now_ns - flow->last_ns < BURST_NS)
        return;
    flow->last_ns = now_ns;
    if (flow->count < SIZES)
        flow->sizes[flow->count] = scene->quote->length;
    flow->count = (uint8_t)(flow->count + (flow->count < UINT8_MAX));
    if (flow->count >= REPEATS && now_ns - flow->begin_ns >= LEAST_NS && may_raise(state, watch))
        report_black_hole(watch, scene, flow);
}

static bool quotes_icmp(const struct packet_quote *quote)
{
    return quote->protocol == IPPROTO_ICMP || quote->protocol == IPPROTO_ICMPV6;
}

static void see(struct watch *watch, void *memory, const struct sighting *sighting)
{
    struct state *state = memory;
    const struct packet *packet = sighting->packet;
    struct scene scene = {.sighting = sighting, .packet = packet, .quote = sighting->quote};
    bool asks = packet->family == 6
                    ? packet->type == ICMP6_TOO_BIG
                    : packet->type == ICMP4_UNREACHABLE && packet->code == FRAGMENTATION_NEEDED;

    if (!asks || !sighting->quote || packet->flags & PACKET_CROSSED || packet->available < HEADER ||
        watch_allows(watch, packet->family, packet->source))
        return;
    scene.mtu = packet->family == 6 ? octets_get32(packet->octets + 4) : octets_get16(packet->octets + 6);
    scene.judgement = quote_judge(watch, sighting, &state->budget);
    if (scene.judgement.verdict == QUOTE_UNKNOWN && sighting->quote->protocol == IPPROTO_TCP)
        scene.pattern =
            guess_find(pairs_get(&state->pairs, watch, sighting), sighting->quote, &(unsigned){0});
    if (judge_message(watch, state, &scene) || scene.judgement.verdict == QUOTE_FOREIGN)
        return;
    if (!quotes_icmp(sighting->quote)) /* who pings with a fixed size does it on purpose */
        judge_flow(watch, state, &scene);
}

static const enum finding_kind kinds[] = {KIND_PMTU_ATTACK, KIND_PMTU_BLACK_HOLE};

const struct detector detector_pmtu = {
    .name = "pmtu",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS(PACKET_ERROR),
    .only = {[PACKET_ERROR] = TRAIT_TOO_BIG},
    .state_size = sizeof(struct state),
    .packet = see,
};
