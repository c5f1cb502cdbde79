/* SPDX-License-Identifier: MIT */
/* Reading the outcomes of the tests about answers: who answered what, when, and how it looked. */
#include "base/macro.h"
#include "diagnose/test.h"
#include "wire/icmp.h"

#define LATE_NS                                                                                              \
    (700 * NS_PER_MS) /* address resolution gives up after about 3 s; nothing else is this late              \
                       */
#define PENDING_NS (1300 * NS_PER_MS) /* two unanswered ARP or neighbour solicitations */

int read_route(const struct evidence *evidence)
{
    static const int outcomes[] = {
        [ROUTE_UNICAST] = ROUTE_IS_FINE,    [ROUTE_LOCAL] = ROUTE_IS_FINE,
        [ROUTE_NONE] = ROUTE_IS_MISSING,    [ROUTE_BLACKHOLE] = ROUTE_DISCARDS,
        [ROUTE_PROHIBIT] = ROUTE_PROHIBITS, [ROUTE_UNREACHABLE] = ROUTE_REFUSES,
    };
    const struct route *route = &evidence->route;

    if (!evidence->route_known)
        return OUTCOME_UNKNOWN;
    if (!route->up && (route->type == ROUTE_NONE || route->type == ROUTE_UNICAST))
        return ROUTE_INTERFACE_DOWN;
    return outcomes[route->type];
}

int read_listener(const struct evidence *evidence)
{
    static const int outcomes[] = {
        [LISTENER_NONE] = LISTENS_NOT,
        [LISTENER_HERE] = LISTENS_HERE,
        [LISTENER_ELSEWHERE] = LISTENS_ELSEWHERE,
        [LISTENER_FULL] = LISTENS_FULL,
    };
    const struct reply *reply = evidence_first(evidence, ASK_LISTENER, NULL);

    return reply && reply->kind == REPLY_LISTENER ? outcomes[reply->listener] : OUTCOME_UNKNOWN;
}

/* Packets that a router sent back prove that the next hop answers on the link. */
static bool heard_anything(const struct evidence *evidence)
{
    for (size_t i = 0; i < evidence->reply_count; i++) {
        const struct reply *reply = &evidence->replies[i];

        if (reply->from.family != 0 && reply->kind > REPLY_LISTENER &&
            !evidence_is_self(evidence, &reply->from))
            return true;
    }
    return false;
}

int read_neighbour(const struct evidence *evidence)
{
    int dead = evidence->route.gateway.family ? NEIGHBOUR_GATEWAY_DEAD : NEIGHBOUR_TARGET_DEAD;
    const struct reply *last = NULL;

    if (heard_anything(evidence))
        return NEIGHBOUR_ANSWERS;
    for (size_t i = 0; i < evidence->asked_count; i++)
        if (evidence->asked[i].question == ASK_NEIGHBOUR && evidence->asked[i].reply >= 0)
            last = evidence_of(evidence, &evidence->asked[i]);
    if (!last || last->kind != REPLY_NEIGHBOUR)
        return OUTCOME_UNKNOWN;
    if (last->neighbour == NEIGHBOUR_RESOLVED)
        return NEIGHBOUR_ANSWERS;
    if (last->neighbour == NEIGHBOUR_FAILED)
        return dead;
    return last->neighbour == NEIGHBOUR_PENDING && last->when_ns - evidence->start_ns >= PENDING_NS
               ? dead
               : OUTCOME_UNKNOWN;
}

static int read_answer(const struct evidence *evidence, enum question question)
{
    const struct reply *reply = evidence_first(evidence, question, NULL);

    if (reply)
        return (int)answer_class(reply);
    return evidence->silent[question] ? (int)ANSWER_SILENT : OUTCOME_UNKNOWN;
}

/* A later probe of the same kind may get through where the first ones were lost. */
int read_first(const struct evidence *evidence)
{
    const struct reply *again = evidence_first(evidence, ASK_AGAIN, NULL);

    if (again && !evidence_answered(evidence, ASK_FIRST))
        return (int)answer_class(again);
    return read_answer(evidence, ASK_FIRST);
}

int read_echo(const struct evidence *evidence)
{
    return evidence->subject.port ? read_answer(evidence, ASK_ECHO) : OUTCOME_UNKNOWN;
}

int read_tcp(const struct evidence *evidence)
{
    return read_answer(evidence, ASK_TCP);
}

int read_udp(const struct evidence *evidence)
{
    return read_answer(evidence, ASK_UDP);
}

/* A rung of the ladder that drew a reset before the host could be reached: somebody on the way sent it. */
static bool reset_on_the_way(const struct evidence *evidence, int host)
{
    for (int ttl = 1; ttl <= host; ttl++) {
        const struct reply *reply = evidence_hop(evidence, ASK_LADDER, ttl);

        if (reply && reply->kind == REPLY_RESET)
            return true;
    }
    return false;
}

/* A reset carries the target's address whoever sent it; only its distance tells, or the ladder. */
static int reset_by(const struct evidence *evidence, const struct reply *reset)
{
    int host = evidence_distance(evidence), here = distance_of_ttl(reset->ttl);

    if (reset_on_the_way(evidence, host))
        return BY_ROUTER;
    if (reset->ttl < 0 || host < 0 || here < 0)
        return OUTCOME_UNKNOWN;
    if (here == host)
        return BY_TARGET;
    return here < host ? BY_ROUTER : BY_FARTHER;
}

/* Whose error is it: when the port's own probe got none, another one to the host may have. */
static const struct reply *refusal(const struct evidence *evidence)
{
    static const enum question order[] = {ASK_FIRST, ASK_ECHO, ASK_TCP, ASK_UDP};

    for (size_t i = 0; i < COUNT_OF(order); i++) {
        const struct reply *reply = evidence_first(evidence, order[i], NULL);

        if (reply && (i == 0 || (reply->kind == REPLY_ICMP && answer_class(reply) != ANSWER_PORT)))
            return reply;
    }
    return NULL;
}

int read_by(const struct evidence *evidence)
{
    const struct reply *reply = refusal(evidence);

    if (!reply || reply->kind == REPLY_LOCAL)
        return OUTCOME_UNKNOWN;
    if (reply->kind == REPLY_RESET)
        return reset_by(evidence, reply);
    if (evidence_is_self(evidence, &reply->from))
        return BY_SELF;
    return sonde_address_equal(&reply->from, &evidence->subject.address) ? BY_TARGET : BY_ROUTER;
}

int read_when(const struct evidence *evidence)
{
    const struct reply *reply = refusal(evidence);

    if (!reply || answer_class(reply) != ANSWER_HOST)
        return OUTCOME_UNKNOWN;
    return reply->rtt_ns >= LATE_NS ? LATE : PROMPT;
}

/* Whether the host itself answered the port's own probe, so that the whole path was walked. */
static bool host_answered(const struct evidence *evidence)
{
    const struct reply *first = evidence_first(evidence, ASK_FIRST, NULL);

    return first && first->kind != REPLY_LOCAL && first->kind != REPLY_RESET &&
           sonde_address_equal(&first->from, &evidence->subject.address);
}

static int short_of(int end)
{
    return end ? PATH_SHORT : PATH_NOWHERE;
}

/* A host that is mute shows its distance only through the address beside it. */
static int read_mute_path(const struct evidence *evidence, int end)
{
    const struct reply *refused = refusal(evidence);

    if (refused && refused->kind == REPLY_ICMP)
        return OUTCOME_UNKNOWN;
    if (evidence_ladder_end(evidence, ASK_REFERENCE) > end)
        return short_of(end);
    return evidence->silent[ASK_REFERENCE] ? PATH_WHOLE : OUTCOME_UNKNOWN;
}

/* Where the path to a host that is known to be further away ends. Silence may also be a router that never
 * speaks: only an answer behind the end, to the port's own probe or to one that is spared, proves the end. */
static int read_short_path(const struct evidence *evidence, int end)
{
    const struct reply *beyond = evidence_hop(evidence, ASK_LADDER, end + 1);

    if (beyond || evidence_answered(evidence, ASK_REFERENCE) > 0)
        return short_of(end);
    return OUTCOME_UNKNOWN;
}

static bool on_link(const struct evidence *evidence)
{
    return evidence->route_known && !evidence->route.gateway.family;
}

static int read_length(const struct evidence *evidence)
{
    int end = evidence_ladder_end(evidence, ASK_LADDER), distance = evidence_distance(evidence);

    if (!evidence->silent[ASK_LADDER] && end == 0)
        return OUTCOME_UNKNOWN;
    if (distance < 0)
        return read_mute_path(evidence, end);
    return end >= distance ? PATH_WHOLE : read_short_path(evidence, end);
}

int read_path(const struct evidence *evidence)
{
    if (on_link(evidence))
        return read_first(evidence) == ANSWER_LOCAL ? OUTCOME_UNKNOWN : PATH_WHOLE;
    if (evidence_count(evidence, ASK_LADDER) == 0)
        return OUTCOME_UNKNOWN;
    if (evidence_translator(evidence))
        return PATH_TRANSLATED;
    if (evidence_loop(evidence))
        return PATH_LOOPS;
    return host_answered(evidence) ? PATH_WHOLE : read_length(evidence);
}

/* The host copies the TOS of a SYN into its reset, a filter sends zero. What the control brought back shows
 * which bits survive the way: networks that clear the DSCP mostly leave the ECN bits alone. */
int read_tos(const struct evidence *evidence)
{
    const struct asked *asked = NULL, *control = NULL;
    const struct reply *first = evidence_first(evidence, ASK_FIRST, &asked);
    const struct reply *other = evidence_first(evidence, ASK_TCP, &control);
    int surviving;

    if (!first || !other || first->kind != REPLY_RESET || other->kind != REPLY_RESET)
        return OUTCOME_UNKNOWN;
    if (other->tos < 0 || first->tos < 0)
        return OUTCOME_UNKNOWN;
    surviving = other->tos & control->probe.tos & asked->probe.tos;
    if (surviving == 0)
        return OUTCOME_UNKNOWN;
    if ((first->tos & surviving) == surviving)
        return TOS_COPIED;
    return first->tos == 0 ? TOS_ZERO : OUTCOME_UNKNOWN;
}

int read_malformed(const struct evidence *evidence)
{
    if (evidence_answered(evidence, ASK_MALFORMED) > 0)
        return MALFORMED_ANSWERED;
    return evidence->silent[ASK_MALFORMED] ? MALFORMED_SILENT : OUTCOME_UNKNOWN;
}

int read_ack(const struct evidence *evidence)
{
    const struct reply *reply = evidence_first(evidence, ASK_ACK, NULL);

    if (reply)
        return reply->kind == REPLY_RESET ? ACK_RESET : OUTCOME_UNKNOWN;
    return evidence->silent[ASK_ACK] ? ACK_SILENT : OUTCOME_UNKNOWN;
}

int read_protocol(const struct evidence *evidence)
{
    if (evidence_answered(evidence, ASK_PROTOCOL) > 0)
        return PROTOCOL_ANSWERED;
    return evidence->silent[ASK_PROTOCOL] ? PROTOCOL_SILENT : OUTCOME_UNKNOWN;
}

/* The control proves that hosts on this way report lingering fragments at all. */
int read_fragment(const struct evidence *evidence)
{
    uint8_t type = evidence->subject.address.family == 4 ? ICMP4_TIME_EXCEEDED : ICMP6_TIME_EXCEEDED;
    const struct reply *reply = evidence_first(evidence, ASK_FRAGMENT, NULL);
    const struct reply *control = evidence_first(evidence, ASK_FRAGMENT_CONTROL, NULL);

    if (reply && reply->kind == REPLY_ICMP && reply->type == type && reply->code == 1)
        return FRAGMENT_LINGERED;
    if (!reply && evidence->silent[ASK_FRAGMENT] && control && control->type == type && control->code == 1)
        return FRAGMENT_GONE;
    return OUTCOME_UNKNOWN;
}

/* Whether the host of --compare answers anything in its own name. */
int read_compare(const struct evidence *evidence)
{
    for (size_t i = 0; i < evidence->asked_count; i++) {
        const struct asked *asked = &evidence->asked[i];
        const struct reply *reply = evidence_of(evidence, asked);

        if (asked->question == ASK_COMPARE && reply && reply->kind != REPLY_LOCAL &&
            sonde_address_equal(&reply->from, &evidence->subject.compare))
            return COMPARE_ANSWERS;
    }
    return evidence->silent[ASK_COMPARE] || evidence_answered(evidence, ASK_COMPARE) ? COMPARE_FAILS
                                                                                     : OUTCOME_UNKNOWN;
}

/* Whether this process makes its packets itself, and so sees its own firewall discard them. */
int read_raw(const struct evidence *evidence)
{
    return evidence->raw ? RAW_GRANTED : RAW_DENIED;
}
