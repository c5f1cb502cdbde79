/* SPDX-License-Identifier: MIT */
/* Reading the outcomes of the tests about use: the connection, large packets, repetition. */
#include "base/macro.h"
#include "diagnose/test.h"

enum {
    LARGE_TRIES = 2, /* large packets to a hop before silence counts as loss by size */
    MANY = 5,        /* connection requests that tell a limit from loss */
    HEARD = 3        /* answers to requests made by hand */
};
#define REPEATED_NS   (950 * NS_PER_MS)
#define UNANSWERED_NS (80 * NS_PER_MS) /* from when on a connection request counts as unanswered */

/* The last connection that was tried and ended: an earlier one may have met loss. */
static const struct reply *last_stream(const struct evidence *evidence)
{
    const struct reply *last = NULL;

    for (size_t i = 0; i < evidence->asked_count; i++)
        if (evidence->asked[i].question == ASK_STREAM && evidence->asked[i].reply >= 0)
            last = evidence_of(evidence, &evidence->asked[i]);
    return last;
}

unsigned large_size(const struct evidence *evidence)
{
    unsigned size = 0;

    for (size_t i = 0; i < evidence->asked_count; i++)
        if (evidence->asked[i].question == ASK_LARGE && evidence->asked[i].probe.size > size)
            size = evidence->asked[i].probe.size;
    return size;
}

struct large_span large_span(const struct evidence *evidence)
{
    struct large_span span = {evidence_ladder_end(evidence, ASK_LARGE_LADDER),
                              evidence_distance(evidence) + 1};

    for (int ttl = span.lost - 1; ttl > span.passes; ttl--)
        if (evidence_tries(evidence, ASK_LARGE_LADDER, ttl) >= LARGE_TRIES)
            span.lost = ttl;
    return span;
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
        else if (!reply && evidence->now_ns - asked->sent_ns > UNANSWERED_NS)
            (*silent)++;
    }
}

/* Whether this process sees requests answered, mostly, that the kernel's own connection would have sent. */
static bool is_unheard(const struct evidence *evidence)
{
    unsigned replies = 0, silent = 0;

    count_tries(evidence, ASK_AGAIN, &replies, &silent);
    return evidence->raw && replies >= HEARD && replies >= HEARD * silent;
}

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
    const struct reply *reply = last_stream(evidence);

    for (size_t i = 0; reply && i < COUNT_OF(outcomes); i++)
        if (outcomes[i].kind == reply->kind)
            return outcomes[i].outcome == STREAM_NOT_OPENED && is_unheard(evidence) ? STREAM_UNHEARD
                                                                                    : outcomes[i].outcome;
    return OUTCOME_UNKNOWN;
}

/* Connections whose first request got no answer: the kernel repeats it after a second (RFC 6298 section 2).
 */
static unsigned late_openings(const struct evidence *evidence)
{
    unsigned count = 0;

    for (size_t i = 0; i < evidence->reply_count; i++)
        count += evidence->replies[i].kind == REPLY_STREAM_OPEN &&
                 evidence->replies[i].rtt_ns >= REPEATED_NS && evidence_slowest(evidence) < REPEATED_NS / 2;
    return count;
}

/* Some connection requests get through and others do not. The odd one may be chance: loss takes few of many.
 */
int read_again(const struct evidence *evidence)
{
    unsigned replies = 0, silent = late_openings(evidence);

    if (!evidence->subject.port || evidence->subject.udp)
        return OUTCOME_UNKNOWN;
    count_tries(evidence, ASK_FIRST, &replies, &silent);
    count_tries(evidence, ASK_AGAIN, &replies, &silent);
    if (replies && silent)
        return replies + silent >= MANY && silent >= 2 * replies &&
                       !queue_loses_as_much(evidence, silent, replies + silent)
                   ? AGAIN_MIXED
                   : AGAIN_FEW;
    return evidence->silent[ASK_AGAIN] || replies > 1 ? AGAIN_SAME : OUTCOME_UNKNOWN;
}
