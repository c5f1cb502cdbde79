/* SPDX-License-Identifier: MIT */
/* What the tests about use saw, as sentences for people. */
#include "base/macro.h"
#include "diagnose/test.h"

TELL(stream)
{
    static const char *const words[] = {
        [STREAM_REPLY] = "A connection opens and the service answers a request.",
        [STREAM_CLOSED] = "A connection opens and the service closes it without data.",
        [STREAM_RESET] = "A connection opens and is then reset.",
        [STREAM_SILENT] = "A connection opens, the request is acknowledged, but no answer comes.",
        [STREAM_STALLED] = "A connection opens, but data are not acknowledged.",
        [STREAM_NOT_OPENED] = "The next connection request gets no answer.",
        [STREAM_UNHEARD] =
            "Probes are answered, yet the kernel hears nothing: this machine discards the answers.",
    };

    (void)evidence;
    text_add(sentence, "%s", words[outcome]);
}

TELL(large)
{
    const struct reply *reply = evidence_first(evidence, ASK_LARGE, NULL);
    unsigned size = large_size(evidence);
    char address[SONDE_ADDRESS_TEXT];

    if (size == 0)
        return;
    switch (outcome) {
    case LARGE_PASSES:
        text_add(sentence, "Packets of %u octets pass unfragmented.", size);
        break;
    case LARGE_REPORTED:
        text_add(sentence, "A packet of %u octets is too big; %s reports an MTU of %u.", size,
                 sonde_address_format(&reply->from, address), reply->mtu);
        break;
    default:
        text_add(sentence,
                 "Packets of %u octets vanish without a report (%u tries); small ones are answered.", size,
                 evidence_count(evidence, ASK_LARGE));
    }
}

TELL(queue)
{
    struct queue_step step = queue_step(evidence);
    struct queue_traffic traffic = queue_traffic(evidence);

    if (outcome == QUEUE_FLAT)
        return;
    if (queue_stands(evidence))
        text_add(sentence, "Round trips grow by %.0f ms between hop %d and hop %d; ",
                 (double)step.height_ns / NS_PER_MS, step.before, step.after);
    else
        text_add(sentence, "Round trips are long, but grow from hop to hop; ");
    text_add(sentence, "%u of %u packets to the host came back, after %.0f to %.0f ms.",
             traffic.sent - traffic.lost, traffic.sent, (double)traffic.least_ns / NS_PER_MS,
             (double)traffic.most_ns / NS_PER_MS);
}

TELL(again)
{
    static const char *const words[] = {
        [AGAIN_SAME] = "All connection requests meet the same.",
        [AGAIN_FEW] = "Not every connection request got an answer, as packets get lost now and then.",
        [AGAIN_MIXED] = "Of several connection requests some are answered and some are not.",
    };

    (void)evidence;
    text_add(sentence, "%s", words[outcome]);
}
