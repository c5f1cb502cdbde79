/* SPDX-License-Identifier: MIT */
/* The detector of things that are out of order: it reads what errors complain of, leaves out scans and
 * forgeries, and hands the rest to those who look for services, bursts and routes. */
#include <string.h>

#include "base/macro.h"
#include "detect/detectors.h"
#include "detect/trouble/burst.h"
#include "detect/trouble/failed.h"
#include "detect/trouble/routing.h"

struct trouble {
    struct clients clients;
    struct candidates services;
    struct failed failed;
    struct burst burst;
    struct routing routing;
};

/* RFC 792, RFC 1812 5.2.7.1. */
static unsigned about4(const struct packet *packet)
{
    static const uint8_t codes[] = {
        [0] = COMPLAINT_NO_ROUTE,  [1] = COMPLAINT_NO_ROUTE | COMPLAINT_HOST,
        [3] = COMPLAINT_REFUSED,   [5] = COMPLAINT_NO_ROUTE,
        [6] = COMPLAINT_NO_ROUTE,  [7] = COMPLAINT_NO_ROUTE,
        [8] = COMPLAINT_NO_ROUTE,  [9] = COMPLAINT_REFUSED,
        [10] = COMPLAINT_REFUSED,  [11] = COMPLAINT_NO_ROUTE,
        [12] = COMPLAINT_NO_ROUTE, [13] = COMPLAINT_REFUSED,
    };

    if (packet->type == 11)
        return packet->code == 0 ? COMPLAINT_EXPIRED : 0;
    if (packet->type != 3 || packet->code == 4)
        return 0;
    return COMPLAINT_UNREACHABLE | (packet->code < COUNT_OF(codes) ? codes[packet->code] : 0);
}

/* RFC 4443 3.1 and 3.3. */
static unsigned about6(const struct packet *packet)
{
    static const uint8_t codes[] = {
        [0] = COMPLAINT_NO_ROUTE, [1] = COMPLAINT_REFUSED, [3] = COMPLAINT_NO_ROUTE | COMPLAINT_HOST,
        [4] = COMPLAINT_REFUSED,  [6] = COMPLAINT_REFUSED,
    };

    if (packet->type == 3)
        return packet->code == 0 ? COMPLAINT_EXPIRED : 0;
    if (packet->type != 1)
        return 0;
    return COMPLAINT_UNREACHABLE | (packet->code < COUNT_OF(codes) ? codes[packet->code] : 0);
}

unsigned complaint_about(const struct packet *packet)
{
    return packet->family == 6 ? about6(packet) : about4(packet);
}

/* The host that gets the error is the one that sent the quoted packet, unless somebody translates addresses.
 */
static uint64_t client_of(const struct watch *watch, const struct sighting *sighting)
{
    const struct packet_quote *quote = sighting->quote;

    if (!memcmp(sighting->packet->destination, quote->source, sizeof(quote->source)))
        return sighting->target_hash;
    return hosts_target_key(sighting->quote_source, quote->family);
}

static void see_error(struct watch *watch, struct trouble *trouble, const struct sighting *sighting)
{
    struct complaint complaint = {.sighting = sighting,
                                  .quote = sighting->quote,
                                  .about = complaint_about(sighting->packet),
                                  .now_s = sighting->now_s};

    if (!complaint.about || !complaint.quote || complaint.quote->family != sighting->packet->family ||
        quoted_is_foreign(watch, sighting))
        return;
    complaint.client = client_of(watch, sighting);
    complaint.target = hosts_target_key(sighting->quote_target, complaint.quote->family);
    complaint.service = quoted_service(watch, complaint.quote, complaint.target);
    if (clients_scan(&trouble->clients, complaint.client, complaint.service, complaint.now_s))
        return;
    complaint.first =
        candidates_find(&trouble->services, complaint.service, (uint32_t)complaint.client, complaint.now_s);
    if (complaint.about & COMPLAINT_REFUSED)
        failed_see(watch, &trouble->failed, &complaint);
    if (complaint.about & COMPLAINT_UNREACHABLE)
        burst_see(watch, &trouble->burst, &complaint);
    if (complaint.about & (COMPLAINT_NO_ROUTE | COMPLAINT_EXPIRED))
        routing_see(watch, &trouble->routing, &complaint);
}

static void see(struct watch *watch, void *state, const struct sighting *sighting)
{
    struct trouble *trouble = state;

    if (sighting->packet->class != PACKET_ERROR)
        tracers_see(&trouble->routing.tracers, watch, sighting);
    else
        see_error(watch, trouble, sighting);
}

static const enum finding_kind kinds[] = {KIND_FAILED_CONNECTIONS, KIND_UNREACHABLE_BURST,
                                          KIND_ROUTING_TROUBLE};

const struct detector detector_trouble = {
    .name = "trouble",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS(PACKET_ERROR) | WANTS(PACKET_ECHO_REQUEST) | WANTS(PACKET_FLOW),
    .only = {[PACKET_ECHO_REQUEST] = TRAIT_SHORT, [PACKET_FLOW] = TRAIT_SHORT},
    .state_size = sizeof(struct trouble),
    .packet = see,
};
