/* SPDX-License-Identifier: MIT */
/* Tunnels in echo messages: pairs of hosts whose pings are none, judged by how many independent signs there
 * are.
 */
#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "detect/covert/payload.h"
#include "detect/detectors.h"
#include "detect/watch.h"
#include "wire/octets.h"

enum {
    HEADER = 8, /* of an echo message */
    PAIRS_SETS = 16,
    PAIRS_WAYS = 8,
    CANDIDATES = 1024,
    ASKED = 1024,
    COMPARED = 64, /* octets of a payload that are compared with the one before */
    NEEDED = 3,    /* signs that make a finding */
    NOVEL = 4,     /* payloads that are new, of one direction */
    DIFFERENT = 4, /* octets in which a new payload differs at least, and */
    DIFFERENT_PERCENT = 30,
    BUSY = 5,       /* new payloads, at */
    BUSY_PER_S = 2, /* so many a second: pings come once a second */
    MANY = 8,       /* new payloads that say something, at any rate */
    BOTH = 5,       /* new payloads in each direction */
    TOLD_S = 60,    /* a finding is open for so long after the last word about it */
    ORPHANS = 3,    /* replies that nobody asked for */
    ALTERED = 1,    /* replies with other data than their request: RFC 792 knows no exception */
    LARGE = 128,    /* octets; pings are smaller unless told otherwise */
    TEXTS = 3,      /* payloads of text that differ, or */
    TEXTS_ODD = 2,  /* so many when replies are odd as well */
    THOROUGH = 512, /* packets that are looked at one by one; then one of SAMPLED */
    SAMPLED = 8,
    ENTROPY_FIRST = 256, /* octets from which entropy can be judged */
    PATIENCE = 3600,     /* packets count as seconds when a pair has to go */
};

#define ENTROPY_RANDOM 7.0            /* bits per octet: encrypted or compressed */
#define START_NS       (1 * NS_PER_S) /* replies to requests before the capture come until then */

/* Signs, each of which says something that the others do not. */
enum sign {
    SIGN_REPLIES, /* replies without a request or with other data */
    SIGN_CHANGES, /* new data in each packet */
    SIGN_SIZES,   /* sizes that vary, or large ones */
    SIGN_CONTENT, /* what is inside is no filling */
    SIGN_TOOL,    /* the header of a program that is known */
    SIGN_BUSY,    /* both sides say something, or faster than one pings */
    SIGN_COUNT,
};

#define SIGN(sign)   (1U << SIGN_##sign)
#define SIGNS_STRONG (SIGN(REPLIES) | SIGN(CHANGES) | SIGN(CONTENT))

static const char *const sign_words[SIGN_COUNT] = {
    "replies do not match requests", "data changes",  "sizes are unlike a ping's",
    "content is recognised",         "tool is known", "faster or busier than pings",
};

/* One way of a pair. */
struct way {
    uint32_t packets, novel;
    uint8_t length; /* octets below */
    uint8_t last[COMPARED];
};

/* Two hosts and what they sent each other, apart from ordinary pings. */
struct pair {
    uint64_t tag; /* 0: free */
    int64_t first_ns, last_ns;
    uint8_t asker[16], asked[16], family;
    uint32_t last_s, told_s, samples;
    uint32_t packets, untold, requests, replies;
    uint32_t orphans, altered, same; /* replies */
    uint32_t texts;
    uint64_t sizes; /* a bit for each of 64 classes of payload sizes */
    uint64_t size_sum;
    uint32_t size_most;
    uint32_t entropy_next; /* octets at which entropy is computed again */
    float entropy;
    const char *carries, *tool;
    struct way ways[2]; /* from the asker, to the asker */
    uint32_t recent[8]; /* hashes of the last payloads, so that two kinds of pings do not look new in turn */
    uint8_t recent_next;
    struct payload_histogram histogram;
};

struct tunnel {
    uint32_t asked[ASKED];           /* hashes of requests and who sent them, wherever to: of pings to many */
    uint32_t candidates[CANDIDATES]; /* pairs seen once with a payload that is out of the ordinary */
    struct pair pairs[PAIRS_SETS * PAIRS_WAYS];
};

/* A packet and its payload. */
struct letter {
    const struct sighting *sighting;
    struct slice payload;
    uint32_t size; /* of the payload on the wire */
    uint32_t word; /* id and sequence */
    uint32_t data; /* hash of the payload, never 0 */
};

static struct pair *find(struct tunnel *tunnel, uint64_t tag)
{
    struct pair *set = tunnel->pairs + (tag % PAIRS_SETS) * PAIRS_WAYS;

    for (int i = 0; i < PAIRS_WAYS; i++)
        if (set[i].tag == tag)
            return set + i;
    return NULL;
}

static uint64_t worth(const struct pair *pair, uint32_t now_s)
{
    if (!pair->tag)
        return 0;
    return 1 + (pair->last_s <= now_s ? pair->last_s : 0) +
           (pair->packets < PATIENCE ? pair->packets : PATIENCE);
}

static struct pair *make(struct tunnel *tunnel, uint64_t tag, const struct sighting *sighting)
{
    struct pair *set = tunnel->pairs + (tag % PAIRS_SETS) * PAIRS_WAYS, *victim = set;
    const struct packet *packet = sighting->packet;
    bool asks = packet->class == PACKET_ECHO_REQUEST;

    for (int i = 1; i < PAIRS_WAYS; i++)
        if (worth(set + i, sighting->now_s) < worth(victim, sighting->now_s))
            victim = set + i;
    *victim = (struct pair){.tag = tag,
                            .first_ns = packet->time_ns,
                            .family = packet->family,
                            .told_s = UINT32_MAX,
                            .entropy_next = ENTROPY_FIRST};
    memcpy(victim->asker, asks ? packet->source : packet->destination, sizeof(victim->asker));
    memcpy(victim->asked, asks ? packet->destination : packet->source, sizeof(victim->asked));
    return victim;
}

/* The pair, once it sent its second payload that is out of the ordinary, or one that says something: floods
 * from everywhere cost little. */
static struct pair *pair_of(struct tunnel *tunnel, uint64_t tag, const struct letter *letter)
{
    struct pair *pair = find(tunnel, tag);
    uint32_t *candidate = &tunnel->candidates[tag >> 32 & (CANDIDATES - 1)];

    if (pair)
        return pair;
    if (*candidate == (uint32_t)tag || letter->sighting->echo.match == ECHO_ALTERED ||
        payload_is_text(letter->payload))
        return make(tunnel, tag, letter->sighting);
    *candidate = (uint32_t)tag;
    return NULL;
}

/* Where a request of this asker with this id, sequence and data is remembered. */
static uint32_t *asked_place(struct tunnel *tunnel, const struct watch *watch, uint64_t asker,
                             const struct letter *letter, uint32_t *tag)
{
    uint64_t hash = hash_with(&watch->options.key, asker, (uint64_t)letter->word << 32 | letter->data);

    *tag = (uint32_t)(hash >> 32) | 1;
    return &tunnel->asked[hash % ASKED];
}

/* Whether a reply brings the data of a request back, as it has to (RFC 792); whoever answers, because a
 * request may have gone to many. */
static bool is_returned(struct tunnel *tunnel, const struct watch *watch, const struct letter *letter)
{
    const struct sighting *sighting = letter->sighting;
    uint32_t tag, *place = asked_place(tunnel, watch, sighting->target_hash, letter, &tag);

    return *place == tag || sighting->echo.match == ECHO_ANSWER;
}

static void remember_request(struct tunnel *tunnel, const struct watch *watch, uint64_t asker,
                             const struct letter *letter)
{
    uint32_t tag, *place = asked_place(tunnel, watch, asker, letter, &tag);

    *place = tag;
}

/* A reply with data that nobody sent. When the capture begins its request may have come before. */
static void note_strange_reply(const struct watch *watch, struct pair *pair, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    bool begun = packet->time_ns - watch->begin_ns > START_NS && watch->echoes.evictions == 0;

    switch (sighting->echo.match) {
    case ECHO_ALTERED:
    case ECHO_DUPLICATE:
        pair->altered += !(packet->flags & PACKET_CUT);
        break;
    case ECHO_ORPHAN:
        pair->orphans += flows_is_noted(&watch->flows, sighting->target_address);
        break;
    case ECHO_UNKNOWN:
        pair->orphans += begun && flows_is_noted(&watch->flows, sighting->target_address);
        break;
    default:
        break;
    }
}

static bool was_recent(struct pair *pair, uint32_t data)
{
    for (size_t i = 0; i < COUNT_OF(pair->recent); i++)
        if (pair->recent[i] == data)
            return true;
    pair->recent[pair->recent_next++ % COUNT_OF(pair->recent)] = data;
    return false;
}

/* Whether a payload is another one than that before, and not only by a time stamp or a counter. */
static bool is_novel(struct pair *pair, struct way *way, const struct letter *letter)
{
    struct slice payload = slice_first(letter->payload, COMPARED);
    size_t longer = payload.length > way->length ? payload.length : way->length;
    size_t different = payload_difference(payload, slice_of(way->last, way->length));
    bool novel = !was_recent(pair, letter->data) && way->packets > 0 && different >= DIFFERENT &&
                 different * 100 > longer * DIFFERENT_PERCENT;

    memcpy(way->last, payload.data, payload.length);
    way->length = (uint8_t)payload.length;
    way->packets++;
    way->novel += novel;
    return novel;
}

static void look_inside(struct pair *pair, const struct letter *letter, bool novel)
{
    if (!pair->carries)
        pair->carries = payload_carries(letter->payload, letter->size);
    if (!pair->tool)
        pair->tool = payload_tool(letter->payload);
    if (!novel)
        return;
    pair->texts += payload_is_text(letter->payload);
    payload_count(&pair->histogram, letter->payload);
    if (pair->histogram.total >= pair->entropy_next) {
        pair->entropy = (float)payload_entropy(&pair->histogram);
        pair->entropy_next = pair->histogram.total * 2;
    }
}

static void count(struct pair *pair, const struct letter *letter)
{
    const struct sighting *sighting = letter->sighting;

    pair->packets++;
    pair->untold++;
    pair->last_s = sighting->now_s;
    pair->last_ns = sighting->packet->time_ns;
    pair->size_sum += letter->size;
    pair->sizes |= UINT64_C(1) << letter->size % 64;
    if (letter->size > pair->size_most)
        pair->size_most = letter->size;
    pair->requests += sighting->packet->class == PACKET_ECHO_REQUEST;
    pair->replies += sighting->packet->class == PACKET_ECHO_REPLY;
}

static double seconds_of(const struct pair *pair)
{
    double seconds = (double)(pair->last_ns - pair->first_ns) / (double)NS_PER_S;

    return seconds > 1 ? seconds : 1;
}

static bool is_way_novel(const struct way *way)
{
    return way->novel >= NOVEL && way->novel * 2 >= way->packets - 1;
}

static bool is_busy(const struct pair *pair)
{
    const struct way *forth = &pair->ways[0], *back = &pair->ways[1];
    uint32_t novel = forth->novel > back->novel ? forth->novel : back->novel;

    if (forth->novel >= BOTH && back->novel >= BOTH && pair->same * 2 < pair->replies)
        return true;
    if (novel >= MANY && (pair->carries || pair->texts >= MANY))
        return true;
    return novel >= BUSY && (double)novel >= BUSY_PER_S * seconds_of(pair);
}

static bool sizes_vary(const struct pair *pair)
{
    return (pair->sizes & (pair->sizes - 1)) != 0;
}

static bool says_something(const struct pair *pair, bool odd)
{
    return pair->carries || pair->texts >= (odd ? TEXTS_ODD : TEXTS) ||
           (double)pair->entropy > ENTROPY_RANDOM;
}

static unsigned signs_of(const struct pair *pair)
{
    unsigned signs = 0;

    if (pair->orphans >= ORPHANS || pair->altered >= ALTERED)
        signs |= SIGN(REPLIES);
    if (is_way_novel(&pair->ways[0]) || is_way_novel(&pair->ways[1]))
        signs |= SIGN(CHANGES);
    if (sizes_vary(pair) || pair->size_most > LARGE)
        signs |= SIGN(SIZES);
    if (says_something(pair, signs & SIGN(REPLIES)))
        signs |= SIGN(CONTENT);
    if (pair->tool)
        signs |= SIGN(TOOL);
    if (is_busy(pair))
        signs |= SIGN(BUSY);
    return signs;
}

/* Random data that comes back as it was sent is a file on its way out, or a ping that fills its packets with
 * noise (fping -R). Pings are answered, and all of one size. */
static bool is_doubtful(const struct pair *pair, unsigned signs)
{
    if ((signs & (SIGN(REPLIES) | SIGN(TOOL))) || pair->carries || pair->texts >= TEXTS)
        return false;
    return __builtin_popcount(signs) <= NEEDED || (!sizes_vary(pair) && pair->same > 0);
}

static const char *content_of(const struct pair *pair)
{
    if (pair->carries)
        return pair->carries;
    if (pair->texts >= TEXTS_ODD)
        return "text";
    return (double)pair->entropy > ENTROPY_RANDOM ? "random octets: encrypted or compressed" : NULL;
}

/* "replies do not match requests; data changes" */
static void name_signs(struct finding *finding, unsigned signs)
{
    size_t used = 0;

    for (int i = 0; i < SIGN_COUNT && used < sizeof(finding->words); i++)
        if (signs >> i & 1)
            used += (size_t)snprintf(finding->words + used, sizeof(finding->words) - used, "%s%s",
                                     used ? "; " : "", sign_words[i]);
    evidence_text(&finding->evidence, FACT_CHECK, finding->words);
}

static void state_evidence(struct finding *finding, const struct pair *pair, unsigned signs)
{
    struct evidence *evidence = &finding->evidence;
    int met = __builtin_popcount(signs);

    evidence_number(evidence, FACT_OBSERVED, met);
    evidence_number(evidence, FACT_THRESHOLD, NEEDED);
    evidence_text(evidence, FACT_MEASURE, "independent signs of a tunnel");
    evidence_number(evidence, FACT_FACTS_MET, met);
    evidence_number(evidence, FACT_REQUESTS, pair->requests);
    evidence_number(evidence, FACT_REPLIES, pair->replies);
    evidence_number(evidence, FACT_ORPHANS, pair->orphans);
    evidence_number(evidence, FACT_ALTERED, pair->altered);
    evidence_number(evidence, FACT_OCTETS, (double)pair->size_sum);
    evidence_number(evidence, FACT_PAYLOAD_MEAN, (double)pair->size_sum / pair->packets);
    evidence_number(evidence, FACT_RATE, pair->packets / seconds_of(pair));
    evidence_number(evidence, FACT_WINDOW, (double)(pair->last_ns - pair->first_ns));
    if (pair->histogram.total)
        evidence_number(evidence, FACT_ENTROPY, payload_entropy(&pair->histogram));
    if (content_of(pair))
        evidence_text(evidence, FACT_PAYLOAD, content_of(pair));
    if (pair->tool)
        evidence_text(evidence, FACT_TOOL, pair->tool);
    name_signs(finding, signs);
}

/* letter: what gave the reason, or NULL at the end. */
static void tell(struct watch *watch, struct pair *pair, const struct letter *letter, unsigned signs)
{
    bool doubtful = is_doubtful(pair, signs);
    bool fresh;
    struct finding *finding = watch_raise_prefix(watch, KIND_TUNNEL, letter ? letter->sighting->packet : NULL,
                                                 pair->family, pair->asker, 0, pair->asked, 0, &fresh);

    pair->told_s = watch->now_s;
    pair->samples++;
    if (!finding)
        return;
    finding->packets += pair->untold - (letter != NULL);
    pair->untold = 0;
    finding_grade(finding, fresh, doubtful ? SEVERITY_WARNING : SEVERITY_ALERT,
                  doubtful                             ? 0.4
                  : __builtin_popcount(signs) > NEEDED ? 0.97
                                                       : 0.85);
    finding->excluded |= 1U << INNOCENT_PING_PATTERN | 1U << INNOCENT_ALLOWED;
    if (signs & SIGN(REPLIES))
        finding->excluded |= 1U << INNOCENT_SAME_DATA | 1U << INNOCENT_ONE_WAY | 1U << INNOCENT_START;
    state_evidence(finding, pair, signs);
}

static void judge(struct watch *watch, struct pair *pair, const struct letter *letter)
{
    unsigned signs;

    if (pair->samples >= FINDING_SAMPLES && pair->told_s == letter->sighting->now_s)
        return;
    signs = signs_of(pair);
    if (__builtin_popcount(signs) >= NEEDED && (signs & SIGNS_STRONG))
        tell(watch, pair, letter, signs);
}

static void examine(struct watch *watch, struct pair *pair, const struct letter *letter)
{
    const struct packet *packet = letter->sighting->packet;
    struct way *way = &pair->ways[memcmp(packet->source, pair->asker, sizeof(pair->asker)) != 0];
    bool novel;

    count(pair, letter);
    if (packet->class == PACKET_ECHO_REPLY)
        note_strange_reply(watch, pair, letter->sighting);
    if (pair->packets > THOROUGH && pair->packets % SAMPLED != 0)
        return;
    novel = is_novel(pair, way, letter);
    look_inside(pair, letter, novel || way->packets == 1);
    judge(watch, pair, letter);
}

static void see(struct watch *watch, void *state, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    struct letter letter = {.sighting = sighting};
    struct tunnel *tunnel = state;
    struct slice compared;
    struct pair *pair;
    uint64_t source, tag;

    if (packet->available <= HEADER)
        return;
    letter.payload = slice_of(packet->octets + HEADER, packet->available - HEADER);
    if (payload_is_ordinary(letter.payload) ||
        ((sighting->source->flags | sighting->target->flags) & HOST_ALLOWED))
        return;
    compared = slice_first(letter.payload, COMPARED);
    letter.size = packet->length - HEADER;
    letter.data = (uint32_t)hash_octets(&watch->options.key, compared.data, compared.length) ^ letter.size;
    letter.word = octets_get32(packet->octets + 4);
    source = hosts_target_key(sighting->source_address, packet->family);
    tag = hash_with(&watch->options.key, source + sighting->target_hash, packet->family);
    if (packet->class == PACKET_ECHO_REQUEST) {
        remember_request(tunnel, watch, source, &letter);
    } else if (is_returned(tunnel, watch, &letter)) {
        pair = find(tunnel, tag);
        if (pair)
            pair->same++;
        return;
    }
    pair = pair_of(tunnel, tag, &letter);
    if (pair)
        examine(watch, pair, &letter);
}

/* State the last numbers of those that were told of. */
static void finish(struct watch *watch, void *state)
{
    struct tunnel *tunnel = state;

    for (int i = 0; i < PAIRS_SETS * PAIRS_WAYS; i++) {
        struct pair *pair = &tunnel->pairs[i];

        if (pair->samples && pair->untold && watch->now_s - pair->told_s <= TOLD_S)
            tell(watch, pair, NULL, signs_of(pair));
        pair->samples = 0;
    }
}

static const enum finding_kind kinds[] = {KIND_TUNNEL};

const struct detector detector_tunnel = {
    .name = "tunnel",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS(PACKET_ECHO_REQUEST) | WANTS(PACKET_ECHO_REPLY),
    .only = {[PACKET_ECHO_REQUEST] = TRAIT_DATA, [PACKET_ECHO_REPLY] = TRAIT_DATA},
    .state_size = sizeof(struct tunnel),
    .packet = see,
    .finish = finish,
};
