/* SPDX-License-Identifier: MIT */
/* Errors about packets that were never sent: attacks on connections from far away (RFC 5927). */
#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"
#include "detect/detectors.h"
#include "detect/trust/guess.h"
#include "detect/trust/quote.h"
#include "wire/icmp.h"

enum {
    PENDING = 16,
    TALKS = 4096, /* a power of two */
    TALKS_PER_SECOND = 2000,
    FRAGMENTATION_NEEDED = 4, /* of RFC 1191: pmtu.c looks at it */
    PROTOCOL_UNREACHABLE = 2,
    PORT_UNREACHABLE = 3,
    PORT_UNREACHABLE6 = 4,
    GOES_ON = 64 << 10, /* octets that nobody sends without acknowledgements */
    FAR = 1 << 30,      /* octets; the largest window that TCP can have (RFC 7323 2.3) */
    RAISES_PER_SECOND = 32,
};

#define PENDING_NS (10 * NS_PER_S)
#define LIVES_NS   (NS_PER_S / 2) /* what was under way when the error came has arrived */

/* An error that says a connection is over, kept until it shows whether that is true. */
struct pending {
    int64_t time_ns;                     /* 0: free */
    uint32_t sequence, reverse_sequence; /* how far both sides had come */
    struct packet_quote quote;
    struct packet packet;
    struct frame frame;
    uint8_t octets[FINDING_SAMPLE_MAX];
};

struct state {
    struct pairs pairs;
    uint64_t talks[TALKS]; /* who sent to whom lately: a keyed hash of both, and of the protocol */
    uint32_t talk_s, talked;
    struct pending pending[PENDING];
    struct quote_budget budget;
    uint32_t pending_count;
    uint32_t now_s, raised;
};

/* What is held against an error. */
struct charge {
    enum severity severity;
    double confidence;
    double observed, threshold;
    const char *measure;
};

static void accuse(struct watch *watch, struct state *state, const struct sighting *sighting,
                   const struct quote_judgement *judgement, const struct charge *charge)
{
    const struct packet *packet = sighting->packet;
    struct finding *finding;
    bool fresh, graver;

    if (state->now_s != watch->now_s) {
        state->now_s = watch->now_s;
        state->raised = 0;
    }
    if (state->raised++ >= RAISES_PER_SECOND)
        return;
    finding = watch_raise(watch, KIND_FORGED_ERROR, packet, packet->source, packet->destination, &fresh);
    if (!finding)
        return;
    graver = charge->severity > finding->severity;
    finding_grade(finding, fresh, charge->severity, charge->confidence);
    if (!fresh && !graver)
        return;
    evidence_number(&finding->evidence, FACT_OBSERVED, charge->observed);
    evidence_number(&finding->evidence, FACT_THRESHOLD, charge->threshold);
    evidence_text(&finding->evidence, FACT_MEASURE, charge->measure);
    evidence_number(&finding->evidence, FACT_ICMP_TYPE, packet->type);
    evidence_number(&finding->evidence, FACT_ICMP_CODE, packet->code);
    evidence_number(&finding->evidence, FACT_TTL, packet->ttl);
    quote_describe(finding, sighting, judgement);
}

/* RFC 1122 4.2.3.9 and RFC 4443 5: what aborts a connection, if a host believes it. */
static bool is_hard(const struct packet *packet)
{
    if (packet->family == 6)
        return packet->type == ICMP6_UNREACHABLE && packet->code == PORT_UNREACHABLE6;
    return packet->type == ICMP4_UNREACHABLE &&
           (packet->code == PROTOCOL_UNREACHABLE || packet->code == PORT_UNREACHABLE);
}

/* The type of the messages that are looked at; time exceeded breaks nothing. */
static bool is_of_interest(const struct packet *packet)
{
    if (packet->family == 6)
        return packet->type == ICMP6_UNREACHABLE || packet->type == ICMP6_PARAMETER_PROBLEM;
    return (packet->type == ICMP4_UNREACHABLE && packet->code != FRAGMENTATION_NEEDED) ||
           packet->type == ICMP4_SOURCE_QUENCH || packet->type == ICMP4_PARAMETER_PROBLEM;
}

static struct packet_quote reverse_of(const struct packet_quote *quote)
{
    struct packet_quote reverse = *quote;

    memcpy(reverse.source, quote->destination, sizeof(reverse.source));
    memcpy(reverse.destination, quote->source, sizeof(reverse.destination));
    reverse.source_port = quote->destination_port;
    reverse.destination_port = quote->source_port;
    return reverse;
}

static const struct flow *other_side(const struct watch *watch, const struct packet_quote *quote)
{
    struct packet_quote reverse = reverse_of(quote);
    const struct flow *flow;

    flows_judge(&watch->flows, &reverse, watch->now_ns, &flow);
    return flow;
}

/* The quote is right, so that only the connection itself can show that the error lied. */
static void await(struct watch *watch, struct state *state, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    const struct flow *there = sighting->quoted_flow, *back;
    struct pending *free = NULL;
    size_t octets;

    if (!is_hard(packet) || sighting->quote->protocol != IPPROTO_TCP || !there || !(there->flags & FLOW_USED))
        return;
    back = other_side(watch, sighting->quote);
    for (size_t i = 0; i < PENDING && back && !free; i++)
        if (!state->pending[i].time_ns)
            free = &state->pending[i];
    if (!free || !(back->flags & FLOW_USED))
        return;
    octets =
        packet->frame->data.length < sizeof(free->octets) ? packet->frame->data.length : sizeof(free->octets);
    free->time_ns = packet->time_ns;
    free->sequence = there->sequence;
    free->reverse_sequence = back->sequence;
    free->quote = *sighting->quote;
    free->packet = *packet;
    free->frame = *packet->frame;
    memcpy(free->octets, packet->frame->data.data, octets);
    free->frame.data = slice_of(free->octets, octets);
    free->packet.frame = &free->frame;
    free->packet.octets = NULL; /* they are gone soon; the frame is what is kept as proof */
    free->packet.available = 0;
    state->pending_count++;
}

static void try_patterns(struct watch *watch, struct state *state, const struct sighting *sighting,
                         struct pair *pair)
{
    unsigned observed;
    struct quote_judgement judgement = {.check = guess_find(pair, sighting->quote, &observed)};
    struct charge charge = {SEVERITY_ALERT, 0.7, observed, GUESS_LEAST, "errors in a minute"};

    if (judgement.check)
        accuse(watch, state, sighting, &judgement, &charge);
}

static uint64_t talk_of(const struct watch *watch, const uint8_t *source, const uint8_t *destination,
                        uint8_t protocol)
{
    const struct hash_key *key = &watch->options.key;

    return hash_with(key, hash_address(key, source), hash_address(key, destination) + protocol);
}

static void learn(const struct watch *watch, struct state *state, const struct packet *packet)
{
    uint64_t talk;

    if (state->talk_s != watch->now_s) {
        state->talk_s = watch->now_s;
        state->talked = 0;
    }
    if (state->talked++ >= TALKS_PER_SECOND)
        return;
    talk = talk_of(watch, packet->source, packet->destination, packet->protocol);
    state->talks[talk % TALKS] = talk;
}

/* An attacker aims at hosts that talk to each other. Errors about others may be backscatter, provoked by
 * somebody far away who sends in our name: it quotes first packets, and each of them once. */
static void judge_unseen(struct watch *watch, struct state *state, const struct sighting *sighting,
                         const struct quote_judgement *judgement, struct pair *pair)
{
    const struct packet_quote *quote = sighting->quote;
    struct charge charge = {SEVERITY_ALERT, 0.75, 1, 1, "errors about a flow that never was"};
    uint64_t talk = talk_of(watch, quote->source, quote->destination, quote->protocol);

    if (judgement->has_no_socket || quote_is_middle(quote))
        charge.confidence = 0.9;
    if (state->talks[talk % TALKS] != talk) {
        if (quote->protocol != IPPROTO_TCP || (quote->whole && !quote_is_middle(quote)))
            return;
        pair_count(&pair->unseen);
        if (pair->unseen < GUESS_LEAST)
            return;
        charge = (struct charge){SEVERITY_ALERT, 0.6, pair->unseen, GUESS_LEAST,
                                 "errors in a minute about flows that never were"};
    }
    accuse(watch, state, sighting, judgement, &charge);
}

static void see(struct watch *watch, void *memory, const struct sighting *sighting)
{
    struct state *state = memory;
    struct charge charge = {SEVERITY_ALERT, 0.9, 1, 1, "errors with an impossible quote"};
    struct quote_judgement judgement;
    struct pair *pair;

    if (sighting->packet->class == PACKET_FLOW) {
        learn(watch, state, sighting->packet);
        return;
    }
    if (!sighting->quote || !is_of_interest(sighting->packet) || sighting->packet->flags & PACKET_CROSSED ||
        watch_allows(watch, sighting->packet->family, sighting->packet->source))
        return;
    judgement = quote_judge(watch, sighting, &state->budget);
    switch (judgement.verdict) {
    case QUOTE_OUTSIDE:
        accuse(watch, state, sighting, &judgement, &charge);
        return;
    case QUOTE_SENT:
        await(watch, state, sighting);
        return;
    case QUOTE_OF_ERROR:
        charge = (struct charge){SEVERITY_WARNING, 0.5, 1, 1, "errors about errors"};
        accuse(watch, state, sighting, &judgement, &charge);
        return;
    default:
        break;
    }
    pair = pairs_get(&state->pairs, watch, sighting);
    if (judgement.verdict == QUOTE_UNSEEN) {
        judge_unseen(watch, state, sighting, &judgement, pair);
    } else if (judgement.verdict == QUOTE_FOREIGN) {
        /* a translator that forgets to translate the quote does this too, so that it is never called an
         * attack */
        pair_count(&pair->foreign);
        charge = (struct charge){SEVERITY_WARNING, 0.4, pair->foreign, GUESS_LEAST, "errors in a minute"};
        if (pair->foreign >= GUESS_LEAST)
            accuse(watch, state, sighting, &judgement, &charge);
    } else if (sighting->quote->protocol == IPPROTO_TCP && sighting->quote->ports) {
        try_patterns(watch, state, sighting, pair);
    }
}

/* Both sides sent on well after the error, and new octets: nobody who refuses a connection does so. */
static bool lives(const struct watch *watch, const struct pending *pending)
{
    const struct flow *there, *back = other_side(watch, &pending->quote);
    int64_t since_ms = (pending->time_ns + LIVES_NS - watch->flows.begin_ns) / NS_PER_MS;

    flows_judge(&watch->flows, &pending->quote, watch->now_ns, &there);
    return there && back && (int64_t)there->last_ms > since_ms && (int64_t)back->last_ms > since_ms &&
           ((int32_t)(back->sequence - pending->reverse_sequence) > 0 ||
            (int32_t)(there->sequence - pending->sequence) > GOES_ON);
}

static void second(struct watch *watch, void *memory, uint32_t now_s)
{
    struct state *state = memory;
    struct charge charge = {SEVERITY_ALERT, 0.8, 1, 1, "refusals of a connection that goes on"};
    struct quote_judgement judgement = {
        .verdict = QUOTE_SENT, .check = "it refuses a connection on which both sides go on exchanging data"};

    for (size_t i = 0; i < PENDING && state->pending_count; i++) {
        struct pending *pending = &state->pending[i];
        struct sighting sighting = {.packet = &pending->packet, .quote = &pending->quote, .now_s = now_s};
        bool proven = pending->time_ns && lives(watch, pending);

        if (!pending->time_ns || (!proven && watch->now_ns - pending->time_ns < PENDING_NS))
            continue;
        if (proven)
            accuse(watch, state, &sighting, &judgement, &charge);
        pending->time_ns = 0;
        state->pending_count--;
    }
}

static void finish(struct watch *watch, void *memory)
{
    second(watch, memory, watch->now_s);
}

static const enum finding_kind kinds[] = {KIND_FORGED_ERROR};

const struct detector detector_forged = {
    .name = "forged",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS(PACKET_ERROR) | WANTS(PACKET_FLOW),
    .state_size = sizeof(struct state),
    .packet = see,
    .second = second,
    .finish = finish,
};
