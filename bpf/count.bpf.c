/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts the ICMP messages that pass an interface by type and code, in memory that its reader shares. It
 * changes no packet, and lets every packet go on. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bpf/count.h"

enum {
    TAGS_MAX = 4,       /* VLAN tags that are looked through */
    EXTENSIONS_MAX = 8, /* IPv6 extension headers that are looked through */
    SHORTEST_ICMP = 6,  /* as in lib/wire/packet/walk.h, so that the counts are the same */
    SHORTEST_ICMP6 = 2,
    FRAGMENT_OFFSET4 = 0x1fff,
    FRAGMENT_OFFSET6 = 0xfff8,
    TAG = 4, /* octets, which stand beside the buffer when the interface took them off */
    AT_ETHERTYPE = 12,
    KEEP_NOTHING = 0,
    GO_ON = -1, /* TCX_NEXT of linux/bpf.h since 6.6, TC_ACT_UNSPEC before */
};

enum verdict { ICMP, FRAGMENT, MALFORMED, OTHER };

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Octets before the network header: 14, or 0 on an interface without a link header. */
const volatile __u32 link_header = ETH_HLEN;

/* One for each processor; the reader sets how many there are. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct count_processor);
} processors SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, COUNT_ROWS);
    __type(key, __u32);
    __type(value, struct count_row);
} rows SEC(".maps");

/** A frame as the hook hands it over. */
struct view {
    struct __sk_buff *buffer;
    const void *data, *end; /* what can be read in place */
    bool in_place;          /* read there whenever possible */
    __u32 length;           /* octets in the buffer */
    __u32 beside;           /* octets of the frame that are not */
};

/** A message that was found. */
struct message {
    __u32 octets; /* of its IP packet */
    __u8 protocol;
    __u8 type, code;
};

/** An IPv6 extension header (RFC 8200 4.1) or a fragment header (4.5). */
struct extension {
    __u8 next, length;
    __be16 fragment;
    __be32 rest;
};

/* The octets of the frame at an offset: in place if that is possible, else copied into `copy`; NULL when
 * there are fewer. */
static __always_inline const void *octets(const struct view *view, __u32 offset, __u32 length, void *copy)
{
    if (view->in_place && view->data + offset + length <= view->end)
        return view->data + offset;
    if (bpf_skb_load_bytes(view->buffer, offset, copy, length) == 0)
        return copy;
    return NULL;
}

/* The type and code at an offset, where `claimed` octets are said to be. */
static __always_inline enum verdict read_message(const struct view *view, __u32 offset, __u32 claimed,
                                                 struct message *message)
{
    __u32 shortest = message->protocol == IPPROTO_ICMP ? SHORTEST_ICMP : SHORTEST_ICMP6;
    __u8 copy[2];
    const __u8 *at = octets(view, offset, sizeof(copy), copy);

    if (claimed < shortest || !at || offset + shortest > view->length)
        return MALFORMED;
    message->type = at[0];
    message->code = at[1];
    return ICMP;
}

static __always_inline bool is_icmp(__u8 protocol)
{
    return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

/* A length of 0 is left to the interface, which cuts what is longer than the field can say. */
static __always_inline enum verdict read4(const struct view *view, __u32 offset, struct message *message)
{
    struct iphdr copy;
    const struct iphdr *ip = octets(view, offset, sizeof(copy), &copy);
    __u32 header, length;

    if (!ip)
        return MALFORMED;
    header = ip->ihl * 4;
    length = bpf_ntohs(ip->tot_len);
    if (length == 0)
        length = view->length - offset;
    if (ip->version != 4 || header < sizeof(copy) || length < header)
        return MALFORMED;
    if (!is_icmp(ip->protocol))
        return OTHER;
    if (ip->frag_off & bpf_htons(FRAGMENT_OFFSET4))
        return FRAGMENT;
    message->protocol = ip->protocol;
    message->octets = length;
    return read_message(view, offset + header, length - header, message);
}

/* Octets of an extension header, 0 if it is none (RFC 8200 4.1, RFC 4302 2.2). */
static __always_inline __u32 extension_length(__u8 protocol, const struct extension *extension)
{
    switch (protocol) {
    case IPPROTO_HOPOPTS:
    case IPPROTO_ROUTING:
    case IPPROTO_DSTOPTS:
        return (extension->length + 1) * 8;
    case IPPROTO_AH:
        return (extension->length + 2) * 4;
    case IPPROTO_FRAGMENT:
        return sizeof(*extension);
    default:
        return 0;
    }
}

static __always_inline bool is_extension(__u8 protocol)
{
    return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING || protocol == IPPROTO_DSTOPTS ||
           protocol == IPPROTO_AH || protocol == IPPROTO_FRAGMENT;
}

/* A message behind extension headers. The verifier follows every combination of them unless a wrong offset
 * does no harm, which is so when octets are copied and not read in place. */
static __always_inline enum verdict read_extensions(const struct view *of, __u32 offset, __u32 claimed,
                                                    struct message *message)
{
    struct view view = *of;

    view.in_place = false;
#pragma unroll
    for (int i = 0; i < EXTENSIONS_MAX && is_extension(message->protocol); i++) {
        struct extension copy;
        const struct extension *at = octets(&view, offset, sizeof(copy), &copy);
        __u32 length;

        if (!at)
            return MALFORMED;
        length = extension_length(message->protocol, at);
        if (length > claimed)
            return MALFORMED;
        if (message->protocol == IPPROTO_FRAGMENT && (at->fragment & bpf_htons(FRAGMENT_OFFSET6)))
            return is_icmp(at->next) ? FRAGMENT : OTHER;
        message->protocol = at->next;
        offset += length;
        claimed -= length;
    }
    if (is_extension(message->protocol))
        return MALFORMED;
    return is_icmp(message->protocol) ? read_message(&view, offset, claimed, message) : OTHER;
}

/* A length of 0 with a hop-by-hop header is that of a jumbogram (RFC 2675), which the kernel builds for TCP.
 */
static __always_inline enum verdict read6(const struct view *view, __u32 offset, struct message *message)
{
    struct ipv6hdr copy;
    const struct ipv6hdr *ip = octets(view, offset, sizeof(copy), &copy);
    __u32 claimed;

    if (!ip || ip->version != 6)
        return MALFORMED;
    claimed = bpf_ntohs(ip->payload_len);
    if (claimed == 0 && ip->nexthdr == IPPROTO_HOPOPTS)
        claimed = view->length - offset - sizeof(copy);
    message->octets = sizeof(copy) + claimed;
    message->protocol = ip->nexthdr;
    offset += sizeof(copy);
    if (is_extension(ip->nexthdr))
        return read_extensions(view, offset, claimed, message);
    return is_icmp(ip->nexthdr) ? read_message(view, offset, claimed, message) : OTHER;
}

static __always_inline bool is_tag(__be16 ethertype)
{
    return ethertype == bpf_htons(ETH_P_8021Q) || ethertype == bpf_htons(ETH_P_8021AD) ||
           ethertype == bpf_htons(ETH_P_QINQ1);
}

static __always_inline enum verdict read_ethernet(const struct view *view, struct message *message)
{
    __be16 copy, ethertype;
    const __be16 *at = octets(view, AT_ETHERTYPE, sizeof(copy), &copy);
    __u32 offset = ETH_HLEN;

    if (!at)
        return MALFORMED;
    ethertype = *at;
#pragma unroll
    for (int i = 0; i < TAGS_MAX && is_tag(ethertype); i++) {
        at = octets(view, offset + 2, sizeof(copy), &copy);
        if (!at)
            return MALFORMED;
        ethertype = *at;
        offset += TAG;
    }
    if (ethertype == bpf_htons(ETH_P_IP))
        return read4(view, offset, message);
    return ethertype == bpf_htons(ETH_P_IPV6) ? read6(view, offset, message) : OTHER;
}

static __always_inline enum verdict read_network(const struct view *view, struct message *message)
{
    __u8 copy;
    const __u8 *at = octets(view, 0, sizeof(copy), &copy);

    if (!at)
        return MALFORMED;
    return *at >> 4 == 4 ? read4(view, 0, message) : read6(view, 0, message);
}

static __always_inline void add(struct count_processor *processor, __u32 direction,
                                const struct message *message)
{
    __u32 family = message->protocol == IPPROTO_ICMP ? COUNT_ICMP4 : COUNT_ICMP6;
    __u32 common = count_common_of(message->type, message->code);
    __u32 number = count_row_of(direction, family, message->type), key = number;
    struct count_row *row;

    if (common < COUNT_COMMON) {
        processor->common[direction][family][common].packets++;
        processor->common[direction][family][common].octets += message->octets;
        return;
    }
    row = bpf_map_lookup_elem(&rows, &key);
    if (!row)
        return;
    __sync_fetch_and_add(&row->codes[message->code].packets, 1);
    __sync_fetch_and_add(&row->codes[message->code].octets, message->octets);
    processor->rare[number] = 1;
}

static __always_inline void count(const struct view *view, enum count_direction direction)
{
    __u32 number = bpf_get_smp_processor_id();
    struct count_processor *processor = bpf_map_lookup_elem(&processors, &number);
    struct message message = {0};
    struct count_tally *tally;
    enum verdict verdict;

    if (!processor)
        return;
    tally = &processor->tallies[direction];
    tally->frames++;
    tally->octets += view->length + view->beside;
    verdict = link_header ? read_ethernet(view, &message) : read_network(view, &message);
    if (verdict == ICMP) {
        tally->icmp++;
        add(processor, direction, &message);
    } else if (verdict == FRAGMENT) {
        tally->fragments++;
    } else if (verdict == MALFORMED) {
        tally->malformed++;
    } else {
        tally->other++;
    }
}

static __always_inline __u32 beside(const struct __sk_buff *buffer)
{
    return buffer->vlan_present ? TAG : 0;
}

static __always_inline int count_in_place(struct __sk_buff *buffer, enum count_direction direction)
{
    const struct view view = {.buffer = buffer,
                              .data = (const void *)(long)buffer->data,
                              .end = (const void *)(long)buffer->data_end,
                              .in_place = true,
                              .length = buffer->len,
                              .beside = beside(buffer)};

    count(&view, direction);
    return GO_ON;
}

SEC("tc")
int count_in(struct __sk_buff *buffer)
{
    return count_in_place(buffer, COUNT_IN);
}

SEC("tc")
int count_out(struct __sk_buff *buffer)
{
    return count_in_place(buffer, COUNT_OUT);
}

/* At a packet socket, where nothing can be read in place. */
SEC("socket")
int count_both(struct __sk_buff *buffer)
{
    const struct view view = {.buffer = buffer, .length = buffer->len, .beside = beside(buffer)};

    count(&view, buffer->pkt_type == PACKET_OUTGOING ? COUNT_OUT : COUNT_IN);
    return KEEP_NOTHING;
}
