/* SPDX-License-Identifier: MIT */
/* Reading the outcomes of the tests about use: the connection, large packets, queues, repetition. */
#include "base/macro.h"
#include "diagnose/test.h"

#define STEP_NS   (20 * NS_PER_MS) /* a step between neighbouring hops that no healthy link of a site makes */
#define JITTER_NS (5 * NS_PER_MS)
enum { TRAIN = 5 }; /* packets in a train for TEST_QUEUE */

int read_stream(const struct evidence *evidence)
{
    static const struct {
        enum reply_kind kind;
        int outcome;
    } outcomes[] = {
        {REPLY_DATA, STREAM_REPLY},
        {REPLY_STREAM_CLOSED, STREAM_CLOSED},
        {REPLY_STREAM_RESET, STREAM_RESET},
        {REPLY_STREAM_SILENT, STREAM_SILENT},
        {REPLY_STREAM_STALLED, STREAM_STALLED},
        {REPLY_STREAM_TIMEOUT, STREAM_NOT_OPENED},
        {REPLY_RESET, STREAM_NOT_OPENED},
        {REPLY_ICMP, STREAM_NOT_OPENED},
    };
    const struct reply *reply = evidence_first(evidence, ASK_STREAM, NULL);

    for (size_t i = 0; reply && i < COUNT_OF(outcomes); i++)
        if (outcomes[i].kind == reply->kind)
            return outcomes[i].outcome;
    return OUTCOME_UNKNOWN;
}

unsigned large_size(const struct evidence *evidence)
{
    unsigned size = 0;

    for (size_t i = 0; i < evidence->asked_count; i++)
        if (evidence->asked[i].question == ASK_LARGE && evidence->asked[i].probe.size > size)
            size = evidence->asked[i].probe.size;
    return size;
}

int read_large(const struct evidence *evidence)
{
    const struct reply *reply = evidence_first(evidence, ASK_LARGE, NULL);

    if (evidence->route_known && evidence->route.loopback)
        return LARGE_PASSES; /* what stays in this machine meets no smaller link */
    if (reply && answer_class(reply) == ANSWER_BIG)
        return LARGE_REPORTED;
    if (reply && reply->kind == REPLY_LOCAL)
        return reply->mtu ? LARGE_REPORTED : OUTCOME_UNKNOWN;
    if (reply)
        return LARGE_PASSES;
    return evidence->silent[ASK_LARGE] ? LARGE_LOST : OUTCOME_UNKNOWN;
}

/* Round trip to the router at a hop, or to the host behind the last one; -1 if it was not heard. */
static int64_t hop_rtt(const struct evidence *evidence, int hop)
{
    const struct reply *reply = evidence_hop(evidence, ASK_LADDER, hop);

    if (hop == evidence_distance(evidence) + 1)
        reply = evidence_first(evidence, evidence->subject.port ? ASK_ECHO : ASK_FIRST, NULL);
    return reply ? reply->rtt_ns : -1;
}

/* The longest step of the round trip between hops that follow each other, and the hop before it. */
static int64_t longest_step(const struct evidence *evidence, int *before_step)
{
    int64_t previous = 0, longest = 0;
    int last = 0;

    *before_step = 0;
    for (int hop = 1; hop <= HOPS_MAX; hop++) {
        int64_t rtt = hop_rtt(evidence, hop);

        if (rtt < 0)
            continue;
        if (rtt - previous > longest) {
            longest = rtt - previous;
            *before_step = last;
        }
        previous = rtt;
        last = hop;
    }
    return longest;
}

int queue_step(const struct evidence *evidence)
{
    int before;

    return longest_step(evidence, &before) >= STEP_NS ? before : 0;
}

/* A queue stands in one place and makes most of the delay. */
static bool has_step(const struct evidence *evidence)
{
    int before;
    int64_t longest = longest_step(evidence, &before);

    return longest >= STEP_NS && 2 * longest >= evidence_slowest(evidence);
}

/* Difference between the longest and the shortest round trip of the train. */
static int64_t spread(const struct evidence *evidence)
{
    int64_t least = INT64_MAX, most = 0;

    for (size_t i = 0; i < evidence->asked_count; i++) {
        const struct reply *reply = evidence_of(evidence, &evidence->asked[i]);

        if (evidence->asked[i].question != ASK_QUEUE || !reply)
            continue;
        least = reply->rtt_ns < least ? reply->rtt_ns : least;
        most = reply->rtt_ns > most ? reply->rtt_ns : most;
    }
    return most > least ? most - least : 0;
}

/* Loss alone is a bad link and delay alone a long one; a full queue shows both. One loss may be chance,
 * unless the delay varies as that of a queue does. */
int read_queue(const struct evidence *evidence)
{
    unsigned sent = evidence_count(evidence, ASK_QUEUE), answered = evidence_answered(evidence, ASK_QUEUE);
    const struct reply *first = evidence_first(evidence, ASK_FIRST, NULL);

    if (first && evidence_slowest(evidence) < STEP_NS)
        return QUEUE_FLAT;
    if (sent < TRAIN || (answered < sent && !evidence->silent[ASK_QUEUE]))
        return OUTCOME_UNKNOWN;
    if (!has_step(evidence) || answered == sent)
        return QUEUE_STEADY;
    return answered + 1 < sent || spread(evidence) >= JITTER_NS ? QUEUE_LOSSY : QUEUE_STEADY;
}

static void count_tries(const struct evidence *evidence, enum question question, unsigned *replies,
                        unsigned *silent)
{
    for (size_t i = 0; i < evidence->asked_count; i++) {
        const struct asked *asked = &evidence->asked[i];
        const struct reply *reply = evidence_of(evidence, asked);

        if (asked->question != question)
            continue;
        if (reply && answer_class(reply) == ANSWER_REPLY)
            (*replies)++;
        else if (!reply && evidence->now_ns - asked->sent_ns > 4 * STEP_NS)
            (*silent)++;
    }
}

/* Some connection requests get through and others do not. */
int read_again(const struct evidence *evidence)
{
    unsigned replies = 0, silent = 0;

    count_tries(evidence, ASK_FIRST, &replies, &silent);
    count_tries(evidence, ASK_AGAIN, &replies, &silent);
    if (replies && read_stream(evidence) == STREAM_NOT_OPENED)
        return AGAIN_MIXED;
    if (replies + silent < 2)
        return OUTCOME_UNKNOWN;
    if (replies && silent)
        return AGAIN_MIXED;
    return evidence->silent[ASK_AGAIN] || replies > 1 ? AGAIN_SAME : OUTCOME_UNKNOWN;
}
