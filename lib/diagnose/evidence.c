/* SPDX-License-Identifier: MIT */
/* Everything that was asked and answered in one diagnosis, and what can be read from it directly. */
#include "diagnose/evidence.h"

#include "base/macro.h"
#include "wire/icmp.h"

void evidence_sent(struct evidence *evidence, const struct probe *probe, enum question question,
                   int64_t now_ns)
{
    if (evidence->asked_count == PROBES_MAX)
        return;
    evidence->asked[evidence->asked_count++] = (struct asked){*probe, question, now_ns, -1};
    if (!probe_is_local(probe->kind))
        evidence->packets_sent++;
}

/* A stream answers twice: "open", then what became of it. */
static bool supersedes(const struct reply *later, const struct reply *earlier)
{
    return earlier->kind == REPLY_STREAM_OPEN && later->kind != REPLY_STREAM_OPEN;
}

/* A local refusal is explained by the ICMP error that this machine's firewall sends with it. */
static bool explains(const struct reply *later, const struct reply *earlier)
{
    return earlier->kind == REPLY_LOCAL && later->kind == REPLY_ICMP;
}

bool evidence_reply(struct evidence *evidence, const struct reply *reply)
{
    struct asked *asked = NULL;

    for (size_t i = 0; i < evidence->asked_count; i++)
        if (evidence->asked[i].probe.id == reply->probe)
            asked = &evidence->asked[i];
    if (!asked || evidence->reply_count == REPLIES_MAX)
        return false;
    if (asked->reply >= 0) {
        const struct reply *earlier = &evidence->replies[asked->reply];

        if (!supersedes(reply, earlier) && !explains(reply, earlier)) {
            evidence->refused++;
            return false;
        }
    }
    asked->reply = (int16_t)evidence->reply_count;
    evidence->replies[evidence->reply_count++] = *reply;
    if (reply->kind == REPLY_ROUTE) {
        evidence->route = reply->route;
        evidence->route_known = true;
    }
    return true;
}

const struct reply *evidence_of(const struct evidence *evidence, const struct asked *asked)
{
    return asked->reply < 0 ? NULL : &evidence->replies[asked->reply];
}

const struct reply *evidence_first(const struct evidence *evidence, enum question question,
                                   const struct asked **asked)
{
    for (size_t i = 0; i < evidence->asked_count; i++) {
        const struct asked *candidate = &evidence->asked[i];

        if (candidate->question != question || candidate->reply < 0)
            continue;
        if (asked)
            *asked = candidate;
        return evidence_of(evidence, candidate);
    }
    return NULL;
}

unsigned evidence_count(const struct evidence *evidence, enum question question)
{
    unsigned count = 0;

    for (size_t i = 0; i < evidence->asked_count; i++)
        count += evidence->asked[i].question == question;
    return count;
}

unsigned evidence_answered(const struct evidence *evidence, enum question question)
{
    unsigned count = 0;

    for (size_t i = 0; i < evidence->asked_count; i++)
        count += evidence->asked[i].question == question && evidence->asked[i].reply >= 0;
    return count;
}

static enum answer icmp_class(const struct reply *reply)
{
    static const struct {
        uint8_t family, type, first, last;
        enum answer answer;
    } classes[] = {
        {4, ICMP4_UNREACHABLE, 0, 0, ANSWER_NET},    {4, ICMP4_UNREACHABLE, 1, 1, ANSWER_HOST},
        {4, ICMP4_UNREACHABLE, 3, 3, ANSWER_PORT},   {4, ICMP4_UNREACHABLE, 4, 4, ANSWER_BIG},
        {4, ICMP4_UNREACHABLE, 6, 6, ANSWER_NET},    {4, ICMP4_UNREACHABLE, 7, 7, ANSWER_HOST},
        {4, ICMP4_UNREACHABLE, 9, 10, ANSWER_ADMIN}, {4, ICMP4_UNREACHABLE, 11, 11, ANSWER_NET},
        {4, ICMP4_UNREACHABLE, 12, 12, ANSWER_HOST}, {4, ICMP4_UNREACHABLE, 13, 13, ANSWER_ADMIN},
        {4, ICMP4_TIME_EXCEEDED, 0, 0, ANSWER_TTL},  {6, ICMP6_UNREACHABLE, 0, 0, ANSWER_NET},
        {6, ICMP6_UNREACHABLE, 1, 1, ANSWER_ADMIN},  {6, ICMP6_UNREACHABLE, 3, 3, ANSWER_HOST},
        {6, ICMP6_UNREACHABLE, 4, 4, ANSWER_PORT},   {6, ICMP6_UNREACHABLE, 5, 6, ANSWER_ADMIN},
        {6, ICMP6_TOO_BIG, 0, 255, ANSWER_BIG},      {6, ICMP6_TIME_EXCEEDED, 0, 0, ANSWER_TTL},
    };

    for (size_t i = 0; i < COUNT_OF(classes); i++)
        if (classes[i].family == reply->from.family && classes[i].type == reply->type &&
            classes[i].first <= reply->code && reply->code <= classes[i].last)
            return classes[i].answer;
    return ANSWER_ERROR;
}

enum answer answer_class(const struct reply *reply)
{
    switch (reply->kind) {
    case REPLY_ECHO:
    case REPLY_SYN_ACK:
    case REPLY_DATA:
    case REPLY_STREAM_OPEN:
        return ANSWER_REPLY;
    case REPLY_RESET:
        return ANSWER_RESET;
    case REPLY_ICMP:
        return icmp_class(reply);
    case REPLY_LOCAL:
        return ANSWER_LOCAL;
    default:
        return ANSWER_ERROR;
    }
}

const char *answer_name(enum answer answer)
{
    static const char *const names[ANSWERS] = {
        "no answer yet",  "a reply",          "a TCP reset",     "port unreachable",
        "prohibited",     "host unreachable", "net unreachable", "time to live exceeded",
        "packet too big", "an ICMP error",    "a local refusal", "silence",
    };

    return names[answer];
}

int distance_of_ttl(int ttl)
{
    static const int initial[] = {32, 64, 128, 255};

    for (size_t i = 0; i < COUNT_OF(initial); i++)
        if (ttl <= initial[i] && initial[i] - ttl < HOPS_MAX)
            return initial[i] - ttl;
    return -1;
}

static bool is_target(const struct evidence *evidence, const struct reply *reply)
{
    return sonde_address_equal(&reply->from, &evidence->subject.address);
}

int evidence_distance(const struct evidence *evidence)
{
    static const enum question order[] = {ASK_ECHO, ASK_TCP, ASK_UDP, ASK_FIRST};

    for (size_t i = 0; i < COUNT_OF(order); i++) {
        const struct reply *reply = evidence_first(evidence, order[i], NULL);

        if (order[i] == ASK_FIRST && reply && reply->kind == REPLY_RESET)
            continue; /* anybody may have sent it in the host's name */
        if (reply && reply->ttl > 0 && is_target(evidence, reply) && reply->kind != REPLY_LOCAL)
            return distance_of_ttl(reply->ttl);
    }
    return -1;
}

bool evidence_host_alive(const struct evidence *evidence)
{
    static const enum question own[] = {ASK_ECHO, ASK_TCP, ASK_UDP};

    for (size_t i = 0; i < COUNT_OF(own); i++) {
        const struct reply *reply = evidence_first(evidence, own[i], NULL);

        if (reply && reply->kind != REPLY_LOCAL && is_target(evidence, reply))
            return true;
    }
    return false;
}

/* Whether an answer to one probe could as well be one to the other. */
static bool is_repetition(const struct asked *later, const struct asked *earlier)
{
    return later->question == earlier->question && later->probe.kind == earlier->probe.kind &&
           later->probe.ttl == earlier->probe.ttl && later->probe.port == earlier->probe.port;
}

int64_t evidence_trip(const struct evidence *evidence, const struct asked *asked)
{
    const struct reply *reply = evidence_of(evidence, asked);

    if (!reply || probe_is_local(asked->probe.kind) || reply->kind == REPLY_LOCAL)
        return -1;
    if (reply->kind != REPLY_DATA || asked->probe.kind != PROBE_UDP)
        return reply->rtt_ns;
    for (size_t i = 0; i < evidence->asked_count; i++)
        if (&evidence->asked[i] != asked && is_repetition(&evidence->asked[i], asked) &&
            evidence->asked[i].sent_ns <= reply->when_ns)
            return -1;
    return reply->rtt_ns;
}

int64_t evidence_slowest(const struct evidence *evidence)
{
    int64_t slowest = 0;

    for (size_t i = 0; i < evidence->asked_count; i++) {
        const struct reply *reply = evidence_of(evidence, &evidence->asked[i]);
        int64_t trip_ns = evidence_trip(evidence, &evidence->asked[i]);
        enum question question = evidence->asked[i].question;

        if (reply && trip_ns > slowest && question != ASK_STREAM && question != ASK_FRAGMENT &&
            question != ASK_FRAGMENT_CONTROL && answer_class(reply) != ANSWER_HOST)
            slowest = trip_ns;
    }
    return slowest;
}

unsigned evidence_tries(const struct evidence *evidence, enum question ladder, int ttl)
{
    unsigned tries = 0;

    for (size_t i = 0; i < evidence->asked_count; i++)
        tries += evidence->asked[i].question == ladder && evidence->asked[i].probe.ttl == ttl;
    return tries;
}

const struct reply *evidence_hop(const struct evidence *evidence, enum question ladder, int ttl)
{
    for (size_t i = 0; i < evidence->asked_count; i++) {
        const struct asked *asked = &evidence->asked[i];

        if (asked->question == ladder && asked->probe.ttl == ttl && asked->reply >= 0)
            return evidence_of(evidence, asked);
    }
    return NULL;
}

int evidence_ladder_end(const struct evidence *evidence, enum question ladder)
{
    for (int ttl = HOPS_MAX; ttl > 0; ttl--) {
        const struct reply *reply = evidence_hop(evidence, ladder, ttl);

        if (reply && answer_class(reply) == ANSWER_TTL)
            return ttl;
    }
    return 0;
}

int evidence_translator(const struct evidence *evidence)
{
    for (int ttl = 1; ttl <= HOPS_MAX; ttl++) {
        const struct reply *reply = evidence_hop(evidence, ASK_LADDER, ttl);

        if (reply && answer_class(reply) == ANSWER_TTL && is_target(evidence, reply))
            return ttl;
    }
    return 0;
}

int evidence_loop(const struct evidence *evidence)
{
    for (int ttl = 3; ttl <= HOPS_MAX; ttl++) {
        const struct reply *later = evidence_hop(evidence, ASK_LADDER, ttl);

        if (!later || answer_class(later) != ANSWER_TTL || is_target(evidence, later))
            continue;
        for (int before = ttl - 2; before > 0; before--) {
            const struct reply *earlier = evidence_hop(evidence, ASK_LADDER, before);

            if (earlier && answer_class(earlier) == ANSWER_TTL &&
                sonde_address_equal(&earlier->from, &later->from))
                return before;
        }
    }
    return 0;
}

bool evidence_is_self(const struct evidence *evidence, const struct sonde_address *address)
{
    if (!evidence->route_known || evidence->route.type == ROUTE_LOCAL)
        return false;
    return sonde_address_equal(&evidence->route.source, address);
}
