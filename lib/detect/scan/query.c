/* SPDX-License-Identifier: MIT */
/* Reconnaissance by rare queries: clocks, netmasks, names and interfaces, which tell what a host runs.
 * Appliances that ask the same clocks again and again are recognised by their patience. */
#include "detect/scan/query.h"

#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "detect/detectors.h"
#include "detect/scan/suspect.h"
#include "detect/watch.h"

enum {
    ASKERS = 128,
    WAYS = 4,
    TARGETS = 16,   /* the first ones of each asker */
    ENOUGH = 3,     /* questions of one kind */
    KINDS_MIN = 2,  /* or kinds */
    PATIENT_S = 10, /* between questions of an appliance to one host */
    SETTLED_S = 2,  /* time to be answered */
    HOLD_S = 900,   /* rounds of appliances are shorter */
    PERIODS = 2,    /* patient questions to known targets that make an appliance */
    IDLE_S = 3600,  /* then it is as if a host had never asked */
};

/* One kind of query. */
struct query {
    uint8_t family, asks, answers;
    bool alone;     /* one is enough: no current system sends it */
    bool monitored; /* there are appliances that send it */
    const char *name;
};

static const struct query queries[] = {
    {4, 13, 14, false, true, "timestamp"},       {4, 15, 16, true, false, "information"},
    {4, 17, 18, true, false, "address-mask"},    {4, 37, 38, false, false, "domain-name"},
    {4, 42, 43, false, true, "extended-echo"},   {6, 139, 140, false, false, "node-information"},
    {6, 160, 161, false, true, "extended-echo"},
};

/* A host that was asked. */
struct asked {
    uint64_t tag; /* 0: free */
    uint32_t last_s;
};

/* A host that asks. */
struct asker {
    uint64_t tag; /* of its struct source; 0: free */
    uint32_t first_s, last_s, suspected_s;
    uint32_t asked, answered;
    uint32_t told_s, told;             /* when the finding was brought up to date, and questions then */
    uint8_t counts[COUNT_OF(queries)]; /* of each kind; they stop at the top */
    uint8_t kinds;                     /* a bit for each */
    uint8_t family;
    uint8_t periods; /* patient questions to known targets */
    bool suspected, raised;
    struct asked targets[TARGETS];
    uint8_t address[16];
    uint8_t first_target[16], last_target[16], answerer[16];
};

struct reconnaissance {
    struct asker rows[ASKERS];
    struct suspects samples; /* packets of those about whom it is not decided */
};

bool query_is_answer(const struct packet *packet)
{
    for (size_t i = 0; packet->class == PACKET_QUERY && i < COUNT_OF(queries); i++)
        if (queries[i].family == packet->family && queries[i].answers == packet->type)
            return true;
    return false;
}

static size_t query_of(const struct packet *packet)
{
    size_t i = 0;

    while (i < COUNT_OF(queries) && (queries[i].family != packet->family || queries[i].asks != packet->type))
        i++;
    return i;
}

static struct asker *find(struct reconnaissance *state, uint64_t tag, struct asker **victim)
{
    struct asker *set = &state->rows[tag % (ASKERS / WAYS) * WAYS];

    *victim = set;
    for (size_t way = 0; way < WAYS; way++) {
        if (set[way].tag == tag)
            return &set[way];
        if (!set[way].tag || set[way].last_s < (*victim)->last_s)
            *victim = &set[way];
    }
    return NULL;
}

static struct asker *asker_of(struct reconnaissance *state, const struct sighting *sighting)
{
    struct asker *victim, *asker = find(state, sighting->source->tag, &victim);

    if (asker && sighting->now_s - asker->last_s < IDLE_S)
        return asker;
    victim = asker ? asker : victim;
    *victim = (struct asker){
        .tag = sighting->source->tag, .first_s = sighting->now_s, .family = sighting->packet->family};
    memcpy(victim->address, sighting->packet->source, sizeof(victim->address));
    memcpy(victim->first_target, sighting->packet->destination, sizeof(victim->first_target));
    return victim;
}

/* Note whom it asks; somebody who returns to a target after a while is patient. */
static void note_target(struct asker *asker, uint64_t tag, uint32_t now_s)
{
    for (size_t i = 0; i < TARGETS; i++) {
        struct asked *asked = &asker->targets[i];

        if (asked->tag && asked->tag != tag)
            continue;
        asker->periods += asked->tag && now_s - asked->last_s >= PATIENT_S && asker->periods < UINT8_MAX;
        *asked = (struct asked){tag, now_s};
        return;
    }
}

static void note(struct asker *asker, const struct sighting *sighting, size_t kind)
{
    asker->last_s = sighting->now_s;
    asker->asked++;
    asker->counts[kind] += asker->counts[kind] < UINT8_MAX;
    asker->kinds |= (uint8_t)(1 << kind);
    note_target(asker, sighting->target_hash, sighting->now_s);
    memcpy(asker->last_target, sighting->packet->destination, sizeof(asker->last_target));
}

/* What has to be seen to call it reconnaissance. */
struct measure {
    double observed, threshold;
    const char *text;
};

static struct measure measure_of(const struct asker *asker)
{
    struct measure measure = {0, ENOUGH, "queries of one kind"};

    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        if (queries[i].alone && asker->counts[i])
            return (struct measure){asker->counts[i], 1, "queries that no current system sends"};
        if (asker->counts[i] > measure.observed)
            measure.observed = asker->counts[i];
    }
    return __builtin_popcount(asker->kinds) < KINDS_MIN
               ? measure
               : (struct measure){__builtin_popcount(asker->kinds), KINDS_MIN, "kinds of queries"};
}

/* Whether it asks only what appliances ask. */
static bool may_monitor(const struct asker *asker)
{
    for (size_t i = 0; i < COUNT_OF(queries); i++)
        if (asker->counts[i] && !queries[i].monitored)
            return false;
    return __builtin_popcount(asker->kinds) == 1;
}

/* What was asked, and who gave an answer, as a sentence. */
static const char *describe(struct finding *finding, const struct asker *asker)
{
    char text[SONDE_ADDRESS_TEXT];
    struct sonde_address answerer = address_from(asker->family, asker->answerer);
    size_t at = 0;

    for (size_t i = 0; i < COUNT_OF(queries) && at < sizeof(finding->words); i++)
        if (asker->counts[i])
            at += (size_t)snprintf(finding->words + at, sizeof(finding->words) - at, "%s%s", at ? ", " : "",
                                   queries[i].name);
    if (asker->answered && at < sizeof(finding->words))
        snprintf(finding->words + at, sizeof(finding->words) - at, "; answered, last by %s",
                 sonde_address_format(&answerer, text));
    return finding->words;
}

static void state_facts(struct finding *finding, const struct asker *asker)
{
    struct evidence *evidence = &finding->evidence;
    struct measure measure = measure_of(asker);

    if (!finding->subject.source.family) /* it sums up many senders */
        return;
    evidence_number(evidence, FACT_OBSERVED, measure.observed);
    evidence_number(evidence, FACT_THRESHOLD, measure.threshold);
    evidence_text(evidence, FACT_MEASURE, measure.text);
    evidence_text(evidence, FACT_QUERIES, describe(finding, asker));
    evidence_number(evidence, FACT_REQUESTS, asker->asked);
    evidence_number(evidence, FACT_REPLIES, asker->answered);
    evidence_address(evidence, FACT_FIRST_TARGET, address_from(asker->family, asker->first_target));
    evidence_address(evidence, FACT_LAST_TARGET, address_from(asker->family, asker->last_target));
}

static struct finding *raise_one(struct watch *watch, struct asker *asker, const struct packet *packet)
{
    bool fresh;
    int64_t first_ns = watch->now_ns - (watch->now_s - asker->first_s) * NS_PER_S;
    struct finding *finding = watch_raise_prefix(watch, KIND_QUERY_RECONNAISSANCE, packet, asker->family,
                                                 asker->address, 0, NULL, 0, &fresh);

    if (!finding || !fresh)
        return finding;
    finding->patience_ns = HOLD_S * NS_PER_S;
    finding->confidence = may_monitor(asker) ? 0.8 : 0.95;
    finding->excluded = 1U << INNOCENT_ALLOWED | 1U << INNOCENT_MONITORING | 1U << INNOCENT_ONE_ERROR;
    finding->first_ns = first_ns < finding->first_ns ? first_ns : finding->first_ns;
    return finding;
}

/* Say what is known by now; the packets that are not shown as samples are only counted. */
static void raise_about(struct watch *watch, struct reconnaissance *state, struct asker *asker,
                        const struct packet *packet)
{
    struct suspect *suspect = asker->raised ? NULL : suspects_find(&state->samples, asker->tag);
    struct finding *finding = NULL;
    uint64_t before = 0;

    for (size_t i = 0; suspect && i < suspect->count; i++)
        finding = raise_one(watch, asker, suspect_packet(suspect, i));
    if (!suspect)
        finding = raise_one(watch, asker, packet);
    if (finding && asker->told)
        before = finding->packets - (packet && !suspect);
    if (finding)
        finding->packets = before + asker->asked - asker->told;
    if (finding)
        state_facts(finding, asker);
    suspects_drop(&state->samples, asker->tag);
    asker->raised = true;
    asker->told = asker->asked;
    asker->told_s = watch->now_s;
}

/* Appliances ask few kinds, get answers, and come back; the others are plain at once. */
static void decide(struct watch *watch, struct reconnaissance *state, struct asker *asker, bool at_end)
{
    uint32_t waited_s = watch->now_s - asker->suspected_s;

    if (asker->periods >= PERIODS && may_monitor(asker)) {
        asker->suspected = false;
        memset(asker->counts, 0, sizeof(asker->counts));
    } else if (!may_monitor(asker) || at_end || waited_s >= HOLD_S) {
        raise_about(watch, state, asker, NULL);
    } else if (waited_s >= SETTLED_S && asker->answered * 2 < asker->asked) {
        raise_about(watch, state, asker, NULL);
    }
}

static void see_answer(struct reconnaissance *state, const struct watch *watch, const struct packet *packet)
{
    struct asker *victim,
        *asker = find(state, hosts_source_hash(&watch->hosts, packet->family, packet->destination), &victim);

    if (!asker || asker->answered >= asker->asked)
        return;
    asker->answered++;
    memcpy(asker->answerer, packet->source, sizeof(asker->answerer));
}

static void see(struct watch *watch, void *memory, const struct sighting *sighting)
{
    struct reconnaissance *state = memory;
    size_t kind = query_of(sighting->packet);
    struct asker *asker;
    struct measure measure;

    if (query_is_answer(sighting->packet))
        see_answer(state, watch, sighting->packet);
    if (kind == COUNT_OF(queries) || sighting->source->flags & HOST_ALLOWED)
        return;
    asker = asker_of(state, sighting);
    note(asker, sighting, kind);
    if (asker->raised && (asker->asked <= FINDING_SAMPLES || asker->told_s != sighting->now_s))
        raise_about(watch, state, asker, sighting->packet);
    if (asker->raised)
        return;
    measure = measure_of(asker);
    if (!asker->suspected && measure.observed >= measure.threshold) {
        asker->suspected = true;
        asker->suspected_s = sighting->now_s;
    }
    if (!asker->suspected)
        return;
    suspects_keep(&state->samples, asker->tag, sighting->packet);
    decide(watch, state, asker, false);
}

static void decide_all(struct watch *watch, struct reconnaissance *state, bool at_end)
{
    for (size_t i = 0; i < ASKERS; i++) {
        struct asker *asker = &state->rows[i];

        if (asker->raised && asker->asked > asker->told)
            raise_about(watch, state, asker, NULL);
        else if (asker->suspected && !asker->raised)
            decide(watch, state, asker, at_end);
    }
}

static void pass_second(struct watch *watch, void *state, uint32_t now_s)
{
    decide_all(watch, state, false);
    (void)now_s;
}

static void finish(struct watch *watch, void *state)
{
    decide_all(watch, state, true);
    memset(state, 0, sizeof(struct reconnaissance));
}

static const enum finding_kind kinds[] = {KIND_QUERY_RECONNAISSANCE};

const struct detector detector_query = {
    .name = "query",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS(PACKET_QUERY),
    .state_size = sizeof(struct reconnaissance),
    .packet = see,
    .second = pass_second,
    .finish = finish,
};
