/* SPDX-License-Identifier: MIT */
/* nftables: the base chains, the dispatch to a slot, the lease, and the table as a file of its own. */
#include "policy/target/nft.h"

#include "base/macro.h"

#define TABLE "inet " GUARD_TABLE

/* The base chains. `early` and `early_output` stand before conntrack (-200), so that what is over a limit
 * makes no entry there, and behind the defragmenter (-400), so that every message has its header. The others
 * stand before the tables of other tools (0), so that the counters see everything. */
static const struct base_chain {
    const char *name, *hook;
    int priority;
    bool direct; /* to the chains of the families, "v4.input" */
} bases[] = {
    {"early", "prerouting", -310}, {"early_output", "output", -310}, {"input", "input", -10, true},
    {"forward", "forward", -10},   {"output", "output", -10, true},
};

/* The base chains, with nothing in them. */
static void add_bases(struct text *text)
{
    text_add(text, "add table " TABLE "\n");
    for (size_t i = 0; i < COUNT_OF(bases); i++)
        text_add(text,
                 "add chain " TABLE " %s { type filter hook %s priority %d; policy accept; }\n"
                 "flush chain " TABLE " %s\n",
                 bases[i].name, bases[i].hook, bases[i].priority, bases[i].name);
}

static void add_lease_set(struct text *text)
{
    text_add(text, "add set " TABLE " lease { type inet_proto; flags timeout; }\n");
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

void nft_add_dispatch(struct text *text, const char *slot)
{
    add_bases(text);
    if (slot != NULL)
        for (size_t i = 0; i < COUNT_OF(bases); i++)
            add_way(text, &bases[i], "", slot);
    add_lease_set(text);
    text_add(text, "flush set " TABLE " lease\n");
}

void nft_add_lease(struct text *text, const char *slot, const char *old, int64_t lease_ms)
{
    add_bases(text);
    add_lease_set(text);
    text_add(text, "flush set " TABLE " lease\n");
    text_add(text, "add element " TABLE " lease { icmp timeout %lldms, ipv6-icmp timeout %lldms }\n",
             (long long)lease_ms, (long long)lease_ms);
    for (size_t i = 0; i < COUNT_OF(bases); i++) {
        add_way(text, &bases[i], "meta l4proto @lease ", slot);
        if (old != NULL)
            add_way(text, &bases[i], "", old);
    }
}

void nft_render(const struct policy *policy, int64_t now_s, struct text *text, struct text *omissions)
{
    (void)omissions; /* it expresses everything */
    text_add(text, "# made by `sonde guard export nft`; replaces the table " TABLE " and nothing else\n");
    text_add(text, "table " TABLE "\ndelete table " TABLE "\n");
    nft_add_slot(text, policy, "g1", now_s);
    nft_add_dispatch(text, "g1");
}
