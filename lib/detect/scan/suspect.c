/* SPDX-License-Identifier: MIT */
/* Senders about whom it is not clear yet whether they scan. */
#include "detect/scan/suspect.h"

#include <string.h>

static struct suspect *row_of(struct suspects *suspects, uint64_t tag)
{
    return &suspects->rows[(tag >> 16) % SUSPECTS];
}

struct suspect *suspects_find(struct suspects *suspects, uint64_t tag)
{
    struct suspect *row = row_of(suspects, tag);

    return row->tag == tag ? row : NULL;
}

static void keep(struct suspect *row, uint64_t tag, const struct packet *packet)
{
    const struct slice *data = &packet->frame->data;
    struct suspect_sample *sample;

    if (row->tag != tag)
        row->count = 0;
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
    struct suspect *row = row_of(suspects, tag);

    keep(row, tag, packet);
    row->held = true;
}

void suspects_offer(struct suspects *suspects, uint64_t tag, const struct packet *packet)
{
    struct suspect *row = row_of(suspects, tag);

    if (row->tag != tag && row->held)
        return;
    row->held &= row->tag == tag;
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
