/* SPDX-License-Identifier: MIT */
/* Reading delay and loss: whether a full queue stands on the path, and where. */
#include "base/macro.h"
#include "diagnose/test.h"

#define STEP_NS   (20 * NS_PER_MS) /* a step between neighbouring hops that no healthy link of a site makes */
#define JITTER_NS (5 * NS_PER_MS)
enum {
    TRAIN = 5,         /* packets that the train has at least */
    LOST_LEAST = 2,    /* one loss may be chance */
    LOSSY_PART = 4,    /* more than one in so many is more than a bad link loses */
    UNSTEADY_PART = 16 /* of the round trip: what cross traffic adds to it now and then */
};

/* Whether a probe met the host and not only its control plane: a reply that no rate limit withholds. */
static bool reached_host(const struct evidence *evidence, const struct asked *asked)
{
    const struct reply *reply = evidence_of(evidence, asked);

    return reply && reply->kind != REPLY_LOCAL && reply->kind != REPLY_ICMP &&
           sonde_address_equal(&reply->from, &evidence->subject.address);
}

static bool is_small(const struct asked *asked)
{
    const struct probe *probe = &asked->probe;

    return probe->ttl == 0 && !probe->first_fragment && asked->question != ASK_LARGE &&
           asked->question != ASK_COMPARE &&
           (probe->kind == PROBE_ECHO || probe->kind == PROBE_TCP_SYN || probe->kind == PROBE_UDP);
}

/* Whether silence to such a probe is loss: another one of the kind, to the same port, was answered. */
static bool is_answered_kind(const struct evidence *evidence, const struct asked *asked)
{
    for (size_t i = 0; i < evidence->asked_count; i++) {
        const struct asked *other = &evidence->asked[i];

        if (is_small(other) && other->probe.kind == asked->probe.kind &&
            (asked->probe.kind == PROBE_ECHO || other->probe.port == asked->probe.port) &&
            reached_host(evidence, other))
            return true;
    }
    return false;
}

struct queue_traffic queue_traffic(const struct evidence *evidence)
{
    struct queue_traffic traffic = {.least_ns = INT64_MAX};
    int64_t patience_ns = queue_patience(evidence);

    for (size_t i = 0; i < evidence->asked_count; i++) {
        const struct asked *asked = &evidence->asked[i];
        bool reached = reached_host(evidence, asked);
        int64_t trip_ns = evidence_trip(evidence, asked);

        if (!is_small(asked) || (!reached && evidence->now_ns - asked->sent_ns < patience_ns) ||
            !is_answered_kind(evidence, asked))
            continue;
        traffic.sent++;
        traffic.lost += !reached;
        traffic.train += asked->question == ASK_QUEUE;
        if (reached && trip_ns >= 0 && trip_ns < traffic.least_ns)
            traffic.least_ns = trip_ns;
        if (reached && trip_ns > traffic.most_ns)
            traffic.most_ns = trip_ns;
    }
    return traffic;
}

bool queue_loses_as_much(const struct evidence *evidence, unsigned lost, unsigned sent)
{
    unsigned others = 0, others_lost = 0;
    int64_t patience_ns = queue_patience(evidence);

    for (size_t i = 0; i < evidence->asked_count; i++) {
        const struct asked *asked = &evidence->asked[i];
        bool reached = reached_host(evidence, asked), port = asked->probe.port == evidence->subject.port;

        if (!is_small(asked) || (port && asked->probe.kind != PROBE_ECHO) ||
            !is_answered_kind(evidence, asked) ||
            (!reached && evidence->now_ns - asked->sent_ns < patience_ns))
            continue;
        others++;
        others_lost += !reached;
    }
    return others_lost >= LOST_LEAST && 3 * others_lost * sent >= 2 * lost * others;
}

/* The shortest round trip to the router at a hop; INT64_MAX if it was not heard. */
static int64_t hop_rtt(const struct evidence *evidence, int hop)
{
    static const enum question ladders[] = {ASK_LADDER, ASK_LARGE_LADDER};
    int64_t least = INT64_MAX;

    for (size_t i = 0; i < COUNT_OF(ladders); i++) {
        const struct reply *reply = evidence_hop(evidence, ladders[i], hop);

        if (reply && answer_class(reply) == ANSWER_TTL && reply->rtt_ns < least)
            least = reply->rtt_ns;
    }
    return least;
}

/* The longest step of the round trip between hops, each taken as short as anything behind it: a router that
 * is slow to answer delays nothing but its own answers. */
struct queue_step queue_step(const struct evidence *evidence)
{
    int distance = evidence_distance(evidence), end = evidence_ladder_end(evidence, ASK_LADDER);
    int last = (distance >= 0 ? distance : end) + 1;
    struct queue_step step = {.after = last};
    int64_t behind_ns = queue_traffic(evidence).least_ns;

    for (int hop = HOPS_MAX; hop >= 0; hop--) {
        int64_t rtt_ns = hop ? hop_rtt(evidence, hop) : 0;

        if (rtt_ns == INT64_MAX)
            continue;
        if (behind_ns != INT64_MAX && behind_ns - rtt_ns > step.height_ns)
            step = (struct queue_step){hop, last, behind_ns - rtt_ns};
        behind_ns = rtt_ns < behind_ns ? rtt_ns : behind_ns;
        last = hop;
    }
    return step;
}

int64_t queue_patience(const struct evidence *evidence)
{
    return evidence_slowest(evidence) * 5 / 4 + 50 * NS_PER_MS;
}

int64_t queue_delay(const struct evidence *evidence)
{
    int64_t least_ns = queue_traffic(evidence).least_ns;

    return least_ns == INT64_MAX ? 0 : least_ns;
}

/* A queue stands in one place and makes most of the delay. */
bool queue_stands(const struct evidence *evidence)
{
    int64_t height_ns = queue_step(evidence).height_ns;

    return height_ns >= STEP_NS && 2 * height_ns >= queue_delay(evidence);
}

static bool is_unsteady(const struct queue_traffic *traffic)
{
    int64_t spread_ns = traffic->most_ns - traffic->least_ns;

    return spread_ns >= JITTER_NS && spread_ns * UNSTEADY_PART >= traffic->least_ns;
}

/* Loss alone is a bad link and delay alone a long one; a full queue shows both. */
int read_queue(const struct evidence *evidence)
{
    const struct reply *first = evidence_first(evidence, ASK_FIRST, NULL);
    struct queue_traffic traffic = queue_traffic(evidence);

    if (traffic.least_ns < STEP_NS || (first && evidence_slowest(evidence) < STEP_NS))
        return QUEUE_FLAT;
    if (traffic.train < TRAIN)
        return OUTCOME_UNKNOWN;
    if (!queue_stands(evidence))
        return QUEUE_STEADY;
    if (traffic.lost >= LOST_LEAST && traffic.lost * LOSSY_PART > traffic.sent)
        return QUEUE_LOSSY;
    return traffic.lost || is_unsteady(&traffic) ? QUEUE_UNSTEADY : QUEUE_STEADY;
}
