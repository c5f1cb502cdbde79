/* SPDX-License-Identifier: MIT */
/* What errors are about: the destinations and services that most of them quote. */
#include "detect/state/complaint.h"

#include <netinet/in.h>
#include <string.h>

/* An echo has an identifier where TCP and UDP have a port: it names no service. */
static uint16_t port_of(const struct packet_quote *quote)
{
    bool service =
        quote->protocol == IPPROTO_TCP || quote->protocol == IPPROTO_UDP || quote->protocol == IPPROTO_SCTP;

    return service && quote->ports ? quote->destination_port : 0;
}

/* The row of a tag, or the lightest one of its set. */
static struct complaint_row *row_of(struct complaints *complaints, uint64_t tag)
{
    struct complaint_row *set = complaints->rows + (tag >> 32) % COMPLAINT_SETS * COMPLAINT_WAYS, *row = set;

    for (int way = 0; way < COMPLAINT_WAYS; way++) {
        if (set[way].tag == tag)
            return set + way;
        if (set[way].weight < row->weight)
            row = set + way;
    }
    return row;
}

void complaints_count(struct complaints *complaints, const struct hash_key *key, uint64_t target_hash,
                      const struct packet *packet, const struct packet_quote *quote, uint32_t now_s)
{
    uint16_t port = port_of(quote);
    uint64_t tag = hash_with(key, target_hash, (uint64_t)port << 8 | quote->protocol) | 1;
    struct complaint_row *row = row_of(complaints, tag);

    if (row->tag != tag && row->weight > 0) { /* strangers wear a row down before one of them gets it */
        row->weight--;
        return;
    }
    if (row->tag != tag) {
        *row = (struct complaint_row){
            .tag = tag, .port = port, .family = quote->family, .protocol = quote->protocol};
        memcpy(row->address, quote->destination, sizeof(row->address));
    }
    row->type = packet->type;
    row->code = packet->code;
    row->packets++;
    row->weight++;
    row->last_s = now_s;
}

size_t complaints_top(const struct complaints *complaints, const struct complaint_row **top, size_t most)
{
    size_t count = 0;

    for (size_t i = 0; i < COMPLAINT_SETS * COMPLAINT_WAYS; i++) {
        const struct complaint_row *row = complaints->rows + i;
        size_t at = count;

        if (!row->tag || (count == most && row->packets <= top[most - 1]->packets))
            continue;
        for (; at > 0 && top[at - 1]->packets < row->packets; at--)
            if (at < most)
                top[at] = top[at - 1];
        top[at] = row;
        count += count < most;
    }
    return count;
}
