/* SPDX-License-Identifier: MIT */
/* What errors say of the packets they quote: which service, whose fault, and whether anybody cares. */
#include "detect/trouble/quoted.h"

#include <netinet/in.h>

#include "catalog/icmp.h"
#include "catalog/services.h"

enum {
    TRACE_PORT_FIRST = 33434, /* where traceroute begins to count ports */
    TRACE_PORT_LAST = 33534,
    TRACE_TTL = 30, /* most hops that it asks for */
    SPENT_TTL = 8,  /* what is left of 64 or more after a real path is above this */
    PORT_EPHEMERAL = 1024,
};

bool quoted_is_trace(const struct packet_quote *quote)
{
    if (quote->protocol == IPPROTO_UDP && quote->destination_port >= TRACE_PORT_FIRST &&
        quote->destination_port <= TRACE_PORT_LAST)
        return quote->ttl <= TRACE_TTL;
    return quote->ttl <= SPENT_TTL;
}

static bool is_service(uint8_t protocol, uint16_t port)
{
    return port < PORT_EPHEMERAL || service_find(protocol, port);
}

bool quoted_is_answer(const struct packet_quote *quote)
{
    return quote->destination_port >= PORT_EPHEMERAL && quote->ports &&
           (quote->protocol == IPPROTO_UDP || quote->protocol == IPPROTO_TCP) &&
           !is_service(quote->protocol, quote->destination_port) &&
           is_service(quote->protocol, quote->source_port);
}

bool quoted_sees_flows(const struct watch *watch)
{
    const struct counts *counts = watch->counts;

    return counts->packets > counts->icmp + counts->fragments;
}

bool quoted_is_foreign(const struct watch *watch, const struct sighting *sighting)
{
    uint8_t protocol = sighting->quote->protocol;

    return sighting->flow == FLOW_UNSEEN &&
           (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6 || quoted_sees_flows(watch));
}

uint64_t quoted_service(const struct watch *watch, const struct packet_quote *quote, uint64_t target)
{
    uint64_t port = quote->ports ? quote->destination_port : 0;

    /* twice, because once leaves the hashes of consecutive ports in a row */
    return hash_with(&watch->options.key, hash_with(&watch->options.key, target, port << 8 | quote->protocol),
                     quote->protocol);
}

void quoted_tell(struct finding *finding, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    const struct packet_quote *quote = sighting->quote;
    struct evidence *evidence = &finding->evidence;
    const struct service *service = NULL;

    evidence_number(evidence, FACT_ICMP_TYPE, packet->type);
    evidence_number(evidence, FACT_ICMP_CODE, packet->code);
    evidence_text(evidence, FACT_ICMP_NAME,
                  sonde_icmp_find(packet->family, packet->type, packet->code)->name);
    evidence_text(evidence, FACT_QUOTED_PROTOCOL, protocol_word(quote->protocol) ?: "other");
    evidence_address(evidence, FACT_QUOTED_TARGET, address_from(quote->family, quote->destination));
    if (!quote->ports ||
        (quote->protocol != IPPROTO_TCP && quote->protocol != IPPROTO_UDP && quote->protocol != IPPROTO_SCTP))
        return;
    evidence_number(evidence, FACT_QUOTED_PORT, quote->destination_port);
    service = service_find(quote->protocol, quote->destination_port);
    if (service)
        evidence_text(evidence, FACT_SERVICE, service->scheme);
}

void quoted_measure(struct finding *finding, double observed, double threshold, const char *measure)
{
    evidence_number(&finding->evidence, FACT_OBSERVED, observed);
    evidence_number(&finding->evidence, FACT_THRESHOLD, threshold);
    evidence_text(&finding->evidence, FACT_MEASURE, measure);
}
