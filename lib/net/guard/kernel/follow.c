/* SPDX-License-Identifier: MIT */
/* What became of each message: from the rule of ours that marks it to a drop, or to our rule behind all
 * others. */
#include "net/guard/kernel/follow.h"

#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

const uint8_t follow_source[6] = {0x02, 's', 'o', 'n', 'd', 0x01};
const uint8_t follow_whole[6] = {0x02, 's', 'o', 'n', 'd', 0x03};
const uint8_t follow_end[6] = {0x02, 's', 'o', 'n', 'd', 0x02};

/* Ingress comes before prerouting and its hooks; an output chain cannot come before the packet exists. The
 * marks themselves are gone before any other rule looks. */
void follow_add_rules(struct text *text, const char *const *interfaces, size_t count)
{
    text_add(text, "table inet " RULEBOOK_TRACE_TABLE " {\n");
    for (size_t i = 0; i < count; i++)
        text_add(
            text,
            " chain head%zu { type filter hook ingress device \"%s\" priority -2147483648; policy accept;\n"
            "  ether saddr 02:73:6f:6e:64:02 meta nftrace set 1 drop\n"
            "  ether saddr 02:73:6f:6e:64:03 meta nftrace set 1 accept\n }\n",
            i, interfaces[i]);
    text_add(text,
             " chain head_input { type filter hook input priority -2147483648; policy accept;\n"
             "  ether saddr 02:73:6f:6e:64:01 meta nftrace set 1 accept\n }\n"
             " chain head_forward { type filter hook forward priority -2147483648; policy accept;\n"
             "  ether saddr 02:73:6f:6e:64:01 meta nftrace set 1 accept\n }\n"
             " chain head_output { type filter hook output priority -2147483648; policy accept;\n"
             "  meta mark %d meta mark set 0 meta nftrace set 1 accept\n }\n"
             " chain tail_input { type filter hook input priority 2147483647; policy accept;\n"
             "  accept\n }\n"
             " chain tail_output { type filter hook postrouting priority 2147483647; policy accept;\n"
             "  accept\n }\n}\n",
             FOLLOW_MARK);
}

static bool is_message(const struct message *message, const struct slice transport)
{
    return transport.length >= 2 && transport.data[0] == message->type && transport.data[1] == message->code;
}

/* Messages come in their order, but one may be missing: the kernel had no room for it. What is none of those
 * to come is the second fragment of the last. */
static void begin(struct follower *follower, const struct trace_event *event)
{
    for (size_t i = follower->next; i < follower->count; i++)
        if (is_message(&follower->messages[i], event->transport)) {
            follower->outcomes[i].seen = true;
            follower->next = i + 1;
            return;
        }
}

static void hear_own(struct follower *follower, const struct trace_event *event)
{
    if (!strncmp(event->chain, "head", 4)) {
        if (event->verdict == NF_DROP)
            follower->ended = true;
        else
            begin(follower, event);
    } else if (follower->next > 0) {
        follower->outcomes[follower->next - 1].arrived = true;
    }
}

/* Only chains at the hook in question count: before it and behind it there is more to come. */
static void accept(const struct follower *follower, struct outcome *outcome, struct rulebook_rule *rule,
                   struct rulebook_chain *chain)
{
    if (!chain || follower->hook < 0 || !(chain->hooks & 1u << follower->hook))
        return;
    if (rule)
        outcome->accepted = rule;
    else
        outcome->accepted_end = chain;
}

static bool is_final(int32_t verdict)
{
    return verdict >= 0; /* those of nftables, which go on, are negative */
}

static void hear(struct follower *follower, const struct trace_event *event)
{
    struct outcome *outcome = &follower->outcomes[follower->next - 1];
    struct rulebook_chain *chain = rulebook_chain(follower->book, event->family, event->table, event->chain);
    struct rulebook_rule *rule =
        event->handle ? rulebook_rule(follower->book, event->family, event->table, event->handle) : NULL;

    if (follower->step)
        follower->step(follower->context, follower->next - 1, event, rule, chain);
    if (event->kind == TRACE_RETURN || !is_final(event->verdict))
        return;
    if (event->verdict == NF_DROP && event->kind == TRACE_POLICY)
        outcome->dropped_end = chain;
    else if (event->verdict == NF_DROP)
        outcome->dropped = rule;
    else if (event->verdict == NF_QUEUE)
        outcome->queued = rule;
    else if (event->verdict == NF_ACCEPT)
        accept(follower, outcome, event->kind == TRACE_POLICY ? NULL : rule, chain);
}

void follow(void *follower, const struct trace_event *event)
{
    struct follower *self = follower;

    if (!strcmp(event->table, RULEBOOK_TRACE_TABLE))
        hear_own(self, event);
    else if (self->next > 0)
        hear(self, event);
}

enum fate outcome_fate(const struct outcome *outcome, const struct rulebook *book)
{
    if (outcome->dropped)
        return outcome->dropped->rejects ? FATE_REJECT : FATE_DROP;
    if (outcome->dropped_end)
        return FATE_DROP;
    if (outcome->arrived)
        return FATE_ACCEPT;
    if (outcome->queued || (outcome->seen && book->legacy))
        return FATE_DROP;
    return FATE_UNSEEN;
}
