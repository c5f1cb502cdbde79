/* SPDX-License-Identifier: MIT */
/* IEEE 802.11 data frames, and the headers that captures put before them. */
#include "wire/link/layer.h"
#include "wire/octets.h"

enum {
    HEADER = 24,
    FOURTH_ADDRESS = 6,
    QOS_CONTROL = 2,
    HT_CONTROL = 4,
    SUBFRAME = 14, /* of an aggregate: two addresses and a length */
};

/* The two octets of frame control (IEEE 802.11 9.2.4.1). */
enum {
    TYPE_MASK = 0x0c,
    TYPE_DATA = 0x08,
    WITHOUT_DATA = 0x40,
    QOS = 0x80,
    TO_DS = 0x01,
    FROM_DS = 0x02,
    PROTECTED = 0x40,
    ORDER = 0x80,
    AGGREGATE = 0x80, /* of QoS control */
};

static uint32_t little32(const uint8_t *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static size_t header_length(const uint8_t *at)
{
    size_t length = HEADER;

    if ((at[1] & TO_DS) && (at[1] & FROM_DS))
        length += FOURTH_ADDRESS;
    if (at[0] & QOS)
        length += QOS_CONTROL + (at[1] & ORDER ? HT_CONTROL : 0);
    return length;
}

/* Which of the addresses is that of the sender depends on the way through the distribution system. */
static const uint8_t *sender(const uint8_t *at)
{
    if (!(at[1] & FROM_DS))
        return at + 10;
    return at[1] & TO_DS ? at + HEADER : at + 16;
}

/* `padded`: the header was filled up to a multiple of four. */
static int read_data(struct link_view *view, bool padded)
{
    const uint8_t *at = view->packet.data;
    size_t length, quality;

    view->protocol = ETHER_NONE;
    if (view->packet.length < 2)
        return -EBADMSG;
    if ((at[0] & TYPE_MASK) != TYPE_DATA || (at[0] & WITHOUT_DATA) || (at[1] & PROTECTED))
        return 0;
    length = header_length(at);
    quality = (at[1] & TO_DS) && (at[1] & FROM_DS) ? HEADER + FOURTH_ADDRESS : HEADER;
    if (layer_skip(view, padded ? (length + 3) / 4 * 4 : length) < 0)
        return -EBADMSG;
    layer_sender(view, sender(at));
    if ((at[0] & QOS) && (at[quality] & AGGREGATE) && layer_skip(view, SUBFRAME) < 0)
        return -EBADMSG;
    return layer_llc(view) < 0 ? -EBADMSG : layer_tags(view);
}

int layer_wireless(struct link_view *view)
{
    return read_data(view, false);
}

/* www.radiotap.org: bitmaps of present fields, then the fields; the flags are the second of them. */
static bool is_padded(struct slice header)
{
    enum { TIME = 1, FLAGS = 2, PADDED = 0x20 };
    const uint32_t more = UINT32_C(1) << 31;
    uint32_t first = little32(header.data + 4);
    size_t at = 8;

    for (uint32_t present = first; present & more; at += 4) {
        if (at + 4 > header.length)
            return false;
        present = little32(header.data + at);
    }
    if (first & TIME)
        at = (at + 7) / 8 * 8 + 8;
    return (first & FLAGS) && at < header.length && (header.data[at] & PADDED);
}

int layer_radiotap(struct link_view *view)
{
    struct slice header = view->packet;

    view->protocol = ETHER_NONE;
    if (header.length < 8)
        return -EBADMSG;
    header.length = (size_t)header.data[3] << 8 | header.data[2];
    if (header.length < 8 || layer_skip(view, header.length) < 0)
        return -EBADMSG;
    return read_data(view, is_padded(header));
}

int layer_prism(struct link_view *view)
{
    enum { PRISM = 144, AVS_COOKIE = 0x80211 };
    const uint8_t *at = view->packet.data;
    size_t length = PRISM;

    view->protocol = ETHER_NONE;
    if (view->packet.length < 8)
        return -EBADMSG;
    if (octets_get32(at) >> 12 == AVS_COOKIE)
        length = octets_get32(at + 4);
    return length < 8 || layer_skip(view, length) < 0 ? -EBADMSG : read_data(view, false);
}
