/* SPDX-License-Identifier: MIT */
/* What the tests about answers saw, as sentences for people. */
#include <stdio.h>

#include "base/macro.h"
#include "catalog/icmp.h"
#include "diagnose/test.h"

static void tell_time(struct text *sentence, int64_t rtt_ns)
{
    if (rtt_ns >= NS_PER_S)
        text_add(sentence, " after %.2f s", (double)rtt_ns / NS_PER_S);
    else
        text_add(sentence, " after %.2f ms", (double)rtt_ns / NS_PER_MS);
}

static void tell_marks(struct text *sentence, const struct reply *reply)
{
    if (reply->ttl >= 0 && reply->tos >= 0)
        text_add(sentence, " (TTL %d, TOS 0x%02x)", reply->ttl, (unsigned)reply->tos);
    else if (reply->ttl >= 0)
        text_add(sentence, " (TTL %d)", reply->ttl);
}

static void tell_reply(struct text *sentence, const struct reply *reply)
{
    static const char *const words[REPLY_KINDS] = {
        [REPLY_ECHO] = "echo reply",     [REPLY_SYN_ACK] = "SYN-ACK",
        [REPLY_RESET] = "TCP reset",     [REPLY_DATA] = "a reply",
        [REPLY_STREAM_OPEN] = "SYN-ACK", [REPLY_LOCAL] = "refusal by this machine",
    };
    char address[SONDE_ADDRESS_TEXT];

    if (reply->kind == REPLY_ICMP)
        text_add(sentence, "ICMP%s %u/%u %s", reply->from.family == 6 ? "v6" : "", reply->type, reply->code,
                 sonde_icmp_find(reply->from.family, reply->type, reply->code)->name);
    else
        text_add(sentence, "%s", words[reply->kind] ? words[reply->kind] : "an answer");
    if (reply->from.family)
        text_add(sentence, " from %s", sonde_address_format(&reply->from, address));
    if (reply->extension.interface && reply->extension.name[0])
        text_add(sentence, " interface %s", reply->extension.name);
    tell_time(sentence, reply->rtt_ns);
    tell_marks(sentence, reply);
}

static void tell_question(const struct evidence *evidence, enum question question, const char *asked,
                          struct text *sentence)
{
    const struct reply *reply = evidence_first(evidence, question, NULL);
    unsigned tries = evidence_count(evidence, question);

    text_add(sentence, "%s: ", asked);
    if (reply)
        tell_reply(sentence, reply);
    else
        text_add(sentence, "no answer to %u probe%s", tries, tries == 1 ? "" : "s");
    text_add(sentence, ".");
}

TELL(route)
{
    static const char *const words[] = {
        [ROUTE_IS_MISSING] = "is missing (the kernel says: Network is unreachable)",
        [ROUTE_DISCARDS] = "is of type blackhole",
        [ROUTE_PROHIBITS] = "is of type prohibit",
        [ROUTE_REFUSES] = "is of type unreachable",
        [ROUTE_INTERFACE_DOWN] = "leads through an interface that is down or has no carrier",
    };
    char address[SONDE_ADDRESS_TEXT], gateway[SONDE_ADDRESS_TEXT];
    const struct route *route = &evidence->route;

    sonde_address_format(&evidence->subject.address, address);
    if (outcome == ROUTE_INTERFACE_DOWN && route->interface[0])
        text_add(sentence, "Interface %s, the way to %s, is down or has no carrier.", route->interface,
                 address);
    else if (outcome != ROUTE_IS_FINE)
        text_add(sentence, "This machine's route to %s %s.", address, words[outcome]);
    else if (route->loopback)
        text_add(sentence, "%s is this machine itself.", address);
    else if (route->gateway.family)
        text_add(sentence, "This machine sends through %s via the gateway %s.", route->interface,
                 sonde_address_format(&route->gateway, gateway));
    else
        text_add(sentence, "The target is on the link of %s.", route->interface);
}

TELL(listener)
{
    const struct reply *reply = evidence_first(evidence, ASK_LISTENER, NULL);
    char address[SONDE_ADDRESS_TEXT];

    switch (outcome) {
    case LISTENS_NOT:
        text_add(sentence, "This machine's socket table: nothing listens on port %u.",
                 evidence->subject.port);
        break;
    case LISTENS_HERE:
        text_add(sentence, "This machine's socket table: a socket listens there (accept queue %u of %u).",
                 reply->queue, reply->backlog);
        break;
    case LISTENS_ELSEWHERE:
        text_add(sentence, "This machine's socket table: a socket listens on the port, but on %s.",
                 sonde_address_format(&reply->from, address));
        break;
    default:
        text_add(sentence, "This machine's socket table: the accept queue is full (%u of %u).", reply->queue,
                 reply->backlog);
    }
}

TELL(neighbour)
{
    char address[SONDE_ADDRESS_TEXT];
    const char *how = evidence->subject.address.family == 4 ? "ARP requests" : "neighbour solicitations";

    if (outcome == NEIGHBOUR_ANSWERS)
        return;
    text_add(sentence, "The %s %s answers no %s.", outcome == NEIGHBOUR_GATEWAY_DEAD ? "gateway" : "target",
             sonde_address_format(outcome == NEIGHBOUR_GATEWAY_DEAD ? &evidence->route.gateway
                                                                    : &evidence->subject.address,
                                  address),
             how);
}

TELL(first)
{
    const struct asked *asked = NULL;
    const struct reply *reply = evidence_first(evidence, ASK_FIRST, &asked);
    char what[64] = "Echo request to the host";
    const char *kind = evidence->subject.udp ? "UDP datagram" : "TCP SYN";

    (void)outcome;
    if (reply && reply->kind == REPLY_LOCAL) {
        text_add(sentence, "This machine refuses to send the %s (%s): its own firewall or policy.", kind,
                 reply->error == 1 ? "EPERM" : "the system call fails");
        return;
    }
    if (evidence->subject.port)
        snprintf(what, sizeof(what), "%s to port %u", kind, evidence->subject.port);
    tell_question(evidence, ASK_FIRST, what, sentence);
}

TELL(by)
{
    const struct reply *reply = evidence_first(evidence, ASK_FIRST, NULL);
    int host = evidence_distance(evidence);

    if (reply && reply->kind == REPLY_RESET && outcome != BY_TARGET)
        text_add(
            sentence,
            "The reset comes from %d hop%s away, but the host's own answers from %d: somebody else sent it.",
            distance_of_ttl(reply->ttl) + 1, distance_of_ttl(reply->ttl) ? "s" : "", host + 1);
    else if (outcome == BY_SELF)
        text_add(sentence, "The error comes from this machine's own address.");
}

TELL(when)
{
    (void)evidence;
    if (outcome == LATE)
        text_add(sentence,
                 "The error took as long as an address resolution that fails (3 s): nobody answered on the "
                 "last link.");
    else
        text_add(sentence, "The error came at once, so it is no failed address resolution.");
}

TELL(echo)
{
    (void)outcome;
    tell_question(evidence, ASK_ECHO, "Echo request to the host", sentence);
}

TELL(tcp)
{
    char what[48];

    (void)outcome;
    snprintf(what, sizeof(what), "TCP SYN to another port (%u)", evidence->subject.control_ports[0]);
    tell_question(evidence, ASK_TCP, what, sentence);
}

TELL(udp)
{
    char what[56];

    (void)outcome;
    snprintf(what, sizeof(what), "UDP datagram to another port (%u)", evidence->subject.control_ports[1]);
    tell_question(evidence, ASK_UDP, what, sentence);
}

TELL(path)
{
    int end = evidence_ladder_end(evidence, ASK_LADDER), distance = evidence_distance(evidence);

    switch (outcome) {
    case PATH_WHOLE:
        if (distance > 0)
            text_add(sentence,
                     "Probes to the port with rising TTL are answered up to hop %d, the last before the "
                     "host.",
                     end);
        else if (end > 0)
            text_add(sentence,
                     "Probes to the port with rising TTL are answered up to hop %d, as far as those to the "
                     "address beside the target.",
                     end);
        break;
    case PATH_SHORT:
        if (distance > 0)
            text_add(sentence,
                     "Probes to the port with rising TTL are answered up to hop %d only; the host is %d "
                     "hops away.",
                     end, distance + 1);
        else
            text_add(sentence,
                     "Probes to the target with rising TTL are answered up to hop %d only; those to the "
                     "address beside it go further.",
                     end);
        break;
    case PATH_NOWHERE:
        text_add(
            sentence,
            "Not even the first router answers probes to the port with a low TTL; other packets reach it.");
        break;
    case PATH_LOOPS:
        text_add(sentence, "Probes with rising TTL meet the same router again at hop %d.",
                 evidence_loop(evidence));
        break;
    default:
        text_add(sentence,
                 "At hop %d \"time exceeded\" comes in the target's own name: the address is translated "
                 "there.",
                 evidence_translator(evidence));
    }
}

TELL(tos)
{
    (void)evidence;
    if (outcome == TOS_COPIED)
        text_add(sentence, "The reset copies the TOS of the probe, as the reset of a closed port does.");
    else
        text_add(sentence,
                 "The reset has TOS 0, but the host's own reset copies the TOS of the probe: a filter sent "
                 "it.");
}

TELL(malformed)
{
    const char *probe =
        evidence->subject.udp ? "a datagram that claims too many octets" : "a SYN with a data offset of 4";

    if (outcome == MALFORMED_ANSWERED)
        text_add(sentence, "Even %s is refused: hosts discard it, only a filter answers.", probe);
    else
        text_add(sentence, "No answer to %s (%u tries), as it is with a host's own refusal.", probe,
                 evidence_count(evidence, ASK_MALFORMED));
}

TELL(ack)
{
    if (outcome == ACK_RESET)
        text_add(sentence, "A lone ACK to the port is answered with a reset: only connection requests are "
                           "discarded.");
    else
        text_add(sentence, "No answer to a lone ACK to the port (%u tries): all segments are discarded.",
                 evidence_count(evidence, ASK_ACK));
}

TELL(protocol)
{
    (void)evidence;
    if (outcome == PROTOCOL_ANSWERED)
        text_add(sentence,
                 "A packet of an unknown protocol is refused with an ICMP error, so such errors get "
                 "through.");
    else
        text_add(sentence, "Not even a packet of an unknown protocol brings an ICMP error back (%u tries).",
                 evidence_count(evidence, ASK_PROTOCOL));
}

TELL(fragment)
{
    (void)evidence;
    if (outcome == FRAGMENT_LINGERED)
        text_add(sentence,
                 "A lone first fragment of the probe reached the host: it reports the reassembly timeout.");
    else
        text_add(sentence,
                 "A lone first fragment of the probe never reached the host, one of an echo request did.");
}

TELL(compare)
{
    char address[SONDE_ADDRESS_TEXT];

    sonde_address_format(&evidence->subject.compare, address);
    if (outcome == COMPARE_ANSWERS)
        text_add(sentence, "The other host %s answers.", address);
    else
        text_add(sentence, "The other host %s does not answer either: what they have in common is at fault.",
                 address);
}

TELL(raw)
{
    (void)evidence, (void)outcome, (void)sentence;
}
