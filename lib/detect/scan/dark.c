/* SPDX-License-Identifier: MIT */
/* Traffic to addresses where nobody lives: ranges that the user declared, and inside addresses that were
 * silent in the whole quiet capture. One packet is a note, several targets of one sender are an attack. */
#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"
#include "detect/detectors.h"
#include "detect/scan/lease.h"
#include "detect/scan/suspect.h"
#include "detect/scan/tool.h"
#include "detect/watch.h"
#include "wire/octets.h"

enum {
    SENDERS = 512,
    WAYS = 4,
    TARGETS = 3,    /* different dark targets that make an attack */
    NOTES_MAX = 12, /* notes that are open at a time: backscatter of a flood must not fill the table */
    EPHEMERAL = 1024,
    IDLE_S = 3600, /* then it is as if a sender had never been seen */
    PATIENCE_S = 1800,
};

/* A sender to dark addresses. */
struct sender {
    uint64_t tag; /* 0: free */
    uint64_t targets[TARGETS];
    uint32_t first_s, last_s, told_s;
    uint32_t packets, told; /* packets, and how many the finding knows of */
    uint8_t count, samples; /* different targets; times that the finding was raised with a packet */
    uint8_t first_target[16];
    uint8_t address[16]; /* of IPv6, the one that was seen first of its /64 */
};

struct dark {
    struct sender senders[SENDERS];
    struct suspects samples; /* the packets before it was clear */
    struct leases leases;
};

/* Whether a packet asks for something: answers to forged packets come to dark ranges too. */
static bool asks(const struct packet *packet)
{
    switch ((enum packet_class)packet->class) {
    case PACKET_ECHO_REQUEST:
        return true;
    case PACKET_QUERY:
        return packet->family == 4 ? packet->type % 2 == (packet->type < 42)
                                   : packet->type % 2 == (packet->type == 139);
    case PACKET_FLOW:
        if (packet->fragment_offset || packet->available < 4)
            return false;
        if (packet->protocol == IPPROTO_TCP)
            return packet->available >= 14 && (packet->octets[13] & 0x17) == 2; /* SYN, not ACK, RST, FIN */
        return packet->protocol == IPPROTO_UDP &&
               (octets_get16(packet->octets) >= EPHEMERAL || octets_get16(packet->octets + 2) < EPHEMERAL);
    default:
        return false;
    }
}

/* Inside, and silent for as long as the quiet capture was read and since. */
static bool is_silent(const struct watch *watch, const struct packet *packet)
{
    const struct prefixes *internal = &watch->options.profile.internal;

    return watch->learned && internal->count &&
           prefixes_hold(internal, packet->family, packet->destination) &&
           !flows_is_sender(&watch->flows, packet->destination);
}

static bool is_dark(const struct watch *watch, const struct packet *packet)
{
    const struct prefixes *dark = &watch->options.profile.dark;

    return (dark->count && prefixes_hold(dark, packet->family, packet->destination)) ||
           is_silent(watch, packet);
}

static struct sender *sender_of(struct dark *state, uint64_t tag, const struct packet *packet, uint32_t now_s)
{
    struct sender *set = &state->senders[tag % (SENDERS / WAYS) * WAYS], *victim = set;

    for (size_t way = 0; way < WAYS; way++) {
        if (set[way].tag == tag && now_s - set[way].last_s <= IDLE_S)
            return &set[way];
        if (set[way].tag == tag || !set[way].tag ||
            (victim->tag != tag && victim->tag && set[way].last_s < victim->last_s))
            victim = &set[way];
    }
    *victim = (struct sender){.tag = tag, .first_s = now_s, .last_s = now_s};
    memcpy(victim->first_target, packet->destination, sizeof(victim->first_target));
    memcpy(victim->address, packet->source, sizeof(victim->address));
    return victim;
}

static bool add_target(struct sender *sender, uint64_t target)
{
    for (size_t i = 0; i < sender->count; i++)
        if (sender->targets[i] == target)
            return false;
    if (sender->count == TARGETS)
        return false;
    sender->targets[sender->count++] = target;
    return true;
}

static void state_facts(struct finding *finding, const struct sender *sender, const struct packet *packet)
{
    struct evidence *evidence = &finding->evidence;

    if (!finding->subject.source.family) /* it sums up many senders */
        return;
    evidence_number(evidence, FACT_OBSERVED, sender->count);
    evidence_number(evidence, FACT_THRESHOLD, finding->severity == SEVERITY_ALERT ? TARGETS : 1);
    evidence_text(evidence, FACT_MEASURE, "unused addresses that one host sent to");
    evidence_address(evidence, FACT_FIRST_TARGET, address_from(packet->family, sender->first_target));
    evidence_address(evidence, FACT_LAST_TARGET, address_from(packet->family, packet->destination));
    if (tool_name(tool_guess(packet)))
        evidence_text(evidence, FACT_TOOL, tool_name(tool_guess(packet)));
}

/* One or two targets may be a mistake: a note about each. */
static void note(struct watch *watch, const struct sender *sender, const struct packet *packet)
{
    struct finding *finding;

    if (watch->findings->of_kind[KIND_DARK_SPACE_PROBE] >= NOTES_MAX)
        return;
    finding = watch_raise(watch, KIND_DARK_SPACE_PROBE, packet, sender->address, packet->destination, NULL);
    if (!finding)
        return;
    finding->severity = SEVERITY_INFO;
    finding->confidence = 0.5;
    state_facts(finding, sender, packet);
}

static void accuse(struct watch *watch, struct dark *state, struct sender *sender,
                   const struct packet *packet)
{
    struct suspect *suspect = sender->told ? NULL : suspects_find(&state->samples, sender->tag);
    struct finding *finding;
    bool fresh, made = false;

    for (size_t i = 0; suspect && i < suspect->count; i++) {
        watch_raise(watch, KIND_DARK_SPACE_PROBE, suspect_packet(suspect, i), sender->address, NULL, &fresh);
        made |= fresh;
    }
    finding = watch_raise(watch, KIND_DARK_SPACE_PROBE, packet, sender->address, NULL, &fresh);
    made |= fresh;
    if (finding && made)
        finding->packets = sender->packets;
    else if (finding)
        finding->packets += sender->packets - sender->told - 1;
    if (finding) {
        finding->patience_ns = PATIENCE_S * NS_PER_S;
        finding->excluded = 1U << INNOCENT_ALLOWED | 1U << INNOCENT_ONE_ERROR;
        state_facts(finding, sender, packet);
    }
    if (finding && made)
        finding->first_ns -= (watch->now_s - sender->first_s) * NS_PER_S;
    suspects_drop(&state->samples, sender->tag);
    sender->told = sender->packets;
    sender->told_s = watch->now_s;
    sender->samples += sender->samples < FINDING_SAMPLES;
}

static void see_probe(struct watch *watch, struct dark *state, const struct packet *packet)
{
    struct sender *sender = sender_of(state, hosts_source_hash(&watch->hosts, packet->family, packet->source),
                                      packet, watch->now_s);
    bool added = add_target(sender, hosts_target_hash(&watch->hosts, packet->family, packet->destination));

    sender->last_s = watch->now_s;
    sender->packets++;
    if (sender->count < TARGETS && added) {
        suspects_keep(&state->samples, sender->tag, packet);
        note(watch, sender, packet);
    } else if (sender->count == TARGETS &&
               (sender->samples < FINDING_SAMPLES || sender->told_s != watch->now_s)) {
        accuse(watch, state, sender, packet);
    }
}

static void see(struct watch *watch, void *memory, const struct sighting *sighting)
{
    struct dark *state = memory;
    const struct packet *packet = sighting->packet;

    if (packet->class == PACKET_FLOW)
        leases_see(&state->leases, packet);
    if (!(watch->options.profile.dark.count || watch->learned) || !asks(packet) || !is_dark(watch, packet))
        return;
    if (watch_allows(watch, packet->family, packet->source) ||
        leases_server(&state->leases, packet->family, packet->source) ||
        tool_use(tool_guess(packet)) == TOOL_LEASES)
        return;
    see_probe(watch, state, packet);
}

static void finish(struct watch *watch, void *memory)
{
    struct dark *state = memory;

    memset(state->senders, 0, sizeof(state->senders));
    memset(&state->samples, 0, sizeof(state->samples));
    (void)watch;
}

static const enum finding_kind kinds[] = {KIND_DARK_SPACE_PROBE};

const struct detector detector_dark = {
    .name = "dark",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS(PACKET_ECHO_REQUEST) | WANTS(PACKET_QUERY) | WANTS(PACKET_FLOW),
    .only = {[PACKET_ECHO_REQUEST] = TRAIT_PROFILED, [PACKET_QUERY] = TRAIT_PROFILED},
    .state_size = sizeof(struct dark),
    .packet = see,
    .finish = finish,
};
