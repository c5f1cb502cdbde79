/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Drops ICMP to this machine as early as can be (XDP), where the policy needs no state to say so. What is
 * forwarded, fragmented, or not understood goes on. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bpf/guard.h"

enum {
    EXTENSIONS_MAX = 4,
    FRAGMENT4 = 0x3fff, /* offset, or more fragments */
    FAMILY_INET = 2,
    FAMILY_INET6 = 10,
    TRIES = 4, /* processors that want the same bucket at the same time */
};

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct guard_xdp_control);
} control SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, GUARD_XDP_GENERATIONS *GUARD_XDP_ROWS);
    __type(key, __u32);
    __type(value, struct guard_xdp_row);
} verdicts SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, GUARD_XDP_GENERATIONS *GUARD_XDP_LIMITS);
    __type(key, __u32);
    __type(value, struct guard_xdp_limit);
} limits SEC(".maps");

/* When the bucket of all sources is full again. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, GUARD_XDP_GENERATIONS *GUARD_XDP_LIMITS);
    __type(key, __u32);
    __type(value, __u64);
} totals SEC(".maps");

/* When the bucket of a source is full again. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, GUARD_XDP_SOURCES);
    __type(key, struct guard_xdp_source);
    __type(value, __u64);
} sources SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, GUARD_XDP_ROWS);
    __type(key, __u32);
    __type(value, struct guard_xdp_counts);
} counts SEC(".maps");

/** A message that was found. */
struct message {
    __u32 family; /* enum guard_xdp_family */
    __u8 type, code, hop_limit;
    bool near; /* IPv6: its source is link-local, or none */
    __u8 source[16], destination[16];
};

/** An IPv6 extension header (RFC 8200 4.1). */
struct extension {
    __u8 next, length;
    __u8 rest[6];
};

/* Take a token; what cannot be settled between processors is dropped. */
static __always_inline bool take(__u64 *full_ns, const struct guard_xdp_rate *rate, __u64 now_ns)
{
    for (int i = 0; i < TRIES; i++) {
        __u64 old = *(volatile __u64 *)full_ns, base = old > now_ns ? old : now_ns;

        if (base - now_ns + rate->gap_ns > rate->burst_ns)
            return false;
        if (__sync_val_compare_and_swap(full_ns, old, base + rate->gap_ns) == old)
            return true;
    }
    return false;
}

static __always_inline bool take_of_source(const struct message *message, __u32 number,
                                           const struct guard_xdp_rate *rate, __u64 now_ns)
{
    struct guard_xdp_source key = {.limit = number, .family = message->family};
    __u64 *full_ns, first = now_ns + rate->gap_ns;

    __builtin_memcpy(key.address, message->source, sizeof(key.address));
    full_ns = bpf_map_lookup_elem(&sources, &key);
    if (full_ns)
        return take(full_ns, rate, now_ns);
    if (bpf_map_update_elem(&sources, &key, &first, BPF_NOEXIST) == 0)
        return true;
    full_ns = bpf_map_lookup_elem(&sources, &key); /* another processor was quicker */
    return full_ns && take(full_ns, rate, now_ns);
}

static __always_inline bool within_limit(const struct message *message, __u32 generation, __u32 action,
                                         __u64 now_ns)
{
    __u32 number = generation * GUARD_XDP_LIMITS + action - GUARD_XDP_LIMIT;
    const struct guard_xdp_limit *limit = bpf_map_lookup_elem(&limits, &number);
    __u64 *total = bpf_map_lookup_elem(&totals, &number);

    return limit && total && take_of_source(message, number, &limit->source, now_ns) &&
           take(total, &limit->total, now_ns);
}

static __always_inline bool may_pass(const struct message *message, __u32 generation, __u32 action,
                                     __u64 now_ns)
{
    switch (action) {
    case GUARD_XDP_PASS:
        return true;
    case GUARD_XDP_DROP:
        return false;
    case GUARD_XDP_LINK_255:
        return message->hop_limit == 255;
    case GUARD_XDP_LINK_1:
        return message->hop_limit == 1 && message->near;
    case GUARD_XDP_LINK_ANY:
        return message->near;
    default:
        return action < GUARD_XDP_LIMIT || within_limit(message, generation, action, now_ns);
    }
}

/* Whether this machine would send the packet on. Only its own packets are judged here. */
static __always_inline bool is_forwarded(struct xdp_md *context, const struct message *message)
{
    struct bpf_fib_lookup way = {.ifindex = context->ingress_ifindex};
    long result;

    if (message->family == GUARD_XDP4) {
        way.family = FAMILY_INET;
        __builtin_memcpy(&way.ipv4_src, message->source, 4);
        __builtin_memcpy(&way.ipv4_dst, message->destination, 4);
    } else {
        way.family = FAMILY_INET6;
        __builtin_memcpy(way.ipv6_src, message->source, 16);
        __builtin_memcpy(way.ipv6_dst, message->destination, 16);
    }
    result = bpf_fib_lookup(context, &way, sizeof(way), 0);
    return result != BPF_FIB_LKUP_RET_NOT_FWDED && result != BPF_FIB_LKUP_RET_FWD_DISABLED;
}

static __always_inline void count(const struct message *message)
{
    __u32 row = guard_xdp_row_of(message->family, message->type);
    struct guard_xdp_counts *counted = bpf_map_lookup_elem(&counts, &row);

    if (counted)
        counted->codes[message->code]++;
}

static __always_inline int judge(struct xdp_md *context, const struct message *message)
{
    __u32 zero = 0, generation, row;
    const struct guard_xdp_control *rule = bpf_map_lookup_elem(&control, &zero);
    const struct guard_xdp_row *codes;
    __u64 now_ns = bpf_ktime_get_ns();

    if (!rule)
        return XDP_PASS;
    generation = now_ns < rule->deadline_ns ? rule->trial : rule->firm;
    if (generation >= GUARD_XDP_GENERATIONS)
        return XDP_PASS;
    row = generation * GUARD_XDP_ROWS + guard_xdp_row_of(message->family, message->type);
    codes = bpf_map_lookup_elem(&verdicts, &row);
    if (!codes || codes->actions[message->code] == GUARD_XDP_PASS || is_forwarded(context, message) ||
        may_pass(message, generation, codes->actions[message->code], now_ns))
        return XDP_PASS;
    count(message);
    return XDP_DROP;
}

static __always_inline int read4(struct xdp_md *context, void *at, void *end)
{
    struct message message = {.family = GUARD_XDP4};
    const struct iphdr *ip = at;
    const __u8 *icmp;

    if ((void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5 || ip->protocol != IPPROTO_ICMP ||
        (ip->frag_off & bpf_htons(FRAGMENT4)))
        return XDP_PASS;
    icmp = at + ip->ihl * 4;
    if ((void *)(icmp + 2) > end)
        return XDP_PASS;
    message.type = icmp[0];
    message.code = icmp[1];
    message.hop_limit = ip->ttl;
    __builtin_memcpy(message.source, &ip->saddr, 4);
    __builtin_memcpy(message.destination, &ip->daddr, 4);
    return judge(context, &message);
}

static __always_inline bool is_extension(__u8 protocol)
{
    return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING || protocol == IPPROTO_DSTOPTS;
}

static __always_inline bool is_near6(const struct in6_addr *address)
{
    return (address->s6_addr[0] == 0xfe && (address->s6_addr[1] & 0xc0) == 0x80) ||
           (!address->s6_addr32[0] && !address->s6_addr32[1] && !address->s6_addr32[2] &&
            !address->s6_addr32[3]);
}

static __always_inline int read6(struct xdp_md *context, void *at, void *end)
{
    struct message message = {.family = GUARD_XDP6};
    const struct ipv6hdr *ip = at;
    const __u8 *icmp;
    __u8 next;

    if ((void *)(ip + 1) > end || ip->version != 6)
        return XDP_PASS;
    next = ip->nexthdr;
    at = (void *)(ip + 1);
#pragma unroll
    for (int i = 0; i < EXTENSIONS_MAX && is_extension(next); i++) {
        const struct extension *extension = at;

        if ((void *)(extension + 1) > end)
            return XDP_PASS;
        next = extension->next;
        at += (extension->length + 1) * 8;
    }
    icmp = at;
    if (next != IPPROTO_ICMPV6 || (void *)(icmp + 2) > end)
        return XDP_PASS;
    message.type = icmp[0];
    message.code = icmp[1];
    message.hop_limit = ip->hop_limit;
    message.near = is_near6(&ip->saddr);
    __builtin_memcpy(message.source, &ip->saddr, 16);
    __builtin_memcpy(message.destination, &ip->daddr, 16);
    return judge(context, &message);
}

/* A frame with a VLAN tag is not for this interface, but for one above it. */
SEC("xdp")
int guard_early(struct xdp_md *context)
{
    void *at = (void *)(long)context->data, *end = (void *)(long)context->data_end;
    const struct ethhdr *ethernet = at;
    __be16 ethertype;

    if ((void *)(ethernet + 1) > end)
        return XDP_PASS;
    ethertype = ethernet->h_proto;
    at = (void *)(ethernet + 1);
    if (ethertype == bpf_htons(ETH_P_IP))
        return read4(context, at, end);
    return ethertype == bpf_htons(ETH_P_IPV6) ? read6(context, at, end) : XDP_PASS;
}
