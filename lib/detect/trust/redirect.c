/* SPDX-License-Identifier: MIT */
/* Redirects: each one is checked for whether the victim's own router may have sent it, and for a good reason.
 */
#include <string.h>

#include "base/macro.h"
#include "detect/detectors.h"
#include "detect/trust/neighbors.h"
#include "detect/trust/quote.h"
#include "wire/nd.h"

enum { RAISES_PER_SECOND = 32, REDIRECT4_CODES = 4, HOP_LIMIT = 255 };

struct state {
    struct neighbors neighbors;
    struct quote_budget budget;
    uint32_t now_s, raised;
};

/* A redirect, and all that it is compared with. */
struct scene {
    const struct watch *watch;
    const struct neighbors *neighbors;
    const struct sighting *sighting;
    const struct packet *packet;
    struct quote_judgement quote;
    struct nd_message nd; /* of IPv6 */
    bool readable;
    uint8_t gateway[16]; /* the new first hop */
};

enum outcome { UNKNOWN, PASSED, FAILED };

static enum outcome fail_if(bool fails)
{
    return fails ? FAILED : PASSED;
}

static bool equal(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, 16) == 0;
}

static bool is_link_local(const uint8_t *address)
{
    return address[0] == 0xfe && address[1] >> 6 == 2;
}

static enum outcome check_whole(const struct scene *scene)
{
    return scene->packet->flags & PACKET_CUT ? UNKNOWN : fail_if(!scene->readable);
}

static enum outcome check_code(const struct scene *scene)
{
    return fail_if(scene->packet->code >= (scene->packet->family == 4 ? REDIRECT4_CODES : 1));
}

/* Who sends to a neighbour has not yet taken anything from the number that systems begin with. */
static enum outcome check_hop_limit(const struct scene *scene)
{
    static const uint8_t first[] = {30, 32, 60, 64, 128, HOP_LIMIT};

    if (scene->packet->family == 6)
        return fail_if(scene->packet->ttl != HOP_LIMIT);
    return fail_if(!memchr(first, scene->packet->ttl, sizeof(first)));
}

static enum outcome check_source(const struct scene *scene)
{
    return scene->packet->family == 4 ? UNKNOWN : fail_if(!is_link_local(scene->packet->source));
}

static bool is_group4(const uint8_t *address)
{
    return address[0] >= 224 || address[0] == 0 || address[0] == 127;
}

static enum outcome check_gateway(const struct scene *scene)
{
    if (scene->packet->family == 4)
        return fail_if(is_group4(scene->gateway) || equal(scene->gateway, scene->packet->destination));
    return fail_if(!is_link_local(scene->gateway) && !equal(scene->gateway, scene->nd.destination));
}

static enum outcome check_receiver(const struct scene *scene)
{
    const uint8_t *to = scene->packet->destination;

    return fail_if(scene->packet->family == 4 ? is_group4(to) : to[0] == 0xff);
}

/* RFC 1122 3.2.2.2. How long the prefix is nobody says; no link has more than 65,536 addresses, but in 10/8.
 */
static enum outcome check_network(const struct scene *scene)
{
    const uint8_t *victim = scene->packet->destination;

    if (scene->packet->family == 6)
        return UNKNOWN;
    return fail_if(memcmp(scene->gateway, victim, victim[0] == 10 ? 1 : 2) != 0);
}

static enum outcome check_itself(const struct scene *scene)
{
    return fail_if(equal(scene->gateway, scene->packet->source));
}

static enum outcome known(enum neighbor_known known)
{
    return known == NEIGHBOR_UNKNOWN ? UNKNOWN : fail_if(known == NEIGHBOR_DIFFERENT);
}

static enum outcome check_sender(const struct scene *scene)
{
    return known(neighbors_compare(scene->neighbors, scene->watch, scene->packet, scene->packet->source));
}

/* RFC 1122 3.2.2.2, RFC 4861 8.1: only the present first hop may redirect. */
static enum outcome check_first_hop(const struct scene *scene)
{
    const struct packet_quote *quote = scene->sighting->quote;

    if (!quote || quote->family != scene->packet->family)
        return UNKNOWN;
    return known(neighbors_compare_hop(scene->neighbors, scene->watch, scene->packet, quote->source,
                                       quote->destination));
}

static enum outcome check_machine(const struct scene *scene)
{
    if (equal(scene->gateway, scene->packet->source))
        return UNKNOWN;
    if (scene->nd.has_target_link && link_is_told(scene->packet) &&
        !memcmp(scene->nd.target_link, scene->packet->mac, LINK_OCTETS))
        return FAILED;
    return neighbors_compare(scene->neighbors, scene->watch, scene->packet, scene->gateway) == NEIGHBOR_SAME
               ? FAILED
               : UNKNOWN;
}

/* A router that is the victim's first hop is one, even if its turn to advertise has not come. */
static enum outcome check_advertised(const struct scene *scene)
{
    enum outcome outcome;

    if (scene->packet->family == 4)
        return UNKNOWN;
    outcome = known(neighbors_is_router(scene->neighbors, scene->watch, scene->packet));
    return outcome == FAILED && check_first_hop(scene) == PASSED ? UNKNOWN : outcome;
}

static enum outcome check_quote(const struct scene *scene)
{
    return scene->packet->flags & PACKET_CUT && !scene->sighting->quote ? UNKNOWN
                                                                        : fail_if(!scene->sighting->quote);
}

static enum outcome check_quoted_header(const struct scene *scene)
{
    const struct packet_quote *quote = scene->sighting->quote;

    if (!quote)
        return UNKNOWN;
    return fail_if(quote->ttl == 0 || quote->length <= (quote->family == 4 ? 20U : 40U) ||
                   (quote->family == 6 && !equal(quote->destination, scene->nd.destination)));
}

static enum outcome check_quoted_sender(const struct scene *scene)
{
    return scene->sighting->quote ? fail_if(scene->quote.verdict == QUOTE_FOREIGN) : UNKNOWN;
}

static enum outcome check_sent(const struct scene *scene)
{
    switch (scene->quote.verdict) {
    case QUOTE_SENT:
        return PASSED;
    case QUOTE_UNSEEN:
    case QUOTE_OUTSIDE:
    case QUOTE_OF_ERROR:
        return FAILED;
    default:
        return UNKNOWN;
    }
}

/* Every check, the most telling last: its sentence is the one that the finding shows. */
static const struct check {
    enum outcome (*run)(const struct scene *scene);
    const char *failed;
    unsigned excluded;
    bool supports; /* passing it speaks for the redirect */
} checks[] = {
    {check_whole, "the message is cut, or its options are malformed", 0, false},
    {check_code, "its code is not assigned", 0, false},
    {check_itself, "the sender names itself as the better first hop", 1U << INNOCENT_TWO_ROUTERS, false},
    {check_receiver, "it went to a group of hosts", 0, false},
    {check_quoted_header, "the quoted packet cannot exist, or went elsewhere", 1U << INNOCENT_QUOTE_OURS,
     false},
    {check_quote, "it quotes no packet, as every router does", 1U << INNOCENT_QUOTE_OURS, false},
    {check_gateway, "the new first hop is not the address of a router", 1U << INNOCENT_TWO_ROUTERS, false},
    {check_network, "the new first hop is not in the victim's network (RFC 1122 3.2.2.2)",
     1U << INNOCENT_TWO_ROUTERS, false},
    {check_sent, "the victim never sent the quoted packet", 1U << INNOCENT_QUOTE_OURS, true},
    {check_quoted_sender, "the quoted packet was sent by somebody else than the victim",
     1U << INNOCENT_QUOTE_OURS, false},
    {check_advertised, "its sender never advertised itself as a router", 1U << INNOCENT_TWO_ROUTERS, true},
    {check_source, "its source is not link-local (RFC 4861 8.1)", 0, false},
    {check_hop_limit, "it passed routers, as no redirect does", 0, false},
    {check_machine, "its sender and the new first hop have the same link address", 1U << INNOCENT_TWO_ROUTERS,
     false},
    {check_first_hop, "the victim's packets to that destination go to another router",
     1U << INNOCENT_TWO_ROUTERS, true},
    {check_sender, "its sender used another link address before", 1U << INNOCENT_TWO_ROUTERS, false},
};

/* What came out. */
struct result {
    unsigned failed, supported, excluded;
    const char *check;
};

static struct result run_checks(const struct scene *scene)
{
    struct result result = {0};

    for (size_t i = 0; i < COUNT_OF(checks); i++) {
        enum outcome outcome = checks[i].run(scene);

        result.supported += outcome == PASSED && checks[i].supports;
        if (outcome != FAILED)
            continue;
        result.failed++;
        result.excluded |= checks[i].excluded;
        result.check = checks[i].failed;
    }
    return result;
}

static void describe(struct finding *finding, const struct scene *scene, const struct result *result)
{
    struct evidence *evidence = &finding->evidence;

    if (scene->sighting->quote)
        quote_describe(finding, scene->sighting, &scene->quote);
    evidence_number(evidence, FACT_OBSERVED, result->failed);
    evidence_number(evidence, FACT_THRESHOLD, 1);
    evidence_text(evidence, FACT_MEASURE, "checks that failed");
    evidence_address(evidence, FACT_GATEWAY, packet_address(scene->packet, scene->gateway));
    evidence_number(evidence, FACT_TTL, scene->packet->ttl);
    evidence_number(evidence, FACT_ICMP_CODE, scene->packet->code);
    evidence_text(evidence, FACT_CHECK, result->check);
    finding->excluded |= result->excluded;
    if (scene->packet->mac_length != LINK_OCTETS)
        return;
    link_format(scene->packet->mac, finding->words);
    evidence_text(evidence, FACT_ROUTER_MAC, finding->words);
}

/* Hosts hardly ever get redirects, so one that nothing speaks for is held against its sender; but two routers
 * on one link send them rightly. */
static void decide(struct watch *watch, const struct scene *scene)
{
    struct result result = run_checks(scene);
    const struct packet *packet = scene->packet;
    struct finding *finding;
    bool fresh;

    finding = watch_raise(watch, KIND_REDIRECT, packet, packet->source, packet->destination, &fresh);
    if (!finding)
        return;
    if (!result.failed && !result.supported)
        result.check = "neither its sender nor the packet that it quotes was ever seen";
    if (check_whole(scene) == FAILED) /* hosts discard it: broken rather than evil */
        finding_grade(finding, fresh, SEVERITY_WARNING, 0.8);
    else if (result.failed)
        finding_grade(finding, fresh, SEVERITY_ALERT, result.failed == 1 ? 0.8 : 0.95);
    else
        finding_grade(finding, fresh, result.supported ? SEVERITY_INFO : SEVERITY_ALERT,
                      result.supported ? 0.8 : 0.5);
    if (fresh || result.failed)
        describe(finding, scene, &result);
}

static void judge(struct watch *watch, struct state *state, const struct sighting *sighting)
{
    struct scene scene = {.watch = watch,
                          .neighbors = &state->neighbors,
                          .sighting = sighting,
                          .packet = sighting->packet,
                          .readable = true};
    const struct packet *packet = sighting->packet;

    if (packet->family == 6) {
        scene.readable = nd_parse(slice_of(packet->octets, packet->available), &scene.nd) == 0;
        memcpy(scene.gateway, scene.nd.target, sizeof(scene.gateway));
    } else if (packet->available >= 8) {
        memcpy(scene.gateway, packet->octets + 4, 4);
    }
    if (sighting->quote)
        scene.quote = quote_judge(watch, sighting, &state->budget);
    decide(watch, &scene);
}

static void see_redirect(struct watch *watch, struct state *state, const struct sighting *sighting)
{
    if (state->now_s != sighting->now_s) {
        state->now_s = sighting->now_s;
        state->raised = 0;
    }
    if (sighting->packet->flags & PACKET_CROSSED || state->raised++ >= RAISES_PER_SECOND ||
        watch_allows(watch, sighting->packet->family, sighting->packet->source))
        return;
    judge(watch, state, sighting);
}

static void see(struct watch *watch, void *memory, const struct sighting *sighting)
{
    struct state *state = memory;

    if (sighting->packet->class == PACKET_REDIRECT)
        see_redirect(watch, state, sighting);
    else if (neighbors_want(&state->neighbors, sighting->packet, sighting->now_s))
        neighbors_learn(&state->neighbors, watch, sighting->packet, sighting->now_s);
}

static const enum finding_kind kinds[] = {KIND_REDIRECT};

const struct detector detector_redirect = {
    .name = "redirect",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS_ALL,
    .only = {[0 ... PACKET_ERROR] = TRAIT_EARLY,
             [PACKET_NEIGHBOR] = TRAIT_EARLY,
             [PACKET_QUERY... PACKET_FLOW] = TRAIT_EARLY},
    .state_size = sizeof(struct state),
    .packet = see,
};
