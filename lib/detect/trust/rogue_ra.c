/* SPDX-License-Identifier: MIT */
/* Router advertisements from strangers, or that say what the link's routers never said. */
#include <string.h>

#include "base/macro.h"
#include "detect/detectors.h"
#include "detect/trust/neighbors.h"
#include "detect/trust/router.h"

enum {
    ADVERTISEMENT6 = 134,
    SOLICITATION6 = 133,
    ADVERTISEMENT4 = 9,
    HOP_LIMIT = 255,
    FLOOD_ROUTERS = 8,       /* new ones in a minute */
    HASTE = 5,               /* advertisements in a row */
    LONGEST_LIFETIME = 9000, /* RFC 4861 6.2.1 */
    REGULAR = 4,             /* unsolicited advertisements that show a router's rhythm */
    PERIODS = 3,             /* that a router does not stay silent for */
    LINK_TEXT = 18,
    RAISES_PER_SECOND = 32,
};

#define FLOOD_NS   (60 * NS_PER_S)
#define PAIR_NS    (3 * NS_PER_S) /* two that answer one solicitation (RFC 4861 6.2.6: half a second) */
#define HASTE_NS   (2 * NS_PER_S) /* RFC 4861 6.2.6 wants three seconds between multicast ones */
#define SOLICIT_NS (5 * NS_PER_S)
#define SILENCE_NS (1800 * NS_PER_S) /* RFC 4861 6.2.1: the longest interval */

struct state {
    struct routers routers;
    int64_t solicited_ns;   /* somebody asked for routers */
    int64_t flood_begin_ns; /* of the present minute */
    uint32_t strangers;     /* new routers in it */
    uint32_t flood_s;       /* when the flood was told of last */
    uint32_t raise_s, raised;
};

/* An advertisement. */
struct scene {
    struct watch *watch;
    struct state *state;
    const struct packet *packet;
    struct nd_message nd;
    bool readable;
};

/* What is held against an advertisement. */
struct charge {
    enum severity severity;
    double confidence;
    const char *check;
    const struct nd_message *before; /* to tell changes from, or NULL */
    unsigned changes, excluded;
};

static void describe(struct finding *finding, const struct scene *scene, const struct charge *charge)
{
    struct evidence *evidence = &finding->evidence;
    char *change = finding->words + LINK_TEXT;

    evidence_text(evidence, FACT_CHECK, charge->check);
    evidence_number(evidence, FACT_OBSERVED, 1);
    evidence_number(evidence, FACT_THRESHOLD, 1);
    evidence_text(evidence, FACT_MEASURE, "advertisements that break a rule");
    evidence_number(evidence, FACT_TTL, scene->packet->ttl);
    if (scene->packet->family == 6)
        evidence_number(evidence, FACT_LIFETIME, scene->nd.lifetime_s);
    finding->excluded |= charge->excluded;
    if (scene->packet->mac_length == LINK_OCTETS) {
        link_format(scene->packet->mac, finding->words);
        evidence_text(evidence, FACT_ROUTER_MAC, finding->words);
    }
    if (!charge->before || !charge->changes)
        return;
    router_tell_changes(charge->before, &scene->nd, charge->changes, change, FINDING_WORDS - LINK_TEXT);
    evidence_text(evidence, FACT_CHANGE, change);
}

static void accuse(const struct scene *scene, const struct charge *charge)
{
    const struct packet *packet = scene->packet;
    struct state *state = scene->state;
    struct finding *finding;
    bool fresh, graver;

    if (state->raise_s != scene->watch->now_s) {
        state->raise_s = scene->watch->now_s;
        state->raised = 0;
    }
    if (state->raised++ >= RAISES_PER_SECOND)
        return;
    finding =
        watch_raise(scene->watch, KIND_ROUTER_ADVERTISEMENT_ROGUE, packet, packet->source, NULL, &fresh);
    if (!finding)
        return;
    graver = charge->severity > finding->severity;
    finding_grade(finding, fresh, charge->severity, charge->confidence);
    if (fresh || graver)
        describe(finding, scene, charge);
}

static const char malformed[] = "its options are malformed (RFC 4861 6.1.2)";

/* What makes an advertisement void, whoever sent it (RFC 4861 6.1.2, RFC 6980). */
static const char *fault_of(const struct scene *scene)
{
    const struct packet *packet = scene->packet;

    if (packet->family == 4)
        return packet->ttl == 1 || packet->destination[0] != 224
                   ? NULL
                   : "its TTL is not 1: it did not come from this link (RFC 1256 3)";
    if (packet->ttl != HOP_LIMIT)
        return "its hop limit is not 255: it did not come from this link (RFC 4861 6.1.2)";
    if (packet->source[0] != 0xfe || packet->source[1] >> 6 != 2)
        return "its source is not link-local (RFC 4861 6.1.2)";
    if (packet->code != 0)
        return "its code is not 0 (RFC 4861 6.1.2)";
    if (packet->flags & PACKET_FRAGMENTED)
        return "it is fragmented, which hides it from filters (RFC 6980)";
    if (!scene->readable && !(packet->flags & PACKET_CUT))
        return malformed;
    return NULL;
}

/* A flood of routers, which exhausts the memory of hosts: one finding, not thousands. Returns whether there
 * is one. */
static bool is_flood(const struct scene *scene)
{
    struct state *state = scene->state;
    const struct packet *packet = scene->packet;
    struct finding *finding;
    bool fresh;

    if (packet->time_ns - state->flood_begin_ns > FLOOD_NS) {
        state->flood_begin_ns = packet->time_ns;
        state->strangers = 0;
    }
    if (++state->strangers < FLOOD_ROUTERS)
        return false;
    if (state->strangers > FLOOD_ROUTERS + FINDING_SAMPLES && state->flood_s == scene->watch->now_s)
        return true;
    state->flood_s = scene->watch->now_s;
    finding = watch_raise(scene->watch, KIND_ROUTER_ADVERTISEMENT_ROGUE, packet, NULL, NULL, &fresh);
    if (!finding)
        return true;
    finding_grade(finding, fresh, SEVERITY_ALERT, 0.95);
    evidence_text(&finding->evidence, FACT_CHECK, "more new routers than a link ever has");
    evidence_number(&finding->evidence, FACT_OBSERVED, state->strangers);
    evidence_number(&finding->evidence, FACT_THRESHOLD, FLOOD_ROUTERS);
    evidence_text(&finding->evidence, FACT_MEASURE, "new routers in a minute");
    evidence_number(&finding->evidence, FACT_WINDOW, FLOOD_NS);
    finding->excluded |= 1U << INNOCENT_TWO_ROUTERS | 1U << INNOCENT_BOOT;
    return true;
}

/* What a newcomer says beyond what every rightful router of the link says; *nearest is the one that it
 * differs least from. Returns the facets. */
static unsigned differences(const struct scene *scene, const struct router **nearest, bool *shares_prefix,
                            int64_t *longest_ns)
{
    const struct routers *routers = &scene->state->routers;
    unsigned least = ~0U;

    *shares_prefix = false;
    for (const struct router *row = routers_next(routers, scene->packet, NULL); row;
         row = routers_next(routers, scene->packet, row)) {
        unsigned changes = router_changes(&row->said, &scene->nd);

        if (!*nearest || __builtin_popcount(changes) < __builtin_popcount(least))
            *nearest = row;
        least &= changes;
        *shares_prefix |= router_shares_prefix(&row->said, &scene->nd);
        if (row->regular >= REGULAR && row->longest_ns > *longest_ns)
            *longest_ns = row->longest_ns;
    }
    return least;
}

/* How long a router may stay silent, going by those that advertise regularly (0: none does). */
static int64_t patience(int64_t longest_ns)
{
    int64_t silence_ns = PERIODS * longest_ns + 10 * NS_PER_S;

    return longest_ns && silence_ns < SILENCE_NS ? silence_ns : SILENCE_NS;
}

/* What is held against a router that was never seen, on a link with others. severity INFO: nothing. */
static struct charge charge_newcomer(const struct scene *scene)
{
    const struct packet *packet = scene->packet;
    const struct router *nearest = NULL;
    int64_t longest_ns = 0, silent_ns = packet->time_ns - scene->watch->begin_ns;
    bool shares_prefix;
    unsigned changes = differences(scene, &nearest, &shares_prefix, &longest_ns);
    bool pair = nearest && packet->time_ns - nearest->first_ns < PAIR_NS;
    const unsigned telling = 1U << FACET_PREFIX | 1U << FACET_FLAGS;
    struct charge charge = {SEVERITY_ALERT, 0.9,     "a router that the quiet capture did not show",
                            &nearest->said, changes, 1U << INNOCENT_KNOWN_ROUTER};

    if (scene->watch->learned)
        return charge;
    charge.confidence = 0.75;
    if (changes & telling || (changes && !pair)) {
        charge.check = "a second router, which says something else than the first";
        charge.excluded |= 1U << INNOCENT_TWO_ROUTERS;
    } else if (scene->nd.lifetime_s && !shares_prefix && !pair) {
        charge.check = "a second router, which knows no prefix of this link";
        charge.confidence = 0.6;
    } else if (scene->nd.lifetime_s && silent_ns > patience(longest_ns)) {
        charge.check = "a second router, silent until now for much longer than the first ever was";
        charge.confidence = 0.6;
    } else {
        charge.severity = SEVERITY_INFO;
    }
    return charge;
}

/* Somebody speaks in the name of a router. */
static void judge_namesake(const struct scene *scene, const struct router *namesake)
{
    struct charge charge = {SEVERITY_ALERT,
                            0.95,
                            "a known router's address, but another link address",
                            &namesake->said,
                            router_changes(&namesake->said, &scene->nd),
                            1U << INNOCENT_KNOWN_ROUTER};

    if (scene->packet->family == 6 && scene->nd.lifetime_s == 0)
        charge.check =
            "lifetime 0 in a known router's name, but from another link address: hosts shall forget it";
    accuse(scene, &charge);
}

/* An offer as no router makes it, on a link without others to compare with. */
static bool is_extreme(const struct scene *scene)
{
    return scene->packet->family == 6 && scene->nd.lifetime_s > LONGEST_LIFETIME &&
           (scene->nd.flags & ND_PREFERENCE) == 0x08;
}

/* What is held against a router that was never seen. severity INFO: nothing. */
static struct charge charge_of(const struct scene *scene)
{
    bool alone = !routers_next(&scene->state->routers, scene->packet, NULL);

    if (scene->packet->family == 4 && scene->packet->code == 0)
        return (struct charge){.severity = alone ? SEVERITY_WARNING : SEVERITY_ALERT,
                               .confidence = alone ? 0.5 : 0.8,
                               .check =
                                   "a router makes itself known by ICMPv4, which no network uses any more"};
    if (scene->packet->family == 4)
        return (struct charge){.severity = SEVERITY_INFO};
    if (!alone)
        return charge_newcomer(scene);
    if (scene->watch->learned)
        return (struct charge){.severity = SEVERITY_ALERT,
                               .confidence = 0.9,
                               .check = "a router, where the quiet capture showed none",
                               .excluded = 1U << INNOCENT_KNOWN_ROUTER};
    if (routers_is_foreign(&scene->state->routers, scene->packet, &scene->nd))
        return (struct charge){
            .severity = SEVERITY_ALERT,
            .confidence = 0.6,
            .check = "it announces a prefix in which nobody here lives, while others are in use",
            .excluded = 1U << INNOCENT_BOOT};
    if (is_extreme(scene))
        return (struct charge){.severity = SEVERITY_ALERT,
                               .confidence = 0.5,
                               .check =
                                   "it offers itself with high preference for longer than routers may (RFC "
                                   "4861 6.2.1)"};
    return (struct charge){.severity = SEVERITY_INFO};
}

/* Whether a packet comes from somebody else in the name of a known router; groups that share an address also
 * share a link address, and take over from each other. */
static const struct router *impersonated(const struct scene *scene)
{
    const struct router *namesake = routers_find_namesake(&scene->state->routers, scene->packet);

    return namesake && !link_is_virtual(scene->packet->mac) && !link_is_virtual(namesake->link) ? namesake
                                                                                                : NULL;
}

static void meet(const struct scene *scene)
{
    struct routers *routers = &scene->state->routers;
    const struct packet *packet = scene->packet;
    const struct router *namesake = impersonated(scene);
    struct charge charge = {.severity = SEVERITY_INFO};
    struct router *router;
    bool is_judged = !scene->watch->learning && packet->direction != FRAME_OUT;

    if (is_judged && namesake) {
        judge_namesake(scene, namesake);
        return;
    }
    if (routers_next(routers, packet, NULL) && is_flood(scene))
        return;
    if (is_judged)
        charge = charge_of(scene);
    if (charge.severity > SEVERITY_INFO)
        accuse(scene, &charge);
    router = routers_add(routers, packet, charge.severity != SEVERITY_ALERT);
    router->said = scene->nd;
    router->held = charge.check;
    router->count = 1;
}

/* The time since a router's last advertisement in this capture, or -1. */
static int64_t gap_of(const struct scene *scene, const struct router *router)
{
    bool is_here = router->last_ns >= scene->watch->begin_ns && router->last_ns <= scene->packet->time_ns;

    return is_here ? scene->packet->time_ns - router->last_ns : -1;
}

/* Two speak in one name, one of them with a false link address: what the router said before comes back on
 * time.
 */
static void judge_change(const struct scene *scene, struct router *router)
{
    struct charge charge = {SEVERITY_WARNING,
                            0.5,
                            "a known router says something new",
                            &router->said,
                            router_changes(&router->said, &scene->nd),
                            0};
    int64_t gap_ns = gap_of(scene, router);

    if (charge.changes && !(router->changed & charge.changes)) {
        if (router->count > 1)
            accuse(scene, &charge);
        else
            router->said = scene->nd;
        router->changed = router->count > 1 ? charge.changes : 0;
        return;
    }
    if (charge.changes) { /* said again: the router was set up anew */
        router->said = scene->nd;
    } else if (router->changed && gap_ns >= 0 && gap_ns <= router->longest_ns + router->longest_ns / 5) {
        charge =
            (struct charge){SEVERITY_ALERT,
                            0.8,
                            "in between and off its rhythm, a router said something else: two speak in one "
                            "name",
                            NULL,
                            0,
                            1U << INNOCENT_KNOWN_ROUTER};
        accuse(scene, &charge);
    }
    router->changed = 0;
}

/* RFC 4861 6.2.6; mobile networks (RFC 6275 7.5) may advertise more often. */
static void judge_haste(const struct scene *scene, struct router *router)
{
    const struct packet *packet = scene->packet;
    int64_t gap_ns = gap_of(scene, router);
    struct charge charge = {
        SEVERITY_ALERT, 0.6, "it advertises itself more often than a router may (RFC 4861 6.2.6)",
        NULL,           0,   0};

    if (packet->destination[0] != 0xff || scene->nd.flags & ND_HOME_AGENT ||
        packet->time_ns - scene->state->solicited_ns < SOLICIT_NS)
        return;
    router->hasty = gap_ns >= 0 && gap_ns < HASTE_NS ? router->hasty + 1 : 0;
    if (router->hasty >= HASTE && !scene->watch->learning && packet->direction != FRAME_OUT)
        accuse(scene, &charge);
}

/* A stranger goes on. */
static void accuse_again(const struct scene *scene, const struct router *router)
{
    const struct router *known = routers_next(&scene->state->routers, scene->packet, NULL);
    struct charge charge = {SEVERITY_ALERT, 0.75, router->held, NULL, 0, 1U << INNOCENT_KNOWN_ROUTER};

    if (known) {
        charge.before = &known->said;
        charge.changes = router_changes(&known->said, &scene->nd);
    }
    accuse(scene, &charge);
}

static void meet_again(const struct scene *scene, struct router *router)
{
    int64_t gap_ns = gap_of(scene, router);

    if (!router->is_known) {
        accuse_again(scene, router);
    } else if (scene->packet->family == 6) {
        judge_haste(scene, router);
        if (!scene->watch->learning && scene->packet->direction != FRAME_OUT)
            judge_change(scene, router);
        else
            router->said = scene->nd;
    }
    if (gap_ns > router->longest_ns)
        router->longest_ns = gap_ns;
    if (!router->changed)
        router->last_ns = scene->packet->time_ns;
    router->regular += scene->packet->time_ns - scene->state->solicited_ns > SOLICIT_NS;
    router->count++;
}

static void see(struct watch *watch, void *memory, const struct sighting *sighting)
{
    struct scene scene = {.watch = watch, .state = memory, .packet = sighting->packet, .readable = true};
    const struct packet *packet = sighting->packet;
    struct charge charge = {SEVERITY_ALERT, 0.95, NULL, NULL, 0, 0};
    struct router *router;

    if (packet->class == PACKET_NEIGHBOR) {
        routers_hear_neighbor(&scene.state->routers, packet);
        return;
    }
    if (packet->type == SOLICITATION6 && packet->family == 6)
        scene.state->solicited_ns = packet->time_ns;
    if (packet->type != (packet->family == 6 ? ADVERTISEMENT6 : ADVERTISEMENT4) ||
        packet->flags & PACKET_CROSSED || watch_allows(watch, packet->family, packet->source))
        return;
    if (packet->family == 6)
        scene.readable = nd_parse(slice_of(packet->octets, packet->available), &scene.nd) == 0;
    charge.check = fault_of(&scene);
    if (charge.check) {
        if (charge.check == malformed) /* hosts discard it: broken rather than evil */
            charge.severity = SEVERITY_WARNING;
        accuse(&scene, &charge);
        return;
    }
    router = routers_find(&scene.state->routers, packet);
    if (router)
        meet_again(&scene, router);
    else
        meet(&scene);
}

static const enum finding_kind kinds[] = {KIND_ROUTER_ADVERTISEMENT_ROGUE};

const struct detector detector_rogue_ra = {
    .name = "rogue-ra",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS(PACKET_ROUTER) | WANTS(PACKET_NEIGHBOR),
    .state_size = sizeof(struct state),
    .packet = see,
};
