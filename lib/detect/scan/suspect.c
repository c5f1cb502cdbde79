/* SPDX-License-Identifier: MIT */
/* Senders about whom it is not clear yet whether they scan. */
#include "detect/scan/suspect.h"

#include <string.h>

/* The n-th place of a sender. */
static struct suspect *place_of(struct suspects *suspects, uint64_t tag, unsigned n)
{
    uint64_t set = (tag >> 16) % (SUSPECTS / SUSPECT_WAYS), way = ((tag >> 8) + n) % SUSPECT_WAYS;

    return &suspects->rows[set * SUSPECT_WAYS + way];
}

struct suspect *suspects_find(struct suspects *suspects, uint64_t tag)
{
    for (unsigned n = 0; n < SUSPECT_WAYS; n++)
        if (place_of(suspects, tag, n)->tag == tag)
            return place_of(suspects, tag, n);
    return NULL;
}

/* The sender's place, or one for him: free, or of somebody who is not held; NULL when there is none. */
static struct suspect *find_place(struct suspects *suspects, uint64_t tag)
{
    struct suspect *found = suspects_find(suspects, tag);

    for (unsigned n = 0; n < SUSPECT_WAYS && !found; n++)
        if (place_of(suspects, tag, n)->tag == 0)
            found = place_of(suspects, tag, n);
    for (unsigned n = 0; n < SUSPECT_WAYS && !found; n++)
        if (!place_of(suspects, tag, n)->held)
            found = place_of(suspects, tag, n);
    return found;
}

static void keep(struct suspect *row, uint64_t tag, const struct packet *packet)
{
    const struct slice *data = &packet->frame->data;
    struct suspect_sample *sample;

    if (row->tag != tag) {
        row->count = 0;
        row->held = false;
    }
    row->tag = tag;
    if (row->count == SUSPECT_SAMPLES)
        return;
    sample = &row->samples[row->count++];
    sample->packet = *packet;
    sample->packet.octets = NULL;
    sample->packet.available = 0;
    sample->frame = *packet->frame;
    sample->frame.data.length = data->length < FINDING_SAMPLE_MAX ? data->length : FINDING_SAMPLE_MAX;
    memcpy(sample->octets, data->data, sample->frame.data.length);
}

void suspects_keep(struct suspects *suspects, uint64_t tag, const struct packet *packet)
{
    struct suspect *row = find_place(suspects, tag);

    row = row ? row : place_of(suspects, tag, 0);
    keep(row, tag, packet);
    row->held = true;
}

void suspects_offer(struct suspects *suspects, uint64_t tag, const struct packet *packet)
{
    struct suspect *row = find_place(suspects, tag);

    if (row)
        keep(row, tag, packet);
}

void suspects_drop(struct suspects *suspects, uint64_t tag)
{
    struct suspect *row = suspects_find(suspects, tag);

    if (!row)
        return;
    row->tag = 0;
    row->held = false;
}

const struct packet *suspect_packet(struct suspect *suspect, size_t index)
{
    struct suspect_sample *sample = &suspect->samples[index];

    sample->frame.data.data = sample->octets;
    sample->packet.frame = &sample->frame;
    return &sample->packet;
}
