/* SPDX-License-Identifier: MIT */
/* Whether the packet that an error quotes was really sent, and what a finding says about it. */
#include "detect/trust/quote.h"

#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"
#include "catalog/services.h"
#include "wire/icmp.h"
#include "wire/tcp.h"

enum {
    ASKS_PER_SECOND = 50,
    AHEAD = 16 << 10,  /* octets that the capture may have missed */
    BEHIND = 64 << 10, /* octets that may have been on their way before the flow was seen */
    LONG = 32 << 20,   /* octets that the fastest flows have on their way (RFC 7323 allows 1 GiB) */
};

static bool quotes_error(const struct packet_quote *quote)
{
    return quote->ports &&
           ((quote->family == 4 && quote->protocol == IPPROTO_ICMP) ||
            (quote->family == 6 && quote->protocol == IPPROTO_ICMPV6)) &&
           icmp_is_error(quote->family, quote->type);
}

/* RFC 5927 4.1: SND.UNA =< SEG.SEQ < SND.NXT, as far as a bystander can know. */
static bool is_outside(const struct flow *flow, const struct packet_quote *quote)
{
    int32_t age = (int32_t)(flow->sequence - quote->sequence);
    int32_t sent = flow->sent == UINT16_MAX ? LONG : flow->sent * FLOW_SENT_UNIT;

    if (quote->protocol != IPPROTO_TCP || !(flow->flags & (FLOW_OPENED | FLOW_USED)) ||
        flow->flags & FLOW_JUMPED || (quote->whole && quote->flags & TCP_RST))
        return false;
    return age < -AHEAD || age > sent + BEHIND;
}

/* What this host's socket table says. */
enum answer { ANSWER_NONE, ANSWER_NO_SOCKET, ANSWER_SOCKET, ANSWER_OUTSIDE };

static const char *const answers[] = {
    [ANSWER_NO_SOCKET] = "no socket of this host has that flow",
    [ANSWER_SOCKET] = "a socket of this host has that flow",
    [ANSWER_OUTSIDE] = "a socket of this host has that flow, but never sent that sequence number",
};

/* An attacker far away cannot know which flows there are. */
static enum answer ask_socket(const struct watch *watch, const struct sighting *sighting,
                              struct quote_budget *budget)
{
    const struct watch_listener *listener = &watch->options.listener;
    const struct packet_quote *quote = sighting->quote;
    uint32_t first = quote->sequence, next = first;
    int there;

    if (!listener->socket || quote->protocol != IPPROTO_TCP || !quote->ports ||
        sighting->packet->direction == FRAME_OUT)
        return ANSWER_NONE;
    if (budget->now_s != sighting->now_s)
        *budget = (struct quote_budget){sighting->now_s, 0};
    if (budget->asked >= ASKS_PER_SECOND)
        return ANSWER_NONE;
    budget->asked++;
    there = listener->socket(listener->context, quote, &first, &next);
    if (there < 0)
        return ANSWER_NONE;
    if (there == 0)
        return ANSWER_NO_SOCKET;
    return (int32_t)(quote->sequence - next) > 0 || (int32_t)(first - quote->sequence) > LONG ? ANSWER_OUTSIDE
                                                                                              : ANSWER_SOCKET;
}

static void judge_flow(const struct watch *watch, const struct sighting *sighting,
                       struct quote_budget *budget, struct quote_judgement *judgement)
{
    const struct packet_quote *quote = sighting->quote;
    bool seen = sighting->flow == FLOW_SEEN;
    enum answer answer = ANSWER_NONE;

    judgement->verdict = seen ? QUOTE_SENT : QUOTE_UNSEEN;
    if (seen && sighting->quoted_flow && is_outside(sighting->quoted_flow, quote))
        judgement->verdict = QUOTE_OUTSIDE;
    else
        answer = ask_socket(watch, sighting, budget);
    if (answer == ANSWER_OUTSIDE)
        judgement->verdict = QUOTE_OUTSIDE;
    else if (answer == ANSWER_SOCKET)
        judgement->verdict = QUOTE_SENT;
    judgement->socket = answers[answer];
    judgement->has_no_socket = answer == ANSWER_NO_SOCKET;
    if (judgement->verdict == QUOTE_OUTSIDE)
        judgement->check = "the quoted TCP sequence number is outside of what the flow sent (RFC 5927 4.1)";
    if (judgement->verdict == QUOTE_UNSEEN)
        judgement->check = "the quoted packet never passed here, although its sender's packets do";
}

struct quote_judgement quote_judge(const struct watch *watch, const struct sighting *sighting,
                                   struct quote_budget *budget)
{
    const struct packet_quote *quote = sighting->quote;
    struct quote_judgement judgement = {0};

    if (quotes_error(quote)) {
        judgement.verdict = QUOTE_OF_ERROR;
        judgement.check = "it complains about an ICMP error, which nobody may do (RFC 1122 3.2.2)";
    } else if (quote->family != sighting->packet->family ||
               memcmp(quote->source, sighting->packet->destination, sizeof(quote->source)) != 0) {
        judgement.verdict = QUOTE_FOREIGN;
        judgement.check = "the quoted packet was sent by somebody else than the receiver of the error";
    } else if (sighting->flow == FLOW_SEEN || sighting->flow == FLOW_UNSEEN) {
        judge_flow(watch, sighting, budget, &judgement);
    }
    return judgement;
}

static void describe_ports(struct evidence *evidence, const struct packet_quote *quote)
{
    const struct service *service = service_find(quote->protocol, quote->destination_port);

    evidence_number(evidence, FACT_QUOTED_SOURCE_PORT, quote->source_port);
    evidence_number(evidence, FACT_QUOTED_PORT, quote->destination_port);
    if (service)
        evidence_text(evidence, FACT_SERVICE, service->scheme);
    if (quote->protocol == IPPROTO_TCP)
        evidence_number(evidence, FACT_QUOTED_SEQUENCE, quote->sequence);
}

void quote_describe(struct finding *finding, const struct sighting *sighting,
                    const struct quote_judgement *judgement)
{
    const struct packet_quote *quote = sighting->quote;
    struct evidence *evidence = &finding->evidence;

    evidence_text(evidence, FACT_QUOTED_PROTOCOL, protocol_word(quote->protocol) ?: "other");
    evidence_address(evidence, FACT_QUOTED_SOURCE, address_from(quote->family, quote->source));
    evidence_address(evidence, FACT_QUOTED_TARGET, address_from(quote->family, quote->destination));
    if (quote->ports && quote->protocol != IPPROTO_ICMP && quote->protocol != IPPROTO_ICMPV6)
        describe_ports(evidence, quote);
    if (sighting->quoted_flow && quote->protocol == IPPROTO_TCP)
        evidence_number(evidence, FACT_FLOW_SEQUENCE, sighting->quoted_flow->sequence);
    if (judgement->socket)
        evidence_text(evidence, FACT_SOCKET, judgement->socket);
    if (judgement->check)
        evidence_text(evidence, FACT_CHECK, judgement->check);
    if (judgement->verdict == QUOTE_UNSEEN || judgement->verdict == QUOTE_OUTSIDE)
        finding->excluded |= 1U << INNOCENT_QUOTE_OURS | 1U << INNOCENT_START | 1U << INNOCENT_ONE_WAY;
}

uint64_t quote_hash(const struct watch *watch, const struct packet_quote *quote)
{
    const struct hash_key *key = &watch->options.key;
    uint64_t ends = hash_with(key, hash_address(key, quote->source), hash_address(key, quote->destination));
    uint64_t ports = (uint64_t)quote->source_port << 16 | quote->destination_port;

    return hash_with(key, ends, (uint64_t)quote->id << 48 | (uint64_t)quote->protocol << 40 | ports);
}
