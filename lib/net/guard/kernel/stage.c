/* SPDX-License-Identifier: MIT */
/* A stage: batches small enough that the kernel's account of them is complete, sent again where it is not. */
#include "net/guard/kernel/stage.h"

#include <errno.h>
#include <string.h>

#include <linux/netfilter.h>

#include "net/guard/kernel/load.h"
#include "net/lab/rtnl.h"
#include "net/program/nft.h"

enum {
    EVENT_OCTETS = 2304,  /* what an event takes of the room: its buffer and the kernel's note of it */
    EVENTS_AT_FIRST = 40, /* of a message, until we know */
    TRIES = 6,
    PATIENCE_MS = 500,
    LOST_PATIENCE_MS = 20, /* when the mark may be among what was lost */
};

static const int hook_numbers[HOOK_COUNT] = {
    [HOOK_INPUT] = NF_INET_LOCAL_IN, [HOOK_FORWARD] = NF_INET_FORWARD, [HOOK_OUTPUT] = NF_INET_LOCAL_OUT};

static bool leads_outside(const struct rehearsal *rehearsal, const char *interface)
{
    for (const char *const *outside = rehearsal->outside; outside && *outside; outside++)
        if (!strcmp(*outside, interface))
            return true;
    return false;
}

static int read_map(struct stage *stage, struct sonde_error *error)
{
    const struct rehearsal *rehearsal = stage->rehearsal;

    stage->map.outside = scratch_find(stage->scratch, rehearsal->interface);
    stage->map.inside = rehearsal->other ? scratch_find(stage->scratch, rehearsal->other) : MESSAGE_HERE;
    stage->map.edge = leads_outside(rehearsal, rehearsal->interface);
    if (stage->map.outside < 0 || (rehearsal->other && stage->map.inside < 0))
        return error_set(error, SONDE_E_NOT_FOUND, "there is no interface %s to rehearse on",
                         stage->map.outside < 0 ? rehearsal->interface : rehearsal->other);
    return 0;
}

static int mark_probes(const struct stage *stage, struct sonde_error *error)
{
    const char *interfaces[2] = {stage->rehearsal->interface, stage->rehearsal->other};
    _cleanup_text_ struct text rules = {0};

    follow_add_rules(&rules, interfaces, stage->map.inside == MESSAGE_HERE ? 1 : 2);
    return nft_load(text_get(&rules), error);
}

/* Rules of iptables-legacy decide without a word. */
static bool has_legacy(const struct rehearsal *rehearsal)
{
    return rehearsal->iptables[IPTABLES_LEGACY_4] || rehearsal->iptables[IPTABLES_LEGACY_6];
}

int stage_open(struct stage *stage, const struct rehearsal *rehearsal, struct scratch *scratch,
               struct sonde_error *error)
{
    int result;

    stage->rehearsal = rehearsal;
    stage->scratch = scratch;
    result = read_map(stage, error);
    if (result == 0)
        result = scratch_enter(scratch->inner);
    if (result == 0)
        result = load_rules(rehearsal, error);
    if (result == 0)
        result = mark_probes(stage, error);
    if (result == 0)
        result = rulebook_read(&stage->book, error);
    if (result == 0)
        result = trace_open(&stage->trace, stage->step != NULL, error);
    if (result == 0)
        result = sender_open(&stage->sender, scratch, &stage->map, error);
    stage->book.legacy = has_legacy(rehearsal);
    stage->batch = SEND_BATCH_MAX / 2;
    stage->sender.whole = stage->step != NULL;
    return result;
}

void stage_close(struct stage *stage)
{
    if (!stage->rehearsal)
        return;
    sender_close(&stage->sender);
    trace_close(&stage->trace);
    rulebook_deinit(&stage->book);
    memset(stage, 0, sizeof(*stage));
}

static size_t batch_size(const struct stage *stage)
{
    int64_t each = stage->result.traced > 64 ? 2 * stage->events / stage->result.traced : EVENTS_AT_FIRST;
    int64_t fits = stage->trace.room / (EVENT_OCTETS * (each > 0 ? each : 1));

    if (fits < 1)
        fits = 1;
    return fits < (int64_t)stage->batch ? (size_t)fits : stage->batch;
}

/* Hear what there is until the mark, or, without one, until nothing waits. @return -ENOBUFS when something
 * was lost */
static int hear_all(struct stage *stage, struct follower *follower, bool marked)
{
    bool lost = false;

    while (!follower->ended) {
        int heard = trace_read(&stage->trace,
                               !marked ? 0
                               : lost  ? LOST_PATIENCE_MS
                                       : PATIENCE_MS,
                               follow, follower);

        if (heard == -ENOBUFS)
            lost = true;
        else if (heard < 0)
            return heard;
        else if (heard == 0)
            return marked || lost ? -ENOBUFS : 0;
        else
            stage->events += heard;
    }
    return lost ? -ENOBUFS : 0;
}

/* Open the flows that answers belong to. What the rules do not let out is never answered. */
static int open_flows(struct stage *stage, const struct message *messages, size_t count, bool *opened)
{
    struct message seen[SEND_BATCH_MAX];
    struct outcome outcomes[SEND_BATCH_MAX] = {0};
    struct follower follower = {
        .book = &stage->book, .hook = -1, .messages = seen, .outcomes = outcomes, .count = count};
    int result;

    for (size_t i = 0; i < count; i++)
        seen[i] = message_opener_seen(&messages[i]);
    result = sender_open_flows(&stage->sender, messages, count);
    if (result >= 0)
        result = hear_all(stage, &follower, result > 0);
    for (size_t i = 0; i < count; i++)
        opened[i] = outcomes[i].arrived;
    return result;
}

static int try_batch(struct stage *stage, struct message *messages, size_t count, struct outcome *outcomes)
{
    struct follower follower = {.book = &stage->book,
                                .hook = hook_numbers[direction_hook(messages[0].direction)],
                                .messages = messages,
                                .outcomes = outcomes,
                                .count = count,
                                .step = stage->step,
                                .context = stage->context};
    bool opened[SEND_BATCH_MAX], answers = messages[0].shape == SHAPE_ANSWER;
    int result = 0;

    memset(outcomes, 0, count * sizeof(*outcomes));
    if (!stage->one_round)
        stage->round++;
    for (size_t i = 0; i < count; i++)
        messages[i].round = stage->round;
    if (answers)
        result = open_flows(stage, messages, count, opened);
    if (result == 0)
        result = sender_send(&stage->sender, messages, count);
    stage->result.sent += (int64_t)count;
    if (result >= 0)
        result = hear_all(stage, &follower, result > 0);
    for (size_t i = 0; answers && result == 0 && i < count; i++)
        if (!opened[i])
            outcomes[i] = (struct outcome){.unasked = true};
    return result;
}

/* What did not reach its hook is sent again and followed from its arrival on: a rule before the hook may have
 * dropped it, or the kernel itself. */
static int look_closer(struct stage *stage, const struct message *messages, size_t count,
                       struct outcome *outcomes)
{
    struct message missing[SEND_BATCH_MAX];
    struct outcome found[SEND_BATCH_MAX];
    size_t places[SEND_BATCH_MAX], missed = 0;
    int result;

    for (size_t i = 0; i < count; i++)
        if (!outcomes[i].seen && !outcomes[i].unasked) {
            places[missed] = i;
            missing[missed++] = messages[i];
        }
    if (missed == 0 || stage->sender.whole)
        return 0;
    stage->sender.whole = true;
    result = stage_play(stage, missing, missed, found);
    stage->sender.whole = stage->step != NULL;
    for (size_t i = 0; i < missed && result == 0; i++)
        outcomes[places[i]] = found[i];
    return result;
}

int stage_play(struct stage *stage, struct message *messages, size_t count, struct outcome *outcomes)
{
    for (size_t done = 0, tries = 0; done < count;) {
        size_t some = batch_size(stage) < count - done ? batch_size(stage) : count - done;
        int result = try_batch(stage, messages + done, some, outcomes + done);

        if (result < 0 && result != -ENOBUFS)
            return result;
        if (result == 0)
            result = look_closer(stage, messages + done, some, outcomes + done);
        if (result < 0 && result != -ENOBUFS)
            return result;
        if (result == 0) {
            stage->result.traced += (int64_t)some;
            done += some;
            tries = 0;
        } else if (stage->batch > 1) { /* too much at once */
            stage->batch = (some + 1) / 2;
        } else if (++tries == TRIES) {
            memset(outcomes + done, 0, some * sizeof(*outcomes));
            stage->result.lost += (int64_t)some;
            done += some;
            tries = 0;
        }
    }
    return 0;
}

enum opener stage_opener(struct stage *stage, uint8_t family, enum direction direction)
{
    for (enum opener opener = OPENER_TCP; opener <= OPENER_ECHO; opener++) {
        struct message message = {
            .family = family, .direction = direction, .opener = opener, .round = ++stage->round};
        bool opened = false;

        if (open_flows(stage, &message, 1, &opened) == 0 && opened)
            return opener;
    }
    return OPENER_UDP;
}

enum fate stage_fate(const struct stage *stage, const struct outcome *outcome, const char **rule)
{
    enum fate fate = outcome_fate(outcome, &stage->book);

    *rule = NULL;
    if (fate == FATE_UNSEEN)
        return fate;
    if (fate == FATE_ACCEPT)
        *rule = outcome->accepted       ? outcome->accepted->name
                : outcome->accepted_end ? outcome->accepted_end->policy
                                        : NULL;
    else if (outcome->dropped)
        *rule = outcome->dropped->name;
    else if (outcome->dropped_end)
        *rule = outcome->dropped_end->policy;
    else
        *rule = outcome->queued ? outcome->queued->name : "a rule of iptables-legacy";
    return fate;
}

static int turn_forwarding_on(const struct scratch *scratch)
{
    int result = scratch_enter(scratch->inner);

    if (result == 0)
        result = scratch_set("net/ipv4/ip_forward", "1");
    if (result == 0)
        result = scratch_set("net/ipv6/conf/all/forwarding", "1");
    return result == -ENOENT ? 0 : result;
}

static int add_routes(const struct rehearsal *rehearsal, const struct scratch *scratch)
{
    struct message_map map = {.outside = scratch_find(scratch, rehearsal->interface), .inside = MESSAGE_HERE};
    int result = scratch_enter(scratch->inner);

    if (rehearsal->other)
        map.inside = scratch_find(scratch, rehearsal->other);
    for (size_t i = 0; i < MESSAGE_ROUTES && result == 0; i++) {
        struct rtnl_route route = {0};

        if (message_route(&map, i, &route.prefix, &route.gateway))
            result = rtnl_add_route(&route);
    }
    return result;
}

static int furnish(const struct rehearsal *rehearsal, struct scratch *scratch, struct sonde_error *error)
{
    const unsigned forwards =
        1u << DIRECTION_FORWARD | 1u << DIRECTION_FORWARD_IN | 1u << DIRECTION_FORWARD_OUT;
    int result = scratch_copy_sysctls(scratch, error);

    if (result < 0)
        return result;
    result = add_routes(rehearsal, scratch);
    if (result == 0 && rehearsal->directions & forwards)
        result = turn_forwarding_on(scratch);
    return result == 0 ? 0
                       : error_set(error, result, "the scratch namespace gets no routes: %s",
                                   sonde_error_text(result));
}

int stage_build(const struct rehearsal *rehearsal, struct scratch *first, struct scratch *second,
                struct sonde_error *error)
{
    const char *names[SCRATCH_INTERFACES_MAX + 3] = {rehearsal->interface};
    size_t count = 1;
    int result;

    if (rehearsal->other)
        names[count++] = rehearsal->other;
    for (const char *const *name = rehearsal->interfaces; name && *name && count < SCRATCH_INTERFACES_MAX;
         name++)
        names[count++] = *name;
    result = scratch_open(first, names, error);
    if (result == 0 && second)
        result = scratch_open_like(second, first, error);
    if (result == 0)
        result = furnish(rehearsal, first, error);
    if (result == 0 && second)
        result = furnish(rehearsal, second, error);
    return result;
}
