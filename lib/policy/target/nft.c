/* SPDX-License-Identifier: MIT */
/* nftables: the base chains, the dispatch to a slot, the lease, and the table as a file of its own. */
#include "policy/target/nft.h"

#include <string.h>

#include "base/macro.h"

#define TABLE  "inet " GUARD_TABLE
#define LEASED "meta l4proto @lease "

/* The base chains. `early` and `early_output` stand before conntrack (-200), so that what is over a limit
 * makes no entry there, and behind the defragmenter (-400), so that every message has its header. The others
 * stand before the tables of other tools (0), so that the counters see everything. Only those are there
 * behind which the policy has something to say. */
static const struct base_chain {
    const char *name, *hook;
    int priority;
    bool direct; /* to the chains of the families, "v4.input" */
} bases[] = {
    {"early", "prerouting", -310}, {"early_output", "output", -310}, {"input", "input", -10, true},
    {"forward", "forward", -10},   {"output", "output", -10, true},
};

/* The place of a base chain in `bases`, or COUNT_OF(bases). */
static size_t find_base(const char *name)
{
    size_t at = 0;

    while (at < COUNT_OF(bases) && strcmp(name, bases[at].name) != 0)
        at++;
    return at;
}

unsigned nft_base(const char *name)
{
    size_t at = find_base(name);

    return at < COUNT_OF(bases) ? 1U << at : 0;
}

unsigned nft_base_of(const char *chain)
{
    bool family = strncmp(chain, "v4.", 3) == 0 || strncmp(chain, "v6.", 3) == 0;
    size_t at = find_base(chain + (family ? 3 : 0));

    return at < COUNT_OF(bases) && bases[at].direct == family ? 1U << at : 0;
}

static bool has_base(unsigned set, size_t at)
{
    return set >> at & 1;
}

/* Base chains with nothing in them. */
static void add_bases(struct text *text, unsigned wanted)
{
    text_add(text, "add table " TABLE "\n");
    for (size_t i = 0; i < COUNT_OF(bases); i++)
        if (has_base(wanted, i))
            text_add(text,
                     "add chain " TABLE " %s { type filter hook %s priority %d; policy accept; }\n"
                     "flush chain " TABLE " %s\n",
                     bases[i].name, bases[i].hook, bases[i].priority, bases[i].name);
}

/* These base chains and no others: a hook costs every packet, even when nothing stands behind it. What is not
 * there can only be deleted after it was added. */
static void set_bases(struct text *text, unsigned wanted)
{
    add_bases(text, ~0U);
    for (size_t i = 0; i < COUNT_OF(bases); i++)
        if (!has_base(wanted, i))
            text_add(text, "delete chain " TABLE " %s\n", bases[i].name);
}

static void add_lease_set(struct text *text)
{
    text_add(text, "add set " TABLE " lease { type inet_proto; flags timeout; }\n"
                   "flush set " TABLE " lease\n");
}

/* From a base chain to a slot. Each step costs every packet, also those that are no ICMP, so the directions
 * that need not ask for interfaces lead straight to the chains of the families.
 * @param match "meta l4proto @lease ", or "" */
static void add_way(struct text *text, const struct base_chain *base, const char *match, const char *slot)
{
    static const char *const protocols[] = {"icmp", "ipv6-icmp"};

    for (size_t i = 0; i < COUNT_OF(protocols) && base->direct; i++)
        text_add(text, "add rule " TABLE " %s %smeta l4proto %s goto %s.v%d.%s\n", base->name, match,
                 protocols[i], slot, i == 0 ? 4 : 6, base->name);
    if (!base->direct)
        text_add(text, "add rule " TABLE " %s %sgoto %s.%s\n", base->name, match, slot, base->name);
}

static void add_ways(struct text *text, const struct nft_slot *slot)
{
    for (size_t i = 0; i < COUNT_OF(bases); i++)
        if (has_base(slot->bases, i))
            add_way(text, &bases[i], "", slot->name);
}

void nft_add_dispatch(struct text *text, const struct nft_slot *slot, unsigned more)
{
    set_bases(text, slot->bases | more);
    add_ways(text, slot);
    add_lease_set(text);
}

/* While the lease lasts, the old slot must not decide where the new one has nothing to say. */
static void add_leased_way(struct text *text, size_t base, const struct nft_slot *slot)
{
    if (has_base(slot->bases, base))
        add_way(text, &bases[base], LEASED, slot->name);
    else
        text_add(text, "add rule " TABLE " %s " LEASED "accept\n", bases[base].name);
}

void nft_add_lease(struct text *text, const struct nft_slot *slot, const struct nft_slot *old,
                   int64_t lease_ms)
{
    unsigned wanted = slot->bases | old->bases;

    set_bases(text, wanted);
    add_lease_set(text);
    text_add(text, "add element " TABLE " lease { icmp timeout %lldms, ipv6-icmp timeout %lldms }\n",
             (long long)lease_ms, (long long)lease_ms);
    for (size_t i = 0; i < COUNT_OF(bases); i++) {
        if (has_base(wanted, i))
            add_leased_way(text, i, slot);
        if (has_base(old->bases, i))
            add_way(text, &bases[i], "", old->name);
    }
}

void nft_render(const struct policy *policy, int64_t now_s, struct text *text, struct text *omissions)
{
    struct nft_slot slot = {.name = "g1"};

    (void)omissions; /* it expresses everything */
    text_add(text, "# made by `sonde guard export nft`; replaces the table " TABLE " and nothing else\n");
    text_add(text, "table " TABLE "\ndelete table " TABLE "\n");
    slot.bases = nft_add_slot(text, policy, slot.name, now_s);
    add_bases(text, slot.bases);
    add_ways(text, &slot);
    add_lease_set(text);
}
