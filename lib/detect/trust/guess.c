/* SPDX-License-Identifier: MIT */
/* Errors between two hosts that prove nothing one by one, but show a pattern together: somebody guesses. */
#include "detect/trust/guess.h"

#include "base/macro.h"
#include "wire/tcp.h"

enum { FAR = 1 << 30 /* octets; the largest window that TCP can have (RFC 7323 2.3) */ };

#define PAIR_NS (60 * NS_PER_S)

struct pair *pairs_get(struct pairs *pairs, const struct watch *watch, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    uint64_t tag = hash_with(&watch->options.key, sighting->source_hash, sighting->target_hash) | 1;
    struct pair *pair = &pairs->rows[(tag >> 8) % PAIRS];

    if (pair->tag != tag || packet->time_ns - pair->begin_ns > PAIR_NS || packet->time_ns < pair->begin_ns)
        *pair = (struct pair){.tag = tag,
                              .begin_ns = packet->time_ns,
                              .sequence = sighting->quote->sequence,
                              .source_port = sighting->quote->source_port,
                              .destination_port = sighting->quote->destination_port,
                              .last_port = sighting->quote->source_port};
    return pair;
}

void pair_count(uint8_t *counter)
{
    *counter = (uint8_t)(*counter + (*counter < UINT8_MAX));
}

bool quote_is_middle(const struct packet_quote *quote)
{
    return quote->whole && !(quote->flags & (TCP_SYN | TCP_RST | TCP_FIN)) && quote->flags & TCP_ACK;
}

static const struct {
    size_t counter;
    const char *sentence;
} patterns[] = {
    {offsetof(struct pair, same), "ever other ports of one host, all with one sequence number"},
    {offsetof(struct pair, leaps), "sequence numbers of one connection, further apart than any window"},
    {offsetof(struct pair, rises), "connections of one port after the other, none of them opened"},
};

/* Honest errors follow what connections send, and who opens one after the other is refused at the first
 * packet of each. */
const char *guess_find(struct pair *pair, const struct packet_quote *quote, unsigned *observed)
{
    int32_t leap = (int32_t)(quote->sequence - pair->sequence);
    bool moved = quote->source_port != pair->source_port;
    bool rose = quote->source_port == (uint16_t)(pair->last_port + 1) && quote_is_middle(quote);

    if (!quote->ports || quote->destination_port != pair->destination_port ||
        (quote->whole && !quote_is_middle(quote)))
        return NULL;
    pair->last_port = quote->source_port;
    if (moved && leap == 0)
        pair_count(&pair->same);
    if (!moved && (leap > FAR || leap < -FAR))
        pair_count(&pair->leaps);
    if (rose)
        pair_count(&pair->rises);
    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        *observed = *((const uint8_t *)pair + patterns[i].counter) + 1U;
        if (*observed >= GUESS_LEAST)
            return patterns[i].sentence;
    }
    return NULL;
}
