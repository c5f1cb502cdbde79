/* SPDX-License-Identifier: MIT */
/* Echo requests that wait for their replies, in a table of fixed size. */
#include "detect/state/echo.h"

#include "base/macro.h"
#include "detect/covert/payload.h"

enum { HEADER = 8, PAYLOAD_MAX = 64 /* octets of the payload that are compared */ };

#define FLAG_ANSWERED 1U
#define FLAG_FRESH    2U
#define FLAGS         3U
#define PATIENCE_NS   (5 * NS_PER_S) /* a reply that comes later is not missed as an orphan */
#define YOUNG_NS      (2 * NS_PER_S)

size_t echoes_size(size_t sets)
{
    return sets * ECHO_WAYS * sizeof(struct echo_slot);
}

void echoes_init(struct echoes *echoes, void *memory, size_t sets, const struct hash_key *key)
{
    *echoes = (struct echoes){.key = *key, .slots = memory, .sets = sets};
}

uint64_t echoes_quote_hash(const struct echoes *echoes, uint64_t asker_hash, uint64_t asked_hash,
                           const struct packet_quote *quote)
{
    return hash_with(&echoes->key, asker_hash + (asked_hash << 1),
                     (uint32_t)quote->id << 16 | quote->echo_sequence);
}

static struct echo_slot *set_of(const struct echoes *echoes, uint64_t hash)
{
    return echoes->slots + (hash & (echoes->sets - 1)) * ECHO_WAYS;
}

static uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32) | 1;
}

/* The beginning of the payload and its length; a cut capture cuts both the same way. What follows the time in
 * an ordinary ping is always the same and needs no look. */
static uint32_t data_of(const struct echoes *echoes, const struct packet *packet)
{
    const uint8_t *data = packet->octets + HEADER;
    size_t octets = packet->available > HEADER ? packet->available - HEADER : 0;
    uint64_t hash;

    if (payload_is_linux(data, octets))
        hash = hash_address(&echoes->key, data);
    else
        hash = hash_octets(&echoes->key, data, octets < PAYLOAD_MAX ? octets : PAYLOAD_MAX);
    return (uint32_t)(hash ^ packet->length) & ~FLAGS;
}

/* The slot of a tag, or the one that is oldest. */
static struct echo_slot *slot_for(struct echo_slot *set, uint32_t tag)
{
    struct echo_slot *oldest = set;

    for (int way = 0; way < ECHO_WAYS; way++)
        if (set[way].tag == tag)
            return set + way;
    for (int way = 1; way < ECHO_WAYS; way++)
        oldest = set[way].time_ns < oldest->time_ns ? set + way : oldest;
    return oldest;
}

void echoes_ask(struct echoes *echoes, uint64_t hash, const struct packet *packet, bool fresh)
{
    uint32_t tag = tag_of(hash);
    struct echo_slot *slot = slot_for(set_of(echoes, hash), tag);

    echoes->requests++;
    if (slot->tag == tag) {
        fresh |= (slot->data & FLAGS) == FLAG_FRESH;
    } else if (slot->tag) {
        echoes->unanswered += !(slot->data & FLAG_ANSWERED);
        echoes->evictions += packet->time_ns - slot->time_ns < YOUNG_NS;
    }
    *slot = (struct echo_slot){tag, data_of(echoes, packet) | (fresh ? FLAG_FRESH : 0), packet->time_ns};
}

/* What an answer without a request means: a set that had to forget young requests cannot tell. */
static enum echo_match judge_missing(const struct echoes *echoes, const struct echo_slot *set, int64_t now_ns)
{
    if (now_ns - echoes->begin_ns < PATIENCE_NS)
        return ECHO_UNKNOWN;
    for (int way = 0; way < ECHO_WAYS; way++)
        if (!set[way].tag || now_ns - set[way].time_ns > YOUNG_NS)
            return ECHO_ORPHAN;
    return ECHO_UNKNOWN;
}

struct echo_result echoes_answer(struct echoes *echoes, uint64_t hash, const struct packet *packet)
{
    struct echo_slot *set = set_of(echoes, hash);
    uint32_t tag = tag_of(hash);

    for (int way = 0; way < ECHO_WAYS; way++) {
        struct echo_slot *slot = set + way;
        struct echo_result result = {ECHO_DUPLICATE, false, packet->time_ns - slot->time_ns};

        if (slot->tag != tag)
            continue;
        if (slot->data & FLAG_ANSWERED)
            return result;
        result.match = (slot->data & ~FLAGS) == data_of(echoes, packet) ? ECHO_ANSWER : ECHO_ALTERED;
        result.fresh = slot->data & FLAG_FRESH;
        slot->data |= FLAG_ANSWERED;
        echoes->answers++;
        return result;
    }
    return (struct echo_result){judge_missing(echoes, set, packet->time_ns), false, 0};
}

bool echoes_seen(const struct echoes *echoes, uint64_t hash)
{
    const struct echo_slot *set = set_of(echoes, hash);

    for (int way = 0; way < ECHO_WAYS; way++)
        if (set[way].tag == tag_of(hash))
            return true;
    return false;
}

bool echoes_expire(struct echoes *echoes, uint64_t hash)
{
    struct echo_slot *set = set_of(echoes, hash);

    for (int way = 0; way < ECHO_WAYS; way++) {
        bool waits = set[way].tag == tag_of(hash) && (set[way].data & FLAGS) == FLAG_FRESH;

        if (!waits)
            continue;
        set[way].data &= ~FLAG_FRESH;
        return true;
    }
    return false;
}
