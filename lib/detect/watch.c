/* SPDX-License-Identifier: MIT */
/* The engine of watch: frames in, counts and findings out; its memory is fixed at the start. */
#include "detect/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "catalog/icmp.h"

enum {
    ALIGNMENT = 64,
    SETS_SOURCES = 16384,
    SETS_TARGETS = 4096,
    SETS_SCANS = 256,
    SETS_ECHOES = 16384,
    SETS_FLOWS = 32768,
    SHIFT_MIN = -6, /* the tables can be 64 times smaller than by default, or any power of two larger */
    SHIFT_MAX = 16,
    LATE_RUN = 32, /* so many late packets, one after the other, are no accident */
};

#define QUIET_NS (60 * NS_PER_S) /* a finding ends when nothing was added for so long */

/* Memory that is given out piece by piece. */
struct arena {
    uint8_t *memory; /* NULL: only measure */
    size_t used;
};

static void *take(struct arena *arena, size_t octets)
{
    void *piece = arena->memory ? arena->memory + arena->used : NULL;

    arena->used += (octets + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return piece;
}

static size_t scaled(size_t sets, int shift)
{
    return shift < 0 ? sets >> -shift : sets << shift;
}

/* Whether any of the kinds a detector raises is wanted. */
static bool is_wanted(const struct detector *detector, uint64_t kinds)
{
    for (size_t i = 0; i < detector->kind_count; i++)
        if (kinds >> detector->kinds[i] & 1)
            return true;
    return false;
}

static void place_detectors(struct watch *watch, struct arena *arena)
{
    watch->active_count = 0;
    for (const struct detector *const *row = detectors; *row; row++) {
        if (!is_wanted(*row, watch->options.kinds))
            continue;
        watch->active[watch->active_count] = *row;
        watch->states[watch->active_count++] = take(arena, (*row)->state_size);
    }
}

static void place_tables(struct watch *watch, struct arena *arena, int shift)
{
    size_t sources = scaled(SETS_SOURCES, shift), targets = scaled(SETS_TARGETS, shift);
    size_t scans = scaled(SETS_SCANS, shift), echoes = scaled(SETS_ECHOES, shift);
    size_t flows = scaled(SETS_FLOWS, shift);
    const struct hash_key *key = &watch->options.key;
    void *hosts = take(arena, hosts_size(sources, targets)), *scan = take(arena, scans_size(scans));
    void *echo = take(arena, echoes_size(echoes)), *flow = take(arena, flows_size(flows));

    if (!arena->memory)
        return;
    hosts_init(&watch->hosts, hosts, sources, targets, key);
    scans_init(&watch->scans, scan, scans);
    echoes_init(&watch->echoes, echo, echoes, key);
    flows_init(&watch->flows, flow, flows, key);
}

/* Everything in one block of memory; with an arena that only measures, just its size. */
static void place(struct watch *watch, struct arena *arena, int shift)
{
    if (watch->options.kinds)
        place_tables(watch, arena, shift);
    place_detectors(watch, arena);
    watch->complaints = take(arena, sizeof(*watch->complaints));
    watch->history = take(arena, sizeof(*watch->history));
    watch->findings = take(arena, sizeof(*watch->findings));
    watch->scatter = take(arena, WATCH_SCATTER * sizeof(*watch->scatter));
    watch->exempt = take(arena, WATCH_EXEMPT * sizeof(*watch->exempt));
}

static size_t measure(struct watch *watch, int shift)
{
    struct arena arena = {0};

    place(watch, &arena, shift);
    return arena.used + sizeof(*watch->counts);
}

static void list_audience(struct watch *watch, enum packet_class class)
{
    struct watch_audience *audience = &watch->audiences[class];

    for (size_t i = 0; i < watch->active_count; i++) {
        unsigned only = watch->active[i]->only[class];

        if (!(watch->active[i]->wants >> class & 1))
            continue;
        audience->always |= only ? 0 : 1U << i;
        for (unsigned trait = 0; trait < TRAITS; trait++)
            audience->by_trait[trait] |= (only >> trait & 1) << i;
    }
}

static void list_audiences(struct watch *watch)
{
    for (size_t i = 0; i < watch->active_count; i++)
        watch->calls[i] = (struct watch_call){watch->active[i]->packet, watch->states[i]};
    for (unsigned class = 0; class < PACKET_CLASSES; class ++)
        list_audience(watch, (enum packet_class) class);
}

static bool is_in_use(uint8_t family, uint8_t type, uint8_t code)
{
    enum icmp_status status = sonde_icmp_find(family, type, code)->status;

    return status == ICMP_CURRENT || status == ICMP_EXPERIMENTAL;
}

static void list_usual_codes(struct watch *watch)
{
    for (unsigned type = 0; type <= UINT8_MAX; type++)
        for (unsigned six = 0; six < COUNT_FAMILIES; six++) {
            uint8_t *codes = &watch->usual_codes[six][type], family = six ? 6 : 4;

            while (*codes < UINT8_MAX && is_in_use(family, (uint8_t)type, *codes))
                ++*codes;
        }
}

static void *take_pages(size_t octets)
{
    return calloc(1, octets);
}

static void give_pages(void *memory, size_t octets)
{
    free(memory);
}

/* The counters have memory of their own: it is large, and only what is counted is ever touched. */
static int allocate(struct watch *watch, int shift)
{
    const struct watch_options *options = &watch->options;
    struct arena arena = {0};

    watch->memory_size = measure(watch, shift);
    if (watch->memory_size > options->memory)
        return -EINVAL;
    watch->counts = calloc(1, sizeof(*watch->counts));
    watch->memory = options->take_pages(watch->memory_size - sizeof(*watch->counts) + ALIGNMENT);
    if (!watch->counts || !watch->memory)
        return -ENOMEM;
    arena.memory = (uint8_t *)watch->memory + (-(uintptr_t)watch->memory & (ALIGNMENT - 1));
    place(watch, &arena, shift);
    return 0;
}

int watch_new(const struct watch_options *options, struct watch **made)
{
    struct watch *watch = calloc(1, sizeof(*watch));
    int shift = SHIFT_MAX, error;

    if (!watch)
        return -ENOMEM;
    watch->options = *options;
    if (!options->take_pages) {
        watch->options.take_pages = take_pages;
        watch->options.give_pages = give_pages;
    }
    while (shift > SHIFT_MIN && measure(watch, shift) > options->memory)
        shift--;
    error = allocate(watch, shift);
    if (error < 0) {
        watch_free(watch);
        return error;
    }
    watch->findings->key = options->key;
    watch->traits = options->profile.dark.count ? TRAIT_PROFILED : 0;
    if (options->profile.internal.count + options->profile.allowed.count + options->profile.dark.count == 0)
        watch->plain_flags = HOST_INTERNAL;
    list_audiences(watch);
    list_usual_codes(watch);
    *made = watch;
    return 0;
}

struct watch *watch_free(struct watch *watch)
{
    if (!watch)
        return NULL;
    free(watch->counts);
    if (watch->memory)
        watch->options.give_pages(watch->memory, watch->memory_size - sizeof(*watch->counts) + ALIGNMENT);
    free(watch);
    return NULL;
}

bool watch_allows(const struct watch *watch, uint8_t family, const uint8_t *address)
{
    return prefixes_hold(&watch->options.profile.allowed, family, address);
}

/* What names a finding in the list of what the quiet capture showed: the kind, and who does it. */
static uint64_t exemption_of(const struct watch *watch, const struct finding_subject *subject)
{
    const struct sonde_address *who = subject->source.family ? &subject->source : &subject->target;

    return hash_with(&watch->options.key, hash_address(&watch->options.key, who->bytes), subject->kind + 1);
}

static bool is_exempt(struct watch *watch, const struct finding_subject *subject)
{
    uint64_t hash;

    if (!watch->learning && !watch->exempt_count)
        return false;
    hash = exemption_of(watch, subject);
    for (uint32_t i = 0; i < watch->exempt_count; i++)
        if (watch->exempt[i] == hash)
            return true;
    if (watch->learning && watch->exempt_count < WATCH_EXEMPT)
        watch->exempt[watch->exempt_count++] = hash;
    return watch->learning;
}

struct finding *watch_raise_prefix(struct watch *watch, enum finding_kind kind, const struct packet *packet,
                                   uint8_t family, const uint8_t *source, uint8_t source_bits,
                                   const uint8_t *target, uint8_t target_bits, bool *fresh)
{
    struct finding_subject subject = {.kind = kind, .source_bits = source_bits, .target_bits = target_bits};
    bool made = false;

    if (fresh)
        *fresh = false;
    if (!(watch->options.kinds >> kind & 1))
        return NULL;
    if (source)
        subject.source = address_from(family, source);
    if (source && source_bits)
        prefix_mask(family, subject.source.bytes, source_bits);
    if (target)
        subject.target = address_from(family, target);
    if (target && target_bits)
        prefix_mask(family, subject.target.bytes, target_bits);
    if (is_exempt(watch, &subject))
        return NULL;
    return finding_raise(watch->findings, &subject, packet, watch->now_ns, fresh ? fresh : &made);
}

struct finding *watch_raise(struct watch *watch, enum finding_kind kind, const struct packet *packet,
                            const uint8_t *source, const uint8_t *target, bool *fresh)
{
    uint8_t family = packet ? packet->family : 4;

    return watch_raise_prefix(watch, kind, packet, family, source, 0, target, 0, fresh);
}

void watch_tell(struct watch *watch)
{
    const struct watch_listener *listener = &watch->options.listener;

    watch->told_id = watch->findings->next_id;
    for (size_t i = 0; i < watch->findings->count && listener->finding; i++) {
        struct finding *finding = &watch->findings->rows[i];

        if (finding->told == finding->state)
            continue;
        listener->finding(listener->context, finding);
        finding->told = (uint8_t)finding->state;
    }
}

static void begin(struct watch *watch, int64_t now_ns)
{
    watch->begin_ns = watch->now_ns = now_ns;
    watch->echoes.begin_ns = watch->flows.begin_ns = now_ns;
    history_begin(watch->history, now_ns / NS_PER_S);
}

static void pass_second(struct watch *watch, int64_t now_ns)
{
    history_advance(watch->history, watch->counts, now_ns / NS_PER_S);
    watch->now_ns = now_ns;
    watch->now_s = (uint32_t)((now_ns - watch->begin_ns) / NS_PER_S);
    watch->next_ns = (now_ns / NS_PER_S + 1) * NS_PER_S;
    watch->early_packets = watch->counts->packets + TRAIT_EARLY_MAX;
    watch->second_icmp = 0;
    for (size_t i = 0; i < watch->active_count; i++)
        if (watch->active[i]->second)
            watch->active[i]->second(watch, watch->states[i], watch->now_s);
    if (watch->options.kinds)
        hosts_fade(&watch->hosts, watch->now_s);
    findings_expire(watch->findings, now_ns, QUIET_NS);
    watch_tell(watch);
}

static void go_on(struct watch *watch, int64_t now_ns)
{
    if (!watch->begin_ns)
        begin(watch, now_ns);
    else if (now_ns - watch->next_ns >= NS_PER_S) /* what was on then ends then, not at the end of the gap */
        pass_second(watch, watch->next_ns);
    if (now_ns >= watch->next_ns)
        pass_second(watch, now_ns);
    else if (now_ns > watch->now_ns)
        watch->now_ns = now_ns;
}

static int64_t at_most(int64_t value, int64_t most)
{
    return value < most ? value : most;
}

static void set_shift(struct watch *watch, int64_t shift_ns)
{
    watch->shift_ns = watch->findings->shift_ns = shift_ns;
    watch->late_run = 0;
}

int64_t watch_pass_time(struct watch *watch, int64_t time_ns)
{
    int64_t now_ns;

    time_ns = at_most(time_ns > 0 ? time_ns : 1, WATCH_TIME_MAX);
    if (watch->shift_ns && time_ns >= watch->now_ns)
        set_shift(watch, 0);
    now_ns = at_most(time_ns + watch->shift_ns, WATCH_TIME_MAX);
    if (watch->now_ns - now_ns <= WATCH_LATE_NS) {
        watch->late_run = 0;
        go_on(watch, now_ns);
        return watch->now_ns;
    }
    watch->late++;
    if (++watch->late_run == LATE_RUN)
        set_shift(watch, watch->now_ns - time_ns);
    return watch->now_ns;
}

void watch_tick(struct watch *watch, int64_t now_ns)
{
    if (watch->now_ns - now_ns > watch->shift_ns + WATCH_LATE_NS) /* nobody doubts the clock of this host */
        set_shift(watch, watch->now_ns - now_ns);
    watch_pass_time(watch, now_ns);
}

void watch_finish(struct watch *watch)
{
    for (size_t i = 0; i < watch->active_count; i++)
        if (watch->active[i]->finish)
            watch->active[i]->finish(watch, watch->states[i]);
    if (watch->begin_ns) /* the last second is counted as a whole */
        history_advance(watch->history, watch->counts, watch->now_ns / NS_PER_S + 1);
    findings_expire(watch->findings, INT64_MAX, 0);
    watch_tell(watch);
}

void watch_learn(struct watch *watch)
{
    watch->learning = true;
}

/* What was counted is gone; who is who stays, as if it had been seen when the watch begins. */
void watch_learned(struct watch *watch)
{
    struct hosts *hosts = &watch->hosts;

    for (size_t i = 0; i < watch->active_count; i++)
        if (watch->active[i]->finish)
            watch->active[i]->finish(watch, watch->states[i]);
    for (size_t i = 0; hosts->sources && i < hosts->source_sets * HOST_WAYS; i++)
        hosts->sources[i].packets = hosts->sources[i].first_s = hosts->sources[i].last_s = 0;
    for (size_t i = 0; hosts->targets && i < hosts->target_sets * HOST_WAYS; i++)
        hosts->targets[i].packets = hosts->targets[i].first_s = hosts->targets[i].last_s = 0;
    scans_restart(&watch->scans);
    memset(watch->counts, 0, sizeof(*watch->counts));
    if (watch->echoes.slots)
        memset(watch->echoes.slots, 0, echoes_size(watch->echoes.sets));
    watch->begin_ns = watch->next_ns = watch->now_ns = 0;
    watch->now_s = 0;
    set_shift(watch, 0);
    watch->learning = false;
    watch->learned = true;
    watch->traits |= TRAIT_PROFILED;
}
